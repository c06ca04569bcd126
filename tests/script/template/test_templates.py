"""Templates: what they can do, what they can't, and that neither a value nor a literal is ever a marker."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import ScriptError
from breathmark.script.budget import Budget
from breathmark.script.faults import Faults
from breathmark.script.project import Project, ProjectFiles
from breathmark.script.settings import BUILT_IN_PACING
from breathmark.script.template.filters import Value
from breathmark.script.template.templates import Scope, Templates
from breathmark.script.terms import Text
from breathmark.script.text.sentinels import SENTINEL, PlacedMarker, plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Filled:
    """A text, filled in, with what was found on the way."""

    def __init__(self, raw: str, root: Path, values: dict[str, object], secret: Iterable[str] = ()) -> None:
        self.faults = Faults()
        templates = Templates(
            faults=self.faults, rests=BUILT_IN_PACING, cast=(), files=ProjectFiles(Project(root=root)), budget=Budget()
        )
        given = {name: Value(value) if isinstance(value, str) else value for name, value in values.items()}
        scope = Scope(values=given, secret=frozenset(secret), private=frozenset(secret), file=root / "script.yaml")
        text = Text(raw=raw, path="script.yaml", anchors=((0, 1, 1),))
        rendered = templates.render(text, scope)
        self.text = plain(rendered.text) if rendered else ""
        self.private = rendered.private if rendered else False
        found = (templates.sentinels.meaning(each) for each in SENTINEL.findall(rendered.text)) if rendered else ()
        self.markers = [each.marker for each in found if isinstance(each, PlacedMarker)]
        self.messages = [problem.message for problem in self.faults.as_error().problems]


def messages(raw: str, root: Path) -> list[str]:
    """What is wrong with a text, also where it ends the search for more."""
    try:
        return Filled(raw, root, {"x": "x"}).messages
    except ScriptError as error:
        return [problem.message for problem in error.problems]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Hello{% if name %}, {{ name }}{% endif %}.", "Hello, Ana."),
        ("{% if mood == 'low' %}A{% elif mood == 'calm' %}B{% else %}C{% endif %}", "B"),
        (
            "{% for word in words %}{{ loop.index }} {{ word }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "1 sea, 2 sky",
        ),
        ("{% set who = name|upper %}{{ who }}", "ANA"),
        (
            "{% set who %}dear {{ name }}{% endset %}{{ who|capitalize }}{% if who == 'dear Ana' %}!{% endif %}",
            "Dear ana!",
        ),
        (
            "{% macro hi(who, more='') %}Hi, {{ who }}{{ more }}.{% endmacro %}{{ hi(name, more=' and all') }}",
            "Hi, Ana and all.",
        ),
        ("{% macro box() %}<{{ caller() }}>{% endmacro %}{% call box() %}{{ name }}{% endcall %}", "<Ana>"),
        ("{{ words|join(', ') }} {{ words|length }} {{ words|first }} {{ words|last }}", "sea, sky 2 sea sky"),
        ("{{ nobody|default('you') }} {{ 'x' if nobody is defined else 'y' }}", "you y"),
        ("{{ name ~ ' ' ~ times }} {{ times + 1 }} {{ 'a' + 'b' }} {{ name|replace('a', 'e') }}", "Ana 3 4 ab Ane"),
        ("{% if 'sea' in words and times > 2 and times is odd %}yes{% endif %}", "yes"),
        ("{# not this #}This", "This"),
        ("  {% if name %}\nHello.\n  {% endif %}\nRest.", "Hello.\nRest."),
    ],
)
def test_what_templates_can_do(raw: str, expected: str, tmp_path: Path) -> None:
    """Conditions, loops over lists, set, macros, the listed filters and tests; tags alone on a line leave no line."""
    filled = Filled(raw, tmp_path, {"name": "Ana", "mood": "calm", "words": (Value("sea"), Value("sky")), "times": 3})
    assert filled.messages == []
    assert filled.text == expected


@pytest.mark.parametrize(
    "value", ["[pause 30s]", "{{ 7*7 }}", "{% if x %}", '<break time="9s"/>', "...", "Ana-María O'Neil"]
)
def test_a_value_comes_out_as_it_went_in(value: str, tmp_path: Path) -> None:
    """Not even a value that slipped past every check becomes a marker or a template."""
    filled = Filled("Hello {{ name }} [pause 3s]\n{{ name|upper }}\n{{ name }}", tmp_path, {"name": value})
    assert filled.text == f"Hello {value} \n{value.upper()}\n{value}"
    assert len(filled.markers) == 1


def test_markers_survive_loops_macros_and_captures(tmp_path: Path) -> None:
    """A marker in a macro or a set block is one wherever its text is put out, as often as it is."""
    raw = (
        "{% macro m() %}A [pause 3s]{% endmacro %}{% set x %}B [bell]{% endset %}"
        "{{ m() }}{{ x }}{% for n in [1, 2] %}[5s]{% endfor %}"
    )
    assert len(Filled(raw, tmp_path, {}).markers) == 4


def test_a_marker_counts_for_nothing_in_a_comparison(tmp_path: Path) -> None:
    """Captured text compares as what is spoken of it."""
    raw = "{% set x %}B [bell]{% endset %}{% if x == 'B ' %}same{% endif %} {{ x|length }}"
    assert Filled(raw, tmp_path, {}).text == "same 2"


@pytest.mark.parametrize(
    ("raw", "private"),
    [
        ("Hello {{ name }}.", True),
        ("{% if name %}Hello.{% endif %}", True),
        ("{% set who = name %}{% set other = who %}{{ other }}", True),
        ("{% if name == 'x' %}{% set other = 1 %}{% endif %}{{ other|default('') }}", True),
        ("{% macro m() %}{{ name }}{% endmacro %}{{ m() }}", True),
        ("{% macro m(who) %}{{ who }}{% endmacro %}{{ m(name) }}", True),
        ("{% macro m(who) %}{{ who }}{% endmacro %}{{ m(mood) }}", False),
        ("{{ mood }}{% if mood %}Hello.{% endif %}", False),
    ],
)
def test_what_depends_on_a_secret(raw: str, private: bool, tmp_path: Path) -> None:  # noqa: FBT001 (a parameter of the test)
    """A secret is followed through set, macros and choices."""
    filled = Filled(raw, tmp_path, {"name": "Ana", "mood": "calm"}, secret=["name"])
    assert filled.messages == []
    assert filled.private is private


def test_macros_are_imported_from_the_project(tmp_path: Path) -> None:
    """Either form of import works, a file may import another one, and its macros see only their arguments."""
    (tmp_path / "a.jinja").write_text(
        "{% import 'b.jinja' as b %}{% macro hi(who) %}Hi, {{ who }}. {{ b.bye() }}{% endmacro %}"
    )
    (tmp_path / "b.jinja").write_text("{% macro bye() %}Bye. [pause 3s]{% endmacro %}")
    raw = "{% import 'a.jinja' as a %}{% from 'b.jinja' import bye as end %}{{ a.hi(name) }} {{ end() }}"
    filled = Filled(raw, tmp_path, {"name": "Ana"})
    assert filled.messages == []
    assert filled.text == "Hi, Ana. Bye.  Bye. "
    assert len(filled.markers) == 2


def test_a_macro_file_does_not_see_variables(tmp_path: Path) -> None:
    """What a macro needs is handed to it, so that a private value can't come out of a file unseen."""
    (tmp_path / "a.jinja").write_text("{% macro hi() %}Hi, {{ name }}.{% endmacro %}")
    filled = Filled("{% import 'a.jinja' as a %}{{ a.hi() }}", tmp_path, {"name": "Ana"})
    assert filled.messages == ["`name` is not defined"]


