"""The pace of speech: the common scale of ``speed``, and the reference passage that every voice is measured on."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.script.limits import UNSPACED

if TYPE_CHECKING:
    from breathmark.model import Utterance


WORDS_A_MINUTE = 140
"""Inside a sentence, at speed 1.0. Between 115 and 145 the measured voices lose nothing (DistillMOS), and a session
keeps a calm pace of 90 to 130 by its rests."""

SPEED_MIN, SPEED_MAX = 0.5, 2.0
"""The speeds that every narrator was measured at."""

PASSAGE = (
    "Let your weight settle into whatever is holding you.",
    "Notice the air as it comes in, a little cool, and as it goes out again, a little warmer.",
    "There is nothing to fix in this moment, and nowhere else that you have to be.",
    "If a thought drifts by, you can greet it, and let it travel on.",
    "Perhaps your jaw softens, your shoulders drop, and your hands grow quiet.",
    "Some days the mind is as busy as a street in the rain.",
    "That is all right.",
    "Choose one kind word, and give it to yourself, as you would to an old friend.",
)
"""The reference: 103 words of the kind that meditations are made of, with long and short sentences, inner commas,
and nearly all sounds of English."""

LEVEL_PASSAGE = " ".join(PASSAGE[3:6])
"""The part that a voice's level is measured on: about 15 s, long enough for the gate, short enough to cost little."""

TRIAL = PASSAGE[7]
"""The sentence by which the pace of an unmeasured voice is determined when it is loaded: one sentence of eight, because
Piper's joe says it within 1 % of the passage's pace at both scales, and Hibari's heart within 5 %."""
_TRIAL_SCALES = (1.0, 2.0)

_SHORTEST_S = 0.3
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceCurve:
    """How an engine's own scale, which lengthens speech as it grows, makes a voice's pace."""

    scales: tuple[float, ...]
    """Rising."""
    words_a_minute: tuple[float, ...]
    """On the reference passage, trimmed, at each scale."""
    least: float
    """The smallest scale that the engine may be given."""

    def scale(self, speed: float) -> float:
        """The scale for ``speed``: the length of speech is nearly linear in it, also beyond both ends."""
        lengths = [1 / pace for pace in self.words_a_minute]
        wanted = 1 / (WORDS_A_MINUTE * speed)
        place = min(max(bisect(lengths, wanted), 1), len(lengths) - 1)
        share = (wanted - lengths[place - 1]) / (lengths[place] - lengths[place - 1])
        scale = self.scales[place - 1] + share * (self.scales[place] - self.scales[place - 1])
        return round(max(scale, self.least), 4)


def measure_pace(length_s: Callable[[float], float], *, otherwise: PaceCurve) -> PaceCurve:
    """A voice's curve from the length of ``TRIAL`` at two scales; ``otherwise`` where the scale changes no length."""
    first, second = map(length_s, _TRIAL_SCALES)
    if first >= second:
        return otherwise
    words = 60 * count_words(TRIAL)
    return PaceCurve(scales=_TRIAL_SCALES, words_a_minute=(words / first, words / second), least=otherwise.least)


def count_words(text: str) -> int:
    """The words of ``text``; in scripts without spaces, two characters count as one."""
    unspaced = len(_UNSPACED.findall(text))
    tokens = _UNSPACED.sub(" ", text).split()
    return sum(any(map(is_spoken, token)) for token in tokens) + (unspaced + 1) // 2


def is_spoken(character: str) -> bool:
    """Whether a character is said rather than only shaping the sentence: letters, digits, symbols, emoji."""
    return unicodedata.category(character)[0] in "LNS"


def speech_s(text: str, speed: float) -> float:
    """About how long ``text`` takes (s), from its words at ``WORDS_A_MINUTE`` times ``speed``."""
    return max(_SHORTEST_S, count_words(text) * 60 / (WORDS_A_MINUTE * speed))


def estimate(utterances: Iterable[Utterance]) -> dict[Utterance, float]:
    """About how long each utterance takes (s), without speaking any."""
    return {utterance: speech_s(utterance.text, utterance.speed) for utterance in utterances}
