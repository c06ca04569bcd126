from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import wave
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

import breathmark
from breathmark.base.errors import VoiceError
from breathmark.speech import narrate as room
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.narrate import narrate
from breathmark.speech.pace import PASSAGE
from tests.profiles import quick_only

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.model import Utterance

    Make = Callable[..., Utterance]


@pytest.fixture
def session(utterance: Make) -> list[Utterance]:
    """Ten different utterances: two speeds, one private, one by another voice."""
    spoken = [utterance(text) for text in PASSAGE]
    return [*spoken, replace(spoken[0], speed=0.8), replace(spoken[1], private=True), spoken[0]]


def children() -> list[psutil.Process]:
    """The processes of this one that do not end: a worker that was starting does when it finds its pipe closed."""
    _, alive = psutil.wait_procs([each for each in psutil.Process().children() if not is_tracker(each)], timeout=60)
    return alive


def is_tracker(process: psutil.Process) -> bool:
    """Whether it is the one by which multiprocessing cleans up after itself."""
    with suppress(psutil.NoSuchProcess):
        return "multiprocessing.resource_tracker" in " ".join(process.cmdline())
    return False


def test_every_utterance_gets_a_clip(cache: ClipCache, session: list[Utterance]) -> None:
    """Each different one once, as a WAV of the length and rate that the clip says."""
    clips = narrate(session, voice="tone", cache=cache)
    assert set(clips) == set(session)
    for clip in clips.values():
        with wave.open(str(clip.path)) as file:
            assert (file.getnframes(), file.getframerate()) == (clip.frames, clip.rate_hz)


def test_another_run_speaks_nothing(cache: ClipCache, session: list[Utterance]) -> None:
    """With the cache warm nothing is missing and the result is the same; a new sentence is the only one spoken."""
    calls: list[tuple[int, int]] = []
    first = narrate(session, voice="tone", cache=cache)
    assert (
        narrate(session, voice="tone", cache=ClipCache(cache.root), progress=lambda *call: calls.append(call)) == first
    )
    assert calls == []
    changed = replace(session[2], text="There is nothing to do.")
    narrate([*session, changed], voice="tone", cache=cache, progress=lambda *call: calls.append(call))
    assert calls == [(0, 1), (1, 1)]


def test_the_caption_makes_no_other_clip(cache: ClipCache, utterance: Make) -> None:
    """Only what is heard counts: how the author wrote a word does not."""
    one, two = utterance("Be still.", caption="Be still."), utterance("Be still.", caption="Be *still*.")
    clips = narrate([one, two], voice="tone", cache=cache)
    assert clips[one] == clips[two]


def test_processes_change_nothing(tmp_path: Path, session: list[Utterance]) -> None:
    """One process and three give the same bytes and gains; no process is left."""
    results = []
    for jobs in (1, 3):
        clips = narrate(session, voice="tone", cache=ClipCache(tmp_path / str(jobs)), jobs=jobs)
        public = {spoken: clip for spoken, clip in clips.items() if not spoken.private}
        results.append({spoken: (clip.path.read_bytes(), clip.gain_db) for spoken, clip in public.items()})
    assert results[0] == results[1]
    assert children() == []


def test_progress_counts_what_was_missing(cache: ClipCache, session: list[Utterance]) -> None:
    """From nothing to all, one by one: ten clips, and the reference passage at two speeds."""
    for jobs in (1, 2):
        calls: list[tuple[int, int]] = []
        narrate(session, voice="tone", cache=cache, jobs=jobs, progress=lambda *call: calls.append(call))  # noqa: B023 - called at once
        assert calls == [(done, 12) for done in range(13)]
        cache.clear()


def test_an_utterance_may_name_its_voice(cache: ClipCache, utterance: Make) -> None:
    """Its own voice goes before the session's."""
    own, other = utterance("Be still.", voice="pyttsx3:en-gb"), utterance("Be still.")
    clips = narrate([own, other], voice="tone", cache=cache)
    assert clips[own].path != clips[other].path
    with pytest.raises(VoiceError, match="did you mean"):
        narrate([utterance("Be still.", voice="pyttsx3:en-gbb")], voice="tone", cache=cache)


def test_private_sentences_stay_out_of_the_store(cache: ClipCache, utterance: Make) -> None:
    """Their clips lie in the private folder only; those of the others do not."""
    greeting, plain = utterance("Welcome, Xanthippe.", private=True), utterance("Be still.")
    clips = narrate([greeting, plain], voice="tone", cache=cache, jobs=2)
    assert clips[greeting].path.is_relative_to(cache.private_root)
    stored = [path for path in (cache.root / "clips").rglob("*") if path.is_file()]
    assert clips[plain].path in stored
    assert not any(b"Xanthippe" in path.read_bytes() for path in stored)


