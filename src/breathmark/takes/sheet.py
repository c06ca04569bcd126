"""The recording sheet: every sentence of a script, numbered, to print or to read from a screen."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from breathmark.base.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_STYLE = """
body { font: 15pt/1.5 Georgia, "DejaVu Serif", serif; margin: 2em auto; max-width: 46em; padding: 0 1em; color: #111; }
h1 { font-size: 1.4em; margin: 0; } h2 { font-size: 1em; margin: 2em 0 .5em; break-after: avoid; }
p.about, .small { font: 9pt/1.4 Verdana, "DejaVu Sans", sans-serif; color: #444; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 2.5em 1fr; padding: .6em 0; border-top: 1px solid #bbb;
  break-inside: avoid; }
li > b { font: bold 11pt/2 Verdana, "DejaVu Sans", sans-serif; }
li p { margin: 0; } p.note { font-style: italic; color: #333; } li.done p.say { color: #555; }
@media print { body { margin: 0; max-width: none; } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One sentence to record."""

    number: int
    text: str
    id: str
    segment: str
    """The title of the segment that it belongs to; may be empty."""
    place: str
    """The script's file and line."""
    when: str
    """With which values it is spoken; empty where it is with the defaults."""
    before: str
    """The sentence before it in the session; empty at the beginning."""
    after: str
    notes: tuple[str, ...]
    """What the author wrote for the reader: how to say it."""
    recorded: bool


def sheet_html(title: str, language: str, lines: Sequence[SheetLine]) -> str:
    """The sheet as a page that needs nothing beside it."""
    return "".join(f"{line}\n" for line in _page(title, language, lines))


def _page(title: str, language: str, lines: Sequence[SheetLine]) -> Iterator[str]:
    yield f'<!doctype html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">'
    yield f"<title>{escape(title)}: recording sheet</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{escape(title)}</h1>"
    count = counted(len(lines), "sentence")
    yield (
        f'<p class="about">{count}. Read them in this order, and rest two seconds after each.'
        " After a slip, rest and read the whole sentence again: the later reading counts. Do not read the"
        " numbers aloud.</p>"
    )
    for segment, group in groupby(lines, key=lambda line: line.segment):
        yield f"<h2>{escape(segment)}</h2>\n<ol>" if segment else "<ol>"
        for line in group:
            yield from _line(line)
        yield "</ol>"
    yield "</body>\n</html>"


def _line(line: SheetLine) -> Iterator[str]:
    done = ' class="done"' if line.recorded else ""
    yield f'<li{done} id="s{line.id}"><b>{line.number}</b><div>'
    if line.when:
        yield f'<p class="small">with {escape(line.when)}, after: {escape(line.before) or "the beginning"}</p>'
    for note in line.notes:
        yield f'<p class="note">{escape(note)}</p>'
    yield f'<p class="say">{escape(line.text)}</p>'
    details = [line.id, line.place, "recorded" if line.recorded else ""]
    yield f'<p class="small">{escape(" · ".join(filter(None, details)))}</p></div></li>'
