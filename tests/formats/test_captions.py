"""Captions and transcript, read back by webvtt-py."""

from __future__ import annotations

import html
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from breathmark.api.options import Options
from breathmark.api.render import plan
from breathmark.model import WordTime
from breathmark.timeline.captions import LINE_CHARACTERS
from breathmark.timeline.captions import webvtt as captions
from breathmark.timeline.transcript import paragraph_places, transcript

from .material import RATE_HZ, SESSION, laid_out, said, span

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.model import SpeechPlacement

LONG = (
    "If the mind wanders, and it will, because that is what minds do, you might notice where it went,"
    " smile a little if that feels right, and come back to the next breath in and the next breath out."
)


def cues_of(*speech: SpeechPlacement) -> list[tuple[float, float, list[str]]]:
    """The captions of these sentences, as webvtt-py reads them: start and end in seconds, lines."""
    text = captions(laid_out(600 * RATE_HZ, speech=speech))
    cues = webvtt.from_buffer(StringIO(text)).captions
    return [(cue.start_in_seconds, cue.end_in_seconds, [html.unescape(line) for line in cue.lines]) for cue in cues]


def test_each_sentence_stands_at_its_time() -> None:
    """To the millisecond, one cue for each."""
    text = captions(SESSION)
    assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nWelcome, Ana.\n\n")
    cues = webvtt.from_buffer(StringIO(text)).captions
    assert [(cue.start, cue.end) for cue in cues] == [
        ("00:00:01.000", "00:00:03.000"),
        ("00:00:04.000", "00:00:06.500"),
        ("00:00:11.000", "00:00:13.000"),
    ]


def test_hours_are_counted() -> None:
    """A session can be longer than one."""
    assert "01:00:01.500 --> 01:00:02.000" in captions(laid_out(9 * 10**8, speech=(said(3601.5, 3602, "Yes."),)))


def test_text_is_escaped() -> None:
    """An arrow or a tag in a sentence is no arrow and no tag of WebVTT."""
    text = captions(laid_out(RATE_HZ * 9, speech=(said(1, 2, "a --> b & <i>c</i>"),)))
    assert "a --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;" in text
    assert cues_of(said(1, 2, "a --> b & <i>c</i>")) == [(1, 2, ["a --> b & <i>c</i>"])]


def test_a_middling_sentence_has_two_even_lines() -> None:
    """Not one full line and a single word."""
    [(_, _, lines)] = cues_of(said(1, 4, "You might let your eyes rest, or keep them half open now."))
    assert lines == ["You might let your eyes rest,", "or keep them half open now."]


def test_a_long_sentence_is_shared_out_over_cues() -> None:
    """Each of at most two lines of 42 characters; they follow each other over the sentence's own time."""
    cues = cues_of(said(10, 22, LONG))
    assert len(cues) == 3
    assert all(len(lines) <= 2 and max(map(len, lines)) <= LINE_CHARACTERS for _, _, lines in cues)
    assert " ".join(line for _, _, lines in cues for line in lines) == LONG
    assert (cues[0][0], cues[-1][1]) == (10, 22)
    assert [start for start, _, _ in cues[1:]] == [end for _, end, _ in cues[:-1]]


def test_what_can_not_be_cut_is_left_whole() -> None:
    """A line without a space stays one line, and a sentence without a caption has no cue."""
    assert [lines for _, _, lines in cues_of(said(1, 9, "茶" * 90), said(10, 11, " "))] == [["茶" * 90]]


@given(st.lists(st.text(min_size=1, max_size=200), max_size=5))
def test_any_text_is_read_back_as_the_same_words(sentences: list[str]) -> None:
    """Whatever the characters, no cue is lost, made or torn, and times run on."""
    words = [sentence.split() for sentence in sentences]
    if any("\x00" in word or "\ufeff" in word for line in words for word in line):
        return  # refused long before
    speech = [said(10 * n + 1, 10 * n + 5, sentence) for n, sentence in enumerate(sentences)]
    cues = captions(laid_out(600 * RATE_HZ, speech=tuple(speech))).rstrip("\n").split("\n\n")[1:]
    shown = [html.unescape(line).split(" ") for cue in cues for line in cue.split("\n")[1:]]
    assert [word for line in shown for word in line] == [word for line in words for word in line]
    assert cues == sorted(cues)


def timed(*words: tuple[str, float]) -> tuple[WordTime, ...]:
    """Words with the seconds at which they begin."""
    return tuple(WordTime(word=word, start_s=start_s, end_s=start_s + 0.1) for word, start_s in words)


def cue_texts(spoken: SpeechPlacement, words: tuple[WordTime, ...]) -> list[str]:
    """The cues of one sentence as they stand in the file, each in one line."""
    text = captions(laid_out(600 * RATE_HZ, speech=(spoken,)), {spoken.utterance: words})
    return [" ".join(cue.splitlines()) for cue in text.rstrip("\n").split("\n\n")[1:]]


def test_words_have_time_stamps_of_their_own() -> None:
    """Each at its own time in the session; the first begins with its cue, and what readers show is the plain text."""
    spoken = said(10, 12, "Tea & <cake> now.")
    words = timed(("Tea", 0.04), ("&", 0.5), ("<cake>", 0.75), ("now.", 1.5))
    [text] = cue_texts(spoken, words)
    assert text == (
        "00:00:10.000 --> 00:00:12.000 Tea <00:00:10.500><c>&amp;</c> <00:00:10.750><c>&lt;cake&gt;</c>"
        " <00:00:11.500><c>now.</c>"
    )
    file = StringIO(captions(laid_out(600 * RATE_HZ, speech=(spoken,)), {spoken.utterance: words}))
    [cue] = webvtt.from_buffer(file).captions
    assert html.unescape(cue.text) == "Tea & <cake> now."


