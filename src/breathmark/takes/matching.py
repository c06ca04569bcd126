"""Alignment of a long recording with the sentences of a sheet that was read in order.

The recording is a row of speech segments. Every path through them is scored: one segment or several in a row are a
sentence, or the previous sentence once more, or neither (a cough, a false start); a sentence may be missing. The score
of a sentence is how well its length fits the expected one at the reader's pace, and whether the silences lie where they
should. The best path is found by dynamic programming (Viterbi); the posterior probability of each of its steps comes
from all paths together, by the forward-backward algorithm of hidden Markov models (Rabiner 1989, 10.1109/5.18626).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from breathmark.takes.segments import SpeechSegment


Kind: TypeAlias = Literal["read", "again", "skipped", "extra"]

_MOST_SEGMENTS: Final = 8
"""In one sentence: seven audible inner pauses."""
_SKIPPED: Final = 6.0
_AGAIN: Final = 6.0
_FALSE_START: Final = 5.0
"""About as seldom as a second reading, which mostly comes after it."""
_EXTRA: Final = 2.0
_EXTRA_A_SECOND: Final = 4.0
"""The longer a sound is, the less is it a cough."""
_BEGUN: Final = 0.95
"""Of a sentence's expected length: what is broken off is shorter."""
_SPREAD: Final = (0.10, 0.25)
"""How far lengths scatter about the expected ones (natural logarithm): bounds, since few sentences prove little."""
_ROUNDING_S: Final = 0.15
"""The additional scatter of short sentences."""
_GAP_SPREAD: Final = 0.25
_GAP_BOUNDS_S: Final = (0.35, 2.0)
_MOST_INNER: Final = 0.4
"""Of the median rest between sentences."""
_MOST_GAP: Final = 7.0
_ROUNDS: Final = 3
_BAND: Final = 40
"""How many segments the reader may be ahead or behind of where the text's length would have them."""
_STRAY: Final = 5.0
_WORD_FROM_S: Final = 0.2
_NEAR: Final = 4
_FAR: Final = 4.0
_NOT_COMPARED: Final = 4.0
"""The cost of a match whose similarity is not computed, because it lies too far away or its length is too far off."""
_PAUSE_S: Final = 0.35
_LETTER_S: Final = 0.062
_WORD_S: Final = 0.09


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStep:
    """One step of the alignment."""

    kind: Kind
    """``again`` is one more reading of the sentence before; ``extra`` is not a sentence: a cough, or a false start,
    which was broken off and then read from its beginning."""
    sentence: int
    """Its place in the sheet, from 0; for ``extra`` that of the sentence that comes next."""
    first: int
    """The first segment, and for ``skipped`` the one before which the sentence should be."""
    last: int
    """The one after its last."""
    posterior: float
    """From 0 to 1: the posterior probability of this step, which is the share of the paths with it, by likelihood."""
    off: float = 0.0
    """How many spreads its length lies from the expected one."""


_Edge: TypeAlias = "tuple[Kind, int, int, float]"
"""Kind, segments taken, sentences taken, cost (a negative log-likelihood)."""


def expected_s(text: str) -> float:
    """About how long a calm reader takes, to a common factor: mostly by letters, less by words; commas add a little."""
    letters = sum(4 if character.isdigit() else 1 for character in text if character.isalnum())
    pauses = sum(text.rstrip(" .!?…\"'”’").count(sign) for sign in ",;:–—") * 0.2  # noqa: RUF001 - signs of texts
    return max(0.2, letters * _LETTER_S + len(text.split()) * _WORD_S + pauses)


def match(
    segments: Sequence[SpeechSegment],
    expected: Sequence[float],
    self_similarity: Callable[[int, int, int], float],
    model_similarity: Callable[[int, int, int], float] | None = None,
    begins: Callable[[int, int], float] | None = None,
) -> tuple[MatchStep, ...]:
    """Match ``segments`` to sentences whose lengths at a common pace are ``expected`` (s).

    ``self_similarity(before, first, last)`` is how similar the segments from ``first`` up to ``last`` are to those from
    ``before`` up to ``first``: a log-likelihood ratio, over 0 where they are the same words.
    ``model_similarity(first, last, sentence)`` is the same for a stretch and a sentence as another voice speaks it. It
    is computed only near the path that the lengths alone give; without it, sentences of one length can't be
    distinguished.
    ``begins(first, last)`` is how similar a stretch is to the beginning of what follows it: that of a false start.
    """
    if not segments or not expected:
        return tuple(_skipped(range(len(expected))))
    pace, spread = sum(segment.duration_s for segment in segments) / sum(expected), _SPREAD[1]
    steps: tuple[MatchStep, ...] = ()
    for round_ in range(_ROUNDS):
        nearby = _Nearby(steps, model_similarity) if model_similarity and round_ == _ROUNDS - 1 else None
        lattice = _Lattice(
            segments, [each * pace for each in expected], spread, _Similarities(self_similarity, nearby, begins)
        )
        steps = lattice.best()
        ratios = [
            math.log(lattice.length_s(step.first, step.last) / expected[step.sentence])
            for step in steps
            if step.kind == "read"
        ]
        if not ratios:
            break
        middle = median(ratios)
        pace = math.exp(middle)
        deviation = 1.4826 * median([abs(ratio - middle) for ratio in ratios])
        spread = min(max(deviation, _SPREAD[0]), _SPREAD[1])
    return steps


