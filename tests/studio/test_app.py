"""The studio's routes: each answers with what the API says of the text on the page."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import struct
import sys
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from breathmark import Options
from breathmark.base.worker import job_progress
from breathmark.studio import work
from breathmark.studio.jobs import Jobs
from tests.end_to_end.measure import frames_by_ffmpeg
from tests.studio.serving import until

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.studio.workers import StudioWorkers
    from tests.studio.conftest import Page


def wav(seconds: float, rate_hz: int = 48_000) -> bytes:
    """A recording: speech-like noise between two quiet stretches."""
    noise = np.random.default_rng(1).normal(0, 3000, int(seconds * rate_hz))
    samples = np.concatenate([np.zeros(rate_hz // 2), noise, np.zeros(rate_hz // 2)]).astype("<i2")
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return data.getvalue()


def test_the_folder_is_listed_and_its_files_are_read(page: Page) -> None:
    """Scripts with their titles; a file's text with the mark that saving asks for."""
    project = page.client.get("/api/project").json()
    assert project["scripts"] == [{"path": "evening.yaml", "title": "Evening", "fault": ""}]
    opened = page.client.get("/api/file", params={"path": "evening.yaml"}).json()
    assert opened["text"].startswith("# Kept")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_script_that_can_t_be_opened_is_listed_with_its_fault(page: Page) -> None:
    """The others are listed all the same; a name that is not UTF-8 can't be shown."""
    bad = {
        "latin.yaml": "title: Süß\nsegments: []\n".encode("latin-1"),
        "utf16.yaml": "title: X\nsegments: []\n".encode("utf-16"),
        "large.yaml": b"title: X\nsegments: []\n" + b"#" * (513 * 1024),
        "a:b.yaml": b"title: X\nsegments: []\n",
        "a\\b.yaml": b"title: X\nsegments: []\n",
    }
    for name, data in bad.items():
        (page.folder / name).write_bytes(data)
    os.mkfifo(page.folder / "pipe.yaml")
    (page.folder / "gone.yaml").symlink_to("nowhere.yaml")
    (page.folder / "loop.yaml").symlink_to("loop.yaml")
    if sys.platform == "linux":  # other systems refuse the name
        Path(os.fsdecode(os.fsencode(page.folder) + b"/\xff.yaml")).write_bytes(b"title: X\nsegments: []\n")
    answer = page.client.get("/api/project")
    assert answer.status_code == 200
    faults = {each["path"]: each["fault"] for each in answer.json()["scripts"]}
    assert faults.pop("evening.yaml") == ""
    assert faults.keys() == {*bad, "pipe.yaml", "gone.yaml", "loop.yaml"}
    assert all(name in fault for name, fault in faults.items())
    assert "larger than 512 KB" in faults["large.yaml"]


def test_a_new_meditation_is_the_starter(page: Page) -> None:
    """It is written where nothing is yet, and a second one of the same name is refused."""
    assert page.post("new", path="good-night.yaml").status_code == 201
    assert (page.folder / "good-night.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server: ")
    assert page.post("new", path="good-night.yaml").status_code == 400
    assert page.post("new", path="good-night.txt").status_code == 400
    assert page.post("new", path="../good-night.yaml").status_code == 400


def test_words_are_outlined_and_edited(page: Page) -> None:
    """An edit comes back as the characters that it changes."""
    outline = page.post("outline", **page.script()).json()
    assert outline["texts"][0]["pieces"][1]["kind"] == "pause"
    edit = {"op": "text", "path": ["segments", 0, "say"], "start": 0, "end": 5, "text": "Good evening"}
    (change,) = page.post("edit", **page.script(edit=edit)).json()["changes"]
    text = page.script()["text"]
    assert text[: change["start"]] + change["text"] + text[change["end"] :] == text.replace("Hello", "Good evening")


