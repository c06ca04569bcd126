"""The records of a folder, as ``breathmark.lock`` holds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from breathmark.course.state import LOCK_FILE, State

if TYPE_CHECKING:
    from pathlib import Path

METADATA = {
    "title": "Rain",
    "summary": "",
    "level": "beginner",
    "concepts": [],
    "language": "en",
    "voice": "tone:sine",
    "other_voices": [],
    "variables": {},
}


def test_the_lock_of_an_older_version_is_read(tmp_path: Path) -> None:
    """It calls the metadata of a script ``facts``; what publishers have written is known from nowhere else."""
    sessions = {"rain": {"facts": METADATA, "inputs": {"rain.yaml": "0" * 32}}}
    old = {"format": 1, "sessions": sessions, "published": ["feed.xml"]}
    (tmp_path / LOCK_FILE).write_text(json.dumps(old), encoding="utf-8")
    state = State(tmp_path)
    assert (state.sessions["rain"].metadata.title, state.published) == ("Rain", ("feed.xml",))
    state.begin("Evenings", "another program")
    state.save()
    assert State(tmp_path).published == ("feed.xml",)
