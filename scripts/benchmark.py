"""The costs of Breathmark beside others', measured in one run. Run it by ``scripts/bench``.

CPU is user and system time of a process and all that it started; memory is the peak of the largest of these processes.
What is compared is run by turns, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from breathmark import Options, plan
from breathmark.model import Bell, cues
from breathmark.solver import Material, arrange
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.registry import load_narrator
from building import building
from measuring import BREATHMARK, Row, at_most, by_turns, run, told
from rendering import HIBARI, SHIPPED, change, cold, eight_hours, memory, rendering
from sentences import SENTENCES, script_of
from speaking import course_sentences, first_run, speaking
from studio_costs import studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def solver(folder: Path) -> list[Row]:
    """Laying out 2,000 sentences, beside speaking ten of them with Hibari, its model loaded."""
    sentences = [SENTENCES[i % len(SENTENCES)] for i in range(2_000)]
    path = folder / "long.yaml"
    path.write_text(script_of("2,000 sentences", sentences), encoding="utf-8")
    script = plan(path, Options(estimate=True)).script
    lengths = {cue.utterance: 4 * 44_100 for cue in cues(script.segments) if not isinstance(cue, Bell)}
    material = Material(clip_frames=lengths, bell_frames={"singing-bowl": 20 * 44_100}, rate_hz=44_100)
    narrator = load_narrator("hibari")
    requests = [SpeechRequest(text=text, voice=HIBARI, speed=1.0, language="en") for text in SENTENCES[:10]]
    narrator.speak(requests[0])
    laid_out = cpu_s(lambda: arrange(script, material, 6 * 3600.0))
    spoken = cpu_s(lambda: [narrator.speak(request) for request in requests])
    return [at_most("solver, 2,000 sentences / ten Hibari sentences, CPU", laid_out / spoken, 1)]


def cpu_s(work: Callable[[], object]) -> float:
    """The CPU time of work inside this process, the middle of five."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def start_up(folder: Path) -> list[Row]:
    """The shortest commands beside the imports that any such program needs."""
    check = (*BREATHMARK, "check", SHIPPED, "--voice", "tone", "--cache", folder / "tone")
    run(*check)
    base, helped, estimated, checked = by_turns(
        7,
        partial(run, sys.executable, "-c", "import click, yaml, jinja2"),
        partial(run, *BREATHMARK, "--help"),
        partial(run, *BREATHMARK, "check", SHIPPED, "--estimate"),
        partial(run, *check),
    )
    return [
        at_most("breathmark --help / three imports, CPU", helped.cpu_s / base.cpu_s, 1),
        told("check --estimate / three imports, CPU", estimated.cpu_s / base.cpu_s),
        told("check, spoken before / three imports, CPU", checked.cpu_s / base.cpu_s),
    ]


MEASUREMENTS: dict[str, Callable[[Path], Iterable[Row]]] = {
    "start-up": start_up,
    "solver": solver,
    "speaking": speaking,
    "course": course_sentences,
    "first-run": first_run,
    "cold": cold,
    "change": change,
    "render-10": partial(rendering, minutes=10, overlay_least=2),
    "render-60": partial(rendering, minutes=60, overlay_least=8),
    "building": building,
    "studio": studio,
    "memory": memory,
    "night": eight_hours,
}
LONG = ("render-60", "memory", "night")


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out the sessions of an hour and more")
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    options = parse_options()
    names = options.only or [name for name in MEASUREMENTS if not (options.quick and name in LONG)]
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        # Python's compiled modules are kept, as they are wherever Breathmark is installed.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        for name in names:
            for row in MEASUREMENTS[name](Path(folder)):
                missed = "" if row.good else "MISSED"
                print(f"{row.name:<56} {row.value:8.2f}  {row.target:<6} {missed}".rstrip(), flush=True)
                rows.append(row)
    Path("dist").mkdir(exist_ok=True)
    Path("dist/bench.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