def test_a_voice_has_one_level(cache: ClipCache, session: list[Utterance]) -> None:
    """The gains of one voice at one speed lie within 3 dB of one another's middle."""
    clips = narrate(session, voice="pyttsx3", cache=cache)
    gains = [clip.gain_db for spoken, clip in clips.items() if spoken.speed == 1.0]
    assert max(gains) - min(gains) <= 6.0
    assert all(-12 < gain < 12 for gain in gains)


def test_a_level_is_a_gain_on_the_same_clip(cache: ClipCache, utterance: Make) -> None:
    """No level has a clip of its own."""
    plain = utterance("Be still.")
    clips = narrate([plain, soft := replace(plain, level_db=-4.5)], voice="tone", cache=cache)
    assert clips[soft] == replace(clips[plain], gain_db=clips[plain].gain_db - 4.5, level_db=-4.5)


def test_what_a_voice_can_t_do_is_left_out_with_a_remark(cache: ClipCache, utterance: Make) -> None:
    """The tone has a pitch and one take; the other take is the same clip, and says so."""
    plain = utterance("Be still.")
    lower, again = replace(plain, pitch_semitones=-1.0), replace(plain, take=2)
    clips = narrate([plain, lower, again], voice="tone", cache=cache)
    assert clips[lower].path != clips[plain].path == clips[again].path
    assert (clips[plain].remarks, clips[lower].remarks) == ((), ())
    assert clips[again].remarks == ("tone:tone has only one take of a sentence: take 2 is the same",)


@pytest.mark.parametrize("speed", [0.0, 0.4, 2.1, -1.0, float("nan"), float("inf")])
def test_impossible_speeds_are_refused(cache: ClipCache, utterance: Make, speed: float) -> None:
    """With what there is."""
    with pytest.raises(VoiceError, match="choose between"):
        narrate([utterance("Be still.", speed=speed)], voice="tone", cache=cache)


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_keeps_what_was_finished(cache: ClipCache, utterance: Make, jobs: int) -> None:
    """The error names the sentence; what was spoken before is not spoken again."""
    good = [utterance(f"Be still for {number} breaths.") for number in range(6)]
    with pytest.raises(VoiceError, match=r"“Refuse it\.”.*tired"):
        narrate([*good, utterance("Refuse it.")], voice="unruly", cache=cache, jobs=jobs)
    calls: list[tuple[int, int]] = []
    narrate(good, voice="unruly", cache=cache, jobs=1, progress=lambda *call: calls.append(call))
    assert not calls or calls[0][1] < 7
    assert children() == []


@pytest.mark.usefixtures("plugins")
def test_a_worker_that_dies_is_replaced_once(cache: ClipCache, utterance: Make, tmp_path: Path) -> None:
    """A process that breaks down costs one try; where the next one does so too, the sentence is named."""
    settings = {"unruly": {"mark": str(tmp_path / "mark")}}
    spoken = [utterance("Die once."), utterance("Be still.")]
    assert set(narrate(spoken, voice="unruly", cache=cache, settings=settings, jobs=2)) == set(spoken)
    with pytest.raises(VoiceError, match=r"broke down while speaking “Die\.”"):
        narrate([utterance("Die."), utterance("Be quiet.")], voice="unruly", cache=cache, settings=settings, jobs=2)
    assert children() == []


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize("private", quick_only([True], [False, True]))
def test_an_engines_last_output_is_reported(private: bool, cache: ClipCache, utterance: Make) -> None:  # noqa: FBT001 - both of its values
    """How the process ended and its last output are in the error; of a private sentence only how it ended."""
    asked = [utterance("Die loudly, Xanthippe.", private=private), utterance("Be still.")]
    with pytest.raises(VoiceError, match="exit code 9") as caught:
        narrate(asked, voice="unruly", cache=cache, jobs=2)
    assert ("no memory for Die loudly, Xanthippe." in str(caught.value)) is not private
    assert ("Xanthippe" in str(caught.value)) is not private


