"""Covers: what is taken, and what is refused before anything is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breathmark.base.errors import AssetError
from breathmark.formats.cover import MAX_COVER_BYTES, read_cover

from .material import jpeg, png

if TYPE_CHECKING:
    from pathlib import Path


def test_a_png_is_taken(tmp_path: Path) -> None:
    """With its size in pixels and its depth."""
    path = tmp_path / "cover.png"
    path.write_bytes(png(6, 4))
    cover = read_cover(path)
    assert (cover.mime, cover.width, cover.height, cover.depth) == ("image/png", 6, 4, 24)
    assert cover.data == png(6, 4)


def test_a_jpeg_is_taken(tmp_path: Path) -> None:
    """By what it holds, whatever it is called."""
    path = tmp_path / "cover.png"
    path.write_bytes(jpeg(16, 8))
    cover = read_cover(path)
    assert (cover.mime, cover.width, cover.height, cover.depth) == ("image/jpeg", 16, 8, 24)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\x00" * 50,
        png(6, 4)[:-5],
        png(6, 4)[:16],
        jpeg(16, 8)[:-100] + b"\x00" * 100,
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",
        b"<svg/>",
        png(6, 4).replace(b"\x00\x00\x00\x04\x08\x02", b"\x00\x00\x00\x04\x08\x09"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, tmp_path: Path) -> None:
    """As a missing or damaged asset, exit 3, with what to use instead."""
    path = tmp_path / "cover.jpg"
    path.write_bytes(data)
    with pytest.raises(AssetError, match=r"use a whole \.jpg or \.png") as caught:
        read_cover(path)
    assert caught.value.exit_code == 3


def test_what_is_missing_or_too_big_is_refused(tmp_path: Path) -> None:
    """A folder too; and no more than the limit is read."""
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(AssetError, match="can't be read"):
            read_cover(path)
    big = tmp_path / "big.png"
    big.write_bytes(png(6, 4) + b"\x00" * MAX_COVER_BYTES)
    with pytest.raises(AssetError, match="bigger than 10 MB"):
        read_cover(big)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(whole=st.sampled_from([png(6, 4), jpeg(16, 8)]), place=st.integers(0, 400), patch=st.binary(max_size=20))
def test_damage_never_does_worse_than_being_refused(whole: bytes, place: int, patch: bytes, tmp_path: Path) -> None:
    """Any bytes over any place: a cover, or an AssetError."""
    path = tmp_path / "cover"
    path.write_bytes(whole[:place] + patch + whole[place + len(patch) :])
    try:
        read_cover(path)
    except AssetError:
        return
