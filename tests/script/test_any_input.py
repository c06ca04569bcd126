from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breathmark.base.errors import ScriptError
from breathmark.script.budget import Budget
from breathmark.script.document import Document
from breathmark.script.parse import parse
from breathmark.script.reader import nodes as lines
from breathmark.script.reader.source import source_of

if TYPE_CHECKING:
    from collections.abc import Callable

BROKEN = sorted((Path(__file__).parent.parent / "data" / "broken").glob("*.yaml"))
GOOD = """\
title: Three Small Steps
language: en
length: 5m..10m..30m
voice: {speed: 1.0}
ambience: {sound: soft-rain, below_voice: 20, swell: 4}
variables:
  name: {default: "", max_length: 24}
  anchor: {default: body, choices: [body, sound, breath]}
pacing: {sentence: 1s..2s..4s}
segments:
  - bell: singing-bowl
  - title: Welcome
    kind: opening
    say: |
      Welcome{% if name %}, {{ name }}{% endif %}. [pause 3s]

      Whatever you choose is fine. [long]
  - breathe: {in: 4s, out: 6s, rounds: 3..6..12, cue: voice}
    when: anchor == "breath"
  - optional: {from: 8m, priority: 2}
    say: "Quoted \\"text\\"."
  - repeat: 1..3..6
    segments: [{say: 'It''s fine.'}]
  - silence: 20s..60s..5m
"""
WORDS = [
    "say", "bell", "breathe", "silence", "repeat", "include", "segments", "title", "variables", "when", "optional",
    "voice", "ambience", "pacing", "with", "macros", "lexicon", "x.yaml", "../x", "/", "5s", "3..5..9s", "yes", "no",
    "~", "{{ name }}", "[pause]", "<<", "*a", "&a", "!!str", "!", "|", ">", "- ", ": ", "? ", "\t", "\n", "\n  ",
    "---\n", "...\n", "#", "{", "}", "[", "]", '"', "'", "\\u0000", "\\ud800", "\\UFFFFFFFF", "\0", "\ue000", "\u2028",
    "\x85", "\ufeff", "🧘", "שלום", "9" * 400, "a" * 2000, "%YAML 1.2\n",
]  # fmt: skip


def _check(path: Path, data: bytes) -> None:
    """The promise: a Document, or faults that all have a place in a file."""
    path.write_bytes(data)
    try:
        document = parse(path)
    except ScriptError as error:
        last_line = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        assert 1 <= len(error.problems) <= 101  # noqa: PT017 (both outcomes are right; the faults are looked at)
        for problem in error.problems:
            assert 1 <= problem.line <= last_line or problem.path != str(path)
            assert problem.column >= 1
            assert problem.message
    else:
        assert isinstance(document, Document)
        assert document.segments


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], None]:
    """Parse these bytes as a script."""
    path = tmp_path_factory.mktemp("any") / "x.yaml"
    return lambda data: _check(path, data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=300))
def test_any_bytes(data: bytes, check: Callable[[bytes], None]) -> None:
    """Random bytes are refused with a place, or are a script."""
    check(data)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=30))
@example(words=["{", "\n  "])
def test_any_words_of_yaml(words: list[str], check: Callable[[bytes], None]) -> None:
    """What YAML and scripts are made of, in any order."""
    check("".join(words).encode("utf-8", "surrogatepass"))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), st.sampled_from(WORDS) | st.text(max_size=4)),
        min_size=1,
        max_size=4,
    )
)
def test_any_change_of_a_good_script(edits: list[tuple[int, int, str]], check: Callable[[bytes], None]) -> None:
    """Pieces cut out of a script that works, and others put in."""
    text = GOOD
    for start, length, word in edits:
        text = text[:start] + word + text[start + length :]
    check(text.encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from(BROKEN), cut=st.integers(0, 300), word=st.sampled_from(WORDS))
def test_any_change_of_a_broken_script(case: Path, cut: int, word: str, check: Callable[[bytes], None]) -> None:
    """The same for scripts that are at fault already."""
    data = case.read_bytes()
    check(data[:cut] + word.encode("utf-8", "surrogatepass") + data[cut + 3 :])


def _outcome(text: str, loader: object) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_LOADER", loader)
        try:
            return lines.plain(lines.compose(source_of(text, file=Path("/x.yaml"), path="x.yaml"), Budget())[0])
        except ScriptError:
            return "refused"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(words=st.lists(st.sampled_from(WORDS), max_size=12))
def test_pyyaml_s_own_parser_ends_as_well(words: list[str]) -> None:
    """Where there is no C parser, the slow one takes its place; it too gives nodes or faults, nothing else."""
    assert _outcome("title: x\nsegments:\n- say: " + "".join(words), yaml.SafeLoader) is not None


@pytest.mark.parametrize("text", [GOOD, *(path.read_text(encoding="utf-8") for path in BROKEN)])
def test_both_parsers_read_the_same(text: str) -> None:
    """The scripts at hand give the same data, or are refused, by both."""
    assert _outcome(text, yaml.SafeLoader) == _outcome(text, yaml.CSafeLoader)


def test_the_good_script_is_good(tmp_path: Path) -> None:
    """The positive control of the changes above."""
    _check(tmp_path / "x.yaml", GOOD.encode())
    assert len(parse(tmp_path / "x.yaml").segments) == 6
