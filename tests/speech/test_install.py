"""Installing voices from a real server that misbehaves, and from a folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

import filelock
import pytest

from breathmark.base.errors import VoiceError
from breathmark.speech.voices import download, hibari_index
from breathmark.speech.voices import kokoro as kokoro_files
from breathmark.speech.voices.install import install_voice, installable_voices
from breathmark.speech.voices.piper import PiperNarrator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL: Final = bytes(range(256)) * 3000
VECTORS: Final = b"vectors" * 5000
CONFIG: Final = json.dumps(
    {"audio": {"quality": "medium", "sample_rate": 22050}, "language": {"code": "en_US"}}
).encode()
CARD: Final = b"# Model card\nLicence: public domain\n"


class Server(ThreadingHTTPServer):
    """Serves ``files``; what it does wrong to the next requests is in ``plan``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.plan: list[str] = []
        self.asked: list[tuple[str, str]] = []
        """Path and range of each request."""
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is not an event."""


class Handler(BaseHTTPRequestHandler):
    """One request, done as planned."""

    server: Server

    def do_GET(self) -> None:
        """Answer with the file, a part of it, or a fault."""
        path, asked = self.path.lstrip("/"), self.headers.get("Range", "")
        self.server.asked.append((path, asked))
        fault, _, much = (self.server.plan.pop(0) if self.server.plan else "").partition(" ")
        content = self.server.files.get(path)
        if fault.isdigit() or content is None:
            self._head(int(fault or 404), 0)
            return
        if fault == "other":
            content = content[:-1] + bytes([content[-1] ^ 1])
        if fault == "longer":
            content += b"more"
        if fault == "shorter":
            content = content[:-4]
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and fault != "whole" else 0
        if start and start >= len(content):
            self._head(416, 0)
            return
        shown = start + 1 if fault == "shifted" else start
        extra = {"Content-Range": f"bytes {shown}-{len(content) - 1}/{len(content)}"} if start else {}
        self._head(206 if start else 200, len(content) - start, **extra)
        if fault in {"break", "stall"}:
            self.wfile.write(content[start : start + int(much)])
            self.wfile.flush()
            if fault == "stall":
                self.server.released.wait(60)
            return
        self.wfile.write(content[start:])

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's signature
        """Keep the tests' output clean."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on loopback that has the files of Kokoro and of a Piper voice."""
    with Server() as one:
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        one.files = {"kokoro-v1.0.int8.onnx": MODEL, "voices-v1.0.bin": VECTORS}
        one.files |= piper_voice("en_US-lessac-medium") | piper_voice("en_US-lessac-high")
        one.files |= (
            piper_voice("pt_PT-tug\u00e3o-medium") | piper_voice("en_GB-alan-low") | piper_voice("de_DE-alan-low")
        )
        one.files["voices.json"] = index(one.files)
        yield one
        one.released.set()
        one.shutdown()
        thread.join()


def piper_voice(key: str) -> dict[str, bytes]:
    """A voice's files, laid as on the public server."""
    language, name, quality = key.split("-")
    folder = f"{language[:2]}/{language}/{name}/{quality}".replace("\u00e3", "%C3%A3")
    shown = key.replace("\u00e3", "%C3%A3")
    return {
        f"{folder}/{shown}.onnx": MODEL + key.encode(),
        f"{folder}/{shown}.onnx.json": CONFIG,
        f"{folder}/MODEL_CARD": CARD,
    }


