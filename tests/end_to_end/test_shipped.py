"""The shipped meditations at the lengths that they are good for: exact to the frame, and as loud as announced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from breathmark import Options, render
from breathmark.script.parse import parse

from .material import COURSE, LENGTHS, SHIPPED
from .measure import (
    Measured,
    decoded,
    difference,
    frames_by_libsndfile,
    loudness,
    measured,
    only,
    session,
    speech_spans,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

RATE_HZ = 44_100


@dataclass(frozen=True, kw_only=True)
class Case:
    """One render of a shipped script."""

    script: str
    length: str
    voice: str
    format: str

    def __str__(self) -> str:
        return f"{self.script[:2]} {self.length} {self.voice} {self.format}"


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What came of it."""

    case: Case
    path: Path

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def measured(self) -> Measured:
        """Decoded by ffmpeg, measured by libebur128."""
        return measured(decoded(self.path))


FORMATS = ("flac", "mp3", "wav")
ALL = tuple(
    Case(script=script, length=length, voice=voice, format=suffix)
    for voice, suffixes in (("pyttsx3", FORMATS), ("hibari", FORMATS), ("piper", FORMATS[:1]))
    for script in SHIPPED
    for length in LENGTHS
    for suffix in suffixes
)
SHORT_AND_LONG = ("5m", "30m")


def mark(case: Case) -> pytest.MarkDecorator:
    """In CI two sessions by the default voice, of the first also MP3s, the system's voice, and a little of Piper."""
    is_first, is_end = case.script == SHIPPED[0], case.length in SHORT_AND_LONG
    if (case.voice, case.format) == ("hibari", "flac"):
        in_ci = is_first or (is_end and case.script == SHIPPED[1])
    elif case.voice == "piper":
        in_ci = is_first and case.length == "5m"
    else:
        in_ci = is_first and is_end and (case.voice, case.format) in {("hibari", "mp3"), ("pyttsx3", "flac")}
    return pytest.mark.slow if in_ci else pytest.mark.nightly


@pytest.fixture(scope="module", params=[pytest.param(case, id=str(case), marks=mark(case)) for case in ALL])
def finished(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    breathmark: Callable[..., subprocess.CompletedProcess[str]],
) -> Iterator[Finished]:
    """A render: MP3s by the command, the others by the Python API, which it uses."""
    case: Case = request.param
    script = COURSE / f"{case.script}.yaml"
    path = tmp_path_factory.mktemp("shipped") / f"session.{case.format}"
    if case.format == "mp3":
        done = breathmark("render", script, "--length", case.length, "--voice", case.voice, "-o", path)
        assert done.returncode == 0, done.stderr
    else:
        render(script, path, Options(length=case.length, voice=case.voice))
    yield Finished(case=case, path=path)
    for each in path.parent.iterdir():
        each.unlink()


def test_it_decodes_to_exactly_the_length_asked_for(finished: Finished) -> None:
    """By ffmpeg and by libsndfile, and ``session.json`` says the same."""
    expected = LENGTHS[finished.case.length] * RATE_HZ
    assert finished.measured.frames == expected
    assert frames_by_libsndfile(finished.path) == expected
    assert session(finished.path)["frames"] == expected


def test_it_never_comes_near_the_end_of_the_scale(finished: Finished) -> None:
    """The true peak of the decoded file is at most -1 dBTP, and no sample is clipped."""
    assert finished.measured.true_peak_dbtp <= -1.0
    assert not finished.measured.clipped


def test_the_whole_file_is_as_loud_as_its_voice(finished: Finished) -> None:
    """Where the ambience is under the gate, as it is up to 20 minutes; ``session.json`` tells what was measured.

    The mixer adds the energies of its stems in steps of 100 ms, so that near the gate another moment can count than in
    the file; 0.11 LU is the most that was seen. An MP3's small changes decide it, too, where the ambience passes.
    """
    said = session(finished.path)["loudness"]
    allowed = 0.2 if finished.case.format != "mp3" or said["ambience_under_gate"] else 0.5
    assert said["file_lufs"] == pytest.approx(finished.measured.lufs, abs=allowed)
    if LENGTHS[finished.case.length] <= LENGTHS["20m"]:
        assert said["ambience_under_gate"]
    if said["ambience_under_gate"]:
        assert finished.measured.lufs == pytest.approx(-16, abs=0.5)


SPOKEN = [
    pytest.param(
        script,
        voice,
        id=f"{script[:2]} {voice}",
        marks=pytest.mark.slow if (script, voice) == (SHIPPED[0], "hibari") else pytest.mark.nightly,
    )
    for voice in ("pyttsx3", "hibari")
    for script in SHIPPED
]


@pytest.mark.parametrize(("script", "voice"), SPOKEN)
def test_the_voice_is_as_loud_at_five_as_at_thirty_minutes(script: str, voice: str, tmp_path: Path) -> None:
    """-16 LUFS, ±0.3, over the placements of ``session.json`` in the decoded MP3 of a render without ambience."""
    levels = []
    for length in SHORT_AND_LONG:
        path = tmp_path / f"{length}.mp3"
        render(COURSE / f"{script}.yaml", path, Options(length=length, voice=voice, ambience="none"))
        levels.append(loudness(only(decoded(path), speech_spans(path))))
        # Cut out and put together, the sentences fall otherwise on the 400 ms of the gate: 0.12 LU is the most seen.
        assert session(path)["loudness"]["voice_lufs"] == pytest.approx(levels[-1], abs=0.2)
    assert levels == [pytest.approx(-16, abs=0.3)] * 2, levels


@pytest.mark.parametrize(("script", "voice"), SPOKEN)
def test_the_ambience_is_as_far_below_the_voice_as_the_course_says(script: str, voice: str, tmp_path: Path) -> None:
    """±1.5 LU, while speech sounds: a render minus the same one without ambience is the ambience."""
    wanted_lu = parse(COURSE / f"{script}.yaml").ambience.below_voice_lu
    with_it, without = tmp_path / "with.wav", tmp_path / "without.wav"
    for path, ambience in ((with_it, None), (without, "none")):
        render(COURSE / f"{script}.yaml", path, Options(length="5m", voice=voice, ambience=ambience))
    alone = only(difference(decoded(with_it), decoded(without)), speech_spans(with_it))
    assert -16 - loudness(alone) == pytest.approx(wanted_lu, abs=1.5)
