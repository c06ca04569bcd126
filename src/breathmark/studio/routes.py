"""The studio's addresses, and how what goes wrong is answered."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from breathmark.base.errors import BreathmarkError, RequestError
from breathmark.studio.folder import ChangedError, mark
from breathmark.studio.guard import Guard, TooLargeBodyError
from breathmark.studio.work import error_data
from breathmark.studio.workers import OvertakenError

if TYPE_CHECKING:
    from starlette.requests import Request

    from breathmark.studio.app import Studio


def _failed(_request: Request, error: Exception) -> Response:
    """An error of ours as the page shows it."""
    assert isinstance(error, BreathmarkError)  # noqa: S101 - it is registered for these
    if isinstance(error, ChangedError):
        return JSONResponse(error_data(error) | {"text": error.text, "mark": mark(error.text)}, 412)
    return JSONResponse(error_data(error), 400 if isinstance(error, RequestError) else 422)


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    return JSONResponse({"message": error.detail, "hint": "", "problems": []}, error.status_code)


def _overtaken(_request: Request, _error: Exception) -> Response:
    return Response(status_code=204)


def _too_large(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"message": "this is more than the studio takes at once", "hint": "", "problems": []}, 413)


def studio_app(studio: Studio, *, hosts: Collection[str], token: str) -> Guard:
    """The whole server, guarded. ``hosts`` are the values of Host that are answered, with the port."""
    static = StaticFiles(packages=[("breathmark", "studio/static")])
    routes = [
        Route("/", studio.page),
        Mount("/static", static),
        Route("/api/project", studio.project),
        Route("/api/state", studio.state),
        Route("/api/schema", studio.schema),
        Route("/api/voices", studio.voices),
        Route("/api/sounds", studio.sounds),
        Route("/api/file", studio.open),
        Route("/api/file", studio.save, methods=["PUT"]),
        Route("/api/new", studio.new, methods=["POST"]),
        Route("/api/outline", studio.outline, methods=["POST"]),
        Route("/api/edit", studio.edit, methods=["POST"]),
        Route("/api/check", studio.check, methods=["POST"]),
        Route("/api/plan", studio.plan, methods=["POST"]),
        Route("/api/speaking", studio.speaking),
        Route("/api/session/{session}/clip/{number:int}", studio.clip),
        Route("/api/session/{session}/mix", studio.mix),
        Route("/api/word", studio.word),
        Route("/api/takes", studio.takes, methods=["POST"]),
        Route("/api/takes", studio.record, methods=["PUT"]),
        Route("/api/takes", studio.take),
        Route("/api/jobs", studio.jobs_listed),
        Route("/api/jobs", studio.begin, methods=["POST"]),
        Route("/api/jobs/{job}/events", studio.job_events),
        Route("/api/jobs/{job}", studio.cancel, methods=["DELETE"]),
        Route("/api/jobs/{job}/open/{publisher}", studio.publication, methods=["POST"]),
        Route("/api/result", studio.result),
    ]
    handlers = {
        BreathmarkError: _failed,
        HTTPException: _refused,
        TooLargeBodyError: _too_large,
        OvertakenError: _overtaken,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), hosts=hosts, token=token)
