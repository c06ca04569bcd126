"""Golden cases: whatever is meant as a pause is a rest or an error, and is never spoken."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from breathmark.base.errors import ScriptError
from breathmark.model import Rest, Say, Segment, utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.settings import BUILT_IN_PACING
from breathmark.script.text.lookalikes import spoken_pause
from breathmark.script.text.scan import find_markers

TABLE = Path(__file__).parents[2] / "data" / "pauses_gone_wrong.txt"
"""``INPUT => OUTCOME``; its head says more."""
ALONE, BETWEEN = "Let it go.\n{}\nBreathe easy.", "Let it go. {} Breathe easy."


class Case(NamedTuple):
    """A line of the table, in a text."""

    written: str
    text: str
    outcome: str
    says: str


def unescaped(text: str) -> str:
    r"""``\n``, ``\\`` and ``\uXXXX`` as they are in Python."""
    return re.sub(
        r"\\(?:u([0-9a-f]{4})|n|\\)",
        lambda match: chr(int(match[1], 16)) if match[1] else {"\\n": "\n", "\\\\": "\\"}[match[0]],
        text,
    )


def cases() -> list[Case]:
    """Every line of the table, alone on its line and between two sentences."""
    found = []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        left, _, right = line.partition(" => ")
        outcome, _, says = right.partition(": ")
        written = unescaped(left.removeprefix("@line "))
        around = [ALONE] if left.startswith("@line ") else [ALONE, BETWEEN]
        found += [Case(written, each.replace("{}", written), outcome, unescaped(says)) for each in around]
    return found


CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: ascii(case.text.replace("\n", "|")))
def test_what_becomes_of_it(case: Case, tmp_path: Path) -> None:
    """An error at its line, a rest, or nothing; in no case is it in an utterance, and near misses are spoken whole."""
    script = tmp_path / "x.yaml"
    indented = case.text.replace("\n", "\n      ")
    script.write_text(f"title: x\nsegments:\n  - say: |\n      {indented}\n", encoding="utf-8")
    if case.outcome == "error":
        with pytest.raises(ScriptError) as caught:
            expand(parse(script))
        first = caught.value.problems[0]
        assert first.message.startswith(case.says)
        assert first.line in range(4, 5 + case.text.count("\n"))
        assert first.hint or "{" in case.written
        return
    expanded = expand(parse(script))
    (segment,) = expanded.segments
    assert isinstance(segment, Segment)
    spoken = " ".join(item.utterance.caption for item in segment.items if isinstance(item, Say))
    assert spoken == (" ".join(case.text.split()) if case.outcome == "speech" else "Let it go. Breathe easy.")
    rests_s = [item.range.ideal_s for item in segment.items if isinstance(item, Rest) and item.level == "explicit"]
    assert rests_s == ([float(case.says)] if case.outcome == "rest" else [])
    warned = [problem.message for problem in expanded.warnings]
    if case.outcome == "warning":
        assert warned[0].startswith(case.says)
    elif case.outcome in {"note", "speech"}:
        assert warned == []


def test_what_stands_between_tags_is_spoken(tmp_path: Path) -> None:
    """The tags alone are left out, and a heading above."""
    script = tmp_path / "x.yaml"
    script.write_text(
        'title: x\nsegments:\n  - say: |\n      # Intro\n      <p>Let it <emphasis level="strong">go</emphasis>.</p>\n',
        encoding="utf-8",
    )
    expanded = expand(parse(script))
    assert [utterance.caption for utterance in utterances(expanded)] == ["Let it go."]
    assert [problem.column for problem in expanded.warnings] == [7, 7, 17, 44, 56]


def test_a_marker_in_a_heading_that_a_tag_interrupts_is_a_marker(tmp_path: Path) -> None:
    """The line is not all at hand, so it is spoken; what is in brackets is not."""
    script = tmp_path / "x.yaml"
    script.write_text("title: x\nsegments:\n  - say: '# Rest [pause 5s] {{ 1 + 1 }} now'\n", encoding="utf-8")
    assert [utterance.caption for utterance in utterances(expand(parse(script)))] == ["# Rest", "2 now"]
    script.write_text("title: x\nsegments:\n  - say: '#}[{{ 1 + 1 }}'\n", encoding="utf-8")
    with pytest.raises(ScriptError, match="bracket isn't closed before the next template tag"):
        expand(parse(script))


def test_the_table_is_long() -> None:
    """More than 150 ways, of every outcome."""
    assert len({case.written for case in CASES if case.outcome != "speech"}) > 150
    assert {case.outcome for case in CASES} == {"error", "rest", "note", "warning", "speech"}


def test_what_is_put_together_by_a_template_is_not_spoken_either(tmp_path: Path) -> None:
    """Where the brackets come out of an expression or a value, the sentence's place is reported, and no value."""
    for text in ("{{ '(pause 3s)' }} Breathe.", "(pause {{ n }}s) Breathe.", "(for {{ n }} seconds)", "{{ name }} Hi."):
        script = tmp_path / "x.yaml"
        script.write_text(
            f"title: x\nvariables:\n  n: 3\n  name: ''\nsegments:\n  - say: |\n      {text}\n", encoding="utf-8"
        )
        with pytest.raises(ScriptError) as caught:
            expand(parse(script), {"name": "(pause 7s)"})
        (problem,) = caught.value.problems
        assert (problem.line, problem.column) == (7, 7)
        assert "7s" not in problem.message
        assert "pause" in problem.hint


@pytest.mark.parametrize("piece", ["(", "*", "a", "7", "<!--", "(pause 3s) [bell] ", "<", "pause 3s) ", "{", "7\n"])
def test_a_page_of_anything_is_read_in_no_time(piece: str) -> None:
    """No form takes longer than in proportion to the text."""
    page = (piece * 32_768)[:32_768]
    start_s = time.process_time()
    assert len(list(find_markers(page, 0, len(page), BUILT_IN_PACING))) >= 0
    assert time.process_time() - start_s < 3.0


@pytest.mark.parametrize(
    ("written", "marker"),
    [
        ("(pausa de diez segundos)", "pause 10s"),
        ("(pause de vingt-cinq secondes)", "pause 25s"),
        ("(silenzio di un minuto)", "pause 1m"),
        ("(Pause, 1 Stunde)", "pause 1h"),
        ("(pause for a moment)", "pause 5s"),
        ("(pause for five to ten seconds)", "pause 3s..5s..12s"),
    ],
)
def test_the_hint_has_the_time_that_is_meant(written: str, marker: str) -> None:
    """In figures or in words, where it is one time."""
    assert spoken_pause(written, BUILT_IN_PACING) == marker
