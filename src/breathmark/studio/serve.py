"""Running the studio: a server on this machine, and the browser that opens it."""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import socket
import webbrowser
from typing import TYPE_CHECKING, Final

import uvicorn

from breathmark.base.errors import RequestError
from breathmark.studio.app import Studio
from breathmark.studio.routes import studio_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PORTS: Final = range(20_000, 30_000)
"""Under those that systems give to outgoing connections (Linux from 32,768, macOS and Windows from 49,152)."""

_COLLECTED: Final = (700, 10, 10)
"""Thresholds of garbage collection: those of Python 3.11. Commands collect more seldom (``cli``), as they end soon."""


def serve(folder: Path, *, host: str, port: int, browser: bool, say: Callable[[str], None]) -> None:
    """Serve ``folder`` until it is interrupted. Raises RequestError where the folder or the port can't be used."""
    if not folder.is_dir():
        raise RequestError(f"{folder} is not a folder", "name the folder that your scripts are in")
    listening = _listen(host, port) if port else _listen_usually(host, folder)
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    names = {host, "127.0.0.1", "localhost"} if host in ("127.0.0.1", "localhost") else {host}
    studio = Studio(folder, webbrowser.open if browser else _not_opened)
    app = studio_app(studio, hosts={f"{_bracketed(name)}:{port}" for name in names}, token=token)
    address = f"http://{_bracketed(host)}:{port}/?token={token}"
    say(f"The studio is open at {address}")
    say("It works once; the page stays open for this browser. Ctrl-C ends the studio.")
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, server_header=False))
    if browser:
        webbrowser.open(address)
    gc.set_threshold(*_COLLECTED)
    try:
        server.run(sockets=[listening])
    finally:
        studio.close()


def _not_opened(_address: str) -> bool:
    return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # on Windows it would take a port at which another program listens
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as exc:
        listening.close()
        reason = (exc.strerror or str(exc)).lower()
        raise RequestError(
            f"the studio can't listen at {host}, port {port}: {reason}", "choose another --port"
        ) from exc
    listening.listen(64)
    return listening


def _listen_usually(host: str, folder: Path) -> socket.socket:
    """At the same port for a folder each time, if it is free: for a browser another port is another page.

    So a page that is still open, and what a browser has kept of it, go on with the next studio.
    """
    number = int.from_bytes(hashlib.sha256(os.fsencode(folder.resolve())).digest()[:4], "big")
    try:
        return _listen(host, _PORTS[number % len(_PORTS)])
    except RequestError:
        return _listen(host, 0)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
