"""The verification of one finished file: read its headers, measure its sound, judge both by a preset."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.base.errors import AssetError, RequestError
from breathmark.base.files import file_sha256
from breathmark.base.wording import command_line
from breathmark.formats.presets import preset_for
from breathmark.formats.registry import format_names
from breathmark.formats.session import SUFFIX, RenderRecord, read_record
from breathmark.verification.container import read_container, read_labels
from breathmark.verification.file import file_findings, label_findings
from breathmark.verification.levels import level_findings
from breathmark.verification.listening import listen
from breathmark.verification.measurements import measure
from breathmark.verification.places import background_spans, voice_spans
from breathmark.verification.sound import sound_findings
from breathmark.verification.verdict import CheckedItem, Verification, failed, passed, skipped

if TYPE_CHECKING:
    from breathmark.verification.recogniser import Recogniser


def _silent(done: int, total: int) -> None:
    """The progress callback that does nothing."""


def verify(path: Path, preset_name: str = "", progress: Callable[[int, int], None] = _silent) -> Verification:
    """Measure ``path`` and judge it by a preset: the one named, else that of its ``session.json``, else the default.

    Args:
        path: A finished file.
        preset_name: One of ``PRESETS``; empty leaves it to the file.
        progress: Called with the frames that are measured, and about how many there are.

    Raises:
        AssetError: There is no such file, its ``session.json`` is damaged, or there is no ffmpeg.
        RequestError: There is no such preset, or the file is a script, or of a format that can't be written.
    """
    _check_file(path)
    record, beside = _record_of(path)
    preset = preset_for(preset_name or (record.preset.name if record else ""), path.suffix)
    container = read_container(path)
    if container is None or not container.rate_hz:
        unread = failed("format", "no sound that can be read", " or ".join(preset.taken))
        return Verification(path=path, preset=preset.name, findings=(*beside, unread))
    total = round(container.length_s * container.rate_hz)
    trusted = record if record and record.rate_hz == container.rate_hz else None
    voice = voice_spans(trusted) if trusted else None
    background = background_spans(trusted) if trusted else None
    measured = measure(path, container, voice, background, lambda done: progress(min(done, total), total))
    findings = (
        *beside,
        *file_findings(preset, record, container, measured),
        *level_findings(preset, trusted, measured),
        *sound_findings(preset, trusted, measured, container.rate_hz),
        *label_findings(record, read_labels(path), measured.frames / container.rate_hz),
    )
    return Verification(path=path, preset=preset.name, findings=findings)


def with_speech(
    verification: Verification, recogniser: Recogniser, progress: Callable[[int, int], None] = _silent
) -> Verification:
    """The verification with a finding on what is spoken; ``progress`` is called with sentences.

    Raises:
        AssetError, RequestError: as ``verify`` does, or the recogniser lacks something.
    """
    path = verification.path
    record, beside = _record_of(path)
    wanted = skipped("speech", "a session.json of this very file, which says what is spoken")
    if beside and record is None:  # what is heard may be private
        return replace(verification, findings=(*verification.findings, wanted))
    listening = listen(path, record, recogniser, progress)
    item = listening.item if record else wanted
    return replace(verification, findings=(*verification.findings, item), listening=listening)


def _record_of(path: Path) -> tuple[RenderRecord | None, tuple[CheckedItem, ...]]:
    """The ``session.json`` beside ``path`` where it speaks of this very file, and what there is to say of it.

    One of an older or newer file, such as a render that was killed between two names leaves, would only mislead.
    """
    beside = path.with_name(path.stem + SUFFIX)
    try:
        record = read_record(path)
    except FileNotFoundError:
        return None, ()
    except OSError as error:
        raise AssetError(f"{beside} can't be read: {error.strerror}", "move it away, or allow it to be read") from error
    except ValueError as error:
        raise AssetError(
            f"{beside} is not a whole session.json", "render the file again, or move it away to verify without it"
        ) from error
    asked = "the SHA-256 of this file"
    if file_sha256(path) == record.file.sha256:
        return record, (passed("session.json", "of this file", asked),)
    found = "not of this file: it was changed since, or is of another render; nothing is taken from it"
    return None, (failed("session.json", found, asked),)


def _check_file(path: Path) -> None:
    """Raise AssetError where there is no such file, and RequestError where it is not sound, such as a script."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise AssetError(f"there is no file {path}", "check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AssetError(f"{path} can't be read: {reason}", "check the path and its permissions") from error
    if stat.S_ISDIR(mode):
        raise AssetError(f"{path} is a folder", f"name the finished files in it, such as {path / '*.mp3'}")
    if not stat.S_ISREG(mode):
        raise AssetError(f"{path} is a device or a pipe, not a file", "name a finished file, such as evening.mp3")
    if path.suffix.lower() in (".yaml", ".yml"):
        check = command_line("breathmark", "check", path)
        hint = f"verify what was rendered from it, or ask what the script lacks: {check}"
        raise RequestError(f"{path} is a script, and has no sound to measure", hint)
    if path.suffix.lower().removeprefix(".") not in format_names():
        raise RequestError(f"{path} is not a finished file", f"name one that ends in .{', .'.join(format_names())}")
