"""Decoding: every format, and every way in which a file can be wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.audio import ffmpeg
from breathmark.audio.ffmpeg import decode, ffmpeg_path, read
from breathmark.audio.pcm import Format
from breathmark.base.errors import AssetError
from tests.processes import ffmpegs

from .material import RATE_HZ, encoded, noise, rms_db, sine, write_wav

if TYPE_CHECKING:
    from pathlib import Path

STEREO = Format(rate_hz=RATE_HZ, channels=2)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg", "a.m4a", "a.opus", "a.aiff", "a b'c.mkv"])
def test_every_usual_format_is_read(tmp_path: Path, name: str) -> None:
    """A tone comes out of each format at its length (within a codec's frame) and level."""
    samples = read(encoded(tmp_path / name, sine(2, 440, level=0.25)), STEREO)
    assert abs(len(samples) - 2 * RATE_HZ) <= 2_048
    assert rms_db(samples[8_000:-8_000]) == pytest.approx(rms_db(sine(1, 440, level=0.25)), abs=0.6)


def test_rate_and_channels_are_changed(tmp_path: Path) -> None:
    """22.05 kHz mono becomes 44.1 kHz stereo: both channels alike, and no image of a tone over -90 dB."""
    path = encoded(tmp_path / "a.flac", sine(2, 7_000, 22_050, 1, 0.5), 22_050)
    samples = read(path, STEREO)
    assert len(samples) == 2 * RATE_HZ
    assert np.array_equal(samples[:, 0], samples[:, 1])
    window = np.blackman(65_536) ** 2
    spectrum = np.abs(np.fft.rfft(samples[5_000 : 5_000 + 65_536, 0] * window))
    tone = round(7_000 / RATE_HZ * 65_536)
    peak = spectrum[tone - 40 : tone + 40].max()
    spectrum[tone - 40 : tone + 40] = 0
    assert 20 * np.log10(spectrum.max() / peak) < -90


def test_the_mean_of_two_channels_becomes_one(tmp_path: Path) -> None:
    """As loud as they are alike: what is not cut off in the file is not cut off here."""
    path = encoded(tmp_path / "a.wav", sine(1, 440, level=0.9))
    mono = Format(rate_hz=RATE_HZ, channels=1)
    assert np.abs(read(path, mono)).max() == pytest.approx(0.9, abs=0.001)


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) // 2] = np.random.default_rng(3).bytes(len(data) // 2 - len(data) // 4)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.ogg", "a.m4a", "a.opus"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    """Bytes that were overwritten in the middle end in an AssetError with exit code 3, not in a gap."""
    path = encoded(tmp_path / name, noise(8))
    _damaged(path)
    with pytest.raises(AssetError, match="damaged") as caught:
        read(path, STEREO)
    assert caught.value.exit_code == 3


def test_a_stray_tag_at_the_end_is_no_damage(tmp_path: Path) -> None:
    """An MP3 with an unknown tag behind its last frame plays."""
    path = encoded(tmp_path / "a.mp3", noise(3))
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(range(200)))
    assert abs(len(read(path, STEREO)) - 3 * RATE_HZ) <= 2_304


@pytest.mark.parametrize("content", [b"", b"hello, this is text\n" * 500, np.random.default_rng(1).bytes(50_000)])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty files, text and random bytes end in an AssetError whatever their suffix."""
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AssetError):
        read(path, STEREO)


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    """A film with pictures only contains no sound, and the message says so."""
    path = tmp_path / "film.mp4"
    subprocess.run([ffmpeg_path(), "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x64", path], check=True)
    with pytest.raises(AssetError, match="contains no sound"):
        read(path, STEREO)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The message names the path."""
    with pytest.raises(AssetError, match=r"nowhere\.mp3"):
        read(tmp_path / "nowhere.mp3", STEREO)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:2,\nsecret.wav\n#EXT-X-ENDLIST\n"),
        ("list.txt", "ffconcat version 1.0\nfile secret.wav\n"),
    ],
)
def test_a_playlist_can_not_read_another_file(tmp_path: Path, name: str, text: str) -> None:
    """A playlist is not a sound file: through it a script could read files out of its project."""
    write_wav(tmp_path / "secret.wav", noise(2))
    (tmp_path / name).write_text(text)
    with pytest.raises(AssetError):
        read(tmp_path / name, STEREO)


