"""Packs: all lengths of a session laid out at once, and its clips encoded once for all of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.api.options import Options
from breathmark.api.render import fill_in, measure
from breathmark.base.inputs import files_read
from breathmark.formats.chunk_cache import ChunkCache
from breathmark.formats.chunks import Workers
from breathmark.formats.mp3_frames import GAP, FrameForm, encode_clips, silent_frame
from breathmark.formats.mp3_stream import FRAME
from breathmark.formats.pack import PackIndex, PlannedLength, Plans, pack_bytes, part_of, plans_bytes, silence_crc
from breathmark.formats.presets import PRESETS
from breathmark.mix.parts import part_sounds
from breathmark.model import BellPlacement, SpeechPlacement, Utterance
from breathmark.script.budget import Budget
from breathmark.script.parse import parse
from breathmark.solver import arrange, feasible
from breathmark.speech.clips.store import ClipCache
from breathmark.timeline.captions import captions
from breathmark.timeline.chapters import chapters
from breathmark.timeline.transcript import paragraph_places, transcript_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from breathmark.api.render import Sounding
    from breathmark.formats.pack import PackPart
    from breathmark.mix.parts import PartSounds
    from breathmark.model import Ambience, Place, Script, Timeline, WordTime
    from breathmark.script.document import Document
    from breathmark.solver import Interval


PACK_PRESET: Final = replace(PRESETS["podcast"], name="pack", channels=1, bitrate="64k")
"""A voice in mono, at the level of a podcast."""
FORM: Final = FrameForm(kbit_s=64, rate_hz=44_100)
_BELL_FADE: Final = 76
"""MP3 frames (2 s) over which a bell fades that still rings when a sentence begins: two sounds can't be added up."""
_STRIKE_FADE: Final = 12
"""The same where it is struck again, which covers the end."""
_LAST_FADE: Final = 3
"""The same where no more is left out than what the filters draw out: at the end, which waits for the last bell."""
_MINUTE_S: Final = 60.0
_SLACK: Final = 5
"""MP3 frames of a rest that no quiet end of a clip takes: for the silent one between two parts, and the grid."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSession:
    """A session as two files."""

    pack: bytes
    plans: bytes
    voice: str
    """Who speaks, by the whole name."""
    ambience: Ambience
    """The script's own."""
    content: Plans
    """What the plans say, but for their checksum."""
    inputs: frozenset[Path] = frozenset()
    """Every file that was read for it, absolute."""


def pack_session(script: Path | str, options: Options = Options(), lengths_s: Sequence[float] = ()) -> PackedSession:
    """Speak, lay out and encode a session for each whole minute that it can have, and for ``lengths_s`` as far as that.

    Values are never packed: it is the session as its script says it without any, with the defaults that it has written.
    ``options`` say who speaks, and where the cache is.

    Raises:
        ScriptError, RequestError, LengthError, AssetError, VoiceError, DeliveryError: as ``render`` does.
    """
    budget = Budget()
    options = replace(options, values={}, estimate=False, bells=True)
    with files_read() as inputs:
        document = parse(Path(script), budget)
        filled = fill_in(document, options, budget)
        sounding = measure(document, (filled,), options, PACK_PRESET)
        possible = feasible(filled, sounding.material)
        natural = arrange(filled, sounding.material)
        layouts = _Lengths(
            natural=natural,
            of={
                length_s: arrange(filled, sounding.material, length_s)
                for length_s in _offered(possible, (*lengths_s, natural.duration_s))
            },
            possible=tuple((each.min_s, each.max_s) for each in possible),
        )
        data, plans = _packed(document, filled, sounding, layouts, options)
    log.info("packed %s: %d bytes for %d lengths", document.path, len(data), len(layouts.of))
    return PackedSession(
        pack=data,
        plans=plans_bytes(plans),
        voice=sounding.voice,
        ambience=filled.ambience,
        content=plans,
        inputs=frozenset(inputs),
    )


