"""How loud a bell is struck."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

import pytest

from breathmark.audio.pcm import Format
from breathmark.base.errors import AssetError
from breathmark.mix.assets import find_bell
from breathmark.mix.bells import bell_gain, load_bells
from breathmark.model import BellPlacement, Place

from .material import sine, write_wav

if TYPE_CHECKING:
    from pathlib import Path


PLACE = Place(path="x.yaml", line=1, column=1)


def _project(folder: Path, level: str) -> Path:
    """A project with two bells of the same sound, the second of which has a level."""
    assets = folder / "audio_assets"
    assets.mkdir()
    write_wav(assets / "gong.wav", sine(2, 440))
    (assets / "provenance.yaml").write_text(
        "sounds:\n"
        "  - {name: plain, kind: bell, file: gong.wav, licence: CC0-1.0}\n"
        f"  - {{name: tingsha, kind: bell, file: gong.wav, licence: CC0-1.0, level_lu: {level}}}\n",
        encoding="utf-8",
    )
    return folder


def test_a_bell_has_the_level_of_its_provenance(tmp_path: Path) -> None:
    """A project's own one, whatever its name, against one that is as loud as the voice."""
    struck = tuple(BellPlacement(start_frame=0, frames=1, name=name, place=PLACE) for name in ("plain", "tingsha"))
    bells = load_bells(struck, Format(rate_hz=44_100, channels=2), _project(tmp_path, "-12.5"))
    plain, quiet = (bell_gain(bells[name], voice_lufs=-40, voice_peak=1) for name in ("plain", "tingsha"))
    assert 20 * log10(plain / quiet) == pytest.approx(12.5)


def test_the_built_in_bells_have_theirs() -> None:
    """A tingsha pierces, and the tones of breaths come every few seconds."""
    names = ("singing-bowl", "chime", "tingsha", "breath-in", "breath-out")
    assert [find_bell(name).level_lu for name in names] == [0, 0, -5, -9, -9]


def test_a_level_that_nobody_means_is_refused(tmp_path: Path) -> None:
    """A level in words, or one at which the bell could not be heard."""
    with pytest.raises(AssetError, match="level_lu"):
        find_bell("plain", _project(tmp_path, "soft"))
