"""Stems: their sum is the mix, editors' own libraries open the projects, and nothing of the user's is lost."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import stat
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import opentimelineio
import psutil
import pytest
import rpp
import soundfile
from pydub.generators import WhiteNoise

import breathmark
from breathmark.api.render import mix_session
from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.audio.pcm import Format, MixGrid
from breathmark.base.errors import DeliveryError, RequestError
from breathmark.cli.output import artefact_text
from breathmark.formats.stems.broadcast_wave import BroadcastWave, write_broadcast_wave
from breathmark.formats.stems.cue_sheet import cue_sheet
from breathmark.formats.stems.edit import EditSession, cue_marks, edit_track
from breathmark.formats.stems.reaper import reaper_project
from breathmark.formats.stems.write import StemsRequest, check_stems, write_stems
from breathmark.mix.mixdown import Mastering, mix, summed
from breathmark.mix.stems import beds_of
from breathmark.results import Artefact
from breathmark.timeline.chapters import chapters
from tests.full_disk import full_disk
from tests.mix import material as mixing
from tests.profiles import count, quick_only

from .material import REPORT, SCRIPT, laid_out, leftovers, said, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from breathmark.mix.mixdown import Stems

RATE_HZ = 44_100
CLOSE: Final = 10 ** (-120 / 20)
"""-120 dBFS."""
TWO_VOICES: Final = """\
title: Two Voices — ñ
author: Ana "Bee" May
length: 20s..50s..3m
ambience: {sound: soft-rain, below_voice: 28, swell: 4}
pacing: {sentence: 300ms..1s..3s, segment: 1s..2s..6s}
voices: {friend: "pyttsx3:en-us"}
segments:
  - bell: chime
  - title: Welcome
    say: |
      Welcome to this evening. There may be a voice in you that says "it's time".
      [voice friend] I am on your side. [voice] So it might say.
  - title: Resting
    silence: 9s..12s..2m
  - title: Coming back
    ambience: {sound: brown-noise, below_voice: 26}
    say: You could move a little, if that is pleasant.
  - bell: chime
"""


def sound_of(path: Path) -> NDArray[np.float64]:
    """A file as libsndfile reads it, shaped ``(frames, channels)``."""
    data, _ = soundfile.read(path, dtype="float64", always_2d=True)
    return np.asarray(data)


def mixed(sources: Stems) -> NDArray[np.float64]:
    """What the limiter is given."""
    return np.concatenate(list(summed(sources)))[: sources.grid.frames].astype(np.float64)


def wavs(folder: Path) -> list[Path]:
    """The stems, without the beds."""
    return sorted(folder.glob("*.wav"))


def error_of(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """The largest difference."""
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max())


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session with two voices of the system's, in a project of its own."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    path = folder / "two-voices.yaml"
    path.write_text(TWO_VOICES, encoding="utf-8")
    return path


OPTIONS: Final = breathmark.Options(length="50s", voice="pyttsx3:en-gb")


@pytest.fixture(scope="module")
def made(script: Path) -> Artefact:
    """That session with a finished file and its stems."""
    options = replace(OPTIONS, stems=script.parent / "stems")
    return breathmark.render(script, script.parent / "two.mp3", options)


@pytest.fixture(scope="module")
def folder(made: Artefact) -> Path:
    """Its stems."""
    return made.stems[0].parent


@pytest.fixture(scope="module")
def project(folder: Path) -> Any:  # noqa: ANN401 - the library has no types
    """Its project of REAPER, as the library reads it."""
    with (folder / "two-voices.rpp").open(encoding="utf-8") as file:
        return rpp.load(file)


def field(element: Any, name: str) -> list[str]:  # noqa: ANN401 - as above
    """The values of a line."""
    (found,) = [each for each in element if isinstance(each, list) and each[0] == name]
    values: list[str] = found[1:]
    return values


def test_the_stems_sum_to_the_mix(made: Artefact, folder: Path, script: Path) -> None:
    """Within -120 dBFS of what the limiter is given, with real voices, two beds and bells; all of one length."""
    plan = breathmark.plan(script, OPTIONS)
    wanted = mixed(mix_session(plan, plan.timeline, plan.preset.mastering, OPTIONS).sources)
    found = [sound_of(path) for path in wavs(folder)]
    assert {len(each) for each in found} == {made.timeline.frames} == {50 * RATE_HZ}
    gain = 10 ** (json.loads((folder / "stems.json").read_text("utf-8"))["gain_db"] / 20)
    assert error_of(np.sum(found, axis=0) * round(1 / gain), wanted) < CLOSE
    assert all(np.abs(each).max() > 0.01 for each in found)
    assert {soundfile.info(path).subtype for path in (*wavs(folder), *folder.glob("beds/*"))} == {"PCM_24"}


def test_what_is_written(made: Artefact, folder: Path) -> None:
    """A file for each voice, the ambience and the bells, what opens them, and the list with the hash of each."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert names == [
        "ambience.wav",
        "beds/brown-noise.wav",
        "beds/soft-rain.wav",
        "bells.wav",
        "stems.json",
        "two-voices.cue",
        "two-voices.otio",
        "two-voices.rpp",
        "voice-pyttsx3-en-us.wav",
        "voice.wav",
    ]
    assert sorted(path.relative_to(folder).as_posix() for path in made.stems) == names
    listed = json.loads((folder / "stems.json").read_text("utf-8"))
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names if name != "stems.json"}
    assert listed["files"] == hashes
    assert [(each["file"], each["kind"], each["name"]) for each in listed["stems"]][:2] == [
        ("voice.wav", "voice", "pyttsx3:en-gb"),
        ("voice-pyttsx3-en-us.wav", "voice", "pyttsx3:en-us"),
    ]
    assert made.path.name == "two.mp3"
    assert made.path.exists()


