"""The stages in order: ``plan``, ``render`` and ``verify``, for the command line and for Python."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.api.options import Options, Progress, silent
from breathmark.api.sounds import find_sounds, problem_at
from breathmark.api.stems import suffix_of, with_stems
from breathmark.base.errors import RequestError, ScriptError
from breathmark.base.inputs import check_inputs_stay, files_read
from breathmark.base.options import check_options
from breathmark.base.times import tenths, whole_frames
from breathmark.base.writing import write_text
from breathmark.checker.run import stage_warnings
from breathmark.formats.cover import read_cover
from breathmark.formats.deliver import check_request, crowded, deliver, finished_files
from breathmark.formats.extras import Extras
from breathmark.formats.presets import Preset, check_demands, preset_for
from breathmark.formats.remarks import loudness_remark, swell_remark
from breathmark.mix.mixdown import Mastering, Mixdown, mix
from breathmark.mix.pieces import PieceStore
from breathmark.model import Script, StoredClip, Timeline, Utterance, utterances
from breathmark.results import Artefact, StandIn
from breathmark.script.budget import Budget
from breathmark.script.expand import expand
from breathmark.script.faults import in_order
from breathmark.script.parse import parse
from breathmark.solver import Interval, Material, arrange, excerpt, feasible, lengths_with
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.narrate import narrate
from breathmark.speech.pace import estimate
from breathmark.speech.registry import check_narrator, resolve_voice

if TYPE_CHECKING:
    from breathmark.formats.stems.write import StemsRequest
    from breathmark.script.document import Document
    from breathmark.verification.recogniser import Recogniser
    from breathmark.verification.verdict import Verification


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Plan:
    """A session, laid out and ready to be rendered."""

    script: Script
    timeline: Timeline
    feasible: tuple[Interval, ...]
    """The lengths that this script can have."""
    voice: str
    """Its whole name; of an estimate, which needs no voice, as it is asked for, and empty where none is."""
    clips: Mapping[Utterance, StoredClip]
    """Empty where the lengths of sentences are estimates."""
    estimated: bool
    preset: Preset
    project_root: Path
    material: Material
    """The lengths of all sentences and bells, in frames."""
    inputs: frozenset[Path] = frozenset()
    """Every file that was read for it, absolute."""

    def __repr__(self) -> str:
        about = "about " if self.estimated else ""
        return f"<Plan of {self.script.title!r}: {about}{tenths(self.timeline.duration_s)}, {self.voice}>"

    def _repr_svg_(self) -> str:
        """The picture of the timeline, which notebooks show."""
        from breathmark.timeline.picture import timeline_svg  # noqa: PLC0415 - no render needs it

        script = self.script
        return timeline_svg(self.timeline, script.title, estimated=self.estimated, level=script.level)


def plan(script: Path | str, options: Options = Options()) -> Plan:
    """Lay a session out to the frame, speaking whatever sentence was not spoken before.

    Raises: ScriptError, RequestError, LengthError, AssetError, VoiceError.
    """
    check_options(options, Options)
    target_s = options.length_s
    budget = Budget()
    with files_read() as inputs:
        document = parse(Path(script), budget)
        session = _lay_out(document, options, preset_of(document, options), target_s, budget)
    warnings = (*session.script.warnings, *crowded(session.script, session.timeline, session.preset))
    return replace(session, script=replace(session.script, warnings=warnings), inputs=frozenset(inputs))


def render(script: Path | str, output: Path | str | None = None, options: Options = Options()) -> Artefact:
    """Render a session as a finished file of exactly the length asked for, with captions and more beside it.

    Where ``options`` name a folder for stems, these are written, too, or alone where there is no ``output``.

    Raises: ScriptError, RequestError, LengthError, AssetError, VoiceError, DeliveryError.
    """
    check_options(options, Options)
    target_s = options.length_s
    budget = Budget()
    with files_read() as inputs:
        document = parse(Path(script), budget)
        preset = preset_of(document, options, suffix_of(output, options))
        _check_ambience(preset, options)
        if output:
            check_request(preset, Path(output), sound_only=options.sound_only)
        session = _lay_out(
            document,
            replace(options, estimate=False),
            preset,
            target_s,
            budget,
            ready=lambda: _check_places(document, output, options, inputs),
        )
        timeline = _excerpt(session, options)
        check_demands(preset, timeline)
        timeline = preset.quietened(timeline)
        mixdown = mix_session(session, timeline, preset.mastering, options)
    artefact = _written(document, session, mixdown, output, options, inputs)
    used = tuple(dict.fromkeys(placed.utterance for placed in timeline.speech))
    return replace(
        artefact,
        warnings=(*session.script.warnings, *artefact.warnings),
        remarks=tuple(dict.fromkeys(remark for each in used for remark in session.clips[each].remarks)),
        ambience_remarks=mixdown.remarks,
        swell_remark=swell_remark(artefact.levels),
        loudness_remark=loudness_remark(preset, artefact.levels),
    )


def _written(
    document: Document,
    session: Plan,
    mixdown: Mixdown,
    output: Path | str | None,
    options: Options,
    inputs: set[Path],
) -> Artefact:
    """The finished file, its stems, or both."""
    artefact, timeline, preset = None, mixdown.sources.timeline, session.preset
    extras = _extras(session, timeline, options)
    if output or not options.stems:
        path = Path(output) if output else _default_path(document, timeline, preset)
        _check_inputs_stay(path, options, inputs)
        log.info("all levels are set for the preset %s; encoding %s", preset.name, path)
        artefact = deliver(session.script, timeline, mixdown, preset, path, extras)
        artefact = replace(artefact, warnings=crowded(session.script, timeline, preset))
    if options.stems:
        request = _stems_request(options.stems, session, mixdown, options, inputs)
        artefact = with_stems(artefact, mixdown.report, request)
    assert artefact  # noqa: S101 - for mypy: a file or stems are made
    return replace(artefact, stand_in=extras.stand_in)


def _check_places(document: Document, output: Path | str | None, options: Options, inputs: set[Path]) -> None:
    """Raise RequestError where what is asked for would be written over something else, as far as that is known."""
    if output:
        _check_inputs_stay(output, options, inputs)
    if options.stems:
        from breathmark.formats.stems.write import check_stems  # noqa: PLC0415 - no render without stems needs it

        check_stems(options.stems, document.file, inputs, Path(output) if output else None)


def _stems_request(folder: Path, session: Plan, mixdown: Mixdown, options: Options, inputs: set[Path]) -> StemsRequest:
    from breathmark.formats.stems.write import StemsRequest  # noqa: PLC0415 - no render without stems needs it

    return StemsRequest(
        folder=folder,
        script=session.script,
        sources=mixdown.sources,
        voice=session.voice,
        chosen=_ambience_name(options),
        inputs=inputs,
        progress=lambda done, total: options.progress("Writing stems", done, total),
    )


def mix_session(
    session: Plan, timeline: Timeline, mastering: Mastering, options: Options, *, quick: bool = False
) -> Mixdown:
    """The mix of a session, or of an excerpt of it, with the sounds that the options choose.

    A ``quick`` one measures of the ambience only what is made already. Raises AssetError.
    """
    return mix(
        timeline,
        session.clips,
        mastering,
        project_root=session.project_root,
        ambience=options.ambience,
        store=PieceStore(root=ClipCache(options.cache).root, session=session.script.title, quick=quick),
        room=session.script.room,
    )


def _check_inputs_stay(output: Path | str, options: Options, inputs: set[Path]) -> None:
    """Raise RequestError where a finished file would be written over one that the session is made from."""
    check_inputs_stay(finished_files(Path(output), sound_only=options.sound_only), inputs)


def _excerpt(session: Plan, options: Options) -> Timeline:
    """What is asked for of a session: all of it, or a part. Raises RequestError."""
    only, start_from = options.only or None, options.start_from or None
    later = lengths_with(session.script, session.material) if only or start_from else {}
    return excerpt(session.timeline, only=only, start_from=start_from, later=later)


def _stand_in(session: Plan, timeline: Timeline) -> StandIn | None:
    """Who speaks what was not recorded, of the sentences of this very file."""
    stand_ins = {placed.utterance: session.clips[placed.utterance].stand_in for placed in timeline.speech}
    sentences = tuple(utterance for utterance, voice in stand_ins.items() if voice)
    return StandIn(voice=stand_ins[sentences[0]], sentences=sentences) if sentences else None


def verify(
    file: Path | str, preset: str = "", progress: Progress = silent, *, listen: str | Recogniser = ""
) -> Verification:
    """Measure a finished file anew and judge it by ``preset``, else by that of its ``session.json``, else the default.

    ``listen`` is a recogniser, or the name or folder of a model of Whisper: the file is then also listened to.

    Raises: RequestError, AssetError. What is wrong with the file is returned.
    """
    from breathmark.verification.recogniser import open_recogniser  # noqa: PLC0415 - no render needs it
    from breathmark.verification.run import verify as verify_file  # noqa: PLC0415 - as above
    from breathmark.verification.run import with_speech  # noqa: PLC0415 - as above

    path = Path(file)
    recogniser = open_recogniser(listen) if isinstance(listen, str) and listen else listen
    measured = verify_file(path, preset, lambda done, total: progress(f"Measuring {path.name}", done, total))
    if not recogniser or isinstance(recogniser, str):
        return measured
    return with_speech(measured, recogniser, lambda done, total: progress(f"Listening to {path.name}", done, total))


def _check_ambience(preset: Preset, options: Options) -> None:
    """Raise RequestError where the user wants an ambience that the preset has no place for."""
    if preset.narration and options.ambience not in (None, "none"):
        raise RequestError(
            f"the preset {preset.name} has room tone in its rests, and no ambience", "leave out --ambience"
        )


def draw(session: Plan, path: Path) -> None:
    """Draw a plan's timeline as an SVG picture.

    Raises: DeliveryError where ``path`` can't be written, RequestError where the plan was made from that file.
    """
    check_inputs_stay((path,), session.inputs, "--svg")
    write_text(path, session._repr_svg_(), option="--svg")


def preset_of(document: Document, options: Options, suffix: str = "") -> Preset:
    """The preset asked for, else the project's, else the default one. Raises RequestError, ScriptError."""
    settings = document.project.settings
    try:
        if not options.preset and settings.preset:
            preset_for(settings.preset)
    except RequestError as error:
        node = settings.value_node("preset") or settings.node
        raise ScriptError((problem_at(node.place, error.message, error.hint),)) from error
    return preset_for(options.preset or settings.preset or "", suffix, options.format, options.bitrate)


