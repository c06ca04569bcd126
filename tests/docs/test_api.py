"""docs/api.md runs, and names everything that the API has."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydub import AudioSegment

import breathmark
from breathmark.speech.contract import Narrator, SpeechRequest

from .pages import DOCS, blocks, code_spans, rows

API = DOCS / "api.md"


@pytest.mark.slow
def test_the_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, on the page's own script; what they assert holds, and what they write is there."""
    (script,) = blocks(API, "yaml")
    (tmp_path / script.note).write_text(script.text, "utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "examples"}
    for block in blocks(API, "python"):
        exec(compile(block.text, str(block), "exec"), names)  # noqa: S102 — the documentation's own code
    for written in (
        "evening.mp3",
        "evening.wav",
        "evening.svg",
        "shorter-end.wav",
        "evening.session.json",
        "evenings/evening/evening-02m.mp3",
    ):
        assert (tmp_path / written).stat().st_size, written


@pytest.mark.slow
def test_many_sessions_are_rendered_at_once(tmp_path: Path) -> None:
    """The last example, as a program of its own: three processes share the cache."""
    (script,) = blocks(API, "yaml")
    (tmp_path / script.note).write_text(script.text, "utf-8")
    *_, example = blocks(API, "python")
    (program := tmp_path / "many.py").write_text(f"import breathmark\nfrom breathmark import Options\n{example.text}")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["evening-2m.mp3", "evening-3m.mp3", "evening-4m.mp3"]
    assert all((tmp_path / name).stat().st_size for name in done.stdout.split())


def test_every_option_has_its_row() -> None:
    """In the order of the class."""
    shown = [code_spans(row[0])[0] for row in rows(API, "## Options")]
    assert shown == [option.name for option in dataclasses.fields(breathmark.Options)]


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (breathmark.BuildOptions, "### What a build is asked for"),
        (breathmark.BuildReport, "### What a build reports"),
    ],
)
def test_every_field_of_a_build_has_its_row(
    kind: type[breathmark.BuildOptions | breathmark.BuildReport], heading: str
) -> None:
    """In the order of the class."""
    shown = [name for row in rows(API, heading) for name in code_spans(row[0])]
    assert shown == [field.name for field in dataclasses.fields(kind)]


def test_what_raises_an_error_of_a_build_is_offered_with_it() -> None:
    """Whoever catches `BuildError` can build, from a path as text, and read the report of it."""
    assert {"BuildError", "BuildOptions", "BuildReport", "build"} <= set(breathmark.__all__)
    with pytest.raises(breathmark.ScriptError):
        breathmark.build("there-is-no-course.yaml")


def test_every_function_has_its_row() -> None:
    """Of what the API exports; the build has a section of its own."""
    shown = {code_spans(row[0])[0].partition("(")[0] for row in rows(API, "## Check, plan, render, verify")}
    assert shown | {"build"} == {name for name in breathmark.__all__ if name.islower() and name != "__version__"}
    assert "`build(course, options)`" in API.read_text("utf-8")


def test_every_variable_of_the_environment_has_its_row() -> None:
    """Each that the code reads by a name of ours, or a key."""
    source = Path(breathmark.__file__).parent
    read = {
        name
        for file in source.rglob("*.py")
        for name in re.findall(r'"(BREATHMARK_[A-Z_]+|OPENAI_API_KEY|NO_COLOR)"', file.read_text("utf-8"))
    }
    assert {code_spans(row[0])[0] for row in rows(API, "## The environment")} == read


def test_every_error_has_its_row() -> None:
    """With its exit code."""
    shown = {code_spans(row[0])[0]: int(row[2]) for row in rows(API, "## Errors")}
    kinds = {
        name: getattr(breathmark, name).exit_code
        for name in breathmark.__all__
        if name.endswith("Error") and name != "BreathmarkError"
    }
    assert shown == kinds


def test_results_have_the_fields_that_are_named() -> None:
    """Of each function's result, all of its fields; values are a mapping."""
    results = (
        breathmark.Findings,
        breathmark.CourseFindings,
        breathmark.Plan,
        breathmark.Artefact,
        breathmark.Verification,
        breathmark.Composed,
    )
    shown = [row for row in rows(API, "## Check, plan, render, verify") if "read_values" not in row[0]]
    for kind, row in zip(results, shown, strict=True):
        spans = code_spans(row[1])
        assert spans[0] == kind.__name__
        assert {field.name for field in dataclasses.fields(kind)} <= set(spans)


def test_the_narrator_of_the_voices_page_speaks() -> None:
    """Its class fulfils the Protocol."""
    (block,) = blocks(DOCS / "voices.md", "python")
    names: dict[str, object] = {"__name__": "your_package"}
    exec(compile(block.text, str(block), "exec"), names)  # noqa: S102 — the documentation's own code
    kind = names["Whistler"]
    assert isinstance(kind, type)
    whistler = kind({})
    assert isinstance(whistler, Narrator)
    (voice,) = whistler.voices()
    clip = whistler.speak(SpeechRequest(text="One two three.", voice=voice.name, speed=1.0, language="en"))
    assert isinstance(clip.audio, AudioSegment)
    assert clip.audio.duration_seconds == pytest.approx(3 * 60 / 140, abs=0.01)
