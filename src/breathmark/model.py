"""The values that pass between the stages, from the expanded script to the layout.

They hold no file, process or clock. Before the layout, time is in seconds as the author wrote it; once laid out
it is an integer count of frames at one rate (a frame is one sample of every channel).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.base.errors import Problem


Kind: TypeAlias = Literal[
    "opening", "teach", "anchor", "practice", "resource", "evoke", "silence", "ground", "close", "tail"
]
Level: TypeAlias = Literal["beginner", "intermediate", "advanced"]
RestLevel: TypeAlias = Literal["explicit", "bell", "segment", "paragraph", "sentence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the source something was written."""

    path: str
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A stretch of time that the author leaves open: ``min_s <= ideal_s <= max_s``."""

    min_s: float
    ideal_s: float
    max_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of rounds that the author leaves open: ``1 <= min <= ideal <= max``."""

    min: int
    ideal: int
    max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCondition:
    """When an optional segment enters: never below ``from_s``; a lower ``priority`` enters first."""

    from_s: float = 0.0
    priority: int = 1


ROOM_TONE_DB = -75.0
"""Where nothing else lies under the voice: some 60 dB under speech, so that nobody hears it begin, and yet no player,
radio link or codec takes a rest for the end. It measures -73.5 LUFS, under the absolute gate of BS.1770: it counts
nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambience:
    """The sound under the voice."""

    sound: str
    """A built-in name, a path, or ``none``."""
    below_voice_lu: float
    """The voice's gated loudness minus the ambience's while speech sounds."""
    swell_lu: float
    """How much it rises in rests of 8 s and more."""
    loop: bool = False
    """Whether the sound is a file that was made as a loop, and keeps its beat."""
    room_tone_db: float | None = ROOM_TONE_DB
    """The RMS of the room tone where the sound is ``none``, against a full scale of ±1; None for digital silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounds:
    """How a stretch of a sentence's text sounds, for narrators that take more than letters."""

    start: int
    """In characters of the text."""
    end: int
    ipa: str
    """In signs of the IPA, as ``breathmark.script.lexicon`` reads them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taper:
    """How far the voice falls from the first sentence of a session or of a segment to its last one."""

    speed: float = 0.0
    """On the scale of ``Utterance.speed``."""
    level_db: float = 0.0
    pitch_semitones: float = 0.0


STEADY = Taper()
"""A voice that stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One sentence, as it is handed to a narrator. Equal utterances are spoken once."""

    text: str
    """What the engine is given: respelt by the lexicon, never a marker."""
    caption: str
    """The same sentence as the author wrote it, for transcript and captions."""
    voice: str
    """``NARRATOR:NAME``; empty means the session's voice."""
    speed: float
    """1.0 is about 140 words a minute inside a sentence."""
    language: str
    """A BCP 47 tag, such as ``en`` or ``en-GB``."""
    private: bool = False
    """True where a private variable was used in it."""
    sounds: tuple[Sounds, ...] = ()
    """Stretches of ``text`` whose sounds are given in IPA, in their order; the text there is what others are given."""
    level_db: float = 0.0
    """How much louder than the session's voice it is; the mix brings the whole voice to its loudness after that."""
    pitch_semitones: float = 0.0
    """How much higher than the voice's own pitch, for narrators that have one to change."""
    take: int = 1
    """Which take of the sentence: 2 is another one by the same voice."""
    de_esser: bool = True
    """Whether the mix softens its sharpest s and sh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A sentence to be spoken."""

    utterance: Utterance
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Silence of the voice: the glue of the layout."""

    range: Range
    order: Literal[0, 1]
    """Order 1 (``silence`` and ``[long]``) stretches and shrinks before order 0."""
    level: RestLevel
    """Explicit rests at one join add up and replace implied ones; of these the highest level applies."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """A strike. The rest from the strike to the next cue follows it as a ``Rest``."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of exactly ``duration_s``, with at most one cue at its start (a phase of a guided breath)."""

    duration_s: float
    cue: Say | Bell | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Items that come ``count`` times in a row: the body of a ``repeat``, or one guided breath."""

    count: Count
    items: tuple[Item, ...]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of the session. Its last item is the implied rest that parts it from the next segment."""

    title: str
    """Empty where the author gave none."""
    kind: Kind
    items: tuple[Item, ...]
    place: Place
    optional: EntryCondition | None = None
    """None: in every session."""
    ambience: Ambience | None = None
    """None: the ambience of the session."""
    concepts: tuple[str, ...] = ()
    """What this very segment teaches, by the marks of the course; where no segment says, the whole script does."""
    taper: Taper | None = None
    """How its sentences fall; None: as those around it."""


