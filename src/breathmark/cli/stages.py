"""What the stages log, shown on the terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breathmark.cli.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stages_shown"]


class _Visible(logging.Formatter):
    """Messages as ``echo`` prints them."""

    def format(self, record: logging.LogRecord) -> str:
        """A message without control characters."""
        return visible(super().format(record))


@contextmanager
def stages_shown(*, verbose: bool) -> Iterator[None]:
    """Meanwhile, tell on standard error what stages warn of, and if it is ``verbose``, what each of them does."""
    log, handler = logging.getLogger("breathmark"), logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Visible())
    handler.setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
