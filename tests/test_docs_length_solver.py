"""docs/length-solver.md shows what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from breathmark.api import render as pipeline
from breathmark.api.options import Options
from breathmark.base.errors import LengthError
from breathmark.timeline.picture import timeline_svg

DOCS = Path(__file__).parent.parent / "docs"


def test_the_picture_is_the_one_that_the_example_gives() -> None:
    """The picture in the documentation is that of its example, drawn anew, byte for byte."""
    plan = pipeline.plan(DOCS / "length-solver.yaml", Options(length="5m", estimate=True))
    drawn = timeline_svg(plan.timeline, plan.script.title, estimated=plan.estimated)
    assert drawn == (DOCS / "length-solver.svg").read_text("utf-8"), "draw it anew with the command in length-solver.md"


def test_the_refusal_is_the_one_that_is_printed() -> None:
    """The documented error says what the program says."""
    with pytest.raises(LengthError) as refused:
        pipeline.plan(DOCS / "length-solver.yaml", Options(length="2m", estimate=True))
    documented = " ".join((DOCS / "length-solver.md").read_text("utf-8").split())
    for sentence in (refused.value.message.split(" (most in")[0], refused.value.hint):
        assert sentence in documented
