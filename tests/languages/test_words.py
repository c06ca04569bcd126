"""The word lists of a language: what a rule needs is there, and a fault in a list is told when it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from breathmark.api.options import Options
from breathmark.base.errors import AssetError
from breathmark.checker.registry import rules
from breathmark.findings import check
from breathmark.languages.phrases import Words, compiled, words_of
from breathmark.languages.words import PhrasesFile, languages_with_phrases, phrase_lists

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.checker.rule import Rule

HARD_IN_GERMAN = {"SAF-01", "SAF-08", "SAF-15", "SAF-26", "LAN-01", "LAN-04", "INC-01", "CLM-01"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_english_has_every_list_that_a_rule_needs(rule: Rule) -> None:
    """A slip in the name of a list would switch its rule off without a word."""
    assert words_of("en").has(*rule.needs)


def test_german_has_the_hard_rules_of_safety() -> None:
    """Opt-out, reliving, eyes, trance, orders, told feelings, parents, cures."""
    german = words_of("de-AT")
    assert {rule.id for rule in rules() if german.has(*rule.needs)} >= HARD_IN_GERMAN


def test_a_language_without_lists_keeps_the_rules_that_need_none(tmp_path: Path) -> None:
    """The others are named as not checked, and nothing of English is read into it."""
    script = tmp_path / "script.yaml"
    script.write_text("title: Prova\nlanguage: it\nsegments:\n  - say: You must... respirare.\n", encoding="utf-8")
    findings = check(script, Options(estimate=True, voice="tone"))
    found = {problem.rule for problem in findings.problems}
    assert "TTS-03" in found
    assert "LAN-01" not in found
    assert {"LAN-01", "SAF-01", "REA-01"} <= set(findings.unchecked)


def test_a_regional_tag_reads_the_lists_of_its_language() -> None:
    """``en-GB`` has no folder of its own."""
    assert words_of("en-GB") is not words_of("fr")
    assert words_of("en-GB").find("order", "You must sit.") == "You must"


def test_what_is_allowed_is_no_find_and_what_is_beside_it_still_is() -> None:
    """An excuse covers the phrase that it touches, not the sentence."""
    assert not words_of("en").find("order", "There is nothing you need to do.")
    assert words_of("en").find("order", "There is nothing you need to do, and you must sit.") == "you must"


@pytest.mark.parametrize("text", ["You\u2019ve got to rest.", "you \u00a0must rest", "YOU MUST rest"])
def test_quotation_marks_spaces_and_capitals_hide_nothing(text: str) -> None:
    """Texts come from word processors."""
    assert words_of("en").find("order", text)


def test_a_phrase_is_whole_words() -> None:
    """``cure`` is not in ``secure``."""
    assert not words_of("en").find("claim", "The boat is secure, and the manicure too.")


def test_phrases_are_told_apart_by_number() -> None:
    """Two postures are two phrases of the list, however often each is named."""
    lists = Words(numbers={}, lists={"posture": ("sit|seat", "lie")})
    assert lists.which("posture", "Sit on a seat, or lie down.") == {0, 1}


@pytest.mark.parametrize("data", [{"order": "must"}, ["must"], {"order": [{"a": "b"}]}])
def test_a_file_of_another_shape_is_refused(data: object) -> None:
    """When it is loaded."""
    with pytest.raises(ValidationError):
        PhrasesFile.model_validate(data)


@pytest.mark.parametrize("tag", languages_with_phrases())
def test_every_phrase_is_a_regular_expression(tag: str) -> None:
    """They are compiled when they are first looked for."""
    for phrases in phrase_lists(tag).values():
        for phrase in phrases:
            compiled((phrase,))


def test_a_phrase_that_is_none_is_named() -> None:
    """Whichever way it is looked for, and not as a fault of the program."""
    lists = Words(numbers={}, lists={"order": ("must", "(have to")})
    for look in (lambda: lists.find("order", "x"), lambda: lists.at_start("order", "x")):
        with pytest.raises(AssetError, match=r"'\(have to' is not a regular expression"):
            look()
