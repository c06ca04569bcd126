"""What the benchmarks have spoken: eighty different sentences, and scripts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SENTENCES = tuple(
    f"You might notice {what}, {how}, and let it be as it is."
    for what in ("one breath", "a sound", "your hands", "the floor", "the light", "the air", "your back", "the quiet")
    for how in (
        "near or far", "warm or cool", "for a while", "once more", "in your own time",
        "without hurry", "as a friend would", "from where you are", "while it lasts", "and the next one",
    )
)  # fmt: skip


def script_of(title: str, sentences: Sequence[str]) -> str:
    """A script of segments of eighty sentences between two bells, with a pause behind each sentence."""
    bell = "  - bell: singing-bowl\n"
    parts = (sentences[first : first + len(SENTENCES)] for first in range(0, len(sentences), len(SENTENCES)))
    said = "".join(
        "  - say: |\n" + "".join(f"      {sentence} [pause 2s..6s..20s]\n" for sentence in part) for part in parts
    )
    return f"title: {title}\nsegments:\n{bell}{said}{bell}"