def _offered(possible: Sequence[Interval], others_s: Sequence[float]) -> tuple[float, ...]:
    """The whole minutes that a session can have, and those of ``others_s`` that it can have, the shortest first."""
    longest = max((each.max_s for each in possible), default=0.0)
    minutes = (_MINUTE_S * number for number in range(1, int(longest / _MINUTE_S) + 1))
    rate_hz = FORM.rate_hz
    return tuple(
        sorted(
            length_s
            for length_s in {*minutes, *others_s}
            if any(each.min_frames <= round(length_s * rate_hz) <= each.max_frames for each in possible)
        )
    )


def _packed(
    document: Document, script: Script, sounding: Sounding, layouts: _Lengths, options: Options
) -> tuple[bytes, Plans]:
    strikes = {strike.name: strike for each in layouts.of.values() for strike in each.bells}
    sounds = part_sounds(
        layouts.natural, tuple(strikes.values()), sounding.clips, PACK_PRESET.mastering, document.project.root
    )
    parts = _Parts(sounds, {utterance: clip.words for utterance, clip in sounding.clips.items()})
    for each in layouts.of.values():
        parts.take(each)
    parts.set_margins()
    workers = Workers(jobs=options.jobs, cache=ChunkCache(ClipCache(options.cache).root))
    silent, encoded = parts.encoded(workers)
    index = PackIndex(
        id="",
        session=document.file.stem,
        title=script.title,
        language=script.language,
        voice=sounding.voice,
        rate_hz=FORM.rate_hz,
        kbit_s=FORM.kbit_s,
        frame_bytes=FORM.frame_bytes,
        silent_crc32=silence_crc(silent),
        parts=tuple(parts.entries(encoded)),
    )
    file = pack_bytes(index, silent, encoded)
    planner = _PlanMaker(parts, [part.frames for part in index.parts], paragraph_places(script))
    lengths = tuple(planner.planned(length_s, each) for length_s, each in layouts.of.items())
    plans = Plans(
        pack=file.id,
        session=index.session,
        rate_hz=index.rate_hz,
        ideal_s=layouts.natural.duration_s,
        possible=layouts.possible,
        titles=tuple(planner.titles),
        lengths=lengths,
    )
    return file.data, plans


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lengths:
    """A session at all lengths."""

    natural: Timeline
    """At the author's own."""
    of: Mapping[float, Timeline]
    """By length (s), the shortest first."""
    possible: tuple[tuple[float, float], ...]


class _PlanMaker:
    """Makes the plan of each layout, with the titles of chapters by their numbers."""

    def __init__(self, parts: _Parts, sizes: Sequence[int], begins: frozenset[Place]) -> None:
        self._parts = parts
        self._sizes = sizes
        self._begins = begins
        self.titles: dict[str, int] = {}

    def planned(self, length_s: float, timeline: Timeline) -> PlannedLength:
        """The plan of one length."""
        marks = chapters(timeline, PACK_PRESET.file_format.most_chapters)
        return PlannedLength(
            length_s=length_s,
            frames=timeline.frames,
            places=tuple(_places(timeline, self._parts, self._sizes)),
            chapters=tuple((mark.start_frame, self._title(mark.title)) for mark in marks),
            transcript=tuple(
                self._title(block.heading)
                if block.heading
                else tuple(self._parts.numbers[sentence] for sentence in block.sentences)
                for block in transcript_blocks(timeline, self._begins)
            ),
        )

    def _title(self, title: str) -> int:
        return self.titles.setdefault(title, len(self.titles))


