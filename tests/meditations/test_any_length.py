"""Sessions of the course at every minute, put together from packs: exact, and as loud as a render."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark import Options, compose, render
from breathmark.api.packs import events, pack_session
from breathmark.api.render import plan
from breathmark.audio.loudness import gated_lufs
from breathmark.formats.mp3_stream import FRAME
from breathmark.formats.pack import read_pack, read_plans
from tests.formats.material import ffmpeg_decode, soundfile_decode

from .corpus import SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

CHOSEN = [path for path in SESSIONS if path.stem[:2] in {"01", "09", "16"}]
RATE_HZ = 44_100


@pytest.mark.parametrize(
    ("path", "voice"),
    [
        pytest.param(path, voice, id=f"{path.stem} {voice}", marks=mark)
        for path in CHOSEN
        for voice, mark in (
            ("tone", pytest.mark.slow if path is CHOSEN[0] else pytest.mark.nightly),
            ("pyttsx3", pytest.mark.nightly),
            ("hibari:heart", pytest.mark.nightly),
        )
    ],
)
def test_every_minute_is_exact(path: Path, voice: str, tmp_path: Path) -> None:
    """By two decoders (tones: three of them); each sentence and bell is within 13 ms of a render's place."""
    packed = pack_session(path, Options(voice=voice), [450.0])
    file = tmp_path / "x.pack"
    file.write_bytes(packed.pack)
    file.with_suffix(".plans.json").write_bytes(packed.plans)
    assert len(packed.pack) + len(packed.plans) < 10e6
    pack = read_pack(packed.pack, "x")
    lengths = read_plans(packed.plans, pack, "x").lengths
    assert {300, 450, 600, 1200} <= {each.length_s for each in lengths}
    for each in lengths:
        if voice != "tone" or each in (lengths[0], lengths[5], lengths[-1]):
            made = compose(file, tmp_path / "x.mp3", length=each.length_s)
            frames = round(each.length_s * RATE_HZ)
            assert len(soundfile_decode(made.path)) == len(ffmpeg_decode(made.path, 1)) == frames
        timeline = plan(path, Options(length=each.length_s, voice=voice)).timeline
        for place, event in zip(each.places, events(timeline), strict=True):
            begin = place[0] * FRAME + pack.index.parts[place[1]].lead
            assert abs(begin - event.start_frame) <= 0.0131 * RATE_HZ


@pytest.mark.nightly
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CHOSEN])
@pytest.mark.parametrize("voice", ["pyttsx3", "hibari:heart"])
def test_it_is_as_loud_as_a_render(path: Path, voice: str, tmp_path: Path) -> None:
    """Without ambience, at the ends of what is possible and in the middle."""
    packed = pack_session(path, Options(voice=voice))
    file = tmp_path / "x.pack"
    file.write_bytes(packed.pack)
    file.with_suffix(".plans.json").write_bytes(packed.plans)
    for length_s in (300, 780, 1740):
        made = compose(file, tmp_path / "x.mp3", length=length_s)
        asked = Options(length=length_s, voice=voice, ambience="none", sound_only=True)
        rendered = render(path, tmp_path / "r.mp3", asked).path
        loud = [gated_lufs(soundfile_decode(each).astype(np.float32), RATE_HZ) for each in (made.path, rendered)]
        assert loud[0] == pytest.approx(loud[1], abs=0.2)
