"""Trial values for checking a script: its defaults, every choice of every variable, and the worst cases."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain, combinations, islice, product
from typing import TYPE_CHECKING, Final, assert_never

if TYPE_CHECKING:
    from breathmark.script.document import Document
    from breathmark.script.reader.shapes import VariableShape


SAMPLE: Final = "Robin"
MOST_COMBINATIONS: Final = 256
"""Of choices; where a script has more, one and two of them at a time are tried."""
_SAMPLES = (SAMPLE, "Al")
"""What a free text is tried with, the longest that the variable takes; blank is tried too."""
_NAME_CHARACTERS = 30
_LONG_NAME = "Marie-Thérèse O'Sullivan"
_LONG_TEXT = "May I be as patient with myself as I am with good friends, and take this day one step at a time"


def trials(document: Document) -> Iterator[Mapping[str, str]]:
    """Sets of values for ``document``: none at all, then each other value of one variable at a time.

    Last come the worst cases: every free text blank, and every free text as long and as odd as it can be.
    """
    yield {}
    for name, variable in document.variables.items():
        for value in _others(variable):
            yield {name: value}
    texts = {name: variable for name, variable in document.variables.items() if variable.type in ("text", "list")}
    if len(texts) > 1:
        yield dict.fromkeys(texts, "")
    if texts:
        yield {name: _longest(variable) for name, variable in texts.items()}


def combined(document: Document, given: Collection[str] = ()) -> Iterator[Mapping[str, str]]:
    """Every combination of choices and flags, the defaults first; then each free text and number by itself.

    Each set holds only what differs from the defaults. The variables ``given`` are left as they are. With more than
    ``MOST_COMBINATIONS`` combinations, every two choices are combined, and no more than that.
    """
    free = {name: variable for name, variable in document.variables.items() if name not in given}
    closed = {name: variable for name, variable in free.items() if variable.type in ("choice", "flag")}
    options = [[{}, *({name: value} for value in _others(each))] for name, each in closed.items()]
    count = 1
    for each in options:
        count *= len(each)
    if count <= MOST_COMBINATIONS:
        chosen: Iterator[dict[str, str]] = (
            dict(chain.from_iterable(each.items() for each in one)) for one in product(*options)
        )
    else:
        pairs = (product(one[1:], two[1:]) for one, two in combinations(options, 2))
        two_at_once = ({**one, **two} for one, two in chain.from_iterable(pairs))
        one_at_once = chain.from_iterable(each[1:] for each in options)
        chosen = islice(chain([{}], one_at_once, two_at_once), 4 * MOST_COMBINATIONS)
    yield from chosen
    for name, variable in free.items():
        if name not in closed:
            yield from ({name: value} for value in _others(variable))


def _longest(variable: VariableShape) -> str:
    """The longest text that fits: of names for what is as short as a name, of plain words for the rest."""
    words = _LONG_NAME if variable.max_length <= _NAME_CHARACTERS else _LONG_TEXT
    if len(words) <= variable.max_length:
        return words
    return words[: variable.max_length + 1].rpartition(" ")[0] or words[: variable.max_length].rstrip("-' ")


def _others(variable: VariableShape) -> Iterator[str]:
    """The values of a variable beside its default that can take a template down another path."""
    candidates: tuple[str, ...]
    match variable.type:
        case "choice":
            candidates = variable.choices
        case "flag":
            candidates = ("yes", "no")
        case "text" | "list":
            fitting = [sample for sample in _SAMPLES if len(sample) <= variable.max_length]
            candidates = (*fitting[:1], "")
        case "number":
            candidates = ("0", "1", "2")
        case _:
            assert_never(variable.type)
    yield from (value for value in candidates if value != variable.default)
