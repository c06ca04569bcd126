"""The contract of a format of finished files: everything that is known about one is in one class of one file.

The built-in ones come through the same entry points (``breathmark.formats``) as those of other packages.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from mutagen import MutagenError

from breathmark.base.errors import DeliveryError

if TYPE_CHECKING:
    from breathmark.formats.tags import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What one encoder does at one bit rate."""

    gain_db: float = 0.0
    """The loudness of the decoded file minus that of the PCM: 0 or less. The mix makes up for it."""
    margin_db: float = 0.0
    """How far below the file's ceiling the PCM has to stay, after that gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSettings:
    """What is asked of an encoder."""

    rate_hz: int
    channels: int
    sample_width: int
    """Bytes per sample of the PCM that count."""
    bitrate: str
    """One of ``FileFormat.codings``; empty where nothing is lost."""


class PartEncode(Protocol):
    """How a part of a file is encoded by a process of its own."""

    arguments: tuple[str, ...]
    """Of ffmpeg, for the codec and the bare output of a part."""

    def own_part(self, data: bytes, *, is_first: bool, is_last: bool) -> bytes | None:
        """Of what was encoded, what belongs to the part itself; None where it is not all there."""


class ChunkedEncode(PartEncode, Protocol):
    """One encode of one file, split into chunks whose joined bytes are those of a single encoder."""

    chunk_frames: int
    before_frames: int
    """PCM frames from before a chunk, from which its encoder gets into the state of one that has come from far."""
    after_frames: int
    """PCM frames from behind a chunk, which its encoder looks ahead to."""

    def add(self, data: bytes) -> None:
        """Note the next chunk's part, as it comes into the file."""

    def header(self, frames: int) -> bytes:
        """What the file begins with, for ``frames`` PCM frames; as long before anything was added."""


class FileFormat(ABC):
    """A format of finished files, which ffmpeg can write."""

    name: ClassVar[str]
    """The suffix of its files, without the dot."""
    codec: ClassVar[str]
    """As ``verify`` names it: for a format of another package, as ffmpeg does."""
    codings: ClassVar[Mapping[str, Coding]] = {}
    """By bit rate, such as ``128k``; variable ones by LAME's quality, ``V2``. Empty where nothing is lost."""
    usual_bitrate: ClassVar[str] = ""
    """The bit rate that is taken where neither the user nor the preset names one that it has."""
    muxer: ClassVar[str] = ""
    """ffmpeg's name of the container, where that is not the format's own."""
    rate_hz: ClassVar[int] = 0
    """The only sampling rate that it has; 0 where any will do."""
    packet_frames: ClassVar[int] = 1
    """The decoded file is off by less than that, because the codec counts in packets of so many frames."""
    most_bytes: ClassVar[int] = 0
    """How much sound fits into a file; 0 where there is no end to it."""
    most_chapters: ClassVar[int] = 0
    """How many the tags have room for; 0 where there is no end to them."""
    chapters_by_muxer: ClassVar[bool] = False
    """True where only ffmpeg can write the chapters, with the sound; else they are among the tags."""

    @abstractmethod
    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """The arguments of ffmpeg for the codec, without those for input and output."""

    @abstractmethod
    def promised_frames(self, path: Path) -> int | None:
        """The frames that every decoder gives of the untagged file ``path``; None where it is not whole.

        Nothing is decoded, as that would take a seventh of what encoding takes. But a header alone may speak of sound
        that never reached the disk; so the packets of the codec are counted, too, or found to be numbered to the end.
        Raises OSError where it can't be read.
        """

    def split(self, settings: EncoderSettings) -> ChunkedEncode | None:  # noqa: ARG002 - for those that can be
        """How an encode is split into chunks; None where it can't be."""
        return None

    def correct(self, path: Path, frames: int) -> None:  # noqa: B027 - most have nothing to correct
        """Correct what ffmpeg gets wrong in the header of a file of ``frames``. Raises OSError."""

    def write_tags(self, path: Path, tags: Tags) -> None:  # noqa: B027 - a format may have no place for them
        """Write ``tags`` into the finished file, whose sound stays as it is. Raises MutagenError or OSError."""

    def tag(self, path: Path, tags: Tags) -> None:
        """The same. Raises DeliveryError."""
        try:
            self.write_tags(path, tags)
        except (MutagenError, OSError) as error:
            raise DeliveryError(
                f"the tags can't be written: {error}", "see whether the disk is full, then run the command again"
            ) from error


def measured(codings: Mapping[str, tuple[float, float]]) -> dict[str, Coding]:
    """Codings from a table of gains and margins (dB) by bit rate."""
    return {rate: Coding(gain_db=gain, margin_db=margin) for rate, (gain, margin) in codings.items()}


def lost_sound(promised: int | None, frames: int) -> DeliveryError:
    """The error where a file holds ``promised`` frames (None: no readable number of them) and not ``frames``."""
    return DeliveryError(
        f"the encoded file holds {'no readable number of' if promised is None else promised} frames"
        f" where {frames} were encoded",
        "see whether the disk is full; else try the ffmpeg of: pip install breathmark[ffmpeg]",
    )
