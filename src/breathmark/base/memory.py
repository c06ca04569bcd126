"""Memory that a process holds and does not need."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return what was freed to the system, where its C library (glibc) keeps it otherwise; a few milliseconds of work.

    After Hibari has said 250 characters that is 50 MB, and 20 after a short sentence.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
