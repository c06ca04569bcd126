"""The sounds that come with Breathmark and with a project, each with its provenance, and the user's own files."""

from __future__ import annotations

import glob
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from breathmark.audio.ffmpeg import read
from breathmark.audio.pcm import Format
from breathmark.base.errors import AssetError, near_miss
from breathmark.base.files import file_sha256, is_regular, names_beside, read_regular
from breathmark.base.inputs import note_read

SoundKind: TypeAlias = Literal["ambience", "bell"]

_PROVENANCE = "provenance.yaml"
_SOUND_SUFFIXES = frozenset({".aif", ".aiff", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wma"})
_LOADER: type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml's, which is 8 times as fast, where PyYAML was built with it. Dates and numbers stay as they are written."""
_MAX_BYTES = 4 * 2**20
"""Of a provenance: ten thousand sounds."""
_RATE_HZ = 44_100
"""The sample rate where a provenance states none."""


class UnknownSoundError(AssetError):
    """No sound has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundAsset:
    """One sound and where it comes from."""

    name: str
    kind: SoundKind
    path: Path
    """Its file; that of its provenance where it is made from a recipe."""
    description: str = ""
    licence: str = ""
    recipe: str = ""
    """The name of the recipe that makes it; empty where it is a file."""
    loop: bool = False
    """Whether its end leads into its beginning: such a file is neither trimmed nor cross-faded."""
    frames: int = 0
    """Its whole length at ``rate_hz``, where its provenance states that; else 0."""
    rate_hz: int = _RATE_HZ
    level_lu: float = 0.0
    """Of a bell: its loudest 400 ms against the voice's gated loudness, before its peak is held under the voice's."""
    sha256: str = ""
    """The file's hash, where its provenance states that."""
    built_in: bool = False


class _Entry(BaseModel):
    """One entry of a ``provenance.yaml``. What else its author wants to note is welcome."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    name: str = Field(min_length=1)
    kind: SoundKind
    file: str = ""
    recipe: str = ""
    loop: bool = False
    description: str = ""
    licence: str = Field(min_length=1)
    frames: int = Field(default=0, ge=0)
    rate_hz: int = Field(default=_RATE_HZ, gt=0)
    level_lu: float = Field(default=0.0, ge=-40, le=20)
    sha256: str = ""

    @model_validator(mode="after")
    def _is_a_file_or_made(self) -> _Entry:
        if not self.file and not self.recipe:
            raise ValueError("file is missing")
        return self


class _Provenance(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    sounds: tuple[_Entry, ...]


def sounds(project_root: Path | None = None) -> tuple[SoundAsset, ...]:
    """All sounds by name: the project's (in its ``audio_assets``) before the built-in ones that they replace.

    Raises:
        AssetError: a ``provenance.yaml`` is at fault, or lists a file that is missing.
    """
    own = _folder(project_root / "audio_assets", built_in=False) if project_root else ()
    names = {(sound.kind, sound.name) for sound in own}
    built_in = _folder(_packaged(), built_in=True)
    return own + tuple(sound for sound in built_in if (sound.kind, sound.name) not in names)


def find_ambience(name: str, project_root: Path | None = None) -> SoundAsset:
    """The ambience that a script names: a sound's name, or the path of a file inside the project.

    Raises:
        AssetError: it does not exist, has no provenance, or the path leads out of the project.
    """
    return find_sound("ambience", name, project_root)


def own_track(path: Path) -> SoundAsset:
    """Any sound file of the user's as an ambience.

    Raises:
        AssetError: there is no such file.
    """
    note_read(path)
    if not is_regular(path):
        meant = near_miss(path.name, (each for each in names_beside(path) if _is_sound_name(each)))
        hint = f"did you mean {meant}?" if meant else "check the path, or see `breathmark sounds list`"
        raise AssetError(f"there is no sound file {path}", hint)
    return SoundAsset(name=path.stem, kind="ambience", path=path)


def find_bell(name: str, project_root: Path | None = None) -> SoundAsset:
    """The bell that a script names, in the same way; raises as ``find_ambience`` does."""
    return find_sound("bell", name, project_root)


def bell_frames(name: str, rate_hz: int, project_root: Path | None = None) -> int:
    """How long the bell ``name`` rings, in frames at ``rate_hz``; raises as ``find_bell`` does."""
    bell = find_bell(name, project_root)
    if bell.frames:
        return -(-bell.frames * rate_hz // bell.rate_hz)
    return _decoded_frames(bell.path, bell.path.stat().st_mtime_ns, rate_hz)


def find_sound(kind: SoundKind, name: str, project_root: Path | None) -> SoundAsset:
    """An ambience or a bell; raises as ``find_ambience`` does."""
    for sound in sounds(project_root):
        if (sound.kind, sound.name) == (kind, name):
            return _as_stated(sound)
    if project_root is not None and _looks_like_path(name):
        note_read(project_root / name)  # it may be a link, which can be changed
        try:
            path = (project_root / name).resolve()
        except (OSError, RuntimeError, ValueError) as exc:  # a loop of links, or a name that the system can't have
            raise AssetError(f"there is no sound file {name}", "check the path") from exc
        if not path.is_relative_to(project_root.resolve()):
            raise AssetError(f"the {kind} {name} lies outside the project", "copy it into the project's folder")
        _vouched_for(path, project_root)
        return replace(own_track(path), kind=kind)
    raise _refused(name, kind, project_root)


@lru_cache(maxsize=64)
def _decoded_frames(path: Path, _changed_ns: int, rate_hz: int) -> int:
    return len(read(path, Format(rate_hz=rate_hz, channels=1)))


def _packaged() -> Path:
    """The built-in sounds: beside this package in a wheel, at the top of the repository in an editable install."""
    package = Path(__file__).parents[1]
    inside = package / "audio_assets"
    return inside if inside.is_dir() else package.parents[1] / "audio_assets"


def _folder(folder: Path, *, built_in: bool) -> tuple[SoundAsset, ...]:
    """The sounds that the provenance of one folder lists; none where there is none."""
    provenance = folder / _PROVENANCE
    note_read(provenance)
    entries = _entries(provenance, provenance.stat().st_mtime_ns) if is_regular(provenance) else ()
    return tuple(_sound(entry, folder, built_in=built_in) for entry in entries)


def _vouched_for(path: Path, project_root: Path | None) -> None:
    """Raise AssetError where ``path`` is an asset without provenance; a file elsewhere needs none."""
    listed = {sound.path.resolve() for sound in sounds(project_root)}
    for folder in _folders(project_root):
        if path.is_relative_to(folder.resolve()) and path not in listed:
            raise AssetError(
                f"{path} has no provenance", f"state its source and licence in {folder / _PROVENANCE}, or don't use it"
            )


def _folders(project_root: Path | None) -> tuple[Path, ...]:
    return (_packaged(),) if project_root is None else (project_root / "audio_assets", _packaged())


def _refused(name: str, kind: SoundKind, project_root: Path | None) -> AssetError:
    """Why there is no such sound: a file of that name lacks its provenance, or there is none at all."""
    listed = {sound.path for sound in sounds(project_root)}
    for folder in _folders(project_root) if name and not _looks_like_path(name) else ():
        for path in sorted(set(folder.rglob(f"{glob.escape(name)}.*")) - listed):
            if _is_sound_name(path.name):
                return AssetError(
                    f"{path} has no provenance as {kind}", f"state its source and licence in {folder / _PROVENANCE}"
                )
    return UnknownSoundError(f"there is no {kind} {name}", _hint(name, kind, project_root))


@lru_cache(maxsize=8)
def _entries(path: Path, _changed_ns: int) -> tuple[_Entry, ...]:
    try:
        return _read_entries(read_regular(path, _MAX_BYTES).decode("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as exc:
        raise AssetError(
            f"{path} can't be read: {exc}", "correct it: a list `sounds:` of name, kind, file, licence"
        ) from exc
    except ValidationError as exc:
        fault = exc.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise AssetError(f"{path}: {where}: {fault['msg']}", "each sound needs name, kind, file and licence") from exc


@lru_cache(maxsize=8)
def _read_entries(text: str) -> tuple[_Entry, ...]:
    """The entries of a provenance, which one render asks for once for each sound that it uses."""
    return _Provenance.model_validate(yaml.load(text, _LOADER)).sounds  # noqa: S506 - it makes texts, lists and mappings only


def _sound(entry: _Entry, folder: Path, *, built_in: bool) -> SoundAsset:
    path = folder / (entry.file or _PROVENANCE)
    if not _inside(path, folder):
        raise AssetError(f"{folder / _PROVENANCE}: {entry.file} lies outside its folder", "move the file into it")
    if not is_regular(path):
        next_step = "install Breathmark again" if built_in else "put the file there, or remove its entry"
        raise AssetError(f"the sound {entry.name} is missing: there is no {path}", next_step)
    stated = entry.model_dump(include=_Entry.model_fields.keys() - {"file"})
    return SoundAsset(path=path, built_in=built_in, **stated)


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _as_stated(sound: SoundAsset) -> SoundAsset:
    """``sound``, whose file is the one that its provenance speaks of."""
    note_read(sound.path)
    if sound.sha256 and _sha256(sound.path) != sound.sha256:
        next_step = (
            "install Breathmark again" if sound.built_in else "correct the file, or its sha256 in provenance.yaml"
        )
        raise AssetError(f"{sound.path} is damaged: it is not the file of its provenance", next_step)
    return sound


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as exc:
        raise AssetError(f"the sound {path} can't be read: {exc.strerror}", "check its permissions") from exc


def _is_sound_name(name: str) -> bool:
    return Path(name).suffix.lower() in _SOUND_SUFFIXES


def _looks_like_path(name: str) -> bool:
    return "/" in name or "\\" in name or _is_sound_name(name)


def _hint(name: str, kind: SoundKind, project_root: Path | None) -> str:
    known = sorted(sound.name for sound in sounds(project_root) if sound.kind == kind)
    meant = near_miss(name, known)
    return f"did you mean {meant}?" if meant else f"there are: {', '.join(known) or 'none'}"
