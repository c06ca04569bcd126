"""Plug-in loading by name: entry points, through which what is built in is registered, too."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from breathmark.base.errors import RequestError, near_miss

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def registered(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by their names in lower case; nobody can take the name of a built-in one."""
    return dict(_registered(group, tuple(sys.path)))


@lru_cache(maxsize=32)
def _registered(group: str, _path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """The same for what lies on the path, read once: that takes 12 ms of a process that may ask several times."""
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: owner(entry) != "breathmark"):
        found.setdefault(entry.name.lower(), entry)
    return found


def owner(entry: EntryPoint) -> str:
    """The package that it comes with; empty where that is not known."""
    return entry.dist.name if entry.dist else ""


EXECUTORS = "breathmark.executors"
LANGUAGES = "breathmark.languages"
PUBLISHERS = "breathmark.publishers"
RULES = "breathmark.rules"


def third_parties(group: str) -> frozenset[str]:
    """The names in a group that are not built in."""
    return frozenset(name for name, entry in registered(group).items() if owner(entry) != "breathmark")


def suppliers(group: str) -> dict[str, str]:
    """The package and version behind each name in a group that is not built in."""
    entries = ((name, entry.dist) for name, entry in registered(group).items() if owner(entry) != "breathmark")
    return {name: f"{dist.name} {dist.version}" if dist else "" for name, dist in entries}


def load(group: str, name: str) -> object:
    """Load the plug-in registered under ``name``; nobody can take the name of a built-in one.

    Raises:
        RequestError: there is none of that name, or it can't be loaded; with what to do.
    """
    found = registered(group)
    kind = group.rpartition(".")[2].removesuffix("s")
    if name.lower() not in found:
        meant = near_miss(name, found)
        hint = f"did you mean {meant}?" if meant else f"available: {', '.join(sorted(found)) or 'none'}"
        raise RequestError(f"there is no {kind} {name}", hint)
    entry = found[name.lower()]
    try:
        loaded: object = entry.load()
    except (ImportError, AttributeError) as exc:
        package = owner(entry)
        hint = f"pip install 'breathmark[{name}]'" if package == "breathmark" else f"install {package} again"
        raise RequestError(f"the {kind} {name} is not installed: {exc}", hint) from exc
    return loaded
