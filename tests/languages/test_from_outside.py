"""A language, and a rule, that another package brings along: a folder of words and a value, found by entry points."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from breathmark.languages.words import site_words

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "words/tlh/language.yaml": """\
name: Klingon
trial: yIjotchoH.
breaths: {in: yItlhuH., hold: yI'ev., out: yItlhuHHa'., rest: yIleS., count_in: wej, count_out: Hut}
numbers: {2: cha', 3: wejDIch, 10: wa'maH}
""",
    "words/tlh/pauses.yaml": "pauses: mevpuH\nunits: {seconds: lupmey}\n",
    "words/tlh/lexicon.yaml": "qapla: kap lah\n",
    "words/tlh/rules/talk.yaml": "order: [bIlobnIS]\n",
    "words/tlh/site.yaml": json.dumps({name: f"{name} tlh" for name in site_words("en").words}),
    "words/xx/site.yaml": "play: x\n",
    "words/en/rules/acme.yaml": "acme_slogan: [brought to you by]\n",
    "acme_rules.py": """\
from breathmark.checker.rule import Finding, Rule

def slogans(reading):
    for sentence in reading.sentences():
        if found := reading.words.find("acme_slogan", sentence.text):
            yield Finding(place=sentence.place, message=f"{found} is a slogan")

RULES = (Rule(id="ACME-01", severity="error", title="No slogans", why="w", fix="f", source="s", needs=("acme_slogan",),
              check=slogans),)
""",
    "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    "acme-1.0.dist-info/entry_points.txt": """\
[breathmark.languages]
tlh = words.tlh
xx = words.xx
en = words.en
[breathmark.rules]
acme = acme_rules:RULES
""",
}
SCRIPTS = {
    "jot": """\
title: jot
language: tlh
length: 5s..20s..60s
segments:
  - say: qapla. bIlobnIS.
  - breathe: {in: 4s, out: 6s, rounds: 1, cue: count}
""",
    "pause": "title: x\nsegments:\n  - say: Rest. (mevpuH wa'maH lupmey) Rest.\n",
    "slogan": "title: x\nsegments:\n  - say: This rest is brought to you by somebody.\n",
}
ASKED = """\
import json
from pathlib import Path
from breathmark.api.options import Options
from breathmark.base.errors import AssetError
from breathmark.checker.rulebook import rules_page
from breathmark.findings import check
from breathmark.languages.words import site_words, trial_sentence
from breathmark.model import utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.speech.naming import called

found = {name: [str(each) for each in check(f"{name}.yaml", Options(voice="tone", estimate=True)).problems]
         for name in ("jot", "pause", "slogan")}
try:
    site_words("xx")
except AssetError as error:
    lacking = str(error)
print(json.dumps({
    **found,
    "rules": rules_page(),
    "voice": called("worf", "tlh"),
    "trial": trial_sentence("tlh-QO"),
    "said": [each.text for each in utterances(expand(parse(Path("jot.yaml"))))],
    "site": site_words("tlh").words["play"],
    "lacking": lacking,
}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as pip leaves it, without a line of code for the language; and a course beside it."""
    folder = tmp_path_factory.mktemp("outside")
    course = {
        "breathmark.yaml": "voice: tone\n",
        "course.yaml": "title: jot\nlanguage: tlh\nlengths: [25s]\nsessions: [jot]\npublish: [site]\n",
        **{f"{name}.yaml": text for name, text in SCRIPTS.items()},
    }
    written = {f"site-packages/{name}": text for name, text in FILES.items()}
    for name, text in (written | {f"course/{name}": text for name, text in course.items()}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(package: Path, *words: str) -> str:
    """What a Python prints where the package is installed."""
    where = os.environ | {"PYTHONPATH": str(package / "site-packages"), "BREATHMARK_CACHE": str(package / "cache")}
    done = subprocess.run(
        [sys.executable, *words], env=where, cwd=package / "course", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def asked(package: Path) -> dict[str, Any]:
    """What the checker and the voices make of it."""
    found: dict[str, Any] = json.loads(run(package, "-c", ASKED))
    return found


def test_its_phrases_are_looked_for_and_its_voices_called(asked: dict[str, Any]) -> None:
    """And tried with its own sentence."""
    assert any(each.startswith("jot.yaml:5:17: error: “bIlobnIS” gives an order [LAN-01]") for each in asked["jot"])
    assert (asked["voice"], asked["trial"]) == ("Worf (Klingon)", "yIjotchoH.")


def test_a_pause_in_its_words_is_an_error_in_any_script(asked: dict[str, Any]) -> None:
    """With the marker that was meant."""
    (pause,) = asked["pause"]
    assert "`(mevpuH wa'maH lupmey)` is not a marker" in pause
    assert "[pause 10s]" in pause


def test_its_respellings_breaths_and_numbers_are_spoken(asked: dict[str, Any]) -> None:
    """A word of the lexicon as it is respelt; a phase is counted on from its cue."""
    assert {"kap lah.", "wej", "cha'", "Hut"} <= set(asked["said"])


def test_the_words_of_its_pages_are_all_there_or_none(asked: dict[str, Any]) -> None:
    """A language that has some is named with what it lacks."""
    assert asked["site"] == "play tlh"
    assert asked["lacking"].startswith("site.yaml of the language xx lacks skip, minutes, seconds")


@pytest.mark.slow
def test_a_course_in_it_is_built_with_its_words(package: Path) -> None:
    """By worker processes, too."""
    run(package, "-m", "breathmark", "build", ".", "-o", "out", "--jobs", "1")
    (text,) = (package / "course" / "out").rglob("jot-*25s.txt")
    assert {"wej", "cha'", "Hut"} <= set(text.read_text(encoding="utf-8").split())
    assert "sessions tlh" in (package / "course" / "out" / "index.html").read_text(encoding="utf-8")


def test_a_rule_of_a_package_is_asked_and_listed(asked: dict[str, Any]) -> None:
    """With a list that the package adds to English, and no other language has."""
    assert "slogan.yaml:3:10: error: brought to you by is a slogan [ACME-01] (f)" in asked["slogan"]
    assert "## ACME" in asked["rules"]
    lines = {line[:6]: line for line in asked["rules"].splitlines()}
    assert "ACME-01" not in lines["- `en`"]
    assert "ACME-01" in lines["- `de`"]
