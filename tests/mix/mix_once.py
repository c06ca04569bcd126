"""Mixes one session in a process of its own and prints its peak memory (MB) and processor time (s) as JSON.

Arguments: minutes, folder of clips, ambience (empty: the script's), file for the PCM.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from breathmark.mix.assets import bell_frames
from breathmark.mix.mixdown import Mastering, mix
from breathmark.model import (
    Ambience,
    BellPlacement,
    Place,
    SegmentSpan,
    SpeechPlacement,
    StoredClip,
    Timeline,
    Utterance,
)

PLACE = Place(path="x", line=1, column=1)
RATE_HZ = 44_100
CLIP_RATE_HZ = 22_050
WAV_HEADER_BYTES = 44


def _clips(folder: Path) -> dict[Utterance, StoredClip]:
    found = {}
    for path in sorted(folder.glob("clip*.wav")):
        utterance = Utterance(text=path.name, caption=path.name, voice="", speed=1.0, language="en")
        frames = (path.stat().st_size - WAV_HEADER_BYTES) // 2
        found[utterance] = StoredClip(path=path, rate_hz=CLIP_RATE_HZ, frames=frames, gain_db=0.0)
    return found


def _timeline(minutes: float, clips: dict[Utterance, StoredClip]) -> Timeline:
    """A bell at both ends, 42 % speech, and the same ambience throughout."""
    total, bowl = round(minutes * 60 * RATE_HZ), bell_frames("singing-bowl", RATE_HZ)
    speech: list[SpeechPlacement] = []
    now, names = 10 * RATE_HZ, list(clips)
    while now < total - 40 * RATE_HZ:
        utterance = names[len(speech) % len(names)]
        frames = clips[utterance].frames_at(RATE_HZ)
        speech.append(SpeechPlacement(start_frame=now, frames=frames, utterance=utterance, place=PLACE))
        now += round(frames / 0.42) + 17
    bells = [
        BellPlacement(start_frame=start, frames=bowl, name="singing-bowl", place=PLACE)
        for start in (RATE_HZ, total - bowl)
    ]
    whole = SegmentSpan(
        start_frame=0,
        frames=total,
        title="",
        kind="practice",
        depth=0,
        round=0,
        ambience=Ambience(sound="soft-rain", below_voice_lu=20.0, swell_lu=4.0),
        place=PLACE,
    )
    return Timeline(
        rate_hz=RATE_HZ, frames=total, speech=tuple(speech), bells=tuple(bells), rests=(), segments=(whole,)
    )


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_mb() -> float:
    """The peak memory of this process alone: on Linux, ``ru_maxrss`` counts what the parent had before the start."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(minutes: str, folder: str, ambience: str, output: str) -> None:
    """Mix, write, and print what it cost."""
    clips = _clips(Path(folder))
    timeline = _timeline(float(minutes), clips)
    before_s = _cpu_s()
    mixdown = mix(timeline, clips, Mastering(ceiling_dbtp=-1.7), ambience=ambience or None)
    with Path(output).open("wb") as file:
        file.writelines(block.raw_data for block in mixdown.blocks())
    sys.stdout.write(json.dumps({"mb": _peak_mb(), "cpu_s": _cpu_s() - before_s}))


if __name__ == "__main__":
    main(*sys.argv[1:])
