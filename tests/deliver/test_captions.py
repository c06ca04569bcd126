"""Captions and transcript, read back by webvtt-py."""

from __future__ import annotations

import html
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from breathmark.deliver.captions import LINE_CHARACTERS, transcript
from breathmark.deliver.captions import webvtt as captions

from .material import RATE_HZ, SESSION, laid_out, said, span

if TYPE_CHECKING:
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


def test_the_transcript_has_headings_and_paragraphs() -> None:
    """The title, then each titled part with what is said in it."""
    assert transcript(SESSION, "Three Small Steps") == (
        "Three Small Steps\n=================\n\n"
        "Welcome\n-------\n\nWelcome, Ana. You might let your eyes rest.\n\n"
        "A Kind Hand — ñ 茶\n-----------------\n\nTea & <cake> — 茶.\n"
    )


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
