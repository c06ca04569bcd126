"""Every file in audio_assets/ is accounted for, and is what its entry says."""

from __future__ import annotations

import hashlib

import pytest
import soundfile

from breathmark.synthesis.catalogue import BED_LUFS, BEDS, BELLS, BedRecipe, BellRecipe

from .meter import ASSETS, RATE_HZ, entries

RECIPES: dict[str, BedRecipe | BellRecipe] = {sound.name: sound for sound in (*BEDS, *BELLS)}
NAMES = tuple(RECIPES)


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    """Nothing is shipped of which the origin is not written down."""
    files = {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file()}
    assert files - {"provenance.yaml"} == {entry["file"] for entry in entries().values() if "file" in entry}


def test_the_built_in_sounds_are_all_there() -> None:
    """In the catalogue's order; ambiences have a recipe, bells have a file."""
    assert tuple(entries()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_entry_says_what_it_is(name: str) -> None:
    """The licence is free, and the listener gets a description, which is the recipe's."""
    entry, recipe = entries()[name], RECIPES[name]
    assert entry["licence"] == "CC0-1.0"
    assert (entry["title"], entry["description"]) == (recipe.title, recipe.description)
    assert f"seed {recipe.seed}" in str(entry["made"])
    assert entry["source"]


@pytest.mark.parametrize("name", [bell.name for bell in BELLS])
def test_entry_of_a_bell_is_that_of_its_file(name: str) -> None:
    """Digest, frames, rate and channels; a bell takes less than 0.8 MB, and all sounds together less than 4."""
    entry = entries()[name]
    path = ASSETS / str(entry["file"])
    info = soundfile.info(path)
    assert entry["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (entry["frames"], entry["rate_hz"], entry["channels"]) == (info.frames, info.samplerate, info.channels)
    assert info.samplerate == RATE_HZ
    assert path.stat().st_size < 0.8e6
    assert sum(file.stat().st_size for file in ASSETS.rglob("*") if file.is_file()) < 4e6


@pytest.mark.parametrize("name", [bed.name for bed in BEDS])
def test_ambience_is_made_by_its_recipe(name: str) -> None:
    """It has no file, and its level is the one that all have."""
    entry = entries()[name]
    assert (entry["kind"], entry["recipe"]) == ("ambience", name)
    assert "file" not in entry
    assert entry["loudness_lufs"] == pytest.approx(BED_LUFS, abs=0.1)
