"""What a session measures, and what was made of it: the values behind the layout."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from breathmark.base.errors import Problem
    from breathmark.model import Timeline, Utterance


SILENCE_LUFS = -70.0
"""The loudness of silence: the absolute gate of BS.1770, under which nothing counts."""
SILENCE_DBTP = -120.0

SwellLimit: TypeAlias = Literal["", "gate", "file"]
"""What limits a swell: it would come within 1 LU of the relative gate, or the file would read less than its voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The measured levels of a session, as they are in the decoded file (loudness after ITU-R BS.1770)."""

    voice_lufs: float
    """Gated loudness of the voice alone; -70 where nothing is spoken."""
    file_lufs: float
    """Gated loudness of all together; -70 for silence."""
    ambience_lufs: float | None = None
    """Gated loudness of the ambience while speech sounds (at all, where nothing is spoken); None without ambience."""
    below_voice_lu: float | None = None
    """``voice_lufs - ambience_lufs``; None without one of them."""
    swell_lu: float | None = None
    """How far the ambience rises in rests of 8 s and more, after the cap."""
    ambience_under_gate: bool = True
    """True where the ambience does not count in ``file_lufs``, because it stays 1 LU under the relative gate."""
    near_gate: bool = False
    """True where so much of the ambience lies at the relative gate that ``file_lufs`` can't be foretold to 0.1 LU.
    Then it is measured in the decoded file."""
    swell_asked_lu: float | None = None
    """How far it was asked to rise; None without ambience."""
    swell_limit: SwellLimit = ""
    """What keeps it from rising so far."""
    quiet_below_voice_lu: float | None = None
    """Where the ambience counts in ``file_lufs``: the ``below_voice`` with which it would not."""
    room_tone_db: float | None = None
    """The RMS of the room tone, where nothing else lies under the voice; None where there is none."""
    true_peak_dbtp: float = SILENCE_DBTP
    """Of the PCM that goes into the encoder; known when all blocks have been taken, -120 before and for silence."""
    rms_db: float = SILENCE_DBTP
    """Of the whole, against a full scale of ±1, over all channels; known at the same time."""

    def rounded(self) -> Levels:
        """The same to a thousandth; None in the place of an infinite one, which JSON doesn't have."""
        levels: dict[str, Any] = {each.name: _thousandths(getattr(self, each.name)) for each in fields(self)}
        return Levels(**levels)


def _thousandths(value: float | str | None) -> float | str | None:
    if value is None or isinstance(value, str | bool):
        return value
    return round(float(value), 3) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """The fallback voice, which spoke the sentences that had no recording."""

    voice: str
    """``NARRATOR:NAME``."""
    sentences: tuple[Utterance, ...]
    """Each once, in the order of the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A finished file and what was measured while it was made."""

    path: Path
    """The file; the project of REAPER where stems alone were made."""
    timeline: Timeline
    levels: Levels
    beside: tuple[Path, ...] = ()
    """Transcript, captions, ``session.json`` and what else was written with it."""
    stems: tuple[Path, ...] = ()
    """The stems, where they were asked for: the project of REAPER first, and last ``stems.json``, which lists them."""
    warnings: tuple[Problem, ...] = ()
    """Those of the script."""
    stand_in: StandIn | None = None
    """Which voice spoke what was not recorded; None where none was needed."""
    remarks: tuple[str, ...] = ()
    """What is wrong with the recordings that were used, in figures."""
    ambience_remarks: tuple[str, ...] = ()
    """What a listener may hear of the user's own ambience: that it comes again too soon, or has holes."""
    swell_remark: str = ""
    """What keeps the ambience from rising as far as it was asked to in long rests, and how far it does."""
    loudness_remark: str = ""
    """Why the whole file is more than 1 LU from its preset though its voice is not, and what to do."""

    @property
    def voice_lufs(self) -> float:
        """Gated loudness of the voice stem (ITU-R BS.1770)."""
        return self.levels.voice_lufs

    @property
    def file_lufs(self) -> float:
        """Gated loudness of the whole file."""
        return self.levels.file_lufs

    @property
    def true_peak_dbtp(self) -> float:
        """Of the PCM that went into the encoder."""
        return self.levels.true_peak_dbtp
