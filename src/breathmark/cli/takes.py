"""``breathmark takes``, and its output as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from breathmark.base.errors import VoiceError
from breathmark.base.times import tenths
from breathmark.base.wording import counted
from breathmark.cli.options import FILE, gather, json_option
from breathmark.cli.terminal import say, say_json, table

if TYPE_CHECKING:
    from breathmark.api.recordings import Line, SplitReport, TakeListing
    from breathmark.takes.splitting import Cut


_set = click.option("--set", "set_values", multiple=True, metavar="NAME=VALUE", help="A variable of the script.")
_missing = click.option("--missing", is_flag=True, help="Only what is not recorded yet.")
_folder = click.option(
    "-o", "--output", type=FILE, metavar="FOLDER", help="Where takes are. Default: the project's folder."
)
_cache = click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences and measurements are kept.")


@click.group()
def takes() -> None:
    """Your own recordings: a sheet to read from, and what is recorded."""


@takes.command("list", short_help="List every sentence, and what is recorded of it.")
@click.argument("script", type=FILE)
@click.option("--html", type=FILE, metavar="FILE", help="Write a sheet to print or to read from.")
@_folder
@_missing
@_set
@_cache
@json_option
def list_(
    script: Path,
    *,
    html: Path | None,
    output: Path | None,
    missing: bool,
    set_values: tuple[str, ...],
    cache: Path | None,
    as_json: bool,
) -> None:
    """List every sentence that SCRIPT can need, at any length and with any choice, and what is recorded of it."""
    from breathmark.api.recordings import list_takes, write_sheet

    listing = list_takes(script, gather(set_values=set_values, cache=cache), output)
    if html is not None:
        write_sheet(listing, html, only_missing=missing)
    if as_json:
        say_json(_listing_data(listing))
    else:
        say(_listing_text(listing, only_missing=missing))
        if html is not None:
            say(f"Wrote {html}.")


@takes.command("split", short_help="Cut one long recording into takes.")
@click.argument("recording", type=FILE)
@click.argument("script", type=FILE)
@_folder
@_missing
@_set
@_cache
@json_option
def split(
    recording: Path,
    script: Path,
    *,
    output: Path | None,
    missing: bool,
    set_values: tuple[str, ...],
    cache: Path | None,
    as_json: bool,
) -> None:
    """Cut RECORDING, the sheet of SCRIPT read in its order, into takes; what is unsure is reported and set aside."""
    from breathmark.api.recordings import split_takes

    report = split_takes(recording, script, gather(set_values=set_values, cache=cache), output, only_missing=missing)
    if as_json:
        say_json(_split_data(report))
    else:
        say(_split_text(report))
    _check_found(report, recording)


_NAMED = 2
"""So many skipped sentences in a row are named each."""


def _listing_text(listing: TakeListing, *, only_missing: bool) -> str:
    """A line for each sentence, then what needs attention."""
    lines = listing.missing if only_missing else listing.lines
    return "\n".join((*_sentences(lines), *_attention(listing)))


def _sentences(lines: tuple[Line, ...]) -> Iterator[str]:
    for segment, group in groupby(lines, key=lambda line: line.sheet.segment):
        yield f"{segment}:" if segment else ""
        yield table([_cells(line) for line in group])


def _cells(line: Line) -> tuple[str, ...]:
    mark = "missing " if line.take is None else "recorded"
    when = f"  (with {line.sheet.when})" if line.sheet.when else ""
    return f"{line.sheet.number:>3}", line.sheet.id, mark, f"{line.sheet.text}{when}"


def _attention(listing: TakeListing) -> Iterator[str]:
    recorded = len(listing.lines) - len(listing.missing)
    yield ""
    yield f"{recorded} of {counted(len(listing.lines), 'sentence')} recorded in {listing.folder}"
    rooms = [line.quality.room_lufs for line in listing.lines if line.quality and line.quality.room_lufs is not None]
    if rooms:
        yield f"the room is at {sorted(rooms)[len(rooms) // 2]:.0f} LUFS (the median of {counted(len(rooms), 'take')})"
    for line in listing.lines:
        yield from (f"{line.take.name} {fault}" for fault in line.faults if line.take)
    for path in listing.stale:
        yield f"stale: {path.name} is a take of a sentence that is not in this script"
    for path in listing.strangers:
        yield f"not used: {path.name} has no sentence's id in its name"
    if listing.with_values:
        advice = "with a listener's own words: list them with --set, or let a voice stand in"
        yield f"{counted(listing.with_values, 'sentence')} {advice}"
    if listing.elsewhere:
        yield f"{counted(listing.elsewhere, 'sentence')} given to another voice by the script"


def _listing_data(listing: TakeListing) -> dict[str, object]:
    """The same for a program."""
    return {
        "title": listing.title,
        "folder": str(listing.folder),
        "sentences": [_line_data(line) for line in listing.lines],
        "stale": [str(path) for path in listing.stale],
        "strangers": [str(path) for path in listing.strangers],
        "with_values": listing.with_values,
        "elsewhere": listing.elsewhere,
    }


def _line_data(line: Line) -> dict[str, object]:
    return {
        **asdict(line.sheet),
        "takes": line.takes,
        "take": str(line.take) if line.take else None,
        "quality": asdict(line.quality) | {"lufs": line.quality.known_lufs} if line.quality else None,
        "faults": list(line.faults),
    }


def _split_text(report: SplitReport) -> str:
    """What was cut, and everything that is not as the sheet has it."""
    return "\n".join(_split_lines(report))


def _check_found(report: SplitReport, recording: Path) -> None:
    """Raise VoiceError where nothing in the recording is a sentence of the sheet for certain."""
    if all(cut.doubts for cut in report.found.cuts):
        message = f"no sentence of the sheet was found for certain in {recording}"
        raise VoiceError(message, "choose the recording in which this very script is read, in the order of the sheet")


def _split_lines(report: SplitReport) -> Iterator[str]:
    cuts = report.found.cuts
    sure = [cut for cut in cuts if not cut.doubts]
    folders = sorted({str(report.files[cut].parent) for cut in sure})
    matched = len({cut.sentence for cut in sure})
    written = f", {counted(len(sure), 'take')} in {', '.join(folders)}" if folders else " for certain"
    yield f"{matched} of {counted(len(report.lines), 'sentence')} found{written}"
    if not report.compared:
        yield "no voice here speaks the language, so that sentences were matched by lengths and silences alone"
    for where, group in groupby(report.found.skipped, key=lambda sentence: _between(report, sentence)):
        yield f"skipped: {_run(report, [*group])}, {where}"
    for cut in cuts:
        if cut.reading > 1:
            yield f"read again: {_named(report, cut.sentence)}, at {tenths(cut.start_s)}; the later reading counts"
    for extra in report.found.extras:
        lasts = f"{extra.end_s - extra.start_s:.1f} s"
        yield f"left out: a sound at {tenths(extra.start_s)} that is not a sentence ({lasts})"
    unsure = [cut for cut in cuts if cut.doubts]
    for cut in unsure:
        yield f"unsure: {_named(report, cut.sentence)}, at {tenths(cut.start_s)}: {'; '.join(cut.doubts)}"
    if unsure:
        yield f"listen to {report.files[unsure[0]].parent}, and move what is right into the folder above it"


def _run(report: SplitReport, sentences: list[int]) -> str:
    """Sentences that are expected at the same place: each of a few, the first and the last of many."""
    if len(sentences) <= _NAMED:
        return ", ".join(_named(report, sentence) for sentence in sentences)
    first, last = _named(report, sentences[0]), _named(report, sentences[-1])
    return f"{counted(len(sentences), 'sentence')}, from {first} to {last}"


def _named(report: SplitReport, sentence: int) -> str:
    line = report.lines[sentence]
    return f"{line.sheet.number} “{line.sheet.text}”"


def _between(report: SplitReport, sentence: int) -> str:
    before = [cut for cut in report.found.cuts if cut.sentence < sentence]
    after = [cut for cut in report.found.cuts if cut.sentence > sentence]
    if before and after:
        return f"expected between {tenths(before[-1].end_s)} and {tenths(after[0].start_s)}"
    return f"expected after {tenths(before[-1].end_s)}" if before else "expected at the beginning"


def _split_data(report: SplitReport) -> dict[str, object]:
    """The same for a program."""
    ids = [line.sheet.id for line in report.lines]
    return {
        "takes": [_cut_data(report, cut) for cut in report.found.cuts],
        "skipped": [ids[sentence] for sentence in report.found.skipped],
        "extras": [{"start_s": each.start_s, "end_s": each.end_s} for each in report.found.extras],
        "compared": report.compared,
    }


def _cut_data(report: SplitReport, cut: Cut) -> dict[str, object]:
    sheet = report.lines[cut.sentence].sheet
    return {
        "number": sheet.number,
        "id": sheet.id,
        "text": sheet.text,
        "reading": cut.reading,
        "start_s": round(cut.start_s, 3),
        "end_s": round(cut.end_s, 3),
        "file": str(report.files[cut]),
        "doubts": list(cut.doubts),
    }
