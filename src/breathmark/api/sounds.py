"""Sounds that a document names, looked up before anything is spoken, and short ones to listen to before choosing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from breathmark.audio.ffmpeg import decode
from breathmark.audio.pcm import Format, segment, to_16_bit
from breathmark.base.errors import AssetError, NamedAssetError, Problem, RequestError, ScriptError
from breathmark.base.files import is_regular
from breathmark.base.writing import Staging
from breathmark.formats.cover import read_cover
from breathmark.mix.assets import (
    SoundAsset,
    UnknownSoundError,
    bell_frames,
    find_ambience,
    find_bell,
    own_track,
    sounds,
)
from breathmark.mix.beds import open_bed
from breathmark.mix.mixdown import chosen_sound
from breathmark.model import Bell, Place, Script, cues, segments_in
from breathmark.script.faults import in_order

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.api.options import Options
    from breathmark.formats.presets import Preset
    from breathmark.script.document import Document
    from breathmark.script.terms import Named


T = TypeVar("T")


def find_sounds(document: Document, scripts: Sequence[Script], options: Options, preset: Preset) -> dict[str, int]:
    """How long each bell rings, in frames.

    Raises ScriptError, RequestError and AssetError for whatever is named and does not exist: before a word is spoken,
    since that takes longest.
    """
    root, names = document.project.root, _NamedSounds(document)
    if options.ambience is None:
        own = {each.ambience.sound for script in scripts for each in segments_in(script.segments) if each.ambience}
        for sound in sorted({*(script.ambience.sound for script in scripts), *own} - {"none"}):
            names.find(("ambience", sound), partial(find_ambience, sound, root))
    elif options.ambience != "none":
        try:
            chosen_sound(options.ambience, root)
        except UnknownSoundError as error:
            raise RequestError(error.message, error.hint) from error
    struck: dict[str, dict[Place, None]] = {}
    for cue in (cue for script in scripts for cue in cues(script.segments) if isinstance(cue, Bell)):
        struck.setdefault(cue.name, {})[cue.place] = None
    bells = {
        name: names.find(("bell", name), partial(bell_frames, name, preset.rate_hz, root), uses) or 0
        for name, uses in sorted(struck.items())
    }
    if document.cover:
        # A damaged one is reported before a word is spoken, and by `check`, too.
        names.find(("cover", ""), partial(read_cover, document.cover))
    elif isinstance(options.cover, Path):
        read_cover(options.cover)
    names.raise_problems()
    return bells


def problem_at(place: Place, message: str, hint: str) -> Problem:
    """An error's message and hint as a fault at ``place``."""
    hint = hint.rstrip(".")
    return Problem(path=place.path, line=place.line, column=place.column, message=message.rstrip("."), hint=hint)


@dataclass(slots=True)
class _NamedSounds:
    """Lookup of what a document names: what is missing or damaged is a fault at each place that names it."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False
    """Whether something is missing or damaged, and not only misspelt."""

    def find(self, what: Named, look: Callable[[], T], uses: Iterable[Place] = ()) -> T | None:
        """What ``look`` gives, or None; ``uses`` are the segments and markers that name it, all that do where empty."""
        try:
            return look()
        except AssetError as error:
            document = self.document
            start = Place(path=document.path, line=1, column=1)
            named = document.named.get(what, {})
            bed = document.project.settings.own_ambience
            of_project = (
                [bed.sound.node.place] if bed and bed.sound is not None and what == ("ambience", bed.sound) else []
            )
            places = [named.get(place, place) for place in uses] or [*named.values()] or of_project or [start]
            self.problems += [problem_at(place, error.message, error.hint) for place in places]
            self.damaged |= not isinstance(error, UnknownSoundError)
            return None

    def raise_problems(self) -> None:
        """Raise ScriptError or NamedAssetError where anything was not found."""
        if self.problems:
            own_first = sorted(self.problems, key=lambda problem: problem.path != self.document.path)
            raise (NamedAssetError if self.damaged else ScriptError)(in_order(own_first))


_FORMAT = Format(rate_hz=44_100, channels=2)
_LENGTH_S = 30


def preview_sound(name: str, project_root: Path | None = None) -> AudioSegment:
    """The first half minute of an ambience or a bell, by name, or of any sound file, as loud as it is stored.

    Raises:
        AssetError: there is no such sound, or it is damaged.
    """
    pieces = []
    wanted = _LENGTH_S * _FORMAT.rate_hz
    sound = _sound(name, project_root)
    playing = open_bed(sound, _FORMAT).play() if sound.recipe else decode(sound.path, _FORMAT)
    with closing(playing) as stream:
        for piece in stream:
            pieces.append(piece[:wanted])
            wanted -= len(pieces[-1])
            if not wanted:
                break
    samples = np.concatenate(pieces) if pieces else np.zeros((0, _FORMAT.channels), np.float32)
    data = to_16_bit(samples).tobytes()
    return segment(data, rate_hz=_FORMAT.rate_hz, channels=_FORMAT.channels, sample_width=2)


def save_wav(audio: AudioSegment, path: Path) -> None:
    """Write a sound as a WAV file, whole or not at all.

    Raises:
        RequestError: the name has another ending.
        DeliveryError: it can't be written.
    """
    if path.suffix.lower() != ".wav":
        raise RequestError(f"{path} should end in .wav", f"name it {path.stem or 'sound'}.wav")
    with Staging(path.parent) as staging:
        audio.export(staging.add(path.name), format="wav").close()
        staging.publish()


def _sound(name: str, project_root: Path | None) -> SoundAsset:
    if any(sound.name == name and sound.kind == "bell" for sound in sounds(project_root)):
        return find_bell(name, project_root)
    return own_track(Path(name)) if is_regular(Path(name)) else find_ambience(name, project_root)
