"""Short sounds to listen to before choosing: a piece of an ambience, a bell, and what a voice said."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.ffmpeg import decode
from breathmark.audio.pcm import Format, segment, to_16_bit
from breathmark.base.errors import RequestError
from breathmark.base.files import is_regular
from breathmark.base.writing import Staging
from breathmark.mix.assets import find_ambience, find_bell, own_track, sounds
from breathmark.mix.beds import open_bed

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.mix.assets import SoundAsset


_FORMAT = Format(rate_hz=44_100, channels=2)
_LENGTH_S = 30


def preview_sound(name: str, project_root: Path | None = None) -> AudioSegment:
    """The first half minute of an ambience or a bell, by name, or of any sound file, as loud as it is stored.

    Raises:
        AssetError: there is no such sound, or it is damaged.
    """
    pieces = []
    wanted = _LENGTH_S * _FORMAT.rate_hz
    sound = _sound(name, project_root)
    playing = open_bed(sound, _FORMAT).play() if sound.recipe else decode(sound.path, _FORMAT)
    with closing(playing) as stream:
        for piece in stream:
            pieces.append(piece[:wanted])
            wanted -= len(pieces[-1])
            if not wanted:
                break
    samples = np.concatenate(pieces) if pieces else np.zeros((0, _FORMAT.channels), np.float32)
    data = to_16_bit(samples).tobytes()
    return segment(data, rate_hz=_FORMAT.rate_hz, channels=_FORMAT.channels, sample_width=2)


def save_wav(audio: AudioSegment, path: Path) -> None:
    """Write a sound as a WAV file, whole or not at all.

    Raises:
        RequestError: the name has another ending.
        DeliveryError: it can't be written.
    """
    if path.suffix.lower() != ".wav":
        raise RequestError(f"{path} should end in .wav", f"name it {path.stem or 'sound'}.wav")
    with Staging(path.parent) as staging:
        audio.export(staging.add(path.name), format="wav").close()
        staging.publish()


def _sound(name: str, project_root: Path | None) -> SoundAsset:
    if any(sound.name == name and sound.kind == "bell" for sound in sounds(project_root)):
        return find_bell(name, project_root)
    return own_track(Path(name)) if is_regular(Path(name)) else find_ambience(name, project_root)