class _Parts:
    """Every sentence and every bell that any layout has, each once, in the order in which they come first."""

    def __init__(self, sounds: PartSounds, words: Mapping[Utterance, Sequence[WordTime]]) -> None:
        self._sounds = sounds
        self._words = words
        self._placements: list[SpeechPlacement | BellPlacement] = []
        self._room: dict[Utterance, tuple[int, int]] = {}
        self.margins: dict[Utterance, tuple[int, int]] = {}
        """How many PCM frames each sentence begins before it is heard, and ends behind: its breath and its decay."""
        self.numbers: dict[Utterance | str, int] = {}
        """By the sentence, or by the name of the bell."""

    def take(self, timeline: Timeline) -> None:
        """Number what is new in a layout, and note how much room there is around each sentence."""
        found = events(timeline)
        for number, placement in enumerate(found):
            if (key := _key(placement)) not in self.numbers:
                self.numbers[key] = len(self._placements)
                self._placements.append(placement)
            if isinstance(placement, SpeechPlacement):
                end = found[number + 1].start_frame if number + 1 < len(found) else timeline.frames
                before = _room(placement.start_frame - _end(found[number - 1] if number else None))
                after = _room(end - placement.start_frame - placement.frames)
                known = self._room.get(placement.utterance, (before, after))
                self._room[placement.utterance] = min(before, known[0]), min(after, known[1])

    def set_margins(self) -> None:
        """Give each sentence of its clip's quiet ends what there is room for in every layout."""
        for sentence, room in self._room.items():
            self.margins[sentence] = self._sounds.margins(sentence, *room)

    def encoded(self, workers: Workers) -> tuple[bytes, list[bytes]]:
        """The silent frame, and the frames of each part."""
        sounds = (
            self._sounds.speech(each.utterance, *self.margins[each.utterance])
            if isinstance(each, SpeechPlacement)
            else self._sounds.bell(each.name)
            for each in self._placements
        )
        return silent_frame(FORM, workers), list(encode_clips(sounds, FORM, workers))

    def entries(self, encoded: Sequence[bytes]) -> Iterator[PackPart]:
        """What the index says of each."""
        for placement, data in zip(self._placements, encoded, strict=True):
            if isinstance(placement, BellPlacement):
                yield part_of("bell", placement.name, data, FORM)
                continue
            sentence = placement.utterance
            lead = self.margins[sentence][0]
            alone = replace(placement, start_frame=lead)
            cues = captions(alone, self._words.get(sentence, ()), FORM.rate_hz)
            whole = part_of("speech", sentence.caption, data, FORM)
            yield replace(whole, lead=lead, cues=tuple((cue.start_ms, cue.end_ms, cue.plain) for cue in cues))

    def begin(self, placement: SpeechPlacement | BellPlacement) -> int:
        """The frame at which its sound begins, with what is quiet before it."""
        lead = self.margins[placement.utterance][0] if isinstance(placement, SpeechPlacement) else 0
        return placement.start_frame - lead


def _key(placement: SpeechPlacement | BellPlacement) -> Utterance | str:
    return placement.name if isinstance(placement, BellPlacement) else placement.utterance


def _room(gap: int) -> int:
    """How much of a gap (PCM frames) one of its two sides may take: the grid and the encoder's tails need some, too."""
    return max((gap - _SLACK * FRAME) // 2, 0)


def _end(placement: SpeechPlacement | BellPlacement | None) -> int:
    """Where what follows may begin: a bell is damped before it."""
    if isinstance(placement, SpeechPlacement):
        return placement.start_frame + placement.frames
    return placement.start_frame if placement else 0


def events(timeline: Timeline) -> list[SpeechPlacement | BellPlacement]:
    """Sentences and strikes in the order of time."""
    return sorted((*timeline.speech, *timeline.bells), key=lambda each: each.start_frame)


def _places(timeline: Timeline, parts: _Parts, sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Where each part begins, to the nearest MP3 frame, but not before the one before it has ended."""
    found = events(timeline)
    grid = [(parts.begin(each) + FRAME // 2) // FRAME for each in found]
    at = 0
    for number, placement in enumerate(found):
        first, part = max(grid[number], at), parts.numbers[_key(placement)]
        room = (grid[number + 1] - GAP if number + 1 < len(found) else FORM.frames_of(timeline.frames)) - first
        if isinstance(placement, SpeechPlacement) or sizes[part] <= room:
            at = first + sizes[part] + GAP
            yield first, part
        elif room > 0:
            following = found[number + 1] if number + 1 < len(found) else None
            at = first + room + GAP
            yield first, part, room, min(_fade(following, sizes[part] - room), room)


def _fade(following: SpeechPlacement | BellPlacement | None, cut: int) -> int:
    """Over how many MP3 frames a bell fades of which ``cut`` are left out."""
    if cut <= _LAST_FADE:
        return _LAST_FADE
    return _STRIKE_FADE if isinstance(following, BellPlacement) else _BELL_FADE
