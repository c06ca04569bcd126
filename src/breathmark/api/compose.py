"""``compose``: one finished MP3 of any planned length from packs, in milliseconds, without a voice and an encoder."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from math import ceil, floor, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import AssetError, LengthError, RequestError, near_miss
from breathmark.base.files import read_regular
from breathmark.base.inputs import check_inputs_stay
from breathmark.base.times import minutes as clock
from breathmark.base.writing import Staging, delivery_errors
from breathmark.formats.mp3 import Mp3
from breathmark.formats.pack import PACK_SUFFIX, PLANS_SUFFIX, composed, read_pack, read_plans, share
from breathmark.formats.tags import Tags
from breathmark.script.ranges import MAX_DURATION_S, parse_duration
from breathmark.timeline.chapters import Chapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from breathmark.formats.pack import BellChoice, Pack, PlannedLength, Plans


_MOST_BYTES: Final = 512 << 20
"""Of a pack."""
_MOST_PLANS_BYTES: Final = 64 << 20
"""Of its plans: those of a session of 24 hours have less than a third of that."""
_LENGTH_FORMS: Final = "write 43m, 7:30 or 90s"
_BELLS: Final = ("all", "end", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A file that was put together."""

    path: Path
    rate_hz: int
    frames: int
    """Of the decoded file."""
    lengths_s: tuple[float, ...]
    """Of each session in it."""

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.frames / self.rate_hz


def compose(
    packs: Path | str | Sequence[Path | str],
    output: Path | str,
    *,
    length: str | float | None = None,
    bells: BellChoice = "all",
) -> Composed:
    """Put a session of a pack together as an MP3 of exactly the length asked for, or several in a row.

    Args:
        packs: One ``.pack`` file or several, each with its ``.plans.json`` beside it.
        output: The file.
        length: Of the whole, in seconds or as text such as ``43m``; the author's own where it is left out. Several
            sessions share it by how long their authors wanted them, in whole minutes.
        bells: Which are struck; ``end`` is each session's last alone.

    Raises:
        RequestError: the output is not an ``.mp3``, or would be written over a pack.
        LengthError: the length is none of those that are planned, or the whole is too much for one file.
        AssetError: a pack or its plans are missing, damaged, or don't belong together.
        DeliveryError: the file can't be written.
    """
    sources = [Path(each) for each in ([packs] if isinstance(packs, (str, Path)) else packs)]
    path = Path(output)
    _check(sources, path, bells)
    found = [_read(source) for source in sources]
    _check_forms(sources, [pack for pack, _ in found])
    chosen = [(pack, plan) for (pack, _), plan in zip(found, _chosen(found, _seconds(length)), strict=True)]
    frames = sum(plan.frames for _, plan in chosen)
    rate_hz = found[0][0].index.rate_hz
    _check_size(frames / rate_hz, sum(len(plan.chapters) for _, plan in chosen))
    with Staging(path.parent) as staging:
        part = staging.add(path.name)
        Mp3().tag(part, _tags(found, chosen, rate_hz))  # first, so that nothing has to be moved behind them
        with delivery_errors(path), part.open("ab") as file:
            file.writelines(composed(chosen, bells))
        staging.publish()
    return Composed(path=path, rate_hz=rate_hz, frames=frames, lengths_s=tuple(plan.length_s for _, plan in chosen))


def _check(sources: Sequence[Path], path: Path, bells: str) -> None:
    if not sources:
        raise RequestError("there is no pack to compose from", f"name one, such as site/packs/01-arriving{PACK_SUFFIX}")
    if path.suffix.lower() != ".mp3":
        raise RequestError(f"the output file {path.name or str(path)!r} should end in .mp3", f"name it {path.stem}.mp3")
    if bells not in _BELLS:
        meant = near_miss(bells, _BELLS)
        raise RequestError(f"bells can't be {bells!r}", f"did you mean {meant}?" if meant else "write all, end or none")
    check_inputs_stay((path,), [file for source in sources for file in (source, _plans_of(source))])


def _check_forms(sources: Sequence[Path], packs: Sequence[Pack]) -> None:
    for source, pack in zip(sources, packs, strict=True):
        if pack.form != packs[0].form:
            message = f"{source} can't be put behind {sources[0]}: its frames are of another bit rate or rate"
            raise AssetError(message, "build both courses again, or compose it by itself")


