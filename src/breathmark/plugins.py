"""Plug-ins by name: entry points, through which the built-in ones come in, too."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["owner", "registered"]


def registered(group: str) -> dict[str, EntryPoint]:
    """What is registered in a group, by its name in lower case; nobody can take the name of a built-in one."""
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: owner(entry) != "breathmark"):
        found.setdefault(entry.name.lower(), entry)
    return found


def owner(entry: EntryPoint) -> str:
    """The package that it comes with; empty where that is not known."""
    return entry.dist.name if entry.dist else ""
