"""Access control of the studio: only the page that this program opened, on this machine, gets an answer.

The address that is opened holds a token that works once; it becomes a cookie that no script can read and no other
site can send. A name that was pointed at this machine by somebody else (DNS rebinding) fails at the Host, a request
that another page makes at the Origin.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "breathmark_studio"
LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes of one request: several times the largest script."""
LARGEST_TAKE: Final = 64 * 1024 * 1024
"""Of a recorded sentence: seven minutes at 48 kHz and 24 bit."""
_SAFE: Final = frozenset({"GET", "HEAD"})
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def _largest(scope: Scope) -> int:
    return LARGEST_TAKE if scope["path"] == "/api/takes" else LARGEST_BODY


async def _thrown_away(receive: Receive, message: Message) -> None:
    """Read some of what is left, so that who sends it can end, and sees the answer."""
    left = LARGEST_TAKE
    while left > 0 and message.get("more_body"):
        message = await receive()
        left -= len(message.get("body", b""))


class TooLargeBodyError(Exception):
    """A request goes on for longer than any that the page makes."""


class Guard:
    """ASGI middleware that refuses strangers, bounds what is sent, and says what the page may do."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], token: str) -> None:
        """``hosts`` are the values of Host that are answered, with the port; ``token`` opens the page once."""
        self._app = app
        self._hosts = frozenset(hosts)
        self._token: str | None = token
        self._session = secrets.token_urlsafe(32)
        self._cookie = COOKIE + "_" + next(iter(sorted(self._hosts))).rpartition(":")[2]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or open the page."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused:
            await PlainTextResponse(refused[1], refused[0])(scope, receive, send)
        elif token := parse_qs(scope["query_string"].decode("latin-1")).get("token"):
            await self._open(token[0], scope, receive, send)
        elif not self._known(headers):
            text = "This page is closed to you: open the address that `breathmark studio` printed.\n"
            await PlainTextResponse(text, 403)(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if headers.get("host", "") not in self._hosts:
            return 421, "This address is not the studio's.\n"
        origin = headers.get("origin")
        own = origin is not None and origin in {f"http://{host}" for host in self._hosts}
        fetched = headers.get("sec-fetch-site", "same-origin")
        if scope["path"] != "/" and ((origin is not None and not own) or fetched not in ("same-origin", "none")):
            return 403, "Another page asked for this.\n"
        if scope["method"] not in _SAFE and not own:
            return 403, "This request does not come from the studio's page.\n"
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > _largest(scope):
            return 413, "This is more than the studio takes at once.\n"
        return None

    def _known(self, headers: Headers) -> bool:
        given = cookie_parser(headers.get("cookie", "")).get(self._cookie, "")
        return secrets.compare_digest(given.encode(), self._session.encode())

    async def _open(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Change the token of the address for the cookie; a second time the cookie alone opens the page."""
        if self._token is not None and secrets.compare_digest(token.encode(), self._token.encode()):
            self._token = None
        elif not self._known(Headers(scope=scope)):
            text = "This address was used already: start `breathmark studio` again.\n"
            await PlainTextResponse(text, 403)(scope, receive, send)
            return
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, self._session, httponly=True, samesite="strict")
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > _largest(scope):
                await _thrown_away(receive, message)
                raise TooLargeBodyError
            return message

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, bounded, sealed)
