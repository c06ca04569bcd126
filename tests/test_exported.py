"""What a module offers stands in its ``__all__``."""

from __future__ import annotations

import importlib
import inspect
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
def test_every_public_function_and_class_is_exported(name: str) -> None:
    """No name stands there twice or leads nowhere, and nothing public is left out."""
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    public = {
        found
        for found, value in vars(module).items()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == name
        and found.isidentifier()
        and not found.startswith("_")
    }
    assert len(set(exported)) == len(exported)
    assert [each for each in exported if not hasattr(module, each)] == []
    assert public - set(exported) == set()
