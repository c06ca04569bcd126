"""What listeners may set: their values are spoken, never obeyed, and stay where they belong."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from breathmark import Options, RequestError, ScriptError, render

from .material import SENTENCES, clip_files, small
from .measure import decoded, session

if TYPE_CHECKING:
    from pathlib import Path

Breathmark: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
NAME = "Ana-María O'Neil"
REFUSED = (
    "[pause 30s]", "{{ 7*7 }}", '<break time="9s"/>', "{% if 1 %}", "Ana [bell]", "a\nb", "a\x07b", "a\ue000b",
    "\u202eAna\x00", "}}", "a" * 25, "\\[5s]",
)  # fmt: skip


@pytest.mark.parametrize("value", REFUSED, ids=ascii)
def test_a_value_is_no_marker_and_no_template(value: str, tmp_path: Path) -> None:
    """It is refused before a word is spoken, and nothing is written."""
    script, cache = small(tmp_path), tmp_path / "cache"
    with pytest.raises((RequestError, ScriptError)) as caught:
        render(script, tmp_path / "out" / "a.wav", Options(voice="tone", cache=cache, values={"name": value}))
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()
    assert not cache.exists()


@pytest.mark.parametrize("value", ["[pause 30s]", "{{ 7*7 }}", '<break time="9s"/>'])
def test_the_command_refuses_it_too(value: str, command: Breathmark, tmp_path: Path) -> None:
    """By ``--set`` and by ``--vars``: exit 2, the variable is named, and what to do."""
    script, values = small(tmp_path), tmp_path / "values.json"
    values.write_text(json.dumps({"name": value}), encoding="utf-8")
    for words in (("--set", f"name={value}"), ("--vars", values)):
        done = command("render", script, "--voice", "tone", *words, "-o", tmp_path / "out" / "a.mp3")
        assert done.returncode == 2
        assert "name" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("voice", ["pyttsx3", pytest.param("piper", marks=pytest.mark.slow)])
def test_a_name_with_an_accent_an_apostrophe_and_a_hyphen_is_spoken(
    voice: str, command: Breathmark, tmp_path: Path
) -> None:
    """It stands in the transcript, sounds where ``session.json`` says, and is longer than the welcome without it."""
    script = small(tmp_path)
    spoken_frames = []
    for file, value in (("with", NAME), ("without", "")):
        path = tmp_path / f"{file}.wav"
        words = ("--voice", voice, "--set", f"name={value}", "--ambience", "none", "--no-bell")
        done = command("render", script, *words, "--cache", tmp_path / "cache", "-o", path)
        assert done.returncode == 0, done.stderr
        first = session(path)["speech"][0]
        sound = np.concatenate(list(decoded(path)))[first["start_frame"] :][: first["frames"]]
        assert float(np.sqrt(np.mean(sound**2))) > 0.01
        spoken_frames.append(first["frames"])
    assert f"Welcome, {NAME}." in (tmp_path / "with.txt").read_text(encoding="utf-8")
    assert "Welcome." in (tmp_path / "without.txt").read_text(encoding="utf-8")
    assert spoken_frames[0] > spoken_frames[1] + 0.5 * 44_100


def test_a_private_value_stays_where_it_belongs(breathmark: Breathmark, tmp_path: Path) -> None:
    """Not in the shared cache, in no name, tag, chapter or log; where it is spoken, only its owner reads it."""
    script, cache, out = small(tmp_path), tmp_path / "cache", tmp_path / "out"
    before = os.umask(0o022)
    try:
        done = breathmark(
            "render", script, "--voice", "pyttsx3", "--set", f"name={NAME}", "--cache", cache, "-v", "-o", out / "a.mp3"
        )
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    for piece in ("María", "O'Neil", "Ana"):
        assert piece not in done.stdout + done.stderr
        assert not [path for path in tmp_path.rglob("*") if piece in path.name]
        public = [out / name for name in ("a.mp3", "a.labels.txt", "a.chapters.json")]
        for path in [*public, *(cache / "clips").rglob("*.*")]:
            assert piece.encode() not in path.read_bytes()
    spoken = [out / "a.txt", out / "a.vtt", out / "a.session.json"]
    # Captions have a time stamp before each word.
    assert all(NAME in re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8")) for path in spoken)
    assert session(out / "a.mp3")["private"]
    shared = [path for path in clip_files(cache) if "clips" in path.relative_to(cache).parts]
    private = [path for path in clip_files(cache) if path not in shared]
    assert (len(shared), len(private)) == (SENTENCES, 1)
    for path in [*spoken, *private]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_value_leaves_no_trace_in_the_shared_cache(command: Breathmark, tmp_path: Path) -> None:
    """Two listeners share every sentence but their own; and a private sentence's name differs from cache to cache."""
    script = small(tmp_path)
    digests = []
    for cache in ("one", "two"):
        for name in ("Ana", "Robin"):
            words = ("--voice", "tone", "--set", f"name={name}", "--cache", tmp_path / cache, "--json")
            assert command("plan", script, *words).returncode == 0
        digests.append({path.name: "clips" in path.parts for path in clip_files(tmp_path / cache)})
    (one, two) = ({name for name, shared in each.items() if shared} for each in digests)
    assert one == two
    assert len(one) == SENTENCES
    assert len(digests[0]) == SENTENCES + 2
    assert not set(digests[0]) - one & set(digests[1])


def test_what_fails_keeps_the_value_to_itself(command: Breathmark, tmp_path: Path) -> None:
    """A length that can't be reached, a file that can't be written: the messages don't hold it."""
    script = small(tmp_path)
    words = ("render", script, "--voice", "tone", "--set", "name=Zebulon", "-v")
    for more in (("--length", "4h"), ("-o", script / "under-a-file.mp3"), ("--ambience", "no-such")):
        done = command(*words, "--cache", tmp_path / "cache", *more)
        assert done.returncode in {2, 3, 5}
        assert "Zebulon" not in done.stdout + done.stderr