Item: TypeAlias = "Say | Rest | Bell | Phase | Rounds | Segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script whose templates are filled in and whose text is cut into sentences and rests."""

    path: str
    title: str
    language: str
    segments: tuple[Segment, ...]
    ambience: Ambience
    summary: str = ""
    author: str = ""
    level: Level = "beginner"
    concepts: tuple[str, ...] = ()
    voice: str = ""
    """The author's voice; empty where the script names none."""
    length: Range | None = None
    """The lengths that the author promises."""
    cover: Path | None = None
    private: bool = False
    """True where any text used a private variable."""
    room: bool = False
    """Whether voice and bells sound in one small room."""
    warnings: tuple[Problem, ...] = ()
    """Problems that do not stop a render; errors under ``--strict``."""


def cues(items: tuple[Item, ...]) -> Iterator[Say | Bell]:
    """Every sentence and every strike among ``items`` and inside them, in the order of the text."""
    for item in items:
        match item:
            case Say() | Bell():
                yield item
            case Phase(cue=Say() | Bell() as cue):
                yield cue
            case Rounds() | Segment():
                yield from cues(item.items)
            case Rest() | Phase():
                pass
            case _:
                assert_never(item)


def segments_in(items: tuple[Item, ...]) -> Iterator[Segment]:
    """Every segment among ``items`` and inside them, in the order of the text; a parent comes before its children."""
    for item in items:
        if isinstance(item, Segment):
            yield item
        if isinstance(item, Segment | Rounds):
            yield from segments_in(item.items)


def utterances(script: Script) -> Iterator[Utterance]:
    """Every utterance that any length of ``script`` can need, in the order of the text, with repetitions."""
    return (cue.utterance for cue in cues(script.segments) if isinstance(cue, Say))


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTime:
    """When one word sounds inside a clip."""

    word: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One spoken sentence, as a narrator gives it."""

    audio: AudioSegment
    """Mono, 16 bit, at the engine's own rate."""
    words: tuple[WordTime, ...] = ()
    """Empty where the engine has no word times."""


CLIP_LUFS = -23.0
"""Where a voice's reference passage is brought to (the level of EBU R 128); the mixer goes on from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClip:
    """A clip in the cache: what the later stages need, without the sound itself."""

    path: Path
    """A WAV file, mono, 16 bit, trimmed."""
    rate_hz: int
    frames: int
    """All of it, counted at ``rate_hz``."""
    gain_db: float
    """The gain that brings it to the level that all clips of its voice share, and from there to its utterance's own."""
    level_db: float = 0.0
    """The part of that which is its utterance's own."""
    de_esser: bool = False
    """Whether its sharpest s and sh are softened."""
    even_pace: bool = False
    """Whether its narrator speaks a sentence again that it raced through."""
    before_frames: int = 0
    """How many of ``frames`` lie before it sounds: they are played in the rest before it, and count as rest."""
    after_frames: int = 0
    """The same behind it."""
    words: tuple[WordTime, ...] = ()
    """From where it sounds."""
    stand_in: str = ""
    """The voice that speaks it where the requested one has no recording of it; empty where no fallback was needed."""
    remarks: tuple[str, ...] = ()
    """What is wrong with the recording that it was made from."""

    def frames_at(self, rate_hz: int) -> int:
        """How long it sounds, in frames at another rate, rounded half up."""
        return self._at(self.frames - self.before_frames - self.after_frames, rate_hz)

    def whole_at(self, rate_hz: int) -> int:
        """The length of all of it, likewise; the resampler is held to it."""
        return self.before_at(rate_hz) + self.frames_at(rate_hz) + self._at(self.after_frames, rate_hz)

    def before_at(self, rate_hz: int) -> int:
        """How many frames at another rate lie before it sounds, likewise."""
        return self._at(self.before_frames, rate_hz)

    def _at(self, frames: int, rate_hz: int) -> int:
        return (frames * rate_hz * 2 + self.rate_hz) // (2 * self.rate_hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPlacement:
    """A sentence, laid out."""

    start_frame: int
    frames: int
    utterance: Utterance
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class BellPlacement:
    """A strike, laid out; ``frames`` is how long it rings, also under what follows."""

    start_frame: int
    frames: int
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RestPlacement:
    """A rest, laid out."""

    start_frame: int
    frames: int
    rest: Rest


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSpan:
    """Where a segment lies, once for each time that it sounds. A parent comes before its children."""

    start_frame: int
    frames: int
    title: str
    kind: Kind
    depth: int
    """0 for the segments of the script itself, 1 for those inside a repeat or an include with a title."""
    round: int
    """Which round of the nearest repeat this is, from 0."""
    ambience: Ambience
    place: Place
    optional: bool = False
    """True where another length can leave it out: an optional segment, a round above the fewest, or a part of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A session, laid out to the frame: the tuples are in the order of time."""

    rate_hz: int
    frames: int
    """The whole session, from the head's first frame to the tail's last."""
    speech: tuple[SpeechPlacement, ...]
    bells: tuple[BellPlacement, ...]
    rests: tuple[RestPlacement, ...]
    segments: tuple[SegmentSpan, ...]

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.frames / self.rate_hz
