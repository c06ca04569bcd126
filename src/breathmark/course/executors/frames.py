"""Messages between a build and its workers: a length, then so many bytes."""

from __future__ import annotations

import struct
from typing import Final, Protocol


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


class _Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


_HEAD: Final = struct.Struct(">Q")


def write_frame(stream: _Writable, data: bytes) -> None:
    """Send one message."""
    stream.write(_HEAD.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: _Readable) -> bytes:
    """Wait for one message. Raises EOFError where the other side is gone."""
    (size,) = _HEAD.unpack(_exactly(stream, _HEAD.size))
    return _exactly(stream, size)


def _exactly(stream: _Readable, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data
