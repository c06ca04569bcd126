"""Listening: sentences are found in a file, compared with their texts by sound, and reported where they differ."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from breathmark.api import render as pipeline
from breathmark.api.options import Options
from breathmark.base.errors import AssetError, RequestError
from breathmark.formats.session import read_record
from breathmark.verification.comparison import words_apart
from breathmark.verification.listening import listen
from breathmark.verification.recogniser import SAMPLE_RATE_HZ, open_recogniser
from breathmark.verification.verdict import HeardText

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from breathmark.verification.verdict import Verification

SCRIPT = """\
title: A Small Pause
length: 5s..15s..60s
variables: {name: {default: Ana, max_length: 20}}
segments:
  - say: |
      You might let your eyes rest, for ten minutes. [pause 1s..2s..30s]
      Rest, {{ name }}. [pause 1s..2s..30s] Breathe out.
"""
PLUGIN = """\
import json
from pathlib import Path

from breathmark.verification.verdict import HeardText


class Parrot:
    \"\"\"Hears what its file says, one text for each stretch of speech.\"\"\"

    def __init__(self, model):
        self.file = Path(model)
        self.name = f"parrot {self.file.stem}"

    def recognise(self, samples, language):
        first, *others = json.loads(self.file.read_text())
        self.file.write_text(json.dumps(others))
        return (HeardText(start_s=0.0, end_s=len(samples) / 16000, text=first),)
"""


class Echo:
    """A recogniser that hears the texts that it was given, and keeps how much sound it got."""

    def __init__(self, *texts: str) -> None:
        self.name = "echo"
        self.texts = list(texts)
        self.lengths_s: list[float] = []
        self.loudest: list[float] = []

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[HeardText, ...]:
        """The next text."""
        assert language in ("en", "")
        self.lengths_s.append(len(samples) / SAMPLE_RATE_HZ)
        self.loudest.append(float(abs(samples).max()))
        return (HeardText(start_s=0.0, end_s=1.0, text=self.texts[len(self.lengths_s) - 1]),)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sentences in tones, the second with a private value."""
    folder = tmp_path_factory.mktemp("rendered")
    (folder / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "pause.yaml").write_text(SCRIPT, encoding="utf-8")
    options = Options(voice="tone", ambience="none", values={"name": "Xenia"}, cache=folder / "cache")
    return pipeline.render(folder / "pause.yaml", folder / "pause.wav", options).path


def finding(verification: Verification) -> tuple[str, str]:
    """What was found of the speech."""
    (item,) = (each for each in verification.findings if each.item == "speech")
    return item.outcome, item.found


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Nowhere to be, for 10 minutes.", "no where two be for ten minutes"),
        ("You can't realise the colour.", "You cannot realize the color"),
        ("It\u2019s four thirty; you're here.", "its 4:30, your hear"),
        ("Peace - every day.", "PIECE! EVERY DAY"),
    ],
)
def test_a_recognisers_own_spelling_is_forgiven(text: str, heard: str) -> None:
    """Case, punctuation, homophones, numbers, British and American spelling, contractions, joined words."""
    assert words_apart(text, heard, "en") == 0


@pytest.mark.parametrize(
    ("text", "heard", "language", "apart"),
    [
        ("Let the breath go.", "Let the breath go go go.", "en", 2),
        ("Let the breath go again.", "Let the", "en", 3),
        ("Breathe in.", "Breathe out.", "en", 1),
        ("Zehn Minuten lang.", "10 Minuten.", "de", 1),
        ("你好吗", "你好", "zh", 1),
        ("a sentence", "", "xx", 2),
    ],
)
def test_words_that_are_missing_added_or_other_are_counted(text: str, heard: str, language: str, apart: int) -> None:
    """In every language, also in one without spaces and in one whose sounds are not known."""
    assert words_apart(text, heard, language) == apart


def test_what_is_said_as_written_passes(rendered: Path) -> None:
    """Each sentence is cut out with a little of what is around it, at the rate that recognisers take."""
    echo = Echo("you might let your eyes rest for 10 minutes", "rest xenia", "breathe out")
    checked = pipeline.verify(rendered, listen=echo)
    assert finding(checked) == ("pass", "0 of 3 sentences heard differently")
    spoken_s = [each.duration_s for each in read_record(rendered).speech]
    assert echo.lengths_s == pytest.approx([each + 0.5 for each in spoken_s], abs=0.01)
    assert min(echo.loudest) > 0.05


