"""The verification of one finished file: read what it says, hear what it is, judge both by a preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.deliver.presets import preset_for
from breathmark.deliver.verify.container import read_container, read_labels
from breathmark.deliver.verify.file import file_findings, label_findings
from breathmark.deliver.verify.heard import hear
from breathmark.deliver.verify.levels import level_findings
from breathmark.deliver.verify.places import background_spans, voice_spans
from breathmark.deliver.verify.record import read_record
from breathmark.deliver.verify.sound import sound_findings
from breathmark.deliver.verify.verdict import Verification, failed
from breathmark.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["verify"]


def _silent(done: int, total: int) -> None:
    """Watch nothing."""


def verify(path: Path, preset_name: str = "", progress: Callable[[int, int], None] = _silent) -> Verification:
    """Measure ``path`` and judge it by a preset: the one named, else that of its ``session.json``, else the default.

    Args:
        path: A finished file.
        preset_name: One of ``PRESETS``; empty leaves it to the file.
        progress: Told the frames that are measured, and about how many there are.

    Raises:
        AssetError: There is no such file, its ``session.json`` is damaged, or there is no ffmpeg.
        RequestError: There is no such preset, or its suffix is none of a format that can be written.
    """
    if not path.is_file():
        raise AssetError(f"there is no file {path}", "check the path")
    record = read_record(path)
    preset = preset_for(preset_name or (record.preset.name if record else ""), path.suffix)
    container = read_container(path)
    if container is None or not container.rate_hz:
        unread = failed("format", "no sound that can be read", " or ".join(preset.taken))
        return Verification(path=path, preset=preset.name, findings=(unread,))
    total = round(container.length_s * container.rate_hz)
    trusted = record if record and record.rate_hz == container.rate_hz else None
    voice = voice_spans(trusted) if trusted else None
    background = background_spans(trusted) if trusted else None
    heard = hear(path, container, voice, background, lambda done: progress(min(done, total), total))
    findings = (
        *file_findings(preset, record, container, heard),
        *level_findings(preset, trusted, heard),
        *sound_findings(preset, trusted, heard, container.rate_hz),
        *label_findings(record, read_labels(path), heard.frames / container.rate_hz),
    )
    return Verification(path=path, preset=preset.name, findings=findings)
