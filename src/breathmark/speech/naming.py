"""Display names of voices: ``Joe (American English)``, not ``piper:joe`` or ``en-US``."""

from __future__ import annotations

from breathmark.languages.words import english_name


def called(own_name: str, tag: str = "") -> str:
    """A voice's own name in words, and what it speaks: ``Joe (American English)``."""
    words = " ".join(own_name.replace("-", " ").replace("_", " ").split())
    name = words[:1].upper() + words[1:]
    spoken = english_name(tag)
    return f"{name} ({spoken})" if spoken else name
