"""Scripts in the careless style of common meditation apps get reports that help: everything once, nothing for show."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from breathmark.api.options import Options
from breathmark.cli.check import as_text
from breathmark.findings import check_course

CARELESS = Path(__file__).parents[1] / "data" / "careless"
SCRIPTS = sorted(CARELESS.glob("*.yaml"))


def report(script: Path) -> str:
    """What ``breathmark check -q --estimate`` prints for it."""
    return as_text(check_course((Path(script.name),), Options(estimate=True, voice="tone")), quiet=True)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_report_is_the_one_that_was_read_and_found_useful(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line by line the same; ``UPDATE_GOLDEN=1`` writes it anew, to be read before it is committed."""
    monkeypatch.chdir(CARELESS)
    golden = script.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(report(script), encoding="utf-8")
    assert report(script) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_no_rule_speaks_more_than_twice(script: Path) -> None:
    """Whatever is found more often is told in one line, with the others' lines."""
    rules = Counter(re.findall(r"\[([A-Z]{3}-\d\d)\]", script.with_suffix(".txt").read_text(encoding="utf-8")))
    assert rules
    assert max(rules.values()) <= 2


def test_together_they_break_most_rules_of_wording() -> None:
    """Ten scripts as they are found in the wild are a test of what the rules can hear."""
    text = "".join(script.with_suffix(".txt").read_text(encoding="utf-8") for script in SCRIPTS)
    heard = Counter(rule[:3] for rule in set(re.findall(r"\[([A-Z]{3}-\d\d)\]", text)))
    assert len(SCRIPTS) == 10
    assert heard["SAF"] >= 14
    assert heard["LAN"] >= 7
    assert heard["INC"] >= 6
    assert heard["CRI"] == 3
    assert heard["CLM"] == 3
    assert heard["STG"] == 7
