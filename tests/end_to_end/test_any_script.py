"""Any script is rendered to the exact frame, or refused with a place; never anything else."""

from __future__ import annotations

import functools
import re
import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from breathmark import AssetError, LengthError, Options, RequestError, ScriptError, VoiceError, plan, render
from breathmark.audio.ffmpeg import read
from breathmark.formats.presets import PRESETS, Preset
from breathmark.mix.mixdown import mix
from tests.profiles import count

from .grammar import MACROS, PART, grammatical, mutated
from .material import COURSE, small
from .measure import frames_by_libsndfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark import Plan

QUICK = Preset(name="quick", format="wav", rate_hz=8_000, channels=1)
"""Small enough for thousands of sessions."""
LONGEST_FRAMES = 8_000 * 600
STEP = QUICK.rate_hz // 100
"""The frames of 10 ms: targets are multiples of it, so that they are whole frames."""
EXAMPLES = count(quick=20, ci=250, nightly=5_000)
"""In each of two tests."""
FEW = 200
"""Of so many, chance may refuse nearly all."""
ADVISED = re.compile(r"--length (\S+)")
TIMES = re.compile(r"\d+:\d\d")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Renders scripts and counts what comes of them."""

    folder: Path
    clips: Path
    seen: Counter[str] = field(default_factory=Counter)

    def try_out(self, text: str, share: float, values: dict[str, str]) -> None:
        """Render the text as a script at a length of its own; ``share`` says where among those that it can have."""
        path = self.folder / "script.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        options = Options(voice="tone", cache=self.clips, preset=QUICK.name, jobs=1, values=values)
        try:
            session = plan(path, options)
        except LengthError as error:
            self._tells_lengths(error, path, options)
        except RequestError:
            # A change can hit the name of the variable that is set.
            assert values
            self.try_out(text, share, {})
        except ScriptError as error:
            self._has_places(error)
        except (AssetError, VoiceError) as error:
            self._tells_what_is_missing(error)
        else:
            self._sounds(session, path, share, options)

    def _has_places(self, error: ScriptError) -> None:
        assert 1 <= len(error.problems) <= 101
        for problem in error.problems:
            assert problem.line >= 1
            assert problem.column >= 1
            assert problem.message
            assert problem.path.startswith(str(self.folder))
        self.seen["refused"] += 1

    def _tells_lengths(self, error: LengthError, path: Path, options: Options) -> None:
        """The script's own ``length:`` is out of reach; the length that the message advises is not."""
        assert TIMES.search(str(error))
        if advised := ADVISED.search(str(error)):
            plan(path, _at(options, advised[1]))
        self.seen["no length"] += 1

    def _tells_what_is_missing(self, error: AssetError | VoiceError) -> None:
        """A change can hit the name of a bell or of a voice."""
        assert error.message.startswith("there is no "), error
        assert error.hint
        self.seen["missing"] += 1

    def _sounds(self, session: Plan, path: Path, share: float, options: Options) -> None:
        for interval in session.feasible:
            first, last = -(-interval.min_frames // STEP), interval.max_frames // STEP
            if first > last:
                continue
            target = first + round(share * (last - first))
            chosen = plan(path, _at(options, target / 100))
            assert chosen.timeline.frames == target * STEP
            self._is_exact(chosen)
        if share < 0.9:
            return
        too_long_s = max(interval.max_frames for interval in session.feasible) / QUICK.rate_hz + 0.02
        with pytest.raises(LengthError, match=TIMES):
            plan(path, _at(options, too_long_s))

    def _is_exact(self, session: Plan) -> None:
        if session.timeline.frames > LONGEST_FRAMES:
            self.seen["laid out"] += 1
            return
        sound = mix(
            session.timeline,
            session.clips,
            QUICK.mastering,
            project_root=session.project_root,
            ambience=None if self.seen["rendered"] % 50 == 0 else "none",
        )
        assert sum(int(block.frame_count()) for block in sound.blocks()) == session.timeline.frames
        self.seen["rendered"] += 1


def _at(options: Options, length: float | str) -> Options:
    return Options(
        length=length, voice="tone", cache=options.cache, preset=options.preset, jobs=1, values=options.values
    )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A project with what scripts include; bells are decoded once, which is proved elsewhere."""
    folder = tmp_path_factory.mktemp("any")
    small(folder)
    shutil.copytree(COURSE / "parts", folder / "parts")
    (folder / "part.yaml").write_text(PART, encoding="utf-8")
    (folder / "words.jinja").write_text(MACROS, encoding="utf-8")
    settings_text = (COURSE / "breathmark.yaml").read_text(encoding="utf-8").replace("piper:joe", "tone")
    (folder / "breathmark.yaml").write_text(settings_text, encoding="utf-8")
    bench = Bench(folder=folder, clips=folder / "clips")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(PRESETS, QUICK.name, QUICK)
        patch.setattr("breathmark.mix.bells.read", functools.cache(read))
        yield bench
    print(dict(bench.seen))  # noqa: T201 — shown with -s
    tried = sum(bench.seen.values())
    assert tried < FEW or bench.seen["rendered"] > tried / 5


def values() -> st.SearchStrategy[dict[str, str]]:
    """What a listener sets; most set nothing."""
    return st.sampled_from(({}, {}, {}, {"name": "Ana-María O'Neil"}, {"name": "Zoë"}))


def examples(number: int) -> settings:
    """So many, each one new: nothing is remembered from earlier runs, and a failure is told as it was found."""
    return settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(7200)
@examples(EXAMPLES)
@given(text=grammatical(), share=st.floats(0, 1), values=values())
def test_a_script_of_the_grammar(bench: Bench, text: str, share: float, values: dict[str, str]) -> None:
    """All kinds of segments, markers, templates and ranges, nested."""
    bench.try_out(text, share, values)


@pytest.mark.timeout(7200)
@examples(EXAMPLES)
@given(text=mutated(), share=st.floats(0, 1), values=values())
def test_a_changed_meditation(bench: Bench, text: str, share: float, values: dict[str, str]) -> None:
    """Parts of the shipped ones, with words cut out and put in."""
    bench.try_out(text, share, values)


@examples(count(quick=2, ci=8, nightly=8))
@given(text=grammatical())
def test_the_whole_way_to_a_file(bench: Bench, text: str) -> None:
    """A sample is encoded, too, by the preset that users get; libsndfile decodes what ``plan`` says."""
    path = bench.folder / "script.yaml"
    path.write_text(text, encoding="utf-8")
    options = Options(voice="tone", cache=bench.clips, jobs=1)
    try:
        frames = plan(path, options).timeline.frames
    except (ScriptError, LengthError):
        return
    if frames <= 44_100 * 120:
        made = render(path, bench.folder / "a.mp3", options)
        assert frames_by_libsndfile(made.path) == frames
