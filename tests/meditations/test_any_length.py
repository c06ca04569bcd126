"""Sessions put together from packs, those of the course and a longer one: exact, and as loud as a render."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import soundfile

from breathmark import Options, compose, render
from breathmark.api.packs import events, pack_session
from breathmark.api.render import plan
from breathmark.audio.loudness import EnergyMeter, gated
from breathmark.formats.mp3_stream import FRAME
from breathmark.formats.pack import read_pack, read_plans
from breathmark.solver import arrange
from tests.formats.material import ffmpeg_frames, soundfile_frames
from tests.profiles import PROFILE

from .corpus import SESSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.formats.pack import Pack, PlannedLength
    from breathmark.model import Timeline

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
    rendered = plan(path, Options(voice=voice))
    for each in lengths:
        if voice != "tone" or each in (lengths[0], lengths[5], lengths[-1]):
            made = compose(file, tmp_path / "x.mp3", length=each.length_s)
            frames = round(each.length_s * RATE_HZ)
            assert soundfile_frames(made.path) == ffmpeg_frames(made.path) == frames
        assert_in_place(pack, each, arrange(rendered.script, rendered.material, each.length_s))


@pytest.mark.nightly
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in CHOSEN])
@pytest.mark.parametrize("voice", ["pyttsx3", "hibari:heart"])
def test_it_is_as_loud_as_a_render(path: Path, voice: str, tmp_path: Path) -> None:
    """Without ambience, at the ends of what is possible and in the middle. FLAC takes a ninth of the time of MP3."""
    packed = pack_session(path, Options(voice=voice))
    file = tmp_path / "x.pack"
    file.write_bytes(packed.pack)
    file.with_suffix(".plans.json").write_bytes(packed.plans)
    for length_s in (300, 780, 1740):
        made = compose(file, tmp_path / "x.mp3", length=length_s)
        asked = Options(length=length_s, voice=voice, ambience="none", sound_only=True)
        rendered = render(path, tmp_path / "r.flac", asked).path
        assert lufs(made.path) == pytest.approx(lufs(rendered), abs=0.2)


LONG = """\
title: As Long as You Like
length: 5m..10m..45m
voice: pyttsx3
segments:
  - bell: singing-bowl
  - title: Welcome
    kind: opening
    say: |
      Welcome, and take your time. [pause 5s..20s..2m]
      Whatever you choose is fine. [pause 5s..20s..4m]

      You might feel your feet on the ground. [pause 5s..30s..6m]
  - {title: Resting, silence: 1m..4m..35m}
  - {title: Later, kind: practice, optional: {from: 20m}, say: "One more breath, if you like. [pause 1m..2m..8m]"}
  - {title: Back, kind: ground, say: "Let a sound reach you. [pause 5s..20s..2m]"}
  - bell: singing-bowl
"""


def lufs(path: Path) -> float:
    """How loud it is, by libsndfile, piece by piece."""
    meter = EnergyMeter(RATE_HZ, soundfile.info(path).channels)
    for block in soundfile.blocks(path, blocksize=RATE_HZ * 10, dtype="float32", always_2d=True):
        meter.add(block)
    return gated(meter.finish())


@pytest.mark.parametrize(
    "minutes",
    [pytest.param(each, marks=pytest.mark.slow if each == 43 else pytest.mark.nightly) for each in (7, 13, 29, 43)],
)
def test_a_longer_one_is_exact(minutes: int, tmp_path: Path) -> None:
    """Beyond the half hour of the course: by two decoders, and each sentence and bell is in its place."""
    path, file = tmp_path / "long.yaml", tmp_path / "x.pack"
    path.write_text(LONG, encoding="utf-8")
    packed = pack_session(path, Options())
    file.write_bytes(packed.pack)
    file.with_suffix(".plans.json").write_bytes(packed.plans)
    made = compose(file, tmp_path / "x.mp3", length=f"{minutes}m").path
    assert soundfile_frames(made) == ffmpeg_frames(made) == minutes * 60 * RATE_HZ
    pack = read_pack(packed.pack, "x")
    (chosen,) = (each for each in read_plans(packed.plans, pack, "x").lengths if each.length_s == minutes * 60)
    timeline = plan(path, Options(length=minutes * 60)).timeline
    assert_in_place(pack, chosen, timeline)
    if PROFILE == "nightly":  # without bells, whose decay is damped here, and counts where so little is said
        alone = compose(file, tmp_path / "x.mp3", length=f"{minutes}m", bells="none").path
        asked = Options(length=minutes * 60, ambience="none", bells=False, sound_only=True)
        rendered = render(path, tmp_path / "r.flac", asked).path
        assert lufs(alone) == pytest.approx(lufs(rendered), abs=0.2)


def assert_in_place(pack: Pack, planned: PlannedLength, timeline: Timeline) -> None:
    """Each sentence and bell is within 13 ms of its place in a render."""
    for place, event in zip(planned.places, events(timeline), strict=True):
        begin = place[0] * FRAME + pack.index.parts[place[1]].lead
        assert abs(begin - event.start_frame) <= 0.0131 * RATE_HZ
