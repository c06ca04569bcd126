"""The shipped course as sentences: what is spoken for the defaults and for each choice of its variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from breathmark.model import Say, cues
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.trials import trials

COURSE: Final = Path(__file__).parents[2] / "meditations" / "being-kind-to-yourself"
TRACKS: Final = tuple(sorted([*COURSE.glob("[0-9]*.yaml"), *COURSE.glob("extras/*.yaml")]))
"""Every script of the course: its sessions by number, then its extras."""

_GREETING: Final = "it is good to have you here"
"""How every session begins, before it goes its own way."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_NOT_SPOKEN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|\[[^]]*\]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, as a listener hears it."""

    caption: str
    """As the author wrote it."""
    text: str
    """As the narrator gets it."""
    shared: bool
    """Whether it comes from a part or a macro, which several scripts use, or is the greeting of all."""


def words(text: str) -> tuple[str, ...]:
    """The words of ``text`` in lower case."""
    return tuple(_WORD.findall(text.lower()))


@cache
def spoken(path: Path) -> tuple[tuple[Sentence, ...], ...]:
    """All sentences of a script in their order: once for its defaults, and once for each other choice.

    What a listener writes is one word here: long texts of theirs are no wording of the course's.
    """
    document = parse(path)
    macros = " ".join(" ".join(words(_NOT_SPOKEN.sub(" ", macro.raw))) for macro in document.macros)

    def sentence(cue: Say) -> Sentence:
        caption = cue.utterance.caption
        said = " ".join(words(caption))
        shared = cue.place.path != document.path or said in macros or said.startswith(_GREETING)
        return Sentence(caption=caption, text=cue.utterance.text, shared=shared)

    return tuple(
        tuple(sentence(cue) for cue in cues(expand(document, values).segments) if isinstance(cue, Say))
        for values in trials(document)
        if not any(" " in value and document.variables[name].type == "text" for name, value in values.items())
    )
