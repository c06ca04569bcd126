"""What each kind of bird sings.

A motif is one of a singer's repertoire and always comes with the same notes; how it is sung this time (a little
higher, quicker, without its end) is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from breathmark.synthesis.source import RATE_HZ, Floats
from breathmark.synthesis.whistles import WhistledNote, phrase, trill, whistle

if TYPE_CHECKING:
    from breathmark.synthesis.chance import Dice

Species: TypeAlias = Literal["blackbird", "robin", "dove", "pip"]


def _blackbird(motif: Dice, tonight: Dice) -> Floats:
    """Slow flutes of 1.5 to 3 kHz, then often a thin, hasty flourish (Dabelsteen and Pedersen, Behaviour 93, 1985)."""
    base_hz, tempo = motif.uniform(1650.0, 2250.0), tonight.uniform(0.95, 1.06)
    notes = []
    for _ in range(motif.whole(4, 7)):
        pitch_hz = base_hz * 2.0 ** (motif.whole(-3, 7) / 12.0 + motif.uniform(-0.03, 0.03))
        notes.append(whistle(_flute(motif, pitch_hz * (1.0 + 0.004 * tonight.normal()), tempo)))
    flourishes = motif.chance(0.65)
    if flourishes and tonight.chance(0.85):
        notes += [np.zeros(RATE_HZ // 30), _flourish(motif)]
    return phrase(notes)


def _flute(motif: Dice, pitch_hz: float, tempo: float) -> WhistledNote:
    shape, yodels = motif.whole(0, 5), motif.chance(0.18)
    ratios = (
        (1.0, 1.01, 0.99),
        (0.88, 0.97, 1.06),
        (1.08, 1.0, 0.9),
        (0.94, 1.16, 0.95),
        (1.0, 1.0, 1.3, 1.26),
        (1.22, 1.24, 0.98, 1.0),
    )[shape]
    warbles = yodels or shape == 0
    return WhistledNote(
        pitches_hz=tuple(pitch_hz * ratio for ratio in ratios),
        duration_s=motif.uniform(0.11, 0.32) * tempo,
        level=motif.uniform(0.55, 1.0),
        gap_s=motif.uniform(0.025, 0.11) * tempo,
        warble=(0.05 if yodels else 0.006) if warbles else 0.0,
        warble_hz=motif.uniform(9.0, 15.0) if yodels else motif.uniform(18.0, 30.0),
        attack_s=0.018,
    )


def _flourish(motif: Dice) -> Floats:
    """Two voices at once, as only birds can: each half of the syrinx sings for itself."""
    high, low = _twitter(motif, 3700.0, 4600.0), _twitter(motif, 3000.0, 3700.0)
    out = np.zeros(max(len(high), len(low)))
    out[: len(high)] += high
    out[: len(low)] += 0.8 * low
    return out


def _twitter(motif: Dice, low_hz: float, high_hz: float) -> Floats:
    if motif.chance(0.35):
        return trill(_chirp(motif, low_hz, high_hz), motif.whole(5, 9))
    return phrase([whistle(_chirp(motif, low_hz, high_hz)) for _ in range(motif.whole(3, 6))])


def _chirp(motif: Dice, low_hz: float, high_hz: float) -> WhistledNote:
    middle_hz = motif.uniform(low_hz, high_hz)
    return WhistledNote(
        pitches_hz=(middle_hz * motif.uniform(0.8, 1.2), middle_hz, middle_hz * motif.uniform(0.78, 1.22)),
        duration_s=motif.uniform(0.022, 0.055),
        level=motif.uniform(0.10, 0.20),
        gap_s=motif.uniform(0.008, 0.03),
        second=0.02,
        attack_s=0.008,
    )


def _robin(motif: Dice, tonight: Dice) -> Floats:
    """A thin cascade of 2.7 to 6.2 kHz, with trills in it."""
    pitch_hz = motif.uniform(4300.0, 5600.0) * (1.0 + 0.004 * tonight.normal())
    notes = []
    for _ in range(motif.whole(4, 9)):
        pitch_hz = float(np.clip(pitch_hz * 2.0 ** motif.uniform(-0.28, 0.2), 2700.0, 6200.0))
        note = WhistledNote(
            pitches_hz=(pitch_hz * motif.uniform(0.9, 1.1), pitch_hz, pitch_hz * motif.uniform(0.8, 1.05)),
            duration_s=motif.uniform(0.05, 0.2),
            level=motif.uniform(0.4, 1.0),
            gap_s=motif.uniform(0.01, 0.06),
            second=0.02,
            attack_s=0.015,
        )
        short = WhistledNote(
            pitches_hz=note.pitches_hz, duration_s=0.03, level=0.7, gap_s=0.014, second=0.02, attack_s=0.008
        )
        notes.append(trill(short, motif.whole(4, 8)) if motif.chance(0.22) else whistle(note))
    return phrase(notes)


def _dove(motif: Dice, tonight: Dice) -> Floats:
    """Coo-COO-coo, twice, at 430 to 500 Hz."""
    pitch_hz = motif.uniform(430.0, 500.0) * (1.0 + 0.004 * tonight.normal())
    coos = ((0.26, 0.6, 0.10), (0.52, 1.0, 0.12), (0.34, 0.7, 0.30))
    return phrase(
        [
            whistle(
                WhistledNote(
                    pitches_hz=(pitch_hz * 0.96, pitch_hz * 1.05, pitch_hz * 0.94),
                    duration_s=duration_s,
                    level=level,
                    gap_s=gap_s,
                    warble=0.008,
                    warble_hz=motif.uniform(17.0, 22.0),
                    second=0.10,
                    attack_s=0.06,
                )
            )
            for duration_s, level, gap_s in coos * 2
        ]
    )


def _pip(motif: Dice, tonight: Dice) -> Floats:
    """Two to four short calls, each softer than the one before."""
    pitch_hz, gap_s = motif.uniform(3300.0, 4300.0) * (1.0 + 0.004 * tonight.normal()), motif.uniform(0.12, 0.24)
    duration_s = motif.uniform(0.07, 0.12)
    pitches_hz = (pitch_hz * 1.02, pitch_hz * 1.05, pitch_hz * 0.86)
    calls = range(motif.whole(2, 4))
    return phrase(
        [
            whistle(
                WhistledNote(
                    pitches_hz=pitches_hz,
                    duration_s=duration_s,
                    level=1.0 - 0.12 * call,
                    gap_s=gap_s,
                    second=0.03,
                    attack_s=0.015,
                )
            )
            for call in calls
        ]
    )


SONGS: dict[Species, Callable[[Dice, Dice], Floats]] = {
    "blackbird": _blackbird,
    "robin": _robin,
    "dove": _dove,
    "pip": _pip,
}
"""Species -> (the motif's dice, this evening's dice) -> the song, mono, its peak about 1."""
