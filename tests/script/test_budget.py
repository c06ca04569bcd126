"""What a script may use up: of processor time, too."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import ScriptError
from breathmark.script.budget import Budget, OverBudgetError
from breathmark.script.expand import expand
from breathmark.script.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

TINY_S = 1e-9
SCRIPT = """\
title: Short
length: 5m
segments:
  - say: Breathe.
  - silence: 1s..5s..10m
"""


def test_the_deadline_ends_reading_and_filling_in(tmp_path: Path) -> None:
    """As a fault of the script, at a place, with what to do."""
    path = tmp_path / "short.yaml"
    path.write_text(SCRIPT)
    for read in (
        lambda: parse(path, Budget(seconds=TINY_S)),
        lambda: expand(parse(path), budget=Budget(seconds=TINY_S)),
    ):
        with pytest.raises(ScriptError, match="reading and filling in this script takes more than 1e-09 s") as caught:
            read()
        assert [problem.line > 0 for problem in caught.value.problems] == [True]
        assert "use fewer loop passes" in caught.value.problems[0].hint


def test_a_deadline_that_is_over_stays_over() -> None:
    """Whatever is drawn afterwards."""
    budget = Budget(seconds=TINY_S)
    for _ in range(3):
        with pytest.raises(OverBudgetError, match="takes more than"):
            budget.spend(1)
    assert budget.spent == 1


def test_every_thread_spends_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what a thread did before, nor what it had not done, counts; all that they spend together does."""
    used_s: dict[int, float] = {threading.get_ident(): 1000.0}
    monkeypatch.setattr(time, "thread_time", lambda: used_s.setdefault(threading.get_ident(), 0.0))

    def work(seconds: float) -> None:
        budget.spend(1)
        used_s[threading.get_ident()] += seconds
        budget.spend(1)

    budget = Budget(seconds=10.0)
    with ThreadPoolExecutor(1) as other:
        other.submit(work, 6.0).result()
        work(3.0)
        assert budget.spent == pytest.approx(0.9)
        with pytest.raises(OverBudgetError):
            other.submit(work, 2.0).result()
    with ThreadPoolExecutor(1) as other:
        budget = other.submit(lambda: Budget(seconds=10.0)).result()
    work(1.0)
    assert budget.spent == pytest.approx(0.1)
