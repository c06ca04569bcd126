"""Project settings, and the built-in defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from breathmark.model import Ambience, Range
from breathmark.script.terms import VoiceSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.model import Place
    from breathmark.script.terms import Named, VoiceChoice


BUILT_IN_AMBIENCE = Ambience(sound="none", below_voice_lu=20.0, swell_lu=4.0)
"""Silent by default. 20 LU is also what WCAG 1.4.7 asks of a bed under speech."""

BUILT_IN_PACING: Mapping[str, Range] = {
    "sentence": Range(min_s=1.0, ideal_s=2.0, max_s=4.0),
    "paragraph": Range(min_s=2.5, ideal_s=5.0, max_s=10.0),
    "segment": Range(min_s=4.0, ideal_s=6.0, max_s=12.0),
    "short": Range(min_s=1.5, ideal_s=3.0, max_s=6.0),
    "medium": Range(min_s=5.0, ideal_s=8.0, max_s=15.0),
    "long": Range(min_s=6.0, ideal_s=12.0, max_s=15.0),
    "breath": Range(min_s=8.0, ideal_s=10.0, max_s=12.0),
    "bell": Range(min_s=6.0, ideal_s=9.0, max_s=12.0),
}
"""The named rests of every script.

Their ideals lie inside the pause grammar that the shipped course was planned with (sentence 2-3 s, posture and
segment 4-6 s, noticing 8-12 s, reflective question 12-20 s), which is a design decision beside measured practice: cue
starts every 4-19 s with a median of 9 s in a live trauma-sensitive class, medians of 8-12 s in printed self-compassion
scripts. The bounds are about half and twice the ideal, so that a session can be shortened and lengthened without a
rest that feels wrong. None is above 15 s, the longest gap that the rule SAF-23 lets a beginner have in five minutes, so
that the defaults keep our own rules at every length. ``breath`` is one slow breath of 4 s in and 6 s out, near the six
a minute of Shao et al. 2024 (10.1007/s12671-023-02294-2). ``bell`` runs from the strike to the next cue.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``breathmark.yaml`` says; everything has a default, so that a project can be a folder with one script."""

    voice: VoiceSetting = field(default_factory=VoiceSetting)
    cast: Mapping[str, VoiceChoice] = field(default_factory=dict)
    """Other speakers, by the names that scripts use."""
    preset: str = ""
    """Empty: the delivery's default."""
    ambience: Ambience = BUILT_IN_AMBIENCE
    pacing: Mapping[str, Range] = field(default_factory=lambda: BUILT_IN_PACING)
    """Every named rest, the project's over the built-in ones."""
    narrators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Settings of each narrator by its name; never a key or a password."""
    named: Mapping[Named, Mapping[Place, Place]] = field(default_factory=dict)
    """See ``Document``."""
    output: str = "dist"
    """Where finished files go, seen from where the command runs."""
