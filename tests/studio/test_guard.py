"""Strangers get no answer: another host, another page, no key, paths that lead out, bodies without end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from tests.studio.conftest import HOST

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

    from tests.studio.conftest import Page

OWN = {"Origin": f"http://{HOST}"}


def stranger(page: Page) -> TestClient:
    """A client of the same server without the cookie."""
    return TestClient(page.client.app, base_url=f"http://{HOST}", headers=OWN)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:9", "evil.example:8000", ""])
def test_another_host_is_refused(page: Page, host: str) -> None:
    """A name that somebody pointed at this machine is not the studio's."""
    assert page.client.get("/api/project", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9", f"https://{HOST}"])
def test_another_page_is_refused(page: Page, origin: str) -> None:
    """Neither reading nor writing is for a page of another origin, whatever cookie comes along."""
    headers = {"Origin": origin}
    assert page.client.get("/api/project", headers=headers).status_code == 403
    assert page.client.put("/api/file", json=page.script(seen=""), headers=headers).status_code == 403
    assert page.client.get("/api/project", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_write_without_an_origin_is_refused(page: Page) -> None:
    """Every browser names the origin of a request that changes something."""
    bare = TestClient(page.client.app, base_url=f"http://{HOST}", cookies=page.client.cookies)
    assert bare.get("/api/project").status_code == 200
    assert bare.put("/api/file", json=page.script(seen="")).status_code == 403


def test_without_the_key_nothing_is_shown(page: Page) -> None:
    """No token, a wrong one and one that was used already open nothing."""
    client = stranger(page)
    for route in ("/", "/api/project", "/static/app.js", "/?token=wrong", "/?token=once", "/?token="):
        assert client.get(route, follow_redirects=False).status_code == 403
    client.cookies.set("breathmark_studio_8000", "guessed")
    assert client.get("/api/project").status_code == 403


def test_the_cookie_is_for_this_page_alone(page: Page) -> None:
    """No script reads it, no other site sends it; and the page may load nothing from elsewhere."""
    answer = page.client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["../x.yaml", "/etc/passwd", "a/../../x.yaml", "C:/x.yaml", "..\\x.yaml", "x\0.yaml", "", ".", "out/x.yaml"]
)
def test_no_path_leads_out_of_the_folder(page: Page, path: str, tmp_path: Path) -> None:
    """Not by dots, not by absolute or foreign forms, and not by a link."""
    (tmp_path / "x.yaml").write_text("title: Secret", encoding="utf-8")
    (page.folder / "out").symlink_to(tmp_path)
    assert page.client.get("/api/file", params={"path": path}).status_code == 400
    assert page.client.put("/api/file", json={"path": path, "text": "x", "seen": ""}).status_code == 400
    assert page.post("outline", path=path, text="title: x").status_code == 400
    (page.folder / "out").unlink()


def test_only_texts_and_finished_sounds_are_handed_out(page: Page) -> None:
    """A file of another kind is neither read nor written."""
    (page.folder / "secret.env").write_text("KEY=1", encoding="utf-8")
    assert page.client.get("/api/file", params={"path": "secret.env"}).status_code == 400
    assert page.client.get("/api/result", params={"path": "secret.env"}).status_code == 404
    assert page.client.put("/api/file", json={"path": "run.sh", "text": "x", "seen": ""}).status_code == 400


def test_a_body_without_end_is_refused(page: Page) -> None:
    """By what it says of its length, and where it says nothing when it is too much."""
    assert page.client.post("/api/outline", content=b"", headers={"Content-Length": str(1 << 40)}).status_code == 413
    cookie = "; ".join(f"{name}={value}" for name, value in page.client.cookies.items())
    headers = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": "POST", "path": "/api/outline", "query_string": b"", "headers": headers}
    sent: list[MutableMapping[str, Any]] = []
    left = 8

    async def pieces() -> MutableMapping[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(1 << 20), "more_body": left > 0}

    async def endless() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": bytes(1 << 24), "more_body": True}

    async def keep(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(page.client.app(scope, pieces, keep))  # type: ignore[arg-type]  # it is an ASGI application
    assert sent[0]["status"] == 413
    assert left == 0, "who sends it can end, and sees the answer"
    sent.clear()
    asyncio.run(page.client.app(scope, endless, keep))  # type: ignore[arg-type]  # it is an ASGI application
    assert sent[0]["status"] == 413


def test_other_shapes_are_refused_in_one_line(page: Page) -> None:
    """What the page never sends is not an error of the server."""
    bodies: tuple[object, ...] = ({}, {"path": 3, "text": "x"}, {"path": "evening.yaml", "text": "x", "more": 1}, [])
    for body in bodies:
        refused = page.client.post("/api/outline", json=body)
        assert refused.status_code == 422
        assert "\n" not in refused.json()["message"]
        assert "pydantic" not in refused.text
    assert (
        page.post("outline", path="evening.yaml").json()["message"] == "`text` is missing or is not what it has to be"
    )
    assert page.post("jobs", kind="shell", command="true").status_code == 422
