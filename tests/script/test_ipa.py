"""What a lexicon takes for the sounds of a word."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.script.lexicon import read_ipa


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ˈmɛtə", "ˈmɛtə"),
        ("/ˈmɛtə/", "ˈmɛtə"),
        (" [ˈmɛ.tə] ", "ˈmɛtə"),
        ("t͡ʃiː", "tʃiː"),
        ("'gi:gəl", "ˈɡiːɡəl"),
        ("ʤɔ̃", "dʒɔ̃"),
        ("tɪk  nɑːt hɑːn", "tɪk nɑːt hɑːn"),
        ("ç", "ç"),
    ],
)
def test_what_people_write_is_read(written: str, read: str) -> None:
    """Slashes, dots and tie bars are left out, keyboards' signs and old letters taken for what they stand for."""
    assert read_ipa(written) == read


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("mEtə", "`E` is not a sign"),
        ("m3t@", "`3` is not a sign"),
        ("/mɛ/tə", "`/` is not a sign"),
        ("ˈ ː", "no sound in it"),
    ],
)
def test_what_is_none_is_named(written: str, message: str) -> None:
    """The first sign that the IPA doesn't have, or that there is nothing to say."""
    with pytest.raises(ValueError, match=message):
        read_ipa(written)


@given(st.text(max_size=40))
def test_any_text_is_sounds_or_a_fault(text: str) -> None:
    """What is read is read again as the same."""
    try:
        read = read_ipa(text)
    except ValueError:
        return
    assert read_ipa(read) == read
