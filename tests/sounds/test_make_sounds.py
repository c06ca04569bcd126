"""The command that makes the sounds."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from .meter import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ASSETS.parent / "scripts" / "make-sounds"


def _make(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--out", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_same_command_gives_the_shipped_bytes(tmp_path: Path) -> None:
    """A bell that is made again, through the same ffmpeg, is the shipped file, byte for byte; so is its entry."""
    assert _make(tmp_path, "--only", "breath-in", "--only", "tingsha").returncode == 0
    shipped = {
        entry["name"]: entry for entry in yaml.safe_load((ASSETS / "provenance.yaml").read_text("utf-8"))["sounds"]
    }
    made = yaml.safe_load((tmp_path / "provenance.yaml").read_text("utf-8"))["sounds"]
    assert [entry["name"] for entry in made] == ["tingsha", "breath-in"]
    assert all(entry == shipped[entry["name"]] for entry in made)


def test_another_seed_is_written_down(tmp_path: Path) -> None:
    """The entry names the seed that was asked for."""
    assert _make(tmp_path, "--only", "breath-out", "--seed", "7").returncode == 0
    made = yaml.safe_load((tmp_path / "provenance.yaml").read_text("utf-8"))["sounds"]
    assert "seed 7" in made[0]["made"]


def test_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """A typing error makes nothing, and shows what there is."""
    refused = _make(tmp_path, "--only", "soft-rian")
    assert refused.returncode != 0
    assert "soft-rian" in refused.stderr
    assert "soft-rain" in refused.stderr
    assert not list(tmp_path.iterdir())
