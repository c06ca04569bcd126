"""Sessions from packs: exact at every length, each sentence in its place, and a damaged file is an error."""

# mypy: untyped-calls-exclude=mutagen
from __future__ import annotations

import json
import math
import struct
import tracemalloc
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3

import breathmark
from breathmark.api.options import Options
from breathmark.api.packs import PACK_PRESET, events, pack_session
from breathmark.api.render import plan as lay_out
from breathmark.api.render import render
from breathmark.audio.loudness import gated_lufs
from breathmark.base.errors import AssetError, LengthError, RequestError
from breathmark.formats.mp3_frames import GAP
from breathmark.formats.mp3_stream import FRAME
from breathmark.formats.pack import (
    PlannedLength,
    composed,
    pack_bytes,
    plans_bytes,
    read_pack,
    read_plans,
    share,
    silence_crc,
)
from tests.formats.material import ffmpeg_decode, soundfile_decode
from tests.profiles import count, quick_only

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.api.packs import PackedSession
    from breathmark.formats.pack import Pack

SCRIPT = """\
title: A Quiet Minute
length: 1m..2m..7m
segments:
  - bell: singing-bowl
  - title: Welcome
    kind: opening
    say: |
      Welcome, and take your time. [pause 2s..4s..9s]
      Whatever you choose is fine.

      You might feel your feet. [pause 2s..6s..20s]
  - {title: Later, kind: practice, optional: {from: 3m}, say: "One more breath, if you like. [pause 5s..20s..60s]"}
  - {title: Resting, silence: 3s..30s..6m}
  - {title: Back, kind: ground, say: "Let a sound reach you."}
  - bell: singing-bowl
"""
Change: TypeAlias = "Callable[[dict[str, Any]], object]"
LENGTHS = (60, 90, 120, 180, 240, 300, 360, 420)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a session, its pack and its plans, and those of another one."""
    root = tmp_path_factory.mktemp("packs")
    (root / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    for name, text in {"quiet": SCRIPT, "other": SCRIPT.replace("Welcome,", "Hello,")}.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
        keep(root / name, pack_session(root / f"{name}.yaml", Options(cache=root / "cache"), [90.0, 1000.0]))
    return root


def keep(path: Path, packed: PackedSession) -> None:
    """Write both files."""
    path.with_suffix(".pack").write_bytes(packed.pack)
    path.with_suffix(".plans.json").write_bytes(packed.plans)


def read(folder: Path, name: str = "quiet") -> tuple[Pack, dict[float, PlannedLength]]:
    """The pack, and its plans by length."""
    pack = read_pack((folder / f"{name}.pack").read_bytes(), name)
    plans = read_plans((folder / f"{name}.plans.json").read_bytes(), pack, name)
    return pack, {each.length_s: each for each in plans.lengths}


def test_it_is_planned_for_each_minute_and_the_course_s_own(folder: Path) -> None:
    """As far as the script can have them."""
    assert tuple(read(folder)[1]) == LENGTHS


@pytest.mark.parametrize("length_s", quick_only((60,), LENGTHS))
def test_a_composed_session_is_exact(length_s: int, folder: Path, tmp_path: Path) -> None:
    """By two decoders; each sentence and bell is within 13 ms of its place in a render of that length."""
    made = breathmark.compose(folder / "quiet.pack", tmp_path / "x.mp3", length=length_s)
    assert made.frames == length_s * 44_100
    decoded = ffmpeg_decode(made.path, 1)[:, 0]
    assert len(decoded) == len(soundfile_decode(made.path)) == made.frames
    timeline = lay_out(folder / "quiet.yaml", Options(length=length_s, cache=folder / "cache")).timeline
    pack, plans = read(folder)
    placed = plans[length_s].places
    assert len(placed) == len(events(timeline))
    assert any(part.lead for part in pack.index.parts)
    silent = np.ones(len(decoded), bool)
    for place, event in zip(placed, events(timeline), strict=True):
        assert abs(place[0] * FRAME + pack.index.parts[place[1]].lead - event.start_frame) <= 0.0131 * 44_100
        frames = place[2] if len(place) > 2 else pack.index.parts[place[1]].frames
        silent[max(place[0] * FRAME - 1105, 0) : (place[0] + frames + 2) * FRAME - 1105] = False
    assert silent.sum() > len(decoded) / 4
    assert not decoded[silent].any()


@pytest.mark.slow
@pytest.mark.parametrize("length_s", [60, 120])
def test_it_sounds_as_a_render_does(length_s: int, folder: Path, tmp_path: Path) -> None:
    """As loud as the voice of a render without ambience, and each sentence begins where it does there."""

    def both(*, bells: bool) -> list[NDArray[np.float64]]:
        asked = Options(length=length_s, ambience="none", bells=bells, cache=folder / "cache", sound_only=True)
        rendered = render(folder / "quiet.yaml", tmp_path / f"r{bells}.mp3", asked).path
        made = breathmark.compose(
            folder / "quiet.pack", tmp_path / f"c{bells}.mp3", length=length_s, bells="all" if bells else "none"
        )
        return [soundfile_decode(path) for path in (rendered, made.path)]

    # Without bells: here their decay is damped before a sentence, which counts where so little is said.
    loud = [gated_lufs(each.astype(np.float32), 44_100) for each in both(bells=False)]
    assert loud[0] == pytest.approx(loud[1], abs=0.2)
    rendered, own = both(bells=True)
    timeline = lay_out(folder / "quiet.yaml", Options(length=length_s, cache=folder / "cache")).timeline
    for spoken in timeline.speech:
        begins = []
        for sound in (rendered, own):
            stretch = np.abs(sound[spoken.start_frame - 9000 : spoken.start_frame + 9000, 0])
            begins.append(np.argmax(stretch > 0.5 * stretch.max()))
        assert abs(int(begins[0]) - int(begins[1])) <= 0.0131 * 44_100 + 60


def test_chapters_transcript_and_captions_go_by_reference(folder: Path) -> None:
    """The same as those of a render, and each paragraph by itself."""
    pack, plans = read(folder)
    content = read_plans((folder / "quiet.plans.json").read_bytes(), pack, "x")
    long = plans[420]
    assert [content.titles[title] for _, title in long.chapters] == ["Welcome", "Later", "Resting", "Back"]
    told = [
        content.titles[block] if isinstance(block, int) else " ".join(pack.index.parts[each].text for each in block)
        for block in long.transcript
    ]
    assert told == [
        "Welcome",
        "Welcome, and take your time. Whatever you choose is fine.",
        "You might feel your feet.",
        "Later",
        "One more breath, if you like.",
        "Back",
        "Let a sound reach you.",
    ]
    for part in pack.index.parts:
        assert (part.kind == "bell") == (not part.cues)
        assert " ".join(" ".join(text.split()) for _, _, text in part.cues) in (part.text, "")


def test_bells_can_be_left_out(folder: Path) -> None:
    """All of them, or all but the last; what is spoken stays where it is."""
    pack, plans = read(folder)
    counts = {choice: len(list(pack.placed(plans[120], choice))) for choice in ("all", "end", "none")}
    assert counts["all"] == counts["end"] + 1 == counts["none"] + 2
    spoken = {each.first for each in pack.placed(plans[120], "none")}
    assert spoken < {each.first for each in pack.placed(plans[120], "all")}


def test_a_bell_is_damped_before_a_sentence(folder: Path) -> None:
    """It fades, and has ended when the sentence begins; the last one rings to its end."""
    places = read(folder)[1][60].places
    first, second, *_, last = places
    assert len(first) == 4
    assert first[0] + first[2] + GAP == second[0]
    whole = read(folder)[0].index.parts[last[1]].frames
    assert len(last) == 2 or (last[2] >= whole - 3 and last[3] <= 3)


def test_tags_say_what_it_is(folder: Path, tmp_path: Path) -> None:
    """With the chapters."""
    breathmark.compose(str(folder / "quiet.pack"), str(tmp_path / "x.mp3"))
    tags = ID3(tmp_path / "x.mp3")
    assert tags["TIT2"].text == ["A Quiet Minute"]
    assert [each.sub_frames["TIT2"].text[0] for each in tags.getall("CHAP")] == ["Welcome", "Resting", "Back"]


def test_several_sessions_share_a_length(folder: Path, tmp_path: Path) -> None:
    """In one file of exactly that length, in the order given."""
    made = breathmark.compose([folder / "other.pack", folder / "quiet.pack"], tmp_path / "x.mp3", length="9m")
    assert sorted(made.lengths_s) == [240, 300]
    assert len(soundfile_decode(made.path)) == 9 * 60 * 44_100
    with pytest.raises(LengthError, match=r"20:00 can't be shared .*\n.*--length 14m"):
        breathmark.compose([folder / "other.pack", folder / "quiet.pack"], tmp_path / "x.mp3", length="20m")


@given(st.lists(st.tuples(st.sets(st.integers(1, 40), min_size=1), st.floats(1, 40)), min_size=1, max_size=4))
def test_shares_add_up(offered: list[tuple[set[int], float]]) -> None:
    """Where any do; each is one of its session's own minutes."""
    each = [(sorted(minutes), ideal) for minutes, ideal in offered]
    wanted = sum(minutes[len(minutes) // 2] for minutes, _ in each)
    shares = share(wanted, each)
    assert sum(shares) == wanted
    assert all(one in minutes for one, (minutes, _) in zip(shares, each, strict=True))


def test_many_sessions_share_as_some_do() -> None:
    """Each is stretched as much as the others, whatever the order; sixty of them in the time of a request."""
    offered = [(range(5, 31), 6.0 + number % 7) for number in range(60)]
    shares = share(900, offered)
    assert sum(shares) == 900
    stretched = [math.log(one / ideal) for one, (_, ideal) in zip(shares, offered, strict=True)]
    assert max(stretched) - min(stretched) < math.log(1.5)
    assert sorted(share(900, offered[::-1])) == sorted(shares)
    assert share(5, [([2, 3], 4.0), ([2, 3], 4.0)]) == (2, 3)


@pytest.mark.slow
def test_many_hours_take_little_memory(folder: Path) -> None:
    """What is written are pieces of the pack, and silence, so that 3.5 hours are never held as a whole."""
    pack, plans = read(folder)
    tracemalloc.start()
    try:
        pieces = composed([(pack, plans[420])] * 30)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert sum(map(len, pieces)) > 30 * 420 * 8000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-1], "it is damaged, or not all of it is there"),
        (lambda data: data[: len(data) // 2], "it is damaged"),
        (lambda data: data[:20], "it is damaged"),
        (lambda data: data + b"x", "it is damaged"),
        (lambda data: data[:0], "it is not a pack"),
        (lambda data: b"ID3" + data, "it is not a pack"),
        (lambda data: data.replace(b"BMPACK1", b"BMPACK9", 1), "another version"),
    ],
)
def test_a_damaged_pack_is_an_error(
    change: Callable[[bytes], bytes], message: str, folder: Path, tmp_path: Path
) -> None:
    """That says what is wrong; no file appears."""
    (tmp_path / "x.pack").write_bytes(change((folder / "quiet.pack").read_bytes()))
    (tmp_path / "x.plans.json").write_bytes((folder / "quiet.plans.json").read_bytes())
    with pytest.raises(AssetError, match=rf"x\.pack can't be used: {message}"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")
    assert not (tmp_path / "x.mp3").exists()


def test_plans_of_another_pack_are_an_error(folder: Path, tmp_path: Path) -> None:
    """And so are missing ones."""
    (tmp_path / "x.pack").write_bytes((folder / "quiet.pack").read_bytes())
    with pytest.raises(AssetError, match=r"x\.plans\.json can't be read"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")
    (tmp_path / "x.plans.json").write_bytes((folder / "other.plans.json").read_bytes())
    with pytest.raises(AssetError, match="these are the plans of another pack"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")


def rewritten(data: bytes, change: Change) -> bytes:
    """A pack whose index says something else, with the right checksum."""
    (length,) = struct.unpack_from(">I", data, 8)
    change(index := json.loads(data[16 : 16 + length]))
    text = json.dumps(index).encode()
    return data[:8] + struct.pack(">II", len(text), zlib.crc32(text)) + text + data[16 + length :]


def replanned(data: bytes, change: Change) -> bytes:
    """The same of plans."""
    change(plans := json.loads(data))
    first = {key: plans.pop(key) for key in ("format", "pack", "crc32")}
    rest = json.dumps(plans)[1:].encode()
    return json.dumps({**first, "crc32": zlib.crc32(rest)})[:-1].encode() + b",\n" + rest


IMPOSSIBLE_INDEXES: tuple[Change, ...] = (
    lambda index: index.update(rate_hz=0),
    lambda index: index.update(rate_hz=44_000),
    lambda index: index.update(kbit_s=65),
    lambda index: index.update(frame_bytes=0),
    lambda index: index["parts"].append({**index["parts"][0], "frames": 0, "crc32": 0}),
    lambda index: index["parts"][0].update(crc16=1 << 20),
    lambda index: index["parts"][0].update(crc16=index["parts"][0]["crc16"] ^ 1),
    lambda index: index["parts"][0].update(kind="gong"),
    lambda index: index["parts"][0].update(frames=str(index["parts"][0]["frames"])),
    lambda index: index["parts"][0].update(lead=True),
    lambda index: index["parts"][0].update(cues=[[0, 5]]),
    lambda index: index["parts"][0].update(loud=1),
    lambda index: index["parts"][0].pop("text"),
    lambda index: index.update(parts={}),
    lambda index: index.update(title=5),
    lambda index: index.pop("language"),
)
"""What somebody else may have made. A page refuses the same (``course/test_any_length.py``)."""
IMPOSSIBLE_PLANS: tuple[Change, ...] = (
    lambda plans: plans.update(lengths=[]),
    lambda plans: plans.update(rate_hz=0),
    lambda plans: plans.update(ideal_s=0),
    lambda plans: plans.update(possible=[[1, math.inf]]),
    lambda plans: plans.update(possible=[]),
    lambda plans: plans["lengths"][0].update(length_s=1e-6, frames=0, places=[], chapters=[]),
    lambda plans: plans["lengths"][0].update(frames=-5),
    lambda plans: plans["lengths"][0].update(chapters=[[0, -1]]),
    lambda plans: plans["lengths"][0].update(frames=10**15),
    lambda plans: plans["lengths"][0].update(frames=10**15, length_s=10**15 / 44_100),
    lambda plans: plans["lengths"][0]["places"][0].__setitem__(0, 0),
    lambda plans: plans["lengths"][0]["places"].insert(0, [40]),
    lambda plans: plans["lengths"][0]["chapters"].append([0, 0]),
    lambda plans: plans["lengths"][0].update(chapters=[[0, 99]]),
    lambda plans: plans["lengths"][0].update(transcript=[99]),
    lambda plans: plans["lengths"][0].update(transcript=[[0, 99]]),
    lambda plans: plans["lengths"][0].update(transcript=["length"]),
    lambda plans: plans["lengths"][0].update(length_s=str(plans["lengths"][0]["length_s"])),
    lambda plans: plans["lengths"][0]["places"][0].__setitem__(1, "0"),
    lambda plans: plans["lengths"][0].pop("chapters"),
    lambda plans: plans.update(lengths={}),
    lambda plans: plans.update(titles=[1, 2, 3]),
    lambda plans: plans.update(ideal_s=10**6),
    lambda plans: plans.update(own=1),
)


@pytest.mark.parametrize("change", IMPOSSIBLE_INDEXES)
def test_an_index_that_can_t_be_true_is_an_error(change: Change, folder: Path, tmp_path: Path) -> None:
    """Also with the right checksum: somebody else may have made it."""
    assert read_pack(rewritten((folder / "quiet.pack").read_bytes(), dict), "x").index.rate_hz == 44_100
    (tmp_path / "x.pack").write_bytes(rewritten((folder / "quiet.pack").read_bytes(), change))
    (tmp_path / "x.plans.json").write_bytes((folder / "quiet.plans.json").read_bytes())
    with pytest.raises(AssetError, match="it is damaged"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")


@pytest.mark.parametrize("change", IMPOSSIBLE_PLANS)
def test_plans_that_can_t_be_true_are_an_error(change: Change, folder: Path, tmp_path: Path) -> None:
    """Before anything is made after them, such as a file of a thousand years."""
    data = (folder / "quiet.plans.json").read_bytes()
    assert read_plans(replanned(data, dict), read(folder)[0], "x").rate_hz == 44_100
    (tmp_path / "x.pack").write_bytes((folder / "quiet.pack").read_bytes())
    (tmp_path / "x.plans.json").write_bytes(replanned(data, change))
    with pytest.raises(AssetError, match="it is damaged"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")


def test_a_file_has_room_for_its_chapters(folder: Path, tmp_path: Path) -> None:
    """There are fewer, or none is made; nor is one of more than a day."""
    data = (folder / "quiet.plans.json").read_bytes()
    (tmp_path / "x.pack").write_bytes((folder / "quiet.pack").read_bytes())
    many = replanned(data, lambda plans: [each.update(chapters=[[0, 0]] * 100_000) for each in plans["lengths"]])
    (tmp_path / "x.plans.json").write_bytes(many)
    with pytest.raises(LengthError, match="100000 chapters, and an MP3 has room for 255"):
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3")
    day = {"length_s": 86_400, "frames": 86_400 * 44_100}
    long = replanned(data, lambda plans: plans["lengths"][0].update(day) or plans.update(ideal_s=86_400))
    (tmp_path / "x.plans.json").write_bytes(long)
    with pytest.raises(LengthError, match="longer than 24 hours together"):
        breathmark.compose([tmp_path / "x.pack"] * 2, tmp_path / "x.mp3")
    assert not (tmp_path / "x.mp3").exists()


def test_packs_of_two_forms_are_not_put_together(folder: Path, tmp_path: Path) -> None:
    """Their frames are of two lengths."""
    pack, plans = read(folder)
    form = replace(pack.index, kbit_s=128, frame_bytes=pack.index.frame_bytes * 2, parts=(), silent_crc32=0)
    silent = bytes(form.frame_bytes)
    made = pack_bytes(replace(form, silent_crc32=silence_crc(silent)), silent, [])
    content = read_plans((folder / "quiet.plans.json").read_bytes(), pack, "x")
    alone = replace(
        content, pack=made.id, lengths=tuple(replace(each, places=(), transcript=()) for each in plans.values())
    )
    (tmp_path / "x.pack").write_bytes(made.data)
    (tmp_path / "x.plans.json").write_bytes(plans_bytes(alone))
    with pytest.raises(AssetError, match=r"x\.pack can't be put behind .*quiet\.pack"):
        breathmark.compose([folder / "quiet.pack", tmp_path / "x.pack"], tmp_path / "x.mp3", length="4m")


@cache
def small() -> dict[str, bytes]:
    """Both files, by what they are; filled by the test below."""
    return {}


@given(st.sampled_from(["pack", "plans"]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
@settings(max_examples=count(quick=60, ci=300, nightly=10_000))
@pytest.mark.usefixtures("whole")
def test_any_changed_byte_is_found(which: str, place: float, change: int) -> None:
    """In either file: there is an error, and never another sound."""
    files = {name: bytearray(data) for name, data in small().items()}
    files[which][int(place * len(files[which]))] ^= change
    with pytest.raises(AssetError):
        read_plans(bytes(files["plans"]), read_pack(bytes(files["pack"]), "p"), "q")


@pytest.fixture
def whole(folder: Path) -> None:
    """Fills ``small``."""
    small().update(pack=(folder / "quiet.pack").read_bytes(), plans=(folder / "quiet.plans.json").read_bytes())


def test_requests_are_checked(folder: Path, tmp_path: Path) -> None:
    """Before anything is read or written."""
    with pytest.raises(RequestError, match=r"should end in \.mp3"):
        breathmark.compose(folder / "quiet.pack", tmp_path / "x.wav")
    with pytest.raises(LengthError, match=r"8:00 is not planned .* 1:00 to 7:00\n.*--length 420s"):
        breathmark.compose(folder / "quiet.pack", tmp_path / "x.mp3", length="8m")
    with pytest.raises(RequestError, match="did you mean none"):
        breathmark.compose(folder / "quiet.pack", tmp_path / "x.mp3", bells="non")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="can't be read"):
        breathmark.compose(folder / "quiet.pack", tmp_path / "x.mp3", length="soon")
    for length in (0.0, -60.0, math.nan, math.inf):
        with pytest.raises(RequestError, match=f"the length {length} can't be made"):
            breathmark.compose(folder / "quiet.pack", tmp_path / "x.mp3", length=length)
    with pytest.raises(LengthError, match=r"0:20 can't be shared .*\n.*--length 2m"):
        breathmark.compose([folder / "quiet.pack"] * 2, tmp_path / "x.mp3", length="20s")


def test_the_nearest_length_can_be_asked_for(folder: Path, tmp_path: Path) -> None:
    """As it is written, also where it is not a whole number of seconds."""
    pack, plans = read(folder)
    frames = plans[420].frames - 12_345
    odd = replace(plans[420], length_s=frames / 44_100, frames=frames, places=plans[420].places[:-1])
    content = replace(read_plans((folder / "quiet.plans.json").read_bytes(), pack, "x"), lengths=(odd,))
    (tmp_path / "x.pack").write_bytes((folder / "quiet.pack").read_bytes())
    (tmp_path / "x.plans.json").write_bytes(plans_bytes(content))
    with pytest.raises(LengthError) as told:
        breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3", length="20m")
    nearest = str(told.value).split("--length ")[1]
    assert breathmark.compose(tmp_path / "x.pack", tmp_path / "x.mp3", length=nearest).frames == odd.frames


def test_it_is_a_command(
    folder: Path, tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """With the file's name and length, or both as data; a length that is not planned is an error."""
    made = command("compose", folder / "quiet.pack", "--length", "2m", "-o", tmp_path / "x.mp3")
    assert (made.returncode, made.stdout.split()[-1]) == (0, "2:00.0")
    told = command(
        "compose", folder / "quiet.pack", "--length", "90s", "--bells", "end", "-o", tmp_path / "y.mp3", "--json"
    )
    assert json.loads(told.stdout)["frames"] == 90 * 44_100
    wrong = command("compose", folder / "quiet.pack", "--length", "30m", "-o", tmp_path / "z.mp3")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Error: 30:00 is not planned")
    assert not (tmp_path / "z.mp3").exists()


def test_values_are_never_packed(folder: Path, tmp_path: Path) -> None:
    """Whatever the options say."""
    script = SCRIPT.replace("segments:", 'variables: {name: {default: "", max_length: 20}}\nsegments:', 1)
    script = script.replace("Welcome, and", "Welcome{% if name %}, {{ name }}{% endif %}, and")
    (tmp_path / "own.yaml").write_text(script, encoding="utf-8")
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    packed = pack_session(tmp_path / "own.yaml", Options(values={"name": "Zyxwillow"}, cache=folder / "cache"))
    assert b"Zyxwillow" not in packed.pack + packed.plans
    assert b"Welcome, and take" in packed.pack


@pytest.mark.slow
def test_the_same_session_gives_the_same_pack(folder: Path) -> None:
    """Byte for byte, from the cache and without it."""
    for cache_name in ("cache", "another"):
        packed = pack_session(folder / "quiet.yaml", Options(cache=folder / cache_name), [90.0])
        assert packed.pack == (folder / "quiet.pack").read_bytes()
        assert packed.plans == (folder / "quiet.plans.json").read_bytes()
    assert PACK_PRESET.channels == 1
