"""Previews: the mix of a session as it is heard before anything is rendered, and as it is played aloud."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from breathmark.api.options import Options
from breathmark.api.render import Plan, mix_session, plan
from breathmark.audio.output import Output, open_output
from breathmark.audio.pcm import BLOCK_S
from breathmark.base.errors import BreathmarkError, RequestError
from breathmark.base.inputs import files_read, stamp
from breathmark.base.times import tenths
from breathmark.script.ranges import parse_duration
from breathmark.solver import lengths_with
from breathmark.solver.excerpt import titled

if TYPE_CHECKING:
    from breathmark.mix.mixdown import Mixdown
    from breathmark.model import Timeline

_PIECE_S: Final = 0.1
"""What is played between two looks at the script."""
_LOOK_S: Final = 0.3
"""How often the files are looked at: soon enough after a save, and next to no work."""
_AHEAD: Final = 3
"""Blocks that are mixed ahead of what sounds, so that ambience that is made meanwhile interrupts nothing."""
_BEFORE_S: Final = 0.5
"""A sentence that was changed is heard from a moment before it."""
_TIME: Final = re.compile(r"\d+:[\d:.]+|[\d.]+ *(s|m|h|min|sec)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceBegun:
    """A sentence begins to sound."""

    start_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What is played has changed, and goes on elsewhere."""

    why: Literal["changed", "ended"]
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplayable:
    """The script has changed, and can't be played as it is now."""

    error: BreathmarkError


News: TypeAlias = SentenceBegun | Moved | Unplayable


def preview(session: Plan, options: Options, *, quick: bool = True) -> Mixdown:
    """The mix of a session for the ear: 16 bits, without what makes up for an encoder.

    A ``quick`` one does not wait for ambience that is not made yet: its level is set by what is. Raises AssetError.
    """
    mastering = replace(session.preset.mastering, sample_width=2, encoder_gain_db=0.0)
    return mix_session(session, session.preset.quietened(session.timeline), mastering, options, quick=quick)


def play(
    script: Path | str,
    options: Options = Options(),
    *,
    start: str = "",
    watch: bool = False,
    tell: Callable[[News], None] = lambda _news: None,
    output: Callable[[int, int], Output] = open_output,
) -> None:
    """Play a session aloud, from the segment titled ``start`` or from a time on.

    With ``watch`` it goes on with what has changed whenever a file of the script is saved, until it is interrupted.

    Raises: ScriptError, RequestError, LengthError, AssetError, VoiceError.
    """
    seen = _Seen({Path(script).absolute()})
    session = _laid_out(script, options, seen)
    at_s = _start_s(session, start)
    while True:
        mastering = session.preset.mastering
        with _opened(output(mastering.rate_hz, mastering.channels)) as device:
            stopped_s = _played(
                session, preview(session, options), at_s, device, tell, seen.changed if watch else _never
            )
        if not watch:
            return
        at_s = session.timeline.duration_s if stopped_s is None else stopped_s
        if stopped_s is None:
            tell(Moved(why="ended", at_s=at_s))
        changed, seen = _changed(script, options, seen, tell)
        at_s = _resumed(session.timeline, changed.timeline, at_s)
        session = changed
        tell(Moved(why="changed", at_s=at_s))


def _never() -> bool:
    return False


def _start_s(session: Plan, start: str) -> float:
    """Where to begin: at a time, or with a segment. Raises RequestError."""
    if not start:
        return 0.0
    if _TIME.fullmatch(start.strip()):
        try:
            at_s = parse_duration(start)
        except ValueError as error:
            raise RequestError(f"the time {start!r} can't be read: {error}", "write 3:20, 90s or a title") from error
        if at_s >= session.timeline.duration_s:
            length = tenths(session.timeline.duration_s)
            raise RequestError(f"the session ends before {start}", f"it is {length} long: choose an earlier time")
        return at_s
    span = titled(session.timeline, start, lengths_with(session.script, session.material))
    return span.start_frame / session.timeline.rate_hz


@contextmanager
def _opened(device: Output) -> Iterator[Output]:
    """The device, silent at once when the block is left by an error."""
    try:
        yield device
    finally:
        device.close()


