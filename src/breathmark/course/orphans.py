"""Orphans: artefacts of sessions, lengths or listeners that no longer exist, and their removal."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from breathmark.base.writing import delivery_errors
from breathmark.course.outputs import remove

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from breathmark.course.state import State


_NOTES: Final = ".breathmark-*"
"""What publishers note beside their files, under names that nothing else has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A finished artefact of a session, a length or a listener that no longer exists."""

    state: State
    path: str

    @property
    def shown(self) -> str:
        """Its sound's path."""
        return os.fspath(self.state.folder / self.path)


def prune(orphans: Iterable[Orphan]) -> None:
    """Remove these artefacts, and all else that was made for a listener of whom none is left.

    Raises:
        DeliveryError: something can't be removed.
    """
    states: dict[Path, State] = {}
    for orphan in orphans:
        states[orphan.state.folder] = orphan.state
        record = orphan.state.artefacts.pop(orphan.path)
        with delivery_errors(orphan.state.folder):
            remove(record.files, (orphan.state.folder / orphan.path).parent)
    for folder, state in states.items():
        if state.artefacts or not state.private:
            state.save()
            continue
        with delivery_errors(folder):
            _clear(state)


def _clear(state: State) -> None:
    """Remove what lies in a listener's folder beside artefacts; the records last, so that a kill loses none."""
    for file in (state.folder / name for name in state.published):
        file.unlink(missing_ok=True)
        for note in file.parent.glob(_NOTES):
            note.unlink(missing_ok=True)
        with suppress(OSError):
            file.parent.rmdir()
    state.path.unlink(missing_ok=True)
    with suppress(OSError):
        state.folder.rmdir()
