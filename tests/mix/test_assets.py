"""Sounds by name and by path, and the provenance that they have to have."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from breathmark.audio.ffmpeg import read
from breathmark.audio.pcm import Format
from breathmark.base.errors import AssetError
from breathmark.mix.assets import bell_frames, find_ambience, find_bell, own_track, sounds

from .material import RATE_HZ, noise, sine, write_wav

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """sounds:
- {{name: {name}, kind: {kind}, file: {file}, licence: CC-BY-4.0, description: mine, source: my garden{more}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one ambience of its own, ``garden``."""
    folder = tmp_path / "project" / "audio_assets"
    folder.mkdir(parents=True)
    write_wav(folder / "garden.wav", noise(1))
    _state(folder)
    return folder.parent


def _state(
    folder: Path, name: str = "garden", kind: str = "ambience", file: str = "garden.wav", more: str = ""
) -> None:
    (folder / "provenance.yaml").write_text(ENTRY.format(name=name, kind=kind, file=file, more=more))


def test_every_built_in_sound_says_where_it_comes_from() -> None:
    """Each has a licence and a description, and names are unique within their kind."""
    built_in = sounds()
    assert {"soft-rain", "singing-bowl", "breath-in", "breath-out"} <= {sound.name for sound in built_in}
    assert all(sound.licence and sound.description and sound.built_in for sound in built_in)
    assert len({(sound.kind, sound.name) for sound in built_in}) == len(built_in)


def test_a_project_adds_its_own_sounds_and_replaces_built_in_ones(project: Path) -> None:
    """``garden`` is found by name in its project only; a project's ``soft-rain`` wins over the built-in one."""
    assert find_ambience("garden", project).licence == "CC-BY-4.0"
    with pytest.raises(AssetError):
        find_ambience("garden")
    _state(project / "audio_assets", name="soft-rain")
    assert not find_ambience("soft-rain", project).built_in
    assert [sound.name for sound in sounds(project)].count("soft-rain") == 1


@pytest.mark.parametrize(("asked", "meant"), [("soft-rian", "soft-rain"), ("room-ton", "room-tone")])
def test_a_near_miss_gets_a_hint(asked: str, meant: str) -> None:
    """A mistyped name is answered with the one that was meant."""
    with pytest.raises(AssetError, match=f"did you mean {meant}"):
        find_ambience(asked)


def test_a_far_miss_gets_the_list() -> None:
    """A name like none of ours is answered with all of them; kinds are kept apart."""
    with pytest.raises(AssetError, match="chime, deep-bowl, singing-bowl, small-bowl, tingsha"):
        find_bell("soft-rain")


def test_an_asset_without_provenance_fails(project: Path) -> None:
    """A sound in ``audio_assets`` that nobody has vouched for can't be used, neither by name nor by path."""
    write_wav(project / "audio_assets" / "found-online.wav", noise(1))
    for name in ("found-online", "audio_assets/found-online.wav"):
        with pytest.raises(AssetError, match=r"found-online\.wav has no provenance") as caught:
            find_ambience(name, project)
        assert caught.value.exit_code == 3
    assert find_ambience("audio_assets/garden.wav", project).name == "garden"
    (project / "audio_assets" / "provenance.yaml").unlink()
    for name in ("garden", "audio_assets/garden.wav"):
        with pytest.raises(AssetError, match="has no provenance"):
            find_ambience(name, project)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sounds:\n- {name: a, kind: ambience, file: garden.wav}\n", "licence"),
        ("sounds:\n- {name: a, kind: music, file: garden.wav, licence: X}\n", "kind"),
        ("sounds: [\n", "can't be read"),
        ("- just\n- a list\n", "provenance"),
        ("[" * 5000, "can't be read"),
        ("", "provenance"),
        ("sounds:\n- {name: a, kind: bell, file: ../../secret.wav, licence: X}\n", "outside"),
        ("sounds:\n- {name: a, kind: bell, file: gone.wav, licence: X}\n", "missing"),
    ],
)
def test_a_faulty_provenance_is_explained(project: Path, text: str, names: str) -> None:
    """Whatever is wrong with the file ends in an AssetError that names it."""
    (project / "audio_assets" / "provenance.yaml").write_text(text)
    with pytest.raises(AssetError, match=names):
        sounds(project)


def test_a_date_that_is_none_is_the_author_s_own_business(project: Path) -> None:
    """What a provenance notes beside what is asked of it is text, whatever it looks like."""
    _state(project / "audio_assets", more=", recorded: 2026-02-30, take: 0o9")
    assert find_ambience("garden", project).name == "garden"


def test_a_sound_that_was_exchanged_is_noticed(project: Path) -> None:
    """Where a provenance states a hash, another file under the same name is refused."""
    path = project / "audio_assets" / "garden.wav"
    _state(path.parent, more=f", sha256: {hashlib.sha256(path.read_bytes()).hexdigest()}")
    assert find_ambience("garden", project).path == path
    write_wav(path, noise(1, seed=2))
    with pytest.raises(AssetError, match="not the file of its provenance"):
        find_ambience("garden", project)


def test_a_script_reads_files_of_its_project_only(project: Path) -> None:
    """A path in a script is taken from the project's root; links and dots that lead out of it are refused."""
    inside = write_wav(project / "brook.wav", noise(1))
    outside = write_wav(project.parent / "secret.wav", noise(1))
    (project / "link.wav").symlink_to(outside)
    assert find_ambience("brook.wav", project).path == inside.resolve()
    for path in ("../secret.wav", "link.wav", str(outside)):
        with pytest.raises(AssetError, match="outside the project"):
            find_ambience(path, project)
    with pytest.raises(AssetError, match="there is no sound file"):
        find_ambience("gone.wav", project)


def test_a_script_names_a_bell_by_its_path(project: Path) -> None:
    """As it names an ambience; how long it rings is counted. Outside of the project there is none."""
    (project / "bells").mkdir()
    gong = write_wav(project / "bells" / "gong.wav", sine(2, 300))
    found = find_bell("bells/gong.wav", project)
    assert (found.kind, found.path) == ("bell", gong.resolve())
    assert bell_frames("bells/gong.wav", RATE_HZ, project) == 2 * RATE_HZ
    write_wav(project.parent / "secret.wav", sine(1, 300))
    with pytest.raises(AssetError, match=r"the bell .* lies outside the project"):
        find_bell("../secret.wav", project)


def test_a_user_may_bring_any_file(tmp_path: Path) -> None:
    """A track of the user's is taken from wherever it is, and a missing one is named."""
    assert own_track(write_wav(tmp_path / "my song.wav", noise(1))).name == "my song"
    with pytest.raises(AssetError, match=r"none\.mp3"):
        own_track(tmp_path / "none.mp3")


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_bell_rings_as_long_as_its_file(project: Path, rate_hz: int) -> None:
    """The frames that a layout is given are those that decoding gives, within one; with and without a stated length."""
    stated = bell_frames("singing-bowl", rate_hz)
    decoded = read(find_bell("singing-bowl").path, Format(rate_hz=rate_hz, channels=2))
    assert abs(stated - len(decoded)) <= 1
    write_wav(project / "audio_assets" / "garden.wav", sine(0.5, 500))
    _state(project / "audio_assets", name="bowl", kind="bell")
    assert abs(bell_frames("bowl", rate_hz, project) - rate_hz // 2) <= 1
    assert bell_frames("breath-in", RATE_HZ) > 0
