"""``check`` and the rules: what is found, what is allowed, how it is told, and what several scripts teach."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from breathmark.checker.registry import rules

Command: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]
LOUD = """\
title: Loud
ambience: {sound: slow-sea, below_voice: 14}
segments:
  - title: Words
    say: |
      Let your weight settle into whatever is holding you.
      There is nothing to do in the next few moments but that.
"""
LOUD_AT = "loud.yaml:2:1: warning: `slow-sea` lies 14 LU under the voice, and 20 LU is clear [MIX-01]"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the current folder, with a script that breaks a rule whose break is a warning."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", "utf-8")
    (tmp_path / "loud.yaml").write_text(LOUD, "utf-8")
    return tmp_path


def test_a_broken_rule_is_told_with_its_place_its_name_and_the_way_to_mend_it(folder: Path, command: Command) -> None:
    """A warning fails only under ``--strict``."""
    done = command("check", "loud.yaml")
    assert done.returncode == 0
    (problem,) = json.loads(command("check", "loud.yaml", "--json").stdout)["scripts"][0]["problems"]
    assert (problem["rule"], "MIX-01" in problem["message"]) == ("MIX-01", False)
    assert f"{LOUD_AT} (write `below_voice: 20` or more" in done.stdout
    assert command("check", folder, "--strict").returncode == 2


def test_what_is_allowed_is_listed_with_its_reason(folder: Path, command: Command) -> None:
    """It fails no more, also under ``--strict``."""
    (folder / "loud.yaml").write_text(f"{LOUD}allow:\n  MIX-01: it is a sea by the sea\n", "utf-8")
    done = command("check", "loud.yaml", "--strict")
    assert done.returncode == 0, done.stdout
    assert "loud.yaml:2:1: allowed: " in done.stdout
    assert "the script's reason: it is a sea by the sea" in done.stdout
    (allowed,) = json.loads(command("check", "loud.yaml", "--json").stdout)["scripts"][0]["allowed"]
    assert (allowed["rule"], allowed["reason"], allowed["line"]) == ("MIX-01", "it is a sea by the sea", 2)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("VAR-03", "VAR-03 finds nothing here that needs to be allowed"),
        ("XYZ-99", "there is no rule XYZ-99 to allow"),
    ],
)
def test_an_allowance_for_nothing_is_a_warning(folder: Path, command: Command, rule: str, told: str) -> None:
    """At its own line."""
    (folder / "loud.yaml").write_text(f"{LOUD}allow:\n  MIX-01: a reason\n  {rule}: another\n", "utf-8")
    done = command("check", "loud.yaml", "--strict")
    assert done.returncode == 2
    assert f"loud.yaml:10:3: warning: {told}" in done.stdout


def test_annotations_for_a_pull_request(folder: Path, command: Command) -> None:
    """One workflow command for each problem, with commas and colons of the file's name kept out of its grammar."""
    (folder / "loud.yaml").rename(folder / "a,b.yaml")
    lines = command("check", folder / "a,b.yaml", "--format", "github").stdout.splitlines()
    (line,) = [line for line in lines if "MIX-01" in line]
    assert line.startswith(f"::warning file={folder}/a%2Cb.yaml,line=2,col=1,title=MIX-01::`slow-sea` lies 14 LU")
    assert all(line.startswith("::") for line in lines)


def test_the_rules_are_listed_and_the_page_in_the_docs_is_that_list(command: Command) -> None:
    """Each with what it asks, why, how to fix what breaks it, and where it comes from."""
    page = command("check", "--rules").stdout
    assert page == (ROOT / "docs" / "rules.md").read_text("utf-8"), "breathmark check --rules > docs/rules.md"
    for rule in rules():
        for piece in (f"### {rule.id}\n", rule.title, rule.why, rule.fix, rule.source):
            assert piece in page
        assert not rule.title.endswith(".")
        assert rule.why.endswith(".")
    assert [each["id"] for each in json.loads(command("check", "--rules", "--json").stdout)] == [r.id for r in rules()]
    assert command("check").returncode == 2


@pytest.mark.usefixtures("folder")
def test_the_pacing_of_each_length_is_told(command: Command) -> None:
    """As a table, and as data with the pace of each segment."""
    assert "words a minute" in command("check", "loud.yaml").stdout
    pacings: list[dict[str, Any]] = json.loads(command("check", "loud.yaml", "--json").stdout)["scripts"][0]["pacing"]
    assert pacings
    (segment,) = pacings[0]["segments"]
    assert (segment["title"], segment["words"]) == ("Words", 21)
    assert 60 < segment["wpm"] < 200
    assert 0 < pacings[0]["silence"] < 1


COURSE = """\
title: {title}
concepts: [{concepts}]
length: 5m..10m..15m
segments:
  - title: Always
    concepts: [{always}]
    say: Stay with your hands. [pause 1m..2m..15m]
  - title: Only in long sessions
    optional: {{from: 8m}}
    concepts: [{later}]
    say: Stay with your feet. [pause 1m..2m..15m]
"""


