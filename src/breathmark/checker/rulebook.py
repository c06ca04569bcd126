"""All rules as a page to read: ``docs/rules.md`` is what ``breathmark check --rules`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.registry import families, family_of, rules
from breathmark.checker.words import words_of
from breathmark.languages.words import languages_with_phrases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.rule import Rule


_HEAD = """\
# The rules of `breathmark check`

This page is what `breathmark check --rules` prints. `breathmark check` asks all of these of a script, on the text as it
is spoken: for its defaults, for each choice of each variable, for blank and for long values, and where length matters
at 5, 10, 15, 20 and 30 minutes as far as the script promises them, at its shortest, its ideal and its longest.

An **error** makes `check` end with code 2, a **warning** does so under `--strict`, an **info** never does.
The [author's guide](authors-guide.md) explains what each rule is about, and how to write so that none is needed.

A rule that does not fit a script is set aside in the script, with a reason that every report repeats:

```yaml
allow:
  SAF-19: this is the box breath that the title promises, and the opening says so
```
"""
_BY_CONSTRUCTION = """\
## Kept by construction

What can't go wrong needs no rule:

- Templates are sandboxed, undefined names are faults, and a value can never become a marker or change the structure.
- Rests inside the bounds that the author wrote, and a session that is exact to the frame.
- Pauses are silence that the mixer inserts, never dots or tags that an engine may read out.
- Private values in no file name, tag, log or shared cache.
- Ambience that fades in over 2 s and out over 4 s, and rises at most 6 dB in half a second; bells 3 dB or more below
  the voice's peak, and a switch to leave them out (`--no-bell`).
"""


def rules_page() -> str:
    """Every rule, by family, in Markdown."""
    return "\n".join((_HEAD, *_families(), _languages(), _BY_CONSTRUCTION)).rstrip("\n") + "\n"


def rules_data() -> list[dict[str, object]]:
    """The same for a program."""
    return [
        {
            "id": rule.id,
            "family": families()[family_of(rule)],
            "severity": rule.severity,
            "title": rule.title,
            "why": rule.why,
            "fix": rule.fix,
            "source": rule.source,
            "languages": [language for language in languages_with_phrases() if words_of(language).has(*rule.needs)],
        }
        for rule in rules()
    ]


def _families() -> Iterator[str]:
    for letters, name in families().items():
        own = [rule for rule in rules() if family_of(rule) == letters]
        if own:
            yield f"## {name}\n"
            yield from map(_entry, own)


def _entry(rule: Rule) -> str:
    return f"""\
### {rule.id}

**{rule.title}** ({rule.severity}). {rule.why}

To fix it: {_ended(rule.fix)} Source: {_ended(rule.source)}
"""


def _ended(text: str) -> str:
    """With its full stop, if a quotation at its end has none already."""
    return text if text.endswith((".”", "!”", "?”", ".")) else f"{text}."


def _languages() -> str:
    lines = [
        "## Languages\n",
        "Rules that look for words know them in some languages; the others hold in every language.\n",
    ]
    for language in languages_with_phrases():
        unknown = [rule.id for rule in rules() if not words_of(language).has(*rule.needs)]
        lines.append(f"- `{language}`: " + (f"all but {', '.join(unknown)}" if unknown else "all rules"))
    general = [rule.id for rule in rules() if not rule.needs]
    return "\n".join((*lines, f"- any other language: {', '.join(general)}", ""))
