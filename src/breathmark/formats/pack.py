"""Packs and plans: all lengths of a session as two files, from which any program can put a session together.

A pack (``NAME.pack``) holds the MP3 frames of every clip and bell, each once; plans (``NAME.plans.json``) hold where
each of them begins, for every length. ``docs/listeners.md`` describes both byte by byte. A damaged or cut file, or
plans of another pack, are an error, and never noise: the index and each part have a checksum.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from itertools import accumulate
from math import log
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from breathmark.base.errors import AssetError
from breathmark.formats.mp3_frames import FrameForm, FrameRun, PlacedRun, faded, joined_frames
from breathmark.formats.mp3_stream import FRAME, is_mpeg_1, joined_crc, sound_crc
from breathmark.script.ranges import MAX_DURATION_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

MAGIC: Final = b"BMPACK1\n"
FORMAT: Final = 1
PACK_SUFFIX: Final = ".pack"
PLANS_SUFFIX: Final = ".plans.json"
_HEAD: Final = struct.Struct(">8sII")
_ID_DIGITS: Final = 32
BellChoice: TypeAlias = Literal["all", "end", "none"]
"""Which bells are struck: ``end`` is the last one alone."""
_FIXED: Final = ConfigDict(extra="forbid", allow_inf_nan=False)
_MOST_INDEX_BYTES: Final = 16 << 20
"""What is read of a pack's index, so that no file can fill the memory: some hundred thousand sentences."""
_LEAD: Final = 2
"""MP3 frames without sound at a session's beginning, into which the one before it in a row may reach."""
_SAME_COST: Final = 1e-9
"""The largest difference of two costs that is only rounding: one sum may differ by it when added in two orders."""
_Length: TypeAlias = Annotated[float, Field(gt=0, le=MAX_DURATION_S)]


@dataclass(frozen=True, kw_only=True)
class PackPart:
    """A sentence or a bell, as the index of a pack has it."""

    __pydantic_config__ = _FIXED

    kind: Literal["speech", "bell"]
    text: str
    """The sentence as captions show it; the name of a bell."""
    frames: Annotated[int, Field(ge=1)]
    """MP3 frames."""
    crc32: int
    crc16: Annotated[int, Field(ge=0, le=0xFFFF)]
    """As the tag of an MP3 has it: of these bytes alone, begun with 0."""
    cues: tuple[tuple[int, int, str], ...] = ()
    """Its captions: begin and end in milliseconds from its first MP3 frame, and the lines."""
    lead: int = 0
    """PCM frames from its first MP3 frame to where it is heard."""


@dataclass(frozen=True, kw_only=True)
class PackIndex:
    """What a pack says of itself."""

    __pydantic_config__ = _FIXED

    format: Literal[1] = FORMAT
    id: str
    """By which plans know it."""
    session: str
    title: str
    language: str
    voice: str
    rate_hz: int
    kbit_s: int
    frame_bytes: int
    silent_crc32: int
    parts: tuple[PackPart, ...]


@dataclass(frozen=True, kw_only=True)
class PlannedLength:
    """One length of a session."""

    __pydantic_config__ = _FIXED

    length_s: _Length
    frames: Annotated[int, Field(ge=1)]
    """PCM frames of the decoded file."""
    places: tuple[tuple[int, ...], ...]
    """MP3 frame, part; of a bell that is cut short also how many frames are kept, and over how many it fades."""
    chapters: tuple[tuple[int, int], ...]
    """PCM frame, title."""
    transcript: tuple[int | tuple[int, ...], ...]
    """A title's number for a heading, parts for a paragraph."""


@dataclass(frozen=True, kw_only=True)
class Plans:
    """All lengths of a session."""

    __pydantic_config__ = _FIXED

    format: Literal[1] = FORMAT
    pack: str
    """The id of the pack that they are for."""
    crc32: int = 0
    """Of all bytes behind the first line."""
    session: str
    rate_hz: int
    ideal_s: _Length
    """The author's own length."""
    possible: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)]
    """All that the session could have, in seconds; ``lengths`` has the whole minutes of it, and the course's own."""
    titles: tuple[str, ...]
    lengths: Annotated[tuple[PlannedLength, ...], Field(min_length=1)]
    """The shortest first."""


