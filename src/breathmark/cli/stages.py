"""What the stages log, shown on the terminal."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breathmark.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stages_shown"]


class _Said(logging.Handler):
    """Says messages as all else is said, also beside moving bars."""

    def emit(self, record: logging.LogRecord) -> None:
        """One message on standard error."""
        say(self.format(record), err=True)


@contextmanager
def stages_shown(*, verbose: bool) -> Iterator[None]:
    """Meanwhile, tell on standard error what stages warn of, and if it is ``verbose``, what each of them does."""
    log, handler = logging.getLogger("breathmark"), _Said()
    handler.setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
