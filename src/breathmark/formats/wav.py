"""WAV: PCM of 16 or 24 bits, with ID3 tags."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from mutagen import MutagenError
from mutagen.wave import WAVE

from breathmark.formats.format import EncoderSettings, FileFormat
from breathmark.formats.id3 import MOST_CHAPTERS, fill_id3

if TYPE_CHECKING:
    from mutagen.id3 import ID3

    from breathmark.formats.tags import Tags


class Wav(FileFormat):
    """RIFF WAVE."""

    name: ClassVar = "wav"
    codec: ClassVar = "pcm"
    most_bytes: ClassVar = 2**32 - 2**20
    """The sizes in it have 32 bits; some of them are left for its header and tags."""
    most_chapters: ClassVar = MOST_CHAPTERS

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """Signed, little-endian."""
        return ("-c:a", "pcm_s24le" if settings.sample_width == 3 else "pcm_s16le")

    def promised_frames(self, path: Path) -> int | None:
        """Of the ``data`` chunk, where the file is as long as its first eight bytes say."""
        with path.open("rb") as file:
            head = file.read(8)
        if 8 + int.from_bytes(head[4:], "little") > path.stat().st_size:
            return None
        try:
            info: Any = WAVE(path).info  # mutagen says that it is None
        except MutagenError:
            return None
        return round(info.length * info.sample_rate) or None

    def write_tags(self, path: Path, tags: Tags) -> None:
        """A chunk of ID3v2.4."""
        wave = WAVE(path)
        wave.add_tags()
        fill_id3(cast("ID3", wave.tags), tags)
        wave.save(v2_version=4)
