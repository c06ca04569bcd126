"""The client of a speech server: ``POST /v1/audio/speech``, with retries and a rate limit."""

from __future__ import annotations

import email.utils
import json
import logging
import socket
import threading
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random

from breathmark.speech.contract import GaveUpError
from breathmark.speech.sound_files import decode_streamed
from breathmark.speech.voices.server_settings import KEY, OPENAI_HOST, OPENAI_KEY, ServerSettings, read_key, without_key

if TYPE_CHECKING:
    from pydub import AudioSegment


log = logging.getLogger(__name__)

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0
_PATIENCE_S: Final = 300.0
"""If the server asks for a longer pause than this, the user should decide."""
_CONNECT_S: Final = 10.0
_LARGEST_BYTES: Final = 256 * 2**20
"""More than an hour of 16 bit at 24 kHz."""
_LARGEST_COMPLAINT_BYTES: Final = 64 * 2**10
_LONGEST_COMPLAINT: Final = 200
_SOUND: Final = {
    "", "application/octet-stream", "audio/vnd.wave", "audio/wav", "audio/wave", "audio/x-wav", "binary/octet-stream",
}  # fmt: skip
_PASSING: Final = {
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
}  # fmt: skip
_CORRECT: Final = "correct `model` or `voices`, or change the sentence"
_REFUSED: Final[dict[int, str]] = {
    HTTPStatus.NOT_FOUND: "correct `base` or `model`",
    HTTPStatus.METHOD_NOT_ALLOWED: "correct `base`",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "set `limit` lower",
}
_AGAIN: Final = "run the same command again later; what was spoken is kept"


@dataclass(eq=False)
class _RequestFault(Exception):  # noqa: N818 - it never leaves this module
    """One request that failed."""

    message: str
    hint: str
    said: str = ""
    """The server's own words, which may repeat the sentence."""
    passing: bool = False
    """Whether it may be transient."""
    after_s: float = 0.0
    """How long the server wants to be left alone."""

    def hide(self, key: str) -> None:
        """Leave the server's key out, which it may have repeated."""
        self.message, self.said = without_key(self.message, key), without_key(self.said, key)
        self.args = (self.message, self.hint, self.said)