class Pack:
    """A pack that was read and found to be whole."""

    def __init__(self, index: PackIndex, data: bytes) -> None:
        self.index = index
        self._data = data
        sizes = [part.frames * index.frame_bytes for part in index.parts]
        self._begins = list(accumulate(sizes, initial=index.frame_bytes))

    @cached_property
    def form(self) -> FrameForm:
        """What all its frames have in common."""
        return FrameForm(kbit_s=self.index.kbit_s, rate_hz=self.index.rate_hz)

    @property
    def silent(self) -> bytes:
        """The frame of silence."""
        return self._data[: self.index.frame_bytes]

    def part(self, number: int) -> memoryview:
        """The frames of one part."""
        begin = self._begins[number]
        return memoryview(self._data)[begin : begin + self.index.parts[number].frames * self.index.frame_bytes]

    def is_whole(self) -> bool:
        """Whether its frames are of the length that their form has, and as the index says."""
        index = self.index
        if not is_mpeg_1(index.kbit_s, index.rate_hz) or self.form.frame_bytes != index.frame_bytes:
            return False
        if len(self._data) != index.frame_bytes * (1 + sum(part.frames for part in index.parts)):
            return False
        parts = all(zlib.crc32(self.part(number)) == part.crc32 for number, part in enumerate(index.parts))
        return parts and zlib.crc32(self.silent) == index.silent_crc32 and self._has_sound_crc()

    def _has_sound_crc(self) -> bool:
        """Whether the checksums for the tag are true: those of all parts, joined, are that of all their bytes."""
        joined = 0
        for part in self.index.parts:
            joined = joined_crc(joined, part.crc16, part.frames * self.index.frame_bytes)
        return joined == sound_crc(memoryview(self._data)[self.index.frame_bytes :])

    def placed(self, plan: PlannedLength, bells: BellChoice) -> Iterable[PlacedRun]:
        """The parts of one length at their places."""
        strikes = [place for place in plan.places if self.index.parts[place[1]].kind == "bell"]
        left_out = {"all": (), "end": strikes[:-1], "none": strikes}[bells]
        for place in plan.places:
            if place not in left_out:
                first, number, *cut = place
                yield PlacedRun(first, self._piece(number, cut))

    def _piece(self, number: int, cut: Sequence[int]) -> FrameRun:
        data = self.part(number)
        if not cut:
            return FrameRun(data, self.index.parts[number].crc16)
        return FrameRun.of(faded(data[: cut[0] * self.index.frame_bytes], self.form, cut[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """The bytes of a pack, and the id that they have in them."""

    id: str
    data: bytes


def pack_bytes(index: PackIndex, silent: bytes, parts: Sequence[bytes]) -> PackFile:
    """The file of a pack; its id is filled in."""
    data = b"".join([silent, *parts])
    content = asdict(index)
    content["id"] = ""
    whole = hashlib.sha256(_json(content) + data)
    content["id"] = whole.hexdigest()[:_ID_DIGITS]
    text = _json(content)
    return PackFile(id=content["id"], data=_HEAD.pack(MAGIC, len(text), zlib.crc32(text)) + text + data)


def silence_crc(silent: bytes) -> int:
    """What the index notes of the silent frame."""
    return zlib.crc32(silent)


def part_of(kind: Literal["speech", "bell"], text: str, data: bytes, form: FrameForm) -> PackPart:
    """The entry of a part in the index, without captions."""
    frames = len(data) // form.frame_bytes
    return PackPart(kind=kind, text=text, frames=frames, crc32=zlib.crc32(data), crc16=sound_crc(data))


def read_pack(data: bytes, name: str) -> Pack:
    """The pack in ``data``; messages call it ``name``. Raises AssetError where it is not a whole one."""
    if len(data) < _HEAD.size or data[: len(MAGIC) - 2] != MAGIC[:-2]:
        raise _refused(name, "it is not a pack", "name a .pack file of a course's site")
    magic, length, crc = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise _refused(name, "another version of Breathmark made it", "build the course again, or update Breathmark")
    text = data[_HEAD.size : _HEAD.size + length]
    if len(text) < length or length > _MOST_INDEX_BYTES or zlib.crc32(text) != crc:
        raise _damaged(name)
    try:
        index = _index_reader().validate_json(text, strict=True)
    except ValidationError as error:
        raise _damaged(name) from error
    pack = Pack(index, data[_HEAD.size + length :])
    if not pack.is_whole():
        raise _damaged(name)
    return pack


def plans_bytes(plans: Plans) -> bytes:
    """The file of plans: JSON whose first line holds the checksum of all others."""
    content = asdict(plans)
    first = {key: content.pop(key) for key in ("format", "pack", "crc32")}
    lengths = ",\n".join(_json(each).decode() for each in content.pop("lengths"))
    rest = f'{_json(content).decode()[1:-1]},"lengths":[\n{lengths}]}}\n'.encode()
    first["crc32"] = zlib.crc32(rest)
    return _json(first)[:-1] + b",\n" + rest


def read_plans(data: bytes, pack: Pack, name: str) -> Plans:
    """The plans in ``data``, which are for ``pack``. Raises AssetError where they are not, or not whole."""
    _, _, rest = data.partition(b"\n")
    try:
        plans = _plans_reader().validate_json(data, strict=True)
    except ValidationError as error:
        raise _damaged(name) from error
    if plans.crc32 != zlib.crc32(rest):
        raise _damaged(name)
    if plans.pack != pack.index.id:
        raise _refused(name, "these are the plans of another pack", "build the course again, and copy both files")
    if plans.rate_hz != pack.index.rate_hz or not all(_fits(plan, pack, len(plans.titles)) for plan in plans.lengths):
        raise _damaged(name)
    return plans


def _fits(plan: PlannedLength, pack: Pack, titles: int) -> bool:
    """Whether it is as long as it says, and its chapters and parts are there; there are so many ``titles``."""
    headings = [title for _, title in plan.chapters] + [each for each in plan.transcript if isinstance(each, int)]
    said = [number for each in plan.transcript if isinstance(each, tuple) for number in each]
    starts = [0, *(start for start, _ in plan.chapters), plan.frames]
    return (
        abs(plan.length_s * pack.index.rate_hz - plan.frames) <= 1
        and starts == sorted(starts)
        and all(0 <= title < titles for title in headings)
        and all(0 <= number < len(pack.index.parts) for number in said)
        and _places_fit(plan, pack)
    )


def _places_fit(plan: PlannedLength, pack: Pack) -> bool:
    """Whether each place holds a part of the pack, and none overlaps the next."""
    at = _LEAD
    for place in plan.places:
        if len(place) not in {2, 4}:
            return False
        first, number, *cut = place
        if first < at or not 0 <= number < len(pack.index.parts):
            return False
        whole = pack.index.parts[number].frames
        if cut and not 0 < cut[1] <= cut[0] <= whole:
            return False
        at = first + (cut[0] if cut else whole)
    return at <= pack.form.frames_of(plan.frames)


def composed(chosen: Sequence[tuple[Pack, PlannedLength]], bells: BellChoice = "all") -> list[bytes | memoryview]:
    """One MP3 of sessions in a row, in pieces, of exactly the sum of their lengths; each begins at most a frame early.

    All packs have frames of one form.
    """
    placed: list[PlacedRun] = []
    frames = 0
    for pack, plan in chosen:
        placed += [PlacedRun(frames // FRAME + each.first, each.run) for each in pack.placed(plan, bells)]
        frames += plan.frames
    pack = chosen[0][0]
    return joined_frames(placed, pack.silent, pack.form, frames)


def share(total_min: int, offered: Sequence[tuple[Sequence[int], float]]) -> tuple[int, ...]:
    """Whole minutes for each of some sessions that add up to ``total_min``, or as near to it as they can.

    ``offered`` are the minutes that each can have, and the author's own length in minutes. Each is stretched as
    much as the others: the squares of the differences of the logarithms are least. Of two sums as near, the shorter;
    of two choices as good, the one with more for the later session, as in ``compose.js``.
    """
    scale = total_min / sum(ideal for _, ideal in offered)
    shortest = sum(min(minutes) for minutes, _ in offered)
    longest = max(2 * total_min - shortest, shortest)  # what is longer is further away than the shortest
    least = np.full(longest + 1, np.inf)
    least[0] = 0
    chosen: list[NDArray[np.int64]] = []
    for minutes, ideal in offered:
        found, taken = np.full(longest + 1, np.inf), np.zeros(longest + 1, np.int64)
        for each in sorted({each for each in minutes if each <= longest}, reverse=True):
            costs = least[: longest + 1 - each] + log(each / (ideal * scale)) ** 2
            better = costs < found[each:] - _SAME_COST
            found[each:][better] = costs[better]
            taken[each:][better] = each
        least = found
        chosen.append(taken)
    left = min(np.flatnonzero(np.isfinite(least)).tolist(), key=lambda sum_min: (abs(sum_min - total_min), sum_min))
    shares: list[int] = []
    for taken in reversed(chosen):
        shares.insert(0, int(taken[left]))
        left -= shares[0]
    return tuple(shares)


@cache
def _index_reader() -> TypeAdapter[PackIndex]:
    return TypeAdapter(PackIndex)


@cache
def _plans_reader() -> TypeAdapter[Plans]:
    return TypeAdapter(Plans)


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _damaged(name: str) -> AssetError:
    return _refused(name, "it is damaged, or not all of it is there", "copy it again, or build the course again")


def _refused(name: str, why: str, hint: str) -> AssetError:
    return AssetError(f"{name} can't be used: {why}", hint)
