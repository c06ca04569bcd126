"""``play`` hands the mix to the system's audio, and says what is missing where there is none."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from breathmark import Options, plan
from breathmark.audio.output import open_output
from breathmark.base.errors import RequestError
from breathmark.cli.play import play

if TYPE_CHECKING:
    from pathlib import Path


class PortAudioError(Exception):
    """As sounddevice's."""


class Stream:
    """sounddevice's RawOutputStream, which plays to nobody."""

    made: list[Stream]

    def __init__(self, **settings: object) -> None:
        self.settings = settings
        self.heard = b""
        self.calls: list[str] = []
        Stream.made.append(self)

    def write(self, pcm: bytes) -> None:
        """Take sound."""
        self.heard += pcm

    def __getattr__(self, name: str) -> object:
        return lambda: self.calls.append(name)


@pytest.fixture
def sounddevice(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The package, with a device that works."""
    module = ModuleType("sounddevice")
    vars(module).update(RawOutputStream=Stream, PortAudioError=PortAudioError)
    Stream.made = []
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


@pytest.mark.usefixtures("sounddevice")
def test_the_mix_goes_to_the_device(tmp_path: Path) -> None:
    """All of it, in 16 bits at the rate of the preset; the sentences are printed as they sound."""
    (script := tmp_path / "short.yaml").write_text("title: A\nambience: none\nsegments: [say: Hello there.]\n", "utf-8")
    done = CliRunner().invoke(play, [str(script), "--voice", "tone"], catch_exceptions=False)
    (stream,) = Stream.made
    assert stream.settings == {"samplerate": 44_100, "channels": 2, "dtype": "int16", "latency": "high"}
    assert len(stream.heard) == 4 * plan(script, Options(voice="tone")).timeline.frames
    assert stream.calls == ["start", "stop", "abort", "close"]
    assert done.stdout.split()[1:] == ["Hello", "there."]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to type, and the studio, which needs none."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(RequestError, match=r'pip install "breathmark\[play\]", or .*breathmark studio'):
        open_output(44_100, 2)


def test_a_device_that_is_not_there_is_reported(sounddevice: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is opened or started, which closes it, and when it goes away."""

    def refuse(*_: object, **__: object) -> None:
        raise PortAudioError("Error querying device -1")

    monkeypatch.setattr(Stream, "write", refuse)
    with pytest.raises(RequestError, match="has stopped playing"):
        open_output(44_100, 2).write(b"")
    monkeypatch.setattr(Stream, "stop", refuse, raising=False)
    with pytest.raises(RequestError, match="has stopped playing"):
        open_output(44_100, 2).finish()
    monkeypatch.setattr(Stream, "start", refuse, raising=False)
    with pytest.raises(RequestError, match=r"no sound output .*device -1"):
        open_output(44_100, 2)
    assert Stream.made[-1].calls == ["close"]
    monkeypatch.setattr(sounddevice, "RawOutputStream", refuse)
    with pytest.raises(RequestError, match=r"no sound output .*device -1"):
        open_output(44_100, 2)
