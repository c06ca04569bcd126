"""An edit changes its own characters, and the data that it is about, whatever the source looks like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.base.errors import RequestError
from breathmark.script.editing.asked import Edit, Insert, Move, Remove, SetText, SetValue
from breathmark.script.editing.edits import Change, applied, changes
from breathmark.script.editing.tree import Tree, tree_of
from tests.profiles import count

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from breathmark.script.editing.tree import Data, KeyPath

FILE = Path("evening.yaml")
SHIPPED = sorted(Path("meditations").rglob("*.yaml"))
SCRIPT = """\
# At the top
title: Evening   # the title
segments:
  - bell: singing-bowl

  # The welcome
  - title: "Welcome, \\"you\\""
    kind: opening
    say: |
      Hello. [pause 3s]

      Rest {{ name }}.
  - say: >
      Folded words
      go on.
  - {silence: 30s, title: Quiet}

  - repeat: 1..3..6
    segments:
      - say: 'It''s one.'
      - title: Two
        say: plain words
"""


def edited(text: str, edit: Edit) -> str:
    """The text after the edit."""
    return applied(text, changes(text, edit, file=FILE, path="evening.yaml"))


def data(text: str) -> Data:
    """What YAML reads in the text."""
    return tree_of(text, FILE, "evening.yaml").data


@pytest.mark.parametrize(
    ("edit", "old", "new"),
    [
        (SetText(path=("segments", 1, "say"), start=0, end=5, text="Good evening"), "Hello.", "Good evening."),
        (SetText(path=("segments", 1, "say"), start=19, end=19, text="Now.\n\n"), "Rest {{", "Now.\n\n      Rest {{"),
        (SetText(path=("segments", 2, "say"), start=7, end=12, text="lines"), "Folded words", "Folded lines"),
        (SetText(path=("segments", 4, "segments", 0, "say"), start=5, end=8, text="isn't"), "one", "isn''t"),
        (SetText(path=("segments", 1, "title"), start=9, end=14, text='"I"'), '\\"you\\"', '\\"I\\"'),
        (SetValue(path=("title",), value="Late: evening"), "Evening  ", "'Late: evening'  "),
        (SetValue(path=("segments", 3, "silence"), value="1m"), "silence: 30s", "silence: 1m"),
        (SetValue(path=("segments", 3, "when"), value="name"), "title: Quiet}", "title: Quiet, when: name}"),
        (SetValue(path=("segments", 0, "title"), value="Bell"), "- bell", "- title: Bell\n    bell"),
        (SetValue(path=("length",), value="5m..10m"), "plain words\n", "plain words\nlength: 5m..10m\n"),
        (SetValue(path=("segments", 1, "voice"), value={"speed": "0.9"}), "say: |", "voice: {speed: 0.9}\n    say: |"),
        (Remove(path=("segments", 1, "kind")), "    kind: opening\n", ""),
        (Remove(path=("segments", 4, "segments", 1, "title")), "title: Two\n        say", "say"),
        (Remove(path=("segments", 3, "title")), ", title: Quiet", ""),
        (Remove(path=("segments", 0)), "  - bell: singing-bowl\n\n", ""),
        (Insert(path=("segments", 5), value={"bell": "chime"}), "plain words\n", "plain words\n  - bell: chime\n"),
    ],
)  # fmt: skip
def test_an_edit_changes_only_its_own_characters(edit: Edit, old: str, new: str) -> None:
    """Comments, order, quoting and blank lines stay as the author left them."""
    assert edited(SCRIPT, edit) == SCRIPT.replace(old, new, 1)


@pytest.mark.parametrize(
    "edit",
    [
        Remove(path=()),
        SetValue(path=(), value="x"),
        SetText(path=(), start=0, end=0, text="x"),
        Insert(path=(), value="x"),
        Move(path=(), to=("segments", 0)),
        Move(path=("segments", 0), to=()),
    ],
)
def test_an_edit_of_nothing_is_refused(edit: Edit) -> None:
    """A path without a step names the whole script."""
    with pytest.raises(RequestError, match="an edit has to name what it changes"):
        changes(SCRIPT, edit, file=FILE, path="evening.yaml")


@pytest.mark.parametrize("text", [SCRIPT.replace("\n", "\r\n"), SCRIPT.replace("\n", "\r")])
def test_a_text_whose_offsets_would_be_others_is_refused(text: str) -> None:
    """The reader counts a line break as one character."""
    with pytest.raises(RequestError, match=r"line breaks other than \\n"):
        changes(text, SetValue(path=("title",), value="Noon"), file=FILE, path="evening.yaml")


def test_offsets_count_a_byte_order_mark() -> None:
    """It is a character of the text, though none of the data."""
    marked = "\ufeff" + SCRIPT
    made = changes(marked, SetValue(path=("title",), value="Noon"), file=FILE, path="evening.yaml")
    assert applied(marked, made) == marked.replace("Evening", "Noon")


def test_a_segment_takes_its_comment_along() -> None:
    """The comment right above a segment moves with it, into a deeper list as well."""
    moved = edited(SCRIPT, Move(path=("segments", 1), to=("segments", 4, "segments", 1)))
    assert '      # The welcome\n      - title: "Welcome' in moved
    kind = Tree(moved, FILE, "evening.yaml").node(("segments", 3, "segments", 1, "kind"))
    assert kind.value == "opening"


def test_what_only_the_source_view_can_change_is_refused() -> None:
    """The file is left alone where its layout is too unusual, and where the edit is older than the text."""
    with pytest.raises(RequestError, match="source view"):
        edited("segments: &s\n  - say: one\nother: *s\n", Remove(path=("segments", 0)))
    with pytest.raises(RequestError, match="not in the script any more"):
        edited(SCRIPT, Remove(path=("segments", 9)))
    with pytest.raises(RequestError, match="into itself"):
        edited(SCRIPT, Move(path=("segments", 4), to=("segments", 4, "segments", 0)))


TEXTS = st.text(st.sampled_from("ab Äé'\"\\:#-[]{}|>%&*!?,.0~\n"), max_size=12)
RANDOM = st.randoms(use_true_random=False)


def places(value: Data, path: KeyPath = ()) -> list[KeyPath]:
    """The path of every value."""
    items: Sequence[tuple[str | int, Data]] = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [path, *(place for key, each in items for place in places(each, (*path, key)))]


def some_edit(text: str, luck: random.Random, words: str) -> Edit:
    """Any edit of the text that a page could ask for."""
    whole = data(text)
    listed = [path for path in places(whole) if path]
    path = luck.choice(listed)
    value = whole
    for step in path:
        value = value[step]  # type: ignore[index]
    if isinstance(value, str) and luck.random() < 0.6:
        start, end = sorted((luck.randint(0, len(value)), luck.randint(0, len(value))))
        return SetText(path=path, start=start, end=end, text=words)
    items = [each for each in listed if isinstance(each[-1], int)]
    kind = luck.choice(["set", "remove", "insert", "move"] if items else ["set", "remove"])
    if kind == "set":
        return SetValue(
            path=luck.choice([path, (*path[:-1], "title") if isinstance(path[-1], str) else path]), value=words
        )
    if kind == "remove":
        return Remove(path=path)
    if kind == "insert":
        return Insert(path=luck.choice(items), value={"title": words, "say": f"{words}\n\nMore."})
    return Move(path=luck.choice(items), to=luck.choice(items))


def back(text: str, made: Sequence[Change]) -> tuple[Change, ...]:
    """What undoes the changes of ``text``, in the text after them."""
    shift, found = 0, []
    for change in made:
        start = change.start + shift
        found.append(Change(start=start, end=start + len(change.text), text=text[change.start : change.end]))
        shift += len(change.text) - (change.end - change.start)
    return tuple(found)


@pytest.mark.timeout(7200)  # 200,000 edits each night, of 2 ms and more
@settings(max_examples=count(quick=20, ci=300, nightly=2_000))
@given(luck=RANDOM, words=TEXTS)
def test_any_edit_of_any_script_does_what_it_says_or_is_refused(luck: random.Random, words: str) -> None:
    """Edits after one another leave a file that is read again, and undone they give back the first bytes."""
    first = text = luck.choice([SCRIPT, luck.choice(SHIPPED).read_text(encoding="utf-8")])
    history: list[tuple[Change, ...]] = []
    for _ in range(count(quick=4, ci=10, nightly=100)):
        try:
            made = changes(text, some_edit(text, luck, words), file=FILE, path="evening.yaml")
        except RequestError:
            continue
        history.append(back(text, made))
        text = applied(text, made)
        data(text)
    for each in reversed(history):
        text = applied(text, each)
    assert text == first


@settings(max_examples=count(quick=20, ci=100, nightly=500))
@given(luck=RANDOM, words=st.text(st.sampled_from("ab Äé'\".,!?\n"), min_size=1, max_size=12))
def test_words_can_be_typed_anywhere(luck: random.Random, words: str) -> None:
    """No spoken text of a shipped script is written in a way that refuses to have words typed into it."""
    text = luck.choice(SHIPPED).read_text(encoding="utf-8")
    says = [path for path in places(data(text)) if path and path[-1] == "say"]
    if says:
        path = luck.choice(says)
        value = Tree(text, FILE, "evening.yaml").node(path).value
        at = luck.randint(0, len(value))
        typed = edited(text, SetText(path=path, start=at, end=at, text=words))
        assert Tree(typed, FILE, "evening.yaml").node(path).value == value[:at] + words + value[at:]
