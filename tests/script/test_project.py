from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from breathmark.base.errors import ScriptError
from breathmark.script.expand import expand
from breathmark.script.lexicon import Pronunciation
from breathmark.script.opening import find_project
from breathmark.script.parse import parse
from breathmark.script.project import Project, ProjectFiles, looks_like_script
from breathmark.script.values import read_values

A, B, C = (Pronunciation(say=say) for say in "123")


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def test_the_root_is_found_upwards(tmp_path: Path) -> None:
    """The folder of `breathmark.yaml`, and where there is none the script's own."""
    _write(tmp_path, {"breathmark.yaml": "preset: podcast\n", "a/b/x.yaml": "", "a/b/c/y.yaml": ""})
    assert find_project(tmp_path / "a/b/x.yaml").root == tmp_path.resolve()
    assert find_project(tmp_path / "a/b").settings.preset == "podcast"
    (tmp_path / "breathmark.yaml").unlink()
    assert find_project(tmp_path / "a/b/x.yaml").root == (tmp_path / "a/b").resolve()


def test_files_are_shown_as_the_user_would_reach_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From inside a folder of the project, the root's files begin with `..`; an absolute path stays one."""
    _write(tmp_path, {"breathmark.yaml": "preset: podcast\n", "scripts/x.yaml": ""})
    monkeypatch.chdir(tmp_path / "scripts")
    project = find_project(Path("x.yaml"))
    assert project.shown(tmp_path.resolve() / "parts" / "p.yaml") == "../parts/p.yaml"
    monkeypatch.chdir(tmp_path)
    assert find_project(Path("scripts/x.yaml")).shown(tmp_path.resolve() / "parts" / "p.yaml") == "parts/p.yaml"
    assert find_project(tmp_path / "scripts/x.yaml").shown_root == str(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "column", "piece"),
    [
        ("voise: piper\n", 1, 1, "did you mean `voice`"),
        ("narrators: {openai: {api_key: abc}}\n", 1, 22, "belong in the environment"),
        ("narrators: {piper: {noise: [1]}}\n", 1, 28, "has to be a text"),
        ("folders: {output: ../elsewhere/}\n", 1, 19, "outside the project"),
        ("ambience: {sound: ../rain.mp3}\n", 1, 19, "outside the project"),
        ("pacing: {long: 5s..1s}\n", 1, 16, "have to grow"),
        ("- voice\n", 1, 1, "key: value"),
    ],
)
def test_settings_are_checked_like_scripts(text: str, line: int, column: int, piece: str, tmp_path: Path) -> None:
    """Faults of `breathmark.yaml` have a place and a hint."""
    _write(tmp_path, {"breathmark.yaml": text, "x.yaml": ""})
    with pytest.raises(ScriptError) as caught:
        find_project(tmp_path / "x.yaml")
    problem = caught.value.problems[0]
    assert (Path(problem.path), problem.line, problem.column) == (tmp_path / "breathmark.yaml", line, column)
    assert piece in str(problem)


def test_settings_hold_what_they_say(tmp_path: Path) -> None:
    """Narrators' settings are strings; folders have their defaults."""
    _write(tmp_path, {"breathmark.yaml": "narrators: {piper: {noise: 0.3}}\nfolders: {output: out}\n"})
    settings = find_project(tmp_path).settings
    assert settings.narrators == {"piper": {"noise": "0.3"}}
    assert settings.output == "out"


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("en: {om: '[pause]'}\n", "holds `[`"),
        ("en: {om: '...'}\n", "1:10: error: `om`: there is nothing to say in it"),
        ("en: {om: {ipa: oEm}}\n", "1:16: error: `ipa`: `E` is not a sign of the IPA"),
        ("en: {om: {ipa: }}\n", "1:16: error: `ipa`: write a value such as"),
        ("en: {om: {}}\n", "write how it is spoken: `say:`"),
        ("en: {om: {api: om}}\n", "available: say, ipa"),
        ("english language: {om: ohm}\n", "a language is written"),
        ("en: {om: [a]}\n", "`om`"),
        ("en: om\n", "key: value"),
    ],
)
def test_a_lexicon_is_checked_too(text: str, piece: str, tmp_path: Path) -> None:
    """A respelling is a word, never a marker."""
    _write(tmp_path, {"lexicon.yaml": text})
    with pytest.raises(ScriptError) as caught:
        find_project(tmp_path)
    assert piece in str(caught.value)
    assert str(tmp_path / "lexicon.yaml") in str(caught.value)


