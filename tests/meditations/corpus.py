"""The shipped course as its listeners hear it: every script, at every length, for every choice of its variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from breathmark import Options, plan
from breathmark.model import Say, cues
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.trials import trials

MEDITATIONS: Final = Path(__file__).parents[2] / "meditations"
COURSE: Final = MEDITATIONS / "being-kind-to-yourself"
SESSIONS: Final = tuple(sorted(COURSE.glob("[0-9]*.yaml")))
EXTRAS: Final = tuple(sorted(COURSE.glob("extras/*.yaml")))
TRACKS: Final = (*SESSIONS, *EXTRAS)

_LENGTHS_S: Final = (300.0, 600.0, 900.0, 1200.0, 1800.0)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a script."""

    caption: str
    """As the author wrote it, and as a listener hears it."""
    spoken: str
    """As the narrator gets it, respelt by the lexicon."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, without figures and marks."""
    return tuple(_WORD.findall(text))


@cache
def lengths_s(path: Path) -> tuple[float, ...]:
    """5, 10, 15, 20 and 30 minutes, as far as a script stands behind them, and its ideal."""
    own = parse(path).length
    assert own is not None, path
    return tuple(sorted({own.ideal_s} | {length_s for length_s in _LENGTHS_S if own.min_s <= length_s <= own.max_s}))


@cache
def texts(path: Path) -> tuple[tuple[Sentence, ...], ...]:
    """Every sentence of a script in order: once for its defaults, and once for each other choice of a variable.

    Nothing that listeners write: their texts are theirs.
    """
    document = parse(path)
    return tuple(
        tuple(
            Sentence(caption=cue.utterance.caption, spoken=cue.utterance.text)
            for cue in cues(expand(document, values).segments)
            if isinstance(cue, Say)
        )
        for values in trials(document)
        if not any(value and document.variables[name].type == "text" for name, value in values.items())
    )


@cache
def heard(path: Path, length_s: float) -> tuple[str, ...]:
    """The sentences of a session of this length, in the order of time; a round that comes again is heard again."""
    session = plan(path, Options(length=length_s, voice="tone", estimate=True))
    return tuple(placed.utterance.caption for placed in session.timeline.speech)
