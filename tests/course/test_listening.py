"""``build --listen``: an artefact is listened to once, and its record keeps what was heard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import BuildError
from breathmark.course import build as building
from breathmark.course.options import BuildOptions, Heard
from breathmark.verification.verdict import HeardText

from .material import course

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from breathmark.course.options import Event

pytestmark = pytest.mark.usefixtures("in_this_process")


class Deaf:
    """Hears the same few words in everything."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard = 0

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[HeardText, ...]:  # noqa: ARG002 - the interface
        """Not what was said."""
        self.heard += 1
        return (HeardText(start_s=0.0, end_s=1.0, text="something else altogether is said here"),)


def test_an_artefact_is_listened_to_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another build reports the same from the lock, another recogniser hears it anew; private texts are not kept."""
    course(tmp_path)
    (tmp_path / "people.csv").write_text("id,name\nx,Xenia\n", encoding="utf-8")
    recogniser = Deaf("deaf 1")
    monkeypatch.setattr(building, "recogniser_asked", lambda _name: recogniser)

    def run() -> list[Heard]:
        events: list[Event] = []
        options = BuildOptions(
            output=tmp_path / "out",
            cache=tmp_path / "cache",
            select=("01-one",),
            lengths_s=(15.0,),
            listeners=tmp_path / "people.csv",
            listen="deaf",
            watch=events.append,
        )
        with pytest.raises(BuildError, match="2 heard differently than written"):
            building.build(tmp_path, options)
        return [event for event in events if isinstance(event, Heard)]

    first = run()
    assert [(event.sentences, len(event.misheard)) for event in first] == [(3, 3), (3, 3)]
    assert recogniser.heard == 6
    assert run() == first
    assert recogniser.heard == 6
    recogniser.name = "deaf 2"
    run()
    assert recogniser.heard == 12
    locks = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "out").rglob("breathmark.lock")]
    assert len(locks) == 2
    for lock in locks:
        (record,) = lock["artefacts"].values()
        assert record["listening"]["recogniser"] == "deaf 2"
        assert "Xenia" not in str(record)
        assert "Here is the sentence of session 1." in str(record)