def test_faults_of_an_unsaved_text_are_found(page: Page) -> None:
    """What is on the page counts, and not what is on the disk; places are those of the page."""
    text = page.script()["text"].replace("[pause 3s]", "[puase 3s]")
    found = page.post("check", path="evening.yaml", text=text, estimate=True).json()
    assert [(each["path"], each["line"], each["severity"]) for each in found["problems"]] == [
        ("evening.yaml", 9, "error")
    ]
    refused = page.post("plan", path="evening.yaml", text=text, estimate=True)
    assert refused.status_code == 422
    assert refused.json()["message"] == "1 fault to fix"


def test_a_plan_to_the_frame_is_played_from_anywhere(page: Page) -> None:
    """The mix from a moment on is the same as the end of the whole mix."""
    plan = page.post("plan", **page.script(choices={"length": "1:30"})).json()
    assert plan["timeline"]["duration_s"] == pytest.approx(90)
    assert plan["feasible"][0][0] <= 90 <= plan["feasible"][-1][1]
    session = f"/api/session/{plan['session']}"
    with wave.open(io.BytesIO(page.client.get(f"{session}/clip/0").content)) as clip:
        samples = np.abs(np.frombuffer(clip.readframes(1 << 30), "<i2").astype(int))
        heard_s = np.argmax(samples > samples.max() / 10) / clip.getframerate()
    assert plan["clips"][0]["before_s"] == pytest.approx(heard_s, abs=0.012)
    assert heard_s > 0.012
    for gone in ("session/another/clip/0", "session/another/mix", f"session/{plan['session']}/clip/99"):
        assert page.client.get(f"/api/{gone}").status_code == 410
    whole = page.client.get(f"{session}/mix").content
    later = page.client.get(f"{session}/mix", params={"from": "40.7"}).content
    behind, again = mixed_samples(whole), mixed_samples(later)
    assert behind.shape == (plan["timeline"]["frames"], 4)
    assert len(again) == len(behind) - round(40.7 * 44_100)
    assert np.abs(behind[-len(again) :] - again).max() <= 2  # of 32,768: dither


def test_a_mix_that_can_t_be_made_is_answered_with_the_reason(page: Page) -> None:
    """It plays again when what was missing is back."""
    track = page.folder / "stream.wav"
    track.write_bytes(wav(65.0))
    plan = page.post("plan", **page.script(choices={"length": "1:30", "ambience": "stream.wav"})).json()
    mix = f"/api/session/{plan['session']}/mix"
    whole = page.client.get(mix).content
    track.rename(page.folder / "elsewhere.wav")
    refused = page.client.get(mix)
    assert refused.status_code == 422
    assert "stream.wav" in refused.json()["message"]
    (page.folder / "elsewhere.wav").rename(track)
    assert page.client.get(mix).content == whole


def speaking(told: Path) -> None:
    """What a player does with four sentences, the first of which is spoken until ``told`` is there."""
    job_progress("Speaking")("Speaking", 1, 4)
    while not told.exists():
        time.sleep(0.01)


async def left(workers: StudioWorkers, told: Path) -> None:
    """Go away while the player speaks."""
    played = asyncio.create_task(workers.play("", speaking, told))
    await asyncio.to_thread(until, lambda: workers.spoken is not None)
    played.cancel()
    await asyncio.wait([played])


def test_what_is_spoken_of_a_plan_is_said_while_it_is_spoken(page: Page, tmp_path: Path) -> None:
    """And nothing before and after that, also where whoever asked for it goes away meanwhile."""
    told, workers = tmp_path / "told", page.studio.workers

    def share() -> float | None:
        found: float | None = page.client.get("/api/speaking").json()["share"]
        return found

    assert share() is None
    with ThreadPoolExecutor(1) as thread:
        played = thread.submit(asyncio.run, workers.play("", speaking, told))
        until(lambda: share() == 0.25)
        told.touch()
        played.result()
    assert share() is None
    told.unlink()
    asyncio.run(left(workers, told))
    assert share() == 0.25
    told.touch()
    until(lambda: share() is None)


