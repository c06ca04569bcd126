"""The sessions that are open in the studio's player: laid out, spoken sentence by sentence, and mixed from any moment.

Every function takes and gives data that can be pickled and sent as JSON. The last sessions stay open in the process, so
that playing on from another place lays nothing out again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.api.playing import preview
from breathmark.api.render import plan as lay_out
from breathmark.base.memory import give_back
from breathmark.base.worker import job_progress
from breathmark.speech.speaking import narrators_stay
from breathmark.timeline.data import timeline_data
from breathmark.timeline.picture import timeline_svg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydub import AudioSegment

    from breathmark.api.options import Options
    from breathmark.api.render import Plan
    from breathmark.mix.mixdown import Mixdown
    from breathmark.speech.contract import Narrator
    from breathmark.studio.work import Asked, Json

OPEN: Final = 4
"""Sessions that are kept laid out: a few scripts, or one with a few choices."""
BLOCK_S: Final = 2
"""Seconds of one block of a mix."""
CHANNELS: Final = 4
"""Of a mix as it is streamed: the whole of it, left and right, then its ambience alone, by which the page can move the
levels of voice and ambience while it sounds. As they are, what is heard is the whole as it was mixed."""


@dataclass(slots=True)
class _Opened:
    plan: Plan
    options: Options
    mixdown: Mixdown | None = None


_sessions: OrderedDict[str, _Opened] = OrderedDict()
_narrators: dict[str, Narrator] = {}
"""Those that have spoken here: a model is loaded once."""


def ready() -> None:
    """Nothing; a worker that was asked for it has imported all that it needs, before somebody waits for it."""


def planned(asked: Asked, name: str) -> tuple[bytes, tuple[Path, ...]]:
    """A session laid out, as JSON, with the sound of each sentence unless it is guessed; it stays open under ``name``.

    Raises: BreathmarkError.
    """
    with asked.opened() as path, narrators_stay(_narrators):
        session = lay_out(path, replace(asked.options, progress=job_progress("Speaking")))
    _sessions[name] = _Opened(plan=session, options=asked.options)
    _sessions.move_to_end(name)
    while len(_sessions) > OPEN:
        _sessions.popitem(last=False)
    script = session.script
    data: Json = {
        "session": name,
        "title": script.title,
        "voice": session.voice,
        "estimated": session.estimated,
        "feasible": [[interval.min_s, interval.max_s] for interval in session.feasible],
        "timeline": asdict(timeline_data(session.timeline)),
        "picture": timeline_svg(session.timeline, script.title, estimated=session.estimated, level=script.level),
        "clips": [_clip(session, spoken.utterance) for spoken in session.timeline.speech],
        "warnings": [asdict(each) for each in script.warnings],
    }
    speech = () if session.estimated else session.timeline.speech
    return json.dumps(data).encode(), tuple(session.clips[spoken.utterance].path for spoken in speech)


def _clip(session: Plan, utterance: object) -> Json | None:
    """When its words sound, from where the sentence is heard, and how long its file plays before that."""
    stored = session.clips.get(utterance)  # type: ignore[call-overload]
    if stored is None:
        return None
    words = [{"word": each.word, "start_s": each.start_s, "end_s": each.end_s} for each in stored.words]
    return {"before_s": stored.before_frames / stored.rate_hz, "words": words}


@dataclass(frozen=True, slots=True, kw_only=True)
class MixFormat:
    """What the blocks of an open session's mix hold, in ``CHANNELS`` channels of 16 bits."""

    rate_hz: int
    frames: int
    """Of the whole session."""


def mix_format(name: str) -> MixFormat | None:
    """The format of a session's mix, with all levels set; None where it is not open any more. Raises AssetError."""
    session = _sessions.get(name)
    if session is None or session.plan.estimated:
        return None
    if session.mixdown is None:
        session.mixdown = preview(session.plan, session.options)
        give_back()
    return MixFormat(rate_hz=session.plan.preset.rate_hz, frames=session.mixdown.frames)


def mixed(name: str, first: int, count: int) -> bytes:
    """``count`` blocks of an open session's mix from block ``first`` on, as 16-bit PCM; fewer at its end, or none.

    Raises: AssetError.
    """
    session = _sessions.get(name)
    if session is None or session.mixdown is None:
        return b""
    with closing(session.mixdown.blocks(first)) as blocks, closing(session.mixdown.ambience(first)) as beds:
        both = islice(zip(blocks, beds, strict=True), count)
        return b"".join(np.hstack([_stereo(whole), _stereo(bed)]).tobytes() for whole, bed in both)


def _stereo(block: AudioSegment) -> NDArray[np.int16]:
    samples = np.frombuffer(block.raw_data, "<i2").reshape(-1, block.channels)
    return samples if block.channels == 2 else np.repeat(samples, 2, axis=1)
