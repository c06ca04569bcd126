"""Breathmark turns a guided meditation script into finished audio of exactly the length asked for.

The Python API is what the command line uses:

    import breathmark

    artefact = breathmark.render("evening.yaml", "evening.mp3", breathmark.Options(length="12m", voice="hibari:heart"))
    print(artefact.path, artefact.voice_lufs)

``plan`` lays a session out, ``render`` makes the finished file, ``check`` finds the faults of a script, ``build``
makes a course, ``verify`` measures a finished file. What a session is asked to be is an ``Options``. All errors are a
``BreathmarkError``, whose ``hint`` says what to do.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breathmark.api.compose import Composed, compose
    from breathmark.api.options import Options
    from breathmark.api.render import Plan, plan, render, verify
    from breathmark.base.errors import (
        AssetError,
        BreathmarkError,
        BuildError,
        DeliveryError,
        LengthError,
        NamedAssetError,
        Problem,
        RequestError,
        ScriptError,
        VoiceError,
    )
    from breathmark.course.build import build
    from breathmark.course.options import BuildOptions, BuildReport
    from breathmark.findings import CourseFindings, Findings, check, check_course
    from breathmark.model import Script, Timeline
    from breathmark.results import Artefact
    from breathmark.script.values import read_values
    from breathmark.verification.verdict import Verification

__all__ = [
    "Artefact",
    "AssetError",
    "BreathmarkError",
    "BuildError",
    "BuildOptions",
    "BuildReport",
    "Composed",
    "CourseFindings",
    "DeliveryError",
    "Findings",
    "LengthError",
    "NamedAssetError",
    "Options",
    "Plan",
    "Problem",
    "RequestError",
    "Script",
    "ScriptError",
    "Timeline",
    "Verification",
    "VoiceError",
    "__version__",
    "build",
    "check",
    "check_course",
    "compose",
    "plan",
    "read_values",
    "render",
    "verify",
]

__version__ = "0.1.0"

# pydub looks for ffmpeg on PATH when it is imported, and warns; ours is found later, and may be a wheel.
warnings.filterwarnings("ignore", message="Couldn't find ffmpeg or avconv", category=RuntimeWarning)

_HOMES = {
    name: module
    for module, names in {
        "breathmark.base.errors": (
            "AssetError", "BreathmarkError", "BuildError", "DeliveryError", "LengthError", "NamedAssetError", "Problem",
            "RequestError", "ScriptError", "VoiceError",
        ),
        "breathmark.model": ("Script", "Timeline"),
        "breathmark.results": ("Artefact",),
        "breathmark.api.compose": ("Composed", "compose"),
        "breathmark.api.options": ("Options",),
        "breathmark.api.render": ("Plan", "plan", "render", "verify"),
        "breathmark.script.values": ("read_values",),
        "breathmark.findings": ("CourseFindings", "Findings", "check", "check_course"),
        "breathmark.verification.verdict": ("Verification",),
        "breathmark.course.build": ("build",),
        "breathmark.course.options": ("BuildOptions", "BuildReport"),
    }.items()
    for name in names
}  # fmt: skip
"""Where each name of the API is defined."""


def __dir__() -> list[str]:
    """The API, for ``dir`` and ``help``, which then import it."""
    return list(__all__)


def __getattr__(name: str) -> object:
    """Import the API on first use, so that ``breathmark --help`` loads none of it."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
