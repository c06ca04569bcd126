"""docs/licences.md names whatever a first session installs under the GPL, and the default voice needs none of it."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata, requires
from typing import TYPE_CHECKING

from .pages import DOCS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK = ROOT / "requirements" / "hibari-ffmpeg-studio.txt"
"""What `scripts/first-session` installs."""
UNLABELLED = ("espeakng-loader", "imageio-ffmpeg")
"""The one wheel names no licence, the other that of its Python alone."""


def installed(names: Iterable[str]) -> set[str]:
    """Those of the packages that are installed on this system."""
    found = set()
    for name in names:
        try:
            metadata(name)
        except PackageNotFoundError:
            continue
        found.add(name)
    return found


def under_gpl(names: Iterable[str]) -> set[str]:
    """Those whose metadata name the GPL, and not the LGPL."""
    found = set()
    for name in names:
        about = metadata(name)
        classifiers = [each for each in about.get_all("Classifier") or () if each.startswith("License ::")]
        label = next(iter(about.get_all("License") or ()), "").partition("\n")[0]
        terms = next(iter(about.get_all("License-Expression") or ()), "") or " ".join([label, *classifiers])
        if re.search(r"(?<!L)GPL|(?<!Lesser )General Public", terms):
            found.add(name)
    return found


def test_what_is_under_the_gpl_is_named() -> None:
    """mutagen, by its own account, and two wheels that don't say it; a new dependency under the GPL fails here."""
    locked = installed(re.findall(r"(?m)^([\w.-]+)==", LOCK.read_text(encoding="utf-8")))
    assert len(locked) > 30
    assert under_gpl(locked) == {"mutagen"}
    assert set(UNLABELLED) <= locked
    page = DOCS.joinpath("licences.md").read_text(encoding="utf-8")
    paragraph = next(each for each in page.split("\n\n") if "`scripts/first-session` installs" in each)
    assert "three parts are under the GPL" in paragraph
    assert all(name in paragraph for name in ("eSpeak NG", "mutagen", "ffmpeg"))


def test_the_default_voice_is_free_of_it() -> None:
    """With all that hibari-tts requires, and what that requires."""
    needed, looked_at = ["hibari-tts"], set()
    while needed:
        name = needed.pop()
        if name not in looked_at:
            looked_at.add(name)
            wanted = (each for each in requires(name) or () if "extra ==" not in each)
            needed += installed(re.split(r"[^\w.-]", each)[0] for each in wanted)
    assert {"hibari-tts", "numpy", "onnxruntime"} <= looked_at
    assert under_gpl(looked_at) == set()
    assert looked_at.isdisjoint(UNLABELLED)
