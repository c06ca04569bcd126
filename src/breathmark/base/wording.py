"""Wording that messages of every room share: numbers with their nouns, and commands that a user can paste."""

from __future__ import annotations

import re
import shlex
import sys

_PLAIN_ON_WINDOWS = re.compile(r"[\w.:\\/+=,-]+")
"""What neither PowerShell nor cmd.exe reads anything into."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 sentence``, ``2 sentences``, ``12,000 sentences``; ``plural`` is for nouns that don't just take an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def command_line(*words: object) -> str:
    """A command as it can be pasted into this system's shell: words with spaces or signs in them are quoted."""
    return " ".join(_quoted(str(word)) for word in words)


def _quoted(word: str) -> str:
    system: str = sys.platform
    if system == "win32" and not _PLAIN_ON_WINDOWS.fullmatch(word):
        return f'"{word}"'  # a file's name holds no quotation mark there
    return word if system == "win32" else shlex.quote(word)