def _check_size(duration_s: float, chapters: int) -> None:
    """What a file's own tags can count."""
    if duration_s > MAX_DURATION_S:
        raise LengthError("these sessions are longer than 24 hours together", "compose fewer in a row")
    if chapters > Mp3.most_chapters:
        message = f"these are {chapters} chapters, and an MP3 has room for {Mp3.most_chapters}"
        raise LengthError(message, "compose fewer in a row, or build the course again")


def _plans_of(pack: Path) -> Path:
    return pack.with_name(pack.name.removesuffix(PACK_SUFFIX) + PLANS_SUFFIX)


def _read(source: Path) -> tuple[Pack, Plans]:
    pack = read_pack(_bytes(source, _MOST_BYTES, "name a .pack file of a course's site"), str(source))
    plans = _plans_of(source)
    return pack, read_plans(_bytes(plans, _MOST_PLANS_BYTES, "copy it beside the pack"), pack, str(plans))


def _bytes(file: Path, most: int, hint: str) -> bytes:
    try:
        return read_regular(file, most)
    except OSError as error:
        raise AssetError(f"{file} can't be read: {error.strerror or error}", hint) from error


def _seconds(length: str | float | None) -> float | None:
    if length is None:
        return None
    try:
        length_s = parse_duration(length) if isinstance(length, str) else length
    except ValueError as error:
        raise RequestError(f"the length {length!r} can't be read: {error}", _LENGTH_FORMS) from error
    if not isfinite(length_s) or length_s <= 0:
        raise RequestError(f"a session of the length {length!r} can't be made", _LENGTH_FORMS)
    return length_s


def _chosen(found: Sequence[tuple[Pack, Plans]], total_s: float | None) -> list[PlannedLength]:
    """The length of each session."""
    if total_s is None:
        return [min(plans.lengths, key=lambda each: abs(each.length_s - plans.ideal_s)) for _, plans in found]
    if len(found) == 1:
        return [_planned(found[0], total_s)]
    offered = [(_whole_minutes(plans), plans.ideal_s / 60) for _, plans in found]
    for (pack, _), (choice, _) in zip(found, offered, strict=True):
        if not choice:
            raise LengthError(f"{pack.index.title} has no length of whole minutes", "compose it by itself")
    shares = share(max(round(total_s / 60), 1), offered)
    if sum(shares) * 60 != total_s:
        hint = f"the nearest length is --length {sum(shares)}m"
        raise LengthError(f"{clock(round(total_s))} can't be shared by these sessions in whole minutes", hint)
    return [_planned(each, 60.0 * share_min) for each, share_min in zip(found, shares, strict=True)]


def _whole_minutes(plans: Plans) -> list[int]:
    return [round(plan.length_s / 60) for plan in plans.lengths if not plan.length_s % 60]


def _planned(found: tuple[Pack, Plans], length_s: float) -> PlannedLength:
    pack, plans = found
    for plan in plans.lengths:
        if abs(plan.length_s - length_s) < 0.5 / plans.rate_hz:
            return plan
    nearest = min(plans.lengths, key=lambda each: abs(each.length_s - length_s))
    spans = ", or ".join(f"{clock(ceil(low))} to {clock(floor(high))}" for low, high in plans.possible)
    raise LengthError(
        f"{clock(round(length_s))} is not planned for {pack.index.title}: it has the whole minutes of {spans}",
        f"the nearest length is --length {f'{nearest.length_s:.5f}'.rstrip('0').rstrip('.')}s",
    )


def _tags(found: Sequence[tuple[Pack, Plans]], chosen: Sequence[tuple[Pack, PlannedLength]], rate_hz: int) -> Tags:
    titles = dict.fromkeys(pack.index.title for pack, _ in chosen)
    return Tags(
        title=", ".join(titles),
        language=chosen[0][0].index.language,
        encoder=f"Breathmark {version('breathmark')}",
        chapters=tuple(_chapters([(plans, plan) for (_, plans), (_, plan) in zip(found, chosen, strict=True)])),
        rate_hz=rate_hz,
    )


def _chapters(chosen: Sequence[tuple[Plans, PlannedLength]]) -> Iterator[Chapter]:
    begin = 0
    for plans, plan in chosen:
        marks = [*plan.chapters, (plan.frames, 0)]
        for (start, title), (end, _) in pairwise(marks):
            yield Chapter(start_frame=begin + start, end_frame=begin + end, title=plans.titles[title])
        begin += plan.frames
