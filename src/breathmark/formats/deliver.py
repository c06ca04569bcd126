"""From the mix to finished files: encode, tag, write what belongs beside it, and name all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from breathmark.audio.ffmpeg import decode
from breathmark.audio.loudness import EnergyMeter, gated
from breathmark.audio.pcm import Format
from breathmark.base.errors import Problem, RequestError
from breathmark.base.files import file_sha256, is_utf8
from breathmark.base.writing import Staging, delivery_errors
from breathmark.formats.chunk_cache import ChunkCache
from breathmark.formats.chunks import Workers
from breathmark.formats.cover import Cover, read_cover
from breathmark.formats.encode import check_size, encode
from breathmark.formats.extras import Extras
from breathmark.formats.presets import Preset, check_demands
from breathmark.formats.session import SUFFIX, NamedFile, RenderRecord, is_private, read_record, record_of, session_json
from breathmark.formats.tags import Tags
from breathmark.results import SILENCE_LUFS, Artefact, Levels
from breathmark.timeline.captions import webvtt
from breathmark.timeline.chapters import Chapter, chapters, chapters_json, ffmetadata, labels
from breathmark.timeline.transcript import paragraph_places, transcript

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.model import Script, Timeline


SIDECARS: Final = (".labels.txt", ".chapters.json", ".txt", ".vtt", SUFFIX)
"""What the names of the files beside a finished one end in, in the order in which they are written.

The last is the first to get its name, and so the sign that the others of the same name are Breathmark's own.
"""
_PRIVATE: Final = frozenset({".txt", ".vtt", SUFFIX})
"""The sidecars that hold what was said."""


_NO_EXTRAS: Final = Extras()


class SoundSource(Protocol):
    """The sound of a session, as the mix gives it."""

    def blocks(self) -> Iterator[AudioSegment]:
        """The PCM, block by block, interleaved, ready for the encoder."""

    @property
    def report(self) -> Levels:
        """What was measured; final when the blocks are used up."""


def deliver(
    script: Script, timeline: Timeline, mixdown: SoundSource, preset: Preset, output: Path, extras: Extras = _NO_EXTRAS
) -> Artefact:
    """Encode the mix into ``output``, with transcript, captions, chapters, labels and ``session.json`` beside it.

    ``output`` gets its name last, when it and all that belongs to it are whole and on the disk;
    on any error, and on Ctrl-C, nothing is left behind.

    Raises:
        RequestError: ``output`` or the layout doesn't fit the preset, or a file of the user's is in the way.
        AssetError: The cover is missing or damaged, or there is no ffmpeg.
        DeliveryError: Encoding, tagging or writing failed.
    """
    check_request(preset, output, sound_only=extras.sound_only)
    check_demands(preset, timeline)
    script = replace(script, author=script.author or extras.album_artist)
    if is_private(script, timeline):
        extras = replace(extras, cache=None)
    check_size(preset, timeline.frames)
    cover = read_cover(script.cover) if script.cover else extras.cover
    marks = chapters(timeline, preset.file_format.most_chapters)
    with Staging(output.parent) as staging:
        audio = staging.add(output.name)
        by_muxer = marks and preset.file_format.chapters_by_muxer
        noted = staging.note(ffmetadata(marks, timeline.rate_hz)) if by_muxer else None
        _encode(mixdown, preset, timeline, audio, noted, extras)
        levels = _levels(mixdown.report, preset, audio)
        preset.file_format.tag(audio, _tags(script, timeline, marks, cover, extras))
        if extras.sound_only:
            staging.publish()
            _remove_beside(output)
            return Artefact(path=output, timeline=timeline, levels=levels)
        with delivery_errors(audio):
            file = NamedFile(name=output.name, sha256=file_sha256(audio))
        record = record_of(script, timeline, preset, levels, file, extras)
        for ending, text in _sidecars(script, timeline, record, extras).items():
            staging.add_text(output.stem + ending, text, private=record.private and ending in _PRIVATE)
        beside = staging.publish()[:-1]
    return Artefact(path=output, timeline=timeline, levels=levels, beside=beside)


def _remove_beside(output: Path) -> None:
    """Remove the files of an earlier one of this very name, last the one that marks them as Breathmark's."""
    beside = finished_files(output)[1:]
    with delivery_errors(output):
        if _is_described(output):
            for path in beside:
                path.unlink(missing_ok=True)


def _is_described(output: Path) -> bool:
    """Whether the ``session.json`` beside ``output`` is of a file of this name."""
    try:
        return read_record(output).file.name == output.name
    except (OSError, ValueError):
        return False


