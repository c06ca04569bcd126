"""Verification: a good file passes, and each bad one fails for exactly the reason for which it is bad."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
import pyebur128
import pytest
from mutagen.id3 import ID3, TIT2

from breathmark.api import render as pipeline
from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.base.errors import AssetError, RequestError
from breathmark.formats.deliver import deliver
from breathmark.formats.presets import PRESETS, preset_for
from breathmark.formats.session import read_record
from breathmark.model import BellPlacement
from breathmark.verification.container import read_labels
from breathmark.verification.faults import ClickFinder
from breathmark.verification.file import label_findings
from breathmark.verification.run import verify
from tests.profiles import count, quick_only

from .material import PLACE, RAIN, REPORT, SCRIPT, FakeMixdown, said, voice_like

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from breathmark.formats.presets import Preset
    from breathmark.model import SegmentSpan, Timeline

SECONDS = 44
SENTENCES_S = ((1.0, 5.0), (6.0, 10.0), (11.5, 15.5))
STRIKE_S, RING_S = 23.0, 17.0


def span(start_s: float, end_s: float, title: str, rate_hz: int) -> SegmentSpan:
    """A laid-out segment."""
    from breathmark.model import SegmentSpan  # noqa: PLC0415 - a name that the annotations above have already

    start, end = round(start_s * rate_hz), round(end_s * rate_hz)
    return SegmentSpan(
        start_frame=start,
        frames=end - start,
        title=title,
        kind="practice",
        depth=0,
        round=0,
        ambience=RAIN,
        place=PLACE,
    )


def laid_out(rate_hz: int) -> Timeline:
    """Three sentences, a rest, a bell that rings out, and room for the tail."""
    from breathmark.model import Timeline  # noqa: PLC0415 - as above

    speech = tuple(
        replace(said(0, 1, f"Sentence {n}."), start_frame=round(a * rate_hz), frames=round((b - a) * rate_hz))
        for n, (a, b) in enumerate(SENTENCES_S)
    )
    bell = BellPlacement(
        start_frame=round(STRIKE_S * rate_hz), frames=round(RING_S * rate_hz), name="chime", place=PLACE
    )
    segments = (span(0, 11, "Welcome", rate_hz), span(11, SECONDS, "Resting", rate_hz))
    return Timeline(
        rate_hz=rate_hz, frames=SECONDS * rate_hz, speech=speech, bells=(bell,), rests=(), segments=segments
    )


@cache
def voice(rate_hz: int, lufs: float) -> NDArray[np.float64]:
    """The three sentences at their loudness by libebur128, with soft edges, in one channel."""
    track = np.zeros(SECONDS * rate_hz)
    for begin, end in SENTENCES_S:
        noise = voice_like(round((end - begin) * rate_hz), rate_hz, 1)[:, 0]
        sentence = np.tanh(noise / (1.5 * noise.std()))  # speech that a limiter has been at
        edge = np.minimum(1, np.minimum(np.arange(len(sentence)), np.arange(len(sentence))[::-1]) / (0.02 * rate_hz))
        start = round(begin * rate_hz)
        track[start : start + len(sentence)] = sentence * edge
    state = pyebur128.R128State(2, rate_hz, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.repeat(track, 2), len(track))
    return np.asarray(track * 10 ** ((lufs - pyebur128.get_loudness_global(state)) / 20))


@cache
def noise(frames: int) -> NDArray[np.float64]:
    """A soft bed, at full scale on average."""
    made = np.convolve(np.random.default_rng(7).normal(size=frames), np.hanning(24), "same")
    return np.asarray(made / made.std())


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What a session sounds like; its parts can be made wrong one by one."""

    rate_hz: int = 44_100
    channels: int = 2
    lufs: float = -16.0
    bed_db: float = -42.0
    bell: float = 0.05
    spoil: Callable[[NDArray[np.float64], int], None] | None = None

    def samples(self) -> NDArray[np.float64]:
        """All of it together."""
        frames = SECONDS * self.rate_hz
        bed = noise(frames) * 10 ** (self.bed_db / 20)
        time_s = np.arange(round(RING_S * self.rate_hz)) / self.rate_hz
        ring = np.sin(2 * np.pi * 440 * time_s) * np.exp(-time_s / 3.3) * np.minimum(1, time_s / 0.01) * self.bell
        track = voice(self.rate_hz, self.lufs) + bed
        start = round(STRIKE_S * self.rate_hz)
        track[start : start + len(ring)] += ring
        if self.spoil:
            self.spoil(track, self.rate_hz)
        return np.repeat(track[:, None], self.channels, axis=1)


