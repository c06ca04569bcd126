"""Moments of a session as players and people read them."""

from __future__ import annotations

from breathmark.arrange.lengths import minutes

__all__ = ["clock", "milliseconds", "timestamp"]


def milliseconds(frame: int, rate_hz: int) -> int:
    """When ``frame`` sounds, in milliseconds, rounded half up."""
    return (frame * 2000 + rate_hz) // (2 * rate_hz)


def timestamp(ms: int) -> str:
    """``hh:mm:ss.ttt``, as WebVTT and the chapters of Vorbis comments write it."""
    minutes, ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{ms // 1000:02d}.{ms % 1000:03d}"


def clock(frames: int, rate_hz: int) -> str:
    """A moment as ``m:ss``, cut to the second."""
    return minutes(frames // rate_hz)
