"""A server on this machine that speaks by a narrator, for ``scripts/bench``."""

from __future__ import annotations

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from breathmark.speech.contract import SpeechRequest
from breathmark.speech.registry import load_narrator


class Server(ThreadingHTTPServer):
    """``POST /v1/audio/speech`` on this machine: beside its narrator it tells what the protocol costs."""

    daemon_threads = True

    def __init__(self, voice: str) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.narrator = load_narrator(voice.partition(":")[0])
        self.voice = voice
        self.speaking = threading.Lock()
        self.settings = {
            "base": f"http://127.0.0.1:{self.server_port}",
            "model": "any",
            "voices": f"{voice.partition(':')[2]} en",
        }

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Answer(BaseHTTPRequestHandler):
    """One connection to it."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Speak."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = SpeechRequest(text=asked["input"], voice=self.server.voice, speed=asked["speed"], language="en")
        file = io.BytesIO()
        with self.server.speaking:
            self.server.narrator.speak(request).audio.export(file, "wav")
        self.send_response(200)
        self.send_header("Content-Type", "audio/wav")
        self.send_header("Content-Length", str(len(file.getvalue())))
        self.end_headers()
        self.wfile.write(file.getvalue())

    def log_message(self, *_: object) -> None:
        """Stay silent."""
