"""What the mix does to a clip: its fades, its de-esser, its room, measured on the samples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.mix.clips import clip_sound, placed_sound
from breathmark.mix.mixdown import Mastering, mix
from breathmark.mix.room import tail_frames

from .material import RATE_HZ, clip, laid_out, lufs, noise, pcm, sixteenfold_dbtp, speechlike, spoken_clips

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples

CLIP_HZ = 24_000


def _band(samples: NDArray[np.floating], low_hz: float, high_hz: float, rate_hz: int = CLIP_HZ) -> NDArray[np.float64]:
    """The RMS (dB) of a band in each 10 ms, by a filter without any phase."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    band = np.fft.irfft(spectrum, len(samples))
    step = rate_hz // 100
    blocks = band[: len(band) // step * step].reshape(-1, step)
    return np.asarray(10 * np.log10(np.mean(blocks**2, axis=1) + 1e-12))


def _hissing(level: float) -> Samples:
    """Two seconds of a buzz at the level that clips share, with an s of 120 ms at 0.8 s."""
    sound = speechlike(2, CLIP_HZ) * np.float32(0.35)
    hiss = np.fft.rfft(noise(0.12, CLIP_HZ, 1, 1.0, 3)[:, 0])
    hiss[np.fft.rfftfreq(2_880, 1 / CLIP_HZ) < 5_500] = 0
    burst = np.fft.irfft(hiss, 2_880)
    burst *= level / np.sqrt(np.mean(burst**2)) * np.sin(np.linspace(0, np.pi, 2_880))
    start = round(0.8 * CLIP_HZ)
    sound[start : start + 2_880, 0] = burst
    return sound


def test_a_clip_fades_in_its_margins(tmp_path: Path) -> None:
    """A steady hum through both margins begins and ends at nothing, and is whole after 10 ms."""
    hum = np.full((CLIP_HZ, 1), 0.01, np.float32)
    _, stored = clip(tmp_path, hum, CLIP_HZ)
    stored = replace(stored, before_frames=960, after_frames=960)
    sound = clip_sound(stored)[:, 0]
    assert np.abs(np.diff(np.concatenate([[0], sound, [0]]))).max() < 10 ** (-75 / 20)
    whole = sound[240:-240]
    assert whole.max() == whole.min() == pytest.approx(0.01, abs=1e-4)


def test_a_clip_that_begins_at_once_is_only_declicked(tmp_path: Path) -> None:
    """Where an engine leaves no silence, the fade takes 3 ms from its first sample on, not 10 from the margin's."""
    sound = np.zeros((CLIP_HZ, 1), np.float32)
    sound[960:-960] = 0.1
    _, stored = clip(tmp_path, sound, CLIP_HZ)
    heard = clip_sound(replace(stored, before_frames=960, after_frames=960))[:, 0]
    assert heard[960] == 0
    assert heard[960 + 72] == pytest.approx(0.1, abs=1e-3)
    assert heard[960 + 36] == pytest.approx(0.05, abs=0.005)


def test_the_de_esser_takes_from_a_sharp_s_alone(tmp_path: Path) -> None:
    """An s at the voice's own level gets 3 to 6 dB softer above 4.5 kHz; before and behind it not a sample changes."""
    _, stored = clip(tmp_path, _hissing(0.08), CLIP_HZ)
    plain, softened = clip_sound(stored)[:, 0], clip_sound(replace(stored, de_esser=True))[:, 0]
    inside = slice(83, 89)
    taken = (_band(plain, 4_500, 12_000) - _band(softened, 4_500, 12_000))[inside].mean()
    assert 2 < taken <= 6.1
    changed = np.flatnonzero(plain != softened) / CLIP_HZ
    assert changed.min() > 0.7
    assert changed.max() < 1.05
    assert _band(plain - softened, 0, 3_500).max() < -90, "nothing is taken under the split"


def test_a_mild_voice_passes_the_de_esser_bit_by_bit(tmp_path: Path) -> None:
    """An s 20 dB under the voice, and a voice without any."""
    for sound in (_hissing(0.004), speechlike(3, CLIP_HZ) * np.float32(0.35)):
        _, stored = clip(tmp_path, sound, CLIP_HZ)
        assert (clip_sound(stored) == clip_sound(replace(stored, de_esser=True))).all()


def test_a_softer_sentence_is_de_essed_as_a_louder_one(tmp_path: Path) -> None:
    """The threshold goes with the sentence's own level and with the mix's gain."""
    _, stored = clip(tmp_path, _hissing(0.08), CLIP_HZ)
    loud = clip_sound(replace(stored, de_esser=True), 2.0)
    soft = clip_sound(replace(stored, de_esser=True, gain_db=-6.0, level_db=-6.0))
    assert loud / 2 == pytest.approx(soft * 10 ** (6 / 20), abs=1e-6)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_room_is_26_db_under_the_voice_and_over_in_a_third_of_a_second(tmp_path: Path, channels: int) -> None:
    """The clip is in it unchanged; what is added has its level, is longer by its tail, and differs in both ears."""
    _, stored = clip(tmp_path, noise(2, RATE_HZ, 1, 0.1), RATE_HZ)
    dry = placed_sound(stored, RATE_HZ, 1.0)
    wet = placed_sound(stored, RATE_HZ, 1.0, room_channels=channels).astype(np.float64)
    assert wet.shape == (len(dry) + tail_frames(RATE_HZ), channels)
    wet[: len(dry)] -= dry
    level = 10 * np.log10(np.mean(wet[RATE_HZ : 2 * RATE_HZ] ** 2) / np.mean(dry**2))
    assert level == pytest.approx(-26, abs=3 if channels == 1 else 0.5)
    late = wet[len(dry) + round(0.2 * RATE_HZ) :]
    assert 10 * np.log10(np.mean(late**2) / np.mean(dry**2)) < -60
    if channels == 2:
        left, right = wet[RATE_HZ : 2 * RATE_HZ].T
        assert abs(np.vdot(left, right)) < 0.7 * np.linalg.norm(left) * np.linalg.norm(right)


@pytest.mark.slow
def test_the_room_keeps_the_figures_of_the_session(tmp_path: Path) -> None:
    """Voice at its level within 0.1 LU, peak under the ceiling, the length to the frame; but it is heard."""
    clips = spoken_clips(tmp_path)
    timeline = laid_out(clips, [2, 8, 14], 24, bells=[("chime", 0.5, 14.0)])
    dry, wet = (pcm(mix(timeline, clips, Mastering(ceiling_dbtp=-1.7), room=room)) for room in (False, True))
    assert wet.shape == dry.shape
    assert (wet != dry).any()
    assert lufs(wet) == pytest.approx(lufs(dry), abs=0.1)
    assert sixteenfold_dbtp(wet) <= -1.65


def test_any_block_is_the_same_from_any_block_on(tmp_path: Path) -> None:
    """With room and de-esser, too, so that an encoder may begin anywhere."""
    clips = {said: replace(each, de_esser=True) for said, each in spoken_clips(tmp_path).items()}
    mixdown = mix(laid_out(clips, [1, 5.9, 11], 20), clips, Mastering(sample_width=3), room=True)
    whole = [block.raw_data for block in mixdown.blocks()]
    assert [block.raw_data for block in mixdown.blocks(4)][1:] == whole[5:]
