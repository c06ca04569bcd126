"""A pyttsx3 driver that speaks through eSpeak NG synchronously, for Linux.

pyttsx3's own eSpeak driver returns before its file is whole, writes only the last of several files, loses rate and
volume, and knows no word times. This one is registered beside it, so that ``pyttsx3.init("breathmark_espeak")`` finds
it.
"""

from __future__ import annotations

import ctypes
import sys
import types
import wave
from collections.abc import Iterator
from typing import Any, Protocol

from breathmark.base.interrupts import come_meanwhile
from breathmark.speech.voices.espeak_library import initialise, library

DRIVER = "breathmark_espeak"
"""The name for ``pyttsx3.init``."""

_WORD_GAP = 7
"""``espeakWORDGAP`` of eSpeak's ``speak_lib.h``: a pause after each word; pyttsx3 has no name for it."""


class _Proxy(Protocol):
    """The proxy that pyttsx3 passes to a driver."""

    def notify(self, topic: str, **values: object) -> None: ...

    def setBusy(self, busy: bool) -> None: ...  # noqa: N802, FBT001 - pyttsx3's interface


def install() -> str:
    """Make the driver known to pyttsx3, and give its name.

    Raises:
        RuntimeError, OSError: there is no eSpeak NG that can be loaded.
    """
    library()
    name = f"pyttsx3.drivers.{DRIVER}"
    if name not in sys.modules:
        module = types.ModuleType(name, __doc__)
        module.buildDriver = SynchronousDriver  # type: ignore[attr-defined]  # pyttsx3's interface
        sys.modules[name] = module
    return DRIVER


class SynchronousDriver:
    """Does what pyttsx3 asks of a driver, except playing aloud.

    While it speaks it notifies ``started-word`` with ``name``, ``location`` (in characters, from 0), ``length`` and, as
    no stock driver does, ``time_s`` from the start of the file.
    """

    def __init__(self, proxy: _Proxy) -> None:
        from pyttsx3.drivers import _espeak, espeak  # noqa: PLC0415 - loads the C library

        self._espeak = _espeak
        self._stock = espeak.EspeakDriver
        self._proxy = proxy
        self._pcm = bytearray()
        self._words: list[tuple[int, int, float]] = []
        self._faults: list[BaseException] = []
        self._rate_hz = initialise()

    def save_to_file(self, text: str, filename: str) -> None:
        """Speak ``text`` into a WAV file, which is whole when this returns; of a fault, ``error`` is notified instead.

        A KeyboardInterrupt, too: raised here, it would leave pyttsx3's loop for ever begun.
        """
        self._pcm.clear()
        self._words.clear()
        self._proxy.notify("started-utterance")
        # It is one for the process, and a stock driver may have set its own meanwhile.
        self._espeak.SetSynthCallback(self._collect)
        self._faults.clear()
        status = self._espeak.Synth(text.encode(), flags=self._espeak.ENDPAUSE | self._espeak.CHARS_UTF8)
        if self._faults:
            self._proxy.notify("error", exception=self._faults[0])
            return
        if status != self._espeak.EE_OK:
            raise RuntimeError(f"eSpeak NG returned the error {status}")
        # Opened here, because an object of ``wave`` that could not open its file complains when it is collected.
        with open(filename, "wb") as target, wave.open(target, "wb") as file:  # noqa: PTH123 - a path as text
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self._rate_hz)
            file.writeframes(self._pcm)
        for location, length, time_s in self._words:
            name = text[location : location + length]
            self._proxy.notify("started-word", name=name, location=location, length=length, time_s=time_s)
        self._proxy.notify("finished-utterance", completed=True)

    def _collect(self, samples: Any, count: int, events: Any) -> int:  # noqa: ANN401 - pointers of ctypes
        """The callback of eSpeak, which stops where it is given 1. An exception would be lost in C: it is kept.

        So is a signal that is held back, because its handler may not raise: half a sentence would be taken for a whole.
        """
        try:
            self._take(samples, count, events)
        except BaseException as exc:  # noqa: BLE001 - it is raised when eSpeak has returned
            self._faults.append(exc)
        if come_meanwhile():
            self._faults.append(KeyboardInterrupt())
        return int(bool(self._faults))

    def _take(self, samples: Any, count: int, events: Any) -> None:  # noqa: ANN401 - pointers of ctypes
        """A piece of the sound. Positions are in characters, counted from 1, times in milliseconds."""
        index = 0
        while events[index].type != self._espeak.EVENT_LIST_TERMINATED:
            event = events[index]
            if event.type == self._espeak.EVENT_WORD:
                self._words.append((event.text_position - 1, event.length, event.audio_position / 1000))
            index += 1
        if count > 0 and samples:
            self._pcm += ctypes.string_at(samples, count * ctypes.sizeof(ctypes.c_short))

    def say(self, text: str) -> None:
        """Not offered: Breathmark writes files."""
        raise NotImplementedError(f"the driver {DRIVER} only saves to a file")

    def getProperty(self, name: str) -> Any:  # noqa: ANN401, N802 - pyttsx3's interface
        """As the stock driver."""
        return self._stock.getProperty(name)

    def setProperty(self, name: str, value: Any) -> None:  # noqa: ANN401, N802 - pyttsx3's interface
        """As the stock driver; and ``word_gap``, in eSpeak's units of about 30 ms at its lowest rate."""
        if name == "word_gap":
            self._espeak.SetParameter(_WORD_GAP, int(value), 0)
        else:
            self._stock.setProperty(name, value)

    def startLoop(self) -> None:  # noqa: N802 - pyttsx3's interface
        """Run all that is queued; it is done when this returns."""
        self._proxy.setBusy(False)

    def endLoop(self) -> None:  # noqa: N802 - pyttsx3's interface
        """The loop has ended by itself."""

    def iterate(self) -> Iterator[None]:
        """As ``startLoop``, for a loop of the caller's own."""
        self._proxy.setBusy(False)
        yield

    def stop(self) -> None:
        """Nothing goes on by itself that could be stopped."""

    @staticmethod
    def destroy() -> None:
        """The engine lives as long as the process: it can't be initialised twice."""