def test_several_scripts_show_what_they_teach_together(folder: Path, command: Command) -> None:
    """By session and length; what no session serves at every length is an error where the course names it."""
    (folder / "loud.yaml").unlink()
    (folder / "01-one.yaml").write_text(COURSE.format(title="One", concepts="C1", always="C1", later="C2"), "utf-8")
    (folder / "02-two.yaml").write_text(COURSE.format(title="Two", concepts="B1", always="C3", later="C3"), "utf-8")
    course = "title: A Course\nconcepts:\n  C1: Kindness\n  C2: Sharing\n  C3: Noticing\n  B1: Strength\n"
    course += "lengths: 5m\nsessions: [01-one, 02-two]\n"
    (folder / "course.yaml").write_text(course, "utf-8")
    done = command("check", folder)
    assert done.returncode == 2
    assert f"{folder}/course.yaml:4:3: error: no session serves C2 (Sharing) at every length [COV-01]" in done.stdout
    table = {
        line.split()[0]: line.split()[-2:] for line in done.stdout.splitlines() if line[:2] in ("C1", "C2", "C3", "B1")
    }
    assert table == {"C1": ["●", "·"], "C2": ["10", "·"], "C3": ["·", "●"], "B1": ["·", "●"]}
    assert "3 of 4 concepts" in done.stdout
    assert "01 One, at 5:00, leaves out (with C2): Only in long sessions" in done.stdout
    (folder / "02-two.yaml").rename(folder / "extra.yaml")
    assert f"without a number: a {folder}/extra.yaml" in command("check", folder).stdout
    (folder / "course.yaml").write_text(course.replace("  C2: Sharing\n", ""), "utf-8")
    assert "COV-01" not in command("check", folder).stdout
    assert json.loads(command("check", folder, "--json").stdout)["concepts"]["C3"] == "Noticing"


def test_the_faults_of_a_manifest_are_reported(folder: Path, command: Command) -> None:
    """Each at its place: `check` reads it as `build` does, not only its concepts."""
    (folder / "course.yaml").write_text("title: A Course\nlenghts: 5m\nconcepts: [C1]\nsessions: [loud]\n", "utf-8")
    done = command("check", folder)
    assert done.returncode == 2
    assert f"{folder}/course.yaml:2:1: error: `lenghts` is not a known key here" in done.stdout
    assert f"{folder}/course.yaml:3:11: error: `concepts` needs `key: value` pairs" in done.stdout


def test_what_two_scripts_share_is_told_unless_a_part_holds_it(folder: Path, command: Command) -> None:
    """Eight words in a row, over the end of a sentence too; at the later one, with the place of the earlier."""
    first = "One comes first. A friendly call. It brings the young dog home, gladly."
    write = partial(_write, folder)
    write("1.yaml", first)
    write("2.yaml", "Two is next. A friendly call. It brings the young cat home.")
    assert "CLM-04" not in command("check", "1.yaml", "2.yaml").stdout
    write("2.yaml", "Two is next. A friendly call: it brings the young dog home!")
    told = command("check", "1.yaml", "2.yaml").stdout
    assert "2.yaml:3:23: error: “a friendly call it brings the young dog” appears at 1.yaml:3:27, too [CLM-04]" in told
    assert told.count("CLM-04") == 1
    (folder / "part.yaml").write_text(f"segments:\n  - say: {first}\n", "utf-8")
    for name in ("1.yaml", "2.yaml"):
        write(name, f"Hello {name[0]}.\n  - include: part.yaml")
    assert "CLM-04" not in command("check", "1.yaml", "2.yaml").stdout


def _write(folder: Path, name: str, said: str) -> None:
    (folder / name).write_text(f"title: A\nsegments:\n  - say: {said}\n".replace("call: it", "call, it"), "utf-8")


@pytest.mark.parametrize("command_name", ["check", "plan"])
def test_an_estimate_needs_no_voice(folder: Path, command: Command, command_name: str) -> None:
    """Neither the project's nor the script's need be installed, nor any other."""
    (folder / "breathmark.yaml").write_text("voice: recorded\nnarrators: {recorded: {folder: nowhere}}\n", "utf-8")
    (folder / "loud.yaml").write_text(f"voice: not-installed:anna\n{LOUD}", "utf-8")
    done = command(command_name, "loud.yaml", "--estimate")
    assert (done.returncode, done.stderr) == (0, "")
    assert "possible lengths ≈ " in done.stdout


@pytest.mark.parametrize("where", ["option", "script", "segment"])
def test_an_estimate_reports_a_misspelt_narrator(folder: Path, command: Command, where: str) -> None:
    """Wherever it is named: the render would only fail later."""
    head, segment = ("voice: pipr:joe\n", "") if where == "script" else ("", "\n    voice: pipr:joe")
    (folder / "x.yaml").write_text(f"{head}title: X\nsegments:\n  - say: Hello.{segment}\n", encoding="utf-8")
    done = command("plan", "x.yaml", "--estimate", *(["--voice", "pipr:joe"] if where == "option" else []))
    assert done.returncode == 4
    assert "did you mean the narrator `piper`?" in done.stderr
