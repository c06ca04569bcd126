"""Every command: what it prints, what it writes, and the code that it ends with."""

from __future__ import annotations

import json
import re
import subprocess
import wave
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

Command: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

SCRIPT = """\
title: A Small Pause
length: 28s..30s..36s
pacing: {sentence: 300ms..1s..3s, segment: 1s..2s..6s}
ambience: soft-rain
variables:
  name: {default: "", max_length: 24}
  mood: {default: calm, choices: [calm, low]}
segments:
  - bell: {name: chime, rest: 2s}
  - title: Welcome
    say: |
      Welcome{% if name %}, {{ name }}{% endif %}. {% if mood == "low" %}It is fine to be low.{% endif %}
      Whatever you choose is fine.
  - title: Resting
    silence: 1s..5s..1m
  - title: Coming back
    say: Move a little.
  - bell: {name: chime, rest: 2s}
"""
AMBIENCES = (
    "room-tone", "brown-noise", "soft-rain", "slow-sea", "warm-pad", "low-drone", "light-wind", "evening-birds",
    "forest-air",
)  # fmt: skip
SIDECARS = {".labels.txt", ".chapters.json", ".txt", ".vtt", ".session.json"}


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the current folder, which is a project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    path = tmp_path / "pause.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def data(done: subprocess.CompletedProcess[str]) -> Any:  # noqa: ANN401 — JSON
    """What a command printed with ``--json``, which has to be all that it printed."""
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def ok(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that worked printed."""
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_new_writes_a_meditation_that_works(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no fault, it can be planned at the length that is proposed, and an older file is never written over."""
    monkeypatch.chdir(tmp_path)
    said = ok(command("new", "meditation", "evening.yaml"))
    assert "breathmark render evening.yaml --length 12m" in said
    assert "possible lengths" in ok(command("check", "evening.yaml", "--strict", "--voice", "tone"))
    assert data(command("plan", "evening.yaml", "--length", "12m", "--voice", "tone", "--json"))["duration_s"] == 720
    head = (tmp_path / "evening.yaml").read_text(encoding="utf-8").splitlines()[0]
    schema = json.loads((tmp_path / head.partition("$schema=")[2]).read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load((tmp_path / "evening.yaml").read_text(encoding="utf-8")), schema)
    (tmp_path / "evening.yaml").write_text("mine", encoding="utf-8")
    again = command("new", "meditation", "evening.yaml")
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    assert (tmp_path / "evening.yaml").read_text(encoding="utf-8") == "mine"
    assert command("new", "meditation", "evening.txt").returncode == 2


def test_check_tells_lengths_or_faults(script: Path, command: Command) -> None:
    """As text and as data, for several files and for a folder; with a fault it ends with 2."""
    assert ok(command("check", script)).startswith(f"{script}: possible lengths 0:")
    found = data(command("check", script, "--json"))["scripts"][0]
    assert found["problems"] == []
    assert found["feasible"][0]["min_frames"] > 0
    assert "≈" in ok(command("check", script, "--estimate"))
    broken = script.with_name("broken.yaml")
    broken.write_text(SCRIPT.replace("\nlength:", "\nlenght:"), encoding="utf-8")
    for words in ((script, broken), (script.parent,)):
        done = command("check", *words)
        assert done.returncode == 2
        assert f"{broken}:2:1: " in done.stdout
        assert "did you mean `length`?" in done.stdout
        assert f"{script}: possible lengths" in done.stdout
    quiet = command("check", script, "-q")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    done = command("check", broken, "--json")
    assert (done.returncode, done.stderr) == (2, "")
    (problem,) = json.loads(done.stdout)["scripts"][0]["problems"]
    assert (problem["line"], problem["column"], problem["severity"]) == (2, 1, "error")


def test_check_tells_a_length_out_of_reach_and_goes_on(script: Path, command: Command) -> None:
    """It stands at ``length:``, and the next script's faults are told too; the project's preset has to exist."""
    first, second = script.with_name("1.yaml"), script.with_name("2.yaml")
    first.write_text("# A note.\ntitle: A\nlength: 20m..30m..40m\nsegments:\n  - say: Hello.\n", encoding="utf-8")
    second.write_text(SCRIPT.replace("\nlength:", "\nlenght:"), encoding="utf-8")
    done = command("check", first, second, "--estimate")
    assert (done.returncode, done.stderr) == (2, "")
    assert f"{first}:3:9: error: 20:00, 30:00 and 40:00 can't be reached" in done.stdout
    assert done.stdout.count("0:00 can't be reached") == 1
    assert f"{second}:2:1: " in done.stdout
    script.with_name("breathmark.yaml").write_text("preset: podcats\n", encoding="utf-8")
    done = command("check", script, "--estimate")
    assert done.returncode == 2
    assert re.search(r"breathmark\.yaml:1:9: error: there is no preset 'podcats' .did you mean podcast", done.stdout)


@pytest.mark.slow
def test_verbose_tells_what_each_stage_does(script: Path, command: Command) -> None:
    """On standard error: the voice, the layout, the file; and no sentence of the script."""
    told = command("render", script, "--length", "30s", "-o", "told.wav", "-v").stderr
    for piece in ("tone:tone speaks", "laid out to 30.000 s", "encoding told.wav"):
        assert piece in told
    assert "Move a little" not in told


def test_check_strictly(script: Path, command: Command) -> None:
    """A warning is printed, and an error under ``--strict``, for ``render`` too."""
    script.write_text(SCRIPT.replace("Move a little.", "Move a little. [softly]"), encoding="utf-8")
    assert "warning: " in ok(command("check", script))
    assert command("check", script, "--strict").returncode == 2
    assert "warning: " in command("render", script, "-o", "a.wav").stderr
    assert command("render", script, "--strict", "-o", "b.wav").returncode == 2
    assert not script.with_name("b.wav").exists()


def test_plan_as_table_data_and_picture(script: Path, command: Command) -> None:
    """All tell the same session."""
    table = ok(command("plan", script, "--length", "30s"))
    for piece in ("A Small Pause", "0:30", "Welcome", "Resting", "Coming back", "possible lengths"):
        assert piece in table
    laid_out = data(command("plan", script, "--length", "30s", "--json", "--svg", "a.svg"))
    assert (laid_out["frames"], laid_out["rate_hz"], laid_out["estimated"]) == (30 * 44_100, 44_100, False)
    assert len(laid_out["speech"]) == 3
    assert len(laid_out["bells"]) == 2
    picture = ET.parse(script.with_name("a.svg")).getroot()  # noqa: S314 — our own
    assert picture.tag.endswith("svg")
    assert "Resting" in "".join(picture.itertext())


def test_plan_by_estimate_speaks_nothing(script: Path, command: Command) -> None:
    """Every figure is marked, and no cache is made."""
    cache = script.with_name("cache")
    table = ok(command("plan", script, "--estimate", "--cache", cache, "--svg", "guess.svg"))
    times = re.findall(r"(≈ )?\d+[:.]\d", table)
    assert len(times) > 15
    assert all(times)
    assert "≈ all times are estimates" in script.with_name("guess.svg").read_text(encoding="utf-8")
    assert data(command("plan", script, "--estimate", "--cache", cache, "--json"))["estimated"] is True
    assert not cache.exists()


def test_render_writes_six_files_into_dist(script: Path, command: Command) -> None:
    """Under a name that tells script and length, where nothing else is said."""
    said = ok(command("render", script, "--length", "30s"))
    assert "0:30" in said
    assert "LUFS" in said
    audio = script.parent / "dist" / "pause-0m30s.mp3"
    assert {path.name for path in audio.parent.iterdir()} == {audio.name, *(audio.stem + each for each in SIDECARS)}


def test_render_quietly_and_as_data(script: Path, command: Command) -> None:
    """``-q`` prints nothing at all; ``--json`` prints data alone."""
    done = command("render", script, "-o", "a.wav", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    made = data(command("render", script, "-o", "a.flac", "--length", "35s", "--json"))
    assert (made["path"], made["frames"]) == ("a.flac", 35 * 44_100)
    assert made["voice_lufs"] == pytest.approx(-16, abs=0.1)
    assert len(made["beside"]) == 5


def test_render_with_every_option(script: Path, command: Command) -> None:
    """Each does what its help says; ``session.json`` and the files beside it show that."""
    script.with_name("values.yaml").write_text("mood: low\nname: Robin\n", encoding="utf-8")
    words = ("--length", "36s", "--voice", "tone:tone", "--ambience", "brown-noise", "--no-bell", "--set", "name=Ana")
    more = ("--vars", "values.yaml", "--preset", "spotify", "--bitrate", "V2", "--cache", "cache", "--jobs", "1")
    made = data(command("render", script, *words, *more, "--format", "mp3", "-o", "all.mp3", "--json"))
    assert made["frames"] == 36 * 44_100
    assert made["voice_lufs"] == pytest.approx(-14, abs=0.1)
    said = json.loads(script.with_name("all.session.json").read_text(encoding="utf-8"))
    assert said["bells"] == []
    assert (said["preset"]["name"], said["preset"]["bitrate"]) == ("spotify", "V2")
    assert said["settings"] == {"ambience": "brown-noise", "bells": "off", "voice": "tone:tone"}
    assert said["loudness"]["ambience_lufs"] is not None
    spoken = script.with_name("all.txt").read_text(encoding="utf-8")
    assert "Welcome, Ana." in spoken
    assert "It is fine to be low." in spoken
    assert any(script.with_name("cache").iterdir())


def test_render_a_part(script: Path, command: Command) -> None:
    """``--only`` one segment, ``--from`` one on; a near miss is told."""
    ok(command("render", script, "--only", "Welcome", "-o", "only.wav"))
    spoken = script.with_name("only.txt").read_text(encoding="utf-8")
    assert "Welcome." in spoken
    assert "Move a little." not in spoken
    ok(command("render", script, "--from", "Coming back", "-o", "from.wav"))
    spoken = script.with_name("from.txt").read_text(encoding="utf-8")
    assert "Welcome." not in spoken
    assert "Move a little." in spoken
    missed = command("render", script, "--only", "Welcom", "-o", "x.wav")
    assert (missed.returncode, "Welcome" in missed.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("render",), 2),
        (("rendr", "pause.yaml"), 2),
        (("render", "pause.yaml", "--lenght", "1m"), 2),
        (("render", "pause.yaml", "--length", "soon"), 2),
        (("render", "pause.yaml", "--length", "-5m"), 2),
        (("render", "pause.yaml", "--length", "5h"), 2),
        (("render", "pause.yaml", "--set", "nobody=x"), 2),
        (("render", "pause.yaml", "--set", "mood"), 2),
        (("render", "pause.yaml", "--set", "mood=angry"), 2),
        (("render", "pause.yaml", "--vars", "none.json"), 2),
        (("render", "pause.yaml", "--vars", "pause.yaml"), 2),
        (("render", "pause.yaml", "--preset", "radio"), 2),
        (("render", "pause.yaml", "--bitrate", "129k"), 2),
        (("render", "pause.yaml", "--format", "mp3", "-o", "a.wav"), 2),
        (("render", "pause.yaml", "-o", "a.mid"), 2),
        (("render", "pause.yaml", "-o", "a"), 2),
        (("render", "none.yaml"), 2),
        (("render", "."), 2),
        (("check", "none.yaml"), 2),
        (("render", "pause.yaml", "--jobs", "0"), 2),
        (("render", "pause.yaml", "--ambience", "no-such-sound"), 2),
        (("sounds", "try", "no-such-sound"), 3),
        (("render", "pause.yaml", "--voice", "no-such:voice"), 4),
        (("voices", "try", "no-such:voice"), 4),
        (("sounds", "try", "chime", "-o", "a.mp3"), 2),
        (("cache", "prune", "--older-than", "soon"), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_can_not_be_done(words: tuple[str, ...], code: int, script: Path, command: Command) -> None:
    """A message on standard error alone, the exit code of its kind, and no file."""
    before = sorted(script.parent.rglob("*"))
    done = command(*words, "--cache", "cache") if words[0] in {"render", "check"} else command(*words)
    assert done.returncode == code, done.stderr
    shown = done.stdout if words[0] == "check" else done.stderr
    assert len(shown.strip()) > 20
    assert words[0] == "check" or done.stdout == ""
    assert "Traceback" not in done.stderr
    after = [path for path in sorted(script.parent.rglob("*")) if "cache" not in path.relative_to(script.parent).parts]
    assert after == before


def test_voices(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed as text and data, by language; each of the three speaks into a file."""
    monkeypatch.chdir(tmp_path)
    assert "piper:joe" in ok(command("voices", "list"))
    spanish = ok(command("voices", "list", "--language", "es"))
    assert "pyttsx3:es" in spanish
    assert "piper:joe" not in spanish
    narrators = {each["narrator"]: each for each in data(command("voices", "list", "--json"))}
    assert {"piper", "pyttsx3", "tone"} <= set(narrators)
    assert len(narrators["pyttsx3"]["voices"]) > 50
    for voice in ("tone", "pyttsx3", "piper"):
        path = tmp_path / ok(command("voices", "try", voice, "--text", "Here is a breath.")).strip()
        with wave.open(str(path)) as file:
            assert 0.4 < file.getnframes() / file.getframerate() < 5


def test_a_word_can_be_heard_before_it_is_respelt(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As written and as the project's lexicon, else Breathmark's own, has it; two things at once are refused."""
    monkeypatch.chdir(tmp_path)
    done = command("voices", "try", "pyttsx3", "--word", "metta")
    assert "says “metta” first as it is written, then as “met-tah”" in done.stderr
    assert (tmp_path / ok(done).strip()).is_file()
    (tmp_path / "lexicon.yaml").write_text("en: {metta: may-tah}\n")
    assert "then as “may-tah”" in command("voices", "try", "pyttsx3", "--word", "metta").stderr
    assert command("voices", "try", "pyttsx3", "--word", "metta", "--text", "Metta.").returncode == 2


def test_sounds(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed as text and data with their licences; one of each kind can be tried."""
    monkeypatch.chdir(tmp_path)
    names = {each["name"]: each for each in data(command("sounds", "list", "--json"))}
    listed = ok(command("sounds", "list"))
    for name in (*AMBIENCES, "singing-bowl", "tingsha", "chime"):
        assert name in listed
        assert names[name]["licence"] == "CC0-1.0"
    for name, low_s, high_s in (("soft-rain", 30, 30), ("chime", 2, 30)):
        path = tmp_path / ok(command("sounds", "try", name)).strip()
        with wave.open(str(path)) as file:
            assert low_s <= file.getnframes() / file.getframerate() <= high_s


def test_cache(script: Path, command: Command, breathmark: Command) -> None:
    """Told, pruned by age and size, and cleared only when asked to."""
    where = ("--cache", "cache")
    ok(command("plan", script, *where, "--set", "name=Ana"))
    held = data(command("cache", "info", *where, "--json"))
    assert held["clips"] >= 3
    assert held["private_clips"] == 1
    assert "private" in ok(command("cache", "info", *where))
    assert "Removed 0 sentences" in ok(command("cache", "prune", *where, "--older-than", "1d"))
    assert data(command("cache", "info", *where, "--json"))["clips"] == held["clips"]
    ok(command("cache", "prune", *where, "--bigger-than", "0"))
    assert data(command("cache", "info", *where, "--json"))["clips"] == 0
    ok(command("plan", script, *where))
    for answer in ("n\n", ""):
        refused = breathmark("cache", "clear", *where, input=answer, cwd=script.parent)
        assert (refused.returncode, "nothing was removed" in refused.stderr) == (2, True)
    assert data(command("cache", "info", *where, "--json"))["clips"] >= 3
    ok(command("cache", "clear", *where, "--yes"))
    held = data(command("cache", "info", *where, "--json"))
    assert (held["clips"], held["private_clips"]) == (0, 0)


@pytest.mark.parametrize("which", ["script", "part", "settings", "lexicon"])
def test_schema(which: str, command: Command) -> None:
    """A schema by the meta-schema's rules."""
    printed = json.loads(ok(command("schema", which)))
    jsonschema.validators.validator_for(printed).check_schema(printed)


def test_the_schema_is_that_of_scripts(command: Command, script: Path) -> None:
    """It takes the script of these tests, and refuses a misspelt key."""
    printed = json.loads(ok(command("schema")))
    good = yaml.safe_load(script.read_text(encoding="utf-8"))
    jsonschema.validate(good, printed)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(good | {"lenght": "5m"}, printed)


def test_verbose_tells_what_happens(breathmark: Command, script: Path) -> None:
    """On standard error, so that the data on standard output stays data."""
    done = breathmark("plan", script, "-v", "--json", cwd=script.parent)
    assert "speaks" in done.stderr
    assert json.loads(done.stdout)["frames"]


def test_progress_is_plain_where_there_is_no_terminal(breathmark: Command, script: Path) -> None:
    """A line for each stage, and no control character."""
    alone = ("--ambience", "none", "--no-bell")  # so that no level has to be remarked on
    done = breathmark("render", script, "-o", "a.wav", "--cache", "cache", *alone, cwd=script.parent)
    assert done.stderr.splitlines() == ["Speaking ...", "Rendering ..."]
    assert "\x1b" not in done.stdout + done.stderr
    assert "\r" not in done.stdout + done.stderr
