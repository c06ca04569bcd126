"""The mix: a session's timeline becomes blocks of finished PCM, every level known before the first one is made."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydub import AudioSegment

from breathmark.audio.limiter import Limiter, PeakMeter
from breathmark.audio.pcm import Format, MixGrid, Quantiser, from_segment, segment, to_segment
from breathmark.base.errors import RequestError
from breathmark.base.files import is_regular
from breathmark.mix.ambience import (
    AmbienceTrack,
    MeasuredBed,
    Run,
    ambience_blocks,
    layers,
    measure_bed,
    runs,
    sounds_of,
)
from breathmark.mix.assets import SoundAsset, find_ambience, own_track, sounds
from breathmark.mix.balance import Balance, balanced, level_of
from breathmark.mix.beds import Bed, open_bed
from breathmark.mix.bells import BellSound, bell_blocks, bell_energy, bell_gain, load_bells
from breathmark.mix.envelope import POINTS_PER_S
from breathmark.mix.narration import Narration, measure_book_tone, narrated, room_tone
from breathmark.mix.stillness import ROOM_TONE, stillness, wants_tone
from breathmark.mix.voice import VoiceLevel, levelled, measure_voice, speech_mask, voice_blocks
from breathmark.results import SILENCE_DBTP, Levels

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples
    from breathmark.mix.pieces import PieceStore
    from breathmark.model import StoredClip, Timeline, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """Everything that is needed to make the blocks of a session: its sounds, and the gain of each."""

    timeline: Timeline
    clips: Mapping[Utterance, StoredClip]
    grid: MixGrid
    voice_gain: float
    bells: dict[str, BellSound]
    bell_gains: dict[str, float]
    ambience: tuple[AmbienceTrack, ...]
    """Room tone is one of them."""
    room: bool = False
    """Whether the voice sounds in the small room; bells hold it already."""


def summed(stems: Stems, first: int = 0) -> Generator[Samples, None, None]:
    """The sum of all stems from block ``first`` on, in whole blocks, before limiter and dither.

    Each is shaped ``(block_frames, channels)``.
    """
    sound_format = stems.grid.format
    silence = np.zeros((sound_format.block_frames, sound_format.channels), np.float32)
    with ExitStack() as stack:
        tracks = [stack.enter_context(closing(track)) for track in _tracks(stems, first)]
        for blocks in zip(*tracks, strict=True):
            carried = [to_segment(block, sound_format) for block in blocks if block is not None]
            yield from_segment(_overlaid(carried)) if carried else silence


def _tracks(stems: Stems, first: int) -> Iterator[Generator[Samples | None, None, None]]:
    timeline, grid = stems.timeline, stems.grid
    yield voice_blocks(timeline.speech, stems.clips, grid, stems.voice_gain, first, room=stems.room)
    yield bell_blocks(timeline.bells, stems.bells, stems.bell_gains, grid, first)
    for track in stems.ambience:
        yield ambience_blocks(track, grid, first)


def _overlaid(carried: list[AudioSegment]) -> AudioSegment:
    """The sum of segments of one length; a single one is handed on as it is."""
    total, *more = carried
    for stem in more:
        total = total.overlay(stem)
    return total


CHOSEN = "what the user chose"
"""What a sound is called that is played instead of the script's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastering:
    """The requirements of the finished PCM."""

    rate_hz: int = 44_100
    """A multiple of 10."""
    channels: Literal[1, 2] = 2
    voice_lufs: float = -16.0
    """The gated loudness of the voice in the decoded file."""
    ceiling_dbtp: float = -1.0
    """The PCM's true peak stays at or under this."""
    encoder_gain_db: float = 0.0
    """The change of level by the encoder (LAME takes some away: 0 or less). The mix makes up for it."""
    sample_width: Literal[2, 3] = 2
    """Bytes that count in each sample. The blocks hold 24 bits in the upper bytes of 32."""
    narration: Narration | None = None
    """A spoken book's demands: the voice's level follows from them, and room tone lies in place of all ambience."""

    @property
    def make_up(self) -> float:
        """The gain that makes up for the encoder."""
        return float(10 ** (-self.encoder_gain_db / 20))

    def __post_init__(self) -> None:
        if self.rate_hz < 8_000 or self.rate_hz % POINTS_PER_S:
            raise RequestError(f"{self.rate_hz} Hz is not a sample rate for a session", "take 44100 or 48000")


