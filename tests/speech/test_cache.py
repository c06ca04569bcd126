from __future__ import annotations

import dataclasses
import errno
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from breathmark.base import files as drafts
from breathmark.base.errors import VoiceError
from breathmark.speech.clips import places
from breathmark.speech.clips import store as cache_module
from breathmark.speech.clips.store import ClipCache, ClipKey
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import TrimmedClip
from tests.full_disk import full_disk

REQUEST = SpeechRequest(text="Be still.", voice="tone:tone", speed=1.0, language="en")
TAKE = TrimmedClip(pcm=b"\1\0" * 5000, rate_hz=22_050, lufs=-20.0)
GREETING = "Welcome, Xanthippe."


def fill(cache: ClipCache, text: str = "Be still.", *, private: bool = False) -> Path:
    """Store a clip under ``text``; where it lies."""
    key = cache.key(dataclasses.replace(REQUEST, text=text), "1", private=private)
    cache.store(key, TAKE)
    return cache.path(key)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(SpeechRequest)])
def test_every_field_of_a_request_is_in_the_key(cache: ClipCache, field: str) -> None:
    """Whatever changes in a request, also in a field added later, makes another key."""
    other: Any = 1.5 if field == "speed" else "other"
    changed = dataclasses.replace(REQUEST, **{field: other})
    assert cache.key(changed, "1") != cache.key(REQUEST, "1")
    assert cache.key(changed, "1", private=True) != cache.key(REQUEST, "1", private=True)


def test_clips_from_before_takes_and_pitch_are_found(cache: ClipCache) -> None:
    """The first take at the voice's own pitch has the key that it had before there was anything else (0.1.0)."""
    request = SpeechRequest(text="Let it go.", voice="tone:tone", speed=0.9, language="en")
    assert (
        cache.key(request, "tone:tone 1").digest == "b2fc53c255e7db0b60d11bba7446c10cd9e2b9071ca15c83bd21427111b2d47f"
    )


def test_the_fingerprint_is_in_the_key(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another model or another format makes another key; the same makes the same."""
    key = cache.key(REQUEST, "1")
    assert cache.key(REQUEST, "1") == key
    assert cache.key(REQUEST, "2") != key
    monkeypatch.setattr(cache_module, "FORMAT", 2)
    assert cache.key(REQUEST, "1") != key


def test_what_is_stored_is_found_by_another_run(cache: ClipCache) -> None:
    """A second cache object on the same folder has the clip; an unknown one is a miss."""
    fill(cache)
    facts = ClipCache(cache.root).load(cache.key(REQUEST, "1"))
    assert facts is not None
    assert (facts.frames, facts.rate_hz, facts.lufs) == (5000, 22_050, -20.0)
    assert cache.load(cache.key(REQUEST, "2")) is None


@pytest.mark.parametrize("damage", ["empty", "short", "zeros", "foreign", "folder", "other"])
def test_a_damaged_entry_is_a_miss_and_can_be_stored_again(cache: ClipCache, damage: str) -> None:
    """Nothing that can lie under a clip's name is taken for it, or crashes."""
    path = fill(cache)
    key = cache.key(REQUEST, "1")
    whole = path.read_bytes()
    other = fill(cache, "Another.").read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
        (path / "copied.wav").write_bytes(whole)
    else:
        contents = {
            "empty": b"",
            "short": whole[:-1],
            "zeros": bytes(len(whole)),
            "foreign": b"RIFF....WAVE",
            "other": other,
        }
        path.write_bytes(contents[damage])
    assert cache.load(key) is None
    cache.store(key, TAKE)
    assert cache.load(key) is not None


@pytest.mark.timeout(60)
@pytest.mark.parametrize("stranger", ["fifo", "device", "sparse"])
def test_what_is_no_file_or_has_no_end_is_a_miss(cache: ClipCache, stranger: str) -> None:
    """In place of a clip or of the private key: nothing is waited for, or read whole."""
    clip = fill(cache)
    fill(cache, private=True)
    private_key = cache.root / "private" / "key"
    for path in (clip, private_key):
        path.unlink()
        if stranger == "fifo":
            os.mkfifo(path)
        elif stranger == "device":
            path.symlink_to("/dev/zero")
        else:
            with path.open("wb") as file:
                file.truncate(5 * 2**30)
    fresh = ClipCache(cache.root)
    key = fresh.key(REQUEST, "1")
    assert fresh.load(key) is None
    fresh.store(key, TAKE)
    assert fresh.load(key) is not None
    assert fresh.load(fresh.key(REQUEST, "1", private=True)) is None
    assert len(private_key.read_bytes()) == 32


def test_two_runs_storing_the_same_clip_both_end_well(cache: ClipCache) -> None:
    """Many writers of one key, and readers among them: always a whole clip or none, and no draft is left."""
    key = cache.key(REQUEST, "1")

    def run(_: int) -> bool:
        own = ClipCache(cache.root)
        own.store(key, TAKE)
        return own.load(key) is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(100)))
    assert [path.name for path in cache.path(key).parent.iterdir()] == [cache.path(key).name]


