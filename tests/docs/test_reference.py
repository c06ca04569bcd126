"""The tables of the reference, the sounds and the voices say what the code says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from breathmark.formats.deliver import SIDECARS
from breathmark.formats.presets import DEFAULT_PRESET, PRESETS
from breathmark.formats.registry import file_format
from breathmark.mix.assets import sounds
from breathmark.model import Kind
from breathmark.script import budget, expand, ranges, segments, variables
from breathmark.script import limits as mouthfuls
from breathmark.script.reader import nodes as lines
from breathmark.script.reader import references, source
from breathmark.script.schema import json_schema
from breathmark.script.settings import BUILT_IN_AMBIENCE, BUILT_IN_PACING
from breathmark.script.template import filters, sandbox, templates
from breathmark.script.text.markers import Note, read_marker
from breathmark.script.text.scan import find_markers
from breathmark.solver.outline import HELD_KINDS
from breathmark.speech.registry import list_voices
from breathmark.verification import run as verify

from .pages import DOCS, code_spans, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.script.schema import SchemaName
    from breathmark.script.text.markers import Marker

REFERENCE = DOCS / "script-reference.md"
SOUND = DOCS / "sound.md"
DELIVERY = DOCS / "delivery.md"
SCHEMAS: tuple[SchemaName, ...] = ("script", "part", "settings", "lexicon")


def _keys(schema: object) -> Iterator[str]:
    """The names of all properties, at any depth."""
    if isinstance(schema, list):
        for item in schema:
            yield from _keys(item)
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _keys(value)


@pytest.mark.parametrize("which", SCHEMAS)
def test_every_key_has_its_row(which: SchemaName) -> None:
    """Whatever an editor offers is explained in a table of the reference."""
    explained = set(re.findall(r"^\| `(\w+)`", REFERENCE.read_text("utf-8"), re.MULTILINE))
    assert set(_keys(json_schema(which))) <= explained


def test_a_segment_is_what_the_reference_says() -> None:
    """The six keys, in their order."""
    assert tuple(code_spans(row[0])[0] for row in rows(REFERENCE, "## Segments")) == segments.SEGMENT_KEYS


def test_named_rests_have_the_built_in_figures() -> None:
    """Each of them, and no other."""
    shown = {
        code_spans(name)[0]: ranges.parse_range(code_spans(figures)[0])
        for name, figures, _ in rows(REFERENCE, "### Named rests: the pacing")
    }
    assert shown == BUILT_IN_PACING


def test_kinds_are_all_there() -> None:
    """With those whose rests are held at their ideal."""
    table = rows(REFERENCE, "### Kinds")
    assert tuple(code_spans(row[0])[0] for row in table) == get_args(Kind)
    assert {code_spans(row[0])[0] for row in table if row[2] == "no"} == HELD_KINDS


def _meaning(written: str) -> Marker | object:
    if written.startswith("[note"):
        return read_marker(written[1:-1], BUILT_IN_PACING)
    (found,) = find_markers(written, 0, len(written), BUILT_IN_PACING)
    return found.meaning


@pytest.mark.parametrize("row", rows(REFERENCE, "## Markers"), ids=lambda row: row[1])
def test_every_spelling_of_a_marker_means_the_same(row: list[str]) -> None:
    """All that stand in one line of the table are one marker, and it is the one in the second column."""
    same = _meaning(code_spans(row[1])[0])
    for written in code_spans(row[0]):
        meaning = _meaning(written)
        if isinstance(same, Note):
            meaning = replace(meaning, understood=same.understood) if isinstance(meaning, Note) else meaning
        assert meaning == same, written


def test_what_templates_may_do_is_listed() -> None:
    """Every filter and every test."""
    allowed = {row[0]: set(code_spans(row[1])) for row in rows(REFERENCE, "### What templates may do")}
    assert allowed["filters"] == filters.FILTERS.keys()
    assert allowed["tests"] == filters.TESTS.keys()


def test_limits_have_their_figures() -> None:
    """Each figure of the table is that of the code."""
    limits = {row[0]: row[1] for row in rows(REFERENCE, "## Limits")}
    figures = [re.findall(r"\d[\d,]*", limit) for limit in limits.values()]
    assert [[int(figure.replace(",", "")) for figure in found] for found in figures] == [
        [source.MAX_BYTES // 1024, 8],
        [budget.MAX_CHARACTERS, budget.PART],
        [budget.DEADLINE_S],
        [lines.MAX_DEPTH],
        [templates.MAX_NESTING],
        [references.MAX_INCLUDE_DEPTH],
        [expand.MAX_CUES],
        [ranges.MAX_COUNT],
        [sandbox.MAX_TEXT],
        [mouthfuls.MOST_IN_WORD],
        [mouthfuls.MOST_IN_SENTENCE],
        [200, 100],
        [120],
    ]


def test_defaults_are_those_of_the_code() -> None:
    """Of the ambience's levels and of a variable's length."""
    ambience = {code_spans(row[0])[0]: row[2] for row in rows(REFERENCE, "## Ambience")}
    assert ambience["below_voice"].endswith(f", {BUILT_IN_AMBIENCE.below_voice_lu:g}")
    assert ambience["swell"].endswith(f", {BUILT_IN_AMBIENCE.swell_lu:g}")
    assert ambience["sound"].endswith(f"`{BUILT_IN_AMBIENCE.sound}`")
    assert f"| {variables.DEFAULT_MAX_LENGTH} |" in REFERENCE.read_text("utf-8")


@pytest.mark.parametrize(("heading", "kind"), [("## Ambiences", "ambience"), ("## Bells", "bell")])
def test_sounds_are_all_there(heading: str, kind: str) -> None:
    """Each shipped sound, with the words that `breathmark sounds list` has for it."""
    shown = [(code_spans(name)[0], description) for name, description in rows(SOUND, heading)]
    assert shown == [(sound.name, sound.description) for sound in sounds() if sound.kind == kind]


def test_presets_have_their_figures() -> None:
    """Format, bit rate, rate, level and peak of each."""
    shown = {}
    for name, fmt, bitrate, rate, level, peak, _ in rows(DELIVERY, "## Presets"):
        figures = [float(cell.split()[0].replace("−", "-")) for cell in (rate, level, peak)]  # noqa: RUF001 — the page's minus
        shown[code_spans(name)[0]] = (fmt, bitrate, *figures)
    assert shown == {
        name: (
            preset.format,
            preset.bitrate,
            preset.rate_hz / 1000,
            preset.narration.least_rms_db if preset.narration else preset.voice_lufs,
            preset.ceiling_dbtp,
        )
        for name, preset in PRESETS.items()
    }
    assert rows(DELIVERY, "## Presets")[0][0] == f"`{DEFAULT_PRESET}`"
    offered = DELIVERY.read_text("utf-8").split("`--bitrate` takes ")[1].split(", or V0 to V4")[0].split(", ")
    assert offered == [rate for rate in file_format("mp3").codings if rate.endswith("k")]


def test_verify_looks_at_what_its_table_says() -> None:
    """Every item that the code names has its row, in no row is another."""
    source = "".join(path.read_text("utf-8") for path in Path(verify.__file__).parent.glob("*.py"))
    named = set(
        re.findall(r'(?:judged|passed|failed|skipped|_moments)\(\s*"([a-z. ]+)"|item(?:, \w+)? = "([a-z ]+)"', source)
    )
    assert {code_spans(row[0])[0] for row in rows(DELIVERY, "## Verify")} == {a or b for a, b in named}


def test_sidecars_are_all_there() -> None:
    """Every file that is written beside `evening.mp3`."""
    shown = {code_spans(row[0])[0] for row in rows(DELIVERY, "## What is written beside the file")}
    assert shown == {f"evening{ending}" for ending in SIDECARS}


def test_narrators_are_all_there() -> None:
    """Those that come with Breathmark, the best first."""
    shown = [
        code_spans(row[0])[0]
        for row in rows(
            DOCS / "voices.md",
            "A voice is written `NARRATOR:NAME`. `NARRATOR` alone is its default voice for the script's language.",
        )
    ]
    assert shown == [listing.narrator for listing in list_voices()]
