from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.speech.contract import sentence_id
from breathmark.takes.recorded import read_folder, take_name

if TYPE_CHECKING:
    from pathlib import Path


def test_an_id_is_of_the_words_and_signs() -> None:
    """Quotes and spaces may differ; a comma may not."""
    assert sentence_id("It\u2019s  fine,\u00a0now.") == sentence_id("It's fine, now.")
    assert sentence_id("It's fine now.") != sentence_id("It's fine, now.")
    assert re.fullmatch("[0-9a-f]{10}", sentence_id("Любовь."))


def test_a_private_sentence_s_name_tells_nothing() -> None:
    """No word of it."""
    assert take_name(7, "Welcome, Ana.", private=True) == f"007-{sentence_id('Welcome, Ana.')}"
    text = "It's fine, Zoë!"
    assert take_name(7, text, reading=2) == f"007-{sentence_id(text)}-its-fine-zoe-take2"


def test_the_id_may_stand_anywhere_in_a_name(tmp_path: Path) -> None:
    """Upper case too; longer runs of letters are none, nor are other files and hidden ones."""
    own = sentence_id("One.")
    for name in (f"a {own.upper()} b.m4a", f"{own}.best.wav", f"x{own}.wav", f"{own}.txt", f".{own}.wav", "song.mp3"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "unsure").mkdir()
    folder = read_folder(tmp_path)
    assert {take.path.name for take in folder.takes} == {f"a {own.upper()} b.m4a", f"{own}.best.wav"}
    assert folder.chosen[own].path.name == f"{own}.best.wav"
    assert [path.name for path in folder.strangers] == ["song.mp3", f"x{own}.wav"]


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """It need not be made by hand."""
    assert read_folder(tmp_path / "none").takes == ()