_MADE = TemporaryDirectory()


@cache
def _delivered(preset: Preset, sound: Sound) -> Path:
    """The session, delivered once, for tests to copy."""
    path = Path(mkdtemp(dir=_MADE.name), f"evening{preset.suffix}")
    mixdown = FakeMixdown(sound=sound.samples(), rate_hz=sound.rate_hz, report=REPORT)
    deliver(SCRIPT, laid_out(sound.rate_hz), mixdown, preset, path)
    return path


def made(preset: Preset, sound: Sound, folder: Path) -> Path:
    """The session, delivered."""
    path = _delivered(preset, sound)
    shutil.copytree(path.parent, folder, dirs_exist_ok=True)
    return folder / path.name


WAV = preset_for("podcast", ".wav")
MP3 = PRESETS["podcast"]
BELL = PRESETS["insight-timer"]
BOOK = PRESETS["audiobook"]
BOOK_SOUND = Sound(channels=1, lufs=-12, bed_db=-66)


def failing(path: Path, preset: str = "") -> list[str]:
    """The items that fail."""
    verification = verify(path, preset)
    assert verification.passed == (not verification.failures)
    return [finding.item for finding in verification.failures]


def failing_labels(path: Path) -> list[str]:
    """The items that fail among tags and chapters, without the sound being measured."""
    said_of_it = read_record(path) if record(path).exists() else None
    findings = label_findings(said_of_it, read_labels(path), SECONDS)
    return [finding.item for finding in findings if finding.outcome == "fail"]


def record(path: Path) -> Path:
    """The `session.json` beside a file."""
    return path.with_name(f"{path.stem}.session.json")


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what `session.json` says."""
    data = json.loads(record(path).read_text(encoding="utf-8"))
    change(data)
    record(path).write_text(json.dumps(data), encoding="utf-8")


def seal(path: Path) -> None:
    """Have `session.json` speak of the file as it is now."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rewrite(path, lambda data: data["file"].update(sha256=digest))


@pytest.mark.parametrize(
    ("preset", "sound"),
    [
        (WAV, Sound()),
        (MP3, Sound(lufs=-15.55)),
        pytest.param(BOOK, BOOK_SOUND, marks=pytest.mark.slow),
        pytest.param(preset_for("podcast", ".opus"), Sound(rate_hz=48_000), marks=pytest.mark.slow),
        pytest.param(preset_for("spotify", ".m4a"), Sound(lufs=-14), marks=pytest.mark.slow),
        pytest.param(BELL, Sound(rate_hz=48_000, lufs=-15.55), marks=pytest.mark.slow),
        pytest.param(PRESETS["clear"], Sound(lufs=-15.55, bed_db=-46), marks=pytest.mark.slow),
        pytest.param(PRESETS["master"], Sound(lufs=-18), marks=pytest.mark.slow),
    ],
    ids=lambda each: f"{each.name}-{each.format}" if hasattr(each, "format") else "",
)
def test_a_good_file_passes(preset: Preset, sound: Sound, tmp_path: Path) -> None:
    """By every preset, in every kind of format, and also without the `session.json` beside it."""
    path = made(preset, sound, tmp_path)
    assert failing(path) == []
    record(path).unlink()
    assert failing(path, preset.name) == []


def burst(track: NDArray[np.float64], rate_hz: int) -> None:
    """A short tone near full scale, inside of a sentence."""
    start, length = 3 * rate_hz, rate_hz // 100
    track[start : start + length] = 0.97 * np.sin(2 * np.pi * 997 / rate_hz * np.arange(length)) * np.hanning(length)


