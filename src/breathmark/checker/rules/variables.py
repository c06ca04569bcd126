"""What a listener may set: blank values leave no hole, a name is not worn out, free text is bounded and private."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding, Rule

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


def _no_hole(reading: Reading) -> Iterator[Finding]:
    variables = reading.document.variables
    texts = {name: each.default for name, each in variables.items() if each.type in ("text", "list")}
    if all(reading.values.get(name, default) for name, default in texts.items()):
        return
    for sentence in reading.sentences():
        if _HOLE.search(sentence.text) or reading.words.find("dangling", sentence.text):
            yield Finding(place=sentence.place, message=f"“{sentence.text}” has a hole where a value is blank")


def _sparing(reading: Reading) -> Iterator[Finding]:
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


def _bounded(reading: Reading) -> Iterator[Finding]:
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        most = LONGEST_NAME if _NAMES.fullmatch(name) else LONGEST_TEXT
        if variable.type == "text" and variable.max_length > most:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes up to {variable.max_length} characters",
                hint=f"bound it: `max_length: {most}` or less",
            )


def _private(reading: Reading) -> Iterator[Finding]:
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        if variable.type in ("text", "list") and name not in reading.document.private_names:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes free text, and is not private",
            )


RULES = (
    Rule(
        id="VAR-02",
        severity="error",
        title="Every sentence is whole where a variable is blank",
        why="A hole in a sentence tells the listener that a machine forgot them.",
        fix="put the words around the value into `{% if … %} … {% endif %}`",
        source="our own design: every variable of a session is optional",
        check=_no_hole,
    ),
    Rule(
        id="VAR-03",
        severity="warning",
        title="The listener's name is said at most three times in ten minutes, and never in an evocation",
        why="A name is the strongest word that there is: used often it sounds like a salesman, beside pain it stings.",
        fix="keep it for the welcome and for the kindest sentence",
        source="Kross et al. 2014, Moser et al. 2017: one's own name gives distance in self-talk; our own bound",
        check=_sparing,
    ),
    Rule(
        id="VAR-04",
        severity="warning",
        title="Free text is bounded: a name to 24 characters, other text to 100",
        why="A whole paragraph in the place of a phrase breaks the pace and the grammar of the session.",
        fix="give it a `max_length`",
        source="our own design",
        check=_bounded,
    ),
    Rule(
        id="VAR-05",
        severity="warning",
        title="Free text is private",
        why="What people write about themselves can reveal their health, and must not get into file names or tags.",
        fix="take out `private: no`",
        source="GDPR, article 9: data from which health can be inferred; our own design",
        check=_private,
    ),
)
