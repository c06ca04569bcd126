"""Signal handling: SIGINT and SIGTERM are recorded on arrival, so that the program ends whatever the exception becomes.

Python raises KeyboardInterrupt wherever the main thread happens to be. In a callback from C and in ``__del__`` it is
swallowed; libraries wrap it in exceptions of their own. So what came is noted before it is raised, and whoever is about
to keep something, or to end, asks.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 130
"""128 + SIGINT, what a shell reports for a program that Ctrl-C ended: the exit code after SIGTERM, too."""

_BOTH: Final = (signal.SIGINT, signal.SIGTERM)
_AGAIN_S: Final = 0.02
"""After which an interrupt that was swallowed is raised once more: it is a moment's code that swallows it."""

_heeded: Final[list[int]] = []
_came: Final[list[signal.Signals]] = []
_ended: Final = threading.Event()
"""Set once the program's work is done."""


def heed(*numbers: int) -> None:
    """Note each of these signals from now on, and raise KeyboardInterrupt in the main thread; for programs alone.

    Without any, it is SIGINT and SIGTERM. One that the program was started to ignore, as by ``nohup``, stays ignored.
    """
    for number in numbers or _BOTH:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _note)
            _heeded.append(number)
    _watch_what_is_swallowed()


def group_of_children() -> int | None:
    """The ``process_group`` of a program that is started: a new one where this program ignores SIGINT, else its own.

    ffmpeg sets a handler of its own even where it was started with SIGINT ignored, and Ctrl-C in a terminal goes to
    the whole group: it would end the work of a program that is to go on, as under ``nohup``.
    """
    ignored = sys.platform != "win32" and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return 0 if ignored else None


def came() -> bool:
    """Whether this program has been interrupted."""
    return bool(_came)


def check() -> None:
    """Raise the interrupt that came, where it was swallowed: nothing made since then may be kept.

    Other threads than the main one are never interrupted in the middle, so that what they have made is whole.

    Raises:
        KeyboardInterrupt: this is the main thread, and the program has been interrupted.
    """
    if _came and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


@contextmanager
def held_back(*, first_only: bool = False) -> Iterator[None]:
    """Meanwhile, nothing is raised: the handlers of SIGINT and SIGTERM are called when the block ends.

    For calls of C that call back, where an exception would be lost. It works with whatever handlers there are. With
    ``first_only`` a second signal is not held back: for calls that may never return.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _BOTH}
    mine = {number: handler for number, handler in before.items() if callable(handler)}
    gate = _Gate(mine, first_only=first_only)
    try:
        for number in mine:
            signal.signal(number, gate)
        yield
    finally:
        gate.is_open = True
        with ExitStack() as stack:  # all are restored, even where one of them is called and raises before the others
            for number, handler in mine.items():
                stack.callback(signal.signal, number, handler)
        if gate.held:
            signal.raise_signal(gate.held[0])


def come_meanwhile() -> bool:
    """Whether a signal is being held back."""
    return any(isinstance(gate := signal.getsignal(number), _Gate) and gate.holds for number in _BOTH)


class _Gate:
    """A handler that holds signals back until it is open, and then passes them on to the handlers before it.

    So it does no harm where an exception leaves it in place.
    """

    def __init__(
        self, before: Mapping[signal.Signals, Callable[[int, FrameType | None], object]], *, first_only: bool
    ) -> None:
        self.held: list[int] = []
        self.is_open = False
        self._before = before
        self._first_only = first_only

    @property
    def holds(self) -> bool:
        """Whether a signal is being held back, here or by a block around this one."""
        outer = any(isinstance(each, _Gate) and each.holds for each in self._before.values())
        return outer or (bool(self.held) and not self.is_open)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if not self.is_open and not (self._first_only and self.held):
            self.held.append(number)
            return
        self.is_open = True
        came, self.held = [*self.held, number], []
        for each in came:
            self._before[signal.Signals(each)](each, frame)


def interrupt(number: int = signal.SIGTERM) -> None:
    """Have the handler of this signal called in the main thread, from another one."""
    if sys.platform == "win32":
        interrupt_main(number)
    else:  # this one wakes the thread where it waits for the system, too
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def end_at_once() -> None:
    """From now on the program's work is done, and a further interrupt ends it without a word: for programs alone."""
    _ended.set()
    for number in _heeded:
        signal.signal(number, _end)


def die() -> NoReturn:
    """End this process by the signal that came, without another word: for those that work for another one."""
    number = _came[0] if _came else signal.SIGTERM
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
    os._exit(128 + number)


def _note(number: int, _frame: FrameType | None) -> NoReturn:
    _came.append(signal.Signals(number))
    raise KeyboardInterrupt


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)


def _interrupt_again() -> None:
    if _ended.is_set():
        return  # nobody waits for it any more, and an interpreter that ends has no handler left
    interrupt(_came[0])


def _watch_what_is_swallowed() -> None:
    """Have the interpreter show no traceback of what an interrupt led to; raise one that it can't a moment later."""
    before = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if not _came:
            before(unraisable)
        if not (_came and issubclass(unraisable.exc_type, KeyboardInterrupt)):
            return  # objects that were interrupted while they were made complain when they are collected
        again = threading.Timer(_AGAIN_S, _interrupt_again)
        again.daemon = True
        with suppress(RuntimeError):  # the interpreter is ending, and so there is nothing to interrupt
            again.start()

    sys.unraisablehook = hook
