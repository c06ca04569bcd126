# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from jsonschema import Draft7Validator

from breathmark.base.errors import ScriptError
from breathmark.script.opening import open_project
from breathmark.script.parse import parse
from breathmark.script.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.script.schema import SchemaName

ROOT = Path(__file__).parent.parent.parent
BROKEN = ROOT / "tests" / "data" / "broken"
SHIPPED = sorted(
    path for path in (ROOT / "meditations").rglob("*.yaml") if path.name not in {"course.yaml", "help.yaml"}
)
NAMES: tuple[SchemaName, ...] = ("script", "part", "settings", "lexicon")

_BEYOND = {
    "a range's order and units": {
        "breathe-range", "breathe-zero", "pacing-range", "range-dash", "range-too-long", "range-unit",
        "range-unordered", "rounds-zero",
    },
    "YAML itself": {
        "alias-bomb", "alias-self", "breathmark", "control", "duplicate-in-segment", "duplicate-key", "escaped-nul",
        "escaped-private-use", "line-separator", "nul", "private-use",
    },
    "other files": {
        "ambience-outside", "bell-outside", "cover-outside", "include-absolute", "include-backslash",
        "include-broken-part", "include-circle", "include-folder", "include-itself", "include-missing",
        "include-near", "include-outside", "include-with", "macros-missing",
    },
    "values of variables, and two keys together": {
        "bell-rest-twice", "lexicon-marker", "variable-choices-type", "variable-default-choice",
        "variable-default-long", "variable-default-marker", "variable-name", "variable-number", "variable-taken",
    },
}  # fmt: skip
"""What a schema can't tell: editors leave these to ``breathmark check``."""
STRUCTURAL = sorted(path for path in BROKEN.glob("*.yaml") if path.stem not in set().union(*_BEYOND.values()))


def _validator(which: SchemaName) -> Draft7Validator:
    return Draft7Validator(json_schema(which))


def _as_an_editor_reads(text: str) -> object:
    """Editors type plain scalars: numbers and booleans, by YAML's own rules."""
    return yaml.load(text, Loader=_EditorLoader)  # noqa: S506 (a safe loader without dates and clock times)


class _EditorLoader(yaml.SafeLoader):
    """YAML 1.2's scalars, as language servers read them: clock times and dates are text."""


_EditorLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rsplit(":", 1)[-1] in ("bool", "null", "float") and first not in "0123456789.-+"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_EditorLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]+(?:\.[0-9]+)?$"), list("-0123456789")
)


@pytest.mark.parametrize("which", NAMES)
def test_the_schema_is_a_schema(which: SchemaName) -> None:
    """It stands its own meta-schema's test, and says which one."""
    schema = json_schema(which)
    Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def _properties(schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        yield from cast("dict[str, dict[str, Any]]", schema.get("properties", {})).items()
        for inner in schema.values():
            yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)


@pytest.mark.parametrize("which", ["script", "part", "settings"])
def test_every_field_explains_itself(which: SchemaName) -> None:
    """Editors show a sentence for each key while it is typed, and none of it asks for `null`."""
    fields = list(_properties(json_schema(which)))
    assert len(fields) >= 10
    assert not [name for name, field in fields if not field.get("description")]
    assert not [name for name, field in fields if field.get("default", "") is None]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_are_valid_in_an_editor(path: Path) -> None:
    """What ships shows no red line."""
    document = _as_an_editor_reads(path.read_text(encoding="utf-8"))
    names: dict[str, SchemaName] = {"breathmark.yaml": "settings", "lexicon.yaml": "lexicon"}
    which: SchemaName = "part" if path.parent.name == "parts" else names.get(path.name, "script")
    assert [error.message for error in _validator(which).iter_errors(document)] == []