def test_a_sentence_that_is_heard_otherwise_is_reported(rendered: Path) -> None:
    """With its time and both texts; one other word is the recogniser's, and hearing nothing never is."""
    echo = Echo("you might let", "rest senior", "")
    checked = pipeline.verify(rendered, listen=echo)
    assert finding(checked) == ("fail", "2 of 3 sentences heard differently")
    assert checked.listening
    first, last = checked.listening.misheard
    assert (first.text, first.heard, first.words_apart) == (
        "You might let your eyes rest, for ten minutes.",
        "you might let",
        6,
    )
    assert (last.text, last.heard) == ("Breathe out.", "")
    assert last.start_s == read_record(rendered).speech[2].start_s


def test_without_session_json_all_that_is_heard_is_listed(rendered: Path, tmp_path: Path) -> None:
    """Nobody knows what it should be; beside a record of another file, which may be private, nothing is heard."""
    alone = tmp_path / "alone.wav"
    alone.write_bytes(rendered.read_bytes())
    checked = pipeline.verify(alone, listen=Echo("hello"))
    assert finding(checked)[0] == "skipped"
    assert checked.listening
    assert [each.text for each in checked.listening.transcript] == ["hello"]
    alone.with_name("alone.session.json").write_text(
        rendered.with_name("pause.session.json").read_text(encoding="utf-8").replace('"sha256": "', '"sha256": "0'),
        encoding="utf-8",
    )
    checked = pipeline.verify(alone, listen=Echo())
    assert finding(checked)[0] == "skipped"
    assert checked.listening is None


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Another package's recogniser; makes the name of one that hears some texts."""
    facts = tmp_path / "site" / "parrot-1.0.dist-info"
    facts.mkdir(parents=True)
    (tmp_path / "site" / "parrot_recogniser.py").write_text(PLUGIN, encoding="utf-8")
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[breathmark.recognisers]\nparrot = parrot_recogniser:Parrot\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.delitem(sys.modules, "parrot_recogniser", raising=False)

    def model(*texts: str) -> str:
        (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        return f"parrot:{tmp_path / 'texts.json'}"

    return model


def test_the_command_keeps_private_sentences_to_itself(
    rendered: Path, parrot: Callable[..., str], command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Where its output goes to a file: neither as text nor as data; the others are printed with their time."""
    heard = ("You might let your eyes rest, for ten minutes.", "sing a song xenia", "loud noise here")
    done = command("verify", rendered, "--listen", parrot(*heard))
    assert done.returncode == 5
    assert "2 of 3 sentences heard differently" in done.stdout
    assert "a sentence with a private value" in done.stdout
    assert "written  Breathe out.\n" in done.stdout
    assert "heard    loud noise here" in done.stdout
    assert "enia" not in done.stdout + done.stderr
    done = command("verify", rendered, "--json", "--listen", parrot(*heard))
    (data,) = json.loads(done.stdout)
    private, public = data["listening"]["misheard"]
    assert (private["private"], private["text"], private["heard"]) == (True, "", "")
    assert (public["text"], public["heard"], public["words_apart"]) == ("Breathe out.", "loud noise here", 3)
    assert "enia" not in done.stdout


def test_a_missing_model_is_reported_and_never_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that fetches it; a mistyped name gets a proposal, a folder says what it lacks."""
    pytest.importorskip("faster_whisper")
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(AssetError, match="the model base is not on this machine") as error:
        open_recogniser("base")
    assert "download_model('base')" in error.value.hint
    assert not (tmp_path / "hub").exists()
    with pytest.raises(RequestError, match="there is no model bsae") as mistyped:
        open_recogniser("bsae")
    assert mistyped.value.hint == "did you mean base?"
    with pytest.raises(AssetError, match=r"lacks model\.bin and config\.json and tokenizer\.json"):
        open_recogniser(str(tmp_path))


@pytest.mark.slow
@pytest.mark.skipif("LISTEN_MODEL" not in os.environ, reason="LISTEN_MODEL names no model of Whisper")
def test_whisper_hears_what_a_voice_says(tmp_path: Path) -> None:
    """A real model, such as `base`, on a real voice: the text passes, and another text does not."""
    (tmp_path / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    (tmp_path / "pause.yaml").write_text(SCRIPT, encoding="utf-8")
    options = Options(voice="hibari:heart", ambience="none", cache=tmp_path / "cache")
    output = pipeline.render(tmp_path / "pause.yaml", tmp_path / "pause.mp3", options).path
    recogniser = open_recogniser(os.environ["LISTEN_MODEL"])
    assert finding(pipeline.verify(output, listen=recogniser)) == ("pass", "0 of 3 sentences heard differently")
    record = read_record(output)
    other = replace(record, speech=tuple(replace(each, text="Now open both windows.") for each in record.speech))
    assert len(listen(output, other, recogniser).misheard) == 3
