"""Pause markers: every accepted spelling, what is a note, what is a marker gone wrong."""

# ruff: noqa: RUF001 - the letters of the IPA, full-width signs

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.model import Range
from breathmark.script.settings import BUILT_IN_PACING
from breathmark.script.text.markers import MarkerFault, Note, Pause, SaidWord, Strike, read_break, read_marker
from breathmark.script.text.scan import find_markers

ABOUT_5S = Range(min_s=2.5, ideal_s=5.0, max_s=15.0)


@pytest.mark.parametrize(
    "content",
    [
        *("pause 5s", "Pause 5 S", "  PAUSE   5   sec ", "5s", "5 seconds", "pause:5s", "pause: 5s", "pause = 5s"),
        *("pause for 5 seconds", "5 second pause", "5-second pause", "pause - 5s", "pause 5", "pause 5 sec."),
        "pause\n5s",
    ],
)
def test_five_seconds_in_every_spelling(content: str) -> None:
    """However people write about five seconds, it is the same rest of order 0."""
    assert read_marker(content, BUILT_IN_PACING) == Pause(range=ABOUT_5S)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("pause 3s..5s..12s", Range(min_s=3.0, ideal_s=5.0, max_s=12.0)),
        ("pause 5s!", Range(min_s=5.0, ideal_s=5.0, max_s=5.0)),
        ("500ms", Range(min_s=0.5, ideal_s=0.5, max_s=0.5)),
        ("pause 1 minute 30 seconds", Range(min_s=45.0, ideal_s=90.0, max_s=270.0)),
        ("pause 1:30", Range(min_s=45.0, ideal_s=90.0, max_s=270.0)),
    ],
)
def test_ranges_in_markers(content: str, expected: Range) -> None:
    """A marker takes what a range takes."""
    assert read_marker(content, BUILT_IN_PACING) == Pause(range=expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("pause", Pause(name="medium")),
        ("breath", Pause(name="breath")),
        ("Short", Pause(name="short")),
        ("pause paragraph", Pause(name="paragraph")),
        ("long", Pause(name="long", order=1)),
        ("pause long", Pause(name="long", order=1)),
        ("long pause", Pause(name="long", order=1)),
        ("silence", Pause(name="long", order=1)),
        ("silence 1 min", Pause(range=Range(min_s=30.0, ideal_s=60.0, max_s=180.0), order=1)),
        ("silence medium", Pause(name="medium", order=1)),
    ],
)
def test_named_rests(content: str, expected: Pause) -> None:
    """Names are those of the pacing; `long` and `silence` are of order 1."""
    assert read_marker(content, BUILT_IN_PACING) == expected


def test_an_author_s_own_rest_is_a_marker() -> None:
    """A name that a script's pacing adds is known, and a bare pause is `pause` where the pacing has one."""
    assert read_marker("deep rest", {**BUILT_IN_PACING, "deep rest": ABOUT_5S}) == Pause(name="deep rest")
    assert read_marker("pause", {**BUILT_IN_PACING, "pause": ABOUT_5S}) == Pause(name="pause")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("bell", "singing-bowl"),
        ("BELL Tingsha", "tingsha"),
        ("bell: singing bowl", "singing-bowl"),
        ("bell my-bell", "my-bell"),
    ],
)
def test_bells(content: str, name: str) -> None:
    """A bell may be named, with spaces or hyphens."""
    assert read_marker(content, BUILT_IN_PACING) == Strike(name=name)


@pytest.mark.parametrize("content", ["note: whisper this 3 times", "Note : pause here", "note:"])
def test_notes_are_understood(content: str) -> None:
    """Whatever stands behind `note:` is for the reader."""
    assert read_marker(content, BUILT_IN_PACING) == Note(understood=True)


@pytest.mark.parametrize("content", ["whisper", "smiling", "music fades", "", "…", "laughs softly"])
def test_other_words_are_notes_that_were_not_marked(content: str) -> None:
    """Without a number or a word of time, pause, breath or bell it can't be a marker gone wrong."""
    assert read_marker(content, BUILT_IN_PACING) == Note(understood=False)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("puase 3s", "did you mean `[pause 3s]`?"),
        ("puase", "did you mean `[pause]`?"),
        ("pasue for 3 secnds", "did you mean `[pause for 3 seconds]`?"),
        ("lnog", "did you mean `[long]`?"),
        ("bel tingsha", "did you mean `[bell tingsha]`?"),
        ("slience 1 min", "did you mean `[silence 1 min]`?"),
        ("brath", "did you mean `[breath]`?"),
        ("5", "with its unit"),
        ("12:30", "time stamp"),
        ("bell 3", "[bell tingsha]"),
        ("ring the bell", "[note: …]"),
        ("inhale", "[note: …]"),
        ("take 5 breaths", "[note: …]"),
        ("pause 3-5s", "[pause 3s..5s..12s]"),
        ("pause 5 parsecs", "[pause 5s]"),
    ],
)
def test_markers_gone_wrong_get_a_hint(content: str, hint: str) -> None:
    """A number, a word of a marker, or one that is nearly such a word makes it a fault, with what to write instead."""
    with pytest.raises(MarkerFault) as caught:
        read_marker(content, BUILT_IN_PACING)
    assert hint in caught.value.hint