def test_a_bug_of_ours_is_not_attributed_to_the_engine(
    cache: ClipCache, utterance: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes out of a worker with its traceback, not as a voice error."""
    spoiled = tmp_path / "spoiled"
    shutil.copytree(
        Path(breathmark.__file__).parent, spoiled / "breathmark", ignore=shutil.ignore_patterns("__pycache__")
    )
    code = spoiled / "breathmark" / "speech" / "level.py"
    code.write_text(code.read_text("utf-8").replace("meter.add(_full_scale(kept))", "meter.ad(kept)"), "utf-8")
    monkeypatch.syspath_prepend(str(spoiled))
    with pytest.raises(AttributeError, match="has no attribute 'ad'") as caught:
        narrate([utterance("Be still."), utterance("Be quiet.")], voice="tone", cache=cache, jobs=2)
    assert "level.py" in caught.value.__notes__[0]


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false"])
def test_without_workers_the_run_speaks_by_itself(
    cache: ClipCache, session: list[Utterance], program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no process can be started, or it ends at once, all is spoken all the same."""
    monkeypatch.setattr(sys, "executable", program)
    assert set(narrate(session, voice="tone", cache=cache, jobs=2)) == set(session)


def test_little_work_starts_no_process(
    cache: ClipCache, session: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tone and eSpeak are done before a process has started."""
    monkeypatch.setattr(room, "Pool", None)
    assert narrate(session, voice="tone", cache=cache)


def test_a_script_without_a_main_guard_can_narrate(tmp_path: Path) -> None:
    """Also from standard input, and in a folder with a module that has the name of a standard one."""
    (tmp_path / "wave.py").write_text("raise SystemExit('imported from the working folder')")
    code = (
        "from pathlib import Path\nfrom breathmark.model import Utterance\n"
        "from breathmark.speech.clips.store import ClipCache\nfrom breathmark.speech.narrate import narrate\n"
        "made = [Utterance(text=f'Be still {n}.', caption='', voice='', speed=1.0, language='en') for n in range(4)]\n"
        "print(len(narrate(made, voice='tone', cache=ClipCache(Path('cache')), jobs=2)))\n"
    )
    run = [sys.executable, "-P", "-"]
    done = subprocess.run(run, input=code, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("4\n", "")


WAITING = """
import sys
from pathlib import Path
from breathmark.model import Utterance
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.narrate import narrate
made = [Utterance(text=f"Wait for {n}.", caption="", voice="", speed=1.0, language="en") for n in range(60)]
try:
    narrate(made, voice="unruly", cache=ClipCache(Path(sys.argv[1])), jobs=2,
            progress=lambda done, total: print(done, flush=True))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize("how", quick_only([signal.SIGKILL], [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]))
def test_an_ended_run_leaves_clips_but_no_process(cache: ClipCache, how: signal.Signals) -> None:
    """Ctrl-C, a polite end and a hard one: what was finished is kept, and all workers go by themselves."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    run = [sys.executable, "-c", WAITING, str(cache.root)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "4":
            pass
        workers = psutil.Process(process.pid).children(recursive=True)
        # A terminal sends Ctrl-C to the whole group, the workers included.
        (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
        rest = process.stdout.read()
    assert len(workers) == 2
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert alive == []
    if how is signal.SIGINT:
        assert rest.endswith("interrupted\n")
        assert process.returncode == 130
    assert 4 <= cache.info().clips < 20
    assert cache.info().leftovers == 0


@pytest.mark.slow
def test_two_runs_at_once_share_their_work(cache: ClipCache, session: list[Utterance]) -> None:
    """Runs that speak the same sentences at the same time both end well, with the same clips."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom breathmark.model import Utterance\n"
        "from breathmark.speech.clips.store import ClipCache\nfrom breathmark.speech.narrate import narrate\n"
        "from breathmark.speech.pace import PASSAGE\n"
        "made = [Utterance(text=t, caption=t, voice='', speed=1.0, language='en') for t in PASSAGE * 2]\n"
        "clips = narrate(made, voice='tone', cache=ClipCache(Path(sys.argv[1])))\n"
        "print([clips[one].frames for one in made])\n"
    )
    run = [sys.executable, "-c", code, str(cache.root)]
    runs = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = {process.communicate()[0] for process in runs}
    assert len(outputs) == 1
    assert [process.returncode for process in runs] == [0, 0, 0]
    calls: list[object] = []
    narrate(session[:8], voice="tone", cache=cache, progress=lambda *call: calls.append(call))
    assert calls == []


def test_a_warm_cache_is_quick(cache: ClipCache, utterance: Make) -> None:
    """Looking up eighty clips takes a fraction of a second, checks and all."""
    many = [utterance(f"Breathe in for the {number} time.") for number in range(80)]
    narrate(many, voice="tone", cache=cache)
    started = time.process_time()
    narrate(many, voice="tone", cache=ClipCache(cache.root))
    assert time.process_time() - started < 1.0
