"""What foreign names and texts may do to a terminal: nothing."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import click
import pytest

from breathmark import cli
from breathmark.cli import main
from breathmark.cli.progress import stages_shown
from breathmark.cli.terminal import echo, styled, visible

EVIL = "a\x1b]0;title\x07\x1b[2J\r\x9b1m\x7f\u202eb"
SHOWN = r"a\x1b]0;title\x07\x1b[2J\x0d\u009b1m\u007f\u202eb"


def test_control_characters_are_made_visible() -> None:
    """Those of ASCII, those above it, and those that turn letters round; lines, tabs and all letters stay."""
    assert visible(EVIL) == SHOWN
    assert visible("one\n\ttwo, größer, 静か, مرحبا") == "one\n\ttwo, größer, 静か, مرحبا"


def test_nothing_is_printed_by_another_way() -> None:
    """Every module of the command line uses `echo` and `styled` in place of click's."""
    files = [file for file in Path(cli.__file__).parent.glob("*.py") if file.name != "terminal.py"]
    assert len(files) > 15
    assert [
        file.name for file in files if re.search(r"click\.(s?echo|style)\(", file.read_text(encoding="utf-8"))
    ] == []


def test_colours_are_only_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    """A styled name is coloured as a whole, and can't end the colour or begin another one."""
    echo(f"{styled(EVIL, bold=True)} {EVIL}", color=True)
    assert capsys.readouterr().out == f"{click.style(SHOWN, bold=True)} {SHOWN}\n"
    echo(styled(EVIL, fg="red"))
    assert capsys.readouterr().out == f"{SHOWN}\n"


@pytest.mark.parametrize(
    "words", [["check", EVIL], ["render", EVIL], ["build", EVIL], ["verify", EVIL], [EVIL], ["plan", f"--{EVIL}"]]
)
def test_no_command_passes_them_on(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever says that something is wrong with the name, Breathmark or click."""
    with pytest.raises(SystemExit):
        main(words)
    said = "".join(capsys.readouterr())
    assert "title" in said
    assert {sign for sign in said if not sign.isprintable()} <= {"\n"}


def test_data_stays_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON that names such a file can be read, and gives the name."""
    script = tmp_path / f"{EVIL}.yaml"
    script.write_text("title: One\nsegments:\n  - say: Hello.\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["check", str(script), "--json", "--estimate", "--voice", "tone"])
    said = capsys.readouterr().out
    assert {sign for sign in said if not sign.isprintable()} == {"\n"}
    assert str(script) in texts_in(json.loads(said))


def texts_in(value: object) -> list[str]:
    """All texts in a JSON value."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for each in value.values() for text in texts_in(each)]
        case list():
            return [text for each in value for text in texts_in(each)]
        case _:
            return []


def test_what_stages_log_is_shown_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning without being asked, the rest with ``-v``."""
    log = logging.getLogger("breathmark.stage")
    for verbose in (False, True):
        with stages_shown(verbose=verbose):
            log.info("note %s", EVIL)
            log.warning("warning %s", EVIL)
        assert capsys.readouterr().err == (f"note {SHOWN}\n" if verbose else "") + f"warning {SHOWN}\n"
