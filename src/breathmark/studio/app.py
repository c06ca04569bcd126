"""The studio's server: each route reads a request, calls one function of the API, and answers with JSON or sound."""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
import threading
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from breathmark.api.options import Options
from breathmark.base.errors import BreathmarkError, RequestError
from breathmark.base.pool import Pool
from breathmark.course.schema import new_meditation
from breathmark.script.editing.edits import changes
from breathmark.script.editing.outline import outline
from breathmark.script.opening import open_project
from breathmark.studio.bodies import (
    EDIT,
    NEW,
    SAVED,
    SESSION,
    TEXT,
    WORK,
    AskedSession,
    BuildWork,
    RenderWork,
    SavedText,
    ScriptText,
    SpeakWork,
    VerifyWork,
    Work,
)
from breathmark.studio.folder import ChangedError, Folder, mark
from breathmark.studio.guard import Guard, TooLargeBodyError
from breathmark.studio.jobs import Jobs, LongJob
from breathmark.studio.work import (
    BLOCK_S,
    Asked,
    MixFormat,
    built,
    checked,
    clip_file,
    error_data,
    mix_format,
    mixed,
    planned,
    ready,
    record,
    rendered,
    sound_list,
    spoken,
    take_file,
    takes,
    verified,
    voices,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection
    from concurrent.futures import Future

    from starlette.requests import Request

    from breathmark.studio.work import Json

_STREAMED: Final = 5
"""Blocks that are mixed at once when the first one is out: ten seconds of sound in about 20 ms of work."""
_SOUND_SUFFIXES: Final = frozenset({".mp3", ".m4a", ".m4b", ".opus", ".flac", ".wav", ".aiff"})
_R = TypeVar("_R")


class OvertakenError(Exception):
    """A newer request of the same kind came before this one was begun."""


class Studio:
    """One studio: the folder that it is opened on, its worker processes and its jobs."""

    def __init__(self, folder: Path) -> None:
        self.folder = Folder(root=folder.resolve())
        self.jobs = Jobs()
        self._reader = Pool(1)
        """Guesses and checks, which must not wait for a voice."""
        self._player = Pool(1)
        """Speaks and mixes; its sessions stay open."""
        for pool in (self._reader, self._player):
            pool.submit(ready)
        self._latest: dict[str, Future[Any]] = {}
        self._saving = threading.Lock()

    def close(self) -> None:
        """End all processes."""
        self.jobs.close()
        self._reader.close()
        self._player.close()

    async def ask(self, request: Request, model: TypeAdapter[_R]) -> _R:
        """The request's body. Raises HTTPException where it is not what the page sends."""
        try:
            return model.validate_json(await request.body())
        except ValidationError as exc:
            raise HTTPException(422, str(exc)) from exc

    def asked(self, session: AskedSession) -> Asked:
        """The session with the file that it is of. Raises RequestError."""
        options = Options(**session.choices.model_dump(), estimate=session.estimate, jobs=1)
        self.folder.file(session.path)
        return Asked(folder=self.folder.root, path=Path(session.path), text=session.text, options=options)

    async def read(self, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        """Have the reader work; a call of the same key that has not begun is dropped."""
        return await self._newest(self._reader, key, function, *arguments)

    async def play(self, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        """Have the player work; a call of the same key that has not begun is dropped, where the key is not empty."""
        return await self._newest(self._player, key, function, *arguments)

    async def _newest(self, pool: Pool, key: str, function: Callable[..., _R], *arguments: object) -> _R:
        older = self._latest.pop(key, None)
        if older is not None:
            older.cancel()
        future = pool.submit(function, *arguments)
        if key:
            self._latest[key] = future
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError as exc:
            if key and self._latest.get(key) is not future:
                raise OvertakenError from exc
            raise

    # Pages and files

    async def page(self, request: Request) -> Response:
        """The page itself, with the nonce that its styles may carry."""
        html = files("breathmark").joinpath("studio", "static", "index.html").read_text(encoding="utf-8")
        return HTMLResponse(html.replace("NONCE", request.state.nonce))

    async def project(self, _request: Request) -> Response:
        """What is in the folder."""
        return JSONResponse(await run_in_threadpool(self._project))

    def _project(self) -> Json:
        from breathmark.formats.presets import PRESETS  # noqa: PLC0415 - loads what only a finished file needs

        return {
            "folder": str(self.folder.root),
            "scripts": [{"path": path, "title": _title(self.folder.read(path))} for path in self.folder.scripts()],
            "courses": list(self.folder.courses()),
            "presets": [{"name": preset.name, "suffix": preset.suffix} for preset in PRESETS.values()],
        }

    async def voices(self, _request: Request) -> Response:
        """The voices that can speak here."""
        return JSONResponse(await self.read("voices", voices, self.folder.root))

    async def sounds(self, _request: Request) -> Response:
        """The ambiences and bells that there are."""
        return JSONResponse(await self.read("sounds", sound_list, self.folder.root))

    async def open(self, request: Request) -> Response:
        """The text of a file, with its mark."""
        path = request.query_params.get("path", "")
        text = await run_in_threadpool(self.folder.read, path)
        return JSONResponse({"path": path, "text": text, "mark": mark(text)})

    async def new(self, request: Request) -> Response:
        """A new meditation from the package's starter."""
        asked = await self.ask(request, NEW)
        await run_in_threadpool(new_meditation, self.folder.file(asked.path))
        return JSONResponse({"path": asked.path}, 201)

    async def save(self, request: Request) -> Response:
        """A file's new text; refused where the file is not what the page last read."""
        saved = await self.ask(request, SAVED)
        return JSONResponse({"mark": await run_in_threadpool(self._save, saved)})

    def _save(self, saved: SavedText) -> str:
        with self._saving:
            return self.folder.write(saved.path, saved.text, saved.seen)

    # Words

    async def outline(self, request: Request) -> Response:
        """A script's data, texts and pauses."""
        asked = await self.ask(request, TEXT)
        return JSONResponse(await run_in_threadpool(self._outline, asked))

    def _outline(self, asked: ScriptText) -> Json:
        file = self.folder.file(asked.path)
        project, _ = open_project(file)
        return asdict(outline(asked.text, project.settings.pacing, file=file, path=asked.path))

    async def edit(self, request: Request) -> Response:
        """The characters that an edit changes."""
        asked = await self.ask(request, EDIT)
        file = self.folder.file(asked.path)
        made = await run_in_threadpool(partial(changes, asked.text, asked.edit, file=file, path=asked.path))
        return JSONResponse({"changes": [asdict(each) for each in made]})

    async def check(self, request: Request) -> Response:
        """Faults and findings."""
        session = await self.ask(request, SESSION)
        return JSONResponse(await self.read(f"check {session.path}", checked, self.asked(session)))

    # Time and sound

    async def plan(self, request: Request) -> Response:
        """The session laid out: guessed at once, or to the frame when all of it is spoken."""
        session = await self.ask(request, SESSION)
        name = secrets.token_urlsafe(8)
        work = self.read if session.estimate else self.play
        return JSONResponse(await work(f"plan {session.path} {session.estimate}", planned, self.asked(session), name))

    async def clip(self, request: Request) -> Response:
        """One sentence as it is spoken."""
        number = request.path_params["number"]
        path = await self.play("", clip_file, request.path_params["session"], number)
        if path is None:
            raise HTTPException(410, "this session is not open any more")
        return FileResponse(path, media_type="audio/wav")

    async def mix(self, request: Request) -> Response:
        """The true mix from a moment on, as a WAV that goes on until the session ends or the page stops listening."""
        name = request.path_params["session"]
        try:
            first = max(int(float(request.query_params.get("from", "0")) // BLOCK_S), 0)
        except (ValueError, OverflowError) as exc:
            raise HTTPException(422, "`from` is a time in seconds") from exc
        form = await self.play("", mix_format, name)
        if form is None:
            raise HTTPException(410, "this session is not open any more")
        return StreamingResponse(self._mix(name, form, first), media_type="audio/wav")

    async def _mix(self, name: str, form: MixFormat, first: int) -> AsyncIterator[bytes]:
        skipped = first * BLOCK_S * form.rate_hz
        yield wav_header(form, max(form.frames - skipped, 0))
        blocks = 1
        while piece := await self.play("", mixed, name, first, blocks):
            yield piece
            first, blocks = first + blocks, _STREAMED

    # Recording

    async def takes(self, request: Request) -> Response:
        """Every sentence to record, and its takes."""
        session = await self.ask(request, SESSION)
        return JSONResponse(await self.read(f"takes {session.path}", takes, self.asked(session)))

    async def record(self, request: Request) -> Response:
        """A new take of a sentence: the body is a WAV file, the script the one that is saved."""
        asked = self._saved(request.query_params.get("path", ""))
        sentence = request.query_params.get("sentence", "")
        return JSONResponse(await self.play("", record, asked, sentence, await request.body()), 201)

    async def take(self, request: Request) -> Response:
        """The sound of a take."""
        asked = self._saved(request.query_params.get("path", ""))
        return FileResponse(await self.read("", take_file, asked, request.query_params.get("name", "")))

    def _saved(self, path: str) -> Asked:
        return self.asked(AskedSession(path=path, text=self.folder.read(path)))

    # Jobs

    async def begin(self, request: Request) -> Response:
        """Start long work."""
        work = await self.ask(request, WORK)
        return JSONResponse(self._begin(work).data(), 202)

    def _begin(self, work: Work) -> LongJob:
        match work:
            case RenderWork():
                output = self.folder.file(work.output)
                return self.jobs.start(f"{work.path} → {work.output}", rendered, self.asked(work), output)
            case SpeakWork():
                return self.jobs.start(f"speak {work.path}", spoken, self.asked(work))
            case VerifyWork():
                return self.jobs.start(f"verify {work.path}", verified, self.folder.file(work.path), work.preset)
            case BuildWork():
                course, output = self.folder.file(work.path), self.folder.file(work.output)
                return self.jobs.start(f"build {work.path}", partial(built, dry_run=work.dry_run), course, output)

    async def jobs_listed(self, _request: Request) -> Response:
        """All jobs."""
        return JSONResponse(self.jobs.listed())

    async def job_events(self, request: Request) -> Response:
        """One job's news as server-sent events."""
        number = request.path_params["job"]
        if self.jobs.get(number) is None:
            raise HTTPException(404, "there is no such job")
        return StreamingResponse(self._events(number), media_type="text/event-stream")

    async def _events(self, number: str) -> AsyncIterator[str]:
        async for news in self.jobs.follow(number):
            yield ":\n\n" if news is None else f"data: {json.dumps(news)}\n\n"

    async def cancel(self, request: Request) -> Response:
        """End a job."""
        await run_in_threadpool(self.jobs.cancel, request.path_params["job"])
        return Response(status_code=204)

    async def result(self, request: Request) -> Response:
        """A finished file, to play or to keep; parts of it by Range."""
        path = request.query_params.get("path", "")
        file = self.folder.file(path)
        if file.suffix.lower() not in _SOUND_SUFFIXES or not file.is_file():
            raise HTTPException(404, "there is no such finished file")
        return FileResponse(file, filename=file.name if "download" in request.query_params else None)


def wav_header(form: MixFormat, frames: int) -> bytes:
    """The head of a WAV file of 16-bit PCM with so many frames, as RIFF has it (Microsoft, 1991)."""
    width = form.channels * 2
    size = min(frames * width, 0xFFFFFFFF - 36)
    rate = form.rate_hz
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, form.channels, rate, rate * width, width, 16)
    return b"RIFF" + struct.pack("<I", size + 36) + b"WAVE" + layout + b"data" + struct.pack("<I", size)


def _title(text: str) -> str:
    found = next((line for line in text.splitlines() if line.startswith("title:")), "")
    return found.partition(":")[2].strip().strip("'\"")


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
        Route("/api/voices", studio.voices),
        Route("/api/sounds", studio.sounds),
        Route("/api/file", studio.open),
        Route("/api/file", studio.save, methods=["PUT"]),
        Route("/api/new", studio.new, methods=["POST"]),
        Route("/api/outline", studio.outline, methods=["POST"]),
        Route("/api/edit", studio.edit, methods=["POST"]),
        Route("/api/check", studio.check, methods=["POST"]),
        Route("/api/plan", studio.plan, methods=["POST"]),
        Route("/api/session/{session}/clip/{number:int}", studio.clip),
        Route("/api/session/{session}/mix", studio.mix),
        Route("/api/takes", studio.takes, methods=["POST"]),
        Route("/api/takes", studio.record, methods=["PUT"]),
        Route("/api/takes", studio.take),
        Route("/api/jobs", studio.jobs_listed),
        Route("/api/jobs", studio.begin, methods=["POST"]),
        Route("/api/jobs/{job}/events", studio.job_events),
        Route("/api/jobs/{job}", studio.cancel, methods=["DELETE"]),
        Route("/api/result", studio.result),
    ]
    handlers = {
        BreathmarkError: _failed,
        HTTPException: _refused,
        TooLargeBodyError: _too_large,
        OvertakenError: _overtaken,
    }
    return Guard(Starlette(routes=routes, exception_handlers=handlers), hosts=hosts, token=token)