def test_private_clips_lie_apart_for_this_user_alone(cache: ClipCache) -> None:
    """The private folder is 0700, its files 0600, their names no hash of the sentence, and none is in the store."""
    path = fill(cache, GREETING, private=True)
    assert path.is_relative_to(cache.root / "private")
    assert stat.S_IMODE((cache.root / "private").stat().st_mode) == 0o700
    files = [file for file in (cache.root / "private").rglob("*") if file.is_file() and file.suffix != ".lock"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    plain = cache.key(dataclasses.replace(REQUEST, text=GREETING), "1")
    assert plain.digest != path.stem
    assert not list(cache.root.glob("clips/**/*.wav"))
    assert not any(b"Xanthippe" in file.read_bytes() for file in cache.root.rglob("*") if file.is_file())


def test_the_private_key_is_local_and_lasts(tmp_path: Path) -> None:
    """Two runs on one folder agree on a private clip's name; another folder names it otherwise."""
    one, again, other = ClipCache(tmp_path / "a"), ClipCache(tmp_path / "a"), ClipCache(tmp_path / "b")
    assert one.key(REQUEST, "1", private=True) == again.key(REQUEST, "1", private=True)
    assert one.key(REQUEST, "1", private=True) != other.key(REQUEST, "1", private=True)


def test_runs_that_start_at_once_agree_on_the_private_key(tmp_path: Path) -> None:
    """However many make the key at the same moment, all go by one."""
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: ClipCache(tmp_path / "a").key(REQUEST, "1", private=True).digest, range(40)))
    assert len(keys) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_damaged_private_key_is_made_anew(cache: ClipCache, content: bytes) -> None:
    """A key that can't be one is replaced; the old clips are misses, nothing crashes."""
    fill(cache, private=True)
    (cache.root / "private" / "key").write_bytes(content)
    fresh = ClipCache(cache.root)
    assert fresh.load(fresh.key(REQUEST, "1", private=True)) is None
    assert len((cache.root / "private" / "key").read_bytes()) == 32


def test_a_shared_store_gets_no_private_clips(tmp_path: Path) -> None:
    """Where others can write, private clips go to this user's own cache."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    cache = ClipCache(shared)
    path = fill(cache, private=True)
    assert not path.is_relative_to(shared)
    assert path.is_relative_to(tmp_path / "home-cache")
    assert fill(cache).is_relative_to(shared)


def test_a_private_folder_that_is_too_open_is_closed(cache: ClipCache) -> None:
    """A folder made by hand as 0755 is 0700 afterwards."""
    folder = cache.root / "private"
    folder.mkdir(parents=True, mode=0o755)
    fill(cache, private=True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_private_folder_that_leads_elsewhere_is_refused(cache: ClipCache, tmp_path: Path) -> None:
    """A link in the private folder's place is not followed."""
    cache.root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (cache.root / "private").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(VoiceError, match="another user"):
        fill(cache, private=True)


def test_the_environment_says_where_the_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An explicit folder, then BREATHMARK_CACHE, then the system's place for caches."""
    assert ClipCache(tmp_path / "x").root == tmp_path / "x"
    assert ClipCache().root == tmp_path / "cache"
    monkeypatch.delenv("BREATHMARK_CACHE")
    assert ClipCache().root == tmp_path / "home-cache" / "breathmark"


def test_a_folder_that_cannot_be_written_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """A file in the folder's place: exit code 4, and the message names --cache."""
    (tmp_path / "file").write_text("")
    with pytest.raises(VoiceError, match="--cache") as caught:
        fill(ClipCache(tmp_path / "file"))
    assert caught.value.exit_code == 4


