"""The map of the rooms leads to places that exist."""

from __future__ import annotations

import re

import pytest

from .pages import ROOT, code_spans

PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "tests" / "README.md")
PLACES = (ROOT, ROOT / "src", ROOT / "src" / "breathmark", ROOT / "tests")
NAMED = sorted(
    {
        span
        for page in PAGES
        for span in code_spans(page.read_text("utf-8"))
        if re.fullmatch(r"[\w./{},-]+(\.py|/)", span)
        and not re.search(r"COMMAND|FAMILY|LANGUAGE|NAME|RULE-ID|^dist", span)
    }
)


@pytest.mark.parametrize("span", NAMED)
def test_a_place_that_is_named_exists(span: str) -> None:
    """A file or a folder, from the root, the package or the tests; a bare name may lie anywhere in them."""
    several = re.fullmatch(r"(.*)\{(.*)\}(.*)", span)
    spans = [f"{several[1]}{each}{several[3]}" for each in several[2].split(",")] if several else [span]
    for each in (one.rstrip("/") for one in spans):
        at = any((place / each).exists() for place in PLACES)
        assert at or ("/" not in each and any(True for place in PLACES[1:] for _ in place.rglob(each)))
