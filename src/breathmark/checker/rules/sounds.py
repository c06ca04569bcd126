"""The sound under the voice: soft enough to hear every word, and without surprises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
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


def soft(reading: Reading) -> Iterator[Finding]:
    """MIX-01."""
    for ambience, place in _ambiences(reading):
        if ambience.sound != "none" and ambience.below_voice_lu < LEAST_BELOW_VOICE_LU:
            yield Finding(
                place=place,
                message=f"`{ambience.sound}` lies {ambience.below_voice_lu:g} LU under the voice, and 20 LU is clear",
            )


def no_surprise(reading: Reading) -> Iterator[Finding]:
    """MIX-02."""
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