def crowded(script: Script, timeline: Timeline, preset: Preset) -> tuple[Problem, ...]:
    """A warning where the preset's format has no room for all chapters, known before anything is rendered."""
    most = preset.file_format.most_chapters
    wanted, kept = len(chapters(timeline)), len(chapters(timeline, most))
    if wanted == kept:
        return ()
    message = (
        f"this session has {wanted} chapters, and a file of the format {preset.format} has room for {most}: "
        f"{wanted - kept} of the short ones are merged into the one before"
    )
    hint = "title fewer segments, or write an .m4b, which has room for all"
    return (Problem(path=script.path, line=1, column=1, message=message, hint=hint, severity="warning"),)


def check_request(preset: Preset, output: Path, *, sound_only: bool = False) -> None:
    """Raise RequestError where ``output`` isn't a name for the preset's format, or would cost the user a file.

    A name that is too long for the disk is a DeliveryError. It asks nothing that isn't known before a word is spoken,
    so that it can be called first.
    """
    if output.suffix.lower() != preset.suffix:
        raise RequestError(
            f"the output file {output.name or str(output)!r} should end in {preset.suffix}",
            f"name it {output.stem or 'session'}{preset.suffix}",
        )
    if not is_utf8(output.name):
        raise RequestError(f"the output file's name {output.name!r} is not UTF-8 text", "choose a plain name with -o")
    with delivery_errors(output):
        beside = finished_files(output, sound_only=sound_only)[1:]
        if beside:
            _check_beside(beside)


def finished_files(output: Path, *, sound_only: bool = False) -> tuple[Path, ...]:
    """``output`` and the files beside it that are written, or removed because they were an earlier file's."""
    beside = tuple(output.with_name(output.stem + ending) for ending in SIDECARS)
    return (output,) if sound_only and not beside[-1].exists() else (output, *beside)


def _check_beside(beside: tuple[Path, ...]) -> None:
    """Raise RequestError where one of the names is taken by a file that isn't Breathmark's; OSError for a bad name."""
    if beside[-1].exists():
        return
    for path in beside:
        if path.exists():
            raise RequestError(
                f"{path} is in the way: Breathmark would write over it, and didn't make it",
                "move it, or choose another name with -o",
            )


def _encode(
    mixdown: SoundSource,
    preset: Preset,
    timeline: Timeline,
    audio: Path,
    marks: Path | None,
    extras: Extras,
) -> None:
    report = extras.progress
    encoded = (lambda done: report(done, timeline.frames)) if report else None
    workers = Workers(jobs=extras.jobs, cache=ChunkCache(extras.cache) if extras.cache else None)
    frames = encode(mixdown.blocks(), preset, audio, marks=marks, progress=encoded, workers=workers)
    if workers.cache:
        workers.cache.prune()
    if frames != timeline.frames:
        raise RuntimeError(f"the mix has {frames} frames where the layout has {timeline.frames}")


def _levels(foretold: Levels, preset: Preset, audio: Path) -> Levels:
    """The levels of the encoded file: as the mix predicts them, but for what only the file can show."""
    if not foretold.near_gate:
        return foretold
    meter = EnergyMeter(preset.rate_hz, preset.channels)
    with closing(decode(audio, Format(rate_hz=preset.rate_hz, channels=preset.channels))) as pieces:
        for piece in pieces:
            meter.add(piece)
    return replace(foretold, file_lufs=max(gated(meter.finish()), SILENCE_LUFS))


def _tags(script: Script, timeline: Timeline, marks: tuple[Chapter, ...], cover: Cover | None, extras: Extras) -> Tags:
    return Tags(
        title=script.title,
        artist=script.author,
        album=extras.album,
        album_artist=extras.album_artist,
        track=extras.track,
        tracks=extras.tracks,
        comment=script.summary,
        language=script.language,
        encoder=f"Breathmark {version('breathmark')}",
        cover=cover,
        chapters=marks,
        rate_hz=timeline.rate_hz,
    )


def _sidecars(script: Script, timeline: Timeline, record: RenderRecord, extras: Extras) -> dict[str, str]:
    """The texts beside the file, by the ending of their names, in the order of ``SIDECARS``."""
    texts = (
        labels(record.chapters, timeline.rate_hz),
        chapters_json(record.chapters, timeline.rate_hz),
        transcript(timeline, script.title, paragraph_places(script)),
        webvtt(timeline, extras.words),
        session_json(record),
    )
    return dict(zip(SIDECARS, texts, strict=True))
