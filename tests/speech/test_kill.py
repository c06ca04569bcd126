from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from breathmark.speech.clips.clip_file import unpack
from tests.profiles import count

if TYPE_CHECKING:
    from breathmark.speech.clips.store import ClipCache

FILLING = """
import sys
from pathlib import Path
from breathmark.model import Utterance
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.narrate import narrate
made = [Utterance(text=f"Be still for {n} long and quiet breaths.", caption="", voice="", speed=1.0, language="en",
                  private=n % 3 == 0) for n in range(int(sys.argv[2]))]
done = narrate(made, voice="tone", cache=ClipCache(Path(sys.argv[1])), jobs=int(sys.argv[3]))
print(len(done))
"""


def fill(cache: ClipCache, count: int, jobs: int) -> subprocess.Popen[str]:
    """A run that fills the cache."""
    run = [sys.executable, "-c", FILLING, str(cache.root), str(count), str(jobs)]
    return subprocess.Popen(run, stdout=subprocess.PIPE, text=True)


def killed_runs_leave_a_sound_cache(cache: ClipCache, kills: int, seed: int) -> None:
    """Kill run after run on one cache at random moments; then let one end."""
    moments = random.Random(seed)  # noqa: S311 - moments, not secrets
    seen = 0
    for number in range(kills):
        process = fill(cache, 400, jobs=1 + number % 2)
        time.sleep(moments.uniform(0.3, 1.6))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        clips = [path for path in cache.root.rglob("*.wav") if path.is_file()]
        assert all(unpack(path.read_bytes(), path.stem) for path in clips), f"seed {seed}, kill {number}"
        assert len(clips) >= seen, f"seed {seed}, kill {number}"
        seen = len(clips)
    process = fill(cache, 400, jobs=2)
    assert process.communicate()[0] == "400\n", f"seed {seed}"
    cache.prune()
    assert cache.info().leftovers == 0
    assert (cache.info().clips, cache.info().private_clips) == (267, 134)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_killed_runs_leave_a_sound_cache(cache: ClipCache, seed: int) -> None:
    """Whatever lies under a clip's name after kill -9 is whole, nothing finished is lost, and the next run ends."""
    killed_runs_leave_a_sound_cache(cache, count(quick=1, ci=5, nightly=30), seed)
