"""A teacher who reads a sheet aloud: a narrator, rests, a room's noise; and where each sentence truly is."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.pcm import resample
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import trim
from breathmark.speech.registry import load_narrator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.speech.contract import Narrator

__all__ = ["RATE_HZ", "SENTENCES", "Read", "read_aloud", "room", "spoken", "write_wav"]

RATE_HZ = 22_050
MARGIN_S = 0.04

SENTENCES = tuple(
    line.strip()
    for line in """
    Welcome to this quiet time.
    You might sit, or lie down, in whatever way is kind to your body today.
    Let your eyes rest, or keep them open.
    Notice where your weight is held.
    The chair, the floor, or the bed does its work, and you need not do anything.
    Feel your feet.
    Perhaps they are warm, or cool, or you hardly feel them at all.
    All of that is fine.
    Your hands can rest wherever they like.
    Now you might notice that you are breathing.
    There is no right way to do it.
    A breath comes in, and a breath goes out.
    Between them there may be a small pause, like the turn of the tide.
    If counting helps, you could count three breaths with me.
    One.
    Two.
    Three.
    When the mind wanders off, that is what minds do.
    You can greet it, as you would greet a neighbour over the fence.
    Then come back to the next breath, whenever you are ready.
    Think of a time this week that was a little hard.
    Choose something small, not the largest trouble of your life.
    Say to yourself, very softly, this is a hard moment.
    Other people know moments like this one.
    Somebody, somewhere, is sitting with the very same thing tonight.
    What would you say to a good friend who told you of it?
    Which tone of voice would you choose?
    You could try to lend yourself that same tone.
    May I be patient with myself.
    May I give myself what I need.
    Perhaps a hand on the chest or on the cheek is pleasant.
    Perhaps it is not, and then leave it out.
    Let the shoulders drop by the width of a leaf.
    Soften around the eyes.
    Soften around the jaw.
    The belly may move as it wants to.
    Sounds come from near and from far away, and none of them asks anything of you.
    If you feel restless, you can stretch.
    If you feel sleepy, open your eyes and look at one thing.
    Nothing has to change.
    You are allowed to be exactly as you are while you wait.
    A cloud crosses the sky without asking leave.
    In the same way a feeling can pass through you.
    It has a beginning, a middle, and an end.
    You do not have to push it along.
    I will be quiet for a while now.
    My voice will come back.
    Here I am again.
    How is it now?
    Maybe a little easier, maybe just the same.
    Thank the part of you that tried.
    It took some courage to sit down at all.
    Before we end, choose one word that you would like to carry with you.
    It might be rest, or courage, or enough.
    Breathe in with that word, and breathe out with it.
    Feel the ground once more.
    Move your fingers and your toes.
    Turn your head slowly to one side, and to the other.
    Let the light come in.
    Look around the room, and find three things of the same colour.
    Take your time in getting up.
    Be kind to yourself for the rest of the day.
    You can come back here whenever you want to.
    Goodbye for now.
    """.strip().splitlines()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Where a sentence truly lies in the recording."""

    sentence: int
    start_s: float
    end_s: float


def spoken(text: str, voice: str = "pyttsx3:en-us", narrators: dict[str, Narrator] = {}) -> NDArray[np.float32]:  # noqa: B006 - a cache
    """A sentence without the engine's silence, at full scale 1 and 22 050 Hz."""
    name = voice.partition(":")[0]
    narrator = narrators.setdefault(name, load_narrator(name))
    clip = trim(narrator.speak(SpeechRequest(text=text, voice=voice, speed=1.0, language="en")))
    margin = round(MARGIN_S * clip.rate_hz)
    samples = np.frombuffer(clip.pcm, "<i2").astype(np.float32) * np.float32(1 / 32768)
    return resample(samples[margin:-margin], clip.rate_hz, RATE_HZ)


def _heard(sound: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """``sound`` from where it is first 3 dB louder than the noise of a room, over 10 ms, to where it last is.

    What an engine leaves around that, for up to a tenth of a second, is its own noise at -60 to -69 dBFS, of which
    nobody could say where it ends in a room of -62. A t is heard over a louder hum: in the difference from sample to
    sample it is the louder one.
    """
    step = RATE_HZ // 100
    louder = np.zeros(len(sound), bool)
    for heard, under in ((sound, noise), (np.diff(sound, prepend=0), np.diff(noise))):
        louder |= np.convolve(heard**2, np.full(step, 1 / step), "same") > 2 * np.mean(under**2)
    found = np.flatnonzero(louder)
    return sound[found[0] : found[-1] + 1]


def room(frames: int, dbfs: float, seed: int = 1) -> NDArray[np.float32]:
    """The noise of a room: more in the bass, with some mains hum. Its level is the RMS."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(frames))
    hz = np.fft.rfftfreq(frames, 1 / RATE_HZ)
    spectrum /= np.sqrt(np.maximum(hz, 60) / 60)
    noise = np.fft.irfft(spectrum, frames)
    noise += 0.3 * noise.std() * np.sin(2 * np.pi * 50 * np.arange(frames) / RATE_HZ)
    return np.asarray(noise / noise.std() * 10 ** (dbfs / 20), np.float32)


def read_aloud(
    sentences: Sequence[str], order: Iterable[int], *, voice: str = "pyttsx3:en-us", room_dbfs: float = -62.0
) -> tuple[NDArray[np.float32], tuple[Read, ...]]:
    """A recording of the sentences in this order, with rests of 1.2 to 2.6 s, and where each of them is."""
    rng = np.random.default_rng(5)
    parts: list[NDArray[np.float32]] = [np.zeros(RATE_HZ, np.float32)]
    reads, at = [], RATE_HZ
    noise = room(RATE_HZ, room_dbfs)
    for each in order:
        sound = _heard(spoken(sentences[each], voice) * np.float32(10 ** (rng.uniform(-2, 2) / 20)), noise)
        rest = np.zeros(int(rng.uniform(1.2, 2.6) * RATE_HZ), np.float32)
        reads.append(Read(sentence=each, start_s=at / RATE_HZ, end_s=(at + len(sound)) / RATE_HZ))
        parts += [sound, rest]
        at += len(sound) + len(rest)
    whole = np.concatenate(parts)
    return np.asarray(whole + room(len(whole), room_dbfs), np.float32), tuple(reads)


def write_wav(path: Path, samples: NDArray[np.float32]) -> Path:
    """16 bit, mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", "not compressed"))
        file.writeframes(np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path