def _skipped(sentences: Sequence[int]) -> Iterator[MatchStep]:
    return (MatchStep(kind="skipped", sentence=each, first=0, last=0, posterior=1.0) for each in sentences)


class _Nearby:
    """The similarity of a stretch to a sentence, computed only near a path that is known to be about right."""

    def __init__(self, steps: Sequence[MatchStep], model_similarity: Callable[[int, int, int], float]) -> None:
        self._at = {segment: step.sentence for step in steps for segment in range(step.first, step.last)}
        self._model_similarity = model_similarity

    def __call__(self, first: int, last: int, sentence: int) -> float:
        near = abs(self._at.get(first, sentence) - sentence) <= _NEAR
        return self._model_similarity(first, last, sentence) if near else -_NOT_COMPARED


class _Similarities(NamedTuple):
    """The similarity functions; see ``match``."""

    self_similarity: Callable[[int, int, int], float]
    model_similarity: Callable[[int, int, int], float] | None
    begins: Callable[[int, int], float] | None


class _Lattice:
    """All paths through a recording, at one pace."""

    def __init__(
        self,
        segments: Sequence[SpeechSegment],
        expected: Sequence[float],
        spread: float,
        similarities: _Similarities,
    ) -> None:
        self._segments = segments
        self._expected = expected
        self._spread = spread
        self._similarities = similarities
        self._gaps = [after.start_s - before.end_s for before, after in pairwise(segments)]
        self._typical_s = _between_kinds(self._gaps, len(expected) - 1)
        self._at = self._places()

    def length_s(self, first: int, last: int) -> float:
        """From the start of segment ``first`` to the end of the one before ``last``."""
        return self._segments[last - 1].end_s - self._segments[first].start_s

    def best(self) -> tuple[MatchStep, ...]:
        """The likeliest path, each step with its posterior probability."""
        goal = (len(self._segments), len(self._expected))
        edges = {node: list(self._edges(*node)) for node in self._nodes()}
        costs, total = _backward(edges, goal)
        steps: list[MatchStep] = []
        node = (0, 0)
        reached = {(0, 0): 0.0}
        for one, leaving in edges.items():  # forward: the sum over all paths from the start, in the order of the nodes
            if one in reached:
                for edge in leaving:
                    after = (one[0] + edge[1], one[1] + edge[2])
                    reached[after] = _added(reached.get(after, math.inf), reached[one] + edge[3])
        while node != goal:
            edge = min(edges[node], key=lambda one: one[3] + costs.get((node[0] + one[1], node[1] + one[2]), math.inf))
            after = (node[0] + edge[1], node[1] + edge[2])
            posterior = math.exp(min(0.0, total[0, 0] - reached[node] - edge[3] - total[after]))
            steps.append(self._step(node, edge, posterior))
            node = after
        return tuple(steps)

    def _step(self, node: tuple[int, int], edge: _Edge, posterior: float) -> MatchStep:
        kind, taken, _, _ = edge
        sentence = node[1] - 1 if kind == "again" else node[1]
        off = self._off(node[0], node[0] + taken, sentence) if kind in ("read", "again") else 0.0
        first, last = node[0], node[0] + taken
        return MatchStep(kind=kind, sentence=sentence, first=first, last=last, posterior=posterior, off=off)

    def _places(self) -> list[int]:
        """For each sentence, the segment where the reader should be by the share of the text that is read."""
        whole, spoken = sum(self._expected), [0.0]
        for segment in self._segments:
            spoken.append(spoken[-1] + segment.duration_s)
        places, read, at = [], 0.0, 0
        for length in (*self._expected, 0.0):
            while at < len(self._segments) and spoken[at] / spoken[-1] < read / whole:
                at += 1
            places.append(at)
            read += length
        places[-1] = len(self._segments)
        return places

    def _nodes(self) -> Iterator[tuple[int, int]]:
        """Segments and sentences already passed, in an order in which every edge goes forward."""
        for segments in range(len(self._segments) + 1):
            for sentences in range(len(self._expected) + 1):
                if abs(self._at[sentences] - segments) <= _BAND + len(self._segments) // 10:
                    yield segments, sentences

    def _edges(self, at: int, sentence: int) -> Iterator[_Edge]:
        if sentence < len(self._expected):
            yield "skipped", 0, 1, _SKIPPED
        if at == len(self._segments):
            return
        yield "extra", 1, 0, _EXTRA + _EXTRA_A_SECOND * self._segments[at].duration_s
        inner = 0.0
        for last in range(at + 1, min(at + _MOST_SEGMENTS, len(self._segments)) + 1):
            inner += self._gap_cost(last - 2, outer=False) if last > at + 1 else 0.0
            if inner > 3 * _MOST_GAP:
                return
            silences = inner + self._gap_cost(last - 1, outer=True) + self._stray_cost(at, last)
            if sentence < len(self._expected):
                fit = self._model_fit(at, last, sentence) - self._length_cost(at, last, sentence)
                yield "read", last - at, 1, silences - fit
                if self._may_be_begun(at, last, sentence):
                    yield "extra", last - at, 0, _FALSE_START + silences - self._begins(at, last)
            if sentence and at:
                again = _AGAIN + silences + self._length_cost(at, last, sentence - 1)
                if again < _AGAIN + 2 * _MOST_GAP:
                    alike = max(self._repeats(at, last), self._model_fit(at, last, sentence - 1))
                    yield "again", last - at, 0, again - alike

    def _may_be_begun(self, at: int, last: int, sentence: int) -> bool:
        """Whether a stretch is long enough to hold a word, and too short for the whole sentence."""
        return last < len(self._segments) and _WORD_FROM_S < self.length_s(at, last) < _BEGUN * self._expected[sentence]

    def _begins(self, at: int, last: int) -> float:
        """The similarity of a stretch to the beginning of what follows it."""
        return self._similarities.begins(at, last) if self._similarities.begins else -_MOST_GAP

    def _repeats(self, at: int, last: int) -> float:
        """The similarity of a stretch to what was read just before, however that was split into segments."""
        before = range(max(0, at - 3), at)
        length = self.length_s(at, last)
        near = [first for first in before if 0.6 < self.length_s(first, at) / length < 1.6]
        return max((self._similarities.self_similarity(first, at, last) for first in near), default=-_MOST_GAP)

    def _model_fit(self, at: int, last: int, sentence: int) -> float:
        """The similarity of a stretch to the sentence; 0 where there is nothing to compare it with."""
        if self._similarities.model_similarity is None:
            return 0.0
        return (
            self._similarities.model_similarity(at, last, sentence)
            if abs(self._off(at, last, sentence)) < _FAR
            else -_NOT_COMPARED
        )

    def _off(self, first: int, last: int, sentence: int) -> float:
        expected = self._expected[sentence]
        return math.log(self.length_s(first, last) / expected) / self._scatter(expected)

    def _scatter(self, expected: float) -> float:
        return math.hypot(self._spread, _ROUNDING_S / expected)

    def _length_cost(self, first: int, last: int, sentence: int) -> float:
        """Student's t with four degrees of freedom: a sentence said with much feeling is not impossible."""
        off = self._off(first, last, sentence)
        return 2.5 * math.log1p(off * off / 4) + math.log(self._scatter(self._expected[sentence]) / _SPREAD[0])

    def _stray_cost(self, first: int, last: int) -> float:
        """A cough or a smack of the lips at either end, which is shorter than any word, with silence on both sides."""
        if last - first < 2:
            return 0.0
        ends = ((first, self._gaps[first]), (last - 1, self._gaps[last - 2]))
        return sum(_STRAY for at, gap in ends if self._segments[at].duration_s < _WORD_FROM_S and gap > _PAUSE_S)

    def _gap_cost(self, before: int, *, outer: bool) -> float:
        """The cost of the silence after the segment ``before``, between two sentences or inside one."""
        if not 0 <= before < len(self._gaps):
            return 0.0
        over = math.log(max(self._gaps[before], 0.05) / self._typical_s) / _GAP_SPREAD
        return min(_MOST_GAP, math.log1p(math.exp(-over if outer else over)))


