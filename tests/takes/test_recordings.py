"""The teacher's own recordings: the sheet, one long recording cut into takes, and a session rendered from them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
import soundfile
import yaml

from breathmark.audio.ffmpeg import ffmpeg_path, read
from breathmark.audio.loudness import gated_lufs
from breathmark.audio.pcm import Format
from breathmark.speech.contract import sentence_id
from breathmark.takes.recorded import take_name

from .reading_aloud import RATE_HZ, SENTENCES, read_aloud, room, spoken, write_wav

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Command: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the reader is eSpeak NG of Linux")

SCRIPT = """\
title: A <Small> Pause
length: 15s..40s..5m
voice: recorded
pacing: {sentence: 300ms..1s..8s, segment: 1s..2s..16s}
variables:
  name: {default: "", max_length: 24}
  mood: {default: calm, choices: [calm, low]}
  deep: {default: no, type: flag}
segments:
  - title: Welcome
    say: |
      Welcome to this quiet time{% if name %}, {{ name }}{% endif %}.
      {% if mood == "low" %}Feel your feet.{% if deep %} All of that is fine.{% endif %}{% endif %}
      [note: softly & slowly] Let your eyes rest, or keep them open.
  - title: More
    optional: {from: 60s}
    say: Nothing has to change.
  - title: Another voice
    voice: {name: tone}
    say: Hum.
  - title: Goodbye
    say: Goodbye for now.
"""
NEEDED = (
    "Welcome to this quiet time.",
    "Feel your feet.",
    "All of that is fine.",
    "Let your eyes rest, or keep them open.",
    "Nothing has to change.",
    "Goodbye for now.",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a script, whose takes are in ``takes``; it is the current folder.

    Clips get no times of words (speech/test_word_alignment.py), for which each command would load another voice.
    """
    monkeypatch.setattr("breathmark.speech.orders._REFERENCES", ())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breathmark.yaml").write_text("narrators: {recorded: {folder: takes}}\n", encoding="utf-8")
    (tmp_path / "pause.yaml").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "takes").mkdir()
    return tmp_path