LIST = f"[{', '.join('1' for _ in range(70))}]"


@pytest.mark.parametrize(
    "raw",
    [
        "".join(f"{{% for a{level} in {LIST} %}}" for level in range(12)) + "x" + "{% endfor %}" * 12,
        f"{{% set z %}}{{% for a in {LIST} %}}{{% for b in {LIST} %}}"
        + "{{ a }}" * 3000
        + "{% endfor %}{% endfor %}{% endset %}",
        "{% macro m() %}" + "{{ 1 }}b" * 3000 + "{% endmacro %}" + "{{ m() }}" * 500,
        "{% set x %}" + "a" * 1000 + "{% endset %}" + "{% set x %}{{ x }}{{ x }}{% endset %}" * 1000 + "{{ x }}",
        "{% set x = 1 %}" + "{% set x = x + x %}" * 1000 + "{{ x }}",
        f"{{% for a in {LIST} %}}{'a' * 50_000}{{% endfor %}}",
        "{% set a %}" * 900 + "{% endset %}" * 900,
        "{{ " + "-" * 900 + "1 }}",
        "{{ x" + "|upper" * 150 + " }}",
    ],
)
def test_templates_are_bounded(raw: str, tmp_path: Path) -> None:
    """Loops, calls, doubling and depth end in a fault, in a few seconds at most on a busy machine."""
    start_s = time.process_time()
    assert messages(raw, tmp_path)
    assert time.process_time() - start_s < 5.0


def test_a_script_s_templates_are_bounded_together(tmp_path: Path) -> None:
    """Many texts that each stay within their bound do not add up to hours."""
    faults = Faults()
    templates = Templates(
        faults=faults, rests=BUILT_IN_PACING, cast=(), files=ProjectFiles(Project(root=tmp_path)), budget=Budget()
    )
    raw = f"{{% for a in {LIST} %}}{{% for b in {LIST} %}}{{% endfor %}}{{% endfor %}}"
    text = Text(raw=raw, path="x.yaml", anchors=((0, 1, 1),))
    with pytest.raises(ScriptError, match="more than 24,000,000 characters"):
        any(templates.render(text, Scope(values={})) is None for _ in range(100))


@pytest.mark.parametrize("raw", ["nul \x00", "bell \x07", "private \ue000", "plane \U000f0000", "half \ud800"])
def test_characters_that_can_t_be_spoken_are_refused(raw: str, tmp_path: Path) -> None:
    """Control characters, private use and surrogates never reach a template."""
    assert "can't be in a script" in Filled(raw, tmp_path, {}).messages[0]


def test_very_many_faults_end_the_search(tmp_path: Path) -> None:
    """A hostile text is given up after two hundred faults."""
    with pytest.raises(ScriptError) as caught:
        Filled("[p" * 10_000, tmp_path, {})
    assert len(caught.value.problems) <= 201


def test_as_many_markers_as_fit_in_a_text(tmp_path: Path) -> None:
    """Six thousand markers in one text are read, each as itself."""
    assert len(Filled("a [5s] " * 6000, tmp_path, {}).markers) == 6000
