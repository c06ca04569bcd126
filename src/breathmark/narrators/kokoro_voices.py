"""The English voices of Kokoro: how each sounds, and how fast it speaks by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from breathmark.narrators.pace import Pace

__all__ = ["KOKORO_VOICES", "KokoroVoice"]

_SCALES: Final = (0.667, 0.769, 0.87, 1.0, 1.176, 1.429, 1.667, 2.0, 2.5, 3.03)
"""Of the length of speech: one through the model's own speed."""
_HEART_WORDS_A_MINUTE: Final = (319.1, 276.6, 250.4, 229.9, 205.1, 157.7, 135.6, 110.6, 85.7, 68.2)
"""The pace of ``af_heart`` on the reference passage, trimmed, at each scale (kokoro-onnx 0.6.1, one thread). The first
four are from one sentence of it, which she speaks 2 to 4 % faster than the whole."""
_LEAST_SCALE: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class KokoroVoice:
    """A voice of the model."""

    name: str
    """``kokoro:NAME``."""
    language: str
    """A BCP 47 tag."""
    description: str
    pace: Pace


def _voice(own_name: str, grade: str, *, pitch_hz: int, quickness: float) -> KokoroVoice:
    """A voice from its facts.

    Args:
        own_name: as the model calls it: ``a`` or ``b`` for American or British, ``f`` or ``m`` for woman or man.
        grade: what the model's makers give it, A to F, for how good and how long its training recordings were
            (the list of voices in the package kokoro-js 1.2.1).
        pitch_hz: the median pitch of one sentence of the reference passage; of a breathy voice it says little.
        quickness: how much faster than ``af_heart`` it speaks that sentence at the same scale.
    """
    british, woman = own_name[0] == "b", own_name[1] == "f"
    breath = "breathy " if own_name == "af_nicole" else ""
    who = f"{'British' if british else 'American'} {breath}{'woman' if woman else 'man'}"
    paces = tuple(round(pace * quickness, 1) for pace in _HEART_WORDS_A_MINUTE)
    return KokoroVoice(
        name=f"kokoro:{own_name}",
        language="en-GB" if british else "en-US",
        description=f"{who}; pitch about {pitch_hz} Hz; the makers grade it {grade}",
        pace=Pace(scales=_SCALES, words_a_minute=paces, least=_LEAST_SCALE),
    )


KOKORO_VOICES: Final = (
    _voice("af_heart", "A", pitch_hz=195, quickness=1.0),
    _voice("af_bella", "A-", pitch_hz=198, quickness=0.951),
    _voice("af_nicole", "B-", pitch_hz=150, quickness=0.623),
    _voice("bf_emma", "B-", pitch_hz=178, quickness=1.093),
    _voice("af_aoede", "C+", pitch_hz=176, quickness=1.059),
    _voice("af_kore", "C+", pitch_hz=150, quickness=0.944),
    _voice("af_sarah", "C+", pitch_hz=190, quickness=1.002),
    _voice("am_fenrir", "C+", pitch_hz=129, quickness=0.993),
    _voice("am_michael", "C+", pitch_hz=117, quickness=0.882),
    _voice("am_puck", "C+", pitch_hz=110, quickness=0.957),
    _voice("af_alloy", "C", pitch_hz=138, quickness=0.991),
    _voice("af_nova", "C", pitch_hz=157, quickness=1.062),
    _voice("bf_isabella", "C", pitch_hz=205, quickness=1.036),
    _voice("bm_fable", "C", pitch_hz=113, quickness=0.91),
    _voice("bm_george", "C", pitch_hz=140, quickness=0.854),
    _voice("af_sky", "C-", pitch_hz=155, quickness=1.011),
    _voice("bm_lewis", "D+", pitch_hz=92, quickness=0.879),
    _voice("af_jessica", "D", pitch_hz=205, quickness=1.14),
    _voice("af_river", "D", pitch_hz=176, quickness=1.127),
    _voice("am_echo", "D", pitch_hz=105, quickness=0.996),
    _voice("am_eric", "D", pitch_hz=155, quickness=1.146),
    _voice("am_liam", "D", pitch_hz=119, quickness=1.076),
    _voice("am_onyx", "D", pitch_hz=84, quickness=0.91),
    _voice("bf_alice", "D", pitch_hz=211, quickness=0.999),
    _voice("bf_lily", "D", pitch_hz=182, quickness=0.993),
    _voice("bm_daniel", "D", pitch_hz=123, quickness=1.018),
    _voice("am_santa", "D-", pitch_hz=176, quickness=0.85),
    _voice("am_adam", "F+", pitch_hz=117, quickness=1.023),
)
"""Those with the best grade first, American before British."""