def test_each_voice_is_alone_in_its_file(made: Artefact, folder: Path) -> None:
    """Loud where it speaks, and without a sound where another one does."""
    for name, voice in (("voice.wav", ""), ("voice-pyttsx3-en-us.wav", "pyttsx3:en-us")):
        sound = sound_of(folder / name)
        own = np.zeros(len(sound), bool)
        for placed in made.timeline.speech:
            if placed.utterance.voice == voice:
                part = slice(placed.start_frame, placed.start_frame + placed.frames)
                own[part] = True
                assert np.abs(sound[part]).max() > 0.05
        others = [
            sound[placed.start_frame + RATE_HZ // 2 : placed.start_frame + placed.frames]
            for placed in made.timeline.speech
            if placed.utterance.voice != voice and placed.frames > RATE_HZ
        ]
        assert others
        assert max(float(np.abs(part).max()) for part in others) < 10 ** (-80 / 20)


def test_the_time_stamp_is_that_of_the_session_s_start(folder: Path) -> None:
    """By EBU Tech 3285's own layout of the chunk, and by ffmpeg; no date, so that the same sound has the same bytes."""
    for path in (*wavs(folder), *folder.glob("beds/*")):
        chunk = chunks_of(path)[b"bext"]
        description, originator, _, date, time_ = struct.unpack_from("<256s32s32s10s8s", chunk)
        (reference,) = struct.unpack_from("<Q", chunk, 338)
        assert description.rstrip(b"\0") == f"Two Voices n: {path.stem}".encode()
        assert originator.startswith(b"Breathmark")
        assert (reference, date.strip(b"\0"), time_.strip(b"\0")) == (0, b"", b"")
        assert chunk[602:].rstrip(b"\0").startswith(b"A=PCM,F=44100,W=24,M=stereo,T=Breathmark")
    command = [str(ffmpeg_path()), "-v", "error", "-i", str(folder / "voice.wav"), "-f", "ffmetadata", "-"]
    shown = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert "time_reference=0\n" in shown


def chunks_of(path: Path) -> dict[bytes, bytes]:
    """The chunks of a RIFF file that come before the sound."""
    found = {}
    with path.open("rb") as file:
        head = file.read(12)
        assert head[8:] == b"WAVE"
        while (start := file.read(8)) and start[:4] != b"data":
            size = int.from_bytes(start[4:], "little")
            found[start[:4]] = file.read(size + size % 2)[:size]
    return found


def test_reaper_s_project_plays_the_mix(project: Any, folder: Path) -> None:  # noqa: ANN401 - as above
    """Each item is cut from a file at its own place; all that sounds of the unmuted tracks together is the mix."""
    total: NDArray[np.float64] = np.zeros_like(sound_of(folder / "voice.wav"))
    tracks = project.findall("TRACK")
    names = [field(track, "NAME")[0] for track in tracks]
    ambience = ["ambience (as in the mix)", "bells", "soft-rain", "brown-noise"]
    assert names == ["voice (pyttsx3:en-gb)", "voice (pyttsx3:en-us)", *ambience]
    for track in tracks:
        if field(track, "MUTESOLO")[0] == "1":
            assert field(track, "NAME") == ["ambience (as in the mix)"]
            continue
        (file,) = {field(source, "FILE")[0] for source in track.findall(".//SOURCE")}
        total += played(track, sound_of(folder / file)) * float(field(track, "VOLPAN")[0])
    parts = [sound_of(path) for path in wavs(folder)]
    volume = float(field(tracks[0], "VOLPAN")[0])
    assert error_of(total, np.sum(parts, axis=0) * volume) < CLOSE


def played(track: Any, sound: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: ANN401 - as above
    """What REAPER plays of a track: items with linear fades, which lie in silence, times the envelope."""
    gain = np.zeros(len(sound))
    for item in track.findall("ITEM"):
        position, length, offset = (float(field(item, name)[0]) for name in ("POSITION", "LENGTH", "SOFFS"))
        assert position == offset
        first, frames = round(position * RATE_HZ), round(length * RATE_HZ)
        edges = np.ones(frames)
        for name, turned in (("FADEIN", edges), ("FADEOUT", edges[::-1])):
            fade = round(float(field(item, name)[1]) * RATE_HZ)
            turned[:fade] *= np.linspace(0, 1, fade)
        assert not gain[first : first + frames].any()
        gain[first : first + frames] = edges
    if (envelope := track.find("VOLENV2")) is not None:
        points = np.array([[float(value) for value in line[1:3]] for line in envelope if line[0] == "PT"])
        gain *= np.interp(np.arange(len(sound)) / RATE_HZ, points[:, 0], points[:, 1])
    return sound * gain[:, None]


def test_the_ambience_s_envelope_fades_ducks_and_swells(tmp_path: Path) -> None:
    """From silence and to it, up by the swell in a long rest, level under speech; no point lies on a straight line."""
    spoken = mixing.spoken_clips(tmp_path)
    segments = (mixing.span((0, 80 * RATE_HZ), "soft-rain", swell=4),)
    timeline = mixing.laid_out(spoken, [3, 8, 13, 18, 23, 45, 50, 55], 80, segments=segments)
    mixdown = mix(timeline, spoken, Mastering(), ambience=WhiteNoise().to_audio_segment(5_000))
    (bed,) = beds_of(mixdown.sources)
    points = np.array(edit_track(bed, "rain", "beds/rain.wav").envelope)
    level = np.interp(np.arange(800) / 10, points[:, 0], points[:, 1])
    assert (level[0], level[350]) == (0, 1)
    assert 20 * np.log10(level[350] / level[150]) == pytest.approx(mixdown.report.swell_lu, abs=0.01)
    assert mixdown.report.swell_lu == pytest.approx(4, abs=0.1)
    assert np.interp(80, points[:, 0], points[:, 1]) == 0
    assert 50 < len(points) < 400


def test_reaper_s_marks_are_cues_and_segments(project: Any, made: Artefact) -> None:  # noqa: ANN401 - as above
    """A marker at each sentence and strike, to the microsecond; a region over each titled segment."""
    lines = [each[1:] for each in project if isinstance(each, list) and each[0] == "MARKER"]
    markers = {(round(float(line[1]), 6), line[2]) for line in lines if line[3] == "0"}
    cues = [(each.start_frame, each.utterance.caption) for each in made.timeline.speech]
    cues += [(each.start_frame, each.name) for each in made.timeline.bells]
    assert markers == {(round(frame / RATE_HZ, 6), name) for frame, name in cues}
    regions: dict[str, list[tuple[float, str]]] = {}
    for number, at, name, kind, *_ in lines:
        if kind == "1":
            regions.setdefault(number, []).append((float(at), name))
    titled = [each for each in made.timeline.segments if each.title]
    assert [[name for _, name in edges] for edges in regions.values()] == [[each.title, ""] for each in titled]
    for edges, each in zip(regions.values(), titled, strict=True):
        ends = (each.start_frame, each.start_frame + each.frames)
        assert [at for at, _ in edges] == pytest.approx([frame / RATE_HZ for frame in ends], abs=1e-6)


def test_opentimelineio_opens_the_timeline(made: Artefact, folder: Path) -> None:
    """A track for each stem, as long as the session, with a clip for each sentence at its place in the file."""
    timeline = opentimelineio.adapters.read_from_file(str(folder / "two-voices.otio"))
    assert timeline.name == "Two Voices — ñ"
    assert {track.kind for track in timeline.tracks} == {"Audio"}
    assert sorted({clip.media_reference.target_url for clip in timeline.find_clips()}) == [
        path.name for path in wavs(folder)
    ]
    assert timeline.duration() == opentimelineio.opentime.RationalTime(made.timeline.frames, RATE_HZ)
    found = []
    for track in timeline.tracks:
        assert track.duration().value == made.timeline.frames
        for clip in track.find_clips():
            assert clip.range_in_parent() == clip.source_range
            found.append(clip)
    for placed in made.timeline.speech:
        (clip,) = [each for each in found if each.name == placed.utterance.caption]
        assert clip.source_range.start_time.value <= placed.start_frame
        assert clip.source_range.end_time_exclusive().value >= placed.start_frame + placed.frames
    marks = {(mark.name, mark.marked_range.start_time.value) for mark in timeline.tracks.markers}
    assert {(each.utterance.caption, each.start_frame) for each in made.timeline.speech} <= marks
    assert {(each.title, each.start_frame) for each in made.timeline.segments if each.title} <= marks


def test_the_cue_sheet_has_the_chapters(made: Artefact, folder: Path) -> None:
    """Of the finished file, to a 75th of a second; a quotation mark in a name can't end it."""
    text = (folder / "two-voices.cue").read_text("utf-8")
    assert 'FILE "../two.mp3" MP3\n' in text
    assert "PERFORMER \"Ana 'Bee' May\"\n" in text
    found = re.findall(r'  TRACK (\d+) AUDIO\n    TITLE "([^"]*)"\n    INDEX 01 (\d+):(\d\d):(\d\d)\n', text)
    marks = chapters(made.timeline)
    assert [title for _, title, *_ in found] == [mark.title for mark in marks]
    assert len(found) == 3
    for (_, _, minutes, seconds, frames), mark in zip(found, marks, strict=True):
        at = int(minutes) * 60 + int(seconds) + int(frames) / 75
        assert at == pytest.approx(mark.start_frame / RATE_HZ, abs=0.5 / 75 + 1e-9)


def test_a_cue_sheet_of_a_night() -> None:
    """Minutes go on after 99, and without chapters there is one track."""
    timeline = laid_out(9 * 3600 * RATE_HZ, segments=(span(0, 8 * 3600, "Lying down"), span(8 * 3600, 9 * 3600, "Up")))
    assert "INDEX 01 480:00:00\n" in cue_sheet(SCRIPT, timeline, "a.wav")
    bare = cue_sheet(SCRIPT, replace(timeline, segments=()), "a.wav")
    assert re.findall(r"TRACK .*|INDEX .*", bare) == ["TRACK 01 AUDIO", "INDEX 01 00:00:00"]


def request(folder: Path, clips: Path, mastering: Mastering = Mastering(), **more: Any) -> StemsRequest:  # noqa: ANN401, B008 - fields of it; frozen
    """A session of 15 s that is mixed in a moment: three sentences, one of them in another voice, and a bell."""
    own = clips / str(len(list(clips.glob("*"))))  # so that the clips have the same names each time
    own.mkdir(parents=True)
    spoken = mixing.spoken_clips(own, 3, 2)
    first = next(iter(spoken))
    spoken[replace(first, voice="tone:b")] = spoken.pop(first)
    rate_hz = mastering.rate_hz
    timeline = mixing.laid_out(
        spoken,
        [3, 6, 9],
        15,
        segments=(mixing.span((0, 15 * rate_hz), "brown-noise"),),
        bells=[("chime", 0.5, 3), ("chime", 1.5, 3)],
        rate_hz=rate_hz,
    )
    track = mixing.write_wav(own / "brown.wav", mixing.noise(9, rate_hz, level=0.1), rate_hz)
    sources = mix(timeline, spoken, mastering, ambience=track).sources
    return StemsRequest(folder=folder, script=SCRIPT, sources=sources, voice="tone:a", chosen=track.name, **more)


@pytest.mark.parametrize("room", [False, True])
def test_items_lose_nothing_of_a_clip(room: bool, tmp_path: Path) -> None:  # noqa: FBT001 - both of its values
    """A clip begins before its sentence and ends behind it, in the small room later still, and the next one is near."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    clips, speech = {}, []
    for number, placed in enumerate(wanted.sources.timeline.speech):
        utterance, clip = replace(placed.utterance, voice=""), wanted.sources.clips[placed.utterance]
        clips[utterance] = replace(clip, before_frames=clip.rate_hz // 10, after_frames=clip.rate_hz // 5)
        speech.append(replace(placed, utterance=utterance, start_frame=RATE_HZ * (1 + 2 * number)))
    timeline = replace(wanted.sources.timeline, speech=tuple(speech), bells=())
    sources = replace(wanted.sources, clips=clips, timeline=timeline, room=room, ambience=())
    write_stems(replace(wanted, sources=sources))
    with (wanted.folder / "evening.rpp").open(encoding="utf-8") as file:
        (track,) = rpp.load(file).findall("TRACK")
    voice = sound_of(wanted.folder / "voice.wav")
    assert np.abs(voice).max() > 0.05
    assert error_of(played(track, voice), voice) < CLOSE


@pytest.mark.slow
@pytest.mark.parametrize(
    "mastering",
    [Mastering(channels=1, rate_hz=48_000, encoder_gain_db=-0.45), Mastering(voice_lufs=-4.0)],
    ids=["mono at 48 kHz", "peaks over full scale"],
)
def test_any_mix_is_the_sum_of_its_stems(mastering: Mastering, tmp_path: Path) -> None:
    """What would be clipped is halved until it fits, all alike, and the project makes up for it."""
    wanted = request(tmp_path / "stems", tmp_path / "clips", mastering)
    written = write_stems(wanted)
    sounds = [sound_of(path) for path in wavs(tmp_path / "stems")]
    mixdown = mixed(wanted.sources)
    highest = np.abs(mixdown).max()
    volume = round(10 ** (-written.gain_db / 20))
    assert (volume > 1) == (highest > 1) == (mastering.voice_lufs == -4)
    assert max(np.abs(sound).max() for sound in sounds) > 0.5 or volume == 1
    assert error_of(np.sum(sounds, axis=0) * volume, mixdown) < CLOSE
    assert written.gain_db == pytest.approx(-20 * np.log10(volume), abs=1e-6)
    assert written.true_peak_dbtp >= 20 * np.log10(highest) - 1e-3
    assert written.rms_db == pytest.approx(mixing.rms_db(mixdown), abs=0.01)
    project = rpp.loads((tmp_path / "stems" / "evening.rpp").read_text("utf-8"))
    assert {field(track, "VOLPAN")[0] for track in project.findall("TRACK")} == {str(volume)}
    total = sum(
        played_at(track, tmp_path / "stems", mastering.rate_hz)
        for track in project.findall("TRACK")
        if field(track, "MUTESOLO")[0] == "0"
    )
    assert error_of(np.asarray(total) * volume, mixdown) < 4 * CLOSE


def played_at(track: Any, folder: Path, rate_hz: int) -> NDArray[np.float64]:  # noqa: ANN401 - as above
    """A track without its fades, for a session at any rate."""
    (file,) = {field(source, "FILE")[0] for source in track.findall(".//SOURCE")}
    sound = sound_of(folder / file)
    gain = np.zeros(len(sound))
    for item in track.findall("ITEM"):
        first, frames = (round(float(field(item, name)[0]) * rate_hz) for name in ("POSITION", "LENGTH"))
        gain[first : first + frames] += 1
    if (envelope := track.find("VOLENV2")) is not None:
        points = np.array([[float(value) for value in line[1:3]] for line in envelope if line[0] == "PT"])
        gain *= np.interp(np.arange(len(sound)) / rate_hz, points[:, 0], points[:, 1])
    return sound * gain[:, None]


@pytest.mark.slow
def test_the_same_again_and_without_what_is_gone(tmp_path: Path) -> None:
    """The same bytes in another folder, and in the same one; what no longer sounds is removed."""
    first, second = (request(tmp_path / name, tmp_path / "clips") for name in ("one", "two"))
    write_stems(first)
    write_stems(second)
    before = contents(tmp_path / "one")
    assert contents(tmp_path / "two") == before
    (tmp_path / "one" / "my notes.txt").write_text("mine")
    write_stems(first)
    assert contents(tmp_path / "one") == before | {"my notes.txt": b"mine"}
    listed = json.loads(before["stems.json"])["stems"]
    assert [each["name"] for each in listed if each["kind"] == "bed"] == ["brown.wav"]
    quiet = replace(first.sources, timeline=replace(first.sources.timeline, bells=()), ambience=())
    write_stems(replace(first, sources=quiet))
    assert leftovers(tmp_path / "one") == sorted(
        ["evening.cue", "evening.otio", "evening.rpp", "my notes.txt", "stems.json", "voice-tone-b.wav", "voice.wav"]
    )


def contents(folder: Path) -> dict[str, bytes]:
    """All files, by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_without_the_extra_there_is_no_timeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All else is written, one frame after the other, and the command says how to get the timeline."""
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    told: list[tuple[int, int]] = []
    wanted = request(tmp_path / "stems", tmp_path / "clips", progress=lambda done, total: told.append((done, total)))
    written = write_stems(wanted)
    assert not (tmp_path / "stems" / "evening.otio").exists()
    assert leftovers(tmp_path / "stems" / "beds") == ["brown.wav"]
    assert told == sorted(told)
    assert told[-1] == (6 * wanted.timeline.frames, 6 * wanted.timeline.frames)
    artefact = Artefact(path=written.files[0], timeline=wanted.timeline, levels=REPORT, stems=written.files)
    assert "pip install 'breathmark[timeline]'" in artefact_text(artefact)
    assert "pip install" not in artefact_text(replace(artefact, stems=(*written.files, Path("evening.otio"))))


def test_nothing_of_the_user_s_is_written_over(tmp_path: Path) -> None:
    """A file that isn't ours, a project that somebody has worked in, another session, another folder: each is told."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    script = Path(SCRIPT.path)
    for name in ("voice.wav", "evening.rpp"):
        (taken := tmp_path / "stems" / name).parent.mkdir(exist_ok=True)
        taken.write_bytes(b"mine")
        for attempt in (lambda: check_stems(wanted.folder, script), lambda: write_stems(wanted)):
            with pytest.raises(RequestError, match=f"{name} is in the way"):
                attempt()
        assert contents(tmp_path / "stems") == {name: b"mine"}
        taken.unlink()
    write_stems(wanted)
    check_stems(wanted.folder, script)
    with pytest.raises(RequestError, match=r"holds the stems of evening\.yaml"):
        check_stems(wanted.folder, script.with_name("morning.yaml"))
    (tmp_path / "stems" / "evening.rpp").write_text("edited")
    with pytest.raises(RequestError, match=r"evening\.rpp has been changed since"):
        check_stems(wanted.folder, script)
    for manifest in (
        "[]",
        json.dumps(json.loads((wanted.folder / "stems.json").read_text()) | {"files": {"../a": ""}}),
    ):
        (wanted.folder / "stems.json").write_text(manifest)
        with pytest.raises(RequestError, match=r"stems\.json is in the way"):
            check_stems(wanted.folder, script)
    with pytest.raises(RequestError, match="is not a folder"):
        check_stems(wanted.folder / "voice.wav", script)
    with pytest.raises(RequestError, match="is read for this"):
        write_stems(replace(wanted, folder=tmp_path / "new", inputs=inputs_at(tmp_path / "new" / "bells.wav")))
    with pytest.raises(RequestError, match="is the name of one of the stems"):
        write_stems(replace(wanted, folder=tmp_path / "other", finished=tmp_path / "other" / "voice.wav"))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    "name", quick_only(["beds/precious.txt"], ["precious.txt", "beds/precious.txt", "evening.yaml", "mine.rpp"])
)
def test_a_list_that_somebody_has_edited_removes_nothing_of_theirs(name: str, tmp_path: Path) -> None:
    """Whatever it says: only names that stems have are removed."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    path = wanted.folder / name
    inputs_at(wanted.folder / "voice.wav")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"precious")
    manifest = json.loads((wanted.folder / "stems.json").read_text("utf-8"))
    manifest["files"][name] = hashlib.sha256(b"precious").hexdigest()
    (wanted.folder / "stems.json").write_text(json.dumps(manifest), encoding="utf-8")
    for attempt in (lambda: check_stems(wanted.folder, Path(SCRIPT.path)), lambda: write_stems(wanted)):
        with pytest.raises(RequestError, match=r"stems\.json is in the way"):
            attempt()
    assert path.read_bytes() == b"precious"


def test_a_cue_sheet_is_text_whatever_the_folder_of_the_file_is_called(tmp_path: Path) -> None:
    """Bytes that are none have a sign in their place."""
    wanted = request(tmp_path / "stems", tmp_path / "clips", finished=tmp_path / "f\udcff" / "evening.mp3")
    write_stems(wanted)
    assert 'FILE "../f\ufffd/evening.mp3" MP3\n' in (tmp_path / "stems" / "evening.cue").read_text("utf-8")


@pytest.mark.parametrize("kind", quick_only(["link"], ["file", "link", "link to nowhere"]))
def test_where_no_folder_of_beds_can_be_the_earlier_stems_stay(kind: str, tmp_path: Path) -> None:
    """It is asked before a word is spoken, and again before anything is removed."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    write_stems(replace(wanted, sources=replace(wanted.sources, ambience=())))
    beds, elsewhere = tmp_path / "stems" / "beds", tmp_path / "elsewhere"
    if kind == "file":
        beds.write_text("notes")
    else:
        beds.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.mkdir()
    before = contents(tmp_path / "stems")
    for attempt in (lambda: check_stems(wanted.folder, Path(SCRIPT.path)), lambda: write_stems(wanted)):
        with pytest.raises(RequestError, match="beds is in the way"):
            attempt()
    assert contents(tmp_path / "stems") == before
    assert (kind == "link") == elsewhere.exists()


@pytest.mark.parametrize("name", ["evening.rpp", "evening.cue"])
def test_what_is_saved_meanwhile_stays(name: str, tmp_path: Path) -> None:
    """A project that somebody works in while its stems are made anew, or a new file with such a name."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    if name == "evening.rpp":
        write_stems(wanted)

    def save(_done: int, _total: int) -> None:
        (wanted.folder / name).write_text("mine")

    wanted.folder.mkdir(exist_ok=True)
    before = leftovers(tmp_path / "stems")
    with pytest.raises(RequestError, match=rf"{name} (has been changed since|is in the way)"):
        write_stems(replace(wanted, progress=save))
    assert (wanted.folder / name).read_text() == "mine"
    assert leftovers(tmp_path / "stems") == sorted({*before, name})


def inputs_at(path: Path) -> set[Path]:
    """A file that is read; it is listed as ours, so that only what is read keeps it."""
    path.parent.mkdir()
    path.write_bytes(b"sound")
    sums = {path.name: hashlib.sha256(b"sound").hexdigest()}
    known = {
        "script": "evening.yaml",
        "title": "",
        "versions": {},
        "rate_hz": 1,
        "channels": 1,
        "bits": 24,
        "frames": 1,
    }
    manifest = {**known, "gain_db": 0, "sum_true_peak_dbtp": 0, "stems": [], "files": sums}
    (path.parent / "stems.json").write_text(json.dumps(manifest))
    return {path}


@pytest.mark.slow
@pytest.mark.parametrize("private", [True, False])
def test_what_was_said_in_a_private_session_is_its_owner_s_alone(private: bool, tmp_path: Path) -> None:  # noqa: FBT001 - both of its values
    """The voices and the projects hold what is spoken; all else may be read."""
    before = os.umask(0o022)
    try:
        wanted = request(tmp_path / "stems", tmp_path / "clips")
        write_stems(replace(wanted, script=replace(SCRIPT, private=private)))
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "stems").glob("*.*")}
    spoken = {name for name in modes if name.startswith("voice")} | {"evening.rpp", "evening.otio"}
    assert {name: mode for name, mode in modes.items() if mode == 0o600} == dict.fromkeys(
        spoken if private else (), 0o600
    )
    assert {mode for name, mode in modes.items() if name not in spoken} == {0o644}


@pytest.mark.parametrize("limit", [pytest.param(3_000, marks=pytest.mark.slow), 300_000], ids=["a project", "a sound"])
def test_a_disk_that_fills_up_leaves_the_old_stems(limit: int, tmp_path: Path) -> None:
    """And no draft; the error names the option."""
    wanted = request(tmp_path / "stems", tmp_path / "clips")
    write_stems(wanted)
    before = contents(tmp_path / "stems")
    with full_disk(limit), pytest.raises(DeliveryError) as caught:
        write_stems(wanted)
    assert "--stems" in (caught.value.hint or "")
    assert contents(tmp_path / "stems") == before


CHILD = """
import sys
from pathlib import Path
from tests.formats.test_stems import request, write_stems
wanted = request(Path(sys.argv[1]), Path(sys.argv[2]))
print("ready", flush=True)
while True:
    write_stems(wanted)
"""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """What bears its name is whole and listed, the project comes last, and the next run takes it all up again."""
    folder = tmp_path / "stems"
    wanted = request(folder, tmp_path / "clips")
    write_stems(wanted)
    whole = contents(folder)
    seed = random.randrange(2**32)  # noqa: S311 - for a moment, not for a secret
    print("seed", seed)  # noqa: T201 - shown where the test fails
    chance = random.Random(seed)  # noqa: S311 - as above
    for _ in range(count(quick=1, ci=3, nightly=50)):
        command = [sys.executable, "-W", "ignore", "-c", CHILD, str(folder), str(tmp_path / "clips")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 1))
            process.send_signal(signal.SIGSTOP)  # so that it starts no encoder that isn't seen here
            encoders = psutil.Process(process.pid).children(recursive=True)
        finally:  # it would write for ever where the test ends before
            process.kill()
            process.communicate()
        psutil.wait_procs(encoders, timeout=30)
        left = {name: data for name, data in contents(folder).items() if not Path(name).name.startswith(".")}
        assert left.items() <= whole.items()
        assert "evening.rpp" not in left or left == whole
        check_stems(folder, Path(SCRIPT.path))
        write_stems(wanted)
        assert contents(folder) == whole


@pytest.mark.slow
def test_stems_alone_by_the_command(script: Path, tmp_path: Path, command: Callable[..., Any]) -> None:
    """Nothing else is made; an excerpt, an ambience and bells as for any render; faults are reported before a word."""
    words = ("render", script, "--voice", "pyttsx3:en-gb", "--stems", tmp_path / "part")
    done = command(*words, "--only", "Coming back", "--ambience", "none", "--no-bell", "--json")
    assert done.returncode == 0, done.stderr
    said_ = json.loads(done.stdout)
    assert said_["path"] == str(tmp_path / "part" / "two-voices.rpp")
    assert (sorted(tmp_path.iterdir()), (tmp_path / "part" / "voice.wav").exists()) == ([tmp_path / "part"], True)
    assert len(sound_of(tmp_path / "part" / "voice.wav")) == said_["frames"]
    assert said_["beside"] == []
    assert 'FILE "voice.wav" WAVE' in (tmp_path / "part" / "two-voices.cue").read_text("utf-8")
    done = command(*words, "--length", "50s")
    assert done.returncode == 0, done.stderr
    assert "before the limiter" in done.stdout
    assert {len(sound_of(path)) for path in wavs(tmp_path / "part")} == {50 * RATE_HZ}
    voices = np.sum([sound_of(path) for path in (tmp_path / "part").glob("voice*.wav")], axis=0)
    gain_db = json.loads((tmp_path / "part" / "stems.json").read_text("utf-8"))["gain_db"]
    assert mixing.lufs(voices) - gain_db == pytest.approx(-16, abs=1.0)
    done = command(*words, "--format", "mp3")
    assert (done.returncode, "stems are WAV files" in done.stderr) == (2, True)
    done = command(*words, "-o", tmp_path / "new" / "voice.wav", "--stems", tmp_path / "new")
    assert (done.returncode, "is the name of one of the stems" in done.stderr) == (2, True)
    assert not (tmp_path / "new").exists()
    (tmp_path / "part" / "two-voices.rpp").write_text("edited")
    done = command(*words)
    assert (done.returncode, "has been changed since" in done.stderr) == (2, True)


def test_marks_fit_any_text() -> None:
    """Quotation marks of all kinds, tabs and line separators: read back by the library, each on one line."""
    texts = ['say "it\'s"', "`tick` 'n'", "two\nlines\u2028more", "<TRACK", ">", "|", '"', "茶\x00\x07", "a b\tc", ""]
    timeline = laid_out(RATE_HZ * 99, speech=tuple(said(1 + at, 1.5 + at, text) for at, text in enumerate(texts)))
    session = EditSession(
        title='A "title"',
        rate_hz=RATE_HZ,
        frames=timeline.frames,
        channels=2,
        volume=1,
        tracks=(),
        cues=cue_marks(timeline),
        regions=(),
    )
    names = [line[3] for line in rpp.loads(reaper_project(session)) if isinstance(line, list) and line[0] == "MARKER"]
    assert names[: len(texts)] == [
        'say "it\'s"', "'tick' 'n'", "two lines more", "<TRACK", ">", "|", '"', "茶", "a b c", ""
    ]  # fmt: skip


@pytest.mark.slow
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    """A session of 80 minutes takes no more than one of 10, but for the marks in the projects."""
    peaks = []
    for minutes in (10, 80):
        command = [sys.executable, "-W", "ignore", "-c", LONG, str(minutes), str(tmp_path)]
        done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=Path(__file__).parents[2])
        peaks.append(float(done.stdout))
    assert peaks[1] < 1.15 * peaks[0]


LONG = """
import resource, sys
from pathlib import Path
from breathmark.formats.stems.edit import EditSession, cue_marks, edit_track
from breathmark.formats.stems.reaper import reaper_project
from breathmark.formats.stems.write import StemsRequest, write_stems
from breathmark.mix.mixdown import Mastering, mix
from tests.formats.material import SCRIPT
from tests.mix import material as mixing
minutes, folder = int(sys.argv[1]), Path(sys.argv[2])
clips = dict(mixing.clip(folder, mixing.speechlike(3, seed=i)) for i in range(2))
whole = (0, minutes * 60 * 8000)
starts = range(5, minutes * 60 - 20, 20)
timeline = mixing.laid_out(clips, starts, minutes * 60, segments=(mixing.span(whole, "brown-noise"),), rate_hz=8000)
track = mixing.write_wav(folder / "track.wav", mixing.noise(9, 8000), 8000)
sources = mix(timeline, clips, Mastering(rate_hz=8000, channels=1), ambience=track).sources
write_stems(StemsRequest(folder=folder / str(minutes), script=SCRIPT, sources=sources, voice="tone:a"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.nightly
def test_more_than_four_gigabytes(tmp_path: Path) -> None:
    """Four hours and a quarter of stereo at 48 kHz are an RF64, whose length libsndfile reads."""
    grid = MixGrid(frames=255 * 60 * 48_000, format=Format(rate_hz=48_000, channels=2))
    silence = np.zeros((grid.format.block_frames, 2), np.float32)

    def blocks() -> Iterator[NDArray[np.float32]]:
        for _ in range(grid.blocks):
            yield silence

    path = tmp_path / "night.wav"
    write_broadcast_wave(path, blocks(), BroadcastWave(description="night", grid=grid), lambda _: None)  # type: ignore[arg-type]
    with path.open("rb") as file:
        assert file.read(4) == b"RF64"
    assert soundfile.info(path).frames == grid.frames