def test_a_full_disk_is_an_error_and_leaves_nothing(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left: the message says so, and neither the clip nor a draft is there."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(VoiceError, match="no space is left"):
        fill(cache)
    assert not [path for path in cache.root.rglob("*") if path.is_file()]


def test_a_limit_of_file_size_is_met_in_earnest(cache: ClipCache) -> None:
    """Under RLIMIT_FSIZE the real system call fails, the error is ours, and no draft is left."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom breathmark.speech.clips.store import *\n"
        "from breathmark.speech.level import TrimmedClip\n"
        "key = ClipKey(digest='a' * 64, private=False)\n"
        "try: ClipCache(Path(sys.argv[1])).store(key, TrimmedClip(pcm=bytes(20000), rate_hz=22050, lufs=-20.0))\n"
        "except Exception as exc: print(type(exc).__name__, exc)\n"
    )
    with full_disk(10_000):
        run = [sys.executable, "-c", code, str(cache.root)]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("VoiceError no space is left")
    assert not [path for path in cache.root.rglob("*") if path.is_file()]


def test_info_counts_what_is_there(cache: ClipCache) -> None:
    """Shared and private clips apart, and the leftovers of dead runs."""
    assert cache.info().clips == 0
    size = fill(cache).stat().st_size
    fill(cache, "Another.")
    fill(cache, private=True)
    info = cache.info()
    assert (info.clips, info.private_clips, info.bytes, info.private_bytes) == (2, 1, 2 * size, size)
    assert info.leftovers == 0


def test_prune_removes_what_was_long_unused(cache: ClipCache) -> None:
    """A clip last used a week ago goes, one that was loaded since stays."""
    old, used = fill(cache, "Old."), fill(cache, "Used.")
    for path in (old, used):
        os.utime(path, (time.time() - 7 * 86_400,) * 2)
    assert cache.load(cache.key(dataclasses.replace(REQUEST, text="Used."), "1"))
    removed = cache.prune(older_than_s=86_400)
    assert removed.clips == 1
    assert (old.exists(), used.exists()) == (False, True)


def test_prune_by_size_keeps_the_last_used(cache: ClipCache) -> None:
    """The longest unused go first, private ones too, until the rest fits."""
    paths = [fill(cache, f"Sentence {number}.", private=number % 2 == 0) for number in range(6)]
    for age, path in enumerate(reversed(paths)):
        os.utime(path, (time.time() - 100 * age,) * 2)
    size = paths[0].stat().st_size
    assert cache.prune(bigger_than_bytes=2 * size).clips == 4
    assert [path.exists() for path in paths] == [False] * 4 + [True] * 2


def test_prune_removes_drafts_of_dead_runs_only(cache: ClipCache) -> None:
    """A draft of a process that is gone, an old one of another machine, and clips of other versions go."""
    folder = fill(cache).parent
    host = drafts._host()
    dead = folder / f".breathmark-{host}-{2**22 - 1}-00000000-0.part"
    alive = drafts.draft_in(folder)
    fresh = folder / ".breathmark-ffffffff-1-00000000-0.part"
    stale = folder / ".breathmark-ffffffff-2-00000000-0.part"
    other_version = cache.root / "clips" / "v0" / "ab" / f"{'ab' * 32}.wav"
    foreign = folder / "holiday.wav"
    other_version.parent.mkdir(parents=True)
    for path in (dead, alive, fresh, stale, other_version, foreign):
        path.write_bytes(b"x")
    os.utime(stale, (time.time() - 7200,) * 2)
    assert cache.info().leftovers == 3
    assert cache.prune().clips == 0
    left = {path for path in (dead, alive, fresh, stale, other_version, foreign) if path.exists()}
    assert left == {alive, fresh, foreign}
    assert cache.info().clips == 1


@pytest.mark.parametrize("folder", ["models", "private"])
def test_prune_and_clear_take_drafts_beside_the_clips_too(cache: ClipCache, folder: str) -> None:
    """Those of a model's hash and of the private key: abandoned ones go when pruned, all of them when cleared."""
    fill(cache, private=True)
    (cache.root / folder).mkdir(exist_ok=True)
    dead = cache.root / folder / f".breathmark-{drafts._host()}-{2**22 - 1}-00000000-0.part"
    alive = drafts.draft_in(cache.root / folder)
    for path in (dead, alive):
        path.write_bytes(b"x")
    cache.prune()
    assert (dead.exists(), alive.exists()) == (False, True)
    cache.clear()
    assert not alive.exists()


def test_clear_leaves_foreign_files(cache: ClipCache) -> None:
    """All clips and the private key go; what a user keeps in the same folder stays."""
    fill(cache)
    fill(cache, private=True)
    mine = [cache.root / "notes.wav", cache.root / "clips" / "v1" / "diary.txt"]
    for path in mine:
        path.write_text("mine")
    assert cache.clear().clips == 2
    assert all(path.exists() for path in mine)
    assert not (cache.root / "private" / "key").exists()
    assert cache.info().clips == cache.info().private_clips == 0


def test_a_cache_that_is_only_readable_is_read(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not a fault that the last use can't be noted."""
    fill(cache)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "read-only")

    monkeypatch.setattr(os, "utime", refuse)
    assert cache.load(cache.key(REQUEST, "1")) is not None


def test_keys_are_values() -> None:
    """A key travels to a worker and back as the same value."""
    assert ClipKey(digest="a", private=True) == ClipKey(digest="a", private=True)
    assert places.FORMAT == 1
