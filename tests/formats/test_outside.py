"""A format that another package adds, through the entry points ``breathmark.formats``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

import pytest
import soundfile

from breathmark.base.errors import RequestError
from breathmark.formats import registry
from breathmark.formats.presets import preset_for

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMATS: Final = """\
from mutagen.aiff import AIFF

from breathmark.formats.format import FileFormat
from breathmark.formats.id3 import fill_id3


class Aiff(FileFormat):
    name = "aiff"
    codec = "pcm_s16be"
    most_chapters = 255

    def arguments(self, settings):
        return ("-c:a", "pcm_s16be")

    def promised_frames(self, path):
        info = AIFF(path).info
        return round(info.length * info.sample_rate)

    def write_tags(self, path, tags):
        aiff = AIFF(path)
        aiff.add_tags()
        fill_id3(aiff.tags, tags)
        aiff.save(v2_version=4)


class Half(FileFormat):
    name = "half"
"""
SCRIPT: Final = """\
title: Sit
language: en
voice: {name: tone}
segments:
  - say: |
      Sit down. [pause 2s!] Breathe.
"""


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with AIFF, a format without its methods, something else, and an impostor of MP3."""
    entries = "aiff = x_formats:Aiff\nhalf = x_formats:Half\nnone = x_formats:AIFF\nmp3 = x_formats:Aiff\n"
    facts = tmp_path / "site" / "x_formats-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts.parent / "x_formats.py").write_text(FORMATS)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: x-formats\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[breathmark.formats]\n{entries}")
    monkeypatch.syspath_prepend(str(facts.parent))
    monkeypatch.chdir(tmp_path)
    for known in (registry.format_names, registry.file_format):
        known.cache_clear()
    yield
    for known in (registry.format_names, registry.file_format):
        known.cache_clear()
    sys.modules.pop("x_formats", None)


@pytest.mark.usefixtures("outside")
def test_a_format_of_another_package_is_rendered_and_verified(
    tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """By the suffix and by ``--format``: the same exact file, with chapters and tags, that ``verify`` passes."""
    script = tmp_path / "sit.yaml"
    script.write_text(SCRIPT, encoding="utf-8")
    done = command("render", script, "-o", "one.aiff", "--ambience", "room-tone", "--json")
    assert done.returncode == 0, done.stderr
    assert soundfile.info("one.aiff").frames == json.loads(done.stdout)["frames"]
    done = command("render", script, "--format", "aiff", "--ambience", "room-tone", "--json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.aiff").read_bytes() == (tmp_path / json.loads(done.stdout)["path"]).read_bytes()
    done = command("verify", "one.aiff", "--json")
    found = {each["item"]: each["outcome"] for each in json.loads(done.stdout)[0]["findings"]}
    assert done.returncode == 0, done.stdout
    for item in ("format", "rate", "channels", "bit depth", "length", "tags", "chapters"):
        assert found[item] == "pass"


@pytest.mark.usefixtures("outside")
def test_what_another_package_lacks_is_reported() -> None:
    """Nobody can take the name of a built-in format, and a class that is not a format is not taken for one."""
    assert registry.format_names() == ("mp3", "m4b", "m4a", "opus", "flac", "wav", "aiff", "half", "none")
    assert preset_for("", ".mp3").file_format.codec == "mp3"
    for name in ("half", "none"):
        with pytest.raises(RequestError, match=f"the format {name} is broken"):
            preset_for("", "", name)
