"""Which stretch of a long recording is which sentence of a sheet that was read in order.

The recording is a row of islands of sound. Every way to take them is scored: an island or several in a row are a
sentence, or the sentence before once more, or nothing (a cough, a false start); a sentence may be missing. The score of
a sentence is how well its length fits the expected one at the reader's pace, and whether the silences lie where they
should. The best way is found by dynamic programming; all ways together tell how sure each part of it is (the
forward-backward algorithm of hidden Markov models: Rabiner 1989, 10.1109/5.18626).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from breathmark.takes.segments import Island


Kind: TypeAlias = Literal["read", "again", "skipped", "extra"]

_MOST_ISLANDS: Final = 8
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
"""How far lengths scatter about the expected ones (natural logarithm): bounds, since few sentences tell little."""
_ROUNDING_S: Final = 0.15
"""What the scatter of a short sentence has more."""
_GAP_SPREAD: Final = 0.25
_GAP_BOUNDS_S: Final = (0.35, 2.0)
_MOST_INNER: Final = 0.4
"""Of the median rest between sentences."""
_MOST_GAP: Final = 7.0
_ROUNDS: Final = 3
_BAND: Final = 40
"""How many islands the reader may be ahead or behind of where the text's length would have them."""
_STRAY: Final = 5.0
_WORD_FROM_S: Final = 0.2
_NEAR: Final = 4
_FAR: Final = 4.0
_UNHEARD: Final = 4.0
"""What a match costs that lies too far away, or is too long, to be listened to."""
_PAUSE_S: Final = 0.35
_LETTER_S: Final = 0.062
_WORD_S: Final = 0.09


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One decision about a recording."""

    kind: Kind
    """``again`` is one more reading of the sentence before; ``extra`` is not a sentence: a cough, or a false start,
    which was broken off and then read from its beginning."""
    sentence: int
    """Its place in the sheet, from 0; for ``extra`` that of the sentence that comes next."""
    first: int
    """The first island, and for ``skipped`` the one before which the sentence should be."""
    last: int
    """The one behind its last."""
    sureness: float
    """From 0 to 1: the share that ways with this very step have of all ways, by their likelihood."""
    off: float = 0.0
    """How many spreads its length lies from the expected one."""


_Edge: TypeAlias = "tuple[Kind, int, int, float]"
"""Kind, islands taken, sentences taken, cost (a negative log-likelihood)."""


def expected_s(text: str) -> float:
    """About how long a calm reader takes, to a common factor: letters tell more than words; commas cost a little."""
    letters = sum(4 if character.isdigit() else 1 for character in text if character.isalnum())
    pauses = sum(text.rstrip(" .!?…\"'”’").count(sign) for sign in ",;:–—") * 0.2  # noqa: RUF001 - signs of texts
    return max(0.2, letters * _LETTER_S + len(text.split()) * _WORD_S + pauses)


def match(
    islands: Sequence[Island],
    expected: Sequence[float],
    likeness: Callable[[int, int, int], float],
    resemblance: Callable[[int, int, int], float] | None = None,
    begins: Callable[[int, int], float] | None = None,
) -> tuple[Step, ...]:
    """Match ``islands`` to sentences whose lengths at a common pace are ``expected`` (s).

    ``likeness(before, first, last)`` tells how much the islands from ``first`` up to ``last`` sound like those from
    ``before`` up to ``first``: the logarithm of a ratio of likelihoods, over 0 where they are the same words.
    ``resemblance(first, last, sentence)`` tells the same of a stretch and a sentence as another voice speaks it. It is
    asked only near the way that the lengths alone tell; without it, sentences of one length can't be told apart.
    ``begins(first, last)`` tells how much a stretch is like the beginning of what follows it: of a false start.
    """
    if not islands or not expected:
        return tuple(_skipped(range(len(expected))))
    pace, spread = sum(island.duration_s for island in islands) / sum(expected), _SPREAD[1]
    steps: tuple[Step, ...] = ()
    for round_ in range(_ROUNDS):
        heard = _Nearby(steps, resemblance) if resemblance and round_ == _ROUNDS - 1 else None
        lattice = _Lattice(islands, [each * pace for each in expected], spread, _Ears(likeness, heard, begins))
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


def _skipped(sentences: Sequence[int]) -> Iterator[Step]:
    return (Step(kind="skipped", sentence=each, first=0, last=0, sureness=1.0) for each in sentences)


class _Nearby:
    """How much a stretch resembles a sentence, asked only near a way that is known to be about right."""

    def __init__(self, steps: Sequence[Step], resemblance: Callable[[int, int, int], float]) -> None:
        self._at = {island: step.sentence for step in steps for island in range(step.first, step.last)}
        self._resemblance = resemblance

    def __call__(self, first: int, last: int, sentence: int) -> float:
        near = abs(self._at.get(first, sentence) - sentence) <= _NEAR
        return self._resemblance(first, last, sentence) if near else -_UNHEARD


class _Ears(NamedTuple):
    """What is known of the sound beside lengths and silences; see ``match``."""

    likeness: Callable[[int, int, int], float]
    resemblance: Callable[[int, int, int], float] | None
    begins: Callable[[int, int], float] | None


class _Lattice:
    """All ways through a recording, at one pace."""

    def __init__(
        self,
        islands: Sequence[Island],
        expected: Sequence[float],
        spread: float,
        ears: _Ears,
    ) -> None:
        self._islands = islands
        self._expected = expected
        self._spread = spread
        self._ears = ears
        self._gaps = [after.start_s - before.end_s for before, after in pairwise(islands)]
        self._typical_s = _between_kinds(self._gaps, len(expected) - 1)
        self._at = self._places()

    def length_s(self, first: int, last: int) -> float:
        """From the start of island ``first`` to the end of the one before ``last``."""
        return self._islands[last - 1].end_s - self._islands[first].start_s

    def best(self) -> tuple[Step, ...]:
        """The likeliest way, each step with its sureness."""
        goal = (len(self._islands), len(self._expected))
        edges = {node: list(self._edges(*node)) for node in self._nodes()}
        costs, total = _backward(edges, goal)
        steps: list[Step] = []
        node = (0, 0)
        reached = {(0, 0): 0.0}
        for one, leaving in edges.items():  # forward: the sum over all ways from the start, in the order of the nodes
            if one in reached:
                for edge in leaving:
                    after = (one[0] + edge[1], one[1] + edge[2])
                    reached[after] = _added(reached.get(after, math.inf), reached[one] + edge[3])
        while node != goal:
            edge = min(edges[node], key=lambda one: one[3] + costs.get((node[0] + one[1], node[1] + one[2]), math.inf))
            after = (node[0] + edge[1], node[1] + edge[2])
            sureness = math.exp(min(0.0, total[0, 0] - reached[node] - edge[3] - total[after]))
            steps.append(self._step(node, edge, sureness))
            node = after
        return tuple(steps)

    def _step(self, node: tuple[int, int], edge: _Edge, sureness: float) -> Step:
        kind, taken, _, _ = edge
        sentence = node[1] - 1 if kind == "again" else node[1]
        off = self._off(node[0], node[0] + taken, sentence) if kind in ("read", "again") else 0.0
        first, last = node[0], node[0] + taken
        return Step(kind=kind, sentence=sentence, first=first, last=last, sureness=sureness, off=off)

    def _places(self) -> list[int]:
        """For each sentence, the island where the reader should be by the share of the text that is read."""
        whole, heard = sum(self._expected), [0.0]
        for island in self._islands:
            heard.append(heard[-1] + island.duration_s)
        places, read, at = [], 0.0, 0
        for length in (*self._expected, 0.0):
            while at < len(self._islands) and heard[at] / heard[-1] < read / whole:
                at += 1
            places.append(at)
            read += length
        places[-1] = len(self._islands)
        return places

    def _nodes(self) -> Iterator[tuple[int, int]]:
        """Islands and sentences that are behind, in an order in which every edge goes forward."""
        for islands in range(len(self._islands) + 1):
            for sentences in range(len(self._expected) + 1):
                if abs(self._at[sentences] - islands) <= _BAND + len(self._islands) // 10:
                    yield islands, sentences

    def _edges(self, at: int, sentence: int) -> Iterator[_Edge]:
        if sentence < len(self._expected):
            yield "skipped", 0, 1, _SKIPPED
        if at == len(self._islands):
            return
        yield "extra", 1, 0, _EXTRA + _EXTRA_A_SECOND * self._islands[at].duration_s
        inner = 0.0
        for last in range(at + 1, min(at + _MOST_ISLANDS, len(self._islands)) + 1):
            inner += self._gap_cost(last - 2, outer=False) if last > at + 1 else 0.0
            if inner > 3 * _MOST_GAP:
                return
            silences = inner + self._gap_cost(last - 1, outer=True) + self._stray_cost(at, last)
            if sentence < len(self._expected):
                fit = self._heard(at, last, sentence) - self._length_cost(at, last, sentence)
                yield "read", last - at, 1, silences - fit
                if self._may_be_begun(at, last, sentence):
                    yield "extra", last - at, 0, _FALSE_START + silences - self._begins(at, last)
            if sentence and at:
                again = _AGAIN + silences + self._length_cost(at, last, sentence - 1)
                if again < _AGAIN + 2 * _MOST_GAP:
                    alike = max(self._alike(at, last), self._heard(at, last, sentence - 1))
                    yield "again", last - at, 0, again - alike

    def _may_be_begun(self, at: int, last: int, sentence: int) -> bool:
        """Whether a stretch is long enough to hold a word, and too short for the whole sentence."""
        return last < len(self._islands) and _WORD_FROM_S < self.length_s(at, last) < _BEGUN * self._expected[sentence]

    def _begins(self, at: int, last: int) -> float:
        """How much a stretch is like the beginning of what follows it."""
        return self._ears.begins(at, last) if self._ears.begins else -_MOST_GAP

    def _alike(self, at: int, last: int) -> float:
        """How much a stretch sounds like what was read just before, whatever islands that fell into."""
        before = range(max(0, at - 3), at)
        length = self.length_s(at, last)
        near = [first for first in before if 0.6 < self.length_s(first, at) / length < 1.6]
        return max((self._ears.likeness(first, at, last) for first in near), default=-_MOST_GAP)

    def _heard(self, at: int, last: int, sentence: int) -> float:
        """How much a stretch resembles the sentence, 0 where that can't be told."""
        if self._ears.resemblance is None:
            return 0.0
        return self._ears.resemblance(at, last, sentence) if abs(self._off(at, last, sentence)) < _FAR else -_UNHEARD

    def _off(self, first: int, last: int, sentence: int) -> float:
        expected = self._expected[sentence]
        return math.log(self.length_s(first, last) / expected) / self._scatter(expected)

    def _scatter(self, expected: float) -> float:
        return math.hypot(self._spread, _ROUNDING_S / expected)

    def _length_cost(self, first: int, last: int, sentence: int) -> float:
        """Student's t with four degrees of freedom: a sentence said with much feeling is no impossibility."""
        off = self._off(first, last, sentence)
        return 2.5 * math.log1p(off * off / 4) + math.log(self._scatter(self._expected[sentence]) / _SPREAD[0])

    def _stray_cost(self, first: int, last: int) -> float:
        """A cough or a smack of the lips at either end, which is shorter than any word and stands apart."""
        if last - first < 2:
            return 0.0
        ends = ((first, self._gaps[first]), (last - 1, self._gaps[last - 2]))
        return sum(_STRAY for at, gap in ends if self._islands[at].duration_s < _WORD_FROM_S and gap > _PAUSE_S)

    def _gap_cost(self, before: int, *, outer: bool) -> float:
        """The silence behind the island ``before``: how unlikely it is between two sentences, or inside one."""
        if not 0 <= before < len(self._gaps):
            return 0.0
        over = math.log(max(self._gaps[before], 0.05) / self._typical_s) / _GAP_SPREAD
        return min(_MOST_GAP, math.log1p(math.exp(-over if outer else over)))


def _backward(
    edges: dict[tuple[int, int], list[_Edge]], goal: tuple[int, int]
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """From each node to the goal: the cost of the best way, and of all ways together."""
    best, total = {goal: 0.0}, {goal: 0.0}
    for node in reversed(edges):
        for _, islands, sentences, cost in edges[node]:
            after = (node[0] + islands, node[1] + sentences)
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
