"""Checks of the sound of a file beside its levels: that nothing is broken, missing or out of place in it.

The bounds are our own, as no standard has any; docs/delivery.md lists those of jumps, dead air and tails. What a
place of publication asks comes with its preset.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.base.times import tenths
from breathmark.mix.assets import sounds
from breathmark.verification.faults import MAX_MOMENTS
from breathmark.verification.places import joined, rest_spans, silent_spans
from breathmark.verification.verdict import CheckedItem, failed, judged, passed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.formats.presets import Preset
    from breathmark.formats.session import RenderRecord
    from breathmark.verification.measurements import LevelCurve, Measurements


_DEAD_DB: Final = -90.0
"""A little over the dither of 16 bits, which is -96 dB. Ambience and room tone lie far over it."""
_DEAD_STEPS: Final = 2
_QUIET_DB: Final = -45.0
"""Some 30 dB under a voice at its preset's level: a rest, with or without ambience."""
_AUDIBLE_DB: Final = -50.0
"""What is louder than that is taken for a cue, where it isn't known where these are."""
_OVER_ROOM_DB: Final = 4.0
"""What exceeds the softest half second by this is not room tone: a word, or a bell that still rings."""
_RING_END_S: Final = 5.0
"""How long a bell still rings after it can't be distinguished from room tone."""
_TAIL_SLACK_S: Final = 0.05
_FADES_S: Final = (0.5, 1.0)
"""Of the fades at both ends (2 and 4 s, mix/envelope.py), the parts in which an ambience may be that faint."""
_JUMP_DB: Final = 9.0
"""A swell may rise by more than that, but by 6 dB in half a second at most."""
_FAINT_DB: Final = -60.0
_JUMP_STEPS: Final = 5
_STAY_STEPS: Final = 15
_SENTENCE_STEPS: Final = 10
_SENTENCE_JUMP_DB: Final = 10.0
"""More than the 6 dB by which clips of one voice can be moved apart, and twice as loud to the ear."""
_STRIKE_DB: Final = 6.0
_ENDING_STEPS: Final = 600
_DYING_DB: Final = (9.0, 4.0)
_RINGS_S: Final = 0.6
"""So long the last sound takes at least from 9 dB to 4 dB over what lies around it; a word takes 0.1 to 0.3 s."""


def sound_findings(
    preset: Preset, record: RenderRecord | None, measured: Measurements, rate_hz: int
) -> Iterator[CheckedItem]:
    """Everything about the sound but its levels."""
    yield _moments("clipping", measured.clipped_s, "no sample is cut off")
    yield _dead_air(preset, record, measured)
    yield _head(preset, record, measured, rate_hz)
    yield _tail(preset, record, measured, rate_hz)
    yield _moments("clicks", measured.clicks_s, "none")
    yield _jumps(preset, record, measured)
    if preset.ending_bell:
        yield _ending_bell(record, measured)


def _moments(item: str, moments_s: Sequence[float], asked: str) -> CheckedItem:
    if not moments_s:
        return passed(item, "none", asked)
    more = " and more" if len(moments_s) >= MAX_MOMENTS else ""
    return failed(
        item, "at " + ", ".join(tenths(moment) for moment in moments_s[:5]) + (more or _rest(moments_s)), asked
    )


def _rest(moments_s: Sequence[float]) -> str:
    return f" and {len(moments_s) - 5} more" if len(moments_s) > 5 else ""


def _dead_air(preset: Preset, record: RenderRecord | None, measured: Measurements) -> CheckedItem:
    """Where something should lie under the voice, it never stops."""
    item, asked = "dead air", "no digital silence under the voice or in its rests"
    levels = measured.levels.rms_db
    begin, end = (0, 0) if preset.narration else (round(10 * seconds) for seconds in _FADES_S)
    inside = levels[begin : len(levels) - end]
    dead = inside < _DEAD_DB
    if record is not None and preset.narration is None:
        for first, last in silent_spans(record).pairs():
            dead[max(measured.levels.at(first) - begin, 0) : max(measured.levels.at(last) + 1 - begin, 0)] = False
    if preset.narration is None and not _has_bed(record, inside, dead):
        return passed(item, "no ambience, so that rests are silent", "")
    runs = [(first, last) for first, last in _stretches(dead) if last - first >= _DEAD_STEPS]
    if not runs:
        return passed(item, "none", asked)
    first, last = runs[0]
    track = _own_track(preset, record, (begin + first) / 10)
    of = f" of your track {track}" if track else ""
    more = f", and {len(runs) - 1} more" if len(runs) > 1 else ""
    return failed(item, f"{(last - first) / 10:.1f} s at {tenths((begin + first) / 10)}{of}{more}", asked)


