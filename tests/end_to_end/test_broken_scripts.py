"""Broken scripts through the real command: told at their place, and nothing is written, spoken or thrown."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.profiles import quick_only

from .material import small

if TYPE_CHECKING:
    from collections.abc import Iterator

Breathmark: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

DATA = Path(__file__).parents[1] / "data"
CASES = sorted(
    path for corpus in ("broken", "broken_text") for path in (DATA / corpus).glob("*.yaml") if path.stem != "breathmark"
)
CLOSING = re.compile(r"\d+ errors?(?:,.+| and .+)? in \d+ files?\.")
ANY_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?:error|warning|info|allowed): ")
HEAD = "title: Huge\nsegments:\n  - say: A sentence that is fine.\n"
HUGE = {
    "brackets": "[" * 3000,
    "brackets in a script": HEAD + "  - say: " + "[" * 3000,
    "braces": HEAD + "  - say: " + "{" * 3000,
    "billion laughs": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + HEAD,
    "depth of repeats": HEAD + "".join(f"{'    ' * n}  - repeat: 2\n{'    ' * n}    segments:\n" for n in range(200)),
    "a text of templates": HEAD + "  - say: |\n" + "      {{ nobody }}\n" * 20_000,
    "a text of markers": HEAD + "  - say: |\n" + "      Rest. [pasue 3s]\n" * 15_000,
    "open markers": HEAD + '  - say: "' + "[pause " * 50_000 + '"\n',
    "open breaks": HEAD + "  - say: |\n" + "      <break time=\n" * 20_000,
    "ifs": HEAD + "  - say: |\n      " + "{% if 1 %}" * 20_000 + "\n",
    "rounds of rounds": HEAD
    + "".join(f"{'    ' * n}  - repeat: 1000\n{'    ' * n}    segments:\n" for n in range(8))
    + f"{'    ' * 8}  - say: Again.\n",
    "half a megabyte more": HEAD + "#" * 600_000,
}


def faults(done: subprocess.CompletedProcess[str], output: str) -> list[re.Match[str]]:
    """The places that are told; each line of the output is one, except for the last, which counts them."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    *lines, closing = output.splitlines()
    assert CLOSING.fullmatch(closing), output
    places = [ANY_PLACE.match(line) for line in lines]
    assert places
    assert all(places), output
    return [place for place in places if place]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_a_broken_script_is_told_at_its_place(
    case: Path, command: Breathmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By ``check`` on standard output and by ``render`` as an error; no file, no folder, no spoken sentence."""
    monkeypatch.chdir(case.parent)
    before = sorted(case.parent.rglob("*"))
    cache = tmp_path / "cache"
    checked = command("check", case.name, "--voice", "tone", "--cache", cache)
    told = {match[0] for match in faults(checked, checked.stdout)}
    rendered = command("render", case.name, "--voice", "tone", "--cache", cache, "-o", tmp_path / "out" / "a.mp3")
    assert {match[0] for match in faults(rendered, rendered.stderr)} <= told
    for match in faults(checked, checked.stdout):
        lines = Path(match["path"]).read_text(encoding="utf-8", errors="replace").count("\n") + 1
        assert 1 <= int(match["line"]) <= lines
    assert list(tmp_path.iterdir()) == []
    assert sorted(case.parent.rglob("*")) == before


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_script_is_refused(name: str, command: Breathmark, tmp_path: Path) -> None:
    """What was made to be slow, deep or long."""
    script = small(tmp_path / "project", HUGE[name])
    done = command("render", script, "--voice", "tone", "-o", tmp_path / "out" / "a.mp3")
    assert 1 <= len(faults(done, done.stderr)) <= 102
    assert not (tmp_path / "out").exists()


SAMPLE = ("alias-bomb", "nul", "tab", "include-circle", "template_times", "template_nested_loops", "right_to_left")


@pytest.mark.parametrize("stem", quick_only(["alias-bomb"], SAMPLE))
def test_the_program_ends_in_the_same_way(stem: str, breathmark: Breathmark, tmp_path: Path) -> None:
    """A sample as programs of their own, with the address space bounded to 2 GB."""
    (case,) = (case for case in CASES if case.stem == stem)
    done = breathmark(
        "render", case.name, "--voice", "tone", "-o", tmp_path / "out" / "a.mp3", cwd=case.parent, timeout=300
    )
    assert faults(done, done.stderr)
    assert not (tmp_path / "out").exists()


def test_a_hundred_megabytes(breathmark: Breathmark, tmp_path: Path) -> None:
    """Real ones, whose first lines are a script that works."""
    script = small(tmp_path / "project")
    with script.open("a", encoding="utf-8") as file:
        for _ in range(100):
            file.write("# " + "x" * (1 << 20) + "\n")
    done = breathmark("render", script, "-o", tmp_path / "out" / "a.mp3", timeout=300)
    assert len(faults(done, done.stderr)) == 1
    assert "512 KB" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A file beside the project, with a text that must not be seen."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("segments:\n  - say: The hidden sentence.\n", encoding="utf-8")
    yield secret
    assert secret.exists()


@pytest.mark.parametrize(
    "way",
    [
        "  - include: ../secret.yaml",
        "  - include: link.yaml",
        "  - include: folder/secret.yaml",
        "  - include: {outside}",
        '  - say: |\n      {{% import "../secret.yaml" as secret %}}{{{{ secret }}}}',
        '  - say: |\n      {{% import "link.yaml" as secret %}}{{{{ secret }}}}',
        '  - say: |\n      {{% include "link.yaml" %}}',
    ],
)
def test_nothing_outside_the_project_is_read(way: str, outside: Path, command: Breathmark, tmp_path: Path) -> None:
    """By ``..``, by an absolute path, and through links to a file and to a folder."""
    project = tmp_path / "project"
    script = small(project, HEAD + way.format(outside=outside) + "\n")
    (project / "link.yaml").symlink_to(outside)
    (project / "folder").symlink_to(tmp_path)
    done = command("render", script, "--voice", "tone", "-o", tmp_path / "out" / "a.mp3")
    assert faults(done, done.stderr)
    assert "hidden" not in done.stdout + done.stderr
    assert not (tmp_path / "out").exists()


def test_the_sentence_that_stands_beside_every_fault_renders(command: Breathmark, tmp_path: Path) -> None:
    """The positive control."""
    script = small(tmp_path / "project", HEAD)
    done = command("render", script, "--voice", "tone", "-o", tmp_path / "out" / "a.mp3")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "a.mp3").stat().st_size > 10_000
