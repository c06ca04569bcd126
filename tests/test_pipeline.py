"""The Python API, where it is asked for what makes no sense, and what it shows of itself."""

from __future__ import annotations

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


def test_options_show_what_was_set_and_no_value() -> None:
    """A listener's name is nobody else's business."""
    options = breathmark.Options(length="12m", bells=False, values={"name": "Ana"}, set_values=("mood=sad",))
    assert repr(options) == ("Options(length='12m', bells=False, values={'name': '…'}, set_values=('mood=…',))")
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
