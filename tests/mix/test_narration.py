"""A spoken book, measured on the PCM that goes into the encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.base.errors import RequestError
from breathmark.mix.mixdown import Mastering, mix
from breathmark.mix.narration import Narration

from .material import RATE_HZ, laid_out, lufs, pcm, rms_db, span, spoken_clips, true_peak_dbtp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.model import StoredClip, Timeline, Utterance

BOOK = Narration(least_rms_db=-23.0, most_rms_db=-18.0, room_tone_db=-66.0)
MASTERING = Mastering(channels=1, ceiling_dbtp=-3.2, encoder_gain_db=-0.265, narration=BOOK)
STEP = RATE_HZ // 2


def session(clips: Mapping[Utterance, StoredClip], seconds: float, sentences: int) -> Timeline:
    """So many sentences, evenly spread, in a script that wants rain, with a bell at its end."""
    starts = [1 + i * (seconds - 20) / sentences for i in range(sentences)]
    whole = span((0, round(seconds * RATE_HZ)), "soft-rain")
    return laid_out(clips, starts, seconds, segments=(whole,), bells=(("chime", seconds - 15, 14.0),))


@pytest.mark.parametrize(("seconds", "sentences"), [(60, 12), (120, 11)])
def test_the_whole_file_has_its_rms(seconds: float, sentences: int, tmp_path: Path) -> None:
    """In the window at any share of speech, bells included, and the report says the same; peaks keep their ceiling."""
    clips = spoken_clips(tmp_path)
    mixdown = mix(session(clips, seconds, sentences), clips, MASTERING)
    samples = pcm(mixdown)
    decoded_db = rms_db(samples) + MASTERING.encoder_gain_db
    assert BOOK.least_rms_db < decoded_db < BOOK.most_rms_db
    assert mixdown.report.rms_db == pytest.approx(decoded_db, abs=0.02)
    assert mixdown.report.voice_lufs > lufs(samples) - 1
    assert true_peak_dbtp(samples) <= -3.2


def test_room_tone_lies_under_every_rest(tmp_path: Path) -> None:
    """From the first frame to the last, at its level, and nothing else: no rain, no digital silence, no fade."""
    clips = spoken_clips(tmp_path)
    timeline = replace(session(clips, 60, 12), bells=())
    samples = pcm(mix(timeline, clips, MASTERING))
    spoken = np.zeros(timeline.frames, bool)
    for placement in timeline.speech:
        spoken[placement.start_frame : placement.start_frame + placement.frames] = True
    rests = [
        rms_db(samples[start : start + STEP])
        for start in range(0, timeline.frames - STEP, STEP)
        if not spoken[start : start + STEP].any()
    ]
    assert len(rests) > 20
    assert max(rests) < -60
    assert min(rests) > -72
    assert rms_db(samples[:2000]) > -75
    assert rms_db(samples[-2000:]) > -75


def test_too_little_speech_is_an_error_that_says_so(tmp_path: Path) -> None:
    """Before anything is made: a limiter that had to make up for it would crush the voice."""
    clips = spoken_clips(tmp_path)
    with pytest.raises(RequestError, match="too little speech") as caught:
        mix(session(clips, 600, 6), clips, MASTERING)
    assert "shorter" in caught.value.hint
    with pytest.raises(RequestError, match="without a word"):
        mix(session(clips, 60, 0), clips, MASTERING)
