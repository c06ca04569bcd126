"""Plurals, and commands to paste."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from breathmark.base.wording import command_line, counted

if TYPE_CHECKING:
    import pytest


def test_one_is_singular() -> None:
    """And nothing else is."""
    assert [counted(number, "sentence") for number in (0, 1, 2)] == ["0 sentences", "1 sentence", "2 sentences"]
    assert counted(1200, "voice of it", "voices of it") == "1,200 voices of it"


def test_a_command_can_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a POSIX shell, and into PowerShell and cmd.exe."""
    words = ("breathmark", "check", "My Sessions/it's evening.yaml")
    monkeypatch.setattr("sys.platform", "linux")
    assert shlex.split(command_line(*words)) == [*words]
    assert command_line("breathmark", "check", "a/b-c.yaml") == "breathmark check a/b-c.yaml"
    monkeypatch.setattr("sys.platform", "win32")
    assert command_line("breathmark", "check", r"C:\My Sessions\a.yaml") == r'breathmark check "C:\My Sessions\a.yaml"'
    assert command_line("breathmark", "check", r"C:\a.yaml") == r"breathmark check C:\a.yaml"