def _has_bed(record: RenderRecord | None, levels: NDArray[np.float32], dead: NDArray[np.bool_]) -> bool:
    """Whether something lies under the voice: by the record, else if most of what is quiet is not silent."""
    if record is not None:
        return record.loudness.ambience_lufs is not None or record.loudness.room_tone_db is not None
    return bool(np.count_nonzero(dead) < 0.5 * np.count_nonzero(levels < _QUIET_DB))


def _head(preset: Preset, record: RenderRecord | None, measured: Measurements, rate_hz: int) -> CheckedItem:
    """What lies before the first cue."""
    levels = measured.levels.rms_db
    loud = np.flatnonzero(levels > _AUDIBLE_DB)
    head_s = float(loud[0]) / 10 if len(loud) else measured.frames / rate_hz
    if record is not None:
        cues = [placed.start_frame for placed in (*record.speech, *record.bells)]
        laid_out_s = min(cues, default=record.frames) / record.rate_hz
        # Ambience sounds before the first cue, but what was laid out has to be there, too.
        first = round(10 * laid_out_s)
        there = bool((levels[first : first + 10] > _AUDIBLE_DB).any())
        head_s = laid_out_s if there else head_s
    least_s = 0.5 if preset.narration else 0.0
    asked = f"{least_s:g} to {preset.most_head_s:g} s" if least_s else f"at most {preset.most_head_s:g} s"
    return judged("head", f"{head_s:.1f} s", asked, good=least_s <= head_s <= preset.most_head_s)


def _tail(preset: Preset, record: RenderRecord | None, measured: Measurements, rate_hz: int) -> CheckedItem:
    """What lies behind the last cue: not too much of it, and at its very end the room tone alone."""
    levels, (least_s, most_s) = _smooth(measured.levels.rms_db, _JUMP_STEPS), preset.tail_s
    room_db = float(levels.min(initial=_AUDIBLE_DB)) + _OVER_ROOM_DB
    loud = np.flatnonzero(levels > (room_db if preset.narration else _AUDIBLE_DB))
    quiet_s = (len(levels) - (int(loud[-1]) + 1 if len(loud) else 0)) / 10
    ring_s = _RING_END_S if preset.narration else 0.0
    after_s = quiet_s
    if record is not None:
        ring_s = 0.0
        last = record.last_cue_frame if preset.narration else record.tail_frame
        after_s = max(measured.frames / rate_hz - last / record.rate_hz, 0.0)
    if not least_s:
        return judged("tail", f"{after_s:.1f} s", f"at most {most_s:g} s", good=after_s <= most_s + _TAIL_SLACK_S)
    found = f"{after_s:.1f} s after the last sound, {quiet_s:.1f} s of room tone"
    asked = f"at most {most_s:g} s, at least {least_s:g} s"
    return judged("tail", found, asked, good=quiet_s >= least_s and after_s <= most_s + ring_s + _TAIL_SLACK_S)


def _jumps(preset: Preset, record: RenderRecord | None, measured: Measurements) -> CheckedItem:
    """LevelCurve that change at once: of what lies in the rests, and of the voice from a sentence to the next."""
    item = "level jumps"
    asked = f"under {_JUMP_DB:g} dB in a rest, under {_SENTENCE_JUMP_DB:g} dB between sentences"
    found = list(_rest_jumps(record, measured.levels))
    own = [(moment, size, track) for moment, size in found if (track := _own_track(preset, record, moment))]
    wrong = [jump for jump in found if not _own_track(preset, record, jump[0])]
    wrong += _sentence_jumps(record, measured.levels) if record else ()
    if wrong:
        return failed(item, _listed([f"{size:+.0f} dB at {tenths(moment)}" for moment, size in sorted(wrong)]), asked)
    excused = _listed([f"{size:+.0f} dB at {tenths(moment)}, of your track {track}" for moment, size, track in own])
    return passed(item, excused or "none", asked)


def _listed(moments: Sequence[str]) -> str:
    return ", ".join(moments[:3]) + (f" and {len(moments) - 3} more" if len(moments) > 3 else "")


def _own_track(preset: Preset, record: RenderRecord | None, moment_s: float) -> str:
    """The user's own sound that lies under this moment, which may rise by itself; empty where a built-in one does."""
    scripted = record is not None and preset.narration is None  # which lays room tone under all of it
    name = record.ambience_at(round(moment_s * record.rate_hz)) if record and scripted else ""
    return "" if name in {sound.name for sound in sounds()} else name