def cut_off(track: NDArray[np.float64], rate_hz: int) -> None:
    """A wave in a sentence whose tops are flat."""
    start, length = 3 * rate_hz, rate_hz // 20
    wave = 1.2 * np.sin(2 * np.pi * 150 / rate_hz * np.arange(length)) * np.hanning(length)
    track[start : start + length] = np.clip(wave, -0.5, 0.5)


def full_scale(track: NDArray[np.float64], rate_hz: int) -> None:
    """A wave in a sentence that is too large for the scale."""
    start, length = 3 * rate_hz, rate_hz // 20
    wave = 1.2 * np.sin(2 * np.pi * 150 / rate_hz * np.arange(length)) * np.hanning(length)
    track[start : start + length] = np.clip(wave, -1, 1)


def hole(track: NDArray[np.float64], rate_hz: int) -> None:
    """A second without anything in a rest."""
    track[18 * rate_hz : 19 * rate_hz] = 0


def click(track: NDArray[np.float64], rate_hz: int) -> None:
    """One sample that stands out of a rest."""
    track[19 * rate_hz] += 0.25


def step(track: NDArray[np.float64], rate_hz: int) -> None:
    """An ambience that is 12 dB louder from one moment to the next."""
    track[19 * rate_hz : round(22.95 * rate_hz)] *= 4


def soft_sentence(track: NDArray[np.float64], rate_hz: int) -> None:
    """One sentence of three is hardly heard."""
    track[6 * rate_hz : 10 * rate_hz] *= 10 ** (-14 / 20)


def swelling(track: NDArray[np.float64], rate_hz: int) -> None:
    """Noise that comes up slowly in a rest, and goes again."""
    length = 5 * rate_hz
    start = 17 * rate_hz
    track[start : start + length] *= 10 ** (np.hanning(length) * 12 / 20)


