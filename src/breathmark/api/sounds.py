"""Looking up the sounds and the cover that a document names, before anything is spoken."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from breathmark.base.errors import AssetError, NamedAssetError, Problem, RequestError, ScriptError
from breathmark.formats.cover import read_cover
from breathmark.mix.assets import UnknownSoundError, bell_frames, find_ambience
from breathmark.mix.mixdown import chosen_sound
from breathmark.model import Bell, Place, Script, cues, segments_in
from breathmark.script.faults import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
