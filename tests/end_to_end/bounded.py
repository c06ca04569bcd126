"""Run commands of ``breathmark`` one after the other, each in a fork of its own with bounds, and tell what it took.

It reads a JSON list of ``[folder, [words of the command]]`` and writes one of ``[exit code, CPU s, MB, output]``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import NoReturn

import breathmark.checker.run
import breathmark.cli.check
import breathmark.cli.plan
import breathmark.cli.render
import breathmark.findings  # noqa: F401 — loaded once, for all of them
from breathmark.cli import main

_MOST_S = 30
_MOST_BYTES = 3 << 30


def _run(folder: str, words: list[str], output: int) -> NoReturn:
    code: object = "killed"
    try:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CPU, (_MOST_S, _MOST_S))
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        os.dup2(output, 1)
        os.dup2(output, 2)
        main(words)
    except SystemExit as ended:
        code = ended.code
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        raise
    finally:
        os._exit(code if isinstance(code, int) else 99)


def _measured(folder: str, words: list[str]) -> tuple[int, float, float, str]:
    output = os.open(Path(folder, "output"), os.O_RDWR | os.O_CREAT)
    child = os.fork()
    if not child:
        _run(folder, words, output)
    _, status, used = os.wait4(child, 0)
    size = os.lseek(output, 0, os.SEEK_END)
    os.lseek(output, 0, os.SEEK_SET)
    text = os.read(output, size).decode()
    os.close(output)
    per_mb = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / per_mb, text


if __name__ == "__main__":
    json.dump([_measured(folder, words) for folder, words in json.load(sys.stdin)], sys.stdout)
