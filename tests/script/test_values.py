from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.base.errors import RequestError, ScriptError
from breathmark.script.parse import parse
from breathmark.script.values import check_values, read_values, values_of_settings
from breathmark.script.variables import canonical

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.script.document import Document

SCRIPT = """\
title: x
variables:
  name: {default: "", max_length: 24}
  anchor: {default: body, choices: [body, sound, breath]}
  rounds: 3
  bells: yes
  wishes: {default: [be well]}
segments:
  - say: Hello.
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A script with a variable of each type."""
    script = tmp_path_factory.mktemp("values") / "x.yaml"
    script.write_text(SCRIPT, encoding="utf-8")
    return parse(script)


def test_values_of_python_are_taken_for_their_text(document: Document) -> None:
    """Numbers, True and False, and lists: as in a file of values."""
    given: Any = {"name": 3, "rounds": 2.5, "bells": False, "wishes": ["be calm", "be kind"]}
    assert check_values(document, given) == {
        "name": "3",
        "rounds": "2.5",
        "bells": "no",
        "wishes": "be calm; be kind",
    }


def test_an_item_with_a_semicolon_is_not_two(document: Document) -> None:
    """It would become two; a list as text has them between its items."""
    with pytest.raises(RequestError, match="can't hold `;`"):
        check_values(document, {"name": ["one; two"]})


def test_other_values_are_told_without_being_shown(document: Document) -> None:
    """Each by its name and its kind."""
    given: Any = {"name": {"secret": "Ana"}, "wishes": ["be calm", 7], "rounds": None}
    with pytest.raises(RequestError) as refused:
        check_values(document, given)
    told = refused.value.message.splitlines()
    assert [line.split(",")[0] for line in told] == [
        "`name` is a dict",
        "`wishes` is a list",
        "`rounds` is a NoneType",
    ]
    assert "Ana" not in refused.value.message
    pairs: Any = [("name", "Ana")]
    with pytest.raises(RequestError, match="not a mapping"):
        check_values(document, pairs)


def test_options_are_checked_and_brought_into_one_form(document: Document) -> None:
    """Spaces, case and the words for yes and no don't matter; an accent and an apostrophe do no harm."""
    options = ["name= Ana-María O'Neil ", "anchor=Breath", "rounds=2.5", "bells=off", "wishes=be calm;be kind"]
    assert check_values(document, values_of_settings(options)) == {
        "name": "Ana-María O'Neil",
        "anchor": "breath",
        "rounds": "2.5",
        "bells": "no",
        "wishes": "be calm; be kind",
    }


@pytest.mark.parametrize(
    "value",
    [
        "[pause 30s]",
        "{{ 7*7 }}",
        '<break time="9s"/>',
        "a]",
        "a}b",
        "a\nb",
        "a\tb",
        "a\0b",
        "a\x1bb",
        "a\u2028b",
        "a\u202eb",
        "a\u2066b",
        "a\ue000b",
        "a\U000f0000b",
    ],
)
def test_a_value_is_never_a_marker_nor_a_template(document: Document, value: str) -> None:
    """Brackets, braces and invisible characters are refused, and the message doesn't repeat the value."""
    with pytest.raises(RequestError) as caught:
        check_values(document, {"name": value})
    assert "`name`" in str(caught.value)
    assert value not in str(caught.value)


def test_no_word_of_a_value_is_endless(document: Document) -> None:
    """No engine should get it; the message doesn't repeat it, and a long sentence of plain words is fine."""
    with pytest.raises(RequestError, match="`wishes` holds a word of 101 letters") as caught:
        check_values(document, {"wishes": "be well; " + "q" * 101})
    assert "qq" not in str(caught.value)
    assert check_values(document, {"wishes": "q" * 100})


@pytest.mark.parametrize(
    ("option", "piece"),
    [
        ("nmae=Ana", "did you mean `name`"),
        ("zebra=1", "available: name, anchor"),
        ("name", "NAME=VALUE"),
        ("name=" + "a" * 25, "at most 24"),
        ("anchor=feet", "one of body, sound, breath"),
        ("rounds=many", "has to be a number"),
        ("rounds=1e999", "has to be a number"),
        ("bells=perhaps", "yes or no"),
    ],
)
def test_what_does_not_fit_is_told(document: Document, option: str, piece: str) -> None:
    """Unknown names, long texts and wrong types each have their message."""
    with pytest.raises(RequestError) as caught:
        check_values(document, values_of_settings([option]))
    assert piece in str(caught.value)