def index(files: dict[str, bytes]) -> bytes:
    """The index of these files."""
    voices: dict[str, dict[str, dict[str, object]]] = {}
    for path, content in files.items():
        parts = path.replace("%C3%A3", "\u00e3").split("/")
        if len(parts) == 5:
            facts = {"size_bytes": len(content), "md5_digest": hashlib.md5(content).hexdigest()}  # noqa: S324 - theirs
            voices.setdefault("-".join(parts[1:4]), {"files": {}})["files"]["/".join(parts)] = facts
    return json.dumps(voices, ensure_ascii=False).encode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where voices go; the pinned facts are those of small files, and nothing waits between attempts."""
    facts = [(kokoro_files.MODEL, MODEL), (kokoro_files.VECTORS, VECTORS)]
    pinned = tuple((name, len(content), hashlib.sha256(content).hexdigest()) for name, content in facts)
    monkeypatch.setattr(kokoro_files, "_FACTS", pinned)
    monkeypatch.setattr(download, "_FIRST_WAIT_S", 0)
    monkeypatch.setenv("BREATHMARK_VOICES", str(tmp_path / "voices"))
    return tmp_path / "voices" / "kokoro"


def install(server: Server, voice: str = "kokoro") -> tuple[str, ...]:
    """Install from the server."""
    return install_voice(voice, mirror=server.url, progress=lambda _name, _done, _total: None).fetched


def part_of(folder: Path, content: bytes, name: str = kokoro_files.MODEL) -> Path:
    """What an earlier run left."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(MODEL if name == kokoro_files.MODEL else VECTORS).hexdigest()
    part = folder / f".{name}.{digest[:16]}.part"
    part.write_bytes(content)
    return part


def is_whole(folder: Path) -> bool:
    """Whether both files are right, and nothing else is left but the lock."""
    names = {path.name for path in folder.iterdir()} - {".install.lock"}
    right = (folder / kokoro_files.MODEL).read_bytes() == MODEL and (
        folder / kokoro_files.VECTORS
    ).read_bytes() == VECTORS
    return names == {kokoro_files.MODEL, kokoro_files.VECTORS} and right


def test_a_voice_is_fetched_once(server: Server, folder: Path) -> None:
    """The second time nothing is asked for; a file that was damaged since is fetched again."""
    assert install(server) == (kokoro_files.MODEL, kokoro_files.VECTORS)
    assert is_whole(folder)
    asked = len(server.asked)
    assert install(server) == ()
    assert len(server.asked) == asked
    (folder / kokoro_files.MODEL).write_bytes(MODEL[:-1] + b"?")
    assert install(server) == (kokoro_files.MODEL,)
    assert is_whole(folder)


def test_a_connection_that_breaks_off_is_taken_up_again(server: Server, folder: Path) -> None:
    """Each attempt asks for what is missing, however many it takes, as long as each round brings something."""
    server.plan = ["break 1000", "break 10", "503", "429", *["break 5000"] * 12]
    install(server)
    assert is_whole(folder)
    ranges = [asked for path, asked in server.asked if path == kokoro_files.MODEL]
    assert ranges[:6] == ["", "bytes=1000-", "bytes=1010-", "bytes=1010-", "bytes=1010-", "bytes=6010-"]
    assert len(ranges) == 17


