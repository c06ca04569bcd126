"""Colours on a terminal, and ``NO_COLOR``."""

from __future__ import annotations

import io

import pytest

from breathmark.cli import main


class _Terminal(io.StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_no_color_is_heeded(no_color: str, *, coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With it neither results nor errors hold an escape sequence, on a terminal too; without it both do."""
    monkeypatch.setenv("NO_COLOR", no_color)
    said, complained = _Terminal(), _Terminal()
    monkeypatch.setattr("sys.stdout", said)
    monkeypatch.setattr("sys.stderr", complained)
    for words in (["sounds", "list"], ["check", "nowhere/at/all"], ["render", "nowhere.yaml"]):
        with pytest.raises(SystemExit):
            main(words)
    assert ("\x1b[" in said.getvalue()) is coloured
    assert ("\x1b[" in complained.getvalue()) is coloured