@pytest.mark.parametrize("path", STRUCTURAL, ids=lambda path: path.stem)
def test_the_schema_refuses_what_parsing_refuses(path: Path) -> None:
    """Each structural fault of the broken scripts is a red line in an editor too."""
    try:
        document = _as_an_editor_reads(path.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        return
    assert list(_validator("script").iter_errors(document))


def test_what_is_beyond_a_schema_is_in_the_corpus() -> None:
    """The list of exceptions names broken scripts that there are, and leaves more than it takes."""
    names = {path.stem for path in BROKEN.glob("*.yaml")}
    assert set().union(*_BEYOND.values()) <= names
    assert len(STRUCTURAL) >= 60


ACCEPTED = [
    "say: Hello.",
    "say: 5",
    "say: yes",
    "bell:",
    "bell: chime\nrest: 5",
    "bell: {name: chime, rest: 5s}",
    "breathe: {in: 4, hold: 0, out: 6s, rest: 1, rounds: 3, cue: none}",
    "silence: 7:30",
    "silence: 20",
    "silence: 20s!",
    "silence: 1h 30m",
    "silence: 20s .. 1 min .. 5m",
    "repeat: 3\nsegments: [{say: a}]",
    "repeat: 1..3..6\nsegments: [{repeat: 2!, segments: [{silence: 5s}]}]",
    "say: a\noptional: yes",
    "say: a\noptional: true",
    "say: a\noptional: {from: 8m, priority: 2}",
    "say: a\nvoice: piper:joe",
    "say: a\nvoice: {name: tone, speed: 0.9}",
    "say: a\nambience: none",
    "say: a\nambience: {sound: soft-rain, below_voice: 20, swell: 4}",
    "say: a\nwhen: name",
]
HEADS = [
    "language: no",
    "level: advanced",
    "concepts: [C1, 2]",
    "length: 5m..10m..30m",
    "macros: parts/m.j2",
    "macros: [parts/m.j2]",
    "cover: c.jpg",
    "lexicon: {metta: met-ta}",
    "lexicon: {metta: {say: met-ta, ipa: /ˈmɛtə/}}",
    "pacing: {vow: 9s}",
    "variables: {a: 3, b: yes, c: '', d: {default: [x, y]}, e: {choices: [x, y], private: yes, description: E.}}",
]


@pytest.mark.parametrize("segment", ACCEPTED)
def test_the_schema_accepts_each_form_of_a_segment(segment: str, tmp_path: Path) -> None:
    """What parsing takes, editors take, in short and in long forms."""
    indented = segment.replace("\n", "\n    ")
    _assert_both_accept(f"title: x\nsegments:\n  - {indented}\n", tmp_path)


@pytest.mark.parametrize("head", HEADS)
def test_the_schema_accepts_each_form_of_the_head(head: str, tmp_path: Path) -> None:
    """The same for what stands above the segments."""
    _assert_both_accept(f"title: 2024\n{head}\nsegments: [{{say: a}}]\n", tmp_path)


def _assert_both_accept(text: str, folder: Path) -> None:
    (folder / "parts").mkdir()
    (folder / "parts" / "m.j2").write_text("", encoding="utf-8")
    script = folder / "x.yaml"
    script.write_text(text, encoding="utf-8")
    parse(script)
    assert [error.message for error in _validator("script").iter_errors(_as_an_editor_reads(text))] == []


@pytest.mark.parametrize(
    ("which", "name", "text", "fine"),
    [
        ("settings", "breathmark.yaml", "voice: piper:joe\nfolders: {output: out}\n", True),
        ("settings", "breathmark.yaml", "voice: {speed: fast}\n", False),
        ("settings", "breathmark.yaml", "colour: blue\n", False),
        ("lexicon", "lexicon.yaml", "en: {om: ohm}\nen-GB: {metta: met-ta}\n", True),
        ("lexicon", "lexicon.yaml", "english language: {om: ohm}\n", False),
        ("lexicon", "lexicon.yaml", "en: {om: {ipa: oʊm}}\n", True),
        ("lexicon", "lexicon.yaml", "en: {om: {api: oʊm}}\n", False),
        ("lexicon", "lexicon.yaml", "en: [om]\n", False),
    ],
)
def test_settings_and_lexicons_agree_too(
    which: SchemaName, name: str, text: str, *, fine: bool, tmp_path: Path
) -> None:
    """The other two schemas say what reading says."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert (not open_project(tmp_path)[1]) is fine
    assert (not list(_validator(which).iter_errors(_as_an_editor_reads(text)))) is fine


def test_parts_have_a_schema_of_their_own(tmp_path: Path) -> None:
    """A part has no title, and a script can't do without."""
    text = "variables: {sense: touch}\nsegments: [{say: a}]\n"
    document = _as_an_editor_reads(text)
    assert not list(_validator("part").iter_errors(document))
    assert list(_validator("script").iter_errors(document))
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError, match="`title` is missing"):
        parse(tmp_path / "x.yaml")