@pytest.mark.parametrize("there", [0, 1, 255, len(MODEL) // 2, len(MODEL) - 1, len(MODEL), len(MODEL) + 7])
@pytest.mark.parametrize("right", [True, False], ids=["right", "garbage"])
def test_an_installation_interrupted_at_any_byte_ends_whole(
    server: Server, folder: Path, there: int, *, right: bool
) -> None:
    """What is right is not fetched twice; a part of something else is thrown away."""
    part_of(folder, (MODEL + b"morethan")[:there] if right else b"\xff" * there)
    install(server)
    assert is_whole(folder)
    if right and 0 < there < len(MODEL):
        assert [asked for path, asked in server.asked if path == kokoro_files.MODEL] == [f"bytes={there}-"]


@pytest.mark.parametrize("fault", ["whole", "other", "416"])
def test_a_server_that_knows_no_ranges_starts_again(server: Server, folder: Path, fault: str) -> None:
    """Also where what came after a resumed part was wrong, or the server says that there is no such part."""
    part_of(folder, MODEL[:1000])
    server.plan = [fault]
    install(server)
    assert is_whole(folder)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (["other"], "SHA256 is wrong"),
        (["longer"], "too long"),
        (["shorter"] * 40, "ended after|416|fewer"),
        (["404"], "answered 404"),
        (["403"], "answered 403"),
        (["503"] * 5, "answered 503"),
        (["break 0"] * 5, "can't be downloaded"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_wrong_bytes_never_become_a_voice(server: Server, folder: Path, plan: list[str], message: str) -> None:
    """Nothing gets the model's name, and the message has the address and the way without internet."""
    server.plan = plan
    with pytest.raises(VoiceError, match=message) as caught:
        install(server)
    assert server.url in caught.value.message
    assert "--from" in caught.value.hint
    assert not (folder / kokoro_files.MODEL).exists()
    server.plan = []
    install(server)
    assert is_whole(folder)


@pytest.mark.parametrize("wrong", [1, 2], ids=["model", "config"])
def test_wrong_bytes_never_become_a_piper_voice(server: Server, folder: Path, wrong: int) -> None:
    """There is no voice until model and config are right, and the next run makes one."""
    server.plan = [*[""] * wrong, "other"]  # the index comes first
    with pytest.raises(VoiceError, match="MD5 is wrong"):
        install(server, "piper:lessac")
    assert "piper:lessac" not in {voice.name for voice in PiperNarrator({}).voices()}
    install(server, "piper:lessac")
    assert (folder.parent / "piper" / "en_US-lessac-medium.onnx").read_bytes() == MODEL + b"en_US-lessac-medium"


def test_another_part_than_asked_for_is_refused(server: Server, folder: Path) -> None:
    """An answer that says it begins elsewhere is not appended; what was there stays."""
    part = part_of(folder, MODEL[:1000])
    server.plan = ["shifted"]
    with pytest.raises(VoiceError, match="another part"):
        install(server)
    assert part.read_bytes() == MODEL[:1000]


@pytest.mark.parametrize("mirror", ["http://127.0.0.1:9", "ftp://127.0.0.1/x", "no address", "http://"])
def test_nobody_at_the_address_is_an_error(mirror: str) -> None:
    """A server that refuses, and what is not an address at all, are reported with the way without internet."""
    with pytest.raises(VoiceError, match="can't be downloaded") as caught:
        install_voice("kokoro", mirror=mirror, progress=lambda _name, _done, _total: None)
    assert "--from" in caught.value.hint


def test_progress_counts_bytes(server: Server, folder: Path) -> None:
    """From what is there to the whole, for each file."""
    part_of(folder, MODEL[:1000])
    reported: list[tuple[str, int, int]] = []
    install_voice("kokoro", mirror=server.url, progress=lambda *step: reported.append(step))
    assert reported[0] == (kokoro_files.MODEL, 1000, len(MODEL))
    assert (kokoro_files.MODEL, len(MODEL), len(MODEL)) in reported
    assert reported[-1] == (kokoro_files.VECTORS, len(VECTORS), len(VECTORS))


def test_files_that_one_has_are_taken_from_a_folder(tmp_path: Path, folder: Path) -> None:
    """Checked as those of the network; missing and wrong ones are named, and nothing half is left."""
    own = tmp_path / "own"
    own.mkdir()
    (own / kokoro_files.MODEL).write_bytes(MODEL)

    def take() -> tuple[str, ...]:
        return install_voice("kokoro", source=own, progress=lambda _name, _done, _total: None).fetched

    with pytest.raises(VoiceError, match=r"voices-v1\.0\.bin is not in"):
        take()
    (own / kokoro_files.VECTORS).write_bytes(VECTORS[:-1] + b"?")
    with pytest.raises(VoiceError, match="SHA256 is wrong"):
        take()
    assert {path.name for path in folder.iterdir()} == {kokoro_files.MODEL, ".install.lock"}
    (own / kokoro_files.VECTORS).write_bytes(VECTORS)
    assert take() == (kokoro_files.VECTORS,)
    assert is_whole(folder)
    assert (own / kokoro_files.MODEL).exists()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("lessac", "en_US-lessac-medium"),
        ("EN_us-Lessac-high", "en_US-lessac-high"),
        ("tug\u00e3o", "pt_PT-tug\u00e3o-medium"),
    ],
)
def test_a_piper_voice_comes_with_config_and_card(server: Server, folder: Path, name: str, key: str) -> None:
    """A voice's name alone is its medium quality; then the narrator has it."""
    assert install(server, f"piper:{name}") == (f"{key}.onnx", f"{key}.onnx.json", f"{key}.MODEL_CARD")
    assert (folder.parent / "piper" / f"{key}.MODEL_CARD").read_bytes() == CARD
    assert f"piper:{key.split('-')[1]}" in {voice.name for voice in PiperNarrator({}).voices()}
    assert install(server, f"piper:{name}") == ()


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lesac", "did you mean `piper:lessac`"), ("zzz", "named like"), ("alan", "de_DE-alan-low, en_GB-alan-low")],
)
def test_a_piper_voice_that_is_not_meant_clearly_is_answered(server: Server, name: str, hint: str) -> None:
    """With the nearest, or with those of the same name in several languages."""
    with pytest.raises(VoiceError) as caught:
        install(server, f"piper:{name}")
    assert hint in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a-b-c": {"files": {"a-b-c.onnx": {"size_bytes": "x"}}}}'])
