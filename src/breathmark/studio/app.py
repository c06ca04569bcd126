"""The studio's server: each route reads a request, calls one function of the API, and answers with JSON or sound."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import struct
import threading
import webbrowser
from collections import OrderedDict
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse

from breathmark.api.options import Options
from breathmark.base.errors import BreathmarkError, RequestError
from breathmark.base.memory import give_back
from breathmark.course.schema import json_schema, new_meditation
from breathmark.script.editing.edits import changes
from breathmark.script.editing.outline import outline
from breathmark.script.lexicon import Pronunciation
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
    unfit,
)
from breathmark.studio.folder import SOUND_SUFFIXES, Folder, mark
from breathmark.studio.jobs import Jobs, LongJob
from breathmark.studio.sessions import BLOCK_S, CHANNELS, OPEN, MixFormat, mix_format, mixed, planned
from breathmark.studio.work import (
    Asked,
    built,
    checked,
    known,
    record,
    rendered,
    sound_list,
    spoken,
    take_file,
    takes,
    tried,
    verified,
    voices,
)
from breathmark.studio.workers import StudioWorkers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.types import Send

    from breathmark.studio.work import Json

log = logging.getLogger(__name__)

_FIRST: Final = 1
_STREAMED: Final = 5
"""Blocks that are mixed at once, to begin with and after that: ten seconds of sound in about 40 ms of work."""
_SENT_BYTES: Final = 1 << 16
"""What is handed on at once of them, since each layer below holds a copy: 0.2 s of sound."""
_R = TypeVar("_R")


class _Streamed(StreamingResponse):
    """A stream whose generator is closed with it, also where the page stops listening, and frees what it holds."""

    async def stream_response(self, send: Send) -> None:
        """Send it, and close the generator."""
        async with aclosing(self.body_iterator):  # type: ignore[type-var] # ours are generators
            await super().stream_response(send)


class Studio:
    """One studio: the folder that it is opened on, its worker processes and its jobs."""

    def __init__(self, folder: Path, browse: Callable[[str], bool] = webbrowser.open) -> None:
        """``browse`` opens an address in the browser, and says whether it could."""
        self._browse = browse
        self.folder = Folder(root=folder.resolve())
        self.jobs = Jobs()
        self.workers = StudioWorkers()
        self._streams = 0
        """How many mixes are being streamed."""
        self._clips: OrderedDict[str, tuple[Path, ...]] = OrderedDict()
        """The sounds of the sentences of each open session."""
        self._saving = threading.Lock()

    def close(self) -> None:
        """End all processes."""
        self.jobs.close()
        self.workers.close()

    async def ask(self, request: Request, model: TypeAdapter[_R]) -> _R:
        """The request's body. Raises HTTPException where it is not what the page sends."""
        try:
            return model.validate_json(await request.body())
        except ValidationError as exc:
            raise HTTPException(422, unfit(exc)) from exc

    def asked(self, session: AskedSession) -> Asked:
        """The session with the file that it is of. Raises RequestError."""
        options = Options(**session.choices.model_dump(), estimate=session.estimate, jobs=1)
        self.folder.file(session.path)
        if session.choices.ambience:  # it may be the path of a file
            self.folder.file(session.choices.ambience)
        return Asked(folder=self.folder.root, path=Path(session.path), text=session.text, options=options)

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
            "scripts": [self._script(path) for path in self.folder.scripts()],
            "courses": list(self.folder.courses()),
            "presets": [{"name": preset.name, "suffix": preset.suffix} for preset in PRESETS.values()],
        }

    def _script(self, path: str) -> Json:
        """A script by its title, or with the reason why it can't be opened."""
        try:
            return {"path": path, "title": _title(self.folder.read(path)), "fault": ""}
        except RequestError as exc:
            return {"path": path, "title": "", "fault": str(exc).partition("\n")[0]}

    async def state(self, request: Request) -> Response:
        """What is known of a script: its faults and findings, its lengths, its finished files."""
        asked = await run_in_threadpool(self._saved, request.query_params.get("path", ""), estimate=True)
        found = await self.workers.read("", known, asked)
        return JSONResponse(found | {"finished": await run_in_threadpool(self.folder.finished, asked.path.as_posix())})

    async def schema(self, _request: Request) -> Response:
        """The JSON Schema of scripts, by which the page completes keys."""
        return JSONResponse(await run_in_threadpool(json_schema, "script"))

    async def voices(self, _request: Request) -> Response:
        """The voices that can speak here."""
        return JSONResponse(await self.workers.read("voices", voices, self.folder.root))

    async def sounds(self, _request: Request) -> Response:
        """The ambiences and bells that there are."""
        return JSONResponse(await self.workers.read("sounds", sound_list, self.folder.root))

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
        return JSONResponse(await self.workers.read(f"check {session.path}", checked, self.asked(session)))

    # Time and sound

    async def plan(self, request: Request) -> Response:
        """The session laid out: guessed at once, or to the frame when all of it is spoken."""
        session = await self.ask(request, SESSION)
        name = secrets.token_urlsafe(8)
        work = self.workers.read if session.estimate else self.workers.play
        key = f"plan {session.path} {session.estimate}"
        found, clips = await work(key, planned, self.asked(session), name)
        if not session.estimate:
            self._clips[name] = clips
            while len(self._clips) > OPEN:
                self._clips.popitem(last=False)
            self.workers.prepare("mix", mix_format, name)
        return Response(found, media_type="application/json")

    async def speaking(self, _request: Request) -> Response:
        """How much is spoken of what a plan to the frame waits for; null where nothing is."""
        return JSONResponse({"share": self.workers.spoken})

    async def clip(self, request: Request) -> Response:
        """One sentence as it is spoken; it never waits for a mix that is being made."""
        clips, number = self._clips.get(request.path_params["session"], ()), request.path_params["number"]
        if number >= len(clips) or not await run_in_threadpool(clips[number].is_file):  # the cache may be pruned
            raise HTTPException(410, "this session is not open any more")
        return FileResponse(clips[number], media_type="audio/wav")

    async def mix(self, request: Request) -> Response:
        """The true mix from a moment on, as a WAV that goes on until the session ends or the page stops listening."""
        name = request.path_params["session"]
        try:
            from_s = max(float(request.query_params.get("from", "0")), 0.0)
            begin = int(from_s * 1000)
        except (ValueError, OverflowError) as exc:
            raise HTTPException(422, "`from` is a time in seconds") from exc
        form = await self.workers.play("", mix_format, name)
        if form is None:
            raise HTTPException(410, "this session is not open any more")
        frame = min(begin * form.rate_hz // 1000, form.frames)
        piece = await self.workers.play("", mixed, name, frame // (BLOCK_S * form.rate_hz), _FIRST)
        return _Streamed(self._mix(name, form, frame, piece), media_type="audio/wav")

    async def _mix(self, name: str, form: MixFormat, frame: int, piece: bytes) -> AsyncIterator[bytes]:
        """The mix from a frame on, which lies in ``piece``; no more of it is made than whoever listens has taken."""
        block, skipped = divmod(frame, BLOCK_S * form.rate_hz)
        following, cut = block + _FIRST, 2 * CHANNELS * skipped
        self._streams += 1
        try:
            yield wav_header(form.rate_hz, form.frames - frame)
            while piece:
                for at in range(cut, len(piece), _SENT_BYTES):
                    yield piece[at : at + _SENT_BYTES]
                    await asyncio.sleep(0)  # or a page that has gone is not noticed before the piece is through
                cut = 0
                piece = await self.workers.play("", mixed, name, following, _STREAMED)
                following += _STREAMED
        except BreathmarkError as error:  # the answer has begun: all that is left is to end it
            log.warning("%s", error)
        finally:
            piece = b""  # what cancels a stream keeps this frame until the next collection of garbage
            give_back()
            self._streams -= 1
            if not self._streams:  # the player, too, after what it is at
                self.workers.prepare("memory", give_back)

    async def word(self, request: Request) -> Response:
        """A word as a voice guesses it, and as a lexicon would have it."""
        asked = request.query_params
        given = Pronunciation(say=asked.get("say", ""), ipa=asked.get("ipa", ""))
        sound = await self.workers.play(
            "word", tried, self.folder.root, asked.get("voice", ""), asked.get("word", ""), given
        )
        return Response(sound, media_type="audio/wav")

    # Recording

    async def takes(self, request: Request) -> Response:
        """Every sentence to record, and its takes."""
        session = await self.ask(request, SESSION)
        return JSONResponse(await self.workers.read(f"takes {session.path}", takes, self.asked(session)))

    async def record(self, request: Request) -> Response:
        """A new take of a sentence: the body is a WAV file, the script the one that is saved."""
        asked = self._saved(request.query_params.get("path", ""))
        sentence = request.query_params.get("sentence", "")
        return JSONResponse(await self.workers.play("", record, asked, sentence, await request.body()), 201)

    async def take(self, request: Request) -> Response:
        """The sound of a take."""
        asked = self._saved(request.query_params.get("path", ""))
        return FileResponse(await self.workers.read("", take_file, asked, request.query_params.get("name", "")))

    def _saved(self, path: str, *, estimate: bool = False) -> Asked:
        return self.asked(AskedSession(path=path, text=self.folder.read(path), estimate=estimate))

    # Jobs

    async def begin(self, request: Request) -> Response:
        """Start long work."""
        work = await self.ask(request, WORK)
        return JSONResponse(self._begin(work).data(), 202)

    def _begin(self, work: Work) -> LongJob:
        match work:
            case RenderWork():
                files = [(each.length, each.preset, self.folder.file(each.output)) for each in work.files]
                title = f"{work.path} → {', '.join(each.output for each in work.files)}"
                return self.jobs.start(work.kind, title, rendered, self.asked(work), files)
            case SpeakWork():
                return self.jobs.start(work.kind, f"speak {work.path}", spoken, self.asked(work))
            case VerifyWork():
                file = self.folder.file(work.path)
                return self.jobs.start(work.kind, f"verify {work.path}", verified, file, work.preset)
            case BuildWork():
                course, output = self.folder.file(work.path), self.folder.file(work.output)
                builder = partial(built, dry_run=work.dry_run)
                return self.jobs.start(work.kind, f"build {work.path}", builder, course, output)

    async def jobs_listed(self, _request: Request) -> Response:
        """All jobs."""
        return JSONResponse(self.jobs.listed())

    async def job_events(self, request: Request) -> Response:
        """One job's news as server-sent events."""
        number = request.path_params["job"]
        if self.jobs.get(number) is None:
            raise HTTPException(404, "there is no such job")
        return _Streamed(self._events(number), media_type="text/event-stream")

    async def _events(self, number: str) -> AsyncIterator[str]:
        async for news in self.jobs.follow(number):
            yield ":\n\n" if news is None else f"data: {json.dumps(news)}\n\n"

    async def cancel(self, request: Request) -> Response:
        """End a job."""
        await run_in_threadpool(self.jobs.cancel, request.path_params["job"])
        return Response(status_code=204)

    async def publication(self, request: Request) -> Response:
        """Open what a build has published, as listeners will see it; the browser gets no other file by this."""
        job = self.jobs.get(request.path_params["job"])
        opened = job.result.get("opened") if job else None
        entry = opened.get(request.path_params["publisher"]) if isinstance(opened, dict) else None
        if entry is None:
            raise HTTPException(404, "this build has published nothing of that name")
        address = (self.folder.root / entry).as_uri()
        return JSONResponse({"address": address, "opened": await run_in_threadpool(self._browse, address)})

    async def result(self, request: Request) -> Response:
        """A finished file, to play or to keep; parts of it by Range."""
        path = request.query_params.get("path", "")
        file = self.folder.file(path)
        if file.suffix.lower() not in SOUND_SUFFIXES or not file.is_file():
            raise HTTPException(404, "there is no such finished file")
        return FileResponse(file, filename=file.name if "download" in request.query_params else None)


def wav_header(rate_hz: int, frames: int) -> bytes:
    """The head of a WAV file of 16-bit PCM with so many frames, as RIFF has it (Microsoft, 1991)."""
    width = CHANNELS * 2
    size = min(frames * width, 0xFFFFFFFF - 36)
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, CHANNELS, rate_hz, rate_hz * width, width, 16)
    return b"RIFF" + struct.pack("<I", size + 36) + b"WAVE" + layout + b"data" + struct.pack("<I", size)


def _title(text: str) -> str:
    found = next((line for line in text.splitlines() if line.startswith("title:")), "")
    return found.partition(":")[2].strip().strip("'\"")