@pytest.mark.parametrize(
    ("caption", "told", "stamped"),
    [
        ("May metta grow.", ("May", "met-tah", "grow."), "May <1><c>metta</c> <2><c>grow.</c>"),
        ("Read Csikszentmihalyi slowly.", ("Read", "chick", "sent", "slowly."), "Read <1><c>{}</c> <3><c>slowly.</c>"),
        ("So John Bowlby said.", ("So", "John-Bowlby", "said."), "So <1><c>John</c> Bowlby <2><c>said.</c>"),
        ("Rest — or not.", ("Rest", "or", "not."), "Rest — <1><c>or</c> <2><c>not.</c>"),
        ("No word is timed.", (), "No word is timed."),
    ],
)
def test_a_respelt_word_stands_as_written_at_its_time(caption: str, told: tuple[str, ...], stamped: str) -> None:
    """Where a respelling has more words or fewer, what follows it is still at its own time."""
    words = timed(*((word, float(second)) for second, word in enumerate(told)))
    [cue] = cue_texts(said(0, 9, caption), words)
    wanted = re.sub(r"<(\d)>", r"<00:00:0\1.000>", stamped).format("Csikszentmihalyi")
    assert cue == f"00:00:00.000 --> 00:00:09.000 {wanted}"


def test_a_long_sentence_is_cut_where_its_words_sound() -> None:
    """Not where its characters would have it: here the reader takes ten seconds before the second half."""
    words = timed(*((word, 0.1 * n + (10 if n > 19 else 0)) for n, word in enumerate(LONG.split())))
    cues = cue_texts(said(10, 25, LONG), words)
    assert [cue.split()[2] for cue in cues[:-1]] == [cue.split()[0] for cue in cues[1:]]
    texts = [re.sub("<[^>]+>", "", cue).split()[3:] for cue in cues]
    place = 0
    for cue, text in zip(cues[1:], texts, strict=False):
        place += len(text)
        wanted_s = 10 + words[place].start_s
        assert cue.startswith(f"00:00:{wanted_s:06.3f} ")


@given(
    st.lists(st.sampled_from(["rest", "a", "b&b", "<i>", "softly,"]), min_size=1, max_size=60),
    st.lists(st.tuples(st.sampled_from(["rest", "a", "tah"]), st.floats(-1, 9)), max_size=60),
)
def test_stamps_run_on_inside_their_cue(caption: list[str], told: list[tuple[str, float]]) -> None:
    """Whatever words and times a narrator gives, players get stamps that grow, within the cue; no word is lost."""
    cues = cue_texts(said(1, 8, " ".join(caption)), timed(*told))
    moments = [re.findall(r"\d\d:\d\d:\d\d\.\d{3}", cue) for cue in cues]
    for start, end, *stamps in moments:
        assert sorted({start, *stamps, end}) == [start, *stamps, end]
    shown = [html.unescape(re.sub("<[^>]+>", "", cue)).split()[3:] for cue in cues]
    assert [word for line in shown for word in line] == caption


def test_the_transcript_has_headings_and_paragraphs() -> None:
    """The title, then each titled part with what is said in it."""
    assert transcript(SESSION, "Three Small Steps") == (
        "Three Small Steps\n=================\n\n"
        "Welcome\n-------\n\nWelcome, Ana. You might let your eyes rest.\n\n"
        "A Kind Hand — ñ 茶\n-----------------\n\nTea & <cake> — 茶.\n"
    )


def test_the_transcript_keeps_the_paragraphs_of_a_segment(tmp_path: Path) -> None:
    """Those of the script, whatever rest lies between; a line that is only wrapped is none."""
    script = tmp_path / "one.yaml"
    script.write_text(
        "title: One\nsegments:\n  - say: |\n      One is here.\n      Two is here. [pause 5s]\n\n"
        "      Three\n      is here.\n\n"
        "      [bell]\n      Four is here.\n\n      [long]\n\n      Five is here.\n"
        "  - repeat: 2!\n    segments:\n      - say: |\n          Six is here.\n\n          Seven is here.\n",
        encoding="utf-8",
    )
    laid = plan(script, Options(voice="tone", estimate=True))
    text = transcript(laid.timeline, "", paragraph_places(laid.script))
    six = ["Six is here.", "Seven is here."]
    assert text.strip().split("\n\n") == [
        "One is here. Two is here.",
        "Three is here.",
        "Four is here.",
        "Five is here.",
        *six,
        *six,
    ]


def test_the_transcript_names_rounds_once() -> None:
    """A part inside a repeat has its heading in the first round, and a paragraph in each."""
    rounds = tuple(span(10 * turn + 1, 10 * turn + 10, "Breath", depth=1, turn=turn) for turn in range(2))
    speech = (said(2, 3, "One."), said(12, 13, "Two."), said(32, 33, "Three."))
    text = transcript(
        laid_out(60 * RATE_HZ, speech=speech, segments=(span(1, 25, "All"), *rounds, span(30, 40, ""))), ""
    )
    assert text == "All\n---\n\nBreath\n------\n\nOne.\n\nTwo.\n\nThree.\n"


@pytest.mark.parametrize("title", ["", "Quiet"])
def test_a_session_of_silence_has_a_transcript_too(title: str) -> None:
    """Its title, if it has one."""
    assert transcript(laid_out(RATE_HZ), title).strip("\n") == ("Quiet\n=====" if title else "")
