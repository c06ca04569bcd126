"""The folder of the cache, which spoken sentences and made ambiences share."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """``BREATHMARK_CACHE``, else the folder for caches of this user on this system."""
    chosen = os.environ.get("BREATHMARK_CACHE", "").strip()
    return Path(chosen).expanduser().absolute() if chosen else own_cache()


def own_cache() -> Path:
    """The folder for caches of this user on this system."""
    return Path(platformdirs.user_cache_dir("breathmark", appauthor=False))
