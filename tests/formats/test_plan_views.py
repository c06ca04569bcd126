"""The plan of a session as data, as a table and as a picture."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from breathmark.model import (
    Ambience,
    BellPlacement,
    Place,
    Range,
    Rest,
    RestPlacement,
    SegmentSpan,
    SpeechPlacement,
    Timeline,
    Utterance,
)
from breathmark.timeline.data import TimelineData, share_of, timeline_data
from breathmark.timeline.picture import timeline_svg
from breathmark.timeline.table import columns_of, shortened, timeline_table

if TYPE_CHECKING:
    from breathmark.model import Kind

RATE_HZ = 1000
PLACE = Place(path="one.yaml", line=3, column=5)
SVG = "{http://www.w3.org/2000/svg}"


def spoken(start_s: float, length_s: float, text: str, *, private: bool = False) -> SpeechPlacement:
    """A sentence, laid out."""
    utterance = Utterance(text=text, caption=text, voice="", speed=1.0, language="en", private=private)
    return SpeechPlacement(
        start_frame=int(start_s * RATE_HZ), frames=int(length_s * RATE_HZ), utterance=utterance, place=PLACE
    )


def span(
    start_s: float, length_s: float, title: str, kind: Kind = "practice", depth: int = 0, round_: int = 0
) -> SegmentSpan:
    """A segment, laid out."""
    return SegmentSpan(
        start_frame=int(start_s * RATE_HZ),
        frames=int(length_s * RATE_HZ),
        title=title,
        kind=kind,
        depth=depth,
        round=round_,
        ambience=Ambience(sound="soft-rain", below_voice_lu=20.0, swell_lu=4.0),
        place=PLACE,
        optional=round_ > 0,
    )


def rested(start_s: float, length_s: float) -> RestPlacement:
    """A silence, laid out."""
    rest = Rest(range=Range(min_s=1.0, ideal_s=2.0, max_s=90.0), order=1, level="explicit", place=PLACE)
    return RestPlacement(start_frame=int(start_s * RATE_HZ), frames=int(length_s * RATE_HZ), rest=rest)


def session(*, title: str = "Welcome & <rest>", said: str = "Hello.", private: bool = False) -> Timeline:
    """Two minutes: a welcome with a bell, and two rounds."""
    return Timeline(
        rate_hz=RATE_HZ,
        frames=120_000,
        speech=(spoken(1, 3, said, private=private), spoken(60, 6, "Once."), spoken(90, 6, "Twice.")),
        bells=(BellPlacement(start_frame=1000, frames=12_000, name="singing-bowl", place=PLACE),),
        rests=(rested(4, 56), rested(66, 24)),
        segments=(
            span(0, 60, title, "opening"),
            span(60, 60, "Rounds"),
            span(60, 30, "One", depth=1),
            span(90, 30, "One", depth=1, round_=1),
        ),
    )


def test_data_is_ready_for_json_and_says_where_everything_is() -> None:
    """Frames and seconds of every placement survive a round trip through JSON."""
    data = asdict(timeline_data(session()))
    assert TypeAdapter(TimelineData).validate_json(json.dumps(data)) == timeline_data(session())
    assert data["duration_s"] == 120.0
    assert data["speech_s"] == 15.0
    assert data["silence_share"] == 0.875
    assert data["private"] is False
    speech, rests, segments = data["speech"], data["rests"], data["segments"]
    assert isinstance(speech, tuple)
    assert isinstance(rests, tuple)
    assert isinstance(segments, tuple)
    assert speech[1] == {
        "start_frame": 60_000,
        "frames": 6000,
        "start_s": 60.0,
        "duration_s": 6.0,
        "text": "Once.",
        "voice": "",
        "speed": 1.0,
        "level_db": 0.0,
        "pitch_semitones": 0.0,
        "take": 1,
        "de_esser": True,
        "language": "en",
        "private": False,
        "place": "one.yaml:3:5",
    }
    assert (rests[0]["order"], rests[0]["max_s"]) == (1, 90.0)
    assert [(one["title"], one["round"], one["optional"], one["bells"]) for one in segments[:1] + segments[-1:]] == [
        ("Welcome & <rest>", 0, False, 1),
        ("One", 1, True, 0),
    ]


def test_data_says_when_it_is_private() -> None:
    """A session that speaks a private value is marked, as a whole and at the sentence."""
    data = asdict(timeline_data(session(private=True)))
    assert data["private"] is True


def test_the_share_of_a_segment_counts_what_starts_in_it() -> None:
    """Speech and strikes are counted in the segment in which they begin."""
    timeline = session()
    shares = [share_of(timeline, part) for part in timeline.segments]
    assert [(share.speech_frames, share.bells) for share in shares] == [(3000, 1), (12_000, 0), (6000, 0), (6000, 0)]
    assert share_of(timeline).silence == pytest.approx(0.875)


def test_the_table_adds_up() -> None:
    """Columns line up, rounds are numbered, and the outer segments sum to the last line."""
    assert timeline_table(session()).splitlines() == [
        "start  segment           length  speech s  rest s  pace  bells",
        "─────  ────────────────  ──────  ────────  ──────  ────  ─────",
        " 0:00  Welcome & <rest>    1:00       3.0    57.0            1",
        " 1:00  Rounds              1:00      12.0    48.0",
        " 1:00    One               0:30       6.0    24.0",
        " 1:30    One · 2           0:30       6.0    24.0",
        "─────  ────────────────  ──────  ────────  ──────  ────  ─────",
        "       whole session       2:00      15.0   105.0    12      1",
    ]


def test_the_table_stays_within_a_terminal() -> None:
    """The longest title is cut, wide characters are counted as two columns, and a session of nothing has its total."""
    cases = itertools.product(("x" * 200, "安" * 100), (70, 80, 120), (False, True))
    for title, columns, estimated in cases:
        lines = timeline_table(session(title=title), estimated=estimated, columns=columns).splitlines()
        assert max(columns_of(line) for line in lines) <= columns
        assert len({columns_of(line.rstrip()[: line.rindex("57.0")]) for line in lines if "57.0" in line}) == 1
    empty = Timeline(rate_hz=RATE_HZ, frames=5000, speech=(), bells=(), rests=(), segments=())
    assert "whole session" in timeline_table(empty)


@given(text=st.text(max_size=40), columns=st.integers(0, 30))
def test_what_is_shortened_fits(text: str, columns: int) -> None:
    """A cut title never takes more columns than there are."""
    assert columns_of(shortened(text, columns)) <= max(columns, 0) or columns_of(text) <= columns


def shapes(svg: str, name: str) -> list[ET.Element]:
    """All elements whose class begins with ``name``."""
    root = ET.fromstring(svg)  # noqa: S314 — our own output
    return [element for element in root.iter() if (element.get("class") or "").split(" ")[0] == name]


def test_the_picture_shows_every_sentence_bell_and_silence() -> None:
    """Each has its shape, at the place and of the length that it has in the session."""
    svg = timeline_svg(session(), "Small Steps")
    sentences = [shape for shape in shapes(svg, "speech") if shape.find(f"{SVG}title") is not None]
    assert [shape.findtext(f"{SVG}title") for shape in sentences] == ["0:01: Hello.", "1:00: Once.", "1:30: Twice."]
    line_s, plot = 30, 900 - 2 * 32
    assert float(sentences[0].get("x", "")) == pytest.approx(32 + plot / line_s, abs=0.01)
    assert float(sentences[0].get("width", "")) == pytest.approx(3 * plot / line_s, abs=0.02)
    assert len([bell for bell in shapes(svg, "bell") if bell.find(f"{SVG}title") is not None]) == 1
    silences = [shape for shape in shapes(svg, "silent") if shape.find(f"{SVG}title") is not None]
    assert len(silences) == 3, "the silence of 56 s goes on in the next line"


def test_the_picture_is_as_wide_as_there_is_room_for() -> None:
    """Its shapes lie in 900 units, and no number of pixels is asked for."""
    root = ET.fromstring(timeline_svg(session(), "Small Steps"))  # noqa: S314 — our own output
    assert (root.get("width"), root.get("height")) == ("100%", None)
    assert (root.get("viewBox") or "").startswith("0 0 900 ")


def test_the_picture_tells_each_figure_once() -> None:
    """The share of silence stands beside its model, and nowhere else."""
    svg = timeline_svg(session(), "Small Steps")
    words = [text.text or "" for text in shapes(svg, "quiet") if "silence" in (text.text or "")]
    assert [word for word in words if "%" in word] == [word for word in words if "88% silence (model" in word]


def test_the_picture_can_be_read_without_seeing_it() -> None:
    """It is one image with a title and a description that tells the length and the segments in order."""
    root = ET.fromstring(timeline_svg(session(), "Small Steps"))  # noqa: S314 — our own output
    assert root.get("role") == "img"
    names = (root.get("aria-labelledby") or "").split()
    told = {element.get("id"): element.text or "" for element in root if element.get("id") in names}
    assert told["plan-title"] == "Small Steps: the plan of a session of 2:00"
    assert "Welcome & <rest> at 0:00, Rounds at 1:00." in told["plan-summary"]


def test_the_picture_never_shows_a_private_sentence() -> None:
    """A sentence with a private value is a bar without words."""
    svg = timeline_svg(session(said="Welcome, Ana.", private=True), "Small Steps")
    assert "Ana" not in svg
    assert "Once." in svg


def test_the_picture_stands_alone_and_turns_with_the_reader() -> None:
    """No address, script or font from elsewhere; colours for day and night."""
    svg = timeline_svg(session(), "Small Steps")
    assert set(re.findall(r"https?://[^\"']+", svg)) == {"http://www.w3.org/2000/svg"}
    assert "prefers-color-scheme:dark" in svg
    assert not re.search(r"<script|@import|@font-face|url\(|on\w+=", svg)


@given(text=st.text(max_size=60))
def test_any_title_makes_a_sound_picture(text: str) -> None:
    """Whatever stands in titles and sentences, the picture is well-formed XML that holds it as text."""
    svg = timeline_svg(session(title=text, said=text), text)
    root = ET.fromstring(svg)  # noqa: S314 — our own output
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "path", "circle", "g"
    }  # fmt: skip


@given(frames=st.integers(0, 86_400 * RATE_HZ))
def test_a_session_of_any_length_has_few_lines(frames: int) -> None:
    """Up to a whole day it fits on six lines, and nothing at all still is a picture."""
    empty = Timeline(rate_hz=RATE_HZ, frames=frames, speech=(), bells=(), rests=(), segments=())
    assert 1 <= len(shapes(timeline_svg(empty, "Nothing"), "lane")) <= 6


def test_the_table_shows_how_sentences_are_spoken_where_they_differ() -> None:
    """A segment's first and last sentence by speed, level, pitch and take; no such column where all are alike."""
    timeline = session()
    manners = ((0.9, 0.0, 0.0), (1.0, -1.5, 0.0), (0.84, -3.0, -0.5))
    speech = tuple(
        replace(
            placed,
            utterance=replace(placed.utterance, take=2, speed=speed, level_db=level_db, pitch_semitones=pitch),
        )
        for placed, (speed, level_db, pitch) in zip(timeline.speech, manners, strict=True)
    )
    lines = timeline_table(replace(timeline, speech=speech), columns=120).splitlines()
    assert [line.rpartition("speed ")[2] for line in lines[2:4]] == ["0.9 take 2", "1→0.84 -1.5→-3 dB 0→-0.5 st take 2"]
    assert lines[0].endswith("voice")
    assert "voice" not in timeline_table(timeline)
