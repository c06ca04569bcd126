"""Resource budget of one script, from its first file to its last rendering, with a deadline.

Files, aliases, includes, loops, macros, values and cues all draw on it. So what multiplies is refused wherever and
however it multiplies, and no single one of them needs a bound of its own.
"""

from __future__ import annotations

import threading
import time

MAX_CHARACTERS = 24_000_000
"""Forty-six times the largest file that is read."""
PART = 64
"""Characters that a part counts as, over those that it holds: a YAML value, a piece of a template, a loop pass, a cue.

It takes about as much time, and more memory.
"""
DEADLINE_S = 12.0
"""Of processor time, so that it does not matter what else the machine does."""

_HINT = "use fewer loop passes, macro calls, includes, `*` names or rounds of text"


class OverBudgetError(Exception):
    """A script has used up what it may; whoever knows the place makes it a fault of the script."""

    def __init__(self, message: str, hint: str = _HINT) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


class Budget:
    """The remainder of a script's budget. Any thread may draw on it: each adds its own processor time."""

    def __init__(self, *, characters: int = MAX_CHARACTERS, seconds: float = DEADLINE_S) -> None:
        self._whole = self._left = characters
        self._seconds_left = self._seconds = seconds
        self._clock = _Clock()

    def spend(self, characters: int = 0, *, parts: int = 0) -> None:
        """Draw on it. Raises ``OverBudgetError`` when it is used up, and then every time."""
        self._left -= characters + PART * parts
        if self._left < 0:
            raise OverBudgetError(f"written out, this script has more than {self._whole:,} characters")
        self._seconds_left -= self._clock.since_last_s()
        if self._seconds_left < 0:
            raise OverBudgetError(f"reading and filling in this script takes more than {self._seconds:g} s")

    @property
    def spent(self) -> float:
        """The share that is used up, 0 to 1: of the characters or of the time, whichever is more."""
        self._seconds_left -= self._clock.since_last_s()
        return min(1.0 - min(self._left / self._whole, self._seconds_left / self._seconds), 1.0)


class _Clock(threading.local):
    """Processor time of the thread that asks: each has a clock of its own, and those of two can't be compared."""

    def __init__(self) -> None:
        self._last_s = time.thread_time()

    def since_last_s(self) -> float:
        """What this thread has used since it last asked."""
        before_s, self._last_s = self._last_s, time.thread_time()
        return self._last_s - before_s
