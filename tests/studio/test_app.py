"""The studio's routes: each answers with what the API says of the text on the page."""

from __future__ import annotations

import io
import json
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.end_to_end.measure import frames_by_ffmpeg

if TYPE_CHECKING:
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
    assert project["scripts"] == [{"path": "evening.yaml", "title": "Evening"}]
    opened = page.client.get("/api/file", params={"path": "evening.yaml"}).json()
    assert opened["text"].startswith("# Kept")


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
    assert refused.json()["message"] == "1 fault to mend"


def test_a_plan_to_the_frame_is_played_from_anywhere(page: Page) -> None:
    """The mix from a moment on is the same as the end of the whole mix."""
    plan = page.post("plan", **page.script(choices={"length": "1:30"})).json()
    assert plan["timeline"]["duration_s"] == pytest.approx(90)
    assert plan["feasible"][0][0] <= 90 <= plan["feasible"][-1][1]
    session = f"/api/session/{plan['session']}"
    with wave.open(io.BytesIO(page.client.get(f"{session}/clip/0").content)) as clip:
        assert clip.getnframes() > 0
    whole = page.client.get(f"{session}/mix").content
    later = page.client.get(f"{session}/mix", params={"from": "40"}).content
    with wave.open(io.BytesIO(whole)) as sound:
        assert sound.getnframes() == plan["timeline"]["frames"]
        sound.setpos(44 * 44_100)
        behind = sound.readframes(1 << 30)
    with wave.open(io.BytesIO(later)) as sound:
        sound.setpos(4 * 44_100)
        again = sound.readframes(1 << 30)
    difference = np.frombuffer(behind, "<i2").astype(float) - np.frombuffer(again, "<i2")
    assert len(behind) == len(again)
    assert np.abs(difference).max() <= 2  # of 32,768: dither


def test_a_render_is_a_job_with_progress_and_a_finished_file(page: Page) -> None:
    """The job ends with the file, which can be fetched in parts, and `verify` judges it."""
    job = page.post("jobs", kind="render", **page.script(choices={"length": "1m"}), output="dist/evening.mp3").json()
    with page.client.stream("GET", f"/api/jobs/{job['id']}/events") as events:
        last = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data:")][-1]
    assert (last["state"], last["error"]) == ("done", None)
    assert frames_by_ffmpeg(page.folder / "dist" / "evening.mp3") == 60 * 44_100
    part = page.client.get("/api/result", params={"path": "dist/evening.mp3"}, headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"ID3")
    assert page.client.get("/api/jobs").json()[0]["id"] == job["id"]


def test_a_recording_becomes_a_take(page: Page) -> None:
    """Each sentence has its takes; a second one is kept beside the first."""
    lines = page.post("takes", **page.script()).json()["lines"]
    assert [line["text"] for line in lines] == ["Hello there.", "You might rest now."]
    sent = {"path": "evening.yaml", "sentence": lines[0]["id"]}
    first = page.client.put("/api/takes", params=sent, content=wav(1.0))
    second = page.client.put("/api/takes", params=sent, content=wav(1.5))
    assert first.status_code == second.status_code == 201
    assert first.json()["duration_s"] == pytest.approx(1.0, abs=0.2)
    listed = page.post("takes", **page.script()).json()["lines"][0]
    assert len(listed["takes"]) == 2
    heard = page.client.get("/api/takes", params={"path": "evening.yaml", "name": first.json()["take"]})
    assert heard.content == wav(1.0)
    assert page.client.put("/api/takes", params=sent, content=b"no sound").status_code == 400


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
