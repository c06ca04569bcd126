"""The companion pages speak to listeners; what makers have to know stands on a page of its own."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.values import values_of_settings

COURSE: Final = Path(__file__).parents[2] / "meditations" / "being-kind-to-yourself"
PAGES: Final = sorted((COURSE / "docs").glob("*.md"))
VERSIONS: Final = (COURSE / "versions.md").read_text("utf-8")
ROWS: Final = re.findall(r"^\| `([\w/-]+)` \| (.*) \|$", VERSIONS, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_listener_is_given_no_command(page: Path) -> None:
    """No option, no `name=value`, and nothing to type into a terminal."""
    assert not re.findall(r"--[a-z]+\b|`[^`\n]*=[^`\n]*`|\bbreathmark [a-z]+ ", page.read_text("utf-8"))


def test_every_page_is_looked_at() -> None:
    """And every session has its version told."""
    assert len(PAGES) == 17
    assert {name for name, _ in ROWS if "/" not in name} == {page.stem for page in PAGES} - {"extras"}


@pytest.mark.parametrize(
    ("session", "told"), [pytest.param(*row, marks=pytest.mark.slow if row in ROWS[3:] else ()) for row in ROWS]
)
def test_the_versions_that_makers_are_told_of_can_be_made(session: str, told: str) -> None:
    """Each alone, and it changes what is said; so the page names no variable and no choice that is gone."""
    document = parse(COURSE / f"{session}.yaml")
    plain = expand(document)
    for setting in re.findall(r"`--set ([^`]+)`", told):
        (value,) = shlex.split(setting)
        assert expand(document, values_of_settings([value])) != plain, value