@pytest.mark.parametrize("attributes", [' time="5s"/', " time='5s' /", ' TIME = "5s"', ' time="5000ms"/'])
def test_breaks_of_ssml(attributes: str) -> None:
    """`<break time="5s"/>` is a pause, with either kind of quotation mark."""
    assert read_break(attributes, BUILT_IN_PACING) == Pause(range=ABOUT_5S)


def found(source: str) -> list[object]:
    """What stands in a text, faults by their message."""
    return [
        each.meaning.message if isinstance(each.meaning, MarkerFault) else each.meaning
        for each in find_markers(source, 0, len(source), BUILT_IN_PACING)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("One.\n...\nTwo.", [Pause(name="medium")]),
        ("One.\n  . . .  \nTwo.", [Pause(name="medium")]),
        ("One.\n…\nTwo.", [Pause(name="medium")]),
        ("One.\n...\n...\nTwo.", [Pause(name="long", order=1)]),
        ("One.\n...\n...\n...\nTwo.", [Pause(name="long", order=1), Pause(name="medium")]),
        ("One... and two.\nand ...\nthree", []),
        ("... and so", ["... "]),
    ],
)
def test_lines_of_dots(source: str, expected: list[object]) -> None:
    """A line of only dots is a pause, two are a long one; dots inside a line are text."""
    assert found(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\[as it is\] here", ["[", "]"]),
        (r"\[as it is] here", ["[", "]"]),
        ("[open", ["this bracket isn't closed"]),
        ("close]", ["this bracket closes, but none is open"]),
        ("【a】", ["`【` can't enclose a marker", "`】` can't enclose a marker"]),
        ("[a [5s]", ["this bracket isn't closed", Pause(range=ABOUT_5S)]),
    ],
)
def test_brackets_that_are_no_markers(source: str, expected: list[object]) -> None:
    r"""`\[` is a spoken bracket, and so is the one that closes it; unbalanced ones are faults."""
    assert found(source) == expected


@given(st.text(alphabet="[]\\<>./=\"' \npauseblnotrk0123456789:-s…", max_size=60))
def test_any_text_is_read(source: str) -> None:
    """Whatever stands in a text, everything that is found lies in order, inside it, and covers every bracket."""
    position = 0
    spoken = ""
    for each in find_markers(source, 0, len(source), BUILT_IN_PACING):
        assert position <= each.start < each.end <= len(source)
        spoken += source[position : each.start]
        position = each.end
    assert not {"[", "]"} & set(spoken + source[position:])


@pytest.mark.parametrize(
    "content",
    [
        *("say: mɛtə | Metta", "Say mɛtə|Metta", "SAY - /mɛtə/ | Metta", " say:  mɛ.tə  |\n Metta "),
        *("say = mɛtə | Met\u00adta", "say：mɛtə｜Metta"),
    ],
)
def test_the_sounds_of_a_word_in_every_spelling(content: str) -> None:
    """However it is typed, the word keeps its capital, and its sounds are those of the IPA."""
    assert read_marker(content, BUILT_IN_PACING) == SaidWord(ipa="mɛtə", written="Metta")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("say", "is not a marker"),
        ("say:", "is not a marker"),
        ("say: metta", "is not a marker"),
        ("say: | metta", "lacks its sounds"),
        ("say: mɛtə |", "lacks the word"),
        ("say: m3tə | metta", "`3` is not a sign of the IPA"),
        ("say: mɛtə | met. Ta", "is not a word"),
        ("say: mɛtə | metta | bhavana", "is not a word"),
        ("say: mɛtə | ...", "is not a word"),
        ("sya: mɛtə | metta", "is not a marker"),
        ("mɛtə | metta", "is not a marker"),
    ],
)
def test_a_word_s_sounds_gone_wrong(content: str, message: str) -> None:
    """What lacks a part is a fault with a hint: left out as a note, it would take a word out of its sentence."""
    with pytest.raises(MarkerFault, match=message) as caught:
        read_marker(content, BUILT_IN_PACING)
    assert "[say: mɛtə | metta]" in caught.value.hint


@pytest.mark.parametrize(
    "source", ["(say: mɛtə | metta)", "{say: mɛtə | metta}", "\\[say: mɛtə | metta\\]", "【say: mɛtə | metta】"]
)
def test_a_word_s_sounds_in_other_brackets_are_never_spoken(source: str) -> None:
    """They are a fault that says how to write them."""
    (found,) = find_markers(source, 0, len(source), BUILT_IN_PACING)
    assert isinstance(found.meaning, MarkerFault)
    assert "[say: mɛtə | metta]" in found.meaning.hint


def test_say_in_a_note_is_a_note() -> None:
    """Words for the reader may begin with it."""
    assert read_marker("say it slowly", BUILT_IN_PACING) == Note(understood=False)
    assert read_marker("note: say: a | b", BUILT_IN_PACING) == Note(understood=True)
