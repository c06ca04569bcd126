"""What a listener may set: blank values leave no hole, a name is not worn out, free text is bounded and private."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


_NAMES = re.compile(r"(?:(?:listener|first|your|given|nick)_?)?name(?:_spoken)?|listener|nickname", re.IGNORECASE)
"""How a variable is called that holds what the listener is called: ``name``, ``listener_name``, ``name_spoken``."""
MOST_IN_TEN_MINUTES = 3
LONGEST_NAME, LONGEST_TEXT = 24, 100
_HOLE = re.compile(
    r"""
    [,:;]\s*[.!?]                  # “Here is one answer: .”
    | ^\s*[,;:.!?]                 # “, welcome.”
    | [,;:]\s*[,;:]                # “hello, , friend”
    | (["“])\s*["”]                # an empty quotation
    | \s[.,!?](?:\s|$)             # “with .”
    | [,:;]\s*$                    # “Say to yourself:”
    """,
    re.VERBOSE,
)


def no_hole(reading: Reading) -> Iterator[Finding]:
    """VAR-02."""
    variables = reading.document.variables
    texts = {name: each.default for name, each in variables.items() if each.type in ("text", "list")}
    if all(reading.values.get(name, default) for name, default in texts.items()):
        return
    for sentence in reading.sentences():
        if _HOLE.search(sentence.text) or reading.words.find("dangling", sentence.text):
            yield Finding(place=sentence.place, message=f"“{sentence.text}” has a hole where a value is blank")


def sparing(reading: Reading) -> Iterator[Finding]:
    """VAR-03."""
    for name, variable in reading.document.variables.items():
        value = reading.values.get(name, "")
        alone = list(reading.values.values()).count(value) == 1
        if variable.type != "text" or not value or not alone or not _NAMES.fullmatch(name):
            continue
        said = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
        for passage in reading.segments():
            for sentence in passage.sentences:
                if passage.kind == "evoke" and said.search(sentence.text):
                    yield Finding(place=sentence.place, message="the listener's name is said in an evocation")
        for session in reading.sessions:
            times = sum(len(said.findall(spoken.utterance.caption)) for spoken in session.timeline.speech)
            most = max(MOST_IN_TEN_MINUTES, ceil(session.length_s * MOST_IN_TEN_MINUTES / 600))
            if times > most:
                yield Finding(
                    place=reading.document.key_node("variables", name).place,
                    message=f"the listener's name is said {times} times, and {most} is the maximum",
                    at_s=session.length_s,
                )


def bounded(reading: Reading) -> Iterator[Finding]:
    """VAR-04."""
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        most = LONGEST_NAME if _NAMES.fullmatch(name) else LONGEST_TEXT
        if variable.type == "text" and variable.max_length > most:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes up to {variable.max_length} characters",
                hint=f"bound it: `max_length: {most}` or less",
            )


def private(reading: Reading) -> Iterator[Finding]:
    """VAR-05."""
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        if variable.type in ("text", "list") and name not in reading.document.private_names:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes free text, and is not private",
            )