def test_a_region_speaks_its_language_with_its_own_words_over_it() -> None:
    """`de-AT` takes the words of `de`, then its own."""
    project = Project(root=Path("/p"), lexicon={"de": {"a": A, "b": B}, "de-at": {"b": C}})
    assert project.words("de-AT") == {"a": A, "b": C}
    assert project.words("de") == {"a": A, "b": B}
    assert project.words("nl") == {}


def test_a_project_has_the_last_word_over_the_words_of_the_field() -> None:
    """In English its lexicon begins from Breathmark's, and can take a word back; in other languages there is none."""
    project = Project(root=Path("/p"), lexicon={"en": {"metta": Pronunciation(say="metta")}})
    assert (project.words("en")["metta"].say, project.words("en-GB")["vagus"].say) == ("metta", "vaygus")
    assert Project(root=Path("/p")).words("pt-BR") == {}


def test_a_script_tells_the_faults_of_its_settings_with_its_own(tmp_path: Path) -> None:
    """One run shows both files' faults, the script's first."""
    _write(tmp_path, {"breathmark.yaml": "voise: x\n", "x.yaml": "title: x\nsegments: [{sya: a}]\n"})
    with pytest.raises(ScriptError) as caught:
        parse(tmp_path / "x.yaml")
    assert [Path(problem.path).name for problem in caught.value.problems] == ["x.yaml", "breathmark.yaml"]


def test_text_of_a_file_is_read_inside_the_project_only(tmp_path: Path) -> None:
    """What templates import comes with its places, or as a message for the author."""
    _write(tmp_path, {"parts/m.j2": "one\ntwo\n", "parts/bad.j2": "a\x07b", "x.yaml": ""})
    project = find_project(tmp_path / "x.yaml")
    text = ProjectFiles(project).read_text("parts/m.j2", tmp_path / "x.yaml")
    assert text.place(text.raw.index("two")).line == 2
    for written, piece in [
        ("parts/n.j2", "did you mean `m.j2`"),
        ("../m.j2", "outside the project"),
        ("/etc/passwd", "goes on from this file"),
        ("~/m.j2", "goes on from this file"),
        ("C:m.j2", "goes on from this file"),
        ("parts", "is a folder"),
        ("parts/bad.j2", "control character"),
        ("x" * 5000, ""),
        ("a/" * 3000 + "b", ""),
    ]:
        with pytest.raises(ValueError, match=r"`") as caught:
            ProjectFiles(project).read_text(written, tmp_path / "x.yaml")
        assert piece in str(caught.value)
        assert len(str(caught.value)) < 300


def test_narrators_folder_is_found_from_anywhere(tmp_path: Path) -> None:
    """A relative ``folder`` of a narrator starts at the project, not where the command happens to run."""
    (tmp_path / "breathmark.yaml").write_text("narrators: {piper: {folder: voices}}\n", encoding="utf-8")
    assert find_project(tmp_path / "script.yaml").settings.narrators["piper"]["folder"] == str(tmp_path / "voices")


