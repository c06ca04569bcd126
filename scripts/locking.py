"""The locks in ``requirements/``: exact versions with hashes, readable by pip and by uv. Run it by ``scripts/lock``.

There is one for each set of extras that a script installs, and one for the build backends. All come from one
resolution for every platform, and name neither an index nor a path, so that any index with the same files will do.
Only the standard library is imported: a lock that can't be installed has to be replaceable.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SETS = ("dev", "test", "hibari,ffmpeg,studio")
"""Extras, as ``prepare`` of ``scripts/environment`` is given them; the first includes the others."""
BUILD = ("cython", "editables", "setuptools", "setuptools-scm", "wheel")
"""What builds the sdists in the locks and our own editable install, beside ``build-system.requires``."""
SDISTS = ("feedgen", "opentimelineio", "pyebur128")
"""Packages of ``test`` without a wheel, the second on Intel Macs, the third on Python 3.13; what users install must
need no compiler."""
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
"""Not Windows on ARM, for which piper-tts and pyebur128 have no wheels: there, Python for x86-64 does."""
MACOS = "14.0"
"""The oldest macOS that the newest onnxruntime has a wheel for."""
_LINE = re.compile(r"#.*|[a-z0-9-]+==[\w.!+-]+( ; [\w .<>=!'()]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")


def main() -> int:
    """Write the locks, or compare them."""
    parser = argparse.ArgumentParser(prog="scripts/lock", description="Write requirements/*.txt anew.")
    parser.add_argument("--check", action="store_true", help="only say whether they fit pyproject.toml")
    if parser.parse_args().check:
        return report(faults(ROOT))
    if shutil.which("uv") is None:
        sys.exit("scripts/lock needs uv on PATH. Install it with: pip install uv")
    write()
    return report([*faults(ROOT), *unavailable()])


def report(found: list[str]) -> int:
    """Print what was found; returns the exit code."""
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def lock_path(extras: str) -> Path:
    """Where the lock of a set of extras lies, relative to the repository."""
    return Path("requirements") / f"{extras.replace(',', '-')}.txt"


def digest(root: Path) -> str:
    """What the locks were resolved from, as a SHA-256: a comment or an order of keys does not change it."""
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    project = pyproject["project"]
    resolved_from = {
        "build": [pyproject["build-system"]["requires"], BUILD],
        "python": project["requires-python"],
        "dependencies": project["dependencies"],
        "extras": project["optional-dependencies"],
        "sets": SETS,
        "uv": pyproject["tool"]["uv"],
    }
    return hashlib.sha256(json.dumps(resolved_from, sort_keys=True).encode()).hexdigest()


def faults(root: Path) -> list[str]:
    """What is wrong with the locks as files: missing, older than pyproject.toml, or with a line that pins nothing."""
    found, wanted = [], f"# pyproject.toml sha256:{digest(root)}"
    for path in (lock_path("build"), *map(lock_path, SETS)):
        lines = (root / path).read_text("utf-8").splitlines() if (root / path).exists() else []
        if wanted not in lines:
            found.append(f"{path} does not fit the dependencies in pyproject.toml: run scripts/lock")
        found += [
            f"{path}:{number}: neither a pinned version nor a hash: {line}"
            for number, line in enumerate(lines, start=1)
            if not _LINE.fullmatch(line)
        ]
    return found


def write() -> None:
    """Resolve every set; those after the first take its versions."""
    (ROOT / "requirements").mkdir(exist_ok=True)
    same: tuple[str, ...] = ()
    for extras in SETS:
        wanted = [word for extra in extras.split(",") for word in ("--extra", extra)]
        compile_lock(lock_path(extras), f"the extras {extras}", ["pyproject.toml", *wanted, *same])
        same = ("--constraints", str(lock_path(SETS[0])))
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    build = "\n".join((*pyproject["build-system"]["requires"], *BUILD))
    compile_lock(lock_path("build"), "the build backends", ["-", *same], build)


def compile_lock(path: Path, purpose: str, words: list[str], requirements: str = "") -> None:
    """Have uv resolve the newest versions for all platforms, and write them under a header of our own."""
    print(f"Resolving {path} ...")
    fixed = ("--universal", "--python-version", PYTHONS[0], "--upgrade", "--generate-hashes", "--no-annotate")
    unnamed = ("--quiet", "--no-header", "--no-emit-index-url", "--no-emit-find-links")
    command = ["uv", "pip", "compile", *fixed, *unnamed, *words]
    done = subprocess.run(command, cwd=ROOT, input=requirements, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv could not resolve {path}; nothing was written to it")
    header = (
        f"# Written by scripts/lock for {purpose}. Install it with --no-deps: it is complete.\n"
        f"# pyproject.toml sha256:{digest(ROOT)}\n"
    )
    (ROOT / path).write_text(header + done.stdout, encoding="utf-8")


def unavailable() -> list[str]:
    """The platforms on which some pinned package has no wheel, although it should."""
    found = []
    for extras in SETS:
        print(f"Looking for the wheels of {lock_path(extras)} on {len(PLATFORMS)} platforms ...")
        found += [
            f"{lock_path(extras)} can't be installed by Python {python} on {platform}:\n{reason}"
            for python in PYTHONS
            for platform in PLATFORMS
            if (reason := refusal(extras, python, platform))
        ]
    return found


def refusal(extras: str, python: str, platform: str) -> str:
    """Why uv would not install a lock on another platform; empty where it would."""
    sdists = (
        () if extras == "hibari,ffmpeg,studio" else tuple(word for name in SDISTS for word in ("--no-binary", name))
    )
    wheels = ("--no-deps", "--require-hashes", "--only-binary", ":all:", *sdists, "-r", str(lock_path(extras)))
    with TemporaryDirectory() as nowhere:
        target = ("--target", nowhere, "--python-version", python, "--python-platform", platform)
        command = ["uv", "pip", "install", "--quiet", "--dry-run", *target, *wheels]
        environment = os.environ | {"MACOSX_DEPLOYMENT_TARGET": MACOS}
        done = subprocess.run(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    return done.stderr if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main())
