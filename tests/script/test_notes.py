"""Which sentence a note for the reader belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.model import Say, cues
from breathmark.script.expand import expand
from breathmark.script.notes import notes, notes_by_sentence
from breathmark.script.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """\
title: Notes
segments:
  - say: |
      [note: whisper this] Welcome.
      Sit as you like. [note: slower] Let your hands rest.
      Breathe in [note:  a smile ] and out. [pause 3s]
      It is fine. [pause] [note: warm]
      A \\[note: bracket] that is said.
  - repeat: 2
    segments:
      - say: "Here. [note: the last]"
  - include: part.yaml
"""


def test_a_note_goes_to_the_sentence_that_it_is_about(tmp_path: Path) -> None:
    """To the next one where it stands before or between sentences, to its own inside one or at the end of a line."""
    (tmp_path / "part.yaml").write_text("segments: [{say: '[note: from a part] Rest.'}]\n", encoding="utf-8")
    script = tmp_path / "x.yaml"
    script.write_text(SCRIPT, encoding="utf-8")
    document = parse(script)
    said = [cue for cue in cues(expand(document, {}).segments) if isinstance(cue, Say)]
    found = notes_by_sentence(notes(document.segments), (say.place for say in said))
    assert {say.utterance.caption: found[say.place] for say in said if say.place in found} == {
        "Welcome.": ("whisper this",),
        "Let your hands rest.": ("slower",),
        "Breathe in and out.": ("a smile",),
        "It is fine.": ("warm",),
        "Here.": ("the last",),
        "Rest.": ("from a part",),
    }
