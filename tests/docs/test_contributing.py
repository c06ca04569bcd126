"""The map of the rooms leads to places that exist."""

from __future__ import annotations

import re

from .pages import ROOT, code_spans

PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "tests" / "README.md")
PLACES = (ROOT, ROOT / "src", ROOT / "src" / "breathmark", ROOT / "tests")


def test_every_place_that_is_named_exists() -> None:
    """A file or a folder, from the root, the package or the tests; a bare name may lie anywhere in them."""
    named = {each for page in PAGES for span in code_spans(page.read_text("utf-8")) for each in places_in(span)}
    assert len(named) > 200
    anywhere = {path.name for place in PLACES[1:] for path in place.rglob("*")}
    assert sorted(each for each in named - anywhere if not any((place / each).exists() for place in PLACES)) == []


def places_in(span: str) -> list[str]:
    """The files and folders that a span of code names, of several in braces each."""
    if not re.fullmatch(r"[\w./{},-]+(\.py|/)", span):
        return []
    if re.search(r"COMMAND|FAMILY|LANGUAGE|NAME|RULE-ID|^dist", span):
        return []
    several = re.fullmatch(r"(.*)\{(.*)\}(.*)", span)
    spans = [f"{several[1]}{each}{several[3]}" for each in several[2].split(",")] if several else [span]
    return [each.rstrip("/") for each in spans]
