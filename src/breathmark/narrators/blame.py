"""Whose fault an exception is: the engine's, a plug-in's and the system's are told; a mistake of ours is a bug."""

from __future__ import annotations

import traceback
from typing import Final

from breathmark.errors import BreathmarkError

__all__ = ["is_our_bug"]

_PACKAGE: Final = __name__.partition(".")[0]


def is_our_bug(exc: BaseException) -> bool:
    """Whether only our own code was at work when ``exc`` came up, from where it was caught down to where it was raised.

    The system's refusals, such as a full disk, can come up anywhere.
    """
    if isinstance(exc, BreathmarkError | OSError | MemoryError):
        return False
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(exc.__traceback__)]
    return all(module.partition(".")[0] == _PACKAGE for module in modules)
