"""On a real terminal: bars of one line each, text folded at words, tables that fit; elsewhere plain lines."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.cli import terminal
from tests.profiles import quick_only

from .pseudoterminal import look_at

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")

SCRIPT = """\
title: A Small Pause for Somebody Who Reads This on a Narrow Screen
voice: tone
length: 30s..1m..4m
segments:
  - title: Words of Welcome and of Kindness, Which Take a While
    say: |
{sentences}
  - title: Resting
    silence: 1s..5s..2m
""".format(sentences="\n".join(f"      Rest {number}. [pause 10ms..20ms..1s]" for number in range(12)))
BROKEN = """\
title: A
lenght: 3m
a_key_that_nobody_knows_and_that_is_rather_long: 3m
segments:
  - say: Hello.
"""


RED = "\x1b[31m\x1b[1merror:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script of twelve sentences, and a broken one."""
    (tmp_path / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    (tmp_path / "pause.yaml").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("columns", quick_only([80], [80, 40]))
def test_a_stage_is_one_line_that_moves(folder: Path, columns: int) -> None:
    """Twelve sentences make no twelve lines, at no width; when all is done, the results alone are on the screen."""
    shown = look_at("render", "pause.yaml", "-o", "a.wav", "--cache", "cache", columns=columns, cwd=folder)
    assert shown.code == 0
    told = [piece for piece in shown.pieces if piece.startswith(("Speaking", "Rendering"))]
    assert any(re.fullmatch(r"Speaking .* \d+/\d+ *", piece) for piece in told)
    assert any(re.fullmatch(r"Rendering .* \d+% *", piece) for piece in told)
    assert max(map(len, shown.pieces)) <= columns
    assert shown.screen[0].startswith("a.wav  1:00")
    assert shown.raw.count("\n") <= 12


@pytest.mark.slow
def test_no_color_leaves_the_bar(folder: Path) -> None:
    """It moves, and holds no colour."""
    words = ("render", "pause.yaml", "-o", "a.wav", "--cache", "cache")
    shown = look_at(*words, columns=80, cwd=folder, NO_COLOR="1")
    assert any("Speaking" in piece for piece in shown.pieces)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9][0-9;]*m", shown.raw)


def test_a_terminal_that_can_not_move_gets_lines(folder: Path) -> None:
    """As a log does."""
    words = ("render", "pause.yaml", "-o", "a.wav", "--cache", "cache")
    shown = look_at(*words, columns=80, cwd=folder, TERM="dumb")
    assert shown.screen[:2] == ["Speaking ...", "Rendering ..."]


@pytest.mark.slow
def test_a_build_fits_too(folder: Path) -> None:
    """With a bar for each worker, and the lines of what is finished kept."""
    (folder / "broken.yaml").unlink()
    (folder / "course.yaml").write_text("title: C\nlengths: [40s, 1m]\nsessions: [pause]\n", encoding="utf-8")
    words = ("build", ".", "-o", "out", "--cache", "cache", "--jobs", "1")
    shown = look_at(*words, columns=40, cwd=folder)
    assert shown.code == 0, shown.raw
    assert any(piece.startswith("Rendering 1/2") for piece in shown.pieces)
    assert max(len(piece) for piece in shown.pieces if "━" in piece) <= 40
    screen = " ".join(shown.screen)
    assert re.match(r"2 to build, 0 current \[1/2\] .+ \[2/2\] .+ 2 built, ", screen), screen


@pytest.mark.parametrize("columns", quick_only([60], [80, 60]))
def test_messages_are_folded_between_words(folder: Path, columns: int) -> None:
    """No word is torn apart, and further lines are indented; what is no terminal gets one line, without colour."""
    shown = look_at("check", "broken.yaml", "--estimate", columns=columns, cwd=folder)
    assert shown.code == 2
    assert RED in shown.raw
    assert max(map(len, shown.screen)) <= columns
    assert shown.screen[-2] == "2 errors in 1 file."
    piped = subprocess.run(
        [sys.executable, "-m", "breathmark", "check", "broken.yaml", "--estimate"],
        capture_output=True, text=True, check=False, cwd=folder,
    ).stdout.splitlines()  # fmt: skip
    assert len(piped) == 3
    assert len(piped[1]) > 80
    assert " ".join(" ".join(shown.screen).split()) == " ".join(piped)


