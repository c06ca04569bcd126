"""What only the caller knows about a render."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breathmark.formats.cover import Cover
    from breathmark.model import Utterance, WordTime
    from breathmark.results import StandIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What only the caller knows about a render."""

    album: str = ""
    """The title of the course."""
    album_artist: str = ""
    """The author of the course, and of a session whose script names none."""
    track: int = 0
    """The session's place in the course, from 1; 0 for none."""
    tracks: int = 0
    """How many sessions the course has; 0 where that is not said."""
    cover: Cover | None = None
    """The picture of a session whose script names none."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """How this render was asked for, as it goes into ``session.json``; never a private value."""
    stand_in: StandIn | None = None
    """Who spoke what was not recorded."""
    even_pace: bool = False
    """Whether sentences that an engine raced through were spoken again."""
    words: Mapping[Utterance, Sequence[WordTime]] = field(default_factory=dict)
    """When the words of a sentence sound, from its start, for those of which it is known."""
    progress: Callable[[int, int], None] | None = None
    """Told the frames that are encoded, and how many there are."""
    sound_only: bool = False
    """True where nothing is written beside the file; what an earlier file of its name left there is removed."""
    jobs: int | None = None
    """Processes that encode, where the format can be split; None is one for each core."""
    cache: Path | None = None
    """The cache in which encoded parts of what is not private are kept; None keeps none."""