def _played(
    session: Plan,
    mixdown: Mixdown,
    at_s: float,
    device: Output,
    tell: Callable[[News], None],
    stop: Callable[[], bool],
) -> float | None:
    """Play from a moment on; the moment (s) at which ``stop`` was true, or None at the end."""
    timeline = session.timeline
    frame = round(at_s * timeline.rate_hz)
    waiting = [spoken for spoken in timeline.speech if spoken.start_frame + spoken.frames > frame]
    width = 2 * session.preset.mastering.channels
    step = int(_PIECE_S * timeline.rate_hz) * width
    first, skipped = divmod(frame, BLOCK_S * timeline.rate_hz)
    with _ahead(mixdown, first) as blocks:
        for block in blocks:
            for begin in range(skipped * width, len(block), step):
                while waiting and waiting[0].start_frame <= frame:
                    spoken = waiting.pop(0)
                    tell(SentenceBegun(start_s=spoken.start_frame / timeline.rate_hz, text=spoken.utterance.caption))
                if stop():
                    return frame / timeline.rate_hz
                piece = block[begin : begin + step]
                device.write(piece)
                frame += len(piece) // width
            skipped = 0
    device.finish()
    return None


@contextmanager
def _ahead(mixdown: Mixdown, first: int) -> Iterator[Iterator[bytes]]:
    """The blocks of a mix, made by a thread of their own a little ahead of whoever takes them."""
    made: Queue[bytes | Exception | None] = Queue(_AHEAD)
    left = threading.Event()

    def put(item: bytes | Exception | None) -> None:
        while not left.is_set():
            with suppress(Full):
                made.put(item, timeout=0.1)
                return

    def make() -> None:
        try:
            with closing(mixdown.blocks(first)) as blocks:
                for block in blocks:
                    put(bytes(block.raw_data))
                    if left.is_set():
                        return
            put(None)
        except Exception as exc:  # noqa: BLE001 - it is raised where the sound is asked for
            put(exc)

    maker = threading.Thread(target=make, daemon=True)
    maker.start()
    try:
        yield _taken(made)
    finally:
        left.set()
        with suppress(Empty):
            while True:
                made.get_nowait()
        maker.join()


def _taken(made: Queue[bytes | Exception | None]) -> Generator[bytes, None, None]:
    while (item := made.get()) is not None:
        if isinstance(item, Exception):
            raise item
        yield item


class _Seen:
    """The files that a session is made of, as they were before it was laid out: what is saved meanwhile is seen."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {file: stamp(file) for file in files}
        self._next_s = 0.0

    def add(self, files: Iterable[Path]) -> None:
        """Look at more of them, too; those that are known stay as they were."""
        for file in files:
            if file not in self._files:
                self._files[file] = stamp(file)

    def changed(self) -> bool:
        """Whether one of them has been written since; looked at a few times a second."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + _LOOK_S
        return any(stamp(file) != then for file, then in self._files.items())

    def again(self) -> _Seen:
        """The same files as they are now."""
        return _Seen(self._files)

    def wait(self) -> None:
        """Return when one of them has been written."""
        while not self.changed():
            time.sleep(_LOOK_S)


def _laid_out(script: Path | str, options: Options, seen: _Seen) -> Plan:
    """The session; ``seen`` gets every file that was read for it, also where one of them is at fault."""
    with files_read() as inputs:
        try:
            return plan(script, options)
        finally:
            seen.add(inputs)


def _changed(script: Path | str, options: Options, seen: _Seen, tell: Callable[[News], None]) -> tuple[Plan, _Seen]:
    """Wait until a file changes and the script can be laid out again."""
    while True:
        seen.wait()
        seen = seen.again()
        try:
            return _laid_out(script, options, seen), seen
        except BreathmarkError as error:
            tell(Unplayable(error=error))


def _resumed(old: Timeline, new: Timeline, at_s: float) -> float:
    """Where to go on in a changed session: with its first new sentence, else with the one that was sounding."""
    known = {spoken.utterance for spoken in old.speech}
    fresh = next((spoken for spoken in new.speech if spoken.utterance not in known), None)
    if fresh is not None:
        return max(fresh.start_frame / new.rate_hz - _BEFORE_S, 0.0)
    sounding = next((each for each in reversed(old.speech) if each.start_frame <= at_s * old.rate_hz), None)
    same = next((each for each in new.speech if sounding and each.utterance == sounding.utterance), None)
    if sounding is None or same is None:
        return min(at_s, new.duration_s)
    return min(same.start_frame / new.rate_hz + at_s - sounding.start_frame / old.rate_hz, new.duration_s)
