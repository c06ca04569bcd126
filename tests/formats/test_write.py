"""Files that are whole or not there."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from breathmark.base import files as drafts
from breathmark.base import writing as write
from breathmark.base.errors import DeliveryError
from breathmark.base.writing import Staging, delivery_errors, sweep, write_text

from .material import leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator


def stage(folder: Path, name: str) -> None:
    """Write one empty file."""
    with Staging(folder) as staging:
        staging.add(name)
        staging.publish()


def test_nothing_is_seen_before_all_is_whole(tmp_path: Path) -> None:
    """Then all of it is, the first one last."""
    with Staging(tmp_path / "new" / "folder") as staging:
        audio = staging.add("a.mp3")
        audio.write_bytes(b"sound")
        staging.add_text("a.txt", "Tea\n茶\n")
        folder = tmp_path / "new" / "folder"
        assert [name for name in leftovers(folder) if not name.startswith(".")] == []
        assert staging.publish() == (folder / "a.txt", folder / "a.mp3")
    assert leftovers(folder) == ["a.mp3", "a.txt"]
    assert (folder / "a.txt").read_bytes() == "Tea\n茶\n".encode()


def test_a_single_text_is_written_whole(tmp_path: Path) -> None:
    """Over an older one, in a folder that is made for it; private where it is asked for."""
    path = tmp_path / "plans" / "a.svg"
    write_text(path, "<svg/>")
    write_text(path, "<svg>\n</svg>", private=True)
    assert path.read_bytes() == b"<svg>\n</svg>"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert leftovers(path.parent) == ["a.svg"]


def test_the_audio_gets_its_name_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees a whole audio file finds what belongs to it; the order of renames is the order of trust."""
    named: list[str] = []
    rename = Path.replace

    def watched(self: Path, target: Path) -> Path:
        named.append(target.name)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    with Staging(tmp_path) as staging:
        staging.add("a.mp3")
        staging.add_text("a.txt", "")
        staging.add_text("a.session.json", "")
        staging.publish()
    assert named == ["a.session.json", "a.txt", "a.mp3"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("mixer")], ids=["ctrl-c", "fault"])
def test_an_error_leaves_what_was_there(error: BaseException, tmp_path: Path) -> None:
    """The old file stays, the new one leaves no trace."""
    (tmp_path / "a.mp3").write_bytes(b"old")

    def fail() -> None:
        with Staging(tmp_path) as staging:
            staging.add("a.mp3").write_bytes(b"new")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert leftovers(tmp_path) == ["a.mp3"]
    assert (tmp_path / "a.mp3").read_bytes() == b"old"


def test_private_files_are_their_owner_s_alone(tmp_path: Path) -> None:
    """Also where a public one stood under that name; the others are as the user's umask says."""
    (tmp_path / "a.txt").write_text("old")
    before = os.umask(0o022)
    try:
        with Staging(tmp_path) as staging:
            staging.add("a.mp3")
            staging.add_text("a.txt", "Ana", private=True)
            staging.publish()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a.mp3").stat().st_mode) == 0o644


def test_two_renders_of_one_process_do_not_meet(tmp_path: Path) -> None:
    """Two sessions in one folder, at once."""
    with Staging(tmp_path) as one, Staging(tmp_path) as two:
        one.add_text("a.txt", "one")
        two.add_text("b.txt", "two")
        one.publish()
        two.publish()
    assert [(tmp_path / name).read_text() for name in leftovers(tmp_path)] == ["one", "two"]


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    """And nothing else: not what a living one writes, not what only looks like it, not another machine's."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host, mine = drafts._host(), os.getpid()
    kept = {
        f".breathmark-{host}-{mine}-{drafts._SESSION}-9.part",
        f".breathmark-{host}-{os.getppid()}-00000000-0.part",
        f".breathmark-ffffffff-{dead.pid}-00000000-0.part",
        ".breathmark-notes.part",
        ".breathmark.yaml",
        "a.mp3",
    }
    left = {
        f".breathmark-{host}-{dead.pid}-00000000-0.part",
        f".breathmark-{host}-{mine}-00000000-0.part",  # an earlier process of this number
        f".breathmark-{host}-{10**30}-00000000-0.part",
        ".breathmark-ffffffff-1-00000000-1.part",
    }
    for name in kept | left:
        (tmp_path / name).touch()
    old = time.time() - 25 * 3600
    os.utime(tmp_path / ".breathmark-ffffffff-1-00000000-1.part", (old, old))
    sweep(tmp_path)
    assert set(leftovers(tmp_path)) == kept


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, "write elsewhere"),
    ],
)
def test_what_the_system_refuses_says_what_to_do(
    code: int, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 5, the path and the next step."""

    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(write, "flush", refuse)
    with pytest.raises(DeliveryError, match=advice) as caught:
        stage(tmp_path, "a.mp3")
    assert str(tmp_path / "a.mp3") in str(caught.value)
    assert caught.value.exit_code == 5
    assert leftovers(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_reported(tmp_path: Path) -> None:
    """And a folder where the file should be, and a name that no system takes."""
    (tmp_path / "dist").write_text("")
    with pytest.raises(DeliveryError, match="is a file, not a folder"), Staging(tmp_path / "dist"):
        pass
    with pytest.raises(DeliveryError, match="is a file, not a folder"), Staging(tmp_path / "dist" / "deep"):
        pass
    (tmp_path / "a.mp3").mkdir()
    with pytest.raises(DeliveryError, match="a folder has that name"):
        stage(tmp_path, "a.mp3")
    with pytest.raises(DeliveryError, match="too long"):
        stage(tmp_path, "a" * 300 + ".mp3")
    assert leftovers(tmp_path) == ["a.mp3", "dist"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders there have no such modes")
def test_a_folder_that_may_not_be_written_to_is_reported() -> None:
    """By one who isn't its owner."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with another_user(), pytest.raises(DeliveryError, match="can't be written to: choose another with -o"):
            stage(Path(folder), "a.mp3")
        assert leftovers(Path(folder)) == []


@pytest.mark.skipif(sys.platform == "win32", reason="files there have no such modes")
def test_a_file_of_somebody_else_is_told_from_a_folder() -> None:
    """Such as the lock of a course, which nobody names with an option; a picture is named with another one."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        lock = Path(folder, "course.lock")
        lock.touch(0o644)
        with another_user():
            with pytest.raises(DeliveryError, match="change its permissions"), delivery_errors(lock):
                lock.open("w").close()
            lock.parent.joinpath("file").touch()
            with pytest.raises(DeliveryError, match="choose another with --svg"):
                write_text(lock.parent / "file" / "plan.svg", "", option="--svg")


@contextmanager
def another_user() -> Iterator[None]:
    """Act as nobody where the tests run as root, whom no mode stops; else as oneself in a folder without leave."""
    if os.geteuid() != 0:
        pytest.skip("only root can stand in for another user")
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in the file system are POSIX")
def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    """A pipe or a device, such as /dev/null, stays what it is."""
    os.mkfifo(tmp_path / "a.svg")
    with pytest.raises(DeliveryError, match="not a regular file"):
        write_text(tmp_path / "a.svg", "<svg/>")
    assert (tmp_path / "a.svg").is_fifo()
    assert leftovers(tmp_path) == ["a.svg"]