def mixed_samples(stream: bytes) -> NDArray[np.int64]:
    """The samples of a stream: the whole mix in two channels, and the ambience alone in two more."""
    with wave.open(io.BytesIO(stream)) as sound:
        return np.frombuffer(sound.readframes(1 << 30), "<i2").reshape(-1, sound.getnchannels()).astype(np.int64)


def test_the_ambience_is_streamed_beside_the_mix(page: Page) -> None:
    """So that the page can move its level: where nobody speaks and no bell rings, the mix is the ambience."""
    text = page.script()["text"].replace("voice: tone\n", "voice: tone\nambience: room-tone\n")
    plan = page.post("plan", path="evening.yaml", text=text, choices={"length": "1:10"}).json()
    mix = mixed_samples(page.client.get(f"/api/session/{plan['session']}/mix").content)
    spoken = plan["timeline"]["speech"][0]
    speech = slice(spoken["start_frame"], spoken["start_frame"] + spoken["frames"])
    rest = slice(speech.stop + 4_410, speech.stop + 3 * 44_100)
    assert np.abs(mix[rest, :2] - mix[rest, 2:]).max() <= 2
    assert np.abs(mix[rest, 2:]).max() > 3
    voice = mix[speech, :2] - mix[speech, 2:]
    assert np.sqrt(np.mean(voice**2)) > 20 * np.sqrt(np.mean(mix[speech, 2:] ** 2)) / 10


def test_a_render_is_a_job_with_progress_and_a_finished_file(page: Page) -> None:
    """The job ends with its files, which can be fetched in parts."""
    files = [{"output": "dist/evening.mp3"}, {"length": "70s", "preset": "master", "output": "dist/evening-1m10s.flac"}]
    job = page.post("jobs", kind="render", **page.script(choices={"length": "1m"}), files=files).json()
    with page.client.stream("GET", f"/api/jobs/{job['id']}/events") as events:
        last = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data:")][-1]
    assert (last["state"], last["error"]) == ("done", None)
    assert [each["duration_s"] for each in last["result"]["files"]] == [60, 70]
    assert frames_by_ffmpeg(page.folder / "dist" / "evening.mp3") == 60 * 44_100
    assert page.client.get("/api/state", params={"path": "evening.yaml"}).json()["finished"] == [
        "dist/evening-1m10s.flac",
        "dist/evening.mp3",
    ]
    part = page.client.get("/api/result", params={"path": "dist/evening.mp3"}, headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"ID3")
    assert page.client.get("/api/jobs").json()[0]["id"] == job["id"]


def slow() -> dict[str, object]:
    """What a job does that is still running when somebody begins to follow it."""
    time.sleep(0.5)
    return {}


def test_a_job_that_ends_while_its_news_is_sent_is_reported_as_done() -> None:
    """What a follower has not seen is sent, however slowly it takes what came before."""

    async def followed(jobs: Jobs) -> list[object]:
        job, states = jobs.start("verify", "slow", slow), []
        async for news in jobs.follow(job.id):
            states.append(news and news["state"])
            await asyncio.to_thread(until, lambda: job.state == "done")
        return states

    with contextlib.closing(Jobs()) as jobs:
        assert asyncio.run(followed(jobs)) == ["running", "done"]


def test_the_state_of_a_script_on_the_disk(page: Page) -> None:
    """Its faults, the lengths that it can have, and no finished file of another script."""
    (page.folder / "dist").mkdir()
    (page.folder / "dist" / "evening-walk-10m.mp3").write_bytes(b"")
    (page.folder / "dist" / "evening-10m-spotify.mp3").write_bytes(b"")
    state = page.client.get("/api/state", params={"path": "evening.yaml"}).json()
    assert state["feasible"]
    assert state["finished"] == ["dist/evening-10m-spotify.mp3"]
    assert "segments" in page.client.get("/api/schema").json()["properties"]


