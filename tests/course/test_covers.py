"""Covers: the author's, or drawn ones that are the same every time and can be read."""

from __future__ import annotations

import hashlib
import io
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from breathmark.course.artwork import SIDE, draw, jpeg, svg, unwritable
from breathmark.course.covers import course_cover, course_picture, lettering_warnings, session_cover, session_picture
from breathmark.course.manifest import read_course
from breathmark.course.publishers.base import Library, LibraryEntry
from breathmark.course.sources import read_session
from breathmark.course.values import ArtefactRecord, Measures

from .material import REPOSITORY, course

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ("Arriving Kindly", "Ground Under You", "The Breath as a Friend", "A Kind Hand", "Just Like Me", "Evenings")


def library(folder: Path) -> Library:
    """The small course, as if its first session had been built."""
    read = read_course(course(folder))
    session = read.sessions[0]
    measures = Measures(
        frames=1,
        rate_hz=1,
        duration_s=1,
        speech_s=1,
        silence_share=0,
        voice_lufs=-16.0,
        file_lufs=-16.0,
        true_peak_dbtp=-1.5,
        voice="tone",
        format="mp3",
        private=False,
    )
    record = ArtefactRecord(
        session=session.id,
        length_s=15,
        voice="",
        ambience="",
        preset="",
        digest="",
        made_from={},
        files={},
        measures=measures,
    )
    metadata = read_session(session, read.project).metadata
    return Library(
        course=read,
        folder=folder,
        entries=(LibraryEntry(session=session, metadata=metadata, path="a.mp3", record=record),),
    )


def pixels(data: bytes) -> Image.Image:
    """A picture, decoded."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_a_drawn_cover_is_a_square_of_the_asked_size_and_always_the_same(tmp_path: Path) -> None:
    """For the course and for a session; both are whole JPEGs."""
    made = library(tmp_path)
    for cover in (course_cover(made, side_px=300), session_cover(made, made.entries[0], side_px=300)):
        assert (cover.mime, cover.suffix, cover.width, cover.height) == ("image/jpeg", ".jpg", 300, 300)
        assert pixels(cover.data).size == (300, 300)
    picture = draw("Small Steps")
    assert jpeg(picture, "Small Steps", side_px=300) == jpeg(draw("Small Steps"), "Small Steps", side_px=300)


def test_titles_look_different_and_sessions_of_one_course_have_its_colours() -> None:
    """No two of these share their shapes; all have one sky."""
    pictures = [draw(title, family="Small Steps") for title in TITLES]
    assert len({picture.hills for picture in pictures}) == len(TITLES)
    assert {picture.palette for picture in pictures} == {draw("Small Steps").palette}
    assert len({draw(title).palette for title in TITLES}) > 1


def luminance(colour: tuple[int, ...]) -> float:
    """WCAG 2.2, relative luminance."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in (c / 255 for c in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "title", [*TITLES, "When everything around you is loud and you want to find a quiet place in it"]
)
def test_letters_stand_on_a_dark_ground(title: str) -> None:
    """Words make the picture brighter in the lower third only, and there with a contrast of 7 to 1 or more."""
    picture = draw(title)
    bare, lettered = (np.asarray(pixels(jpeg(picture, words, side_px=500)), dtype=int) for words in ("", title))
    rows, columns = np.nonzero((lettered - bare).sum(axis=2) > 200)
    assert len(rows) > 300
    assert rows.min() > 300
    paper = luminance((255, 250, 242)) + 0.05
    assert all(paper / (luminance(tuple(ground)) + 0.05) >= 7 for ground in bare[rows, columns][::20])


@pytest.mark.parametrize(
    "title",
    [
        "Für dich, Größe",
        "Être là",
        "Spokój wewnętrzny",
        "Satipaṭṭhāna",
        "Thở nhẹ",
        "Ηρεμία",
        "Тишина",
        "Metta 🌙",
        "u\u0308ber",
    ],
)
def test_titles_in_latin_greek_and_cyrillic_are_written(title: str) -> None:
    """With every mark; an emoji that the font lacks takes nothing else along."""
    assert unwritable(title) == ""
    picture = draw(title)
    assert jpeg(picture, title, side_px=200) != jpeg(picture, "", side_px=200)


