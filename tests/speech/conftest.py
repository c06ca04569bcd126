"""What the narrators' tests share: a cache, sentences, Kokoro's model, a plug-in and a server that misbehave."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from breathmark.model import Utterance
from breathmark.speech import registry
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.registry import load_narrator
from breathmark.speech.voices.kokoro import MODEL, VECTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breathmark.speech.contract import Narrator

UNRULY = """
import os, sys, time
from breathmark.base.errors import VoiceError
from breathmark.speech.contract import Voice
from breathmark.speech.voices.tone import ToneNarrator
from breathmark.model import Clip

class Unruly:
    real_time_factor = 1.0
    def __init__(self, settings): self.settings = settings; self.tone = ToneNarrator({})
    @classmethod
    def missing(cls): return ""
    def voices(self): return (Voice(name="unruly:one", language="en", description="Does what the text says"),)
    def fingerprint(self, voice): return "1"
    def speak(self, request):
        print("engines print")
        text = request.text
        if text.startswith("Die once"):
            mark = self.settings["mark"]
            if not os.path.exists(mark):
                open(mark, "w").close(); os._exit(9)
        elif text.startswith("Die loudly"):
            print("no memory for " + text, file=sys.stderr, flush=True); os._exit(9)
        elif text.startswith("Die"): os._exit(9)
        elif text.startswith("Fail once"):
            self.failed = not getattr(self, "failed", False)
            if self.failed: raise RuntimeError("only once")
        elif text.startswith("Fail"): raise ValueError("no such phoneme in " + text)
        elif text.startswith("Refuse"): raise VoiceError("the engine is tired", "let it rest")
        elif text.startswith("Wait"): time.sleep(0.3)
        elif text.startswith("Nothing"): return None
        clip = self.tone.speak(request)
        if text.startswith("Silence"): return Clip(audio=clip.audio - 200)
        if text.startswith("Cut"): return Clip(audio=clip.audio[:150])
        if text.startswith("Run on"): return Clip(audio=clip.audio * 60)
        if text.startswith("Stereo"): return Clip(audio=clip.audio.set_channels(2).set_sample_width(4))
        return clip

class Absent(Unruly):
    @classmethod
    def missing(cls): return "pip install absent-engine"
"""


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the user's own cache."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home-cache"))


@pytest.fixture
def cache(tmp_path: Path) -> ClipCache:
    """An empty cache."""
    return ClipCache(tmp_path / "cache")


@pytest.fixture
def utterance() -> Callable[..., Utterance]:
    """Makes utterances from their text and what else a test says."""

    def make(text: str, **others: Any) -> Utterance:  # noqa: ANN401 - any field
        fields: dict[str, Any] = {"caption": text, "voice": "", "speed": 1.0, "language": "en", **others}
        return Utterance(text=text, **fields)

    return make


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third party's package: ``unruly`` and ``absent`` can be loaded, ``broken`` can't, ``piper`` is an impostor."""
    folder = tmp_path / "site"
    facts = folder / "unruly-1.0.dist-info"
    facts.mkdir(parents=True)
    (folder / "unruly_narrator.py").write_text(UNRULY)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: unruly\nVersion: 1.0\n")
    entries = (
        "unruly = unruly_narrator:Unruly",
        "absent = unruly_narrator:Absent",
        "broken = no_such_module_anywhere:X",
        "piper = unruly_narrator:Unruly",
    )
    (facts / "entry_points.txt").write_text("[breathmark.narrators]\n" + "\n".join(entries) + "\n")
    monkeypatch.syspath_prepend(str(folder))
    registry._entries.cache_clear()
    yield
    registry._entries.cache_clear()
    sys.modules.pop("unruly_narrator", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that a server was sent."""

    at_s: float
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    at_once: int
    """How many were under way, with this one."""


class TalkingServer(ThreadingHTTPServer):
    """``POST /v1/audio/speech`` on loopback, spoken by a narrator at half as fast again as the common scale.

    Its ``answers`` are used up first, one for each request: functions that write to the handler what a bad server
    would.
    """

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, voice: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.voice = voice
        self.narrator: Narrator = load_narrator(voice.partition(":")[0])
        self.answers: deque[Callable[[Handler], None]] = deque()
        self.asked: list[Asked] = []
        self.busy = 0
        self.released = threading.Event()
        """Until then, answers that wait for it are not given."""
        self.think_s = 0.0
        self.lock, self.speaking = threading.Lock(), threading.Lock()

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """What a project would say of it."""
        return {"base": self.base, "model": "kind-1", "voices": "alto en, Basso en-GB"}

    @property
    def sentences(self) -> list[str]:
        """What it was asked to say."""
        return [asked.body["input"] for asked in self.asked]

    def handle_error(self, *_: object) -> None:
        """Stay silent where a client hangs up."""

    def wav(self, body: dict[str, Any]) -> bytes:
        """The sentence as a WAV file."""
        request = SpeechRequest(text=body["input"], voice=self.voice, speed=body["speed"] * 1.5, language="en")
        file = io.BytesIO()
        with self.speaking:
            self.narrator.speak(request).audio.export(file, "wav")
        return file.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    server: TalkingServer

    def do_POST(self) -> None:
        """Note the request, then give the next bad answer, or speak."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.busy += 1
            self.server.asked.append(
                Asked(
                    at_s=time.monotonic(),
                    path=self.path,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                    at_once=self.server.busy,
                )
            )
            answer = self.server.answers.popleft() if self.server.answers else None
        time.sleep(self.server.think_s)
        with suppress(ConnectionError):
            answer(self) if answer else self.give(self.server.wav(body))
        with self.server.lock:
            self.server.busy -= 1

    def give(self, data: bytes, status: int = 200, **headers: str) -> None:
        """A whole answer; `Content_Type` is that of WAV where nothing is said."""
        self.send_response(status)
        for name, value in {"Content_Type": "audio/wav", "Content_Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def _serving(voice: str) -> Iterator[TalkingServer]:
    with TalkingServer(voice) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def server() -> Iterator[TalkingServer]:
    """A quick server, which hums."""
    with _serving("tone:tone") as server:
        yield server


@pytest.fixture(scope="module")
def speaking_server() -> Iterator[TalkingServer]:
    """A server that really speaks, by the system's voice."""
    with _serving("pyttsx3:en-us") as server:
        yield server


@pytest.fixture
def natural_server() -> Iterator[TalkingServer]:
    """A server that really speaks, by Piper."""
    pytest.importorskip("piper")
    with _serving("piper:joe") as server:
        yield server


MADE = Path(os.environ.get("BREATHMARK_TEST_KOKORO") or Path(__file__).parents[2] / "dist" / "kokoro")
"""Where ``scripts/fetch-kokoro`` leaves the model."""


@pytest.fixture
def kokoro_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of voices with the real model of Kokoro in it; without it the test is skipped."""
    pytest.importorskip("kokoro_onnx")
    if not all((MADE / name).is_file() for name in (MODEL, VECTORS)):
        pytest.skip(f"the model of Kokoro is not in {MADE}: run scripts/fetch-kokoro")
    folder = tmp_path / "voices" / "kokoro"
    folder.parent.mkdir()
    folder.symlink_to(MADE.resolve(), target_is_directory=True)
    monkeypatch.setenv("BREATHMARK_VOICES", str(folder.parent))
    return folder
