"""Take processing and quality: cleaned, trimmed, levelled; and its faults, in figures."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydub import AudioSegment

from breathmark.audio.bands import ANALYSIS_HZ
from breathmark.audio.ffmpeg import read
from breathmark.audio.loudness import Samples, gated_lufs
from breathmark.audio.pcm import Format, resample, to_16_bit
from breathmark.base.errors import AssetError, VoiceError
from breathmark.base.files import file_sha256, read_regular, write_whole
from breathmark.speech.clips.places import notes_folder
from breathmark.speech.level import LEVEL_LUFS
from breathmark.takes.segments import listen

CLEANING: Final = 1
"""Of what ``clean`` does and ``judge`` measures: another number makes every stored result a miss."""

_NOTE_BYTES_MAX: Final = 64 * 2**10
_RATE_HZ: Final = 48_000
_HIGH_PASS_HZ: Final = 70.0
"""Under the lowest voice (about 80 Hz), over footsteps and the desk."""
_LEAD_S: Final = 0.04
_TRAIL_S: Final = 0.08
"""Room kept around the speech: a breath out ends more softly than any threshold."""
_FADE_S: Final = 0.02
_PEAK_DBFS: Final = -1.0
_CLIPPED_FROM: Final = 0.97
"""Of full scale: what a converter cut off, whose flat tops other rates turn into ripples about it."""
_NEARLY_FROM: Final = 0.88
_FEWEST_PLACES: Final = 3
_NOISY_DB: Final = 30.0
"""Between speech and room. A quiet room and a near microphone give 40 to 50; at 30 the room is audible in each rest."""
_QUIET_LUFS: Final = -45.0
"""Raised from here to the common level, the converter's own noise would be raised by 20 dB and more."""
_SHORTEST_ROOM_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Measurements of a take."""

    duration_s: float
    """Of the speech in it."""
    lufs: float
    """Gated loudness of the speech."""
    room_lufs: float | None
    """The loudness of the room in the quiet parts; None where there is too little of them."""
    clipped: int
    """Peaks that are cut off."""

    @property
    def known_lufs(self) -> float | None:
        """The loudness as JSON can have it: None where there is no speech."""
        return self.lufs if math.isfinite(self.lufs) else None

    @property
    def faults(self) -> tuple[str, ...]:
        """Audible faults, with figures; empty where the take is fine."""
        found = []
        if not math.isfinite(self.lufs):
            return ("holds no speech",)
        if self.clipped:
            found.append(f"clips: {self.clipped} peaks are cut off at full scale; record it at a lower level")
        if self.lufs < _QUIET_LUFS:
            found.append(f"is too quiet: {self.lufs:.0f} LUFS, where {_QUIET_LUFS:.0f} is the minimum")
        if self.room_lufs is not None and self.lufs - self.room_lufs < _NOISY_DB:
            over = self.lufs - self.room_lufs
            found.append(f"is noisy: the speech is {over:.0f} dB over the room, where {_NOISY_DB:.0f} is the minimum")
        return tuple(found)


def load(path: Path) -> Samples:
    """A take, mono, at 48 kHz, without rumble.

    Raises:
        VoiceError: it can't be played.
    """
    return _without_rumble(_decoded(path))


def clean(path: Path) -> AudioSegment:
    """A take, cut to its speech with soft ends, brought to the level that all clips share.

    Raises:
        VoiceError: it can't be played, or nobody speaks in it.
    """
    samples = load(path)
    start, end = _speech(samples)
    if end <= start:
        raise VoiceError(f"nobody speaks in the take {path.name}", "record the sentence again")
    spoken = samples[_with_room(start, end, len(samples))] * 10 ** (_gain_db(samples[start:end]) / 20)
    fade = np.linspace(0, 1, min(round(_FADE_S * _RATE_HZ), len(spoken) // 2), dtype=np.float32)
    spoken[: len(fade)] *= fade
    spoken[len(spoken) - len(fade) :] *= fade[::-1]
    data = to_16_bit(spoken).tobytes()
    return AudioSegment(data, sample_width=2, frame_rate=_RATE_HZ, channels=1)


def used_part(path: Path) -> tuple[float, float]:
    """The times (s) from which and up to which ``clean`` uses a take; equal where nobody speaks in it.

    Raises:
        VoiceError: it can't be played.
    """
    samples = load(path)
    start, end = _speech(samples)
    if end <= start:
        return 0.0, 0.0
    part = _with_room(start, end, len(samples))
    return part.start / _RATE_HZ, part.stop / _RATE_HZ


def _with_room(start: int, end: int, frames: int) -> slice:
    return slice(max(0, start - round(_LEAD_S * _RATE_HZ)), min(frames, end + round(_TRAIL_S * _RATE_HZ)))


def judge(path: Path) -> Quality:
    """The measurements of a take, cached by its content.

    Raises:
        VoiceError: it can't be played.
    """
    try:
        note = notes_folder() / f"take-{CLEANING}-{file_sha256(path)}.json"
    except OSError as exc:
        raise VoiceError(f"the take {path} can't be read: {exc.strerror or exc}", "check the file") from exc
    known = _noted(note)
    if known is None:
        known = _measured(_decoded(path))
        _note(note, known)
    return known


def _measured(raw: Samples) -> Quality:
    samples = _without_rumble(raw)
    start, end = _speech(samples)
    margin = round(_LEAD_S * _RATE_HZ)
    room = np.concatenate([samples[: max(0, start - margin)], samples[end + margin :]])
    enough = len(room) >= _SHORTEST_ROOM_S * _RATE_HZ
    return Quality(
        duration_s=round((end - start) / _RATE_HZ, 3),
        lufs=round(_loudness(samples[start:end]), 1),
        room_lufs=round(max(_mean_lufs(room), -100.0), 1) if enough else None,
        clipped=_clipped(raw),
    )


def _decoded(path: Path) -> Samples:
    try:
        return read(path, Format(rate_hz=_RATE_HZ, channels=1)).reshape(-1)
    except AssetError as exc:
        raise VoiceError(f"the take {exc.message}", "record it again, or remove it") from exc


def _without_rumble(samples: Samples) -> Samples:
    """A Butterworth high-pass of the second order by its magnitude alone, so that the wave keeps its shape."""
    size = 1 << max(10, (len(samples) + _RATE_HZ // 4).bit_length())
    hz = np.fft.rfftfreq(size, 1 / _RATE_HZ)
    response = hz**2 / np.sqrt(hz**4 + _HIGH_PASS_HZ**4)
    return np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)].astype(np.float32)


def _speech(samples: Samples) -> tuple[int, int]:
    """The first frame of the speech, and the one after its last; equal where there is none."""
    segments = listen([resample(samples.reshape(-1, 1), _RATE_HZ, ANALYSIS_HZ)]).segments
    if not segments:
        return 0, 0
    return round(segments[0].start_s * _RATE_HZ), min(len(samples), round(segments[-1].end_s * _RATE_HZ))


def _loudness(speech: Samples) -> float:
    """Gated loudness; short speech is repeated up to 0.8 s, so that the gate has blocks to judge one word by, too."""
    if not len(speech):
        return -math.inf
    repeated = np.tile(speech, math.ceil(0.8 * _RATE_HZ / len(speech)))
    return gated_lufs(repeated, _RATE_HZ)


def _mean_lufs(room: Samples) -> float:
    """The loudness of noise, which the absolute gate would leave out."""
    raised = gated_lufs(np.tile(room * 1e4, math.ceil(0.8 * _RATE_HZ / len(room))), _RATE_HZ)
    return raised - 80.0


def _gain_db(speech: Samples) -> float:
    """To the common level, but never over -1 dBFS at the highest sample."""
    wanted_db = LEVEL_LUFS - _loudness(speech)
    return min(wanted_db, _PEAK_DBFS - 20 * math.log10(float(np.abs(speech).max())))


def _clipped(raw: Samples) -> int:
    """Peaks at full scale where they pile up: a whole wave has fewer of them, the higher they are."""
    size = np.abs(raw)
    middle = size[1:-1]
    peaks = middle[(middle >= size[:-2]) & (middle > size[2:])]
    full = int(np.sum(peaks >= _CLIPPED_FROM))
    nearly = int(np.sum((peaks >= _NEARLY_FROM) & (peaks < _CLIPPED_FROM)))
    return full if full >= _FEWEST_PLACES and full > nearly else 0


def _noted(note: Path) -> Quality | None:
    with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
        return Quality(**json.loads(read_regular(note, _NOTE_BYTES_MAX)))
    return None


def _note(note: Path, quality: Quality) -> None:
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        write_whole(note, json.dumps(asdict(quality)).encode())
