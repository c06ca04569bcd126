"""A voice that falls over a session or a segment, by the place of each sentence in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import ScriptError
from breathmark.model import utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

SEGMENTS = """\
segments:
  - say: One. Two. {% if name %}Three, {{ name }}.{% else %}Three.{% endif %}
  - repeat: 2..3..4
    segments:
      - say: Four.
  - breathe: {in: 4s, out: 6s, rounds: 2..3..5}
"""
FALLS = "voice: {speed: 1.1, level: 2, taper: {speed: 0.1, level: 5, pitch: 1}}\n"


def falls(folder: Path, head: str, segments: str = SEGMENTS, **values: str) -> list[tuple[float, float, float]]:
    """Speed, level and pitch of each sentence of a script."""
    script = folder / "script.yaml"
    variables = 'variables:\n  name: {default: ""}\n'
    script.write_text(f"title: A script\n{variables}{head}{segments}")
    said = utterances(expand(parse(script), values))
    return [(each.speed, each.level_db, each.pitch_semitones) for each in said]


def test_a_session_falls_in_steps_from_its_first_sentence_to_its_last(tmp_path: Path) -> None:
    """Speed by 0.02, pitch by a quarter of a semitone, level by 0.1 dB; both cues of a breath are sentences."""
    assert falls(tmp_path, FALLS) == [
        (1.1, 2.0, 0.0),
        (1.08, 1.0, -0.25),
        (1.06, 0.0, -0.5),
        (1.04, -1.0, -0.5),
        (1.02, -2.0, -0.75),
        (1.0, -3.0, -1.0),
    ]


def test_neither_a_value_nor_a_changed_sentence_moves_another_one(tmp_path: Path) -> None:
    """So nothing else is spoken anew: sentences count, whatever is in them."""
    plain = falls(tmp_path, FALLS)
    assert falls(tmp_path, FALLS, name="Maya") == plain
    assert falls(tmp_path, FALLS, SEGMENTS.replace("Two.", "Two, which takes far longer than it did.")) == plain


def test_a_segment_s_own_taper_takes_the_place_of_the_session_s(tmp_path: Path) -> None:
    """It begins at the segment's own voice, and ends with it; ``none`` keeps a segment steady."""
    segments = """\
segments:
  - say: One. Two.
  - say: Three. Four. Five.
    voice: {level: -1, taper: {level: 2}}
  - repeat: 2
    voice: {taper: none}
    segments: [{say: Six. Seven.}]
  - say: Eight. Nine.
"""
    levels = [level for _, level, _ in falls(tmp_path, "voice: {taper: {level: 4}}\n", segments)]
    assert levels == [0.0, -0.5, -1.0, -2.0, -3.0, 0.0, 0.0, -3.5, -4.0]


def test_a_part_falls_with_the_segment_that_includes_it(tmp_path: Path) -> None:
    """The taper of an include is that of the part's sentences."""
    (tmp_path / "part.yaml").write_text("segments:\n  - say: One.\n  - say: Two.\n")
    segments = "segments:\n  - say: Zero.\n  - include: part.yaml\n    voice: {taper: {speed: 0.2}}\n"
    assert [speed for speed, _, _ in falls(tmp_path, "", segments)] == [1.0, 1.0, 0.8]


def test_no_taper_changes_nothing(tmp_path: Path) -> None:
    """A script without one is spoken as it was, and one sentence has nowhere to fall."""
    assert set(falls(tmp_path, "voice: {speed: 0.93}\n")) == {(0.93, 0.0, 0.0)}
    assert falls(tmp_path, FALLS, "segments: [{say: One.}]\n") == [(1.1, 2.0, 0.0)]


def test_no_sentence_gets_slower_than_a_script_may_ask_for(tmp_path: Path) -> None:
    """The least speed that narrators were measured at holds with a taper, too."""
    speeds = [speed for speed, _, _ in falls(tmp_path, "voice: {speed: 0.6, taper: {speed: 0.3}}\n")]
    assert (speeds[0], speeds[-1]) == (0.6, 0.5)


@pytest.mark.parametrize(
    ("voice", "piece"),
    [
        ("{level: 7}", "from -6 to 6"),
        ("{level: -6.5 dB}", "from -6 to 6"),
        ("{take: 0}", "whole number from 1 to 99"),
        ("{taper: {speed: 0.4}}", "from 0 to 0.3"),
        ("{taper: {level: -1}}", "from 0 to 6"),
        ("{taper: {pitch: 5}}", "from 0 to 4"),
        ("{taper: {volume: 1}}", "volume"),
        ("{taper: 3}", "taper"),
    ],
)
def test_bounds(voice: str, piece: str, tmp_path: Path) -> None:
    """What can't be meant is a fault of its field."""
    with pytest.raises(ScriptError, match=piece):
        falls(tmp_path, f"voice: {voice}\n")


def test_the_cast_has_levels_and_takes_and_no_taper(tmp_path: Path) -> None:
    """A taper belongs to a stretch of the session, whoever speaks there."""
    segments = "segments: [{say: '[voice friend] One.'}]\n"
    script = tmp_path / "script.yaml"
    script.write_text(f"title: A\nvoices: {{friend: {{name: tone, level: +3 dB, take: 2}}}}\n{segments}")
    (said,) = utterances(expand(parse(script)))
    assert (said.level_db, said.take) == (3.0, 2)
    with pytest.raises(ScriptError, match="taper"):
        falls(tmp_path, "voices: {friend: {name: tone, taper: {level: 1}}}\n", segments)
