from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from breathmark.base.errors import ScriptError
from breathmark.script.parse import parse
from tests.profiles import quick_only

BROKEN = Path(__file__).parent.parent / "data" / "broken"
CASES = sorted(path for path in BROKEN.glob("*.yaml") if path.name != "breathmark.yaml")
EXPECT = re.compile(r"# expect: (?:(?P<path>[^:]+):)?(?P<line>\d+):(?P<column>\d+): (?P<piece>.+)")


def _faults(path: Path) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        parse(path)
    return caught.value


def test_there_are_at_least_forty_kinds() -> None:
    """The corpus is not emptied by a mistake in a glob."""
    assert len(CASES) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_each_broken_script_is_told_at_its_place(case: Path) -> None:
    """The faults are exactly those that its first lines name: place, and a piece of what is said."""
    text = case.read_text(encoding="utf-8")
    expected = [EXPECT.fullmatch(line) for line in text.split("\n") if line.startswith("# expect: ")]
    problems = _faults(case).problems
    assert len(problems) == len(expected), problems
    for problem, expectation in zip(problems, expected, strict=True):
        assert expectation is not None
        path = case.parent / expectation["path"] if expectation["path"] else case
        assert (problem.path, problem.line, problem.column) == (
            str(path),
            int(expectation["line"]),
            int(expectation["column"]),
        )
        assert expectation["piece"] in str(problem)


HUGE = {
    "brackets": ("[" * 3000, "too deep"),
    "more brackets": ("[" * 500_000, "too deep"),
    "braces": ("{" * 500_000, "too deep"),
    "dashes": ("- " * 200_000, "too deep"),
    "questions": ("? " * 200_000, "too deep"),
    "flow pairs": ("[a, " * 100_000, "too deep"),
    "many parts": ("title: x\nsegments:\n- [" + "a," * 200_000 + "a]", "a segment begins with what it is"),
    "one key many times": ("a:\n" * 170_000, "appears twice"),
    "unknown keys": (
        "title: x\nsegments: [{say: a}]\n" + "".join(f"k{n}: 1\n" for n in range(20_000)),
        "not a known key",
    ),
    "broken segments": ("title: x\nsegments:\n" + "- sya: a\n" * 15_000, "did you mean `say`"),
    "anchors": ("&a " * 150_000, "read as YAML"),
    "tags": ("!a " * 150_000, ""),
    "quotes": ("'" * 500_000, ""),
    "colons": ("x: " * 170_000, "one `:` too many"),
    "long key": ("k" * 500_000 + ": 1", ""),
    "escapes": ('title: "' + "\\x41" * 120_000, "never closed"),
}


@pytest.mark.parametrize("name", quick_only(HUGE.keys() - {"many parts"}, HUGE))
def test_huge_input_is_refused_at_once(name: str, tmp_path: Path) -> None:
    """Half a megabyte made to be slow or deep is a short list of faults within seconds."""
    text, piece = HUGE[name]
    script = tmp_path / "huge.yaml"
    script.write_text(text, encoding="utf-8")
    started_s = time.process_time()
    error = _faults(script)
    assert time.process_time() - started_s < 4
    assert 1 <= len(error.problems) <= 101
    assert piece in str(error)
    assert len(str(error)) < 60_000


def test_a_hundred_megabytes_are_refused_unread(tmp_path: Path) -> None:
    """The size is asked of the file system; a sparse file of 100 MB costs nothing."""
    script = tmp_path / "big.yaml"
    with script.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    started_s = time.process_time()
    assert "larger than 512 KB" in str(_faults(script))
    assert time.process_time() - started_s < 0.5


@pytest.mark.parametrize(
    ("data", "line", "column", "piece"),
    [
        (b"title: x\nsegments:\n- say: caf\xe9\n", 3, 11, "isn't UTF-8"),
        ("title: x\n".encode("utf-16"), 1, 1, "isn't UTF-8"),
        (b"title: x\n\xed\xa0\x80", 2, 1, "isn't UTF-8"),
        (bytes(range(256)), 2, 118, "isn't UTF-8"),
        (b"", 1, 1, "empty"),
        (b"\xef\xbb\xbf", 1, 1, "empty"),
        (b"# only a comment\n", 1, 1, "empty"),
        (b"title: x\rlenght: 5\rsegments: [{say: a}]\r", 2, 1, "did you mean `length`"),
    ],
)
def test_bytes_that_are_no_script(data: bytes, line: int, column: int, piece: str, tmp_path: Path) -> None:
    """Other encodings, binary files and empty ones have a place too."""
    script = tmp_path / "bytes.yaml"
    script.write_bytes(data)
    first = _faults(script).problems[0]
    assert (first.line, first.column) == (line, column)
    assert piece in str(first)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, a pipe and a device are faults, none of which is waited for."""
    assert "no such file" in str(_faults(tmp_path / "nothing.yaml"))
    assert "isn't a file" in str(_faults(tmp_path))
    assert "isn't a file" in str(_faults(Path(os.devnull)))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.yaml")
        assert "isn't a file" in str(_faults(tmp_path / "pipe.yaml"))


def test_all_faults_come_at_once_in_order(tmp_path: Path) -> None:
    """Faults of YAML, of shape and of included files are told together, the script's own first, sorted by place."""
    (tmp_path / "part.yaml").write_text("segments:\n  - silence: soon\n  - sya: a\n", encoding="utf-8")
    script = tmp_path / "script.yaml"
    script.write_text(
        "title: x\nlenght: 5m\nsegments:\n  - say: a\n    say: b\n  - include: part.yaml\n  - silence: 3-5s\n",
        encoding="utf-8",
    )
    places = [(Path(each.path).name, each.line, each.column) for each in _faults(script).problems]
    assert places == [
        ("script.yaml", 2, 1),
        ("script.yaml", 5, 5),
        ("script.yaml", 7, 14),
        ("part.yaml", 2, 14),
        ("part.yaml", 3, 5),
    ]
