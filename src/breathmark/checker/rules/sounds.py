"""The sound under the voice: soft enough to hear every word, and without surprises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding, Rule
from breathmark.model import Bell, cues, segments_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.model import Ambience, Place


LEAST_BELOW_VOICE_LU = 20.0
_STARTLING = re.compile(
    r"thunder|storm|siren|alarm|heart[-_ ]?beat|voices?|crowd|traffic|baby|crying|scream|dog|gun|phone",
    re.IGNORECASE,
)
"""In the name of a sound, which is all that a script says of it."""


def _soft(reading: Reading) -> Iterator[Finding]:
    for ambience, place in _ambiences(reading):
        if ambience.sound != "none" and ambience.below_voice_lu < LEAST_BELOW_VOICE_LU:
            yield Finding(
                place=place,
                message=f"`{ambience.sound}` lies {ambience.below_voice_lu:g} LU under the voice, and 20 LU is clear",
            )


def _no_surprise(reading: Reading) -> Iterator[Finding]:
    named = [
        *((ambience.sound, place) for ambience, place in _ambiences(reading)),
        *((cue.name, cue.place) for cue in cues(reading.script.segments) if isinstance(cue, Bell)),
    ]
    for sound, place in named:
        startling = _STARTLING.search(sound.rpartition("/")[2])
        if startling:
            yield Finding(place=place, message=f"`{sound}` sounds as if it could startle ({startling[0].lower()})")


def _ambiences(reading: Reading) -> Iterator[tuple[Ambience, Place]]:
    yield reading.script.ambience, reading.place_of("ambience")
    for segment in segments_in(reading.script.segments):
        if segment.ambience is not None:
            yield segment.ambience, segment.place


RULES = (
    Rule(
        id="MIX-01",
        severity="warning",
        title="The ambience lies at least 20 LU under the voice",
        why="Listeners who hear less well lose words under a louder bed.",
        fix="write `below_voice: 20` or more; listeners can still have it without with `--ambience none`",
        source="WCAG 2.1, success criterion 1.4.7, technique G56",
        check=_soft,
    ),
    Rule(
        id="MIX-02",
        severity="error",
        title="No sound that can startle: voices, sirens, alarms, thunder, heartbeats",
        why="A body that is on guard hears danger before the mind hears rain.",
        fix="choose a steady sound; if it is one, give its file a name that says so",
        source="Treleaven; our own design (the mixer keeps the ambience from rising more than 6 dB in half a second)",
        check=_no_surprise,
    ),
)
