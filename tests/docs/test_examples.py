"""What the documentation shows can be typed: scripts parse, commands exist, messages are those of the program."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest

import breathmark
from breathmark.base.errors import LengthError, ScriptError
from breathmark.cli import breathmark as command_line
from breathmark.cli.new import new
from breathmark.mix.assets import sounds
from breathmark.script.expand import expand
from breathmark.script.opening import find_project
from breathmark.script.parse import parse
from breathmark.script.trials import trials
from breathmark.script.values import check_values, read_values

from .pages import DOCS, PAGES, ROOT, Block, blocks, commands

REFERENCE = DOCS / "script-reference.md"
TUTORIAL = DOCS / "tutorial.md"
_YAML = [block for page in PAGES for block in blocks(page, "yaml")]
_SEGMENTS = "segments:\n  - say: Hello.\n"


def _scripts() -> list[Block]:
    """The examples that are scripts, or pieces of one."""
    return [block for block in _YAML if block.note in {"", "evening.yaml"}]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the parts that the examples name."""
    for block in (*_YAML, *blocks(REFERENCE, "jinja")):
        if block.note.startswith("parts/"):
            (tmp_path / "parts").mkdir(exist_ok=True)
            (tmp_path / block.note).write_text(block.text, "utf-8")
    return tmp_path


def _whole(text: str) -> str:
    """A piece of a script, made whole."""
    if text.lstrip().startswith("- "):
        text = f"segments:\n{text}"
    if not re.search("^title:", text, re.MULTILINE):
        text = f"title: An example\n{text}"
    return text if re.search("^segments:", text, re.MULTILINE) else f"{text}{_SEGMENTS}"


def _is_whole(text: str) -> bool:
    return {"title", "length", "segments"} <= {line.partition(":")[0] for line in text.splitlines()}


@pytest.mark.parametrize("block", _scripts(), ids=str)
def test_every_script_is_one(block: Block, project: Path) -> None:
    """It parses and expands without a word, with its defaults and with every choice of its variables."""
    script = project / "example.yaml"
    script.write_text(_whole(block.text), "utf-8")
    document = parse(script)
    for values in trials(document):
        assert expand(document, values).warnings == ()


@pytest.mark.parametrize(
    "block",
    [block for block in _scripts() if block.page.name in {"README.md", "tutorial.md"} and _is_whole(block.text)],
    ids=str,
)
def test_what_a_newcomer_copies_keeps_our_own_rules(block: Block, project: Path) -> None:
    """Every whole script of the first two pages passes ``check --strict``, and can have each length that it names."""
    script = project / "example.yaml"
    script.write_text(block.text, "utf-8")
    assert [str(problem) for problem in breathmark.check(script, breathmark.Options(voice="pyttsx3")).problems] == []


@pytest.mark.parametrize("block", [block for block in _YAML if block.note == "wrong"], ids=str)
def test_what_is_shown_as_wrong_is_refused(block: Block, project: Path) -> None:
    """With the remedy that the page gives."""
    script = project / "example.yaml"
    script.write_text(block.text, "utf-8")
    with pytest.raises(ScriptError, match=r"use `say: \|`"):
        parse(script)


@pytest.mark.parametrize("block", [block for block in _YAML if block.note in {"settings", "lexicon"}], ids=str)
def test_settings_and_lexicons_are_read(block: Block, project: Path) -> None:
    """Without a fault."""
    name = {"settings": "breathmark.yaml", "lexicon": "lexicon.yaml"}[block.note]
    (project / name).write_text(block.text, "utf-8")
    assert find_project(project).root == project.resolve()


def test_values_and_provenance_are_read(project: Path) -> None:
    """The values fit the variables that stand before them; the project's sounds are found."""
    (declared,) = (block for block in _scripts() if "friends: {default:" in block.text)
    (values,) = (block for block in _YAML if block.note == "values")
    (script := project / "example.yaml").write_text(_whole(declared.text), "utf-8")
    (given := project / "values.yaml").write_text(values.text, "utf-8")
    assert check_values(parse(script), read_values(given)) == {"name": "Ana", "outdoors": "yes", "friends": "Ana; Bo"}
    (provenance,) = (block for block in _YAML if block.note == "provenance")
    (folder := project / "audio_assets").mkdir()
    (folder / "provenance.yaml").write_text(provenance.text, "utf-8")
    for name in ("mill-stream.mp3", "temple-bell.wav"):
        (folder / name).touch()
    assert [sound.name for sound in sounds(project) if not sound.built_in] == ["mill-stream", "temple-bell"]


