"""The word lists of a language: what a rule needs is there, and every phrase of it can be searched for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from breathmark.api.options import Options
from breathmark.checker import words
from breathmark.checker.phrases import phrase
from breathmark.checker.run import RULES
from breathmark.checker.words import LANGUAGES, Words, expression, words_of
from breathmark.findings import check

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.checker.rule import Rule

HARD_IN_GERMAN = {"SAF-01", "SAF-08", "SAF-15", "SAF-26", "LAN-01", "LAN-04", "INC-01", "CLM-01"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_english_has_every_list_that_a_rule_needs(rule: Rule) -> None:
    """A slip in the name of a list would switch its rule off without a word."""
    assert words_of("en").has(*rule.needs)


def test_german_has_the_hard_rules_of_safety() -> None:
    """Opt-out, reliving, eyes, trance, orders, told feelings, parents, cures."""
    german = words_of("de-AT")
    assert {rule.id for rule in RULES if german.has(*rule.needs)} >= HARD_IN_GERMAN


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
    assert phrase("en-GB", "order", "You must sit.") == "You must"


def test_what_is_allowed_is_no_find_and_what_is_beside_it_still_is() -> None:
    """An excuse covers the phrase that it touches, not the sentence."""
    assert not phrase("en", "order", "There is nothing you need to do.")
    assert phrase("en", "order", "There is nothing you need to do, and you must sit.") == "you must"


@pytest.mark.parametrize("text", ["You\u2019ve got to rest.", "you \u00a0must rest", "YOU MUST rest"])
def test_quotation_marks_spaces_and_capitals_hide_nothing(text: str) -> None:
    """Texts come from word processors."""
    assert phrase("en", "order", text)


def test_a_phrase_is_whole_words() -> None:
    """``cure`` is not in ``secure``."""
    assert not phrase("en", "claim", "The boat is secure, and the manicure too.")


def test_phrases_are_told_apart_by_number() -> None:
    """Two postures are two phrases of the list, however often each is named."""
    lists = Words(language="xx", lists={"posture": ("sit|seat", "lie")})
    assert lists.which("posture", "Sit on a seat, or lie down.") == {0, 1}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_phrase_is_a_regular_expression_of_its_own(language: str) -> None:
    """Each compiles alone: parts of two phrases never make one."""
    for phrases in words_of(language).lists.values():
        for one in phrases:
            re.compile(expression((one,)))


@pytest.mark.parametrize("data", [{"order": "must"}, ["must"], {"order": [{"a": "b"}]}])
def test_a_fault_in_a_file_is_reported_when_it_is_loaded(data: object) -> None:
    """Not when the first script happens to be checked against it."""
    with pytest.raises(ValidationError):
        words._File.model_validate(data)