class Mixdown:
    """A mix that is ready to be made, block by block."""

    def __init__(self, stems: Stems, mastering: Mastering, report: Levels) -> None:
        self._stems = stems
        self._mastering = mastering
        self._report = report

    @property
    def report(self) -> Levels:
        """The measurements of the mix. Its true peak is final when all blocks have been taken."""
        return self._report

    @property
    def sources(self) -> Stems:
        """What it is made of, of which stems are made, too."""
        return self._stems

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a listener may hear of the user's own ambience."""
        return tuple(remark for track in self._stems.ambience for remark in track.bed.remarks)

    @property
    def frames(self) -> int:
        """How many frames all blocks have together."""
        return self._stems.grid.frames

    def blocks(self, first: int = 0) -> Generator[AudioSegment, None, None]:
        """The finished PCM in order, from block ``first`` on: 2 s each, but for the last; the same on every call.

        Each has 2 bytes a sample, or 4 with 24 bits in the upper ones where ``Mastering.sample_width`` is 3.

        Raises:
            AssetError: a sound was changed or taken away since the mix was measured.
        """
        master, grid = self._mastering, self._stems.grid
        limiter, meter = Limiter(master.rate_hz, master.ceiling_dbtp), PeakMeter()
        quantise = Quantiser(master.sample_width)
        left, square = max(grid.frames - first * grid.format.block_frames, 0), 0.0
        with closing(summed(self._stems, first)) as mixed:
            for block in limiter.run(mixed):
                meter.add(block)
                square += float(np.vdot(block[:left], block[:left]))
                data = quantise(block[:left])
                left -= len(block)
                width = quantise.bytes_per_sample
                yield segment(data, rate_hz=master.rate_hz, channels=master.channels, sample_width=width)
        if first:
            return
        meter.finish()
        mean = square / (grid.frames * master.channels) / master.make_up**2
        peak_dbtp = max(20 * math.log10(max(meter.true_peak, 1e-9)), SILENCE_DBTP)
        self._report = replace(self._report, true_peak_dbtp=peak_dbtp, rms_db=10 * math.log10(max(mean, 1e-12)))

    def ambience(self, first: int = 0) -> Generator[AudioSegment, None, None]:
        """The ambience alone, as it is part of ``blocks``, in as many blocks of as many frames.

        Raises:
            AssetError: a sound was changed or taken away since the mix was measured.
        """
        master, grid = self._mastering, self._stems.grid
        quantise = Quantiser(master.sample_width)
        left = max(grid.frames - first * grid.format.block_frames, 0)
        alone = replace(self._stems, timeline=replace(self._stems.timeline, speech=(), bells=()))
        with closing(summed(alone, first)) as mixed:
            for block in mixed:
                data = quantise(block[:left])
                left -= len(block)
                width = quantise.bytes_per_sample
                yield segment(data, rate_hz=master.rate_hz, channels=master.channels, sample_width=width)


def mix(  # noqa: PLR0913 - keywords, nearly all with a default
    timeline: Timeline,
    clips: Mapping[Utterance, StoredClip],
    mastering: Mastering,
    *,
    project_root: Path | None = None,
    ambience: str | Path | AudioSegment | None = None,
    store: PieceStore | None = None,
    room: bool = False,
) -> Mixdown:
    """Measure a session and set all levels; the blocks of the result are made when they are taken.

    Args:
        timeline: The layout, at the rate of ``mastering``.
        clips: A clip for every utterance of ``timeline``.
        mastering: What the PCM has to be.
        project_root: Where the project's own sounds are looked for.
        ambience: What to play instead of the script's sounds, at their levels: a name, any file, a sound, or ``none``.
        store: Where ambience is kept that is made, and where this session enters it.
        room: Whether voice and bells sound in one small room.

    Raises:
        AssetError: a sound or ffmpeg is missing or damaged.
    """
    grid = _grid(timeline, mastering)
    bells = load_bells(timeline.bells, grid.format, project_root, room=room)
    foreground = _Foreground(timeline=timeline, clips=clips, bells=bells, grid=grid)
    sources = _AmbienceSources(grid=grid, project_root=project_root, instead=ambience, store=store)
    voice, bell_gains, balance = _levels(foreground, mastering, sources)
    stems = Stems(
        timeline=timeline,
        clips=clips,
        grid=grid,
        voice_gain=voice.gain * mastering.make_up,
        bells=bells,
        bell_gains={name: level * mastering.make_up for name, level in bell_gains.items()},
        ambience=tuple(track.scaled(mastering.make_up) for track in balance.under),
        room=room,
    )
    return Mixdown(stems, mastering, balance.levels)


def _grid(timeline: Timeline, mastering: Mastering) -> MixGrid:
    if timeline.rate_hz != mastering.rate_hz:
        raise ValueError(f"a timeline at {timeline.rate_hz} Hz can't be mastered at {mastering.rate_hz} Hz")
    return MixGrid(frames=timeline.frames, format=Format(rate_hz=mastering.rate_hz, channels=mastering.channels))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Foreground:
    """What sounds over the ambience of a session."""

    timeline: Timeline
    clips: Mapping[Utterance, StoredClip]
    bells: dict[str, BellSound]
    grid: MixGrid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Background:
    """The ambience of a session, or the room tone of a book, measured."""

    stretches: tuple[Run, ...]
    """Empty in a book."""
    sounds: Mapping[str, MeasuredBed]
    """By name."""