def test_the_font_is_the_one_whose_licence_is_documented() -> None:
    """With its licence beside it, unchanged."""
    fonts = REPOSITORY / "src/breathmark/course/fonts"
    digest = hashlib.sha256((fonts / "AlegreyaSans-Medium.ttf").read_bytes()).hexdigest()
    assert digest in (REPOSITORY / "docs" / "licences.md").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / "OFL.txt").read_text(encoding="utf-8")


def test_a_letter_that_the_font_lacks_is_written_without_its_marks() -> None:
    """Rather than the whole title lost."""
    picture = draw("a")
    assert jpeg(picture, "A\u1e8d", side_px=200) == jpeg(picture, "Ax", side_px=200)


@pytest.mark.parametrize(
    ("title", "missing"), [("静かな夜", "静かな夜"), ("سلام", "سلام"), ("慈悲 Metta", "慈悲"), ("🌙", "🌙")]
)
def test_words_that_the_font_does_not_have_are_left_out_and_reported(title: str, missing: str, tmp_path: Path) -> None:
    """Rather than a row of boxes; the build says which title its cover goes without, and what to do."""
    picture = draw(title)
    assert unwritable(title) == missing
    assert jpeg(picture, title, side_px=200) == jpeg(picture, "", side_px=200)
    made = library(tmp_path)
    (entry,) = made.entries
    (warning,) = lettering_warnings(made.course, [(entry.session, replace(entry.metadata, title=title))])
    assert str(warning).endswith(
        f"course.yaml:10:18: warning: the drawn cover of 01-one goes without its title: the font has no {missing} "
        "(name a picture under `cover:`, in the course or in the script)"
    )
    (warning,) = lettering_warnings(made.course.model_copy(update={"title": title}), [(entry.session, entry.metadata)])
    assert "drawn covers go without the course's title" in warning.message
    assert not list(
        lettering_warnings(
            made.course.model_copy(update={"cover": tmp_path}), [(entry.session, replace(entry.metadata, title=title))]
        )
    )


def test_the_drawing_for_pages_is_the_same_picture() -> None:
    """The SVG is well formed, and has as many circles and hills as the picture has shapes."""
    picture = draw("A Kind Hand")
    root = ET.fromstring(svg(picture))  # noqa: S314 - our own
    assert root.get("viewBox") == f"0 0 {SIDE} {SIDE}"
    assert len(root.findall("{*}circle")) == len(picture.rings)
    assert len(root.findall("{*}path")) == len(picture.hills)


def test_the_author_s_cover_comes_first(tmp_path: Path) -> None:
    """The course's stands for its sessions, too, unless a script names its own; nothing is drawn then."""
    made = library(tmp_path)
    entry = made.entries[0]
    assert course_picture(made)
    assert session_picture(made, entry)
    for name, colour in (("course.png", "red"), ("one.png", "blue")):
        Image.new("RGB", (40, 40), colour).save(tmp_path / name)
    theirs = replace(made, course=made.course.model_copy(update={"cover": tmp_path / "course.png"}))
    assert course_cover(theirs).data == session_cover(theirs, entry).data == (tmp_path / "course.png").read_bytes()
    assert course_cover(theirs).suffix == ".png"
    assert course_picture(theirs) is session_picture(theirs, entry) is None
    own = replace(entry, metadata=replace(entry.metadata, cover="one.png"))
    assert session_cover(theirs, own).data == (tmp_path / "one.png").read_bytes()
    assert session_picture(made, own) is None


def test_a_script_tells_its_cover(tmp_path: Path) -> None:
    """As a path from the project's root."""
    folder = course(tmp_path)
    Image.new("RGB", (40, 40), "red").save(folder / "one.png")
    script = folder / "01-one.yaml"
    script.write_text("cover: one.png\n" + script.read_text(encoding="utf-8"), encoding="utf-8")
    read = read_course(folder)
    assert read_session(read.sessions[0], read.project).metadata.cover == "one.png"