def _lay_out(
    document: Document,
    options: Options,
    preset: Preset,
    target_s: float | None,
    budget: Budget,
    ready: Callable[[], None] = lambda: None,
) -> Plan:
    """Fill in, speak and lay out a parsed script; ``ready`` is called before anything is spoken."""
    script = proofread(document, fill_in(document, options, budget))
    if options.strict and script.warnings:
        raise ScriptError(tuple(replace(warning, severity="error") for warning in script.warnings))
    bells = find_sounds(document, (script,), options, preset)
    ready()
    sounding = _speak(document, (script,), options, preset, bells)
    timeline = arrange(script, sounding.material, target_s)
    log.info("%d different sentences, laid out to %.3f s", len(sounding.material.clip_frames), timeline.duration_s)
    return Plan(
        script=script,
        timeline=timeline,
        feasible=feasible(script, sounding.material),
        voice=sounding.voice,
        clips=sounding.clips,
        estimated=options.estimate,
        preset=preset,
        project_root=document.project.root,
        material=sounding.material,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """What a document's renderings sound like, measured."""

    voice: str
    clips: Mapping[Utterance, StoredClip]
    """Empty where the lengths of sentences are estimates."""
    material: Material


def measure(document: Document, scripts: Sequence[Script], options: Options, preset: Preset) -> Sounding:
    """Find the sounds of a document's renderings, and speak whatever sentence of them was not spoken before.

    Raises: ScriptError, RequestError, AssetError, VoiceError.
    """
    return _speak(document, scripts, options, preset, find_sounds(document, scripts, options, preset))


def _speak(
    document: Document, scripts: Sequence[Script], options: Options, preset: Preset, bells: Mapping[str, int]
) -> Sounding:
    """Speak whatever sentence was not spoken before; ``bells`` is how long each rings. Raises VoiceError."""
    narrators = document.project.settings.narrators
    voice = options.voice or document.voice.name
    spoken = [utterance for script in scripts for utterance in utterances(script)]
    if options.estimate:  # which has to work where no voice is installed at all
        for name in dict.fromkeys((voice, *(utterance.voice for utterance in spoken))):
            check_narrator(name)
    else:
        voice = resolve_voice(voice, language=document.language, settings=narrators)
    clips: Mapping[Utterance, StoredClip] = {}
    if options.estimate:
        lengths = {each: whole_frames(s, preset.rate_hz) for each, s in estimate(spoken).items()}
    else:
        log.info("%s speaks %s", voice, document.path)
        clips = narrate(
            spoken,
            voice=voice,
            cache=ClipCache(options.cache),
            settings=narrators,
            stand_in=options.stand_in,
            jobs=options.jobs,
            progress=lambda done, total: options.progress("Speaking", done, total),
        )
        lengths = {each: clip.frames_at(preset.rate_hz) for each, clip in clips.items()}
    material = Material(clip_frames=lengths, bell_frames=bells, rate_hz=preset.rate_hz)
    return Sounding(voice=voice, clips=clips, material=material)


def fill_in(document: Document, options: Options, budget: Budget | None = None) -> Script:
    """The script with the values that the options give. Raises ScriptError and RequestError.

    The ``budget`` is the one that it was parsed with, and that its other renderings draw on.
    """
    return expand(document, options.values, bells=options.bells, budget=budget)


def proofread(document: Document, script: Script) -> Script:
    """The script with warnings of what would be spoken and is not speech, such as labels and time stamps."""
    return replace(script, warnings=in_order((*script.warnings, *stage_warnings(document, script))))


def _extras(session: Plan, timeline: Timeline, options: Options) -> Extras:
    """How the render was asked for; a private value is never among it."""
    settings = {"voice": session.voice, "ambience": _ambience_name(options), "bells": "on" if options.bells else "off"}
    settings |= options.noted
    return Extras(
        album=options.album,
        album_artist=options.album_artist,
        track=options.track,
        tracks=options.tracks,
        cover=read_cover(options.cover) if isinstance(options.cover, Path) else options.cover,
        sound_only=options.sound_only,
        settings={name: value for name, value in settings.items() if value},
        stand_in=_stand_in(session, timeline),
        even_pace=any(session.clips[placed.utterance].even_pace for placed in timeline.speech),
        words={utterance: clip.words for utterance, clip in session.clips.items()},
        progress=lambda done, total: options.progress("Rendering", done, total),
        jobs=options.jobs,
        cache=ClipCache(options.cache).root,
    )


def _ambience_name(options: Options) -> str:
    """A file's name without its folder, which may reveal who rendered it."""
    if options.ambience is None:
        return ""
    return Path(options.ambience).name if isinstance(options.ambience, (str, Path)) else "a sound of the caller's own"


def _default_path(document: Document, timeline: Timeline, preset: Preset) -> Path:
    """``dist/evening-12m.mp3`` where nothing else is said."""
    minutes, seconds = divmod(round(timeline.duration_s), 60)
    name = f"{document.file.stem}-{minutes}m" + (f"{seconds:02d}s" if seconds else "")
    return Path(document.project.settings.output, name + preset.suffix)