def test_what_is_saved_while_a_script_is_checked_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next time; after that nothing is read anew."""
    (script := tmp_path / "a.yaml").write_text("one", encoding="utf-8")
    asked = work.Asked(folder=tmp_path, path=Path("a.yaml"), text="", options=Options())

    def check(_asked: work.Asked) -> dict[str, object]:
        found = script.read_text(encoding="utf-8")
        script.write_text("another", encoding="utf-8")
        return {"found": found}

    monkeypatch.setattr(work, "checked", check)
    assert [work.known(asked)["found"] for _ in range(2)] == ["one", "another"]
    monkeypatch.setattr(work, "checked", lambda _: {"found": "anew"})
    os.utime(script, ns=(1, 1))
    assert [work.known(asked)["found"] for _ in range(2)] == ["anew", "anew"]
    monkeypatch.setattr(work, "checked", lambda _: {"found": "again"})
    assert work.known(asked)["found"] == "anew"


def test_a_word_is_heard_as_it_would_be_said(page: Page) -> None:
    """First as the voice guesses it, then in the letters that are asked about."""
    asked = {"voice": "tone:tone", "word": "metta"}
    guessed = page.client.get("/api/word", params=asked)
    given = page.client.get("/api/word", params=asked | {"say": "met-tah and on"})
    with wave.open(io.BytesIO(guessed.content)) as short, wave.open(io.BytesIO(given.content)) as long:
        assert long.getnframes() > 1.5 * short.getnframes()
    assert page.client.get("/api/word", params={"voice": "nobody:x", "word": "metta"}).status_code == 422


COURSE = """\
title: Evenings
lengths: [1m, 70s]
sessions:
  - evening