class SpeechServer:
    """One server, by its settings; any number of threads may share it."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._address = settings.base
        self._key = read_key(settings.base)
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(settings.timeout, connect=min(_CONNECT_S, settings.timeout), pool=None),
            # None is kept for the next request: its socket is what a deadline ends.
            limits=httpx.Limits(max_connections=settings.at_once, max_keepalive_connections=0),
            # A proxy would get to know what should stay on this machine.
            trust_env=not settings.base.on_this_machine,
        )
        self._gate = _RateLimit(60 / settings.per_minute if settings.per_minute else 0.0)
        weakref.finalize(self, self._client.close)

    def say(self, text: str, *, voice: str, speed: float) -> AudioSegment:
        """``text`` as the server speaks it.

        Raises:
            GaveUpError: after all retries, or where none would help.
        """
        body: dict[str, str | float] = {"model": self._settings.model, "input": text, "voice": voice}
        body |= {"response_format": "wav", "speed": speed}
        if self._settings.instructions:
            body["instructions"] = self._settings.instructions
        retrying = Retrying(
            stop=self._stop,
            wait=_wait,
            retry=retry_if_exception(lambda exc: isinstance(exc, _RequestFault) and exc.passing),
            before_sleep=self._note,
            reraise=True,
        )
        try:
            return retrying(self._ask, body)
        except _RequestFault as fault:
            message = f"{self._address.place} {fault.message}"
            full = f"{message}; it says: {fault.said}" if fault.said else message
            raise GaveUpError(full, fault.hint, discreet=message) from fault

    def _stop(self, state: RetryCallState) -> bool:
        return stop_after_attempt(self._settings.retries + 1)(state) or _fault(state).after_s > _PATIENCE_S

    def _note(self, state: RetryCallState) -> None:
        """Log the next attempt; hold up the other threads, too, where the server asks for a pause."""
        fault = _fault(state)
        self._gate.hold(fault.after_s)
        log.info("%s %s; attempt %d follows", self._address.place, fault.message, state.attempt_number + 1)

    def _ask(self, body: dict[str, str | float]) -> AudioSegment:
        """One request.

        Raises:
            _RequestFault: with what failed, and without the key.
        """
        self._gate.wait()
        try:
            with _Deadline(_whole_s(self._settings)) as deadline:
                data = self._answer(body, deadline)
            if deadline.passed:  # where an answer's end is that of its connection, it looks whole
                raise self._overdue(sending=True)
            return _decoded(data)
        except _RequestFault as fault:
            fault.hide(self._key)
            raise

    def _answer(self, body: dict[str, str | float], deadline: _Deadline) -> bytes:
        """The body of the answer. Raises as ``_ask`` does."""
        try:
            with self._client.stream(
                "POST", self._address.url, json=body, extensions={"trace": deadline.trace}
            ) as response:
                if response.status_code != HTTPStatus.OK:
                    raise self._refusal(response)
                _check_type(response)
                return _read(response, _LARGEST_BYTES)
        except httpx.TimeoutException as exc:
            raise self._overdue(sending=False) from exc
        except httpx.ConnectError as exc:
            raise _RequestFault(f"can't be reached ({exc})", "start it, or correct `base`", passing=True) from exc
        except httpx.RequestError as exc:
            if deadline.passed:
                raise self._overdue(sending=True) from exc
            # Its words are left out, because they can quote what was sent.
            raise _RequestFault(f"broke off in the middle ({type(exc).__name__})", _AGAIN, passing=True) from exc

    def _overdue(self, *, sending: bool) -> _RequestFault:
        """The fault of a request that takes too long: a silent server may be busy; a slow sender will be slow again."""
        whole_s, silence_s = _whole_s(self._settings), self._settings.timeout
        did = f"was still answering after {whole_s:g} s" if sending else f"gave no answer within {silence_s:g} s"
        return _RequestFault(did, "try again later, or set a longer `timeout`", passing=not sending)

    def _refusal(self, response: httpx.Response) -> _RequestFault:
        """The fault of an answer other than 200, and what to do."""
        status = response.status_code
        if response.is_redirect:
            hint = "name that other address as `base`, if you trust it"
            return _RequestFault(f"redirects requests (HTTP {status})", hint)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            # Servers repeat parts of a key here.
            name = OPENAI_KEY if self._address.host == OPENAI_HOST else KEY
            kind = "the key" if self._key else "requests without a key"
            return _RequestFault(f"refuses {kind} (HTTP {status})", f"set the environment variable {name}")
        code, said = _complaint(response)
        said = said if len(said) <= _LONGEST_COMPLAINT else f"{said[: _LONGEST_COMPLAINT - 1]}…"
        if code == "insufficient_quota":
            return _RequestFault("says that the account's quota is used up", "look at the account's limits", said)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
            return _failure(status, said, _retry_after_s(response.headers.get("Retry-After", "")))
        return _RequestFault(f"refuses the request (HTTP {status})", _REFUSED.get(status, _CORRECT), said)


def _whole_s(settings: ServerSettings) -> float:
    """How long a request may take as a whole: time to connect, and twice as long as the server may be silent."""
    return _CONNECT_S + 2 * settings.timeout


class _Deadline:
    """Ends a request that takes too long as a whole: a client's own timeouts begin anew with each byte."""

    def __init__(self, after_s: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(after_s, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the connection (httpcore's extension ``trace``)."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.passed:
                self._end()

    def _end(self) -> None:
        self.passed = True
        with self._lock, suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)


class _RateLimit:
    """Lets requests through one after the other, never faster than allowed."""

    def __init__(self, apart_s: float) -> None:
        self._apart_s = apart_s
        self._next_s = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Take a turn, and wait for it."""
        while True:
            with self._lock:
                left_s = self._next_s - time.monotonic()
                if left_s <= 0:
                    self._next_s = time.monotonic() + self._apart_s
                    return
            time.sleep(left_s)

    def hold(self, rest_s: float) -> None:
        """Let no request through for that long."""
        with self._lock:
            self._next_s = max(self._next_s, time.monotonic() + rest_s)


def _failure(status: int, said: str, after_s: float) -> _RequestFault:
    """A failure that may be transient."""
    wish = f" and asks to wait {after_s:.0f} s" if after_s else ""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        hint = f"set `per_minute` or `at_once` lower, or {_AGAIN}"
        return _RequestFault(f"gets too many requests (HTTP {status}){wish}", hint, said, passing=True, after_s=after_s)
    passing = status != HTTPStatus.NOT_IMPLEMENTED
    return _RequestFault(f"failed (HTTP {status}){wish}", _AGAIN, said, passing=passing, after_s=after_s)


_backoff = wait_exponential(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S) + wait_random(0, _FIRST_WAIT_S)


def _wait(state: RetryCallState) -> float:
    """Twice as long each time, with jitter; longer where the server asks for it."""
    return max(_backoff(state), _fault(state).after_s)


def _fault(state: RetryCallState) -> _RequestFault:
    """The fault of the last attempt."""
    exc = state.outcome.exception() if state.outcome else None
    return exc if isinstance(exc, _RequestFault) else _RequestFault("", "")


def _check_type(response: httpx.Response) -> None:
    """Refuse what does not even claim to be WAV."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _SOUND:
        shown = "".join(filter(str.isprintable, kind))[:40]
        hint = "correct `base`, or choose a server and a model that can give WAV"
        raise _RequestFault(f"sent {shown} where a WAV file was asked for", hint)


def _read(response: httpx.Response, most: int) -> bytes:
    """The whole body, unless it has no end."""
    data = bytearray()
    for block in response.iter_bytes():
        data += block
        if len(data) > most:
            raise _RequestFault("never stops sending", "try another server")
    return bytes(data)


def _decoded(data: bytes) -> AudioSegment:
    if not data:
        raise _RequestFault("sent an empty answer", _AGAIN, passing=True)
    try:
        return decode_streamed(data)
    except ValueError as exc:
        raise _RequestFault(f"sent {exc}", _AGAIN, passing=True) from exc


def _complaint(response: httpx.Response) -> tuple[str, str]:
    """The code and the words of an error, where the body has them in one of the usual forms."""
    try:
        found = json.loads(_read(response, _LARGEST_COMPLAINT_BYTES))
    except (ValueError, RecursionError, _RequestFault):
        return "", ""
    for name in ("error", "detail"):
        found = found.get(name, found) if isinstance(found, dict) else found
    code, words = (found.get("code"), found.get("message")) if isinstance(found, dict) else ("", found)
    if not isinstance(words, str):
        return str(code), ""
    return str(code), " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _retry_after_s(written: str) -> float:
    """The header ``Retry-After`` (RFC 9110, 10.2.3): seconds, or a date; 0 where it is neither."""
    if written.strip().isdecimal():
        return float(written)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(written).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
