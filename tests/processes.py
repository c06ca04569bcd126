"""The processes that a test's own has started, so that it can be shown that none is left."""

from __future__ import annotations

import psutil


def ffmpegs() -> list[psutil.Process]:
    """Each ffmpeg of this process that has not ended; workers of other tests of the same process don't count."""
    children = psutil.Process().children(recursive=True)
    return [each for each in children if each.status() != psutil.STATUS_ZOMBIE and each.name().startswith("ffmpeg")]