ESTIMATED = ("plan", "pause.yaml", "--estimate")
ASKED = ("render", "pause.yaml", "--length", "10")


@pytest.mark.parametrize(
    "words",
    quick_only(
        [ESTIMATED, ASKED],
        [
            ESTIMATED,
            ("check", "pause.yaml", "--estimate"),
            ("sounds", "list"),
            ("voices", "list"),
            ("takes", "list", "pause.yaml"),
            ASKED,
            ("render", "pause.yaml", "--lenght", "10"),
            ("plan", "pause.yaml", "--length", "3h", "--voice", "tone"),
        ],
    ),
    ids=" ".join,
)
def test_every_table_and_message_fits_eighty_columns(folder: Path, words: tuple[str, ...]) -> None:
    """A title of fifty letters, estimates with their mark, and a sound's description included."""
    shown = look_at(*words, columns=80, cwd=folder)
    assert max(map(len, shown.screen)) <= 80, "\n".join(shown.screen)
    assert "Traceback" not in shown.raw


@pytest.mark.slow
def test_labels_are_coloured_by_a_render_too(folder: Path) -> None:
    """Red for an error; ``NO_COLOR`` leaves the word."""
    assert RED in look_at("render", "broken.yaml", columns=80, cwd=folder).raw
    shown = look_at("check", "broken.yaml", "--estimate", columns=80, cwd=folder, NO_COLOR="1")
    assert "broken.yaml:2:1: error: " in shown.raw


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=" \n\r\x1b"), min_size=1), max_size=30))
def test_folding_keeps_every_word(words: list[str]) -> None:
    """In order and whole; a line is longer than the terminal only where one word is."""
    text = " ".join(words)
    pieces = [*terminal._folded(text, 30)]
    assert [word for piece in pieces for word in piece.split(" ") if word] == [word for word in words if word]
    assert all(len(piece) <= 60 or " " not in piece.strip(" ") for piece in pieces)


def test_folding_counts_what_is_seen() -> None:
    """Colours take no column, and Chinese signs take two."""
    red = terminal.styled("one two", fg="red")
    assert [*terminal._folded(red, 7)] == [red]
    assert [*terminal._folded("  安安 安安", 8)] == ["  安安", "    安安"]


def test_a_redirected_table_has_a_line_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long its cells are."""
    monkeypatch.setattr("sys.stdout", io.StringIO())
    lines = terminal.table([("a", "word " * 60), ("b", "[red]:smile:[/red]")]).splitlines()
    assert [len(line.split()) for line in lines] == [61, 2]
    assert lines[1] == "  b  [red]:smile:[/red]"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("cp1252", "~ 9:00 “Rest” \\U0001f600"), ("latin-1", '~ 9:00 "Rest" \\U0001f600'), ("utf-8", "≈ 9:00 “Rest” 😀")],
)
def test_signs_that_an_encoding_lacks_are_replaced(
    encoding: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what looks like them, else by their code: no output fails for a sign."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding=encoding))
    terminal.make_printable()
    terminal.say("≈ 9:00 “Rest” 😀")
    sys.stdout.flush()
    assert raw.getvalue().decode(encoding) == f"{expected}\n"


def test_data_in_a_code_page_stays_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON escapes what the encoding may lack."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    terminal.make_printable()
    terminal.say_json({"title": "≈ é"}, indent=None)
    sys.stdout.flush()
    assert raw.getvalue() == b'{"title": "\\u2248 \\u00e9"}\n'


def test_a_redirected_check_in_a_code_page(folder: Path) -> None:
    """The whole program, with a file's name that the code page lacks."""
    (folder / "pause 😀.yaml").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "breathmark", "check", "pause 😀.yaml", "--estimate"],
        capture_output=True, cwd=folder, check=False, env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert done.stderr == b""
    assert b"lengths ~ 0:30" in done.stdout
