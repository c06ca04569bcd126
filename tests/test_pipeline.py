"""The Python API, where it is asked for what makes no sense, and what it shows of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest

import breathmark

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPT: Final = """\
title: Evening
length: 5s..14s..5m
variables: {name: {default: "", max_length: 24}}
segments:
  - title: Welcome
    say: "You might rest here{% if name %}, {{ name }}{% endif %}. [pause 1s..3s..4m]"
  - title: Later
    optional: {from: 2m}
    say: Stay a little.
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """One that can be laid out in a moment."""
    path = tmp_path / "evening.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (breathmark.plan, "Options"),
        (lambda path, options: breathmark.render(path, None, options), "Options"),
        (breathmark.check, "Options"),
        (lambda path, options: breathmark.check_course([path], options), "Options"),
        (breathmark.build, "BuildOptions"),
    ],
    ids=["plan", "render", "check", "check_course", "build"],
)
def test_a_dict_is_not_options(call: Callable[[Path, Any], object], wanted: str, script: Path) -> None:
    """The error says what to write."""
    with pytest.raises(TypeError, match=rf"options must be breathmark\.{wanted}\(\.\.\.\), not dict"):
        call(script, {"length": "2m"})


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: breathmark.Options(length=[1]), "`length` has to be a text or a number, not a list"),  # type: ignore[arg-type]
        (lambda: breathmark.Options(jobs=True), "`jobs` has to be a whole number, not a bool"),
        (lambda: breathmark.Options(values=[("a", "b")]), "`values` has to be a mapping of names, not a list"),  # type: ignore[arg-type]
        (lambda: breathmark.Options(progress="x"), "`progress` has to be a Progress, not a str"),  # type: ignore[arg-type]
        (lambda: breathmark.Options(cover=b"x"), "`cover` has to be a path or a Cover, not a bytes"),  # type: ignore[arg-type]
        (lambda: breathmark.BuildOptions(jobs="x"), "`jobs` has to be a whole number, not a str"),  # type: ignore[arg-type]
        (lambda: breathmark.BuildOptions(select="a"), "`select` has to be a tuple of texts, not a str"),  # type: ignore[arg-type]
        (lambda: breathmark.BuildOptions(lengths_s=("5m",)), "`lengths_s` has to be a tuple of numbers, not a tuple"),  # type: ignore[arg-type]
    ],
)
def test_a_value_of_another_type_is_told_by_its_field(make: Callable[[], object], told: str) -> None:
    """Where it is given, and not by a TypeError from within."""
    with pytest.raises(breathmark.RequestError, match=re.escape(told)):
        make()


def test_options_take_a_text_for_a_path_and_none_for_what_is_left_out(tmp_path: Path) -> None:
    """As callers write it."""
    options = breathmark.Options(cache=str(tmp_path), voice=None, values=None)  # type: ignore[arg-type]
    assert options == breathmark.Options(cache=tmp_path)


def test_options_show_what_was_set_and_no_value() -> None:
    """A listener's name is nobody else's business."""
    options = breathmark.Options(length="12m", bells=False, values={"name": "Ana"})
    assert repr(options) == ("Options(length='12m', bells=False, values={'name': '…'})")
    assert repr(breathmark.Options()) == "Options()"


def test_a_plan_shows_itself(script: Path) -> None:
    """In a line, and in a notebook as its picture."""
    plan = breathmark.plan(script, breathmark.Options(voice="tone", estimate=True))
    assert repr(plan) == "<Plan of 'Evening': about 0:14.0, tone>"
    assert plan._repr_svg_().startswith("<svg")


def test_a_number_is_a_value(script: Path) -> None:
    """It is spoken as it is written."""
    plan = breathmark.plan(script, breathmark.Options(voice="tone", estimate=True, values={"name": 3}))
    assert plan.timeline.speech[0].utterance.caption == "You might rest here, 3."


def test_a_segment_that_comes_in_later_is_told(script: Path) -> None:
    """With the length to ask for."""
    options = breathmark.Options(voice="tone", only="later")
    with pytest.raises(breathmark.RequestError, match="“Later” comes into sessions from 2:00 on"):
        breathmark.render(script, script.with_suffix(".wav"), options)


def test_the_sound_alone_is_an_option(script: Path) -> None:
    """Nothing lies beside it."""
    output = script.with_suffix(".wav")
    assert breathmark.render(script, output, breathmark.Options(voice="tone", sound_only=True)).beside == ()
    assert sorted(path.name for path in script.parent.iterdir()) == ["evening.wav", "evening.yaml"]
