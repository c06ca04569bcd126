"""What ``import breathmark`` offers, and that every module can be imported."""

from __future__ import annotations

import importlib
import pkgutil
import pydoc
import re

import pytest

import breathmark

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(breathmark.__path__, "breathmark.")
    if found.name != "breathmark.__main__"
)


def test_the_api_can_be_looked_at() -> None:
    """`dir` gives what `__all__` does, and `help` shows each function and each class with what it is for."""
    assert sorted(dir(breathmark)) == sorted(breathmark.__all__)
    shown = pydoc.plain(pydoc.render_doc(breathmark))
    for name in set(breathmark.__all__) - {"__version__"}:
        assert re.search(rf"^    (class )?{name}\(", shown, re.MULTILINE), name
    assert "Lay a session out to the frame" in shown


def test_there_are_modules() -> None:
    """The corpus is not emptied by a mistake in a walk."""
    assert len(MODULES) > 100


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported(name: str) -> None:
    """By itself, with the packages of the extras installed."""
    importlib.import_module(name)