def _levels(
    foreground: _Foreground, mastering: Mastering, sources: _AmbienceSources
) -> tuple[VoiceLevel, dict[str, float], Balance]:
    """The level of the voice, then those of the bells and of what lies under both, which follow from it."""
    background = sources.measured(foreground.timeline, mastering)
    voice = _voice(foreground, mastering)
    voice_lufs = level_of(voice.energy) if mastering.narration else mastering.voice_lufs
    bell_gains = {name: bell_gain(bell, voice_lufs, voice.peak) for name, bell in foreground.bells.items()}
    others = voice.energy + bell_energy(foreground.timeline.bells, foreground.bells, bell_gains, foreground.grid)
    if mastering.narration:
        book = room_tone(mastering.narration, voice.energy, others, background.sounds[ROOM_TONE])
        return voice, bell_gains, book
    timeline, grid, stretches = foreground.timeline, foreground.grid, background.stretches
    measured = layers(stretches, background.sounds, _rests(timeline), grid)
    tone = stillness(stretches, sources.stillness(), grid) if wants_tone(stretches) else None
    spoken = speech_mask(timeline.speech, grid)
    return voice, bell_gains, balanced(measured, voice.energy, others, spoken, mastering.voice_lufs, tone)


def _voice(foreground: _Foreground, mastering: Mastering) -> VoiceLevel:
    """The voice at its own level, or at the one that brings the whole session to its RMS."""
    clips, grid = foreground.clips, foreground.grid
    stored = measure_voice(foreground.timeline.speech, clips, grid)
    ceiling_dbtp = mastering.ceiling_dbtp + mastering.encoder_gain_db
    if mastering.narration is None:
        return levelled(stored, clips, grid, voice_lufs=mastering.voice_lufs, ceiling_dbtp=ceiling_dbtp)
    strikes = (foreground.timeline.bells, foreground.bells)
    return narrated(stored, clips, strikes, grid, mastering.narration, ceiling_dbtp=ceiling_dbtp)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AmbienceSources:
    """Where the sounds under the voice come from."""

    grid: MixGrid
    project_root: Path | None
    instead: str | Path | AudioSegment | None
    """What the user chose in the place of the script's sounds."""
    store: PieceStore | None

    def measured(self, timeline: Timeline, mastering: Mastering) -> _Background:
        """The ambience of a session, or the room tone of a book.

        One sound after the other is opened and measured, and all of it before there is a gain curve: a long track holds
        half a minute and a decoder until it is measured.
        """
        if mastering.narration:
            tone = measure_book_tone(self._room_tone(self.store), self.grid)
            return _Background(stretches=(), sounds={ROOM_TONE: tone})
        stretches = runs(timeline)
        if self.instead is not None:
            sound = "none" if self.instead == "none" else CHOSEN
            stretches = tuple(replace(run, ambience=replace(run.ambience, sound=sound)) for run in stretches)
        looped = {run.ambience.sound for run in stretches if run.ambience.loop}
        sounds = {
            name: measure_bed(name, self._bed(name, loop=name in looped), stretches, self.grid)
            for name in sounds_of(stretches)
        }
        return _Background(stretches=stretches, sounds=sounds)

    def stillness(self) -> Bed:
        """The room tone where a session has no ambience.

        All sessions enter it at one place: it has nothing that could be heard to come again.
        """
        return self._room_tone(replace(self.store, session="") if self.store else None)

    def _bed(self, name: str, *, loop: bool) -> Bed:
        if self.instead is not None:
            return open_bed(chosen_sound(self.instead, self.project_root), self.grid.format, self.store)
        source = find_ambience(name, self.project_root)
        return open_bed(replace(source, loop=source.loop or loop), self.grid.format, self.store)

    def _room_tone(self, store: PieceStore | None) -> Bed:
        return open_bed(find_ambience(ROOM_TONE, self.project_root), self.grid.format, store)


def chosen_sound(ambience: str | Path | AudioSegment, project_root: Path | None) -> SoundAsset | AudioSegment:
    """The ambience chosen on the command line or in Python: a name first, else any file."""
    if isinstance(ambience, AudioSegment):
        return ambience
    if isinstance(ambience, str) and not is_regular(Path(ambience)):
        return find_ambience(ambience, project_root)
    named = [sound for sound in sounds(project_root) if sound.kind == "ambience" and sound.name == ambience]
    return find_ambience(named[0].name, project_root) if named else own_track(Path(ambience))


def _rests(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    """The times (s) without speech, from the start of the session to its end."""
    found, end = [], 0
    for placement in timeline.speech:
        if placement.start_frame > end:
            found.append((end / timeline.rate_hz, placement.start_frame / timeline.rate_hz))
        end = max(end, placement.start_frame + placement.frames)
    if end < timeline.frames:
        found.append((end / timeline.rate_hz, timeline.frames / timeline.rate_hz))
    return tuple(found)
