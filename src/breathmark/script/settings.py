"""Project settings and lexicons as pydantic models, and the built-in defaults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pydantic import Field, RootModel

from breathmark.model import Ambience, Range
from breathmark.script.reader.fields import AnyText, FlagField, LanguageField, OutputField, SettingName, TextField
from breathmark.script.reader.shapes import AmbienceField, Cast, Pacing, Placed, Shape, Voice, Words
from breathmark.script.terms import VoiceSetting

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


class FoldersShape(Shape):
    """Where things go."""

    output: OutputField = Field("dist", description="Where finished files go, seen from where the command runs.")


class Settings(Placed):
    """What holds for every script of a project."""

    own_voice: Voice | None = Field(None, alias="voice", description="Who speaks, how fast, and whether that falls.")
    cast: Cast = Field({}, alias="voices", description="Other speakers, by names that scripts use.")
    preset: TextField | None = Field(None, description="Such as podcast, insight-timer, clear, master.")
    own_ambience: AmbienceField | None = Field(None, alias="ambience", description="The sound under the voice.")
    room: FlagField | None = Field(None, description="on puts voice and bells into one small room.")
    own_pacing: Pacing = Field({}, alias="pacing", description="Named rests, over the built-in ones.")
    own_narrators: dict[TextField, dict[SettingName, AnyText]] = Field(
        {}, alias="narrators", description="Settings of each narrator, by its name; never a key."
    )
    stirring: tuple[TextField, ...] = Field(
        (), description="Concepts that may stir up old feelings; rule SAF-10 is about sessions on one of them."
    )
    folders: FoldersShape = Field(default_factory=FoldersShape, description="Where things are.")

    @cached_property
    def voice(self) -> VoiceSetting:
        """The project's over the built-in."""
        return self.own_voice.over(VoiceSetting()) if self.own_voice else VoiceSetting()

    @cached_property
    def ambience(self) -> Ambience:
        """The project's over the built-in."""
        return self.own_ambience.over(BUILT_IN_AMBIENCE) if self.own_ambience else BUILT_IN_AMBIENCE

    @cached_property
    def pacing(self) -> Mapping[str, Range]:
        """Every named rest, the project's over the built-in ones."""
        return {**BUILT_IN_PACING, **self.own_pacing}

    @cached_property
    def narrators(self) -> Mapping[str, Mapping[str, str]]:
        """Settings of each narrator, its ``folder`` from the project's root on, wherever the command is run."""
        return {
            name: {key: self._rooted(value) if key == "folder" else value for key, value in given.items()}
            for name, given in self.own_narrators.items()
        }

    def _rooted(self, folder: str) -> str:
        return str(self.node.source.file.parent / Path(folder).expanduser())

    @property
    def output(self) -> str:
        """Where finished files go, seen from where the command runs."""
        return self.folders.output


class Lexicon(RootModel[dict[LanguageField, Words]]):
    """How words are spoken: language, then word, then its respelling."""
