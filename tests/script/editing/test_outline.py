"""The outline of a source: every character of each spoken text, of which kind it is and where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from breathmark.model import Range
from breathmark.script.editing.outline import OutlinedText, ScriptOutline, outline, source_offset
from breathmark.script.settings import BUILT_IN_PACING
from tests.script.editing.test_edits import FILE, SCRIPT, SHIPPED

if TYPE_CHECKING:
    from pathlib import Path


def outlined(text: str) -> ScriptOutline:
    """The outline with the built-in pauses."""
    return outline(text, BUILT_IN_PACING, file=FILE, path="evening.yaml")


def value(found: ScriptOutline, text: OutlinedText) -> str:
    """The text as YAML reads it."""
    data = found.data
    for step in text.path:
        data = data[step]  # type: ignore[index]
    assert isinstance(data, str)
    return data


def test_a_text_is_parted_into_words_pauses_and_tags() -> None:
    """Each piece has its kind, and a pause its times."""
    found = outlined(
        "title: T\npacing: {sigh: 2s}\nsegments:\n"
        "  - say: 'Hi {{ name }}. [pause 3s..5s..9s] So [sigh] [bell chime] [note: low] [pause 3] "
        "[say: mɛtə | Metta] end.'\n"
    )
    (text,) = found.texts
    kinds = [(each.kind, value(found, text)[each.start : each.end].strip(), each.label) for each in text.pieces]
    assert [kind for kind in kinds if kind[1]] == [
        ("words", "Hi", ""),
        ("tag", "{{ name }}", ""),
        ("words", ".", ""),
        ("pause", "[pause 3s..5s..9s]", ""),
        ("words", "So", ""),
        ("pause", "[sigh]", "sigh"),
        ("bell", "[bell chime]", "chime"),
        ("note", "[note: low]", ""),
        ("pause", "[pause 3]", ""),
        ("sounds", "[say: mɛtə | Metta]", "Metta"),
        ("words", "end.", ""),
    ]
    ranges = [each.range for each in text.pieces if each.range]
    assert ranges[0] == Range(min_s=3, ideal_s=5, max_s=9)


def test_segments_have_their_span_in_the_source() -> None:
    """In the order of the source, those of a repeat behind it."""
    spans = {path: SCRIPT[span.start : span.end] for path, span in outlined(SCRIPT).segments}
    assert spans[("segments", 0)] == "bell: singing-bowl"
    assert spans[("segments", 3)] == "{silence: 30s, title: Quiet}"
    assert spans[("segments", 4, "segments", 0)] == "say: 'It''s one.'"
    assert list(spans)[-1] == ("segments", 4, "segments", 1)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_word_is_found_where_it_was_written(file: Path) -> None:
    """Pieces leave no gap, and each begins at the same character in the source."""
    source = file.read_text(encoding="utf-8")
    found = outlined(source)
    for text in found.texts:
        written = value(found, text)
        assert "".join(written[each.start : each.end] for each in text.pieces) == written
        for each in text.pieces:
            first = each.start + len(written[each.start :]) - len(written[each.start :].lstrip())
            if each.kind != "tag" and first < len(written) and written[first] not in "'\"\\":
                assert source[source_offset(text, first)] == written[first]
