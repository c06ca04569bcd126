"""Checks of a file beside its sound: its format, its length, its tags and its chapters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from breathmark.base.times import tenths
from breathmark.timeline.chapters import MIN_CHAPTER_S
from breathmark.verification.verdict import CheckedItem, failed, judged, passed, skipped

if TYPE_CHECKING:
    from breathmark.formats.presets import Preset
    from breathmark.formats.session import RenderRecord
    from breathmark.verification.container import Container, Labels, MarkRead
    from breathmark.verification.measurements import Measurements


_TIME_S: Final = 0.002
"""Chapters are kept in milliseconds, and an MP4 adds nothing to that."""
_HEADER_S: Final = 0.1
"""Headers count an encoder's padding, too: 38 ms of an MP3."""


def file_findings(
    preset: Preset, record: RenderRecord | None, container: Container, measured: Measurements
) -> Iterator[CheckedItem]:
    """Its format and its length."""
    yield _format(preset, container)
    rate, channels = f"{container.rate_hz} Hz", {1: "mono", 2: "stereo"}
    yield judged("rate", rate, f"{preset.rate_hz} Hz", good=container.rate_hz == preset.rate_hz)
    found, asked = (channels.get(count, f"{count} channels") for count in (container.channels, preset.channels))
    yield judged("channels", found, asked, good=container.channels == preset.channels)
    yield _bit_rate(preset, record, container)
    yield judged("decoding", measured.fault or "without an error", "without an error", good=not measured.fault)
    yield _length(preset, record, container, measured)


def label_findings(record: RenderRecord | None, labels: Labels, length_s: float) -> Iterator[CheckedItem]:
    """Its tags and its chapters."""
    yield _tags(record, labels)
    yield _chapters(record, labels, length_s)


def _format(preset: Preset, container: Container) -> CheckedItem:
    """The suffix, the container and the codec belong together, and are taken where it is to be published."""
    found = " or ".join(container.formats) + f", {container.codec}"
    asked = " or ".join(preset.taken)
    good = (
        preset.format in container.formats
        and preset.format in preset.taken
        and container.codec == preset.file_format.codec
    )
    named = "" if preset.format in container.formats else f" in a file that is named .{preset.format}"
    return judged("format", found + named, asked, good=good)


def _bit_rate(preset: Preset, record: RenderRecord | None, container: Container) -> CheckedItem:
    if preset.format not in container.formats:
        return skipped("bit rate", "the file is not what its name says")
    if not preset.file_format.codings:
        bits = 8 * preset.sample_width
        return judged("bit depth", f"{container.bits} bit", f"at least {bits} bit", good=container.bits >= bits)
    found = f"{container.kbit_s:.0f} kbit/s"
    if preset.format != "mp3":
        return passed("bit rate", found)
    own = record is not None and record.preset.name == preset.name
    recorded = record.preset.bitrate or "" if own and record else ""
    if not container.constant:
        good = not preset.constant_bitrate and (not own or recorded.startswith("V"))
        return judged("bit rate", f"{found}, variable", _asked_rate(preset, recorded), good=good)
    nominal = recorded.removesuffix("k") if recorded.endswith("k") else ""
    least = int(preset.bitrate.removesuffix("k"))
    good = round(container.kbit_s) == int(nominal) if nominal else container.kbit_s >= least - 1
    if preset.constant_bitrate:
        good = good and container.kbit_s >= least - 1
    return judged("bit rate", f"{found}, constant", _asked_rate(preset, recorded), good=good)


def _asked_rate(preset: Preset, recorded: str) -> str:
    least = f"{preset.bitrate.removesuffix('k')} kbit/s or more"
    if preset.constant_bitrate:
        return f"{least}, constant"
    return f"{recorded}, as session.json says" if recorded else least


def _length(preset: Preset, record: RenderRecord | None, container: Container, measured: Measurements) -> CheckedItem:
    """Exactly the layout's, else what the file's own headers promise, and not too long for the place."""
    length_s = measured.frames / container.rate_hz
    if measured.fault:
        return skipped("length", "the decoder has lost some of it")
    if length_s > preset.longest_s:
        return failed("length", tenths(length_s), f"at most {tenths(preset.longest_s)}")
    if record is None and container.cut_off:
        return failed("length", tenths(length_s), "an end: the last packets are missing")
    if record is None and container.frames is not None:
        asked = f"{container.frames} frames, as its headers say"
        return judged("length", f"{measured.frames} frames", asked, good=measured.frames == container.frames)
    if record is None:
        good = abs(length_s - container.length_s) <= _HEADER_S
        return judged("length", tenths(length_s), f"{tenths(container.length_s)}, as its headers say", good=good)
    asked, slack = f"{record.frames} frames, as session.json says", preset.file_format.packet_frames - 1
    good = container.rate_hz == record.rate_hz and abs(measured.frames - record.frames) <= slack
    return judged("length", f"{measured.frames} frames", asked + (f", within {slack}" if slack else ""), good=good)


def _tags(record: RenderRecord | None, labels: Labels) -> CheckedItem:
    """A title there is; and what the script says of itself is what the tags say."""
    item, tags = "tags", labels.tags
    asked = {"title": record.script.title, "artist": record.script.author} if record else {}
    wrong = [
        f"{name} {tags.get(name, '')!r} is not {text!r}"
        for name, text in asked.items()
        if " ".join(tags.get(name, "").split()) != " ".join(text.split())
    ]
    missing = [name for name in ("title", "genre") if not tags.get(name, "").strip() and not asked.get(name)]
    faults = [*wrong, *(f"no {name}" for name in missing)]
    return judged(
        item, "; ".join(faults) or tags.get("title", ""), "title, author and genre of the script", good=not faults
    )


def _chapters(record: RenderRecord | None, labels: Labels, length_s: float) -> CheckedItem:
    item, marks = "chapters", labels.chapters
    asked = "from 0:00 on, 5 s or more each, inside of the length" + (", as in session.json" if record else "")
    fault = next(_chapter_faults(marks, length_s), "") or (_unlike(record, marks) if record else "")
    return failed(item, fault, asked) if fault else passed(item, f"{len(marks)}", asked)


def _chapter_faults(marks: tuple[MarkRead, ...], length_s: float) -> Iterator[str]:
    if not marks:
        return
    if marks[0].start_s > _TIME_S:
        yield f"the first begins at {tenths(marks[0].start_s)}"
    for mark, end_s in zip(marks, [*(mark.start_s for mark in marks[1:]), length_s], strict=True):
        if mark.start_s >= length_s:
            yield f"{mark.title!r} begins at {tenths(mark.start_s)}, after the end"
        elif end_s - mark.start_s < min(MIN_CHAPTER_S, length_s) - _TIME_S:
            yield f"{mark.title!r} lasts {end_s - mark.start_s:.1f} s"
        if not mark.title.strip():
            yield f"the one at {tenths(mark.start_s)} has no title"


def _unlike(record: RenderRecord, marks: tuple[MarkRead, ...]) -> str:
    """How the chapters of the file differ from those of the record; empty where they don't."""
    if len(marks) != len(record.chapters):
        return f"{len(marks)} where session.json has {len(record.chapters)}"
    for mark, meant in zip(marks, record.chapters, strict=True):
        start_s = meant.start_frame / record.rate_hz
        if mark.title != meant.title:
            return f"{mark.title!r} where session.json has {meant.title!r}"
        if abs(mark.start_s - start_s) > _TIME_S:
            return f"{mark.title!r} begins at {tenths(mark.start_s)}, and not at {tenths(start_s)}"
    return ""
