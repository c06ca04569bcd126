from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.speech.pace import is_spoken
from breathmark.speech.voices.openai import pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Short.", ("Short.",)),
        ("Breathe in, and let it go; slowly.", ("Breathe in,", "and let it go;", "slowly.")),
        ("no comma anywhere in this", ("no comma", "anywhere in", "this")),
        ("Donaudampfschifffahrtsgesellschaft", ("Donaudampfschi", "fffahrtsgesell", "schaft")),
        ("呼吸を感じて、肩の力を抜いて、静かに。", ("呼吸を感じて、", "肩の力を抜いて、静かに。")),
        ("A — — — — — — — — — — — — — — — B", ("A — — — — — —", "— — B")),
        ("…", ()),
    ],
)
def test_a_text_is_cut_where_it_breathes(text: str, found: tuple[str, ...]) -> None:
    """After a clause, else between words, else anywhere; what has nothing to say is left out."""
    assert pieces(text, 14) == found


@given(st.text(max_size=300), st.integers(5, 60))
def test_nothing_is_lost_and_none_is_too_long(text: str, limit: int) -> None:
    """All that is spoken is there, in order."""
    found = pieces(text, limit)
    assert all(0 < len(piece) <= limit for piece in found)
    assert list(filter(is_spoken, "".join(found))) == list(filter(is_spoken, text))