def _backward(
    edges: dict[tuple[int, int], list[_Edge]], goal: tuple[int, int]
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """From each node to the goal: the cost of the best path, and of all paths together."""
    best, total = {goal: 0.0}, {goal: 0.0}
    for node in reversed(edges):
        for _, segments, sentences, cost in edges[node]:
            after = (node[0] + segments, node[1] + sentences)
            if after in best:
                best[node] = min(best.get(node, math.inf), cost + best[after])
                total[node] = _added(total.get(node, math.inf), cost + total[after])
    return best, total


def _added(one: float, other: float) -> float:
    """The cost of two likelihoods together."""
    low, high = min(one, other), max(one, other)
    return low if math.isinf(high) else low - math.log1p(math.exp(low - high))


def _between_kinds(gaps: Sequence[float], sentences: int) -> float:
    """The silence (s) that is as likely inside a sentence as between two: the longest ones lie between sentences."""
    longest = sorted(gaps, reverse=True)
    if not 0 < sentences < len(longest):
        return _PAUSE_S
    middle = math.sqrt(max(longest[sentences - 1], 0.05) * max(longest[sentences], 0.05))
    # A cough between two sentences makes two rests of one, and neither of them lies inside a sentence.
    middle = min(middle, _MOST_INNER * longest[sentences // 2])
    return min(max(middle, _GAP_BOUNDS_S[0]), _GAP_BOUNDS_S[1])
