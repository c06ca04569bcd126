"""Reading files that somebody else has named."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from pathlib import Path

import pytest

from breathmark.base.files import NotRegularError, TooLargeError, file_sha256, is_regular, read_regular


def test_a_regular_file_is_read_up_to_the_bound(tmp_path: Path) -> None:
    """As many bytes as the bound are read, one more is refused."""
    file = tmp_path / "a.bin"
    file.write_bytes(b"\r\n\x1a\x00")
    assert is_regular(file)
    assert read_regular(file, 4) == b"\r\n\x1a\x00"
    with pytest.raises(TooLargeError, match="larger than 3 bytes"):
        read_regular(file, 3)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(20)
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it, and reading it ends at once; so does reading a link to it."""
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to(fifo)
    for path in (fifo, link):
        assert not is_regular(path)
        with pytest.raises(NotRegularError):
            read_regular(path, 10)


def test_folders_devices_and_sockets_are_refused(tmp_path: Path) -> None:
    """Whatever isn't a regular file is refused by the same class, or by another OSError."""
    with pytest.raises(NotRegularError):
        read_regular(tmp_path, 10)
    for device in (Path("/dev/zero"), Path("/dev/null")):
        if device.exists():
            with pytest.raises(NotRegularError):
                read_regular(device, 10)
    if hasattr(socket, "AF_UNIX"):
        with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{short}/s")
            with pytest.raises(OSError, match="s'"):
                read_regular(Path(short, "s"), 10)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "\udcff" * 300, "missing"])
def test_impossible_names_are_os_errors(tmp_path: Path, name: str) -> None:
    """A name that no file can have is an OSError, never a ValueError; and it is not a file."""
    assert not is_regular(tmp_path / name)
    with pytest.raises(OSError, match=r"\[Errno"):
        read_regular(tmp_path / name, 10)


def test_a_hash_is_of_the_content_whatever_the_time(tmp_path: Path) -> None:
    """Other content of the same size has another hash, also where the file's times were set back."""
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    before = path.stat()
    assert file_sha256(path) == hashlib.sha256(b"weights").hexdigest()
    path.write_bytes(b"Weights")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file_sha256(path) == hashlib.sha256(b"Weights").hexdigest()


def test_only_a_regular_file_has_a_hash(tmp_path: Path) -> None:
    """A folder and a missing file are errors of the system; a FIFO is not waited for."""
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(NotRegularError):
            file_sha256(path)
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "missing")
