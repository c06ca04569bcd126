"""Every file in audio_assets/ is accounted for, and is what its entry says."""

from __future__ import annotations

import hashlib

import pytest
import soundfile

from sounds.catalogue import BEDS, BELLS
from sounds.source import LOOP_FRAMES

from .meter import ASSETS, RATE_HZ, entries

NAMES = tuple(sound.name for sound in (*BEDS, *BELLS))


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    """Nothing is shipped of which the origin is not written down."""
    files = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert files - {"provenance.yaml"} == {entry["file"] for entry in entries().values()}


def test_the_built_in_sounds_are_all_there() -> None:
    """Nine ambiences, three bells and two breath tones, in the catalogue's order."""
    assert tuple(entries()) == NAMES
    assert len(NAMES) == 14


@pytest.mark.parametrize("name", NAMES)
def test_entry_tells_what_the_file_is(name: str) -> None:
    """Digest, frames, rate and channels are those of the file; the licence is free; the listener gets a description."""
    entry = entries()[name]
    path = ASSETS / str(entry["file"])
    info = soundfile.info(path)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry["frames"], entry["rate_hz"], entry["channels"]) == (info.frames, info.samplerate, info.channels)
    assert info.samplerate == RATE_HZ
    assert entry["licence"] == "CC0-1.0"
    assert all(entry[field] for field in ("title", "description", "source", "made"))


@pytest.mark.parametrize("bed", [bed.name for bed in BEDS])
def test_ambience_is_stored_with_its_guards(bed: str) -> None:
    """A second of the loop's end before it, and a second of its start behind it."""
    entry = entries()[bed]
    assert entry["kind"] == "ambience"
    assert (entry["loop_frames"], entry["guard_frames"]) == (LOOP_FRAMES, 44_100)
    assert entry["frames"] == LOOP_FRAMES + 2 * 44_100
    assert entry["loudness_lufs"] == pytest.approx(-30.0, abs=0.2)


def test_sounds_stay_small() -> None:
    """A bed is 1.2 to 1.8 MB, a bell under 0.8 MB, and all of them together under 16 MB."""
    sizes = {name: (ASSETS / str(entries()[name]["file"])).stat().st_size / 1e6 for name in NAMES}
    assert all(1.2 <= sizes[bed.name] <= 1.8 for bed in BEDS)
    assert all(sizes[bell.name] <= 0.8 for bell in BELLS)
    assert sum(sizes.values()) < 16
