"""Variable types and validation. A value is text that is spoken: never a marker, never a template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from breathmark.script.limits import UNSPEAKABLE, describe_character, word_too_long

if TYPE_CHECKING:
    from breathmark.script.terms import VariableType


DEFAULT_MAX_LENGTH = 200
"""In characters: two long sentences."""

FLAG_WORDS = {
    **dict.fromkeys(("yes", "true", "on", "1"), "yes"),
    **dict.fromkeys(("no", "false", "off", "0"), "no"),
}
NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_MARKERS = re.compile(r"[\[\]<{}]")
_CURLY_QUOTED = re.compile("[“”„‟«»][^“”„‟«»]*[“”«»]|[‘‚][^‘‚’]*’")  # noqa: RUF001 (what word processors type)
"""YAML takes these for letters of the value."""
_TAKEN = frozenset(
    word
    for words in (
        "block break call caller continue do elif else endfor endif extends false filter for from if import in",
        "include is kwargs loop macro none not or raw recursive self set super true varargs with without",
    )
    for word in words.split()
)
"""Words that Jinja2 reads in its own way."""


def check_name(name: str) -> str:
    """The name of a variable, as it is; raises ``ValueError`` for the author."""
    if not _NAME.fullmatch(name):
        raise ValueError("a variable's name is letters, digits and `_`, and begins with a letter")
    if name.lower() in _TAKEN:
        raise ValueError(f"`{name}` has a meaning of its own in templates; choose another name")
    return name


def canonical(text: str, *, kind: VariableType, choices: Sequence[str] = (), max_length: int) -> str:
    """The value in the form that ``variables.typed`` takes; raises ``ValueError``, which never repeats the value."""
    text = text.strip()
    _check_characters(text)
    if len(text) > max_length:
        raise ValueError(f"is too long: {len(text)} characters, and at most {max_length} fit")
    word = word_too_long(text)
    if word:
        raise ValueError(f"holds {word}")
    match kind:
        case "text":
            return text
        case "list":
            return "; ".join(item.strip() for item in text.split(";") if item.strip())
        case "flag":
            return _flag(text)
        case "number":
            return _number(text)
        case "choice":
            return _choice(text, choices)


def typed(text: str, kind: VariableType) -> str | int | float | bool | tuple[str, ...]:
    """What a template sees for a value in its canonical form."""
    match kind:
        case "text" | "choice":
            return text
        case "number":
            number = float(text)
            return int(number) if number.is_integer() else number
        case "flag":
            return text == "yes"
        case "list":
            return tuple(item.strip() for item in text.split(";") if item.strip())


def _check_characters(text: str) -> None:
    if "\n" in text or "\r" in text:
        raise ValueError("spans more than one line; write it on one")
    unseen = UNSPEAKABLE.search(text) or re.search("\t", text)
    if unseen:
        raise ValueError(f"holds {describe_character(unseen[0])}; take it out")
    if _CURLY_QUOTED.fullmatch(text):
        raise ValueError("is in quotation marks as a word processor types them; write straight ones, or none")
    marker = _MARKERS.search(text)
    if marker:
        raise ValueError(f"holds `{marker[0]}`, and a value is only ever spoken: leave out [ ] < {{ }}")


def _flag(text: str) -> str:
    if text.lower() not in FLAG_WORDS:
        raise ValueError("has to be yes or no")
    return FLAG_WORDS[text.lower()]


def _number(text: str) -> str:
    if not NUMBER.fullmatch(text):
        raise ValueError("has to be a number, such as 3 or 2.5")
    return text


def _choice(text: str, choices: Sequence[str]) -> str:
    for choice in choices:
        if choice.casefold() == text.casefold():
            return choice
    raise ValueError(f"has to be one of {', '.join(choices)}")
