"""Interrupts end a program with 130 and without a traceback, wherever they come."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import wave
from typing import TYPE_CHECKING

import pytest

from breathmark.base.interrupts import INTERRUPTED, came, check, come_meanwhile, held_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

PROGRAM = """
import atexit, ctypes, os, signal, sys, time
import breathmark.cli
from breathmark import __main__
from breathmark.base import interrupts

NUMBER = signal.{number}

def hit():
    signal.raise_signal(NUMBER)

class Collected:
    def __del__(self):
        hit()

def wrapped():
    try:
        hit()
    except BaseException as exc:
        raise ValueError("a schema is wrong") from exc

def called_back():
    back = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: hit() or 0)
    back()
    time.sleep(100)

def swallowed():
    try:
        hit()
    except BaseException:
        pass

class HalfMade:
    def __init__(self):
        hit()
        self.file = None
    def __del__(self):
        print(self.file)

def collected():
    Collected()
    time.sleep(100)

def run(arguments=None):
    {what}
    print("went on")

{before}
"""
COMMAND = "breathmark.cli.breathmark.main = lambda *_, **__: run()\n__main__.main()"


def end(what: str, number: str = "SIGINT", before: str = COMMAND) -> tuple[int, str, str]:
    """How the program ends that does ``what``: exit code, and what it says."""
    program = PROGRAM.format(what=what, number=number, before=before)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("what", ["hit()", "wrapped()", "called_back()", "collected()", "HalfMade()"])
def test_a_command_ends_with_130_wherever_it_is_interrupted(what: str, number: str) -> None:
    """In our code, in a library that wraps it, in a callback from C, in ``__del__``, in ``__init__``."""
    code, said, complained = end(what, number)
    assert (code, said) == (INTERRUPTED, "")
    assert complained.startswith("Interrupted.")
    assert len(complained.splitlines()) == 1


def test_an_interrupt_that_is_swallowed_is_told_at_the_end() -> None:
    """By a library that catches everything: what was at work goes on, and the exit code tells."""
    code, said, complained = end("swallowed()")
    assert (code, said) == (INTERRUPTED, "went on\n")
    assert "Traceback" not in complained


def test_a_program_that_ends_is_interrupted_without_a_traceback() -> None:
    """In a function that runs at exit."""
    code, said, complained = end("atexit.register(hit)")
    assert (code, said, complained) == (INTERRUPTED, "went on\n", "")


def test_other_exceptions_keep_their_traceback() -> None:
    """Where nobody interrupted, a bug is one."""
    code, _, complained = end("raise ValueError('our mistake')")
    assert code == 1
    assert "our mistake" in complained
    assert "Traceback" in complained


def test_what_a_program_was_started_to_ignore_stays_ignored() -> None:
    """As by ``nohup``, or by a shell that started it in the background."""
    before = f"signal.signal(NUMBER, signal.SIG_IGN)\n{COMMAND}"
    assert end("hit()", before=before)[:2] == (0, "went on\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ffmpeg_goes_on_where_the_program_does(tmp_path: Path) -> None:
    """Ctrl-C goes to the whole group, and ffmpeg sets a handler of its own even where it is to ignore SIGINT."""
    with wave.open(str(tmp_path / "sound.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(2 * 44_100 * 60))
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from breathmark.audio.ffmpeg import decode\n"
        "from breathmark.audio.pcm import Format\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "pieces = decode(Path('sound.wav'), Format(rate_hz=44_100, channels=1))\n"
        "frames = len(next(pieces))\n"
        "os.killpg(0, signal.SIGINT)\n"
        "print(frames + sum(map(len, pieces)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{60 * 44_100}\n", "")


def test_check_raises_what_was_swallowed() -> None:
    """In the main thread; other threads finish what they are at."""
    code, said, _ = end(
        "swallowed()\n"
        "    from threading import Thread\n"
        "    thread = Thread(target=lambda: print(interrupts.check()))\n"
        "    thread.start(); thread.join()\n"
        "    interrupts.check()"
    )
    assert (code, said) == (INTERRUPTED, "None\n")


def test_a_process_that_works_for_another_dies_by_its_signal() -> None:
    """So that the other one knows how it ended."""
    before = "interrupts.heed(NUMBER)\ntry: wrapped()\nexcept ValueError: interrupts.die()"
    assert end("pass", "SIGTERM", before)[0] == -signal.SIGTERM


def test_signals_are_held_back_while_c_calls_back() -> None:
    """They are known, and raised by whatever handler there is when the call has ended."""
    ran = []
    with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012 - what follows proves that it went on
        assert not come_meanwhile()
        signal.raise_signal(signal.SIGINT)
        assert come_meanwhile()
        ran.append("to the end")
    assert ran == ["to the end"]
    assert not come_meanwhile()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not came()
    check()


@pytest.mark.parametrize("held", [signal.SIGTERM, None])
def test_an_interrupt_while_handlers_are_restored_leaves_none_behind(
    monkeypatch: pytest.MonkeyPatch, held: signal.Signals | None
) -> None:
    """SIGTERM has its handler back, and nothing is held for good."""
    own = signal.signal(signal.SIGTERM, lambda *_: None)
    mine = signal.getsignal(signal.SIGTERM)
    restore = signal.signal

    def interrupted(number: int, handler: Callable[[int, FrameType | None], object]) -> None:
        restore(number, handler)
        if handler is signal.default_int_handler:
            signal.raise_signal(signal.SIGINT)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(signal, "signal", interrupted)
            with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012 - as above
                if held:
                    signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is mine
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert not come_meanwhile()
    finally:
        restore(signal.SIGTERM, own)


def test_blocks_that_hold_back_can_be_nested() -> None:
    """What came in the inner or the outer one is raised at the end of the outer one."""
    with pytest.raises(KeyboardInterrupt), held_back():  # noqa: PT012 - as above
        signal.raise_signal(signal.SIGINT)
        with held_back():
            assert come_meanwhile()
        with held_back():
            signal.raise_signal(signal.SIGINT)
        assert come_meanwhile()
    assert not come_meanwhile()


def test_a_second_signal_ends_a_call_that_hangs() -> None:
    """With ``first_only`` it is raised at once, and the block is left; its handler hears of both."""
    heard: list[str] = []

    def handler(*_: object) -> None:
        heard.append("a signal")
        if len(heard) == 2:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(KeyboardInterrupt), held_back(first_only=True):  # noqa: PT012 - as above
            signal.raise_signal(signal.SIGINT)
            assert heard == []
            signal.raise_signal(signal.SIGINT)
            heard.append("went on")
        assert heard == ["a signal", "a signal"]
        assert signal.getsignal(signal.SIGINT) is handler
        assert not come_meanwhile()
    finally:
        signal.signal(signal.SIGINT, before)