def record(folder: Path, text: str, *, mark: str = "", gain: float = 1.0, room_dbfs: float = -62.0) -> Path:
    """A take, as a microphone in a room gives it."""
    sound = np.concatenate([np.zeros(RATE_HZ // 2, np.float32), spoken(text), np.zeros(RATE_HZ // 2, np.float32)])
    sound = sound * np.float32(gain) + room(len(sound), room_dbfs)
    return write_wav(folder / f"{take_name(1, text)}{mark}.wav", sound)


def data(done: subprocess.CompletedProcess[str]) -> Any:  # noqa: ANN401 - JSON
    """What a command printed as data."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_sheet_has_what_any_length_and_choice_needs(project: Path, command: Command) -> None:
    """Optional segments and combinations of choices too, in the order of the text; no name, no other voice."""
    listing = data(command("takes", "list", "pause.yaml", "--json", "--html", "sheet.html"))
    assert [each["text"] for each in listing["sentences"]] == list(NEEDED)
    assert [each["number"] for each in listing["sentences"]] == [1, 2, 3, 4, 5, 6]
    assert listing["sentences"][2]["when"] == "mood = low, deep = yes"
    assert listing["sentences"][1]["before"] == NEEDED[0]
    assert listing["with_values"] == 1
    assert listing["elsewhere"] == 1
    sheet = (project / "sheet.html").read_text("utf-8")
    assert "A &lt;Small&gt; Pause" in sheet
    assert all(text in sheet for text in NEEDED)
    assert "Robin" not in sheet
    note = sheet.index('<p class="note">softly &amp; slowly</p>')
    assert sheet.index("All of that is fine.") < note < sheet.index("Let your eyes rest")


def test_with_a_value_its_sentence_is_listed(project: Path, command: Command) -> None:
    """So that a session for one person can be recorded; the sheet is then nobody else's to read."""
    done = command("takes", "list", "pause.yaml", "--set", "name=Ana", "--html", "sheet.html")
    assert "Welcome to this quiet time, Ana." in done.stdout
    assert (project / "sheet.html").stat().st_mode & 0o077 == 0


def test_a_changed_sentence_makes_its_take_stale(project: Path, command: Command) -> None:
    """The take is listed, the sentence is missing; moving sentences about changes nothing."""
    for text in NEEDED:
        record(project / "takes", text)
    assert "6 of 6 sentences recorded" in command("takes", "list", "pause.yaml").stdout
    moved = yaml.safe_load(SCRIPT)
    moved["segments"].reverse()
    (project / "pause.yaml").write_text(yaml.safe_dump(moved), encoding="utf-8")
    assert "6 of 6 sentences recorded" in command("takes", "list", "pause.yaml").stdout
    (project / "pause.yaml").write_text(SCRIPT.replace("Nothing has to change", "Nothing must change"), "utf-8")
    listing = data(command("takes", "list", "pause.yaml", "--json"))
    assert [each["text"] for each in listing["sentences"] if not each["take"]] == ["Nothing must change."]
    assert [Path(each).name for each in listing["stale"]] == [f"{take_name(1, NEEDED[4])}.wav"]


def test_takes_that_hold_nothing_are_listed_with_that(project: Path, command: Command) -> None:
    """One without speech has no loudness, and one that can't be played no measurements; the others have theirs."""
    silent = write_wav(project / "takes" / f"{take_name(1, NEEDED[0])}.wav", np.zeros(RATE_HZ, np.float32))
    (project / "takes" / f"{take_name(2, NEEDED[1])}.wav").write_bytes(silent.read_bytes()[:44])
    first, second, third, *_ = data(command("takes", "list", "pause.yaml", "--json"))["sentences"]
    assert (first["quality"]["lufs"], first["faults"]) == (None, ["holds no speech"])
    assert (second["quality"], second["faults"]) == (None, ["can't be played: record it again, or remove it"])
    assert not third["faults"]


def test_takes_are_measured(project: Path, command: Command) -> None:
    """One that clips, one that is too quiet and one in a loud room are named with figures; a good one is not."""
    folder = project / "takes"
    record(folder, NEEDED[0])
    record(folder, NEEDED[1], gain=12.0)
    record(folder, NEEDED[2], gain=0.01, room_dbfs=-100)
    record(folder, NEEDED[3], room_dbfs=-40)
    listing = data(command("takes", "list", "pause.yaml", "--json"))
    faults = {each["text"]: " ".join(each["faults"]) for each in listing["sentences"]}
    assert faults[NEEDED[0]] == ""
    assert "clips: " in faults[NEEDED[1]]
    assert "too quiet" in faults[NEEDED[2]]
    assert "is noisy" in faults[NEEDED[3]]
    assert listing["sentences"][0]["quality"]["room_lufs"] == pytest.approx(-62, abs=2)
    assert listing["sentences"][3]["quality"]["room_lufs"] - listing["sentences"][0]["quality"]["room_lufs"] == (
        pytest.approx(22, abs=1.5)
    )


def test_the_newest_take_counts_or_the_marked_one(project: Path, command: Command) -> None:
    """Whatever their names sort like."""
    first = record(project / "takes", NEEDED[0], mark="-b")
    second = record(project / "takes", NEEDED[0], mark="-a")
    os.utime(first, (1_000, 1_000))

    def chosen() -> str:
        listing = data(command("takes", "list", "pause.yaml", "--json"))
        assert listing["sentences"][0]["takes"] >= 2
        return Path(listing["sentences"][0]["take"]).name

    assert chosen() == second.name
    os.utime(first)
    os.utime(second, (1_000, 1_000))
    assert chosen() == first.name
    marked = record(project / "takes", NEEDED[0], mark=".best")
    os.utime(marked, (500, 500))
    assert chosen() == marked.name


def test_what_is_missing_is_listed_and_refused(project: Path, command: Command) -> None:
    """With exit code 4, all at once, and without a file."""
    for text in (NEEDED[0], NEEDED[3]):
        record(project / "takes", text)
    done = command("render", "pause.yaml", "-o", "a.mp3")
    assert done.returncode == 4
    assert "2 sentences were never recorded" in done.stderr
    assert NEEDED[4] in done.stderr
    assert f"{sentence_id(NEEDED[5])}  {NEEDED[5]}" in done.stderr
    assert not (project / "a.mp3").exists()


def test_a_stand_in_speaks_only_if_asked_and_the_result_says_so(project: Path, command: Command) -> None:
    """On the screen, as data and in session.json; what is not in this length is not reported."""
    for text in (NEEDED[0], NEEDED[3]):
        record(project / "takes", text)
    words = ("render", "pause.yaml", "--stand-in", "pyttsx3:en-us", "-o", "a.mp3")
    done = command(*words)
    assert done.returncode == 0, done.stderr
    assert "pyttsx3:en-us stood in for 1 sentence" in done.stdout
    expected = {"voice": "pyttsx3:en-us", "sentences": [NEEDED[5]]}
    assert json.loads((project / "a.session.json").read_text("utf-8"))["stand_in"] == expected
    assert data(command(*words, "--json"))["stand_in"] == expected


def test_a_session_from_takes_is_exact_and_level(project: Path, command: Command) -> None:
    """To the frame; the voice at the preset's loudness, though takes were recorded 12 dB apart, in any format."""
    for number, text in enumerate(NEEDED):
        path = record(project / "takes", text, gain=(1.0, 0.25)[number % 2], room_dbfs=-70)
        other = path.with_suffix((".wav", ".m4a", ".ogg", ".flac", ".mp3", ".aiff")[number])
        if other != path:
            subprocess.run([ffmpeg_path(), "-v", "error", "-i", path, other], check=True)
            path.unlink()
    done = data(command("render", "pause.yaml", "--length", "70s", "--preset", "podcast", "-o", "a.wav", "--json"))
    assert done["frames"] == 70 * done["rate_hz"]
    samples = read(project / "a.wav", Format(rate_hz=done["rate_hz"], channels=2))
    assert len(samples) == done["frames"]
    assert gated_lufs(samples, done["rate_hz"]) == pytest.approx(-16, abs=0.3)
    assert done["stand_in"] is None
    session = json.loads((project / "a.session.json").read_text("utf-8"))
    assert "stand_in" not in session
    levels = [
        gated_lufs(samples[each["start_frame"] : each["start_frame"] + each["frames"]], done["rate_hz"])
        for each in session["speech"]
        if each["text"] != "Hum."
    ]
    assert max(levels) - min(levels) < 2


@pytest.mark.slow
def test_a_lexicon_makes_no_take_stale(project: Path, command: Command) -> None:
    """It is for engines; a teacher knows how to say a word."""
    for text in NEEDED:
        record(project / "takes", text)
    (project / "lexicon.yaml").write_text("en: {quiet: kwai-et}\n", encoding="utf-8")
    assert "6 of 6 sentences recorded" in command("takes", "list", "pause.yaml").stdout
    assert command("plan", "pause.yaml").returncode == 0


@pytest.mark.slow
def test_one_new_take_makes_one_clip_anew(project: Path, command: Command, tmp_path: Path) -> None:
    """The others come from the cache; and a take with the same content under another name changes nothing."""
    for text in NEEDED:
        record(project / "takes", text)
    cache = tmp_path / "own-cache"
    words = ("render", "pause.yaml", "--cache", str(cache), "-o", "a.wav")

    def clips() -> set[Path]:
        assert command(*words).returncode == 0
        return set(cache.rglob("*.wav"))

    first = clips()
    for path in (project / "takes").iterdir():
        path.rename(path.with_name(f"x-{path.name}"))
    assert clips() == first
    record(project / "takes", NEEDED[0], gain=0.9)
    assert len(clips() - first) == 1


def notes(cache: Path) -> set[str]:
    """What was noted of files in a cache."""
    return {path.name for path in cache.glob("models/*.json")}


@pytest.mark.slow
def test_notes_lie_in_the_cache_that_was_chosen(
    project: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measurements of takes are noted nowhere else, by a list as by a plan."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path / "usual"))
    for text in NEEDED:
        record(project / "takes", text)
    for words, taken in ((("takes", "list", "pause.yaml"), 6), (("plan", "pause.yaml"), 4)):
        own = tmp_path / f"chosen-{words[0]}"
        assert command(*words, "--cache", own).returncode == 0
        assert sum(name.startswith("take-") for name in notes(own)) == len(notes(own)) == taken
    assert not (tmp_path / "usual").exists()


def test_a_voice_that_fails_is_not_a_voice_that_is_missing(project: Path, command: Command) -> None:
    """A lack of models is reported where the language has none; a cache that can't be written ends the split."""
    sentences = ("Feel your left hand.", "Goodbye.")
    write_wav(project / "long.wav", read_aloud(sentences, [0, 1])[0])
    script = long_script(project, sentences)
    (project / "file").write_text("no folder", encoding="utf-8")
    failed = command("takes", "split", "long.wav", "long.yaml", "--cache", project / "file")
    assert (failed.returncode, "can't be written" in failed.stderr) == (4, True)
    assert list((project / "takes").iterdir()) == []
    script.write_text("language: tlh\n" + script.read_text("utf-8"), encoding="utf-8")
    assert data(command("takes", "split", "long.wav", "long.yaml", "--json"))["compared"] is False


def long_script(folder: Path, sentences: tuple[str, ...] = SENTENCES) -> Path:
    """A script of the sentences."""
    path = folder / "long.yaml"
    script = {"title": "Long", "voice": "recorded", "segments": [{"title": "All", "say": "\n".join(sentences)}]}
    path.write_text(yaml.safe_dump(script), encoding="utf-8")
    return path


def check_cuts(report: Any, order: list[int], reads: Any, whole: NDArray[np.float32]) -> None:  # noqa: ANN401 - JSON
    """Every reading is the right sentence, its edges within 50 ms, and nothing of it lies outside its file."""
    assert [each["text"] for each in report["takes"]] == [SENTENCES[each] for each in order]
    for found, true in zip(report["takes"], reads, strict=True):
        assert found["doubts"] == []
        assert abs(found["start_s"] - true.start_s) <= 0.05, found
        assert abs(found["end_s"] - true.end_s) <= 0.05, found
    first = report["takes"][0]
    file = read(Path(first["file"]), Format(rate_hz=RATE_HZ, channels=1)).reshape(-1)
    start = round(max(0.0, first["start_s"] - 0.25) * RATE_HZ)
    assert np.corrcoef(file, whole[start : start + len(file)])[0, 1] > 0.98


@pytest.mark.parametrize("quieter_db", [0, pytest.param(40, marks=pytest.mark.slow)])
def test_a_short_recording_is_split(quieter_db: float, project: Path, command: Command) -> None:
    """Skipped, doubled, a cough: each is reported at any level."""
    order = [0, 1, 2, 3, 3, 4, 6, 7]
    whole, reads = read_aloud(SENTENCES, order)
    cough = round((reads[5].end_s + reads[6].start_s) / 2 * RATE_HZ)
    whole[cough : cough + 2000] += room(2000, -25, seed=3)
    soundfile.write(project / "long.wav", whole * 10 ** (-quieter_db / 20), RATE_HZ, "PCM_24")
    long_script(project, SENTENCES[:8])
    done = command("takes", "split", "long.wav", "long.yaml")
    assert done.returncode == 0, done.stderr
    assert "7 of 8 sentences found, 8 takes in" in done.stdout
    assert f"skipped: 6 “{SENTENCES[5]}”, expected between" in done.stdout
    assert f"read again: 4 “{SENTENCES[3]}”, at 0:" in done.stdout
    assert "left out: a sound at" in done.stdout
    listing = data(command("takes", "list", "long.yaml", "--json"))
    assert [each["number"] for each in listing["sentences"] if not each["take"]] == [6]
    assert "take2" in listing["sentences"][3]["take"]


def test_takes_that_are_there_are_not_written_over(project: Path, command: Command) -> None:
    """The same recording once more gives as many takes again."""
    whole, _ = read_aloud(SENTENCES, [0, 2])
    write_wav(project / "long.wav", whole)
    long_script(project, (SENTENCES[0], SENTENCES[2]))
    assert command("takes", "split", "long.wav", "long.yaml").returncode == 0
    before = {path: path.read_bytes() for path in (project / "takes").iterdir()}
    assert command("takes", "split", "long.wav", "long.yaml").returncode == 0
    assert {path: path.read_bytes() for path in before} == before
    assert len(list((project / "takes").iterdir())) == 2 * len(before) > 0


@pytest.mark.slow
def test_a_sentence_that_was_broken_off_is_no_take(project: Path, command: Command) -> None:
    """Begun, stopped in the middle and read from its beginning: the whole counts, and the half is not a take."""
    parts = [room(RATE_HZ, -62)]
    for number, text in enumerate(SENTENCES[:8]):
        sound = spoken(text)
        for part in (*([sound[: len(sound) // 2]] if number in (1, 4) else []), sound):
            parts += [part, np.zeros(round(1.5 * RATE_HZ), np.float32)]
    whole = np.concatenate(parts)
    write_wav(project / "long.wav", whole + room(len(whole), -62))
    long_script(project, SENTENCES[:8])
    report = data(command("takes", "split", "long.wav", "long.yaml", "--json"))
    assert [(each["number"], each["reading"], each["doubts"]) for each in report["takes"]] == [
        (number, 1, []) for number in range(1, 9)
    ]
    assert len(report["extras"]) == 2


@pytest.mark.slow
def test_a_half_that_was_never_finished_is_unsure(project: Path, command: Command) -> None:
    """Begun, stopped, and gone on with the next one: what there is of it is set apart."""
    parts = [room(RATE_HZ, -62)]
    for number, text in enumerate(SENTENCES[:8]):
        sound = spoken(text)
        parts += [sound[: len(sound) // 2] if number == 4 else sound, np.zeros(round(1.5 * RATE_HZ), np.float32)]
    whole = np.concatenate(parts)
    write_wav(project / "long.wav", whole + room(len(whole), -62))
    long_script(project, SENTENCES[:8])
    report = data(command("takes", "split", "long.wav", "long.yaml", "--json"))
    assert 5 not in {each["number"] for each in report["takes"] if not each["doubts"]}
    assert {1, 2, 3, 4, 7, 8} <= {each["number"] for each in report["takes"] if not each["doubts"]}


@pytest.mark.parametrize("sound", ["silence", "beeps", pytest.param("another sheet", marks=pytest.mark.slow)])
def test_a_recording_of_something_else_is_an_error(sound: str, project: Path, command: Command) -> None:
    """Of nothing, of no speech, of other words: reported in words, with the exit code of a voice, without warnings."""
    if sound == "another sheet":
        whole, _ = read_aloud(SENTENCES[20:28], range(8))
    else:
        beep = np.zeros(RATE_HZ, np.float32)
        beep[: RATE_HZ // 5] = 0.3 * np.sin(np.arange(RATE_HZ // 5) / 8) if sound == "beeps" else 0
        whole = np.tile(beep, 8)
    write_wav(project / "long.wav", whole)
    long_script(project, SENTENCES[:8])
    before = sorted(project.rglob("*.wav"))
    done = command("takes", "split", "long.wav", "long.yaml")
    assert done.returncode == 4
    assert "Warning" not in done.stderr
    assert ("nobody speaks in" if sound == "silence" else "is not a reading of this script's sheet") in done.stderr
    assert sorted(project.rglob("*.wav")) == before


def test_where_nothing_is_sure_the_report_ends_in_an_error(project: Path, command: Command) -> None:
    """Two equal words of which one was left out: what was cut is there to listen to, and no take counts."""
    whole, _ = read_aloud(("One.",), [0])
    write_wav(project / "long.wav", whole)
    long_script(project, ("One.", "Two."))
    done = command("takes", "split", "long.wav", "long.yaml")
    assert (done.returncode, "was found for certain in long.wav" in done.stderr) == (4, True)
    assert done.stdout.startswith("0 of 2 sentences found for certain\n")
    assert "unsure: " in done.stdout


def test_what_is_uncertain_is_reported_and_set_apart(project: Path, command: Command) -> None:
    """Where one word was said twice and another was left out, nothing is guessed silently."""
    sentences = ("Feel your left hand.", "Now come back to the room around you.", "One.", "Two.", "Three.", "Goodbye.")
    whole, _ = read_aloud(sentences, [0, 1, 2, 2, 4, 5])
    write_wav(project / "long.wav", whole)
    long_script(project, sentences)
    report = data(command("takes", "split", "long.wav", "long.yaml", "--json"))
    unsure = [each for each in report["takes"] if each["doubts"]]
    assert unsure
    assert all(Path(each["file"]).parent.name == "unsure" for each in unsure)
    numbers = {each["number"] for each in report["takes"] if not each["doubts"]}
    assert {1, 2, 6} <= numbers
    assert 4 not in numbers


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["hibari:heart", pytest.param("pyttsx3:en-us", marks=pytest.mark.nightly)])
def test_a_long_recording_is_split_to_fifty_milliseconds(voice: str, project: Path, command: Command) -> None:
    """64 sentences in a room at -62 dBFS, one skipped and one doubled: all matched, both at the right place."""
    order = [each for each in range(len(SENTENCES)) if each != 20]
    order.insert(order.index(41) + 1, 41)
    whole, reads = read_aloud(SENTENCES, order, voice=voice)
    write_wav(project / "long.wav", whole)
    long_script(project)
    report = data(command("takes", "split", "long.wav", "long.yaml", "--json"))
    check_cuts(report, order, reads, whole)
    assert report["skipped"] == [sentence_id(SENTENCES[20])]
    assert [each["number"] for each in report["takes"] if each["reading"] == 2] == [42]
    assert report["extras"] == []


@pytest.mark.nightly  # speech/test_ten_minutes.py does so from takes of eSpeak
def test_ten_minutes_from_one_long_recording(project: Path, command: Command) -> None:
    """A whole session of the takes that were cut from it: exact to the frame, the loudness within the preset."""
    whole, _ = read_aloud(SENTENCES, range(len(SENTENCES)), voice="hibari:heart")
    write_wav(project / "long.wav", whole)
    long_script(project)
    assert command("takes", "split", "long.wav", "long.yaml").returncode == 0
    done = data(command("render", "long.yaml", "--length", "7m", "-o", "a.mp3", "--json"))
    assert done["frames"] == 420 * done["rate_hz"]
    samples = read(project / "a.mp3", Format(rate_hz=done["rate_hz"], channels=2))
    assert len(samples) == done["frames"]
    assert gated_lufs(samples, done["rate_hz"]) == pytest.approx(-16, abs=0.3)
    assert done["remarks"] == []
