"""Whether a finished file says its text: each sentence is cut out, recognised, and compared with what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.base.errors import RequestError
from breathmark.speech.voices.espeak_library import initialise
from breathmark.verification.comparison import word_count, words_apart
from breathmark.verification.decoding import Decoding
from breathmark.verification.recogniser import SAMPLE_RATE_HZ, Recogniser
from breathmark.verification.verdict import HeardText, Listening, Misheard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.formats.session import RenderRecord
    from breathmark.timeline.data import SpeechData


_AROUND_S: Final = 0.25
"""What a recogniser is given before and behind a sentence, where no other one is as near."""
_TOLERATED_SHARE: Final = 1 / 6
"""Of a sentence's words may be other, and one always: recognisers err, too. Whisper base, which wrote down 20 sentences
of the shipped course of 4 to 19 words, heard up to 2 other words of 14 in a clear voice (``piper:joe``)."""
_LONGEST_S: Final = 600.0
"""Of a stretch that is recognised at once where nobody knows the sentences: 38 MB."""
_SEARCHED_S: Final = 30.0
"""At the end of such a stretch: it is cut where it is softest."""
_BLOCK_S: Final = 0.5


def _silent(done: int, total: int) -> None:
    """The progress callback that does nothing."""


def listen(
    path: Path, record: RenderRecord | None, recogniser: Recogniser, progress: Callable[[int, int], None] = _silent
) -> Listening:
    """Listen to a finished file, sentence by sentence where ``record`` knows them, else as a whole.

    Args:
        path: A finished file.
        record: Its ``session.json``; None where there is none.
        recogniser: What writes down speech.
        progress: Called with how many sentences are done, and how many there are.

    Raises:
        AssetError, RequestError: ffmpeg or what the recogniser needs is missing, or the file says nothing.
    """
    pieces = (piece[:, 0] for piece in Decoding(path, 1, SAMPLE_RATE_HZ).pieces())
    if record is None:
        return Listening(recogniser=recogniser.name, sentences=0, transcript=tuple(_transcript(pieces, recogniser)))
    _check_comparison()
    misheard = []
    for done, (spoken, samples) in enumerate(zip(record.speech, _cut(pieces, _spans(record)), strict=True)):
        progress(done, len(record.speech))
        heard = " ".join(each.text for each in recogniser.recognise(samples, spoken.language))
        if found := _difference(spoken, heard):
            misheard.append(found)
    return Listening(recogniser=recogniser.name, sentences=len(record.speech), misheard=tuple(misheard))


def _check_comparison() -> None:
    """Raise RequestError where what texts are compared with is missing."""
    try:
        import rapidfuzz  # noqa: F401, PLC0415 - comes with the extra listen

        initialise()
    except (ImportError, OSError, RuntimeError) as error:
        raise RequestError(f"listening lacks a part: {error}", 'pip install "breathmark[listen]"') from error


def _difference(spoken: SpeechData, heard: str) -> Misheard | None:
    """None where the sentence was heard as it is written, or nearly so."""
    apart, words = words_apart(spoken.text, heard, spoken.language), word_count(spoken.text)
    if apart <= max(1, int(words * _TOLERATED_SHARE)) and (heard or not words):
        return None
    return Misheard(start_s=spoken.start_s, text=spoken.text, heard=heard, words_apart=apart, private=spoken.private)


def _spans(record: RenderRecord) -> Iterator[tuple[int, int]]:
    """Where the sentences lie, in samples, each with what is around it up to the middle of a short rest."""
    at = [(spoken.start_frame / record.rate_hz, spoken.end_frame / record.rate_hz) for spoken in record.speech]
    ends = [(0.0, 0.0), *at, (record.frames / record.rate_hz,) * 2]
    margins = [min(_AROUND_S, max(begin - end, 0.0) / 2) for (_, end), (begin, _) in pairwise(ends)]
    for (begin, end), before, behind in zip(at, margins[:-1], margins[1:], strict=True):
        yield round((begin - before) * SAMPLE_RATE_HZ), round((end + behind) * SAMPLE_RATE_HZ)


def _cut(pieces: Iterable[NDArray[np.float32]], spans: Iterable[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
    """The samples of each span, of a sound that comes in pieces; spans are in order, and don't overlap."""
    coming, held, at = iter(pieces), np.zeros(0, np.float32), 0
    for begin, end in spans:
        while at + len(held) < end:
            passed = min(max(begin - at, 0), len(held))
            held, at = held[passed:], at + passed
            if (piece := next(coming, None)) is None:
                break
            held = np.concatenate((held, piece))
        yield held[max(begin - at, 0) : max(end - at, 0)]


def _transcript(pieces: Iterable[NDArray[np.float32]], recogniser: Recogniser) -> Iterator[HeardText]:
    at = 0
    for samples in _stretches(pieces):
        start_s = at / SAMPLE_RATE_HZ
        for each in recogniser.recognise(samples, ""):
            yield replace(each, start_s=start_s + each.start_s, end_s=start_s + each.end_s)
        at += len(samples)


def _stretches(pieces: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """All of a sound in stretches, cut in the softest block near their ends."""
    most, held = round(_LONGEST_S * SAMPLE_RATE_HZ), np.zeros(0, np.float32)
    for piece in pieces:
        held = np.concatenate((held, piece))
        while len(held) > most:
            cut = _softest(held[:most])
            yield held[:cut]
            held = held[cut:]
    if len(held):
        yield held


def _softest(samples: NDArray[np.float32]) -> int:
    """The middle of the softest block of the last seconds."""
    block, first = round(_BLOCK_S * SAMPLE_RATE_HZ), len(samples) - round(_SEARCHED_S * SAMPLE_RATE_HZ)
    energies = np.square(samples[first:].reshape(-1, block)).sum(1)
    return first + int(energies.argmin()) * block + block // 2