def test_what_is_not_an_index_is_reported(server: Server, content: bytes) -> None:
    """No traceback of a parser."""
    server.files["voices.json"] = content
    with pytest.raises(VoiceError, match="not an index of Piper voices"):
        install(server, "piper:lessac")


def test_an_index_leads_nowhere_else(server: Server, folder: Path) -> None:
    """Names with a path in them are not voices: nothing is written outside the folder."""
    entry = {"../../evil-x-low.onnx": {"size_bytes": 1, "md5_digest": "0" * 32}}
    server.files["voices.json"] = json.dumps({"../../evil-x-low": {"files": entry}, "a-b-c": {"files": entry}}).encode()
    for name in ("../../evil-x-low", "x", "a-b-c"):
        with pytest.raises(VoiceError, match="voice index"):
            install(server, f"piper:{name}")
    assert list(folder.parent.rglob("*evil*")) == []


@pytest.mark.parametrize("flat", [True, False])
def test_a_piper_voice_is_taken_from_a_folder_with_its_index(tmp_path: Path, server: Server, *, flat: bool) -> None:
    """Laid flat or as on the server; without the index there are no checksums, and so no voice."""
    own = tmp_path / "own"
    own.mkdir()
    for path, content in server.files.items():
        if "lessac-medium" in path or ("lessac/medium" in path and not flat):
            place = own / (path.rpartition("/")[2] if flat else path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    if flat:
        (own / "en_US-lessac-medium.MODEL_CARD").write_bytes(CARD)

    def take() -> tuple[str, ...]:
        return install_voice("piper:lessac", source=own, progress=lambda _name, _done, _total: None).fetched

    with pytest.raises(VoiceError, match=r"voices\.json can't be read") as caught:
        take()
    assert "checksums" in caught.value.hint
    (own / "voices.json").write_bytes(server.files["voices.json"])
    assert len(take()) == 3
    assert server.asked == []


@pytest.mark.parametrize("voice", ["pyttsx3", "piper", "hibari", "nobody:x", "", "openai:x"])
def test_what_needs_no_installing_is_reported(voice: str) -> None:
    """With what there is to install."""
    with pytest.raises(VoiceError, match="nothing to install") as caught:
        install_voice(voice, progress=lambda _name, _done, _total: None)
    assert "kokoro" in caught.value.hint


@pytest.fixture
def emma(server: Server, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The package's list with a small model, and a server that has it."""
    content = MODEL + b"emma"
    listed = hibari_index.listed_voices()
    facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    changed = {**listed, "emma": listed["emma"].model_copy(update=facts)}
    monkeypatch.setattr(hibari_index, "listed_voices", lambda: changed)
    server.files = {"bf_emma.int8.onnx": content}
    return content


def test_a_voice_of_hibari_is_fetched_by_size_and_sha256(server: Server, folder: Path, emma: bytes) -> None:
    """One file, under its own name; what is other than the package says never gets it."""
    model = folder.parent / "hibari" / "bf_emma.int8.onnx"
    server.plan = ["other"]
    with pytest.raises(VoiceError, match="SHA256 is wrong"):
        install(server, "hibari:emma")
    assert not model.exists()
    assert "hibari:emma" in installable_voices("hibari")
    assert install(server, "hibari:Emma") == ("bf_emma.int8.onnx",)
    assert model.read_bytes() == emma
    assert "hibari:emma" not in installable_voices("hibari")
    assert install(server, "hibari:emma") == ()
    assert {path for path, _ in server.asked} == {"bf_emma.int8.onnx"}


def test_the_package_lists_four_voices_to_fetch() -> None:
    """With addresses on the makers' hub, and digests that no answer can change."""
    assert set(installable_voices("hibari")) == {f"hibari:{name}" for name in ("emma", "fable", "fenrir", "kore")}
    (wanted,) = hibari_index.hibari_files("fenrir")
    assert wanted.url == f"{hibari_index.HUB_URL}/am_fenrir_v2.int8.onnx"
    assert (wanted.size, wanted.algorithm, len(wanted.digest)) == (8_031_158, "sha256", 64)


@pytest.mark.parametrize(("name", "hint"), [("ema", "did you mean `hibari:emma`"), ("heart", "there are emma")])
def test_what_hibari_cannot_fetch_is_reported(name: str, hint: str) -> None:
    """A slip with the nearest name; the voice that is inside the package needs no installing."""
    with pytest.raises(VoiceError, match="nothing to install") as caught:
        install_voice(f"hibari:{name}", progress=lambda _name, _done, _total: None)
    assert hint in caught.value.hint


def test_two_installations_do_not_write_one_file(server: Server, folder: Path) -> None:
    """The second gets a message to wait."""
    folder.mkdir(parents=True)
    with filelock.FileLock(folder / ".install.lock"), pytest.raises(VoiceError, match="another installation"):
        install(server)


def test_a_folder_that_cannot_be_written_is_reported(server: Server, folder: Path) -> None:
    """With the variable that names another one."""
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_bytes(b"a file")
    with pytest.raises(VoiceError, match="can't be written") as caught:
        install(server)
    assert "BREATHMARK_VOICES" in caught.value.hint


def start(server: Server) -> subprocess.Popen[str]:
    """``breathmark voices install`` as a program of its own."""
    words = ["voices", "install", "piper:lessac", "--mirror", server.url]
    return subprocess.Popen(
        [sys.executable, "-m", "breathmark", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_installation_goes_on_where_it_was(server: Server, folder: Path) -> None:
    """SIGKILL in the middle of the model leaves no voice; the next run asks for the rest only, and says what it did."""
    piper = folder.parent / "piper"
    server.plan = ["", "stall 200000"]
    run = start(server)
    wait_for(lambda: sum(part.stat().st_size for part in piper.glob(".en_US*.part")) >= 100_000)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    server.released.set()
    assert list(piper.glob("*.onnx")) == []
    there = sum(part.stat().st_size for part in piper.glob(".en_US*.part"))
    run = start(server)
    said, complained = run.communicate(timeout=120)
    assert run.returncode == 0, complained
    assert "en_US-lessac-medium.onnx" in said
    assert server.asked[-3][1] == f"bytes={there}-"
    assert (piper / "en_US-lessac-medium.onnx").read_bytes() == MODEL + b"en_US-lessac-medium"
