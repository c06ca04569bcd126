"""A small session, sound for it, and two decoders that know nothing of Breathmark."""

from __future__ import annotations

import struct
import subprocess
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from pydub import AudioSegment
from scipy.fft import next_fast_len

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.model import (
    Ambience,
    BellPlacement,
    Place,
    Range,
    Rest,
    RestPlacement,
    Script,
    SegmentSpan,
    SpeechPlacement,
    Timeline,
    Utterance,
)
from breathmark.results import Levels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

RATE_HZ = 44_100
PLACE = Place(path="/home/ana/evening.yaml", line=3, column=5)
RAIN = Ambience(sound="soft-rain", below_voice_lu=20, swell_lu=4)


def span(start_s: float, end_s: float, title: str, depth: int = 0, turn: int = 0) -> SegmentSpan:
    """A laid-out segment."""
    start, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    return SegmentSpan(
        start_frame=start,
        frames=end - start,
        title=title,
        kind="practice",
        depth=depth,
        round=turn,
        ambience=RAIN,
        place=Place(path="evening.yaml", line=len(title) + 1, column=depth + 1),
    )


def said(start_s: float, end_s: float, caption: str) -> SpeechPlacement:
    """A laid-out sentence."""
    start, end = round(start_s * RATE_HZ), round(end_s * RATE_HZ)
    spoken = Utterance(text=caption, caption=caption, voice="tone:a", speed=1.0, language="en")
    return SpeechPlacement(start_frame=start, frames=end - start, utterance=spoken, place=PLACE)


def laid_out(
    frames: int, *, speech: tuple[SpeechPlacement, ...] = (), segments: tuple[SegmentSpan, ...] = ()
) -> Timeline:
    """A layout with a rest at its start and a bell at its end."""
    pause = Rest(range=Range(min_s=1, ideal_s=2, max_s=4), order=0, level="sentence", place=PLACE)
    return Timeline(
        rate_hz=RATE_HZ,
        frames=frames,
        speech=speech,
        bells=(BellPlacement(start_frame=frames - 1, frames=1, name="singing-bowl", place=PLACE),),
        rests=(RestPlacement(start_frame=0, frames=frames // 2, rest=pause),),
        segments=segments,
    )


SESSION = laid_out(
    RATE_HZ * 21 + 7,
    speech=(
        said(1, 3, "Welcome, Ana."),
        said(4, 6.5, "You might let your eyes rest."),
        said(11, 13, "Tea & <cake> — 茶."),
    ),
    segments=(span(1, 9, "Welcome"), span(9, 17, "A Kind Hand — ñ 茶")),
)
"""Twenty-one seconds and a bit: two chapters, three sentences."""

SCRIPT = Script(
    path="scripts/evening.yaml",
    title="Three Small Steps — ñ",
    language="en-GB",
    segments=(),
    ambience=RAIN,
    summary="Name it, share it, soften it.",
    author="Breathmark",
)
"""The script of that session."""


@lru_cache(maxsize=8)
def voice_like(frames: int, rate_hz: int = RATE_HZ, channels: int = 2) -> NDArray[np.float64]:
    """Noise in the band of speech that comes and goes as syllables do, well below full scale, from a fixed seed."""
    chance = np.random.default_rng(20)
    count = next_fast_len(max(frames, rate_hz))
    spectrum = np.fft.rfft(chance.normal(size=count))
    pitch = np.fft.rfftfreq(count, 1 / rate_hz)
    spectrum *= np.where((pitch > 120) & (pitch < 5000), 1 / np.sqrt(np.maximum(pitch, 1)), 0)
    noise = np.fft.irfft(spectrum, count)[:frames]
    time_s = np.arange(frames) / rate_hz
    swing = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * time_s)
    level = 0.08 / max(float(np.std(noise)), 1e-9)
    sound = np.repeat((noise * swing * level).clip(-0.7, 0.7)[:, None], channels, axis=1)
    sound.flags.writeable = False  # tests share it
    return sound


def blocks_of(sound: NDArray[np.float64], rate_hz: int = RATE_HZ, sample_width: int = 2) -> Iterator[AudioSegment]:
    """The sound as the mixer hands it over: blocks of two seconds, of 16, 24 or 32 bit."""
    whole = np.round(sound * (2.0 ** (8 * sample_width - 1) - 1)).astype("<i8")
    raw = np.ascontiguousarray(whole).view("u1").reshape(*sound.shape, 8)[..., :sample_width].tobytes()
    frame_width = sample_width * sound.shape[1]
    form = {
        "channels": sound.shape[1],
        "sample_width": sample_width,
        "frame_rate": rate_hz,
        "frame_width": frame_width,
    }
    step = 2 * rate_hz * frame_width
    for start in range(0, len(raw), step):
        yield AudioSegment(raw[start : start + step], metadata=form)


REPORT = Levels(
    voice_lufs=-16.01,
    file_lufs=-16.02,
    ambience_lufs=-36.0,
    below_voice_lu=19.99,
    swell_lu=float("-inf"),
    ambience_under_gate=True,
    true_peak_dbtp=-1.8,
)
"""What a mixer would have measured."""


@dataclass(frozen=True, kw_only=True)
class FakeMixdown:
    """A mixdown of a given sound."""

    sound: NDArray[np.float64]
    rate_hz: int = RATE_HZ
    sample_width: int = 2
    report: Levels = REPORT

    def blocks(self) -> Iterator[AudioSegment]:
        """The blocks of the sound."""
        return blocks_of(self.sound, self.rate_hz, self.sample_width)


def ffmpeg_decode(path: Path, channels: int = 2) -> NDArray[np.float64]:
    """The sound of ``path`` by ffmpeg, shaped ``(frames, channels)``."""
    command = [str(ffmpeg_path()), "-v", "error", "-xerror", "-i", str(path), "-f", "f64le", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(data, "<f8").reshape(-1, channels)


def ffmpeg_frames(path: Path) -> int:
    """How many PCM frames ffmpeg decodes of ``path``, of which none is kept."""
    seconds = ["-af", "asetnsamples=n=44100:p=0", "-f", "framecrc", "-"]
    command = [str(ffmpeg_path()), "-v", "error", "-xerror", "-i", str(path), *seconds]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    return sum(int(line.split(",")[3]) for line in lines if not line.startswith("#"))


def soundfile_frames(path: Path) -> int:
    """The same by libsndfile."""
    return sum(map(len, soundfile.blocks(path, blocksize=441_000, dtype="float32")))


def soundfile_decode(path: Path) -> NDArray[np.float64]:
    """The sound of ``path`` by libsndfile, shaped ``(frames, channels)``."""
    sound: NDArray[np.float64] = soundfile.read(path, always_2d=True)[0]
    return sound


def png(width: int, height: int, more_bytes: int = 0) -> bytes:
    """A grey picture, with a chunk of so many bytes that no program knows."""
    rows = b"".join(b"\x00" + b"\x80" * 3 * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    unknown = [(b"prVt", bytes(more_bytes))] if more_bytes else []
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), *unknown, (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@cache
def jpeg(width: int, height: int) -> bytes:
    """A grey picture."""
    command = [
        str(ffmpeg_path()),
        "-v",
        "error",
        "-f",
        "png_pipe",
        "-i",
        "-",
        "-pix_fmt",
        "yuvj444p",
        "-f",
        "mjpeg",
        "-",
    ]
    return subprocess.run(command, input=png(width, height), capture_output=True, check=True).stdout


def leftovers(folder: Path) -> list[str]:
    """Whatever a render has left in ``folder``, hidden or not."""
    return sorted(path.name for path in folder.iterdir())
