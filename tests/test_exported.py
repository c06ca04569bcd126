"""What ``import breathmark`` offers, and that every module can be imported."""

from __future__ import annotations

import importlib
import pkgutil
import pydoc
import re

import breathmark


def test_the_api_can_be_looked_at() -> None:
    """`dir` gives what `__all__` does, and `help` shows each function and each class with what it is for."""
    assert sorted(dir(breathmark)) == sorted(breathmark.__all__)
    shown = pydoc.plain(pydoc.render_doc(breathmark))
    for name in set(breathmark.__all__) - {"__version__"}:
        assert re.search(rf"^    (class )?{name}\(", shown, re.MULTILINE), name
    assert "Lay a session out to the frame" in shown


def test_every_module_can_be_imported() -> None:
    """With the packages of the extras installed."""
    found = [module.name for module in pkgutil.walk_packages(breathmark.__path__, "breathmark.")]
    assert len(found) > 300
    for name in sorted({*found} - {"breathmark.__main__"}):
        importlib.import_module(name)
