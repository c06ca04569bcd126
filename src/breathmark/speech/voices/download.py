"""Large files from the network: resumed where a connection or a run broke off, and checked before they get their name.

What has come so far lies beside the target under a hidden name, so that any later run goes on with it. Nothing gets
the target's name before its digest is right.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import httpx
import tenacity

from breathmark.base.errors import VoiceError
from breathmark.base.files import flush, is_regular

if TYPE_CHECKING:
    import ssl

    from breathmark.speech.voices.wanted import WantedFile


Progress: TypeAlias = "Callable[[str, int, int], None]"
"""Called with what is being fetched, the bytes that are there, and those that there will be."""

_Result = TypeVar("_Result")

_ATTEMPTS: Final = 5
_FIRST_WAIT_S: Final = 0.5
"""Then twice as long each time: 7.5 s in all."""
_TIMEOUT: Final = httpx.Timeout(30.0, connect=15.0)
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_RESUMED: Final = re.compile(r"bytes (\d+)-")


class _BrokenOffError(Exception):
    """The connection or the server failed in a way that may pass; the message says how."""


def download(wanted: WantedFile, folder: Path, progress: Progress) -> None:
    """Bring ``wanted`` into ``folder``, going on with what an earlier run left of it.

    A connection that breaks off is taken up again a few times. A part of an earlier run that leads to a wrong digest
    is thrown away, and the file fetched from its beginning.

    Raises:
        VoiceError: it can't be downloaded, or the server has another file.
        OSError: ``folder`` can't be written.
    """
    part = folder / f".{wanted.name}.{wanted.digest[:16]}.part"
    for other in folder.glob(f".{wanted.name}.*.part"):
        if other != part:
            other.unlink(missing_ok=True)
    was_begun = part.exists()
    _complete(part, wanted, progress)
    if was_begun and not holds(part, wanted):
        part.unlink()
        _complete(part, wanted, progress)
    settle(part, folder, wanted, origin=wanted.url)


def fetch_small(url: str, *, most: int) -> bytes:
    """A file of at most ``most`` bytes, such as an index.

    Raises:
        VoiceError: it can't be downloaded, or is larger.
    """

    def read() -> bytes:
        with _stream(url) as response:
            _refuse(response)
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > most:
                    raise VoiceError(
                        f"{url} is larger than {most // 10**6} MB", "it can't be the file that was requested"
                    )
            return bytes(content)

    return _patiently(read, url)


def holds(path: Path, wanted: WantedFile) -> bool:
    """Whether ``path`` is there and has the wanted content."""
    if not is_regular(path):
        return False
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != wanted.size:
                return False
            return hashlib.file_digest(file, wanted.algorithm).hexdigest() == wanted.digest
    except FileNotFoundError:
        return False


def settle(draft: Path, folder: Path, wanted: WantedFile, *, origin: str) -> None:
    """Give a whole file its name, or remove it where it is another one.

    Raises:
        VoiceError: its content is not the wanted one; ``origin`` is where it came from.
    """
    if not holds(draft, wanted):
        draft.unlink(missing_ok=True)
        hint = "nothing was installed from it; try again, or get the file elsewhere and give its folder with --from"
        raise VoiceError(f"{origin} is not the file it should be: its {wanted.algorithm.upper()} is wrong", hint)
    flush(draft)
    draft.replace(folder / wanted.name)


def _complete(part: Path, wanted: WantedFile, progress: Progress) -> None:
    """Try as long as each round brings more of it."""
    while (have := _size(part)) != wanted.size:
        try:
            _patiently(lambda: _go_on(part, wanted, progress), wanted.url)
        except VoiceError:
            if _size(part) <= have:
                raise


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _go_on(part: Path, wanted: WantedFile, progress: Progress) -> None:
    """Add to ``part`` what is missing of it."""
    have = _size(part)
    if have > wanted.size:
        part.unlink()
        have = 0
    # Compressed on the way, bytes could not be counted.
    headers = {"Accept_Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with _stream(wanted.url, **headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
            raise _BrokenOffError("it has fewer bytes than were already there")
        _refuse(response)
        _append(part, _first_byte(response, have), response, wanted, progress)


def _first_byte(response: httpx.Response, asked: int) -> int:
    """Where in the file the answer begins: a server that knows no ranges sends all of it."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return 0
    match = _RESUMED.match(response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != asked:
        raise VoiceError(f"{response.url} sent another part than was requested", "try again later, or use --from")
    return asked


def _append(part: Path, start: int, response: httpx.Response, wanted: WantedFile, progress: Progress) -> None:
    with part.open("r+b" if part.exists() else "wb") as file:
        file.truncate(start)
        file.seek(start)
        there = start
        progress(wanted.name, there, wanted.size)
        for chunk in response.iter_raw():
            there += len(chunk)
            if there > wanted.size:
                break
            file.write(chunk)
            progress(wanted.name, there, wanted.size)
    if there > wanted.size:
        part.unlink()
        raise VoiceError(f"{wanted.url} is not the file it should be: it is too long", "use --from, or try again later")
    if there < wanted.size:
        raise _BrokenOffError(f"it ended after {there} of {wanted.size} bytes")


def _refuse(response: httpx.Response) -> None:
    """Raise where the server has no such thing, or not now."""
    if response.status_code in _BUSY:
        raise _BrokenOffError(f"the server answered {response.status_code}")
    if not response.is_success:
        hint = "check the name and the address; or get the files in another way, and give their folder with --from"
        raise VoiceError(f"{response.url} can't be downloaded: the server answered {response.status_code}", hint)


def _stream(url: str, **headers: str) -> AbstractContextManager[httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.stream("GET", url, headers=named, timeout=_TIMEOUT, follow_redirects=True, verify=_tls())


@cache
def _tls() -> ssl.SSLContext:
    """Made once: it reads all the certificates that are trusted."""
    return httpx.create_ssl_context()


def _patiently(action: Callable[[], _Result], url: str) -> _Result:
    """Do ``action``, again after a while where the network or the server failed in a way that may pass."""
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_may_pass),
        stop=tenacity.stop_after_attempt(_ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=_FIRST_WAIT_S),
        reraise=True,
    )
    try:
        return retrying(action)
    except (httpx.HTTPError, httpx.InvalidURL, _BrokenOffError) as exc:
        reason = str(exc) or type(exc).__name__
        hint = "try again: it goes on where it stopped; without internet, give a folder that has the files with --from"
        raise VoiceError(f"{url} can't be downloaded: {reason}", hint) from exc


def _may_pass(exc: BaseException) -> bool:
    return isinstance(exc, (_BrokenOffError, httpx.TransportError)) and not isinstance(exc, httpx.UnsupportedProtocol)
