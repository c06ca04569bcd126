"""``breathmark voices install``: voices that are too large for a package, fetched once into this user's data folder."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import filelock

from breathmark.base.errors import VoiceError
from breathmark.base.files import begin, draft_in, drafts_in, is_left_behind, is_regular
from breathmark.speech.clips.places import voices_folder
from breathmark.speech.voices.download import Progress, download, holds, settle
from breathmark.speech.voices.hibari_index import fetched_voices, hibari_files
from breathmark.speech.voices.kokoro import kokoro_files
from breathmark.speech.voices.piper_index import INDEX_URL, piper_files

if TYPE_CHECKING:
    from breathmark.speech.voices.wanted import WantedFile


_STALE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The result of an installation."""

    narrator: str
    folder: Path
    files: tuple[str, ...]
    """Names of files in ``folder``; the first one is the model."""
    fetched: tuple[str, ...]
    """Those of them that were not there before."""


def install_voice(voice: str, *, source: Path | None = None, mirror: str = "", progress: Progress) -> Installed:
    """Install ``kokoro``, ``hibari:NAME`` or ``piper:NAME``, from the network or from the folder ``source``.

    What is there already and whole is left alone; what is there and damaged is replaced.

    Args:
        voice: what to install.
        source: a folder that has the files; then nothing is fetched.
        mirror: an address that has the same files, instead of where the voice's project offers them.
        progress: called for each file.

    Raises:
        VoiceError: there is no such voice to install, a file can't be fetched, is the wrong one, or can't be written.
    """
    narrator, _, name = voice.partition(":")
    narrator = narrator.lower()
    if narrator == "kokoro":
        wanted = kokoro_files(mirror)
    elif narrator == "hibari" and name:
        wanted = hibari_files(name, mirror)
    elif narrator == "piper" and name:
        wanted = piper_files(name, source=source, base=mirror or INDEX_URL)
    else:
        hint = "there are `kokoro`, `hibari:NAME` such as `hibari:emma`, and `piper:NAME` such as `piper:lessac`"
        raise VoiceError(f"there is nothing to install for `{voice}`", hint)
    folder = voices_folder(narrator)
    with _own(folder):
        fetched = tuple(file.name for file in wanted if _bring(file, folder, source, progress))
    return Installed(narrator=narrator, folder=folder, files=tuple(file.name for file in wanted), fetched=fetched)


def installable_voices(narrator: str) -> dict[str, str]:
    """What ``install_voice`` can add to a narrator that is installed, of voices known by name: name, language."""
    if narrator != "hibari":
        return {}
    return {f"hibari:{name}": each.language for name, each in fetched_voices().items() if not each.path.is_file()}


def installing(voice: str) -> str:
    """The command that brings a voice that is not here; empty where there is none.

    Which voices Piper's own list has is only known when it is fetched.
    """
    narrator, _, name = voice.lower().partition(":")
    known = (narrator == "piper" and name) or f"{narrator}:{name}" in installable_voices(narrator)
    return f"breathmark voices install {narrator}:{name}" if known else ""


def _bring(wanted: WantedFile, folder: Path, source: Path | None, progress: Progress) -> bool:
    """Make ``folder`` hold ``wanted``; whether something had to be done for it."""
    if holds(folder / wanted.name, wanted):
        return False
    if source is None:
        download(wanted, folder, progress)
    else:
        _copy(_found(wanted, source), wanted, folder, progress)
    return True


def _found(wanted: WantedFile, source: Path) -> Path:
    """The file in ``source``: as it is called here, or laid as where it comes from."""
    places = (source / wanted.name, source / wanted.origin)
    for place in places:
        if is_regular(place):
            return place
    hint = f"put {wanted.name} there ({wanted.url}), or leave --from away where there is internet"
    raise VoiceError(f"{wanted.name} is not in {source}", hint)


def _copy(path: Path, wanted: WantedFile, folder: Path, progress: Progress) -> None:
    draft = draft_in(folder)
    progress(wanted.name, 0, wanted.size)
    try:
        with path.open("rb") as file, open(begin(draft), "wb") as copy:  # noqa: PTH123 - around a descriptor
            shutil.copyfileobj(file, copy, 1 << 20)
        settle(draft, folder, wanted, origin=str(path))
    finally:
        draft.unlink(missing_ok=True)
    progress(wanted.name, wanted.size, wanted.size)


@contextmanager
def _own(folder: Path) -> Iterator[None]:
    """Make ``folder`` and keep other installations out of it; what a killed one left of a copy goes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(folder / ".install.lock", timeout=0):
            for draft in drafts_in(folder):
                if is_left_behind(draft, stale_s=_STALE_S):
                    draft.unlink(missing_ok=True)
            yield
    except filelock.Timeout as exc:
        raise VoiceError(f"another installation is writing to {folder}", "wait until it is done") from exc
    except OSError as exc:
        full = exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        hint = "free some space, or choose" if full else "choose"
        raise VoiceError(
            f"the voices' folder {folder} can't be written: {exc.strerror or exc}",
            f"{hint} another folder by the environment variable BREATHMARK_VOICES",
        ) from exc
