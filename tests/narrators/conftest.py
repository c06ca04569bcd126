"""What the narrators' tests share: a cache of their own, sentences, and a plug-in that misbehaves on request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from breathmark.model import Utterance
from breathmark.narrators import registry
from breathmark.narrators.cache import ClipCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

UNRULY = """
import os, time
from breathmark.errors import VoiceError
from breathmark.narrators.base import Voice
from breathmark.narrators.tone import ToneNarrator
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
        elif text.startswith("Die"): os._exit(9)
        elif text.startswith("Fail once"):
            self.failed = not getattr(self, "failed", False)
            if self.failed: raise RuntimeError("only once")
        elif text.startswith("Fail"): raise ValueError("no such phoneme in " + text)
        elif text.startswith("Refuse"): raise VoiceError("the engine is tired", "let it rest")
        elif text.startswith("Wait"): time.sleep(0.3)
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
