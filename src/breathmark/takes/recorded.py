"""The teacher's own recordings: the folder of takes, the sheet to read from, and the narrator ``recorded``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Final

from breathmark.base.errors import VoiceError
from breathmark.base.files import file_sha256
from breathmark.base.inputs import note_read
from breathmark.base.wording import counted
from breathmark.model import Clip
from breathmark.speech.contract import RECORD_HINT, SpeechRequest, Voice, check_settings, check_words, sentence_id
from breathmark.takes.quality import CLEANING, clean, judge

FOLDER_HINT: Final = "name the folder in breathmark.yaml: `narrators: {recorded: {folder: takes}}`"
_ID: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{10}(?![0-9a-z])")
_BEST: Final = re.compile(r"\.best(\.|$)", re.IGNORECASE)
_NO_SOUND: Final = frozenset({".txt", ".md", ".html", ".pdf", ".json", ".yaml", ".csv", ".part", ".tmp"})
_SLUG_WORDS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording of one sentence."""

    path: Path
    sentence: str
    """The sentence's id."""
    best: bool
    """Marked by its name: ``….best.wav``."""
    changed_ns: int
    """When the file was last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFolder:
    """The contents of a folder of takes."""

    path: Path
    chosen: Mapping[str, Take]
    """By the sentence's id, the take that counts: the newest one, but the newest of those marked as best."""
    takes: tuple[Take, ...]
    """All of them, by name."""
    strangers: tuple[Path, ...]
    """Files whose names hold no id, by name."""

    def stale(self, wanted: Iterable[str]) -> tuple[Take, ...]:
        """The takes of sentences that are not among the ids ``wanted``."""
        known = frozenset(wanted)
        return tuple(take for take in self.takes if take.sentence not in known)


def take_name(number: int, text: str, *, reading: int = 1, private: bool = False) -> str:
    """A take's file name without its suffix: ``012-3f9a0c41be-let-your-weight-settle``.

    The number is for people; only the id identifies the sentence. The name of a private sentence's take has no words.
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = [] if private else re.findall("[a-z0-9]+", folded.replace("'", ""))[:_SLUG_WORDS]
    again = [f"take{reading}"] if reading > 1 else []
    return "-".join([f"{number:03d}", sentence_id(text), *words, *again])


def read_folder(path: Path) -> TakeFolder:
    """The takes in the folder itself; subfolders are left alone. A missing folder is empty.

    Raises:
        VoiceError: it can't be read.
    """
    takes: list[Take] = []
    strangers: list[Path] = []
    try:
        files = sorted((file for file in path.iterdir() if _may_be_sound(file)), key=_by_name) if path.is_dir() else []
        for file in files:
            found = _ID.search(file.stem.lower())
            if found:
                best, changed_ns = bool(_BEST.search(file.stem)), file.stat().st_mtime_ns
                takes.append(Take(path=file, sentence=found[0], best=best, changed_ns=changed_ns))
            else:
                strangers.append(file)
    except OSError as exc:
        raise VoiceError(f"the folder of takes {path} can't be read: {exc.strerror or exc}", FOLDER_HINT) from exc
    chosen: dict[str, Take] = {}
    for take in sorted(takes, key=lambda one: (one.best, one.changed_ns)):
        chosen[take.sentence] = take
    return TakeFolder(path=path, chosen=chosen, takes=tuple(takes), strangers=tuple(strangers))


def _may_be_sound(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.suffix.lower() not in _NO_SOUND


def _by_name(file: Path) -> list[tuple[int, str]]:
    """Numbers in a name count as numbers: ``take10`` comes after ``take9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split("([0-9]+)", file.name.lower())]


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


VOICE: Final = "recorded:takes"


class RecordedNarrator:
    """Speaks a sentence by its take. A person has one pace: ``speed`` changes nothing."""

    real_time_factor: ClassVar[float] = 0.03

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("recorded", settings, ("folder",))
        self._folder = settings.get("folder", "")
        self._read: TakeFolder | None = None

    @classmethod
    def missing(cls) -> str:
        """Always empty: the narrator is always available, only takes may be missing."""
        return ""

    def voices(self) -> tuple[Voice, ...]:
        """One voice, of any language."""
        count = len(read_folder(Path(self._folder)).chosen) if self._folder else 0
        description = (
            f"your own recordings: {counted(count, 'sentence')} in {self._folder}" if self._folder else FOLDER_HINT
        )
        return (Voice(name=VOICE, language="", description=description, display="Recorded voice"),)

    def fingerprint(self, voice: str) -> str:
        """Only how takes are made ready: each sentence has a fingerprint of its own."""
        return f"{voice} {CLEANING}"

    def lacking(self, requests: Iterable[SpeechRequest]) -> tuple[SpeechRequest, ...]:
        """The requests that have no take."""
        return tuple(request for request in requests if sentence_id(request.text) not in self._takes.chosen)

    def fingerprint_of(self, request: SpeechRequest) -> str:
        """The content of the take that speaks it.

        Raises:
            VoiceError: no take exists, or it can't be read.
        """
        path = self._take(request).path
        try:
            return f"{self.fingerprint(request.voice)} {file_sha256(path)}"
        except OSError as exc:
            raise VoiceError(f"the take {path} can't be read: {exc.strerror or exc}", "check the file") from exc

    def remarks(self, request: SpeechRequest) -> tuple[str, ...]:
        """The faults of the take that speaks it, with figures.

        Raises:
            VoiceError: it can't be played.
        """
        path = self._take(request).path
        return tuple(f"{path.name} {fault}" for fault in judge(path).faults)

    def speak(self, request: SpeechRequest) -> Clip:
        """The take of ``request.text``, made ready.

        Raises:
            VoiceError: no take exists, it can't be played, or nobody speaks in it.
        """
        if request.voice != VOICE:
            raise VoiceError(f"there is no voice `{request.voice}`", f"it is {VOICE}")
        check_words(request)
        return Clip(audio=clean(self._take(request).path))

    def _take(self, request: SpeechRequest) -> Take:
        found = self._takes.chosen.get(sentence_id(request.text))
        if found is None:
            raise VoiceError("no take of it was recorded", RECORD_HINT)
        note_read(found.path)
        return found

    @property
    def _takes(self) -> TakeFolder:
        """The folder, read once: a take that comes while a session is made counts for the next."""
        if not self._folder:
            raise VoiceError("the narrator recorded does not know where the takes are", FOLDER_HINT)
        if self._read is None:
            self._read = read_folder(Path(self._folder))
        return self._read
