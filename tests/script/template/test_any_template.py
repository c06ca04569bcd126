"""Any template is filled in, or is a list of faults with their places; never anything else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breathmark.base.errors import ScriptError
from breathmark.script.budget import Budget
from breathmark.script.faults import Faults
from breathmark.script.project import Project, ProjectFiles
from breathmark.script.settings import BUILT_IN_PACING
from breathmark.script.template.filters import Value
from breathmark.script.template.templates import Scope, Templates
from breathmark.script.terms import Text

if TYPE_CHECKING:
    from pathlib import Path

MACROS = "{% macro m(a) %}Hi {{ a }}. {% endmacro %}{% macro n() %}{{ caller() }}{% endmacro %}"
GOOD = (
    "Hello{% if name %}, {{ name }}{% endif %}. [pause 3s] Be here.",
    "{% for w in words %}{{ loop.index }} {{ w }}{% if not loop.last %}, {% endif %}{% endfor %}.",
    "{% set x = name|upper %}{{ x ~ mood }}. [bell] {{ words|join(', ') }}",
    "{% set x %}Dear {{ name }}{% endset %}{{ x|replace('D', 'd')|first }}",
    "{% macro k(a, b='c') %}{{ a }}{{ b }}{% endmacro %}{{ k(mood) }} {{ k(b=name, a=times + 1) }}",
    "{% macro box() %}{{ caller() }}{% endmacro %}{% call box() %}Rest. [long]{% endcall %}",
    "{% import 'm.j2' as z %}{{ z.m('Ana') }}{% from 'm.j2' import n as y %}{% call y() %}a{% endcall %}",
    "{{ times if mood == 'low' else words|last }} {% if times is odd and 'a' in words %}Yes.{% endif %}",
)
PIECES = (
    *("{% autoescape true %}", "{% endautoescape %}", "{% filter upper %}", "{% endfilter %}", "{% with a = 1 %}"),
    *("{% endwith %}", "{% block x %}", "{% endblock %}", "{% extends 'x' %}", "{% include 'x' %}", "{% endcall %}"),
    *("{% import 'x' as y %}", "{% import 'm.j2' as y %}", "{% from 'm.j2' import m %}", "{% macro m() %}"),
    *("{% endmacro %}", "{% call x() %}", "{% raw %}", "{% endraw %}", "{% set a.b = 1 %}", "{% set a, b = words %}"),
    *("{% print 1 %}", "{{ self }}", "{{ super() }}", "{{ loop }}", "{{ caller() }}", "{{ varargs }}", "{{ kwargs }}"),
    *("{{ name.x }}", "{{ name[0] }}", "{{ name() }}", "{{ (1, 2) }}", "{{ {1: 2} }}", "{{ 1 if name }}", "{{ m }}"),
    *("{{", "}}", "{%", "%}", "{#", "#}", "[pause 3s]", "[bell]", "[", "]", "(", ")", "'", "|", "~", "-", "+", "*"),
    *("{% for a in name %}", "{% for a in [[1], 2] %}", "{% endfor %}", "{% if name %}", "{% endif %}", "{% else %}"),
    *("{% elif 1 %}", "1e999", "9" * 50, "9" * 5000, "0x1f", "name", "words", "times", "mood", "loop.index", "m"),
    *("|upper", "|join", "|join(1)", "|default('x')", "|length", "|replace('a')", "|first|last", " == ", " < ", " in "),
    *(
        " and ",
        " not ",
        " is defined",
        " is odd",
        " is in 5",
        " is even",
        " if ",
        " else ",
        "a=",
        "**",
        "🧘",
        "\n",
        " ",
    ),
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.sampled_from((0, 0, 0, 1, 3, 12)), st.sampled_from(PIECES)), max_size=3)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a file of macros."""
    folder = tmp_path_factory.mktemp("templates")
    (folder / "m.j2").write_text(MACROS, encoding="utf-8")
    return folder


def _fill_in(text: str, root: Path) -> None:
    faults = Faults()
    templates = Templates(
        faults=faults,
        rests=BUILT_IN_PACING,
        cast=(),
        files=ProjectFiles(Project(root=root)),
        budget=Budget(characters=500_000),
    )
    values = {"name": Value("Ana"), "mood": Value("calm"), "words": (Value("a"), Value("b")), "times": 2}
    scope = Scope(values=values, private=frozenset({"name"}), secret=frozenset({"name"}), file=root / "x.yaml")
    raw = Text(raw=text, path="x.yaml", anchors=((0, 1, 1),))
    with suppress(ScriptError):
        filled = templates.render(raw, scope)
        assert (filled is None) == faults.has_errors
        templates.render_line(raw, scope, public="a title")
        templates.holds(raw, scope)
    for problem in faults.as_error().problems:
        assert problem.message
        assert problem.line >= 1
        assert problem.column >= 1


def _changed(text: str, edits: list[tuple[float, int, str]]) -> str:
    for share, length, piece in edits:
        start = round(share * len(text))
        text = text[:start] + piece + text[start + length :]
    return text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.sampled_from(GOOD), edits=EDITS)
@example(text="{% autoescape true %}Hello.{% endautoescape %}", edits=[])
@example(text="{{ " + "9" * 5000 + " }}", edits=[])
def test_any_change_of_a_template(root: Path, text: str, edits: list[tuple[float, int, str]]) -> None:
    """Pieces cut out of templates that work, and others put in."""
    _fill_in(_changed(text, edits), root)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(text=st.sampled_from(GOOD), edits=EDITS)
def test_thousands_of_changed_templates(root: Path, text: str, edits: list[tuple[float, int, str]]) -> None:
    """The same, two thousand times."""
    _fill_in(_changed(text, edits), root)


@pytest.mark.parametrize("text", GOOD)
def test_what_is_changed_is_good(root: Path, text: str) -> None:
    """The positive control."""
    faults = Faults()
    templates = Templates(
        faults=faults,
        rests=BUILT_IN_PACING,
        cast=(),
        files=ProjectFiles(Project(root=root)),
        budget=Budget(characters=500_000),
    )
    values = {"name": Value("Ana"), "mood": Value("calm"), "words": (Value("a"), Value("b")), "times": 2}
    templates.render(Text(raw=text, path="x.yaml", anchors=((0, 1, 1),)), Scope(values=values, file=root / "x.yaml"))
    assert faults.as_error().problems == ()
