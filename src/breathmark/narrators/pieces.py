"""A sentence in pieces, where it is longer than a server takes at once."""

from __future__ import annotations

import re
from typing import Final

from breathmark.narrators.pace import is_spoken

__all__ = ["pieces"]

_CLAUSE_END: Final = re.compile(
    "[,;:.!?\u2026\u2013\u2014][\"'\u201d\u2019)]*(?=\\s)|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]"
)
"""Signs that a clause ends with, in quotes or not; those of East Asian scripts have no space after them."""
_SHORTEST_SHARE: Final = 0.4
"""Of the limit: a clause that ends earlier would leave a piece too short to be said naturally."""


def pieces(text: str, limit: int) -> tuple[str, ...]:
    """``text`` in pieces of at most ``limit`` characters: between clauses, else between words, else anywhere.

    What has nothing to say in it is left out.
    """
    rest = " ".join(text.split())
    found: list[str] = []
    while len(rest) > limit:
        cut = _cut(rest[: limit + 1], limit)
        found.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return tuple(piece for piece in (*found, rest) if any(map(is_spoken, piece)))


def _cut(head: str, limit: int) -> int:
    """Where to cut a text that begins with ``head``, which is one character longer than fits."""
    clauses = [match.end() for match in _CLAUSE_END.finditer(head) if match.end() <= limit]
    if clauses and clauses[-1] >= limit * _SHORTEST_SHARE:
        return clauses[-1]
    space = head.rfind(" ", 1)
    return space if space > 0 else limit