SCRIPT = "title: x\nsegments:\n- say: Hello.\n"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\ufeff\n", "{}\n"])
def test_settings_may_be_empty(text: str, tmp_path: Path) -> None:
    """An empty `breathmark.yaml` says where the project is, an empty lexicon has no words."""
    _write(tmp_path, {"breathmark.yaml": text, "lexicon.yaml": text, "scripts/x.yaml": SCRIPT})
    assert parse(tmp_path / "scripts" / "x.yaml").project.root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("\ufefftitle: x\nsegments: []\n", True), ("title: x\nblocks: {}\n", False), ("segments: []\n", False)],
    ids=["with a byte order mark", "a manifest", "a part"],
)
def test_a_script_is_known_by_its_keys(text: str, is_one: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    """Also behind the mark that some editors under Windows write first."""
    _write(tmp_path, {"x.yaml": text})
    assert looks_like_script(tmp_path / "x.yaml") is is_one


LONG = "a" * 300 + ".yaml"


@pytest.mark.parametrize(
    ("line", "place", "told"),
    [
        (f"- include: {LONG}", "3:12", "can't be read: file name too long"),
        (f"- include: {LONG}/x.yaml", "3:12", "can't be read: file name too long"),
        ("- include: pipe.yaml", "3:12", "is a pipe or a device; name a file"),
        ("- include: zeros.yaml", "3:12", "is outside the project"),
        ("- include: x.yaml/y.yaml", "3:12", "there is no file"),
        ("- {say: a}\nmacros: [pipe.yaml]", "4:10", "is a pipe or a device; name a file"),
        (f"- {{say: a}}\nmacros: {LONG}", "4:9", "can't be read: file name too long"),
        ("- say: |\n    {% import 'pipe.yaml' as m %}Hello.", "", ""),
    ],
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(60)
def test_only_files_are_read(line: str, place: str, told: str, tmp_path: Path) -> None:
    """A pipe is not waited for, a device is not read for ever, and a name that is too long is a fault like another."""
    _write(tmp_path, {"x.yaml": f"title: x\nsegments:\n{line}\n"})
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zeros.yaml").symlink_to("/dev/zero")
    with pytest.raises(ScriptError) as caught:
        expand(parse(tmp_path / "x.yaml"))
    assert str(caught.value).startswith(f"{tmp_path / 'x.yaml'}:{place}")
    assert told in str(caught.value).lower()


@pytest.mark.parametrize("name", ["breathmark.yaml", "lexicon.yaml"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(60)
def test_settings_in_a_pipe_are_a_fault(name: str, tmp_path: Path) -> None:
    """They are neither waited for nor passed over."""
    _write(tmp_path, {"x.yaml": SCRIPT})
    os.mkfifo(tmp_path / name)
    with pytest.raises(ScriptError, match=rf"{name}:1:1: error: this isn't a file"):
        parse(tmp_path / "x.yaml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(60)
def test_values_are_read_from_files_only(tmp_path: Path) -> None:
    """Whatever `--vars` names ends in a fault with its place."""
    _write(tmp_path, {"empty.yaml": ""})
    os.mkfifo(tmp_path / "pipe")
    for name, told in (
        ("pipe", "this isn't a file"),
        (LONG, "can't be read: file name too long"),
        ("empty.yaml", "this file is empty (write a line such as `name: Ana`)"),
    ):
        with pytest.raises(ScriptError) as caught:
            read_values(tmp_path / name)
        assert f"{name}:1:1: " in str(caught.value)
        assert told in str(caught.value).lower() or told in str(caught.value)


def test_a_folder_that_can_t_be_searched_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the tests may be allowed everything, so that the refusal is made."""
    _write(tmp_path, {"x.yaml": "title: x\nsegments:\n- include: parts/p.yaml\n", "parts/p.yaml": ""})
    stat = Path.stat

    def refused(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "p.yaml":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refused)
    with pytest.raises(ScriptError, match=r"x.yaml:3:12: error: `parts/p.yaml` can't be read: permission denied"):
        parse(tmp_path / "x.yaml")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there names of files are Unicode")
def test_a_name_that_the_system_can_t_have_is_a_fault(tmp_path: Path) -> None:
    """Where the system's encoding lacks a character, no file has it in its name."""
    _write(tmp_path, {"x.yaml": "title: x\ncover: 🧘.png\nsegments:\n- include: 🧘.yaml\n"})
    code = (
        "from pathlib import Path\n"
        "from breathmark.base.errors import ScriptError\n"
        "from breathmark.script.parse import parse\n"
        "try: parse(Path('x.yaml'))\n"
        "except ScriptError as error: print(ascii(str(error)))"
    )
    environment = os.environ | {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "x.yaml:2:8" in done.stdout
    assert "x.yaml:4:12" in done.stdout
    assert done.stdout.count("no file can have this name on this system") == 2
