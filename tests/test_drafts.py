"""Drafts tell who writes them."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from breathmark.drafts import begin, draft_in, drafts_in, is_draft, is_left_behind, write_whole

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
