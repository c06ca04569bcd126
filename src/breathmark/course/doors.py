"""Executors and publishers by name: entry points, through which the built-in ones come in, too."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from breathmark.errors import RequestError, near_miss

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["EXECUTORS", "PUBLISHERS", "enter"]

EXECUTORS = "breathmark.executors"
PUBLISHERS = "breathmark.publishers"


def enter(group: str, name: str) -> object:
    """What is registered under ``name``; nobody can take the name of a built-in one.

    Raises:
        RequestError: there is none of that name, or it can't be loaded; with what to do.
    """
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: _owner(entry) != "breathmark"):
        found.setdefault(entry.name.lower(), entry)
    kind = group.rpartition(".")[2].removesuffix("s")
    if name.lower() not in found:
        meant = near_miss(name, found)
        hint = f"did you mean {meant}?" if meant else f"there are {', '.join(sorted(found)) or 'none'}"
        raise RequestError(f"there is no {kind} {name}", hint)
    entry = found[name.lower()]
    try:
        loaded: object = entry.load()
    except ImportError as exc:
        hint = (
            f"pip install 'breathmark[{name}]'" if _owner(entry) == "breathmark" else f"install {_owner(entry)} again"
        )
        raise RequestError(f"the {kind} {name} is not installed: {exc}", hint) from exc
    return loaded


def _owner(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""
