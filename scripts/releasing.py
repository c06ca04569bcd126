"""A release, from the changelog to the tag. Run it by ``scripts/release``.

Everything is done in a clone, which is thrown away; the repository itself is touched when the wheel has proved itself.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from locking import faults, lock_path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path("src/breathmark/__init__.py")
CHANGELOG = Path("CHANGELOG.md")
UNRELEASED = "## [Unreleased]\n"
EMPTY = f"{UNRELEASED}\n### Added\n\n### Changed\n\n### Fixed\n\n"
EXTRAS = "hibari,ffmpeg,studio"
WITHOUT_METER = (3, 13)
"""The first Python that pyebur128 has no wheel for."""
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


class ReleaseError(Exception):
    """Why there is no release."""


def main() -> int:
    """Release, or say why not."""
    parser = argparse.ArgumentParser(prog="scripts/release", description="Make a release of what is committed.")
    parser.add_argument("version", help="such as 0.2.0")
    parser.add_argument("--dry-run", action="store_true", help="do everything in a clone, and leave this tree as it is")
    options = parser.parse_args()
    try:
        release(options.version, dry_run=options.dry_run)
    except ReleaseError as exc:
        print(f"No release of {options.version}: {exc}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as exc:
        print(f"No release of {options.version}: this failed: {' '.join(map(str, exc.cmd))}", file=sys.stderr)
        return 1
    return 0


def release(version: str, *, dry_run: bool) -> None:
    """Check, write, build, prove; then commit and tag."""
    head = committed(version)
    with TemporaryDirectory(prefix="breathmark-release-", ignore_cleanup_errors=True) as folder:
        clone, work = Path(folder, "tree"), Path(folder, "work")
        run("git", "clone", "--quiet", ROOT, clone)
        write(clone, version)
        sdist, wheel = build(clone, Path(folder))
        work.mkdir()
        prove(wheel, clone / lock_path(EXTRAS), work, version)
        if dry_run:
            print(f"\n{wheel.name} is fit to be released. This was a dry run: nothing has changed here.")
            return
        if committed(version) != head:
            raise ReleaseError("another commit was made in the meantime")
        (ROOT / "dist").mkdir(exist_ok=True)
        files = [shutil.copy(path, ROOT / "dist") for path in (sdist, wheel)]
        commit(clone, version)
    print(f"\nCommitted and tagged v{version}. Nothing has been uploaded. What is next:")
    print(f"  git push origin HEAD v{version}")
    print(f"  twine upload {' '.join(os.path.relpath(file) for file in files)}")
    print(f"To take it back before that: git tag -d v{version} && git reset --keep HEAD~1")


def committed(version: str) -> str:
    """The commit that is released: all of the tree, with locks that fit, and not released before."""
    if sys.version_info[:2] >= WITHOUT_METER:
        raise ReleaseError("use Python 3.11 or 3.12, where `breathmark verify` can be installed without a compiler")
    if changes := output("git", "status", "--porcelain", cwd=ROOT):
        raise ReleaseError(f"there are changes that are not committed:\n{changes}")
    if output("git", "tag", "--list", f"v{version}", cwd=ROOT):
        raise ReleaseError(f"there is a tag v{version} already")
    if found := faults(ROOT):
        raise ReleaseError("\n".join(found))
    return output("git", "rev-parse", "HEAD", cwd=ROOT)


def write(tree: Path, version: str) -> None:
    """The version, and what has changed in it."""
    texts = {path: (tree / path).read_text("utf-8") for path in (PACKAGE, CHANGELOG)}
    written = {
        PACKAGE: with_version(texts[PACKAGE], version),
        CHANGELOG: with_section(texts[CHANGELOG], version, datetime.now(UTC).date()),
    }
    for path, text in written.items():
        (tree / path).write_text(text, encoding="utf-8")


def with_version(source: str, version: str) -> str:
    """The package's source with a later version than the one it has."""
    found = _VERSION.search(source)
    if found is None:
        raise ReleaseError(f"{PACKAGE} has no __version__")
    if numbers(version) <= numbers(found[1]):
        raise ReleaseError(f"{version} is not later than {found[1]}, the version of {PACKAGE}")
    return _VERSION.sub(f'__version__ = "{version}"', source)


