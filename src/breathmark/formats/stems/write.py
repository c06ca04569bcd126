"""From a mix to a folder of stems: sound files, projects that open them, a cue sheet, and the list of all."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import RequestError
from breathmark.base.files import file_sha256
from breathmark.base.inputs import check_inputs_stay
from breathmark.base.writing import Staging, delivery_errors
from breathmark.formats.session import is_private
from breathmark.formats.stems.broadcast_wave import BITS, BroadcastWave, write_broadcast_wave
from breathmark.formats.stems.cue_sheet import cue_sheet
from breathmark.formats.stems.edit import EditSession, cue_marks, edit_track, one_line, segment_marks
from breathmark.formats.stems.folder import (
    BEDS,
    CUE,
    MANIFEST,
    OPTION,
    PROJECT,
    TIMELINE,
    StemFile,
    StemsManifest,
    check_folder,
    check_names,
    manifest_json,
    project_names,
    remove_listed,
)
from breathmark.formats.stems.interchange import interchange_timeline
from breathmark.formats.stems.reaper import reaper_project
from breathmark.mix.mixdown import CHOSEN, Stems
from breathmark.mix.stems import Stem, SumLevels, beds_of, measure_stems, stems_of
from breathmark.results import SILENCE_DBTP

if TYPE_CHECKING:
    from breathmark.model import Script, Timeline

_MOST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StemsRequest:
    """What is to be written, and where."""

    folder: Path
    script: Script
    sources: Stems
    """The mix, as the finished file has it before the limiter, and what is laid out in it."""
    voice: str
    """The session's own, by its whole name."""
    chosen: str = ""
    """The name of the sound that is played instead of the script's, or of its file."""
    inputs: Iterable[Path] = ()
    """The files that the session is made from, which stay as they are."""
    finished: Path | None = None
    """The finished file, where there is one."""
    progress: Callable[[int, int], None] = lambda _done, _total: None
    """Called with frames done and to be done, over all files together."""

    @property
    def timeline(self) -> Timeline:
        """The session, laid out."""
        return self.sources.timeline

    @property
    def stem(self) -> str:
        """What the names of the projects begin with: the script's own."""
        return PurePath(self.script.path).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenStems:
    """What came of it."""

    files: tuple[Path, ...]
    """The project of REAPER first, the list of all files last."""
    true_peak_dbtp: float
    """Of the sum, before the limiter."""
    rms_db: float
    """Of the sum, over all channels."""
    gain_db: float
    """How much softer than in the mix the files are."""


def check_stems(folder: Path, script: Path, inputs: Iterable[Path] = (), finished: Path | None = None) -> None:
    """Raise RequestError where the stems of ``script`` can't be written into ``folder`` without a loss to the user.

    It asks nothing that isn't known before a word is spoken, so that it can be called first. ``inputs`` are the files
    that the session is made from, ``finished`` is the finished file.
    """
    check_folder(folder, script.name)
    names = (*project_names(script.stem), *(f"{kind}.wav" for kind in ("voice", "ambience", "bells")))
    check_names(folder, names)
    check_inputs_stay((folder / name for name in names), inputs, OPTION)
    _check_finished(finished, (folder / name for name in (*names, MANIFEST)))


def write_stems(request: StemsRequest) -> WrittenStems:
    """Write all of it: nothing gets its name before all are whole and on the disk, and the project is the last to.

    Raises:
        RequestError: nothing sounds in the session, or a file of the user's is in the way.
        AssetError: a sound was changed or taken away since the mix was measured, or there is no ffmpeg.
        DeliveryError: it can't be written.
    """
    named = _named((*stems_of(request.sources, request.voice), *beds_of(request.sources)), request.chosen)
    if not named:
        raise RequestError("nothing sounds in this session, so it has no stems", f"render it without {OPTION}")
    _check_places(request, named)
    count = _FrameCount(request, rounds=1 + len(named))
    levels = measure_stems(tuple(named.values()), count.report)
    gain = _headroom(levels)
    with Staging(request.folder, OPTION) as staging:
        sums = _write_projects(staging, request, named, gain)
        for name, stem in named.items():
            count.next_round()
            sums[name] = _write_sound(staging, name, stem, request, gain, count)
        staging.add_text(MANIFEST, manifest_json(_manifest(request, named, levels, gain, sums)))
        files = staging.publish(lambda: _make_room(request, named))
    return WrittenStems(
        files=files[::-1],
        true_peak_dbtp=_db(levels.true_peak),
        rms_db=_db(math.sqrt(levels.mean_square)),
        gain_db=_db(gain),
    )


class _FrameCount:
    """Counts frames over several rounds, each of which begins at 0."""

    def __init__(self, request: StemsRequest, rounds: int) -> None:
        self._frames = request.timeline.frames
        self._total = rounds * self._frames
        self._before = 0
        self._progress = request.progress

    def next_round(self) -> None:
        """What is reported from now on belongs to the next round."""
        self._before += self._frames

    def report(self, done: int) -> None:
        """So many frames of this round are done."""
        self._progress(self._before + done, self._total)


def _named(stems: tuple[Stem, ...], chosen: str) -> dict[str, Stem]:
    """The stems by the names of their files, such as ``voice-pyttsx3-en-gb.wav`` and ``beds/soft-rain.wav``.

    ``chosen`` is the name of the sound that is played instead of the script's.
    """
    found: dict[str, Stem] = {}
    for each in stems:
        stem = replace(each, name=chosen) if each.name == CHOSEN else each
        name: str = stem.kind
        if stem.kind == "bed":
            name = f"{BEDS}/{_in_a_name(stem.name)}"
        elif any(other.kind == stem.kind for other in found.values()):
            name = f"{stem.kind}-{_in_a_name(stem.name)}"
        alike = sum(other == f"{name}.wav" or other.startswith(f"{name}.") for other in found)
        found[f"{name}.{alike + 1}.wav" if alike else f"{name}.wav"] = stem
    return found


