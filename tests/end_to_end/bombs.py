"""Scripts that were made, or have grown, to take all time and memory: small files in which something multiplies."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BOMBS", "Bomb"]

OVER: Final = "written out, this script has more than 24,000,000 characters"
HEAD: Final = "title: A bomb\n"
SEVENTY: Final = f"[{','.join('1' * 70)}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb:
    """One of them; its script is ``x.yaml``."""

    files: Mapping[str, str]
    told: str = ""
    """What is said of it; empty where it is only long, and can be laid out."""
    checked: str = ""
    """What `check` says of one that can be laid out."""
    slow: bool = False
    """More than a second of processor time, so that it is not for the quick tests."""


def _script(segments: str, head: str = "") -> dict[str, str]:
    return {"x.yaml": f"{HEAD}{head}segments:\n{segments}"}


def _say(text: str, head: str = "", times: int = 1) -> dict[str, str]:
    return _script(f"  - say: |\n      {text}\n" * times, head)


def _doubled(times: int) -> str:
    return "{% set x = 'ab ' %}" + "{% set x = x ~ x %}" * times


def _parts(inner: str, *, levels: int, fan: int) -> dict[str, str]:
    """Files that include the next one so many times."""
    files = _script("  - include: p1.yaml\n" * fan)
    files |= {f"p{n}.yaml": "segments:\n" + f"  - include: p{n + 1}.yaml\n" * fan for n in range(1, levels)}
    return files | {f"p{levels}.yaml": f"segments:\n  - say: |\n      {inner}\n"}


def _alias_of_text(characters: int, uses: int) -> dict[str, str]:
    text = "Be here. " * (characters // 9)
    return _script("  - say: *a\n" * uses, f'summary: &a "{text}"\n')


def _laughs() -> dict[str, str]:
    lists = [f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    return _say("Hello.", f"a: &a [{','.join('x' * 9)}]\n" + "".join(lists))


def _macros(depth: int, fan: int) -> str:
    inner = "".join(f"{{% macro m{n}() %}}{f'{{{{ m{n - 1}() }}}}' * fan}{{% endmacro %}}" for n in range(1, depth))
    return "{% macro m0() %}{% set z = 1 %}{% endmacro %}" + inner + f"{{{{ m{depth - 1}() }}}}"


def _macro_files(count: int) -> dict[str, str]:
    loops = f"{{% for a in {SEVENTY} %}}{{% for b in {SEVENTY} %}}{{% set z = 1 %}}{{% endfor %}}{{% endfor %}}"
    files = {f"m{n}.j2": f"{loops}{{% macro a{n}() %}}x{{% endmacro %}}" for n in range(count)}
    return _say("Hello.", f"macros: [{','.join(files)}]\n") | files


def _given(count: int) -> str:
    return "{" + ", ".join(f"v{n}: '{{{{ v{n} }}}}'" for n in range(count)) + "}"


def _withs() -> dict[str, str]:
    declared = ", ".join(f"v{n}: a" for n in range(100))
    files = _script(f"  - include: p.yaml\n    with: {_given(100)}\n" * 20, f"variables: {{{declared}}}\n")
    files["p.yaml"] = "segments:\n" + f"  - include: q.yaml\n    with: {_given(100)}\n" * 20
    return files | {"q.yaml": "segments:\n  - say: Hello.\n"}


def _optionals(count: int) -> dict[str, str]:
    return _script("  - say: Hello.\n" + "  - {silence: 5s, optional: yes}\n" * count)


def _repeats(depth: int) -> dict[str, str]:
    levels = "".join(f"{'    ' * n}  - repeat: 1..2..3\n{'    ' * n}    segments:\n" for n in range(depth))
    return _script(f"{levels}{'    ' * depth}  - say: Hello.\n")


def _sentence(random: Random) -> str:
    words = ("breath", "hand", "rest", "calm", "room", "sound", "body", "light", "floor", "warm", "slow", "let", "feel")
    return " ".join(random.choice(words) for _ in range(7)).capitalize() + "."


def _variables(count: int, choices: int) -> dict[str, str]:
    random = Random(1)  # noqa: S311 — any sentences will do
    listed = ", ".join(f"c{n}" for n in range(choices))
    declared = "".join(f"  v{n}: {{choices: [{listed}]}}\n" for n in range(count))
    text = "\n      ".join(f"{_sentence(random)} Be {{{{ v1 }}}}." for _ in range(60))
    return _say(text, f"variables:\n{declared}")


def _secrets(count: int) -> str:
    return "".join(f"{{% set a{n + 1} = a{n} %}}" for n in range(count)) + f"{{{{ a{count} }}}}."


def _long(texts: int) -> dict[str, str]:
    random = Random(2)  # noqa: S311 — any sentences will do
    said = ("\n      ".join(_sentence(random) for _ in range(100)) for _ in range(texts))
    return _script("".join(f"  - say: |\n      {text}\n" for text in said))


def _lexicon() -> dict[str, str]:
    words = "".join(
        f"  {'a' * 80}{n:05}: x\n".translate(str.maketrans("0123456789", "bcdefghijk")) for n in range(4900)
    )
    return {"lexicon.yaml": f"en:\n{words}"} | _say(("a" * 95 + " ") * 600, times=8)


BOMBS: Final[Mapping[str, Bomb]] = {
    "an alias of a large text": Bomb(files=_alias_of_text(470_000, 2_000), told=OVER),
    "aliases of a text of some length": Bomb(files=_alias_of_text(24_000, 2_000), told=OVER),
    "an alias in a list": Bomb(
        files=_say("Hello.", f'summary: &a "{"a b. " * 80_000}"\nconcepts: [{"*a," * 20_000}*a]\n'), told=OVER
    ),
    "aliases of aliases": Bomb(files=_laughs(), told=OVER),
    "a text that doubles": Bomb(files=_say(_doubled(60) + "{{ x }}"), told="grows beyond 65536 characters"),
    "a captured text that doubles": Bomb(
        files=_say("{% set x %}a b. {% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 60 + "{{ x }}"),
        told="grows beyond 65536 characters",
    ),
    "filters of a long text": Bomb(
        files=_say(_doubled(14) + "{% set y = x|upper|lower|title|replace('a', 'c') %}" * 15 + "Hello.", times=200),
        told=OVER,
    ),
    "a long text that is put in place of each letter": Bomb(
        files=_say(_doubled(14) + "{% set y = x|replace('a', x) %}Hello."), told=OVER
    ),
    "includes of includes of a long text": Bomb(files=_parts(_doubled(14) + "Hello.", levels=3, fan=20), told=OVER),
    "includes of includes of includes": Bomb(files=_parts("Hello.", levels=10, fan=10), told=OVER),
    "includes with loops in three files": Bomb(
        files=_parts(
            f"{{% for a in {SEVENTY} %}}{_doubled(12)}{{% set y = x|upper %}}{{% endfor %}}Hi.", levels=2, fan=40
        ),
        told=OVER,
    ),
    "many with": Bomb(files=_withs(), told=OVER, slow=True),
    "many with in one include": Bomb(
        files=_script(f"  - include: p.yaml\n    with: {_given(12_000).replace('{{ v', 'v').replace(' }}', '')}\n")
        | {"p.yaml": "segments:\n" + "  - say: Hello.\n" * 1000},
        slow=True,
        checked="nothing in the first minute",
    ),
    "macros of macros": Bomb(files=_say(_macros(14, 4) + "Hello."), told=OVER),
    "a macro that calls itself twice": Bomb(
        files=_say("{% macro m(x) %}{{ m(x + 1) }}{{ m(x + 1) }}{% endmacro %}{{ m(1) }}"),
        told="macros call each other too deeply",
    ),
    "loops of files of macros": Bomb(files=_macro_files(60), told=OVER),
    "one file of macros many times": Bomb(
        files=_say("Hello.", f"macros: [{','.join(['m.j2'] * 9000)}]\n")
        | {"m.j2": "{% macro a() %}" + "x " * 30_000 + "{% endmacro %}"},
    ),
    "imports of one file": Bomb(
        files=_say("{% import 'm.j2' as m %}" * 400 + "Hello.", times=40)
        | {"m.j2": "{% macro a() %}" + "x " * 30_000 + "{% endmacro %}"},
        slow=True,
        checked="not every session",
    ),
    "loops in loops": Bomb(
        files=_say("".join(f"{{% for a{n} in {SEVENTY} %}}" for n in range(12)) + "x" + "{% endfor %}" * 12), told=OVER
    ),
    "loops in a captured text": Bomb(
        files=_say(
            f"{{% set z %}}{{% for a in {SEVENTY} %}}{{% for b in {SEVENTY} %}}"
            + "{{ a }}" * 8000
            + "{% endfor %}{% endfor %}{% endset %}Hello."
        ),
        told=OVER,
    ),
    "a loop in each of many texts": Bomb(
        files=_say(
            f"{{% for a in {SEVENTY} %}}{{% for b in {SEVENTY} %}}{{% set c = a %}}{{% endfor %}}{{% endfor %}}Hello.",
            times=800,
        ),
        told=OVER,
    ),
    "brackets in brackets": Bomb(files=_say("{{ " + "(" * 30_000 + "1" + ")" * 30_000 + " }}"), told="too deeply"),
    "a long chain of filters": Bomb(files=_say("{{ 'x'" + "|upper" * 8_000 + " }}"), told="too deeply"),
    "many branches": Bomb(files=_say("{% if 0 %}a" + "{% elif 0 %}b" * 4_500 + "{% endif %}Hello."), told="too deeply"),
    "a chain of secrets": Bomb(
        files=_say(_secrets(2_000), "variables: {a0: {default: ''}}\n"), checked="takes up to 200 characters"
    ),
    "repeats in repeats": Bomb(files=_repeats(12), told="more than 20,000 cues and rests"),
    "one repeat of a thousand rounds": Bomb(
        files=_script("  - {repeat: 1..500..1000, segments: [{say: Hello.}, {silence: 1s}]}\n"), checked="no length"
    ),
    "ten thousand optional segments": Bomb(files=_optionals(9_900), checked="no length", slow=True),
    "a thousand optional segments": Bomb(files=_optionals(1_000), checked="no length"),
    "many variables": Bomb(
        files=_variables(200, 40), checked="of the 7,801 sets of values that it could be given are checked", slow=True
    ),
    "eight thousand sentences": Bomb(files=_long(80), checked="not every session", slow=True),
    "as many segments as fit": Bomb(files=_script("  - {say: a}\n" * 37_000), told="20,000 cues and rests", slow=True),
    "as many faulty segments as fit": Bomb(
        files=_script("  - {sya: a}\n" * 37_000), told="this segment has none of", slow=True
    ),
    "as many blank texts as fit": Bomb(files=_script("  - {say: '{#'}\n" * 29_000), told="", slow=True),
    "many markers": Bomb(files=_say("[1s]" * 12_000 + "a", times=4), told="more than 20,000 cues and rests"),
    "many words of a lexicon that begin alike": Bomb(files=_lexicon(), told="this sentence is spoken with", slow=True),
}
"""By what multiplies in them."""