publish: [site]
"""


@pytest.mark.slow
def test_a_course_says_what_is_to_do_and_is_opened(page: Page) -> None:
    """What is current, what is not and why; the site is opened by this program, and nothing else is."""
    (page.folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    asked: dict[str, object] = {"kind": "build", "path": "course.yaml"}
    before = done(page, page.post("jobs", **asked, dry_run=True).json()["id"])["result"]
    assert (len(before["todo"]), before["current"], before["opened"]) == (2, [], {})
    built = done(page, page.post("jobs", **asked).json()["id"])
    assert len(built["result"]["built"]) == 2
    again = done(page, page.post("jobs", **asked, dry_run=True).json()["id"])
    assert sorted(again["result"]["current"]) == sorted(before["todo"])
    opened = page.client.post(f"/api/jobs/{again['id']}/open/site", json={}).json()
    assert opened == {"address": (page.folder / "dist" / "index.html").as_uri(), "opened": True}
    assert page.opened == [opened["address"]]
    assert page.client.post(f"/api/jobs/{again['id']}/open/other", json={}).status_code == 404


def done(page: Page, number: str) -> dict[str, Any]:
    """A job, when it is finished."""
    with page.client.stream("GET", f"/api/jobs/{number}/events") as events:
        last: dict[str, Any] = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data:")][-1]
    assert (last["state"], last["error"]) == ("done", None)
    return last


def test_a_recording_becomes_a_take(page: Page) -> None:
    """Each sentence has its takes; a second one is kept beside the first."""
    lines = page.post("takes", **page.script()).json()["lines"]
    assert [line["text"] for line in lines] == ["Hello there.", "You might rest now."]
    sent = {"path": "evening.yaml", "sentence": lines[0]["id"]}
    first = page.client.put("/api/takes", params=sent, content=wav(1.0))
    second = page.client.put("/api/takes", params=sent, content=wav(1.5))
    assert first.status_code == second.status_code == 201
    assert first.json()["duration_s"] == pytest.approx(1.0, abs=0.2)
    assert first.json()["used"] == pytest.approx([0.46, 1.58], abs=0.1)
    listed = page.post("takes", **page.script()).json()["lines"][0]
    assert len(listed["takes"]) == 2
    heard = page.client.get("/api/takes", params={"path": "evening.yaml", "name": first.json()["take"]})
    assert heard.content == wav(1.0)
    assert page.client.put("/api/takes", params=sent, content=b"no sound").status_code == 400


def test_a_take_without_speech_is_kept_with_its_fault(page: Page) -> None:
    """Silence, ten milliseconds, and a file that was cut off."""
    sent = {"path": "evening.yaml", "sentence": page.post("takes", **page.script()).json()["lines"][0]["id"]}
    silence = wav(0.0)
    for take in (silence, silence[: 44 + 960], silence[: len(silence) // 2]):
        answer = page.client.put("/api/takes", params=sent, content=take)
        assert (answer.status_code, answer.json()["faults"]) == (201, ["holds no speech"])
        assert answer.json()["lufs"] is None
        assert page.post("takes", **page.script()).json()["lines"][0]["faults"] == ["holds no speech"]


def test_a_take_that_can_t_be_played_is_not_kept(page: Page) -> None:
    """And one that lies there already is reported at its sentence."""
    lines = page.post("takes", **page.script()).json()["lines"]
    sent = {"path": "evening.yaml", "sentence": lines[0]["id"]}
    whole = wav(0.1)
    odd = (
        whole[:44],
        whole[:22] + struct.pack("<H", 64) + whole[24:],
        whole[:24] + struct.pack("<I", 1) + whole[28:],
    )
    for take in odd:
        answer = page.client.put("/api/takes", params=sent, content=take)
        assert (answer.status_code, answer.json()["message"]) == (400, "this recording can't be played")
    takes = page.folder / "takes"
    assert not takes.exists() or not [*takes.iterdir()]
    takes.mkdir(exist_ok=True)
    (takes / f"001-{lines[0]['id']}.wav").write_bytes(whole[:44])
    listed = page.post("takes", **page.script()).json()["lines"]
    assert listed[0]["faults"] == ["can't be played: record it again, or remove it"]
    assert not listed[1]["faults"]
    assert page.client.put("/api/takes", params=sent, content=wav(1.0)).status_code == 201


@pytest.mark.parametrize("kind", ["above", "absolute", "linked"])
def test_an_ambience_outside_the_folder_is_refused(kind: str, page: Page, tmp_path: Path) -> None:
    """However it is named; one of the package or of the folder is not."""
    (tmp_path / "outside.wav").write_bytes(wav(1.0))
    (page.folder / "linked.wav").symlink_to(tmp_path / "outside.wav")
    outside = {"above": "../outside.wav", "absolute": str(tmp_path / "outside.wav"), "linked": "linked.wav"}[kind]
    refused = page.post("plan", **page.script(estimate=True, choices={"ambience": outside}))
    assert refused.status_code == 400
    files = [{"output": "dist/x.mp3"}]
    job = page.post("jobs", kind="render", **page.script(choices={"ambience": outside}), files=files)
    assert job.status_code == 400
    fine = page.post("plan", **page.script(estimate=True, choices={"ambience": "soft-rain", "length": "90s"}))
    assert fine.status_code == 200, fine.text


def test_a_file_that_changed_meanwhile_is_not_written_over(page: Page) -> None:
    """The page gets both texts; where nothing changed, the text is saved with the file's own line breaks."""
    seen = page.client.get("/api/file", params={"path": "evening.yaml"}).json()["mark"]
    (page.folder / "evening.yaml").write_bytes(b"title: Other\r\n")
    refused = page.client.put("/api/file", json=page.script(seen=seen))
    assert (refused.status_code, refused.json()["text"]) == (412, "title: Other\n")
    saved = page.client.put(
        "/api/file", json={"path": "evening.yaml", "text": "title: Mine\n", "seen": refused.json()["mark"]}
    )
    assert saved.status_code == 200
    assert (page.folder / "evening.yaml").read_bytes() == b"title: Mine\r\n"
