"""The registry of rules: those of ``rules.yaml`` and packages (entry points ``breathmark.rules``), and their page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module, resources
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from breathmark.base import plugins
from breathmark.base.errors import RequestError, Severity
from breathmark.checker.rule import Check, Finding, Rule, around, notes, quoted, spoken
from breathmark.languages.phrases import words_of
from breathmark.languages.words import languages_with_phrases
from breathmark.model import Kind

if TYPE_CHECKING:
    from breathmark.checker.reading import Reading


class _RuleShape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Phrases(_RuleShape):
    """A rule that is broken by each sentence with a phrase of a list."""

    list_: str = Field(alias="list")
    message: str
    """``{}`` is the phrase."""
    unless: str = ""
    """A list: a phrase of it, in the sentence or beside it, makes it right."""
    before: int = 0
    """How many sentences before it are looked at, too."""
    after: int = 0
    """How many behind it."""
    outside: tuple[Kind, ...] = ()
    """Kinds of segments in which the phrase is right."""
    private: bool = True
    """Whether sentences that hold a private value are looked at."""
    respelt: bool = False
    """Whether it is about what the narrator gets, after the lexicon."""

    def check(self, reading: Reading) -> Iterator[Finding]:
        """Every sentence that breaks it."""
        words, sentences = reading.words, spoken(reading)
        for index, sentence in enumerate(sentences):
            found = words.find(self.list_, sentence.spoken if self.respelt else sentence.text)
            if not found or sentence.kind in self.outside or (sentence.private and not self.private):
                continue
            if not words.find(self.unless, around(sentences, index, before=self.before, after=self.after)):
                yield Finding(place=sentence.place, message=self.message.format(quoted(sentence, found)))


class _RuleRow(_RuleShape):
    """A rule as ``rules.yaml`` has it; the fields of ``Rule``, and what finds what breaks it."""

    severity: Severity
    title: str
    why: str
    fix: str
    source: str
    needs: tuple[str, ...] = ()
    phrases: _Phrases | None = None
    unspoken: str = ""
    check: str = ""

    def rule(self, id_: str) -> Rule:
        """The rule of that id."""
        needs = self.needs
        check: Check | None = None
        if self.phrases:
            needs = (*filter(None, (self.phrases.list_, self.phrases.unless)), *needs)
            check = self.phrases.check
        elif self.unspoken:
            check = _unspoken(id_, self.unspoken)
        elif self.check:
            check = _function(self.check)
        stated = self.model_dump(include={"severity", "title", "why", "fix", "source"})
        return Rule(id=id_, needs=needs, check=check, **stated)


class _Family(_RuleShape):
    name: str
    rules: dict[str, _RuleRow]


def _unspoken(id_: str, message: str) -> Check:
    def check(reading: Reading) -> Iterator[Finding]:
        for sentence in reading.sentences():
            for note in () if sentence.breath else notes(reading.words, sentence.text):
                if note.rule == id_:
                    found = "what is written here" if sentence.private else f"`{_short(note.found)}`"
                    yield Finding(place=sentence.place, message=message.format(found))

    return check


def _short(found: str, most: int = 40) -> str:
    return found if len(found) <= most else f"{found[:most].rstrip()}…"


def _function(named: str) -> Check:
    """A function of the checker, imported when it is first asked: a render asks few of them."""
    module, _, name = named.rpartition(".")

    def check(reading: Reading) -> Iterable[Finding]:
        asked: Check = getattr(import_module(f"breathmark.checker.{module}"), name)
        return asked(reading)

    return check


@cache
def _rows() -> dict[str, _Family]:
    file = resources.files("breathmark.checker") / "rules.yaml"
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 - it makes nothing but text
    return {letters: _Family.model_validate(family) for letters, family in data.items()}


@cache
def families() -> dict[str, str]:
    """The families by the first letters of their rules' ids, in the order of reports; those of packages come last."""
    own = {letters: family.name for letters, family in _rows().items()}
    return own | {_family_of(rule): _family_of(rule) for rule in _packaged() if _family_of(rule) not in own}


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by family, in the order of ``rules.yaml``; of a family, those of packages come last.

    Raises:
        RequestError: a package's rules can't be loaded, or one has the id of another.
    """
    found = (*(row.rule(id_) for family in _rows().values() for id_, row in family.rules.items()), *_packaged())
    ids = [rule.id for rule in found]
    for rule in _packaged():
        if ids.count(rule.id) > 1:
            raise RequestError(f"two rules are called {rule.id}", "remove one of the packages that bring rules along")
    order = list(families())
    return tuple(sorted(found, key=lambda rule: order.index(_family_of(rule))))


def rule_named(id_: str) -> Rule:
    """A rule of Breathmark's own."""
    return _rows()[id_.partition("-")[0]].rules[id_].rule(id_)


def stage_rules() -> tuple[Rule, ...]:
    """Those about text that would be spoken and is not speech."""
    return tuple(row.rule(id_) for id_, row in _rows()["STG"].rules.items())


def _family_of(rule: Rule) -> str:
    """The first letters of its id."""
    return rule.id.partition("-")[0]


@cache
def _packaged() -> tuple[Rule, ...]:
    """The rules of packages. Raises RequestError."""
    found: list[Rule] = []
    for name in plugins.registered(plugins.RULES):
        loaded = plugins.load(plugins.RULES, name)
        each = tuple(loaded) if isinstance(loaded, (tuple, list)) else (loaded,)
        if not all(isinstance(rule, Rule) for rule in each):
            raise RequestError(f"the rules {name} are not a `Rule` or a tuple of them", "install another version of it")
        found += each
    return tuple(found)


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
            "family": families()[_family_of(rule)],
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
        own = [rule for rule in rules() if _family_of(rule) == letters]
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
