"""The system's sound output, by PortAudio: the one place that plays anything aloud."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

from breathmark.base.errors import RequestError

_OTHERWISE = "or hear it in the browser, with `breathmark studio`"


class Output(Protocol):
    """Something that plays PCM of 16 bits."""

    def write(self, pcm: bytes) -> None:
        """Play this next; returns when nearly all of it was taken."""

    def finish(self) -> None:
        """Play what was taken to its end."""

    def close(self) -> None:
        """Be silent at once."""


def open_output(rate_hz: int, channels: int) -> Output:
    """The system's usual output. Raises RequestError where nothing can be played here."""
    try:
        import sounddevice  # noqa: PLC0415 - of the extra `play`
    except ImportError as exc:
        hint = f'run: pip install "breathmark[play]", {_OTHERWISE}'
        raise RequestError("playing needs the package sounddevice, which is not installed", hint) from exc
    except OSError as exc:  # of sounddevice, where its library is not there
        hint = f"install PortAudio (on Debian and Ubuntu: apt install libportaudio2), {_OTHERWISE}"
        raise RequestError("playing needs the library PortAudio, which is not installed", hint) from exc
    try:
        stream = sounddevice.RawOutputStream(samplerate=rate_hz, channels=channels, dtype="int16", latency="high")
        with ExitStack() as unless_started:
            unless_started.callback(stream.close)
            stream.start()
            unless_started.pop_all()
    except (sounddevice.PortAudioError, ValueError) as exc:
        hint = f"choose an output in the system's sound settings, {_OTHERWISE}"
        raise RequestError(f"there is no sound output that can be used here ({exc})", hint) from exc
    return _Device(stream, sounddevice.PortAudioError)


class _Device:
    def __init__(self, stream: Any, error: type[Exception]) -> None:  # noqa: ANN401 - sounddevice has no types
        self._stream = stream
        self._error = error

    def write(self, pcm: bytes) -> None:
        """See ``Output``. Raises RequestError where the device is gone."""
        with self._present():
            self._stream.write(pcm)

    def finish(self) -> None:
        """See ``Output``. Raises as ``write`` does."""
        with self._present():
            self._stream.stop()

    def close(self) -> None:
        """See ``Output``."""
        self._stream.abort()
        self._stream.close()

    @contextmanager
    def _present(self) -> Iterator[None]:
        try:
            yield
        except self._error as exc:
            raise RequestError(f"the sound output has stopped playing ({exc})", "run the command again") from exc
