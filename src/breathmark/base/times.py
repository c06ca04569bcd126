"""Time formatting: moments of a session as players and people read them."""

from __future__ import annotations


def whole_frames(seconds: float, rate_hz: int) -> int:
    """A length of time in frames, rounded half up."""
    return int(seconds * rate_hz + 0.5)


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


def minutes(seconds: int) -> str:
    """``m:ss``, also above an hour, as ``--length`` takes it."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def tenths(seconds: float) -> str:
    """A moment as ``m:ss.t``."""
    whole, tenth = divmod(round(seconds * 10), 10)
    return f"{minutes(whole)}.{tenth}"
