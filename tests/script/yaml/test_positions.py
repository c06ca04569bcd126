from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.script.budget import Budget
from breathmark.script.reader.nodes import MapNode, ScalarNode, compose
from breathmark.script.reader.source import source_of

if TYPE_CHECKING:
    from breathmark.script.terms import Text


def _text(yaml: str, key: str = "say") -> Text:
    node, problems = compose(source_of(yaml, file=Path("/x.yaml"), path="x.yaml"), Budget())
    assert not problems
    assert isinstance(node, MapNode)
    value = node.get(key)
    assert isinstance(value, ScalarNode)
    return value.text


def _assert_places(yaml: str, words: list[str]) -> None:
    """Each word's place in the text is where it stands in the file."""
    text = _text(yaml)
    lines = yaml.split("\n")
    for word in words:
        place = text.place(text.raw.index(word))
        assert lines[place.line - 1][place.column - 1 :].startswith(word), (word, place)


@pytest.mark.parametrize(
    "yaml",
    [
        "say: one two\n  three\n\n  four # not this\n",
        "say: |\n  one two\n    three\n\n  four\n",
        "say: |2+\n    one two\n  three\n  four\n\n\n",
        "say: |-   # a comment\n    one two\n\n    three\n    four",
        "say: >\n  one two\n  three\n\n    four\n",
        "say: >-\n\n\n      one two\n      three\n      four\n# behind\n",
        "say: 'one two\n   three\n\n   four'\n",
        "say: 'it''s one two   three four'\n",
        'say: "one two\n   three\n\n   four"\n',
        'say: "\\u00e9\\x41\\U0001F9D8 one \\"two\\" \\t three four"\n',
        'say: "one \\\n    two\\\n    \\ three\n    \\"four"\n',
        "title: x\nsegments: [1]\nsay: one two three four\n",
        "\ufeffsay: one two three four\n",
        "say: |\r\n  one two\r\n  three\r\n  four\r\n",
    ],
)
def test_each_word_is_found_where_it_was_written(yaml: str) -> None:
    """In every style of YAML's scalars, over folds, escapes, indentation and comments."""
    plain = yaml.removeprefix("\ufeff").replace("\r\n", "\n")
    text = _text(yaml)
    lines = plain.split("\n")
    for word in ("one", "two", "three", "four"):
        place = text.place(text.raw.index(word))
        assert lines[place.line - 1][place.column - 1 :].startswith(word), (word, place)


def test_wide_characters_count_once() -> None:
    """A column counts characters, so an emoji before a marker moves it by one."""
    text = _text('say: "🧘 [pause 5z]"\n')
    place = text.place(text.raw.index("["))
    assert (place.line, place.column) == (1, 9)


def test_an_empty_text_has_a_place() -> None:
    """Offset 0 of nothing is where the value would stand."""
    place = _text('say: ""\n').place()
    assert (place.line, place.column) == (1, 6)


_WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    _WORDS,
    st.sampled_from(["|", ">", "'", '"', ""]),
    st.lists(st.sampled_from([" ", "  ", "\n", "\n\n", "\n\n\n", "\n  "]), min_size=12, max_size=12),
    st.integers(1, 6),
)
def test_words_are_found_in_any_layout(words: list[str], style: str, gaps: list[str], indent: int) -> None:
    """Numbered words keep their places however they are wrapped, folded and indented."""
    tokens = [f"w{index}{word}" for index, word in enumerate(words)]
    body = (
        "".join(token + gap for token, gap in zip(tokens, gaps, strict=False))
        .rstrip()
        .replace("\n", "\n" + " " * indent)
    )
    opening = f"{style}\n{' ' * indent}" if style in ("|", ">") else style
    closing = style if style in ("'", '"') else ""
    _assert_places(f"say: {opening}{body}{closing}\n", tokens)


@settings(deadline=None)
@given(st.text('ab \n\\"tx4', max_size=40))
def test_any_double_quoted_text_has_places_inside_the_file(body: str) -> None:
    """Odd escapes may cost precision, never a crash and never a place outside of the lines."""
    yaml = f'say: "{body}"\n'
    try:
        text = _text(yaml)
    except Exception as exc:  # noqa: BLE001 (what isn't YAML is another test's matter)
        assert type(exc).__name__ in ("ScriptError", "AssertionError")  # noqa: PT017 (see above)
        return
    for offset in range(len(text.raw) + 1):
        place = text.place(offset)
        assert 1 <= place.line <= yaml.count("\n") + 1
        assert place.column >= 1
