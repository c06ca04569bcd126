"""What the stages log, shown on the terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stages_shown"]


@contextmanager
def stages_shown(*, verbose: bool) -> Iterator[None]:
    """Meanwhile, tell on standard error what each stage does, if it is ``verbose``."""
    log, handler = logging.getLogger("breathmark"), logging.StreamHandler(sys.stderr)
    if verbose:
        log.setLevel(logging.INFO)
        log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
