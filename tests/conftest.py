"""What all tests share: their profile, a clip cache of their own, and ``breathmark``, in this process or in its own."""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import sysconfig
import venv
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.base.files import write_whole
from breathmark.cli import main
from breathmark.mix import pieces
from tests.profiles import LEFT_OUT, PROFILE, load_hypothesis_profile

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks
    from breathmark.synthesis.catalogue import BedRecipe

load_hypothesis_profile()
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's `&` starts programs that ignore Ctrl-C, and so do their children: tests press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Say which profile this is."""
    return f"profile: {PROFILE}" + (f", without tests marked {' or '.join(sorted(LEFT_OUT))}" if LEFT_OUT else "")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: thousands of tests are made and kept, and would be looked through."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that are not of this profile."""
    left_out: list[pytest.Item] = []
    kept: list[pytest.Item] = []
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        (left_out if marks & LEFT_OUT else kept).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip cache for this run of the tests, the same for all of its workers.

    Content-addressed files that are renamed when whole need no lock. ``BREATHMARK_TEST_CACHE`` keeps it for the next.
    """
    if kept := os.environ.get("BREATHMARK_TEST_CACHE"):
        return Path(kept)
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "clips"


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_user_s(clips: Path) -> Iterator[None]:
    """No test touches the user's cache and voices, or depends on the user's environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREATHMARK_CACHE", str(clips))
        patch.setenv("XDG_CACHE_HOME", str(clips.with_name("home-cache")))
        patch.setenv("BREATHMARK_VOICES", str(clips.with_name("no-voices")))
        patch.setenv("NO_COLOR", "1")
        patch.delenv("BREATHMARK_FFMPEG", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _pieces_of_ambience_are_made_once(clips: Path) -> Iterator[None]:
    """Whichever caches tests have them put into: twenty seconds of rain take 0.4 s to make."""
    made, kept = pieces._made, clips.with_name("pieces") / pieces._fingerprint()

    def remembered(recipe: BedRecipe, number: int) -> tuple[NDArray[np.int16], list[EnergyBlocks]]:
        file = kept / f"{recipe.name} {recipe.seed} {recipe.gain_db} {number}.npz"
        if not file.is_file():
            samples, energies = made(recipe, number)
            whole = io.BytesIO()
            np.savez(whole, samples, *energies)
            kept.mkdir(parents=True, exist_ok=True)
            write_whole(file, whole.getvalue())
        with np.load(file) as found:
            samples, *energies = found.values()
        return samples, energies

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "_made", remembered)
        yield


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as ``scripts/release`` builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=Path(__file__).parents[1], check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel.

    The dependencies are borrowed from the environment of the tests, whose own Breathmark is out of reach.
    """
    place = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(place, with_pip=False, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return place / "bin" / "python"


@pytest.fixture(scope="session")
def breathmark() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``breathmark`` with these words as a program of its own; further names go to ``subprocess.run``."""

    def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "breathmark", *map(str, words)]
        settings = {"capture_output": True, "text": True, "timeout": 500, "check": False, **options}
        done: subprocess.CompletedProcess[str] = subprocess.run(command, **settings)  # type: ignore[call-overload] # noqa: PLW1510 — checked by the tests
        return done

    return run


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the same in this process, which is quicker: where a test runs it many times."""

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        said, complained = io.StringIO(), io.StringIO()
        with redirect_stdout(said), redirect_stderr(complained), pytest.raises(SystemExit) as ended:
            main([*map(str, words)])
        assert isinstance(ended.value.code, int)
        return subprocess.CompletedProcess([*map(str, words)], ended.value.code, said.getvalue(), complained.getvalue())

    return run
