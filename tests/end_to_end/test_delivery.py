"""The level of a segment in a finished file, by a meter that knows nothing of Breathmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from breathmark import Options, render, verify

from .measure import decoded, joined, loudness, measured, session

if TYPE_CHECKING:
    from pathlib import Path

SAID = """\
      Let your weight settle into whatever is holding you.
      Notice the air as it comes in, a little cool, and as it goes out again, a little warmer.
      There is nothing to fix in this moment, and nowhere else that you have to be.
      If a thought drifts by, you can greet it, and let it travel on.
"""


@pytest.mark.slow
def test_a_softer_segment_is_as_much_softer_as_was_asked(tmp_path: Path) -> None:
    """The same sentences 11 dB apart, within half a decibel; the whole voice as loud as ever, the length exact.

    ``verify`` knows that the script asks for it: a sentence 10 dB softer than the one before is a fault else.
    """
    script = tmp_path / "script.yaml"
    script.write_text(
        f"title: Soft\nsegments:\n  - voice: {{level: +5 dB}}\n    say: |\n{SAID}  - silence: 4s\n"
        f"  - voice: {{level: -6}}\n    say: |\n{SAID}"
    )
    made = render(script, tmp_path / "soft.flac", Options(length=75.0, voice="pyttsx3:en-us"))
    spoken = session(made.path)["speech"]
    assert [placed["level_db"] for placed in spoken] == [5.0] * 4 + [-6.0] * 4
    spans = [(placed["start_frame"], placed["frames"]) for placed in spoken]
    usual, soft = (loudness(joined(decoded(made.path), part)) for part in (spans[:4], spans[4:]))
    assert soft - usual == pytest.approx(-11.0, abs=0.5)
    whole = measured(decoded(made.path))
    assert whole.frames == 75 * 44_100
    assert whole.lufs == pytest.approx(-16.0, abs=0.3)
    assert whole.true_peak_dbtp <= -1.0
    assert verify(made.path).passed
