"""Scripts as Hypothesis writes them: from the schema's grammar, and by changing the shipped ones."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import strategies as st

from .material import COURSE, SHIPPED

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

PART = """\
variables:
  sense: {default: body, choices: [body, sound]}
segments:
  - title: Inside a part
    say: Rest with the {{ sense }}. [pause 1s]
"""
"""What included scripts find at ``part.yaml``."""

SENTENCES = (
    "Welcome.", "Let it be.", "And rest.", "You might close your eyes.", "Are you here?", "Soften, a little.",
    "“Breathe,” it said.", "Dr. Sun came at 5.30 today.", "Ana-María's tea — warm", "no capital here",
)  # fmt: skip
MARKERS = (
    "[pause 1s]", "[pause]", "[long]", "[breath]", "[pause 500ms..1s..3s]", "[pause 2s!]", "[2s]", "[pause:1s]",
    "[PAUSE for 2 seconds]", '<break time="1s"/>', "[bell]", "[bell chime]", "[note: softly]", "\\[aside\\]", "...",
    "[soft]", "[smiling]", "[silence 1 sec]",
)  # fmt: skip
TEMPLATES = (
    "{{ name }}", "{% if name %}Hello, {{ name }}.{% endif %}", "{% if mood == 'low' %}Low.{% else %}Calm.{% endif %}",
    "{% for thing in things %}{{ thing }}. {% endfor %}", "{# unseen #}", "{{ name | default('friend') }}",
    "{% if loud %}LOUD.{% endif %}", "{{ times }}", "{% set x = mood %}{{ x }}.", "{{ mood | upper }}.",
)  # fmt: skip
WRONG = (
    "[pasue 2s]", "[pause 3..1s]", "[", "]", "{{ nobody }}", "{{ 2 ** 9 }}", "{% if %}", "[pause 5 parsecs]", "\ue000",
    "{{ name", "{% endif %}", "[5]", "{{ name.x }}",
)  # fmt: skip
"""What a script is refused for."""
RANGES = ("1s", "500ms", "0s..1s..3s", "1..2s", "2s!", "1s..1s..1s", "1..4s..9", "0.25s..0.5s..1s", "0:02", "0")
VARIABLES = {
    "name": {"default": "", "max_length": "24"},
    "mood": {"default": "calm", "choices": ["calm", "low"]},
    "loud": {"default": "no", "type": "flag"},
    "times": {"default": "2", "type": "number"},
    "things": {"default": ["tea", "rain"]},
}
KINDS = (
    "opening", "teach", "anchor", "practice", "resource", "evoke", "silence", "ground", "close", "tail",
)  # fmt: skip
MACROS = "{% macro hello(name) %}Hello{% if name %}, {{ name }}{% endif %}.{% endmacro %}\n"
"""What scripts with macros find at ``words.jinja``."""

ranges = st.sampled_from(RANGES)
texts: SearchStrategy[str] = st.lists(
    st.tuples(
        st.one_of(*[st.sampled_from(SENTENCES)] * 3, *[st.sampled_from(MARKERS)] * 2, st.sampled_from(TEMPLATES)),
        st.sampled_from((" ", " ", "\n", "\n\n", "")),
    ).map("".join),
    min_size=1,
    max_size=6,
).map("".join)
broken_texts = st.tuples(texts, st.sampled_from(WRONG), texts).map("".join)
counts = st.sampled_from(("1", "2", "1..2", "1..2..3", "3"))


@st.composite
def segments(draw: DrawFn, depth: int = 0) -> dict[str, Any]:
    """One segment of any kind, with any of what every segment may say."""
    kinds = ("say",) * 6 + ("bell", "silence", "breathe", "include") + (("repeat",) * 2 if depth < 2 else ())
    what = draw(st.sampled_from(kinds))
    common: dict[str, Any] = draw(_ANYWHERE) if draw(st.integers(0, 2)) == 0 else {}
    return common | draw(_repeats(depth) if what == "repeat" else _BODIES[what])


_ANYWHERE: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(("Arrive", "Rest a while", "{{ mood }}", "Ünïcode 🌿", "no")),
        "kind": st.sampled_from(KINDS),
        "optional": st.sampled_from(("yes", {"from": "20s"}, {"from": "5s", "priority": "2"})),
        "when": st.sampled_from(('mood == "calm"', "loud", "name", "times > 1", "not loud")),
        "voice": st.sampled_from(({"speed": "0.8"}, {"speed": "1.5"}, "tone:tone")),
        "ambience": st.sampled_from(("none", {"below_voice": "25"}, {"sound": "room-tone", "swell": "2"})),
    },
)
_BODIES: dict[str, SearchStrategy[dict[str, Any]]] = {
    "say": st.one_of(*[texts] * 12, broken_texts).map(lambda text: {"say": text}),
    "bell": st.fixed_dictionaries(
        {"bell": st.sampled_from(("", "chime", "tingsha", {"name": "chime"}))}, optional={"rest": ranges}
    ),
    "silence": ranges.map(lambda text: {"silence": text}),
    "breathe": st.fixed_dictionaries(
        {"in": st.sampled_from(("1s", "2s", "1500ms")), "out": st.sampled_from(("2s", "3s")), "rounds": counts},
        optional={
            "hold": st.just("1s"),
            "rest": st.just("1s"),
            "cue": st.sampled_from(("voice", "count", "tone", "none")),
        },
    ).map(lambda body: {"breathe": body}),
    "include": st.sampled_from(({}, {"with": {"sense": "sound"}}, {"with": {"sense": "{{ nobody }}"}})).map(
        lambda given: {"include": "part.yaml", **given}
    ),
}


def _repeats(depth: int) -> SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"repeat": counts, "segments": st.lists(segments(depth + 1), min_size=1, max_size=2)})


@st.composite
def grammatical(draw: DrawFn) -> str:
    """A script whose structure the schema allows; now and then a text or a length of it is at fault."""
    document: dict[str, Any] = {"title": draw(st.sampled_from(("A Pause", "Ana's “night”", "no", "{{ mood }}")))}
    document |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "language": st.sampled_from(("en", "en-GB", "de", "es")),
                "level": st.sampled_from(("beginner", "advanced")),
                "length": st.sampled_from(("5s..20s..2m", "10s..30s", "1m", "1h..2h..3h")),
                "voice": st.sampled_from(({"speed": "1.2"}, {"level": "-6", "taper": {"speed": "0.3", "pitch": "1"}})),
                "ambience": st.sampled_from(("none", {"sound": "soft-rain", "below_voice": "18"})),
                "pacing": st.just({"sentence": "200ms..500ms..1s", "long": "1s..2s..6s"}),
                "lexicon": st.just({"tea": "tee", "Ana": "Ahna"}),
                "concepts": st.just(["C1", "S3"]),
            },
        )
    )
    document["variables"] = VARIABLES
    if draw(st.integers(0, 5)) == 0:
        document["macros"] = ["words.jinja"]
        document["segments"] = [{"say": "{{ hello(name) }} [pause 1s]"}]
    document["segments"] = document.get("segments", []) + draw(st.lists(segments(), min_size=1, max_size=4))
    style = draw(st.sampled_from((None, None, None, '"', "'", "|", ">")))
    return yaml.dump(document, sort_keys=False, allow_unicode=True, default_style=style, width=60)


@cache
def _pieces(name: str) -> tuple[str, tuple[str, ...]]:
    """The head of a shipped script, without its length, and its segments, each as it is written."""
    text = (COURSE / f"{name}.yaml").read_text(encoding="utf-8")
    head, _, body = text.partition("segments:\n")
    head = re.sub(r"(?m)^length:.*\n", "", head)
    return head + "segments:\n", tuple(re.split(r"(?m)^(?=  - )", body)[1:])


WORDS = (
    "say", "bell", "title", "optional", "silence", "repeat", "include", "kind", "{{ name }}", "[pause]", "[long]",
    "[pause 2s]", "{% if name %}", "{% endif %}", "{% else %}", "[", "]", "{", "}", "5s", "3..2..1", "-1", "1e9", "no",
    "\n", "\n\n", "  ", "\t", ": ", "- ", "|", ">", '"', "'", "#", "&a", "*a", "!!int", "---\n", "\0", "\ue000",
    "\u2028", "🧘", "שלום", "...", "{{ 'a' * 9 }}", "{{ lipsum() }}", "<break time='1s'/>", "x" * 500, "999999999",
)  # fmt: skip


@st.composite
def mutated(draw: DrawFn) -> str:
    """Up to three segments of a shipped script with up to three changes at random places."""
    head, parts = _pieces(draw(st.sampled_from(SHIPPED)))
    first = draw(st.integers(0, len(parts) - 1))
    text = head + "".join(parts[first : first + draw(st.integers(1, 3))])
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from((0, 0, 1, 2, 5, 40)))
        word = draw(st.sampled_from(WORDS) | st.text(max_size=3) | st.just(""))
        text = text[:place] + word + text[place + cut :]
    return text
