"""Splitting of one long recording of a sheet into takes."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.bands import ANALYSIS_HZ
from breathmark.audio.ffmpeg import decode
from breathmark.audio.pcm import Format
from breathmark.base.errors import AssetError, DeliveryError, VoiceError
from breathmark.takes.matching import MatchStep, expected_s, match
from breathmark.takes.segments import SpeechSegment, listen
from breathmark.takes.similarity import ModelSimilarity, SelfSimilarity

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples


_RATE_HZ: Final = 48_000
_KEPT_S: Final = 0.25
"""Of the room, at both ends of a take: so that its noise can be measured, and nothing of the speech is lost."""
_LEAST_POSTERIOR: Final = 0.9
_FAR: Final = 3.5
"""Spreads; of sixty sentences that are what they seem to be, about one lies beyond in fifty recordings."""
_PACES: Final = (0.3, 4.0)
"""Times the length that a sentence is expected to have; readers were at 0.9 to 1.4."""
_OTHER_WORDS: Final = -1.0
"""The mean similarity to the sentences: it was 4 to 5 where they were read, and -2.4 to -3.1 where others were
(8 and 20 sentences, two voices)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch of the recording that is a sentence."""

    sentence: int
    """Its place in the sheet, from 0."""
    reading: int
    """1, or more where it was read again."""
    start_s: float
    """Where the speech begins."""
    end_s: float
    from_s: float
    """Where the file is cut: a little of the room is kept."""
    to_s: float
    doubts: tuple[str, ...]
    """Why it may be another one; empty where it is certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A sound that is not a sentence of the sheet."""

    start_s: float
    end_s: float
    before: int
    """The sentence that comes next; the number of sentences behind the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The result of splitting a recording."""

    cuts: tuple[Cut, ...]
    """In the order of time."""
    skipped: tuple[int, ...]
    """The sentences that are not in it."""
    extras: tuple[Extra, ...]


def find_cuts(recording: Path, sentences: Sequence[str], models: Sequence[Samples] = ()) -> Split:
    """Find the ``sentences``, read in this order, in a recording of any format and length.

    ``models`` are the sentences as another voice speaks them, mono at ``ANALYSIS_HZ``. Without them only lengths and
    silences count, and among sentences of about one length it is often uncertain which of them was left out.

    Raises:
        AssetError: it can't be played.
        VoiceError: nobody speaks in it, or something else is said.
    """
    with closing(decode(recording, Format(rate_hz=ANALYSIS_HZ, channels=1))) as pieces:
        activity = listen(pieces)
    if not activity.segments:
        raise VoiceError(f"nobody speaks in {recording}", "look for another file, or record it again")
    expected = [expected_s(sentence) for sentence in sentences]
    model_similarity = ModelSimilarity(activity, models) if models else None
    self_similarity = SelfSimilarity(activity)
    steps = match(activity.segments, expected, self_similarity, model_similarity, self_similarity.begins)
    if not _is_sheet(steps, activity.segments, expected, model_similarity):
        raise VoiceError(
            f"{recording} is not a reading of this script's sheet: other words are spoken in it",
            "choose the recording in which this very script is read, in the order of the sheet",
        )
    return Split(
        cuts=tuple(_cuts(steps, activity.segments, model_similarity)),
        skipped=tuple(step.sentence for step in steps if step.kind == "skipped"),
        extras=tuple(
            Extra(
                start_s=activity.segments[step.first].start_s,
                end_s=activity.segments[step.last - 1].end_s,
                before=step.sentence,
            )
            for step in steps
            if step.kind == "extra"
        ),
    )


def _is_sheet(
    steps: Sequence[MatchStep],
    segments: Sequence[SpeechSegment],
    expected: Sequence[float],
    model_similarity: ModelSimilarity | None,
) -> bool:
    """False where nothing is read, nobody could read that fast or slowly, or the words sound like others.

    The best match of something else has as high a posterior as the best match of the sheet.
    """
    read = [step for step in steps if step.kind == "read"]
    if not read:
        return False
    lengths_s = [segments[step.last - 1].end_s - segments[step.first].start_s for step in read]
    pace = median(length_s / expected[step.sentence] for length_s, step in zip(lengths_s, read, strict=True))
    if not _PACES[0] < pace < _PACES[1]:
        return False
    return (
        model_similarity is None
        or mean(model_similarity(step.first, step.last, step.sentence) for step in read) > _OTHER_WORDS
    )


def _cuts(
    steps: Sequence[MatchStep], segments: Sequence[SpeechSegment], model_similarity: ModelSimilarity | None
) -> Iterator[Cut]:
    reading = 0
    for step in steps:
        if step.kind not in ("read", "again"):
            continue
        reading = reading + 1 if step.kind == "again" else 1
        start_s, end_s = segments[step.first].start_s, segments[step.last - 1].end_s
        before_s = segments[step.first - 1].end_s if step.first else 0.0
        after_s = segments[step.last].start_s if step.last < len(segments) else end_s + 2 * _KEPT_S
        yield Cut(
            sentence=step.sentence,
            reading=reading,
            start_s=start_s,
            end_s=end_s,
            from_s=max(start_s - _KEPT_S, (before_s + start_s) / 2),
            to_s=min(end_s + _KEPT_S, (end_s + after_s) / 2),
            doubts=tuple(_doubts(step, model_similarity)),
        )


def _doubts(step: MatchStep, model_similarity: ModelSimilarity | None) -> Iterator[str]:
    if step.posterior < _LEAST_POSTERIOR:
        yield f"other ways to match it are nearly as good ({step.posterior:.0%} sure)"
    if abs(step.off) > _FAR:
        yield "it is far longer than expected" if step.off > 0 else "it is far shorter than expected"
    if model_similarity and model_similarity.breaks_off(step.first, step.last, step.sentence):
        yield "it seems to break off before the end of the sentence"


def cut_out(recording: Path, cuts: Sequence[tuple[Cut, Path]]) -> None:
    """Write each cut into its file, as WAV of 24 bit, reading the recording once from its beginning.

    Raises:
        AssetError: the recording can't be played.
        DeliveryError: a file can't be written.
    """
    waiting = sorted(cuts, key=lambda one: one[0].from_s)
    with closing(decode(recording, Format(rate_hz=_RATE_HZ, channels=1))) as pieces:
        reader = _ForwardReader(pieces)
        for cut, path in waiting:
            _write(path, reader.take(round(cut.from_s * _RATE_HZ), round(cut.to_s * _RATE_HZ)))


class _ForwardReader:
    """A recording that is read forward; only what may still be needed is held."""

    def __init__(self, pieces: Iterator[Samples]) -> None:
        self._pieces = pieces
        self._held = np.zeros(0, np.float32)
        self._start = 0

    def take(self, first: int, last: int) -> Samples:
        """The frames from ``first`` up to ``last``; each call begins no earlier than the one before."""
        while self._start + len(self._held) < last:
            piece = next(self._pieces, None)
            if piece is None:
                break
            kept = self._held[max(0, first - self._start) :]
            self._start += len(self._held) - len(kept)
            self._held = np.concatenate([kept, piece.reshape(-1)])
        found = self._held[first - self._start : last - self._start]
        if not len(found):
            raise AssetError("the recording ends early", "choose another sound file")
        return found


def _write(path: Path, samples: Samples) -> None:
    whole = np.rint(np.clip(samples, -1, 1) * (2**23 - 1)).astype("<i4")
    data = whole.view("u1").reshape(-1, 4)[:, :3].tobytes()
    try:
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 3, _RATE_HZ, 0, "NONE", "not compressed"))
            file.writeframes(data)
    except OSError as exc:
        raise DeliveryError(f"{path} can't be written: {exc.strerror or exc}", "write elsewhere with -o") from exc