@pytest.mark.parametrize(
    ("item", "preset", "sound"),
    [
        ("loudness", WAV, Sound(lufs=-17)),
        pytest.param("loudness", WAV, Sound(lufs=-15.2), marks=pytest.mark.slow),
        ("true peak", WAV, Sound(spoil=burst)),
        pytest.param("clipping", WAV, Sound(spoil=cut_off), marks=pytest.mark.slow),
        pytest.param("dead air", WAV, Sound(spoil=hole), marks=pytest.mark.slow),
        ("clicks", WAV, Sound(spoil=click)),
        pytest.param("clicks", MP3, Sound(lufs=-15.55, spoil=click), marks=pytest.mark.slow),
        ("level jumps", WAV, Sound(spoil=step)),
        pytest.param("level jumps", WAV, Sound(spoil=soft_sentence), marks=pytest.mark.slow),
        ("rms", BOOK, replace(BOOK_SOUND, lufs=-15)),
        pytest.param("noise floor", BOOK, replace(BOOK_SOUND, spoil=swelling), marks=pytest.mark.slow),
        pytest.param("background", preset_for("clear", ".wav"), Sound(bed_db=-34), marks=pytest.mark.slow),
        pytest.param("ending bell", BELL, Sound(rate_hz=48_000, lufs=-15.55, bell=0.0), marks=pytest.mark.slow),
        pytest.param("rate", preset_for("podcast", ".wav"), Sound(rate_hz=48_000), marks=pytest.mark.slow),
        pytest.param("channels", preset_for("podcast", ".wav"), Sound(channels=1, lufs=-13), marks=pytest.mark.slow),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_bad_sound_fails_for_that_and_nothing_else(item: str, preset: Preset, sound: Sound, tmp_path: Path) -> None:
    """One fault, one finding; what was laid out is the same as in the good file."""
    rendered = replace(preset, rate_hz=sound.rate_hz, channels=2 if sound.channels == 2 else 1)
    assert failing(made(rendered, sound, tmp_path), preset.name) == [item]


def test_full_scale_is_clipping_and_too_high_a_peak(tmp_path: Path) -> None:
    """Both at once; the moment is told."""
    peak, clipping = verify(made(WAV, Sound(spoil=full_scale), tmp_path)).failures
    assert (peak.item, clipping.item) == ("true peak", "clipping")
    assert clipping.found.startswith("at 0:03.0")


@pytest.mark.parametrize(
    ("sound", "clicks"),
    [
        pytest.param([0.25], 1, id="one sample"),
        pytest.param([0.1] * 3, 1, id="three samples"),
        pytest.param(np.exp(-np.arange(4_410) / 441) * 0.2, 1, id="a step"),
        pytest.param(np.random.default_rng(5).normal(size=200) * np.hanning(200) * 0.02, 0, id="a last consonant"),
    ],
)
def test_what_lasts_for_milliseconds_is_no_click(sound: NDArray[np.float64], clicks: int) -> None:
    """As the release of a p after which nothing more is said; at any place of a millisecond."""
    for place in (44_100, 44_111, 44_122, 44_133):
        track = np.random.default_rng(3).normal(size=88_200) * 1e-4
        track[place : place + len(sound)] += sound
        finder = ClickFinder(44_100)
        finder.add(np.repeat(track[:, None], 2, axis=1).astype(np.float32))
        assert len(finder.moments_s) == clicks


@pytest.mark.slow
def test_a_bell_that_was_left_out_is_missing(tmp_path: Path) -> None:
    """Also where no record tells of one: the last word does not ring on."""
    path = made(BELL, Sound(rate_hz=48_000, lufs=-15.55, bell=0.0), tmp_path)
    rewrite(path, lambda data: data.update(bells=[]))
    assert failing(path) == ["tail", "ending bell"]
    record(path).unlink()
    assert failing(path, "insight-timer") == ["ending bell"]


@pytest.mark.slow
def test_a_bit_rate_is_that_of_the_preset_or_of_the_render(tmp_path: Path) -> None:
    """Less than the preset's fails, but for what the user has asked for; ACX takes no variable one."""
    path = made(preset_for("podcast", ".mp3", "", "96k"), Sound(lufs=-15.55), tmp_path)
    assert failing(path) == []
    rewrite(path, lambda data: data["preset"].update(bitrate=None))
    assert failing(path) == ["bit rate"]
    assert failing(made(preset_for("audiobook", "", "", "V0"), BOOK_SOUND, tmp_path)) == ["bit rate"]


@pytest.mark.slow
def test_a_master_has_24_bits(tmp_path: Path) -> None:
    """A FLAC of 16 is none."""
    assert failing(made(preset_for("podcast", ".flac"), Sound(lufs=-18), tmp_path), "master") == ["bit depth"]


def test_a_place_may_take_nothing_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ACX two hours; here the limit is made shorter instead of the file longer."""
    path = made(BOOK, BOOK_SOUND, tmp_path)
    monkeypatch.setitem(PRESETS, "audiobook", replace(BOOK, longest_s=43.0))
    assert failing(path) == ["length"]


def test_a_file_is_what_its_name_says(tmp_path: Path) -> None:
    """A WAV that is called .flac fails, and one that ACX doesn't take does too."""
    path = made(WAV, Sound(), tmp_path)
    assert failing(path.rename(path.with_suffix(".flac"))) == ["format"]
    book = made(preset_for("audiobook", ".flac"), BOOK_SOUND, tmp_path)
    assert failing(book) == ["format"]


def test_text_is_no_sound(tmp_path: Path) -> None:
    """A file that can't be read at all is a finding, too."""
    path = tmp_path / "evening.mp3"
    path.write_text("no sound" * 100)
    assert failing(path) == ["format"]


def test_damage_is_found(tmp_path: Path) -> None:
    """Bytes of an MP3 that were written over: the decoder goes on, and its complaint is told."""
    path = made(MP3, Sound(lufs=-15.55), tmp_path)
    data = bytearray(path.read_bytes())
    header = data.index(b"\xff\xfb", len(data) * 3 // 4)
    data[header + 6 : header + 30] = b"\x5a" * 24  # a frame's side information, not its header
    path.write_bytes(data)
    seal(path)
    assert failing(path) == ["decoding"]


@pytest.mark.slow
def test_a_record_of_another_file_is_not_taken(tmp_path: Path) -> None:
    """As a render leaves that was killed between two names: that is said, and the file is judged without it."""
    path = made(WAV, Sound(), tmp_path)
    (told,) = (finding for finding in verify(path).findings if finding.item == "session.json")
    assert told.outcome == "pass"
    older = path.read_bytes()
    made(replace(PRESETS["spotify"], format="wav"), Sound(lufs=-14, bed_db=-40), tmp_path)
    path.write_bytes(older)
    verification = verify(path)
    assert [finding.item for finding in verification.failures] == ["session.json"]
    assert "not of this file" in verification.failures[0].found
    assert verification.preset == "podcast"  # not that of the record
    loudness = next(finding for finding in verification.findings if finding.item == "loudness")
    assert loudness.found.startswith("whole file")


@pytest.mark.slow
def test_a_track_of_your_own_may_rise_by_itself(tmp_path: Path) -> None:
    """It is told by its name, whether the script names it or the options do; a built-in one may not."""
    path = made(WAV, Sound(spoil=step), tmp_path)

    def jumps() -> tuple[str, str]:
        (finding,) = (each for each in verify(path).findings if each.item == "level jumps")
        return finding.outcome, finding.found

    assert jumps()[0] == "fail"
    rewrite(path, lambda data: [part["ambience"].update(sound="music/waves.mp3") for part in data["segments"]])
    outcome, found = jumps()
    assert (outcome, "of your track music/waves.mp3" in found, " dB at 0:" in found) == ("pass", True, True)
    rewrite(path, lambda data: data["settings"].update(ambience="sea.flac"))
    assert "of your track sea.flac" in jumps()[1]
    rewrite(path, lambda data: data["settings"].update(ambience="soft-rain"))
    assert jumps()[0] == "fail"


@pytest.mark.slow
def test_dead_air_of_a_track_of_your_own_names_it(tmp_path: Path) -> None:
    """So that the teacher knows where to look."""
    path = made(WAV, Sound(spoil=hole), tmp_path)
    rewrite(path, lambda data: data["settings"].update(ambience="sea.flac"))
    (finding,) = verify(path).failures
    assert (finding.item, "of your track sea.flac" in finding.found) == ("dead air", True)


@pytest.mark.parametrize(("asked_in", "faults"), [("Resting", []), ("Welcome", ["dead air"])])
def test_silence_that_was_asked_for_is_not_dead_air(asked_in: str, faults: list[str], tmp_path: Path) -> None:
    """`room_tone: off` in one segment, beside an ambience in another, where a hole is one still."""
    path = made(WAV, Sound(spoil=hole), tmp_path)
    silent = {"sound": "none", "room_tone_db": None}
    rewrite(
        path, lambda data: [part["ambience"].update(silent) for part in data["segments"] if part["title"] == asked_in]
    )
    assert failing(path) == faults


@pytest.mark.slow
@pytest.mark.parametrize("seconds", quick_only([20], [0.3, 2, 20]))
def test_a_truncated_audiobook_is_judged(seconds: float, tmp_path: Path) -> None:
    """Also where the record places rests behind its end."""
    path = made(BOOK, BOOK_SOUND, tmp_path)
    path.write_bytes(path.read_bytes()[: round(24_000 * seconds)])
    seal(path)
    assert "length" in failing(path) or "decoding" in failing(path)


def without_last_packet(path: Path) -> bytes:
    """The file as it is where its end never reached the disk."""
    whole = path.read_bytes()
    if path.suffix == ".opus":
        return whole[: whole.rindex(b"OggS")]
    return whole[: whole.rindex(b"\xff\xfb" if path.suffix == ".mp3" else b"\xff\xf8")]


@pytest.mark.parametrize("suffix", quick_only([".mp3"], [".mp3", ".opus", ".flac"]))
def test_the_last_packet_is_missed_by_the_headers_alone(suffix: str, tmp_path: Path) -> None:
    """Without a `session.json`: of an MP3 and a FLAC by their count, of an Opus by the sign that ends it."""
    preset = preset_for("podcast", suffix)
    path = made(preset, Sound(rate_hz=preset.rate_hz), tmp_path)
    record(path).unlink()
    assert not {"length", "decoding"} & set(failing(path))
    path.write_bytes(without_last_packet(path))
    assert {"length", "decoding"} & set(failing(path))


def test_length_is_that_of_the_layout(tmp_path: Path) -> None:
    """To the frame; without a record, what the file's own headers promise."""
    path = made(WAV, Sound(), tmp_path)
    rewrite(path, lambda data: data.update(frames=data["frames"] - 1))
    assert failing(path) == ["length"]
    record(path).unlink()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 44_100 * 4])
    assert failing(path)[:1] == ["length"]


def test_head_and_tail_are_not_too_long(tmp_path: Path) -> None:
    """By the layout: without its first sentence the file begins late, without its bell it goes on for too long."""
    path = made(WAV, Sound(bed_db=-62), tmp_path)
    rewrite(path, lambda data: data.update(speech=data["speech"][1:]))
    assert failing(path) == ["head"]
    path = made(WAV, Sound(bell=0.0), tmp_path)
    rewrite(path, lambda data: data.update(bells=[]))
    assert failing(path) == ["tail"]


@pytest.mark.slow
def test_a_rest_at_the_end_is_the_author_s(tmp_path: Path) -> None:
    """What was written as quiet is no tail that was forgotten, but for ACX; a pause of Breathmark's own is one."""
    path = made(WAV, Sound(bell=0.0), tmp_path)
    placed = {"start_frame": 16 * 44_100, "frames": 20 * 44_100, "start_s": 16.0, "duration_s": 20.0}
    bounds = {"order": 1, "min_s": 10.0, "ideal_s": 20.0, "max_s": 30.0}
    quiet = {**placed, **bounds, "level": "explicit", "place": "evening.yaml:9:5"}
    rewrite(path, lambda data: data.update(bells=[], rests=[quiet]))
    assert failing(path) == []
    rewrite(path, lambda data: data.update(rests=[quiet | {"level": "segment"}]))
    assert failing(path) == ["tail"]
    book = made(BOOK, replace(BOOK_SOUND, bell=0.0), tmp_path)
    rewrite(book, lambda data: data.update(bells=[], rests=[quiet]))
    assert failing(book) == ["tail"]


def test_head_and_tail_are_heard_where_nothing_tells_of_them(tmp_path: Path) -> None:
    """What is so soft that nobody hears it is neither voice nor bell."""

    def late(track: NDArray[np.float64], rate_hz: int) -> None:
        track[: 6 * rate_hz] *= 0.01
        track[24 * rate_hz :] *= 0.01

    path = made(WAV, Sound(bed_db=-62, lufs=-15.4, bell=0.0, spoil=late), tmp_path)
    record(path).unlink()
    assert failing(path) == ["head", "tail"]


@pytest.mark.slow
def test_an_audiobook_needs_room_tone_at_its_end(tmp_path: Path) -> None:
    """A second of it, however soon after the last bell it is cut."""

    def ringing(track: NDArray[np.float64], rate_hz: int) -> None:
        time_s = np.arange(3 * rate_hz) / rate_hz
        track[-3 * rate_hz :] += 0.01 * np.sin(2 * np.pi * 440 * time_s) * np.hanning(6 * rate_hz)[: 3 * rate_hz]

    assert failing(made(BOOK, replace(BOOK_SOUND, spoil=ringing), tmp_path))[-1] == "tail"


def test_tags_are_those_of_the_script(tmp_path: Path) -> None:
    """A wrong title, a missing author; without a record, a title has to be there."""
    path = made(MP3, Sound(lufs=-15.55), tmp_path)
    tags = ID3(path)
    tags["TIT2"] = TIT2(encoding=3, text=["Another"])
    tags.save(path)
    seal(path)
    assert failing(path) == ["tags"]
    tags["TIT2"] = TIT2(encoding=3, text=[SCRIPT.title])
    tags.delall("TPE1")
    tags.save(path)
    seal(path)
    assert failing_labels(path) == ["tags"]
    record(path).unlink()
    assert failing_labels(path) == []
    tags.delall("TIT2")
    tags.save(path)
    assert failing_labels(path) == ["tags"]


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize(
    ("name", "begin_ms", "title"),
    [
        ("chp0", 2000, "Welcome"),
        ("chp1", 42_000, "Resting"),
        ("chp1", 50_000, "Resting"),
        ("chp1", 11_000, " "),
    ],
    ids=["late", "short", "outside", "untitled"],
)
def test_chapters_are_whole(recorded: bool, name: str, begin_ms: int, title: str, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    """The first at 0, none under 5 s, all inside of the length and with a title, with and without a record."""
    path = made(MP3, Sound(lufs=-15.55), tmp_path)
    tags = ID3(path)
    mark = tags[f"CHAP:{name}"]
    mark.start_time, mark.end_time = begin_ms, max(begin_ms + 1000, mark.end_time)
    mark.sub_frames["TIT2"].text = [title]
    tags.save(path)
    if recorded:
        seal(path)
    else:
        record(path).unlink()
    assert failing_labels(path) == ["chapters"]


def test_chapters_are_those_of_the_layout(tmp_path: Path) -> None:
    """One less, another name, another moment: each fails."""
    for change in (
        lambda marks: marks.pop(),
        lambda marks: marks[1].update(title="Other"),
        lambda marks: marks[1].update(start_frame=marks[1]["start_frame"] + 441),
    ):
        path = made(WAV, Sound(), tmp_path)
        rewrite(path, lambda data, change=change: change(data["chapters"]))  # type: ignore[misc]
        assert failing_labels(path) == ["chapters"]


def test_what_can_not_be_verified_is_an_error(tmp_path: Path) -> None:
    """A missing file, a damaged record, an unknown preset, a suffix of another kind: each with its hint."""
    path = made(WAV, Sound(), tmp_path)
    with pytest.raises(AssetError, match="there is no file"):
        verify(tmp_path / "none.mp3")
    with pytest.raises(RequestError, match="did you mean podcast"):
        verify(path, "podcst")
    with pytest.raises(RequestError, match="is not a finished file"):
        verify(record(path))
    record(path).write_text("{", encoding="utf-8")
    with pytest.raises(AssetError, match=r"not a whole session\.json"):
        verify(path)


def test_a_python_without_libebur128_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no wheel for the newest one; everything else works there."""
    path = made(WAV, Sound(), tmp_path)
    monkeypatch.setitem(sys.modules, "pyebur128", None)
    with pytest.raises(RequestError, match="verifying needs pyebur128") as caught:
        verify(path)
    assert "breathmark[verify]" in caught.value.hint


def test_progress_ends_with_all_frames(tmp_path: Path) -> None:
    """Through the API, with the file's name."""
    told: list[tuple[str, int, int]] = []
    path = made(WAV, Sound(), tmp_path)
    assert pipeline.verify(path, progress=lambda *each: told.append(each)).passed
    assert told[-1] == ("Measuring evening.wav", SECONDS * 44_100, SECONDS * 44_100)


CHILD = """
import resource, sys
from pathlib import Path
from breathmark.verification.run import verify
print([finding.item for finding in verify(Path(sys.argv[1])).failures])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    """Ten minutes (at night an hour) take less than 4 MB more than two: the levels and libebur128's own blocks."""
    peaks = []
    for minutes in (2, count(quick=10, ci=10, nightly=60)):
        path = tmp_path / f"{minutes}.wav"
        source = ["-f", "lavfi", "-i", f"anoisesrc=d={60 * minutes}:c=brown:a=0.2:r=44100:s=1"]
        subprocess.run([str(ffmpeg_path()), "-v", "error", *source, "-ac", "2", path], check=True)
        command = [sys.executable, "-W", "ignore", "-c", CHILD, str(path)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        peaks.append(int(said[1]) / 1024)
        path.unlink()
    assert peaks[1] - peaks[0] < 4
