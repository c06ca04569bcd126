"""The sound of a stored clip, as the mix takes it: at its level, faded at both ends, its sharpest s softened.

It happens here and not where clips are stored, so that recordings and clips of earlier runs get it, too, and another
setting speaks nothing again. It takes a hundredth of the time of a render.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.pcm import pydub_samples, read_wav, resample, spread
from breathmark.mix.deesser import Excess, sibilance
from breathmark.mix.room import in_room, tail_frames
from breathmark.model import CLIP_LUFS, StoredClip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


FADE_S: Final = 0.010
"""At both ends of a clip, in its margin: an engine's noise, or a room's, neither begins nor ends at once."""
_SHORTEST_FADE_S: Final = 0.003
"""Where an engine begins with a sound at once: short enough for a word, and long enough to make no click."""


_VOICE_RMS: Final = 10 ** ((CLIP_LUFS + 0.691) / 20)
"""The RMS that stands for the level that all clips share: that of a tone of 1 kHz in one channel (BS.1770-5)."""


def clip_sound(clip: StoredClip, gain: float = 1.0) -> Samples:
    """A clip at its own rate, shaped ``(n, 1)``: ``gain`` over the level that all clips of its voice share.

    Raises:
        AssetError: it can't be read.
    """
    samples = _faded(clip)
    if clip.de_esser:
        for part in _sibilance(clip):
            samples[part.first_frame : part.first_frame + len(part.samples), 0] -= part.samples
    samples *= np.float32(gain)
    return samples


@lru_cache(maxsize=256)
def _sibilance(clip: StoredClip) -> tuple[Excess, ...]:
    """What the de-esser takes from a clip, found once for measuring and for mixing it.

    A file of the cache never changes. Of a sentence by Hibari, 32 kB are kept here.
    """
    return sibilance(_faded(clip), clip.rate_hz, _VOICE_RMS * 10 ** (clip.level_db / 20))


def _faded(clip: StoredClip) -> Samples:
    samples = spread(pydub_samples(read_wav(clip.path)), 1)
    samples *= np.float32(10 ** (clip.gain_db / 20))
    _fade_in(samples[:, 0], clip.before_frames, clip.rate_hz)
    _fade_in(samples[::-1, 0], clip.after_frames, clip.rate_hz)
    return samples


def placed_sound(clip: StoredClip, rate_hz: int, gain: float, *, room_channels: int = 0) -> Samples:
    """The same at the rate of a session, in exactly the frames that a clip has there.

    With ``room_channels`` it sounds in the small room, in so many channels, and is longer by its tail.
    """
    samples, frames = clip_sound(clip, gain), clip.whole_at(rate_hz)
    if room_channels:
        samples, frames = in_room(samples, clip.rate_hz, room_channels), frames + tail_frames(rate_hz)
    samples = resample(samples, clip.rate_hz, rate_hz)
    missing = frames - len(samples)
    return np.pad(samples, ((0, missing), (0, 0))) if missing > 0 else samples[:frames]


def heard_sound(clip: StoredClip, rate_hz: int, gain: float, before: int, after: int) -> Samples:
    """A clip at a session's rate, from ``before`` frames before it is heard to ``after`` frames behind, declicked."""
    first = clip.before_at(rate_hz) - before
    whole = placed_sound(clip, rate_hz, gain)
    last = first + before + clip.frames_at(rate_hz) + after
    samples = whole[first:last].copy()
    if first:
        _fade_in(samples[:, 0], before, rate_hz)
    if last < len(whole):
        _fade_in(samples[::-1, 0], after, rate_hz)
    return samples


def _fade_in(samples: NDArray[np.float32], quiet_frames: int, rate_hz: int) -> None:
    """Fade the beginning in place: what lies before its sound, from the first sample that is not zero on."""
    found = np.flatnonzero(samples[:quiet_frames])
    begin = int(found[0]) if len(found) else quiet_frames
    longest, shortest = round(FADE_S * rate_hz), round(_SHORTEST_FADE_S * rate_hz)
    part = samples[begin : begin + min(max(quiet_frames - begin, shortest), longest)]
    part *= np.sin(np.linspace(0, np.pi / 2, len(part), endpoint=False, dtype=np.float32)) ** 2
