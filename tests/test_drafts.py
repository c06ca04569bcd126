"""Drafts tell who writes them."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from breathmark.base.files import (
    begin,
    draft_in,
    drafts_in,
    is_draft,
    is_left_behind,
    scratch,
    sweep_scratch,
    write_whole,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_no_two_drafts_have_one_name(tmp_path: Path) -> None:
    """And each is known as a draft by its name, which is hidden."""
    found = {draft_in(tmp_path) for _ in range(100)}
    assert len(found) == 100
    assert all(is_draft(path) and path.name.startswith(".") for path in found)
    assert not is_draft(tmp_path / ".breathmark-notes.part")


def test_what_this_process_writes_is_not_left_behind(tmp_path: Path) -> None:
    """However old it is; what is no draft never is."""
    draft, foreign = draft_in(tmp_path), tmp_path / ".breathmark-notes.part"
    for path in (draft, foreign):
        path.touch()
        os.utime(path, (0, 0))
        assert not is_left_behind(path, stale_s=1.0)
    assert list(drafts_in(tmp_path)) == [draft]
    assert list(drafts_in(tmp_path / "nowhere")) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_private_draft_is_its_owners_alone(tmp_path: Path) -> None:
    """From its first moment on, whatever the umask lets others do."""
    draft = draft_in(tmp_path)
    before = os.umask(0)
    try:
        os.close(begin(draft, private=True))
    finally:
        os.umask(before)
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it can't be, what had the name before keeps it, and no draft is left."""
    path = tmp_path / "file"
    write_whole(path, b"old", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or os.name != "posix"

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output"):
        write_whole(path, b"new", lasting=True)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_draft_is_never_written_through_a_name_that_is_there(tmp_path: Path) -> None:
    """Neither a file nor a link that somebody has laid under its name."""
    target, draft = tmp_path / "theirs", draft_in(tmp_path)
    target.write_text("theirs")
    draft.symlink_to(target)
    with pytest.raises(FileExistsError):
        begin(draft)
    assert target.read_text() == "theirs"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process can't be asked after")
def test_a_killed_run_s_temporary_files_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of living runs, of other machines and of other programs are left alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    foreign = [tmp_path / "breathmark-notes", tmp_path / "breathmark-01234567-1-01234567-abc", tmp_path / "other"]
    for folder in foreign:
        folder.mkdir()
    program = (
        "import os\nfrom breathmark.base.files import scratch\n"
        "with scratch() as folder:\n    (folder / 'speech.wav').touch()\n    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], env=os.environ | {"TMPDIR": str(tmp_path)}, check=False, timeout=60)
    assert len(list(tmp_path.iterdir())) == 4
    sweep_scratch.cache_clear()
    with scratch() as own:
        sweep_scratch()
        assert set(tmp_path.iterdir()) == {*foreign, own}
    assert set(tmp_path.iterdir()) == {*foreign}
