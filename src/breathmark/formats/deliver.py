"""From the mix to finished files: encode, tag, write what belongs beside it, and name all of it at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, Protocol

from breathmark.base.errors import Problem, RequestError
from breathmark.base.writing import Staging, delivery_errors, sha256_of
from breathmark.formats.cover import Cover, read_cover
from breathmark.formats.encode import check_size, encode
from breathmark.formats.presets import Preset, check_demands
from breathmark.formats.session import FinishedSession, session_file_name, session_json
from breathmark.formats.tags import Tags
from breathmark.model import Artefact
from breathmark.timeline.captions import paragraph_places, transcript, webvtt
from breathmark.timeline.chapters import Chapter, chapters, chapters_json, ffmetadata, labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pydub import AudioSegment

    from breathmark.mix.mixdown import MixReport
    from breathmark.model import Script, StandIn, Timeline, Utterance, WordTime


SIDECARS: Final = (".labels.txt", ".chapters.json", ".txt", ".vtt", ".session.json")
"""What the names of the files beside a finished one end in, in the order in which they are written.

The last is the first to get its name, and so the sign that the others of the same name are Breathmark's own.
"""
_PRIVATE: Final = frozenset({".txt", ".vtt", ".session.json"})
"""The sidecars that hold what was said."""


class SoundSource(Protocol):
    """The sound of a session, as the mix gives it."""

    def blocks(self) -> Iterator[AudioSegment]:
        """The PCM, block by block, interleaved, ready for the encoder."""

    @property
    def report(self) -> MixReport:
        """What was measured; final when the blocks are used up."""


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
    words: Mapping[Utterance, Sequence[WordTime]] = field(default_factory=dict)
    """When the words of a sentence sound, from its start, for those of which it is known."""
    progress: Callable[[int, int], None] | None = None
    """Told the frames that are encoded, and how many there are."""
    sound_only: bool = False
    """True where nothing is written beside the file; what an earlier file of its name left there is removed."""


def deliver(
    script: Script, timeline: Timeline, mixdown: SoundSource, preset: Preset, output: Path, extras: Extras = Extras()
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
    check_size(preset, timeline.frames)
    cover = read_cover(script.cover) if script.cover else extras.cover
    marks = chapters(timeline, preset.file_format.most_chapters)
    with Staging(output.parent) as staging:
        audio = staging.add(output.name)
        by_muxer = marks and preset.file_format.chapters_by_muxer
        noted = staging.note(ffmetadata(marks, timeline.rate_hz)) if by_muxer else None
        _encode(mixdown, preset, timeline, audio, noted, extras.progress)
        preset.file_format.tag(audio, _tags(script, timeline, marks, cover, extras))
        if extras.sound_only:
            staging.publish()
            _remove_beside(output)
            return _artefact(output, timeline, mixdown.report, ())
        session = FinishedSession(
            script=script,
            timeline=timeline,
            chapters=marks,
            preset=preset,
            report=mixdown.report,
            settings=extras.settings,
            stand_in=extras.stand_in,
            file_name=output.name,
            sha256=_sha256(audio),
        )
        for ending, text in _sidecars(session, extras).items():
            staging.add_text(output.stem + ending, text, private=session.private and ending in _PRIVATE)
        beside = staging.publish()[:-1]
    return _artefact(output, timeline, mixdown.report, beside)


def _remove_beside(output: Path) -> None:
    """Remove the files of an earlier one of this very name, last the one that marks them as Breathmark's."""
    beside = finished_files(output)[1:]
    with delivery_errors(output):
        if session_file_name(beside[-1]) == output.name:
            for path in beside:
                path.unlink(missing_ok=True)


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
    if any(0xD800 <= ord(character) <= 0xDFFF for character in output.name):  # how Python reads bytes that aren't text
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
    report: Callable[[int, int], None] | None,
) -> None:
    encoded = (lambda done: report(done, timeline.frames)) if report else None
    frames = encode(mixdown.blocks(), preset, audio, marks=marks, progress=encoded)
    if frames != timeline.frames:
        raise RuntimeError(f"the mix has {frames} frames where the layout has {timeline.frames}")


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


def _sidecars(session: FinishedSession, extras: Extras) -> dict[str, str]:
    """The texts beside the file, by the ending of their names, in the order of ``SIDECARS``."""
    timeline, marks = session.timeline, session.chapters
    texts = (
        labels(marks, timeline.rate_hz),
        chapters_json(marks, timeline.rate_hz),
        transcript(timeline, session.script.title, paragraph_places(session.script)),
        webvtt(timeline, extras.words),
        session_json(session),
    )
    return dict(zip(SIDECARS, texts, strict=True))


def _sha256(path: Path) -> str:
    with delivery_errors(path):
        return sha256_of(path)


def _artefact(output: Path, timeline: Timeline, report: MixReport, beside: tuple[Path, ...]) -> Artefact:
    return Artefact(
        path=output,
        timeline=timeline,
        voice_lufs=report.voice_lufs,
        file_lufs=report.file_lufs,
        true_peak_dbtp=report.true_peak_dbtp,
        beside=beside,
    )
