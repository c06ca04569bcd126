"""``session.json`` beside a file: what the file should be, as it was laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from breathmark.base.errors import AssetError

if TYPE_CHECKING:
    from pathlib import Path


class _Known(BaseModel):
    """What is read of an object; ``session.json`` holds much more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PlacedRecord(_Known):
    """A sentence or a strike."""

    start_frame: int = Field(ge=0)
    frames: int = Field(ge=0)

    @property
    def end_frame(self) -> int:
        """The first frame that no longer belongs to it."""
        return self.start_frame + self.frames


class RestRecord(PlacedRecord):
    """A pause."""

    level: str = ""
    """``explicit`` where the author wrote it."""


class ChapterRecord(_Known):
    """A chapter."""

    start_frame: int = Field(ge=0)
    end_frame: int = Field(ge=0)
    title: str


class ScriptRecord(_Known):
    """The script, as the tags name it."""

    title: str
    author: str = ""
    language: str = ""


class PresetRecord(_Known):
    """The preset that it was rendered for."""

    name: str
    bitrate: str | None = None


class Loudness(_Known):
    """The levels that the renderer measured."""

    ambience_lufs: float | None = None


class FileRecord(_Known):
    """The finished file that it lies beside."""

    sha256: str


class AmbienceRecord(_Known):
    """The sound under a segment."""

    sound: str


class SegmentRecord(PlacedRecord):
    """A segment, or one inside another."""

    depth: int = 0
    ambience: AmbienceRecord


class SettingsRecord(_Known):
    """How the render was asked for."""

    ambience: str = ""
    """The name of the sound that lies under all of it, in place of the script's; empty where that holds."""


class Record(_Known):
    """What the verification takes from ``session.json``."""

    file: FileRecord
    settings: SettingsRecord = SettingsRecord()
    rate_hz: int = Field(gt=0)
    frames: int = Field(gt=0)
    script: ScriptRecord
    preset: PresetRecord
    loudness: Loudness
    chapters: tuple[ChapterRecord, ...]
    speech: tuple[PlacedRecord, ...]
    bells: tuple[PlacedRecord, ...]
    rests: tuple[RestRecord, ...] = ()
    segments: tuple[SegmentRecord, ...] = ()

    @property
    def last_cue_frame(self) -> int:
        """The first frame after all speech and all bells."""
        return max((placed.end_frame for placed in (*self.speech, *self.bells)), default=0)

    def ambience_at(self, frame: int) -> str:
        """The name of the sound under the innermost segment that ``frame`` lies in; empty where that is not known."""
        inside = [span for span in self.segments if span.start_frame <= frame < span.end_frame]
        scripted = max(inside, key=lambda span: span.depth).ambience.sound if inside else ""
        return self.settings.ambience or scripted

    @property
    def tail_frame(self) -> int:
        """Where nothing is left that the author wrote: a session for the night may end with minutes of quiet."""
        wished = (rest.end_frame for rest in self.rests if rest.level == "explicit")
        return max(self.last_cue_frame, max(wished, default=0))


def read_record(path: Path) -> Record | None:
    """The ``session.json`` beside the file ``path``; None where there is none.

    Raises:
        AssetError: it is damaged.
    """
    beside = path.with_name(f"{path.stem}.session.json")
    try:
        return Record.model_validate_json(beside.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AssetError(f"{beside} can't be read: {error.strerror}", "move it away, or allow it to be read") from error
    except ValidationError as error:
        raise AssetError(
            f"{beside} is not a whole session.json", "render the file again, or move it away to verify without it"
        ) from error
