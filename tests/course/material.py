"""Small courses, built in a moment with the narrator `tone`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[2]
SHIPPED: Final = REPOSITORY / "meditations" / "being-kind-to-yourself"

SHARED: Final = """\
segments:
  - title: Back again
    kind: ground
    say: Let a sound in the room reach you. [pause]
"""

SETTINGS: Final = """\
voice: tone
pacing: {sentence: 200ms..500ms..3s, segment: 300ms..1s..6s, medium: 200ms..500ms..4s}
"""

COURSE: Final = """\
title: Small Steps
summary: Three of them.
author: Somebody
lengths: [15s, 20s]
concepts: {C1: Kindness, S2: Practice}
blocks:
  first:
    title: First
    sessions:
      - {script: 01-one, tags: [calm, touch]}
      - 02-two
  second:
    title: Second
    sessions: [03-three]
paths:
  short: {title: The short way, sessions: [01-one, 03-three]}
notes: [Please do not listen while driving.]
"""


def script(number: int, *, body: str = "", level: str = "beginner", concepts: str = "C1") -> str:
    """A session of a few seconds that shares its end with the others."""
    return f"""\
title: Session {number}
level: {level}
concepts: [{concepts}]
length: 5s..15s..60s
variables:
  name: {{default: "", max_length: 60}}
  anchor: {{default: body, choices: [body, sound]}}
segments:
  - title: Welcome
    kind: opening
    say: |
      Welcome{{% if name %}}, {{{{ name }}}}{{% endif %}}.
      {body or f"Here is the sentence of session {number}."}
  - silence: 500ms..2s..20s
  - include: parts/end.yaml
"""


def course(folder: Path, manifest: str = COURSE) -> Path:
    """A course of three sessions in a project of its own."""
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    (folder / "parts" / "end.yaml").write_text(SHARED, encoding="utf-8")
    (folder / "breathmark.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "01-one.yaml").write_text(script(1), encoding="utf-8")
    (folder / "02-two.yaml").write_text(script(2, level="intermediate", concepts="C1, S2"), encoding="utf-8")
    (folder / "03-three.yaml").write_text(script(3, concepts="S2"), encoding="utf-8")
    (folder / "course.yaml").write_text(manifest, encoding="utf-8")
    return folder
