"""The shipped course, and a script that is small enough to be spoken by a natural voice in a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY: Final = Path(__file__).parents[2]
COURSE: Final = REPOSITORY / "meditations" / "being-kind-to-yourself"
SHIPPED: Final = ("03-the-breath-as-a-friend", "04-a-kind-hand", "06-three-small-steps")
"""The sessions that are rendered with every voice, in every format; the whole course is rendered once."""
LENGTHS: Final = {"5m": 300, "7:30": 450, "10m": 600, "20m": 1200, "30m": 1800}
"""As a user writes them, and in seconds."""

SMALL: Final = """\
title: A Small Pause
language: en
length: 30s..45s..5m
ambience: {sound: soft-rain, below_voice: 20}
pacing: {sentence: 300ms..1s..3s, paragraph: 500ms..2s..5s, segment: 1s..2s..6s, medium: 1s..2s..9s, long: 2s..5s..20s}
variables:
  name: {default: "", max_length: 24}
segments:
  - bell: chime
  - title: Welcome
    say: |
      Welcome{% if name %}, {{ name }}{% endif %}. [pause 2s..4s..9s]
      You might let your eyes rest, or keep them open.

      Whatever you choose is fine. [long]
  - title: Resting
    silence: 2s..10s..3m
  - title: Coming back
    kind: ground
    say: You could let a sound in the room reach you. Move a little, if that is pleasant. [pause]
"""
SENTENCES: Final = 5
"""How many different ones ``SMALL`` has."""


def small(folder: Path, text: str = SMALL) -> Path:
    """A script in a project of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def clip_files(cache: Path) -> Iterator[Path]:
    """The stored sentences, private ones too."""
    return (path for path in cache.rglob("*.wav") if path.is_file())


def stored(cache: Path) -> dict[str, int]:
    """The stored sentences by name, with what tells whether one was written anew."""
    return {path.name: path.stat().st_ino for path in clip_files(cache)}