def test_no_process_is_left(tmp_path: Path) -> None:
    """Its process is gone when its sound is used up, dropped early, or refused."""
    path = encoded(tmp_path / "a.flac", noise(30))
    before = len(ffmpegs())
    read(path, STEREO)
    with closing(decode(path, STEREO)) as pieces:
        next(pieces)
        assert len(ffmpegs()) == before + 1
    assert len(ffmpegs()) == before
    next(decode(path, STEREO))
    assert len(ffmpegs()) == before


def test_the_setting_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``BREATHMARK_FFMPEG`` wins over the wheel; where it names nothing, the message says so."""
    program = tmp_path / "my-ffmpeg"
    program.symlink_to(ffmpeg_path())
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(program))
    assert ffmpeg_path() == program
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(tmp_path / "none"))
    with pytest.raises(AssetError, match="BREATHMARK_FFMPEG"):
        ffmpeg_path()


def test_without_ffmpeg_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without setting, wheel and system's ffmpeg: exit code 3, and the command that installs it."""
    monkeypatch.delenv("BREATHMARK_FFMPEG", raising=False)
    monkeypatch.setattr(ffmpeg, "_wheel", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssetError, match=r'pip install "breathmark\[ffmpeg\]"') as caught:
        read(write_wav(tmp_path / "a.wav", noise(1)), STEREO)
    assert caught.value.exit_code == 3


def test_ffprobe_is_never_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing at all on PATH, an MP3 is decoded by the wheel alone."""
    path = encoded(tmp_path / "a.mp3", noise(1))
    monkeypatch.setenv("PATH", os.devnull)
    assert len(read(path, STEREO)) == RATE_HZ


def test_a_decoder_that_is_ended_is_not_attributed_to_the_file(tmp_path: Path) -> None:
    """The message is to run the command again, not to choose another sound."""
    track = encoded(tmp_path / "a.flac", noise(30))
    with closing(decode(track, STEREO)) as pieces:
        next(pieces)
        for child in ffmpegs():
            child.kill()
        with pytest.raises(AssetError, match="ffmpeg was ended") as caught:
            list(pieces)
    assert "again" in caught.value.hint


@pytest.mark.skipif(os.name != "posix", reason="a shell script in place of ffmpeg")
@pytest.mark.parametrize("count", [1, 3, 7, 4099])
@pytest.mark.parametrize("code", [0, 1])
def test_a_decoder_that_stops_within_a_sample_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, code: int
) -> None:
    """Whatever number of bytes it gives, an error names the file; what came before is not used."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nhead -c {count} /dev/zero\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(program))
    file = tmp_path / "rain.wav"
    file.write_bytes(b"RIFF")
    with pytest.raises(AssetError, match=r"rain\.wav"):
        list(decode(file, Format(rate_hz=48_000, channels=1)))


def test_without_a_place_for_temporary_files_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how to name another one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    file = write_wav(tmp_path / "a.wav", sine(0.1, 440))
    with pytest.raises(AssetError, match="TMPDIR"):
        read(file, Format(rate_hz=RATE_HZ, channels=1))


def test_the_wheel_s_ffmpeg_is_found_without_running_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the wheel itself names, though no process can be started just then."""
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    monkeypatch.delenv("BREATHMARK_FFMPEG", raising=False)
    named = imageio_ffmpeg.get_ffmpeg_exe()
    ffmpeg._wheel.cache_clear()
    imageio_ffmpeg._utils._get_ffmpeg_exe.cache_clear()
    with monkeypatch.context() as patch:

        def fail(*_: object, **__: object) -> None:
            raise OSError

        patch.setattr(subprocess, "Popen", fail)
        assert str(ffmpeg_path()) == named