def test_no_example_is_forgotten() -> None:
    """Each block of YAML is of a sort that is tried above."""
    sorts = {
        "",
        "evening.yaml",
        "wrong",
        "settings",
        "lexicon",
        "values",
        "provenance",
        "course",
        "help",
        "feed",
        "audiobook",
        "site",
    }
    assert {block.note for block in _YAML if not block.note.startswith("parts/")} == sorts


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_exists(page: Path) -> None:
    """With these options and arguments."""
    for words in commands(page):
        _parsed(command_line, words)


def _parsed(command: click.Command, words: list[str]) -> None:
    """Have click read the words, down to the last subcommand. Nothing is run."""
    if words == ["--version"]:
        return  # it prints and leaves
    if isinstance(command, click.Group):
        name, inner, left = command.resolve_command(click.Context(command), words)
        assert inner, name
        _parsed(inner, left)
    elif words:  # in a sentence, a command's name stands for itself
        command.make_context(command.name, list(words)).close()


@pytest.fixture
def evening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `breathmark new meditation evening.yaml` writes."""
    monkeypatch.chdir(tmp_path)
    new.main(["meditation", "evening.yaml"], standalone_mode=False)
    return Path("evening.yaml")


def _paragraph() -> str:
    (found,) = (block.text for block in blocks(TUTORIAL, "yaml") if "Three breaths" in block.text)
    return found


def _with_paragraph(script: str) -> str:
    """The tutorial's paragraph, put where the tutorial says: behind the segment “Settling”."""
    start = script.index("- title: Settling")
    place = script.index("  - title:", start + 1)
    return f"{script[:place]}{_paragraph()}\n{script[place:]}"


def test_the_tutorials_paragraph_fits(evening: Path) -> None:
    """Also with a slip in it, of which the tutorial shows the message."""
    text = _with_paragraph(evening.read_text("utf-8"))
    evening.write_text(text, "utf-8")
    findings = breathmark.check(evening, breathmark.Options(estimate=True))
    assert findings.problems == ()
    shown = {block.text.strip() for block in blocks(TUTORIAL, "text")}
    assert f"{evening}: possible lengths {findings.feasible[0]}" in shown
    evening.write_text(text.replace("[pause 8s..12s..20s]", "[puase 8s]"), "utf-8")
    (problem,) = breathmark.check(evening).problems
    assert str(problem) in shown


def test_the_starter_is_quoted_as_it_is(evening: Path) -> None:
    """The sentences and the line of its length that the tutorial shows stand in it."""
    script = " ".join(evening.read_text("utf-8").split())
    page = TUTORIAL.read_text("utf-8")
    for quoted in (
        "Let us begin with the places where something holds you up. [pause 3s..6s..12s]",
        "There is the back of a chair, a pillow, the floor under your heels.",
        "Good night{% if name %}, {{ name }}{% endif %}, and thank you for your company.",
        "length: 6m..9m..12m",
        'name: {default: "", max_length: 24}',
        "$schema=.breathmark/script.json",
        "title: The Day Put Down",
    ):
        assert quoted in page
        assert quoted in script


def test_the_refused_length_is_told_as_shown(evening: Path) -> None:
    """Word for word."""
    with pytest.raises(LengthError) as refused:
        breathmark.plan(evening, breathmark.Options(length="15m", estimate=True))
    assert f"Error: {refused.value}" in TUTORIAL.read_text("utf-8")


_SLIPS = {
    "a key": "title: A\ntilte: B\nsegments:\n  - say: Hi.\n",
    "a tab": "title: A\nsegments:\n\t- say: Hi.\n",
    "a bracket": "title: A\nsegments:\n  - say: [pause 3s] Hi.\n",
    "a space": "title: A\nsegments:\n  - title: B\n    say: |\n      Hi there.\n     How are you?\n",
    "a note": "title: A\nsegments:\n  - say: |\n      Hi. [softly]\n",
}


@pytest.mark.parametrize("slip", _SLIPS.values(), ids=_SLIPS.keys())
def test_the_usual_slips_are_told_as_shown(slip: str, tmp_path: Path) -> None:
    """The table of messages in the tutorial holds each of them."""
    (script := tmp_path / "script.yaml").write_text(slip, "utf-8")
    (problem,) = breathmark.check(script, breathmark.Options(voice="tone", estimate=True)).problems
    hint = f" ({problem.hint})" if problem.hint else ""
    assert f"`` {problem.message}{hint} ``" in TUTORIAL.read_text("utf-8").replace(r"\|", "|")


def test_the_picture_is_a_plan_of_ten_minutes() -> None:
    """It is well-formed SVG, and of the script that the README names."""
    root = ET.parse(DOCS / "plan.svg").getroot()  # noqa: S314 — our own file
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "Three Small Steps: the plan of a session of 10:00"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository, and a heading of its page."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        assert path.exists(), target
        assert path.is_relative_to(ROOT), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, (
                target
            )