def test_all_faults_of_options_at_once(document: Document) -> None:
    """Two wrong options are two lines."""
    with pytest.raises(RequestError) as caught:
        check_values(document, values_of_settings(["nmae=Ana", "bells=perhaps"]))
    assert "`nmae`" in str(caught.value)
    assert "`bells`" in str(caught.value)


def test_a_file_of_values_lies_under_the_options(document: Document, tmp_path: Path) -> None:
    """What stands in both comes from the option; lists may be written as lists."""
    file = tmp_path / "ana.yaml"
    file.write_text("name: Ana\nrounds: 4\nwishes: [be well, be kind]\n", encoding="utf-8")
    values = check_values(document, {**read_values(file), **values_of_settings(["rounds=5"])})
    assert values == {"name": "Ana", "rounds": "5", "wishes": "be well; be kind"}


def test_a_file_of_values_has_places(document: Document, tmp_path: Path) -> None:
    """Its faults are all told, each at its line, without the values."""
    file = tmp_path / "ana.yaml"
    file.write_text("name: '[pause 9s]'\nanchor: Secret\nnmae: x\nbells: {a: b}\n", encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        check_values(document, read_values(file))
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4]
    assert "Secret" not in str(caught.value)
    with pytest.raises(ScriptError, match="no such file"):
        read_values(tmp_path / "nobody.yaml")


@pytest.mark.parametrize("written", ["null", "~", "NULL"])
def test_nothing_in_a_file_is_not_set(document: Document, tmp_path: Path, written: str) -> None:
    """JSON's and YAML's word for nothing leaves the default, and is no item of a list; in quotes it is a name."""
    file = tmp_path / "ana.yaml"
    file.write_text(f"name: {written}\nrounds: {written}\nwishes: [be well, {written}]\n", encoding="utf-8")
    assert check_values(document, read_values(file)) == {"wishes": "be well"}
    file.write_text(f'{{"name": "{written}"}}', encoding="utf-8")
    assert check_values(document, read_values(file)) == {"name": written}
    file.write_text(f"nmae: {written}\n", encoding="utf-8")
    with pytest.raises(ScriptError, match="did you mean `name`"):
        check_values(document, read_values(file))


@pytest.mark.parametrize(
    "line",
    [
        "name: *Zoe",
        "name: !Zoe",
        "name: !Zoe x",
        "name: !Zoe!Ana x",
        "name: &Zoe [*Zoe]",
        "name: @Zoe",
        "name: %Zoe",
        "name: 'Zoe",
    ],
)
def test_a_file_that_is_not_yaml_repeats_no_value(document: Document, tmp_path: Path, line: str) -> None:
    """What YAML takes for an alias or a tag may be a name."""
    file = tmp_path / "ana.yaml"
    file.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        check_values(document, read_values(file))
    assert "Zoe" not in str(caught.value)
    assert caught.value.problems[0].hint


@pytest.mark.parametrize("value", ["“”", "“Zoe”", "„Zoe“", "«Zoe»", "‘Zoe’", "“O’Zoe”"])  # noqa: RUF001 (meant)
def test_quotation_marks_of_word_processors_are_no_quotation_marks(document: Document, value: str) -> None:
    """They would be spoken as a part of the value, and are refused; inside a value they are text."""
    with pytest.raises(RequestError, match="word processor") as caught:
        check_values(document, {"name": value})
    assert "Zoe" not in str(caught.value)
    assert check_values(document, {"name": "“Zoe” O’Neil"})  # noqa: RUF001 (meant)


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from(["text", "number", "flag", "list", "choice"]))
def test_a_checked_value_stays_as_it_is(text: str, kind: str) -> None:
    """Whatever is let through holds nothing that a marker or a template is made of, and passes again unchanged."""
    try:
        value = canonical(text, kind=kind, choices=["a", "b"], max_length=200)  # type: ignore[arg-type] # the strategy's strings are the literals
    except ValueError:
        return
    assert not set(value) & set("[]<{}\n\r\t\0")
    assert canonical(value, kind=kind, choices=["a", "b"], max_length=400) == value  # type: ignore[arg-type] # see above