def _in_a_name(name: str) -> str:
    """The name of a voice or a sound as part of a file's name; of a sound's file the last part, without its suffix."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w-]+", "-", re.sub(r"\.\w{1,5}$", "", last)).strip("-")[:_MOST_NAME] or "sound"


def _check_places(request: StemsRequest, named: Mapping[str, Stem]) -> None:
    """Raise RequestError where one of the files would be written over something else."""
    names = [*project_names(request.stem), *named, MANIFEST]
    check_names(request.folder, names)
    places = [request.folder / name for name in names]
    check_inputs_stay(places, request.inputs, OPTION)
    _check_finished(request.finished, places)


def _check_finished(finished: Path | None, places: Iterable[Path]) -> None:
    """Raise RequestError where the finished file would be written over by one of the stems."""
    if finished and os.path.realpath(finished) in map(os.path.realpath, places):
        raise RequestError(f"{finished} is the name of one of the stems, too", "choose another name with -o")


def _headroom(levels: SumLevels) -> float:
    """The gain with which no file is clipped: 1, or as many halves as it takes, so that nothing else is rounded."""
    highest = max(levels.peaks)
    return 1.0 if highest <= 1 else 2.0 ** -math.ceil(math.log2(highest))


def _write_projects(staging: Staging, request: StemsRequest, named: Mapping[str, Stem], gain: float) -> dict[str, str]:
    """The projects and the cue sheet; gives the SHA-256 of each."""
    grid = request.sources.grid
    session = EditSession(
        title=one_line(request.script.title) or request.stem,
        rate_hz=grid.format.rate_hz,
        frames=grid.frames,
        channels=grid.format.channels,
        volume=1 / gain,
        tracks=tuple(edit_track(stem, _track_name(stem, file), file) for file, stem in named.items()),
        cues=cue_marks(request.timeline),
        regions=segment_marks(request.timeline.segments),
    )
    texts = {
        PROJECT: reaper_project(session),
        TIMELINE: interchange_timeline(session),
        CUE: cue_sheet(request.script, request.timeline, _cue_file(request, named)),
    }
    private, sums = is_private(request.script, request.timeline), {}
    for ending, text in texts.items():
        if text is not None:
            name = request.stem + ending
            staging.add_text(name, text, private=private and ending != CUE)
            sums[name] = hashlib.sha256(text.encode()).hexdigest()
    return sums


def _track_name(stem: Stem, file: str) -> str:
    """``voice (hibari:heart)``, ``soft-rain``, ``bells``; the stem of the ambience is that with its level moving."""
    match stem.kind:
        case "voice":
            return f"voice ({stem.name})"
        case "bed":
            return PurePath(file).stem
        case "ambience":
            return "ambience (as in the mix)"
        case "bells":
            return stem.kind


def _cue_file(request: StemsRequest, named: Mapping[str, Stem]) -> str:
    """The file that a cue sheet is about: the finished one, else the first stem."""
    if request.finished is None:
        return next(iter(named))
    finished = request.finished.absolute()
    shown = finished.as_posix()
    with suppress(ValueError):  # on another drive of Windows
        shown = PurePath(os.path.relpath(finished, request.folder.absolute())).as_posix()
    return os.fsencode(shown).decode(errors="replace")  # a folder's name need not be text, and a sheet has to be


def _write_sound(
    staging: Staging, name: str, stem: Stem, request: StemsRequest, gain: float, count: _FrameCount
) -> str:
    """One sound file; gives its SHA-256."""
    private = stem.kind == "voice" and is_private(request.script, request.timeline)
    part = staging.add(name, private=private)
    about = BroadcastWave(
        description=f"{request.script.title}: {PurePath(name).stem}", grid=request.sources.grid, gain=gain
    )
    write_broadcast_wave(part, stem.blocks(), about, count.report)
    with delivery_errors(part, OPTION):
        return file_sha256(part)


def _make_room(request: StemsRequest, named: Mapping[str, Stem]) -> None:
    """Remove the files of an earlier run, and make the folder of the beds.

    Mixing takes a while, in which somebody may have saved work in the project: that is looked for again.
    """
    check_folder(request.folder, PurePath(request.script.path).name)
    _check_places(request, named)
    remove_listed(request.folder)
    if any(stem.kind == "bed" for stem in named.values()):
        beds = request.folder / BEDS
        with delivery_errors(beds, OPTION):
            beds.mkdir(exist_ok=True)


def _manifest(
    request: StemsRequest, named: Mapping[str, Stem], levels: SumLevels, gain: float, sums: Mapping[str, str]
) -> StemsManifest:
    grid = request.sources.grid
    return StemsManifest(
        script=PurePath(request.script.path).name,
        title=request.script.title,
        versions={"breathmark": version("breathmark")},
        rate_hz=grid.format.rate_hz,
        channels=grid.format.channels,
        bits=BITS,
        frames=grid.frames,
        gain_db=round(_db(gain), 3),
        sum_true_peak_dbtp=round(_db(levels.true_peak), 3),
        stems=tuple(
            StemFile(file=file, kind=stem.kind, name=stem.name, peak_dbfs=round(_db(peak * gain), 3) if peak else None)
            for (file, stem), peak in zip(named.items(), levels.peaks, strict=True)
        ),
        files=dict(sums),
    )


def _db(amplitude: float) -> float:
    return max(20 * math.log10(max(amplitude, 1e-9)), SILENCE_DBTP)
