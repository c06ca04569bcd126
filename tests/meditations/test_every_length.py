"""Every session and extra of the course, rendered at each of its lengths.

By night with the course's own voice and as it is published. By day at its shortest and its longest, with tones in place
of words and in one channel at 8 kHz, but for one: `end_to_end/test_shipped.py` has real voices at the real rate.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
import soundfile

from breathmark import Options, render
from breathmark.formats.presets import PRESETS, Preset
from breathmark.script.parse import parse
from tests.profiles import PROFILE

from .corpus import EXTRAS, SESSIONS, TRACKS, lengths_s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RATE_HZ: Final = 44_100
COARSE: Final = Preset(name="coarse", format="flac", rate_hz=8_000, channels=1)
_PIECE_FRAMES: Final = 1 << 19
VOICE: Final = "" if PROFILE == "nightly" else "tone"


def cases() -> Iterator[tuple[Path, float]]:
    """The lengths that the rules are asked about, for an extra its shortest and its longest, too; by day the ends.

    None for quick runs, which would read the whole course to leave them out.
    """
    for path in TRACKS if PROFILE != "quick" else ():
        own = parse(path).length
        ends = {own.min_s, own.max_s} if own and path in EXTRAS else set()
        every = sorted({*lengths_s(path), *ends})
        yield from ((path, length_s) for length_s in (every if PROFILE == "nightly" else (every[0], every[-1])))


@pytest.mark.slow
@pytest.mark.timeout(1800)  # where no sentence is stored yet, and the machine is busy
@pytest.mark.parametrize(
    ("path", "length_s"),
    [pytest.param(path, length_s, id=f"{path.stem} {length_s:g}") for path, length_s in cases()],
)
def test_it_is_as_long_as_asked_for_to_the_frame(
    path: Path, length_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is decoded has just so many frames."""
    monkeypatch.setitem(PRESETS, COARSE.name, COARSE)
    is_coarse = PROFILE != "nightly" and (path, length_s) != (SESSIONS[0], 300)
    rate_hz = COARSE.rate_hz if is_coarse else RATE_HZ
    assert parse(path).voice.name == "hibari:heart"
    output = tmp_path / "session.flac"
    options = Options(length=length_s, voice=VOICE)
    render(path, output, replace(options, preset=COARSE.name, ambience="none") if is_coarse else options)
    assert _frames(output, rate_hz) == length_s * rate_hz
    output.unlink()


def test_every_session_is_good_for_five_to_thirty_minutes() -> None:
    """So that all five lengths of each are among those above."""
    assert all(set(lengths_s(path)) >= {300.0, 600.0, 900.0, 1200.0, 1800.0} for path in SESSIONS)


def _frames(path: Path, rate_hz: int) -> int:
    """Counted, not asked for."""
    with soundfile.SoundFile(path) as file:
        assert file.samplerate == rate_hz
        return sum(len(piece) for piece in file.blocks(_PIECE_FRAMES, dtype="int16"))
