"""Rests as glue, after TeX: how a length is shared out among them, and which of them count at one join.

The idea, and the orders of stretch, are those of D. E. Knuth, The TeXbook (1986), chapter 12. Here glue has hard
bounds at both ends, so one closed form serves for stretching and for shrinking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.arrange.extent import EXPLICIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breathmark.arrange.outline import Glue

__all__ = ["share_out", "surviving"]


def surviving(rests: Sequence[Glue], *, inside: bool) -> Sequence[int]:
    """Which of the rests at one join count, as positions among them.

    Explicit ones all do, and replace every implied one. Of implied ones the highest level does, of equals the
    largest, of equals the first; but only ``inside`` the session, between two cues.
    """
    explicit = [i for i, glue in enumerate(rests) if glue.rank == EXPLICIT]
    if explicit or not inside or not rests:
        return explicit
    return (max(range(len(rests)), key=lambda i: rests[i].weight),)


def share_out(rests: Sequence[Glue], total: int) -> list[int]:
    """The length of each rest, so that they sum to ``total``, which lies between their bounds.

    All stand at their ideal first. What is too much or too little goes to the rests of order 1, and only when
    these are at their bound to the others. Inside an order each takes the same share of its own room, rounded
    down; the frames left over go to the largest remainders, of equals to the first.
    """
    lengths = [glue.ideal for glue in rests]
    missing = total - sum(lengths)
    sign = 1 if missing > 0 else -1
    missing = abs(missing)
    for order in (1, 0):
        if not missing:
            break
        rooms = [_room(glue, sign) if glue.order == order else 0 for glue in rests]
        given = min(missing, sum(rooms))
        lengths = [length + sign * part for length, part in zip(lengths, _shares(rooms, given), strict=True)]
        missing -= given
    return lengths


def _room(glue: Glue, sign: int) -> int:
    return glue.longest - glue.ideal if sign > 0 else glue.ideal - glue.shortest


def _shares(rooms: Sequence[int], given: int) -> list[int]:
    """``given`` in proportion to ``rooms``, in whole frames, by the largest remainder (Hamilton's method)."""
    whole = sum(rooms)
    if not given:
        return [0] * len(rooms)
    shares = [room * given // whole for room in rooms]
    left_over = given - sum(shares)
    if left_over:
        first = sorted(range(len(rooms)), key=lambda i: -(rooms[i] * given % whole))
        for i in first[:left_over]:
            shares[i] += 1
    return shares
