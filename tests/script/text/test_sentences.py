"""From text to sentences, and what a value can and can't do to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.script.terms import Text
from breathmark.script.text.sentences import Paragraph, SpokenText, cut
from breathmark.script.text.sentinels import (
    BLANK,
    NOTE,
    PRIVATE_END,
    PRIVATE_START,
    VALUE_END,
    VALUE_START,
    Origin,
    Sentinels,
)


def pieces(text: str, *, language: str = "en") -> list[SpokenText | str]:
    """The sentences of a text, and ¶ for a blank line."""
    sentinels = Sentinels()
    source = Text(raw=text, path="x.yaml", anchors=((0, 1, 1),))
    origin = sentinels.origin(Origin(text=source, offset=0, verbatim=True))
    found = cut(origin + text, sentinels, language=language)
    return [
        piece if isinstance(piece, SpokenText) else "¶" for piece in found if isinstance(piece, SpokenText | Paragraph)
    ]


def spoken(text: str, *, language: str = "en") -> list[str]:
    """Only what is said, and ¶."""
    return [piece.text if isinstance(piece, SpokenText) else piece for piece in pieces(text, language=language)]


def value(text: str) -> str:
    """A value as a template puts it out."""
    return f"{VALUE_START}{text}{VALUE_END}" if text.strip() else BLANK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Let go. Rest.", ["Let go.", "Rest."]),
        ("Let go\nRest here", ["Let go", "Rest here"]),
        ("Let go\nand rest,\nas you like.", ["Let go and rest, as you like."]),
        ("You might say\n“I am here.”\n'Now' is\n\"fine\"", ["You might say", "“I am here.”", "'Now' is", '"fine"']),
        ("Let go.\n\n\n  Rest.", ["Let go.", "¶", "Rest."]),
        ("Let   go\t of\u00a0it.", ["Let go of it."]),
        ("Let go... and rest.", ["Let go... and rest."]),
        ("Dr. Lee says so. It is 3.5 km.", ["Dr. Lee says so.", "It is 3.5 km."]),
        ("Rest now.) “Go.” Then rest.", ["Rest now.)", "“Go.”", "Then rest."]),
        ("Rest.\n—\n***\n🙂\n", ["Rest."]),
        ("Rest 🙂 here.", ["Rest 🙂 here."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Line breaks before a capital or a quotation mark end a sentence, others are wraps; fragments are dropped."""
    assert spoken(text) == expected


def test_other_scripts() -> None:
    """Right-to-left text and full stops of other scripts pass through."""
    assert spoken("خذ نفسا عميقا. كيف حالك؟", language="ar") == ["خذ نفسا عميقا.", "كيف حالك؟"]
    assert spoken("吸气。呼气。", language="zh") == ["吸气。", "呼气。"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Welcome, {BLANK}.", "Welcome."),
        (f"Welcome , {BLANK}.", "Welcome."),
        (f"Hello {BLANK}, and welcome.", "Hello, and welcome."),
        (f"Yes, {BLANK}, yes.", "Yes, yes."),
        (f"{BLANK}, welcome back.", "Welcome back."),
        (f"Dear {BLANK} friend.", "Dear friend."),
        (f"Be well, {BLANK}{BLANK} !", "Be well!"),
        (f"Rest {NOTE}.", "Rest."),
        (f"{NOTE} Rest.", "Rest."),
        ("Reste , ici !", "Reste , ici !"),
    ],
)
def test_what_a_blank_value_leaves_is_mended(text: str, expected: str) -> None:
    """Spaces and marks around a blank value go; what the author wrote elsewhere stays."""
    assert spoken(text) == [expected]


@given(
    st.sampled_from(["Welcome, {}. Now rest.", "Now {} rests.\n{} is here.\nAnd so.", "{}. {}? Yes.", "“{}” (so {})."]),
    st.text(alphabet=st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20).map(
        lambda t: t + "x"
    ),
)
def test_a_value_is_one_word(text: str, name: str) -> None:
    """However many stops, capitals and quotation marks a value holds, there are as many sentences as with `Ana`."""
    with_name = spoken(text.replace("{}", value(name)))
    assert len(with_name) == len(spoken(text.replace("{}", value("Ana"))))
    assert " ".join(name.split()) in " ".join(with_name)


def test_only_the_sentences_that_depend_on_a_secret_are_private() -> None:
    """Others of the same text can be shared; an empty private stretch marks the sentence in which it lies."""
    text = f"Hello. Welcome{PRIVATE_START}, Ana{PRIVATE_END}. Now rest. So{PRIVATE_START}{PRIVATE_END} it is. Bye."
    private = [piece.private for piece in pieces(text) if isinstance(piece, SpokenText)]
    assert private == [False, True, False, True, False]


def test_each_sentence_knows_its_place() -> None:
    """A sentence's place is that of its first letter."""
    places = [piece.place.column for piece in pieces("  Hello.   Now rest.") if isinstance(piece, SpokenText)]
    assert places == [3, 12]


@given(
    st.text(max_size=200).filter(
        lambda text: not any("\ue000" <= letter <= "\uf8ff" or letter >= "\U000f0000" for letter in text)
    )
)
def test_any_text_is_cut_into_sentences_that_are_parts_of_it(text: str) -> None:
    """Nothing is added, nothing but white space and fragments is lost, and the order stays."""
    whole = " ".join(text.split())
    position = 0
    for sentence in spoken(text):
        if sentence != "¶":
            found = whole.find(sentence, position)
            assert found >= position
            assert any(letter.isalnum() for letter in sentence)
            position = found + len(sentence)