def _rest_jumps(record: RenderRecord | None, levels: LevelCurve) -> Iterator[tuple[float, float]]:
    """Where the level in a rest is another from one half second to the next, and stays so."""
    for first, last in _rest_steps(record, levels):
        rest = levels.rms_db[first:last]
        for at in range(_STAY_STEPS, len(rest) - _STAY_STEPS + 1):
            around = rest[at - _STAY_STEPS : at + _STAY_STEPS]
            if around.min() < _DEAD_DB or around.max() < _FAINT_DB:
                continue  # that is dead air, or the inaudible end of a sound
            near = _median(rest[at : at + _JUMP_STEPS]) - _median(rest[at - _JUMP_STEPS : at])
            if abs(near) < _JUMP_DB:
                continue
            stays = _median(rest[at : at + _STAY_STEPS]) - _median(rest[at - _STAY_STEPS : at])
            if abs(stays) >= _JUMP_DB:
                yield (first + at) / 10, stays
                break


def _rest_steps(record: RenderRecord | None, levels: LevelCurve) -> list[tuple[int, int]]:
    """The rests, as steps; without a record whatever stays quiet for 4 s and is not a ring that dies away."""
    if record is not None:
        return [
            (-(-begin // levels.block_frames), end // levels.block_frames) for begin, end in rest_spans(record).pairs()
        ]
    quiet = levels.rms_db < _QUIET_DB
    return [(first + 3, last - 1) for first, last in _stretches(quiet) if last - first >= 40]


def _sentence_jumps(record: RenderRecord, levels: LevelCurve) -> Iterator[tuple[float, float]]:
    """Where a sentence of a second or more is much louder or softer than the one before, their own levels taken off."""
    before: float | None = None
    for placed in record.speech:
        steps = levels.rms_db[levels.at(placed.start_frame) : levels.at(placed.end_frame)]
        if len(steps) < _SENTENCE_STEPS:
            continue
        level = float(10 * np.log10(np.mean(10 ** (steps.astype(np.float64) / 10)))) - placed.level_db
        if before is not None and abs(level - before) >= _SENTENCE_JUMP_DB:
            yield placed.start_frame / record.rate_hz, level - before
        before = level


def _ending_bell(record: RenderRecord | None, measured: Measurements) -> CheckedItem:
    item, asked = "ending bell", "a bell after the last sentence"
    levels = measured.levels
    if record is None:
        return _ring_at_the_end(levels, item, asked)
    last_word = max((placed.end_frame for placed in record.speech), default=0)
    strikes = [placed for placed in record.bells if placed.start_frame >= last_word]
    if not strikes:
        return failed(item, "none was laid out", asked)
    for placed in strikes:
        at = levels.at(placed.start_frame)
        before = _median(levels.rms_db[max(at - 5, 0) : at]) if at else _DEAD_DB
        if float(levels.rms_db[at : at + 5].max(initial=_DEAD_DB)) > before + _STRIKE_DB:
            return passed(item, f"at {tenths(at / 10)}", asked)
    return failed(item, f"no bell can be heard at {tenths(levels.at(strikes[0].start_frame) / 10)}", asked)


def _ring_at_the_end(levels: LevelCurve, item: str, asked: str) -> CheckedItem:
    """Without a record of a strike: does the last thing that is heard die away slowly, as no word does?"""
    last = levels.rms_db[-_ENDING_STEPS:]
    if len(last) < _ENDING_STEPS // 10:
        return failed(item, "it is too short", asked)
    smooth = _smooth(last, 3)
    under = max(float(np.median(smooth)), _DEAD_DB)
    loud, soft = (np.flatnonzero(smooth > under + over_db) for over_db in _DYING_DB)
    if not len(loud):
        return failed(item, "no bell can be made out at its end", asked)
    dying_s = (int(soft[-1]) - int(loud[-1])) / 10
    return judged(item, f"the last sound dies away in {dying_s:.1f} s", asked, good=dying_s >= _RINGS_S)


def _smooth(levels: NDArray[np.float32], steps: int) -> NDArray[np.float64]:
    """The mean power over ``steps``, as levels; at both ends over as many as there are."""
    if len(levels) < steps:
        return levels.astype(np.float64)
    power = np.convolve(10 ** (levels.astype(np.float64) / 10), np.ones(steps), "same")
    return np.asarray(10 * np.log10(power / np.convolve(np.ones(len(levels)), np.ones(steps), "same")))


def _median(levels: NDArray[np.floating]) -> float:
    return float(np.median(levels))


def _stretches(hits: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of hits: the first of each, and the first index after it."""
    return joined((int(at), int(at) + 1) for at in np.flatnonzero(hits)).pairs()
