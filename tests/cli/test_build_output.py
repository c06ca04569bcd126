"""What a build says while it goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from breathmark.cli.build_output import watching
from breathmark.course.options import Preparing, Published

if TYPE_CHECKING:
    import pytest

    from breathmark.course.options import Event

PATHS = tuple(f"dist/site/{number}.html" for number in range(48))
SITE = Published(publisher="site", paths=PATHS, entry="dist/index.html")


def said(capsys: pytest.CaptureFixture[str], event: Event, *, verbose: bool = False, as_json: bool = False) -> str:
    """What stands on the terminal after an event."""
    with watching(quiet=False, verbose=verbose, as_json=as_json) as watch:
        watch(event)
    return "".join(capsys.readouterr())


def test_a_publisher_s_long_work_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A line before each thing that it makes."""
    event = Preparing(publisher="site", name="site/packs/01-one.pack", done=2, total=16)
    assert said(capsys, event) == "[3/16] site: site/packs/01-one.pack\n"
    assert json.loads(said(capsys, event, as_json=True))["done"] == 2


def test_many_files_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """With the one to open; one file stands alone, and the list is for those who ask."""
    assert said(capsys, SITE) == "site: wrote 48 files: dist/index.html\n"
    one = Published(publisher="folder", paths=("dist/library.json",), entry="dist/library.json")
    assert said(capsys, one) == "folder: wrote dist/library.json\n"
    assert said(capsys, SITE, verbose=True).splitlines()[1:] == [f"  {path}" for path in PATHS]
    assert json.loads(said(capsys, SITE, as_json=True))["paths"] == list(PATHS)
