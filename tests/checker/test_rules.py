"""Every rule catches what breaks it, at the right line, and leaves a near miss alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from breathmark.api.options import Options
from breathmark.checker.registry import rules
from breathmark.findings import check

CASES = Path(__file__).parents[1] / "data" / "checker"
"""``RULE-ID/breaks*.yaml`` and ``RULE-ID/near*.yaml``: scripts. The first line of one that breaks its rule says where:
``# caught at: 7`` or ``# caught at: 7, 12``."""


def caught(rule: str, case: Path) -> list[int]:
    """The lines at which ``rule`` finds something in ``case``, once each."""
    findings = check(case, Options(voice="tone"))
    assert not [p for p in findings.problems if p.severity == "error" and not p.rule]
    return sorted({p.line for p in findings.problems if p.rule == rule and p.path == str(case)})


@pytest.mark.parametrize(
    "case", sorted(CASES.glob("*/breaks*.yaml")), ids=lambda case: f"{case.parent.name}/{case.stem}"
)
def test_a_script_that_breaks_the_rule_is_caught_at_its_line(case: Path) -> None:
    """At all the lines that its first line names, and at no other."""
    head = case.read_text(encoding="utf-8").partition("\n")[0]
    expected = re.fullmatch(r"# caught at: (\d+(?:, \d+)*)", head)
    assert expected, f"the first line of {case} should be `# caught at: LINE`"
    assert caught(case.parent.name, case) == [int(line) for line in expected[1].split(", ")]


@pytest.mark.parametrize("case", sorted(CASES.glob("*/near*.yaml")), ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_near_miss_is_left_alone(case: Path) -> None:
    """It looks like what the rule is after, and is fine."""
    assert caught(case.parent.name, case) == []


@pytest.mark.parametrize("rule", [rule.id for rule in rules() if rule.check is not None])
def test_no_rule_without_both(rule: str) -> None:
    """A rule whose cases nobody wrote is no rule; those about a whole course have a test of their own."""
    assert [*(CASES / rule).glob("breaks*.yaml")], f"write tests/data/checker/{rule}/breaks.yaml"
    assert [*(CASES / rule).glob("near*.yaml")], f"write tests/data/checker/{rule}/near.yaml"


def test_every_case_belongs_to_a_rule() -> None:
    """A rule that was renamed leaves no case behind."""
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} <= {rule.id for rule in rules()}


def test_a_picture_is_to_be_taken_out_not_spelt_out(tmp_path: Path) -> None:
    """The hint of TTS-01 fits what was found."""
    script = tmp_path / "x.yaml"
    script.write_text(
        "title: x\nsegments:\n  - say: |\n      You are seen 🙏.\n      Count 3 of them.\n", encoding="utf-8"
    )
    found = check(script, Options(estimate=True)).problems
    hints = {problem.line: problem.hint for problem in found if problem.rule == "TTS-01"}
    assert hints[4].startswith("take it out")
    assert hints[5].startswith("spell it out")
