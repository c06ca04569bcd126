"""``breathmark cache``."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from breathmark.base.errors import RequestError
from breathmark.base.wording import counted
from breathmark.cli.options import FILE, json_option
from breathmark.cli.terminal import echo, say, say_json

if TYPE_CHECKING:
    from breathmark.formats.chunk_cache import ChunkCache, ChunkFiles
    from breathmark.speech.clips.housekeeping import Removed
    from breathmark.speech.clips.store import ClipCache


_folder_option = click.option(
    "--cache", "folder", type=FILE, metavar="FOLDER", help="Where the cache is, if not in its usual place."
)
_MIB = 1 << 20


@click.group()
def cache() -> None:
    """The store of sentences that were spoken before, and of ambience that was made."""


@cache.command()
@_folder_option
@json_option
def info(folder: Path | None, *, as_json: bool) -> None:
    """Show where the cache is and what it holds."""
    store = _store(folder)
    found, encoded = store.info(), _encoded(store).info()
    if as_json:
        say_json({**asdict(found), "encoded": encoded.count, "encoded_bytes": encoded.bytes})
        return
    if not found.clips:
        _say_why_empty(found.folder)
    say(f"{found.folder}\n  {counted(found.clips, 'sentence')}, {found.bytes / _MIB:.1f} MiB")
    private = counted(found.private_clips, "private sentence")
    if encoded.count:
        say(f"  {counted(encoded.count, 'encoded part')}, {encoded.bytes / _MIB:.1f} MiB")
    say(f"{found.private_folder}\n  {private}, {found.private_bytes / _MIB:.1f} MiB")
    if found.ambience_bytes:
        say(f"{found.folder / 'ambience'}\n  made ambience, {found.ambience_bytes / _MIB:.1f} MiB")
    if found.leftovers:
        leftovers = counted(found.leftovers, "leftover")
        say(f"{leftovers} of killed runs or other versions; remove with: breathmark cache prune")


def _store(folder: Path | None) -> ClipCache:
    """The cache at ``folder``, or at its usual place. Raises RequestError where that is not a folder."""
    from breathmark.speech.clips.store import ClipCache

    store = ClipCache(folder)
    if store.root.exists() and not store.root.is_dir():
        raise RequestError(f"{store.root} is not a folder, and so not a cache", "choose a folder with --cache")
    return store


def _encoded(store: ClipCache) -> ChunkCache:
    """What was encoded, in the same cache."""
    from breathmark.formats.chunk_cache import ChunkCache

    return ChunkCache(store.root)


def _say_why_empty(folder: Path) -> None:
    """Distinguish a folder that was never a cache from one that holds nothing, in case its name is mistyped."""
    if not folder.exists():
        say(f"There is no folder {folder} yet; it is made when something is spoken.", err=True)
    elif not (folder / "clips").is_dir():
        say(f"{folder} is not a cache: nothing was ever kept in it.", err=True)


class _Age(click.ParamType[float]):
    """``30d``, ``12h``, or a number of days."""

    name = "age"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([dh]?)", str(value).strip(), re.IGNORECASE)
        if match is None:
            self.fail(f"{value!r} is not an age: write 30d or 12h", param, ctx)
        return float(match[1]) * (3600 if match[2].lower() == "h" else 86_400)


@cache.command()
@_folder_option
@click.option("--older-than", type=_Age(), metavar="AGE", help="Not used for this long, such as 30d.")
@click.option("--bigger-than", type=click.FloatRange(min=0), metavar="MIB", help="Keep the total under this many MiB.")
def prune(folder: Path | None, older_than: float | None, bigger_than: float | None) -> None:
    """Remove leftovers of killed runs, and what was not used for long."""
    if bigger_than is not None and not math.isfinite(bigger_than):
        raise RequestError(f"--bigger-than {bigger_than} is not a size", "write a number of MiB, such as 500")
    limit = None if bigger_than is None else int(bigger_than * _MIB)
    store = _store(folder)
    spoken = store.info()
    keep = None if limit is None else max(limit - spoken.bytes - spoken.private_bytes, 0)  # quickly made again
    encoded = _encoded(store).prune(older_than_s=older_than, keep_bytes=keep)
    gone = store.prune(older_than_s=older_than, bigger_than_bytes=limit)
    _say_removed(gone, encoded)


@cache.command()
@_folder_option
@click.option("--yes", is_flag=True, help="Don't ask.")
def clear(folder: Path | None, *, yes: bool) -> None:
    """Remove all speech, the private key too, and all made ambience."""
    store = _store(folder)
    if not (yes or _confirmed(f"Remove every sentence in {store.root}? They are spoken again when needed")):
        raise RequestError("nothing was removed", "answer y, or add --yes, which removes without asking")
    encoded = _encoded(store).clear()
    _say_removed(store.clear(), encoded)


def _say_removed(spoken: Removed, encoded: ChunkFiles) -> None:
    parts = f" and {counted(encoded.count, 'encoded part')}" if encoded.count else ""
    say(f"Removed {counted(spoken.clips, 'sentence')}{parts}, {(spoken.bytes + encoded.bytes) / _MIB:.1f} MiB.")


def _confirmed(question: str) -> bool:
    """Whether the answer is yes; no answer (a pipe that has ended, Ctrl-C) is none."""
    try:
        return click.confirm(question)
    except click.Abort:
        echo(err=True)
        return False
