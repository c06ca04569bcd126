"""The worker process of ``pool``: ``python -m breathmark.speech.worker``.

It reads lines of JSON: first the cache's folder and the settings, then one task a line; and answers each with a line.
It ends when its input does, so that none outlives a run that was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from breathmark.base.errors import VoiceError
from breathmark.base.interrupts import came, die, heed
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.speaking import Speaker, Task

if TYPE_CHECKING:
    from collections.abc import Iterable


def main() -> None:
    """Serve standard input. Ctrl-C is left to the run, which closes the input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heed(signal.SIGTERM)
    # Engines print; what they print must not mix with the answers.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        try:
            serve(sys.stdin, answers)
        except BaseException:
            if not came():
                raise
        if came():
            die()


def serve(lines: Iterable[str], answers: TextIO) -> None:
    """Answer each line; an answer is ``{}``, ``{"error": [message, hint]}``, or ``{"bug": [its traceback]}``."""
    incoming = iter(lines)
    start = json.loads(next(incoming, "null"))
    if start is None:
        return
    speaker = Speaker(ClipCache(Path(start["root"])), start["settings"])
    _answer(answers, {})
    for line in incoming:
        try:
            speaker.perform(Task.from_json(json.loads(line)))
            _answer(answers, {})
        except VoiceError as exc:
            _answer(answers, {"error": [exc.message, exc.hint]})
        except Exception as exc:  # noqa: BLE001 - it is raised in the run
            if came():
                return  # a library may have made it of the interrupt
            _answer(answers, {"bug": ["".join(traceback.format_exception(exc))]})


def _answer(answers: TextIO, answer: dict[str, list[str]]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
