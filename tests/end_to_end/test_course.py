"""The whole course, rendered with its own voice: every session at every length, and the extras at theirs, to the frame.

The three sessions of ``test_shipped.py`` are rendered there, in every format; here, each render is decoded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from breathmark import Options, render
from breathmark.script.parse import parse

from .material import COURSE, SHIPPED
from .measure import counted, session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE_HZ: Final = 44_100
LENGTHS_S: Final = tuple(60.0 * minutes for minutes in (5, 10, 15, 20, 30))
SCRIPTS: Final = tuple(
    path
    for path in sorted(COURSE.rglob("*.yaml"))
    if path.parent.name != "parts" and path.stem not in {"breathmark", "lexicon"}
)
# The shortest: a session has all of its sentences spoken first, and with a natural voice that takes half a minute.
QUICK: Final = {("steady-again", 180.0), ("booster-touch", 30.0)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One render of a script of the course."""

    script: Path
    length_s: float

    def __str__(self) -> str:
        return f"{self.script.stem} {self.length_s:g} s"

    @property
    def quick(self) -> bool:
        """Whether it is rendered in every run of the tests, and then in the format that most listeners get."""
        return (self.script.stem, self.length_s) in QUICK


def _cases() -> Iterator[Case]:
    """Each script at its ideal length, and at those of the course's lengths that it stands behind."""
    for script in SCRIPTS:
        length = parse(script).length
        assert length, f"{script} doesn't say which lengths it is good for"
        lengths_s = {length.ideal_s, *(each for each in LENGTHS_S if length.min_s <= each <= length.max_s)}
        if script.stem not in SHIPPED:
            yield from (Case(script=script, length_s=length_s) for length_s in sorted(lengths_s))


CASES: Final = tuple(_cases())


def test_the_course_is_whole() -> None:
    """Sixteen sessions, each at all five lengths, and six extras: no mistake in a glob leaves one out."""
    numbered = [path for path in SCRIPTS if path.parent == COURSE]
    assert [path.stem[:2] for path in numbered] == [f"{number:02}" for number in range(1, 17)]
    assert sum(path.parent.name == "extras" for path in SCRIPTS) == len(SCRIPTS) - 16 == 6
    for path in numbered:
        if path.stem not in SHIPPED:
            assert {case.length_s for case in CASES if case.script == path} >= set(LENGTHS_S)
    assert {(case.script.stem, case.length_s) for case in CASES} >= QUICK


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=str(case), marks=() if case.quick else pytest.mark.slow) for case in CASES]
)
def test_a_track_has_exactly_its_length(case: Case, tmp_path: Path) -> None:
    """With piper:joe, by ffmpeg's count of frames; it is neither silent nor at the end of the scale."""
    path = tmp_path / f"track.{'mp3' if case.quick else 'wav'}"
    render(case.script, path, Options(length=case.length_s, voice="piper:joe"))
    frames, peak = counted(path)
    path.unlink()
    assert frames == round(case.length_s * RATE_HZ) == session(path)["frames"]
    assert 0.1 < peak < 1 - 1 / 32_768