def numbers(version: str) -> tuple[int, ...]:
    """The three numbers of a version."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version, re.ASCII):
        raise ReleaseError(f"{version} is not a version: it takes three numbers, such as 0.2.0")
    return tuple(map(int, version.split(".")))


def with_section(changelog: str, version: str, day: date) -> str:
    """The changelog with what was unreleased under ``version``."""
    if changelog.count(UNRELEASED) != 1:
        raise ReleaseError(f"{CHANGELOG} must have one line {UNRELEASED.strip()}")
    before, _, rest = changelog.partition(UNRELEASED)
    end = rest.find("\n## [") + 1 or len(rest)
    entries = grouped(rest[:end])
    if not entries:
        raise ReleaseError(f"there is nothing under {UNRELEASED.strip()} in {CHANGELOG}")
    section = f"## [{version}] - {day.isoformat()}\n\n{entries}\n"
    return before + EMPTY + section + (f"\n{rest[end:]}" if rest[end:] else "")


def grouped(entries: str) -> str:
    """Entries with each heading once, and none that is empty: merges of branches can leave a heading twice."""
    groups: dict[str, list[str]] = {"": []}
    heading = ""
    for line in entries.splitlines():
        if line.startswith("### "):
            heading = line.strip()
            groups.setdefault(heading, [])
        elif line.strip():
            groups[heading].append(line)
    return "\n\n".join("\n".join([heading, *lines]).strip() for heading, lines in groups.items() if lines)


def build(tree: Path, folder: Path) -> tuple[Path, Path]:
    """The sdist of the tree, and the wheel that is built from that sdist alone."""
    print("Building sdist and wheel ...")
    hatchling = (sys.executable, "-m", "hatchling", "build", "-d", folder / "dist", "-t")
    run(*hatchling, "sdist", cwd=tree, quiet=True)
    (sdist,) = folder.glob("dist/*.tar.gz")
    shutil.unpack_archive(sdist, folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    run(*hatchling, "wheel", cwd=unpacked, quiet=True)
    (wheel,) = folder.glob("dist/*.whl")
    return sdist, wheel


def commit(tree: Path, version: str) -> None:
    """Take over the two files that ``write`` changed, and tag them; a commit that is refused leaves nothing behind."""
    for path in (PACKAGE, CHANGELOG):
        shutil.copyfile(tree / path, ROOT / path)
    try:
        run("git", "commit", "--quiet", "-m", f"Release {version}", "--", PACKAGE, CHANGELOG, cwd=ROOT)
    except subprocess.CalledProcessError:
        run("git", "restore", "--staged", "--worktree", PACKAGE, CHANGELOG, cwd=ROOT)
        raise
    run("git", "tag", "--annotate", "-m", f"Breathmark {version}", f"v{version}", cwd=ROOT)


def prove(wheel: Path, lock: Path, work: Path, version: str) -> None:
    """Render a first session as a new user does: from the wheel and the lock, where there is nothing else."""
    place = work / "venv"
    print(f"Installing {wheel.name} with [{EXTRAS}] into an empty environment ...")
    run(sys.executable, "-m", "venv", place)
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    install = (programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*install, "--require-hashes", "--only-binary", ":all:", "-r", lock, cwd=work)
    run(*install, wheel, cwd=work)
    breathmark = programs / "breathmark"
    if version not in output(breathmark, "--version", cwd=work):
        raise ReleaseError(f"the wheel says that it is {output(breathmark, '--version', cwd=work)}")
    run(breathmark, "new", "meditation", "evening.yaml", cwd=work)
    render = ("render", "evening.yaml", "--length", "10m", "--voice", "hibari:heart", "--cache", work / "cache")
    run(breathmark, *render, "-o", "evening.mp3", cwd=work)
    run(breathmark, "verify", "evening.mp3", cwd=work)


def run(*words: str | Path, cwd: Path | None = None, quiet: bool = False) -> None:
    """Run a program to its end; it has to succeed."""
    subprocess.run(words, cwd=cwd, env=outside(), stdout=subprocess.DEVNULL if quiet else None, check=True)


def output(*words: str | Path, cwd: Path) -> str:
    """What a program prints."""
    return subprocess.run(words, cwd=cwd, env=outside(), stdout=subprocess.PIPE, text=True, check=True).stdout.rstrip()


def outside() -> dict[str, str]:
    """The environment without what would show a program the Python modules of this one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


if __name__ == "__main__":
    sys.exit(main())
