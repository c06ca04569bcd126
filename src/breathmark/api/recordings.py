"""Recordings for a script: what has to be recorded, what is recorded, and cutting one long recording into takes."""

from __future__ import annotations

import io
import wave
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.api.options import Options
from breathmark.api.render import fill_in
from breathmark.audio.bands import ANALYSIS_HZ
from breathmark.audio.pcm import pydub_samples, read_wav, resample
from breathmark.base.errors import RequestError, VoiceError
from breathmark.base.writing import Staging, write_text
from breathmark.model import Item, Rounds, Say, Script, Segment, Utterance, cues
from breathmark.script.budget import DEADLINE_S, MAX_CHARACTERS, Budget
from breathmark.script.notes import notes, notes_by_sentence
from breathmark.script.parse import parse
from breathmark.script.trials import SAMPLE, combined
from breathmark.script.values import check_values
from breathmark.speech.clips.places import notes_in
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.contract import sentence_id
from breathmark.speech.narrate import narrate
from breathmark.speech.registry import OtherLanguageError
from breathmark.takes.quality import Quality, judge
from breathmark.takes.recorded import SheetLine, TakeFolder, read_folder, sheet_html, take_name
from breathmark.takes.splitting import Cut, Split, cut_out, find_cuts

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples
    from breathmark.script.document import Document


_RENDERINGS: Final = 10
"""Times the budget of a render: every combination of choices is filled in here, and few of them are kept."""
_NARRATOR: Final = "recorded"
_RATES_HZ: Final = range(8_000, 384_001)
_CHANNELS: Final = range(1, 9)
"""Of a recording: what says otherwise would be hours of sound in a second, or none at all."""
_MODEL_VOICE: Final = "pyttsx3"
"""What stretches are compared with: it need not be beautiful, and comes with every install."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of a script, and what is recorded of it."""

    sheet: SheetLine
    utterance: Utterance
    takes: int
    """How many takes of it there are."""
    take: Path | None
    """The one that counts."""
    quality: Quality | None
    """What was measured in it; None also where it can't be played."""

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the take that counts, in figures."""
        if self.quality:
            return self.quality.faults
        return ("can't be played: record it again, or remove it",) if self.take else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeListing:
    """Every sentence that any length and any choice of a script can need."""

    title: str
    language: str
    folder: Path
    lines: tuple[Line, ...]
    """In the order of the script."""
    stale: tuple[Path, ...]
    """Takes of sentences that are not (or no longer) in the script."""
    strangers: tuple[Path, ...]
    """Files without the id of a sentence in their name."""
    with_values: int
    """Sentences with a listener's own words in them, which can't be recorded before these are known."""
    elsewhere: int
    """Sentences that the script gives to another voice."""

    @property
    def missing(self) -> tuple[Line, ...]:
        """What is still to be recorded."""
        return tuple(line for line in self.lines if line.take is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """What one long recording gave."""

    lines: tuple[Line, ...]
    """The sentences that were looked for, by their place in ``found``."""
    found: Split
    files: Mapping[Cut, Path]
    """Where each cut was written."""
    compared: bool
    """False where no voice could speak the language, so that only lengths and silences were compared."""


def list_takes(script: Path | str, options: Options = Options(), folder: Path | None = None) -> TakeListing:
    """List what a script needs and what is recorded of it; ``folder`` is the project's where None.

    Raises: ScriptError, RequestError, VoiceError (the folder can't be read).
    """
    budget = Budget(characters=_RENDERINGS * MAX_CHARACTERS, seconds=_RENDERINGS * DEADLINE_S)
    document = parse(Path(script), budget)
    needed = _Needed(document, options, budget)
    takes = read_folder(folder or _folder(document))
    ids = [sentence_id(each.utterance.caption) for each in needed.sentences]
    counted = Counter(take.sentence for take in takes.takes)
    with notes_in(ClipCache(options.cache).root):
        lines = tuple(_line(number, each, takes, counted) for number, each in enumerate(needed.sentences, start=1))
    return TakeListing(
        title=needed.title,
        language=document.language,
        folder=takes.path,
        lines=lines,
        stale=tuple(take.path for take in takes.stale(ids)),
        strangers=takes.strangers,
        with_values=len(needed.with_values),
        elsewhere=len(needed.elsewhere),
    )


def add_take(listing: TakeListing, sentence: str, wav: bytes) -> Path:
    """Put a recording of one sentence into the folder of takes, as a further take of it; none is written over.

    Args:
        listing: what the script needs.
        sentence: the id of the sentence.
        wav: a WAV file, PCM.

    Raises: RequestError (the script has no such sentence, or it is not a WAV file that can be played), DeliveryError.
    """
    line = next((line for line in listing.lines if line.sheet.id == sentence), None)
    if line is None:
        raise RequestError("this sentence is not in the script any more", "look at the script again")
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            empty = not sound.getnframes()
            usual = sound.getframerate() in _RATES_HZ and sound.getnchannels() in _CHANNELS
    except (wave.Error, EOFError) as exc:
        raise RequestError(f"this recording is not a WAV file: {exc}", "record it again") from exc
    if empty:
        raise RequestError("this recording is empty", "record it again")
    if not usual:
        raise RequestError("this recording can't be played", "record it at 48000 Hz, in one channel")
    path = _free(line, listing.folder, set())
    with Staging(path.parent) as staging:
        part = staging.add(path.name, private=line.utterance.private)
        part.write_bytes(wav)
        try:
            judge(part)
        except VoiceError as exc:
            raise RequestError("this recording can't be played", "record it again") from exc
        staging.publish()
    return path


def write_sheet(listing: TakeListing, path: Path, *, only_missing: bool = False) -> None:
    """Write the sheet to read from. Raises RequestError, DeliveryError."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise RequestError(f"the sheet {path} should end in .html", "such as: --html sheet.html")
    lines = listing.missing if only_missing else listing.lines
    private = any(line.utterance.private for line in lines)
    sheet = sheet_html(listing.title, listing.language, [line.sheet for line in lines])
    write_text(path, sheet, private=private, option="--html")


def split_takes(
    recording: Path,
    script: Path | str,
    options: Options = Options(),
    folder: Path | None = None,
    *,
    only_missing: bool = False,
) -> SplitReport:
    """Cut a recording of the sheet, read in order, into takes in ``folder``; what is unsure goes to ``unsure`` in it.

    No take that is there already is written over.

    Raises: ScriptError, RequestError, AssetError, VoiceError, DeliveryError.
    """
    listing = list_takes(script, options, folder)
    lines = listing.missing if only_missing else listing.lines
    if not lines:
        raise RequestError("there is nothing to record in this script", "see `breathmark takes list`")
    models = _models([line.utterance for line in lines], options)
    found = find_cuts(recording, [line.sheet.text for line in lines], models)
    files = _write(recording, lines, found, listing.folder)
    return SplitReport(lines=lines, found=found, files=files, compared=bool(models))


def _folder(document: Document) -> Path:
    """The project's setting, else ``takes`` in the project."""
    given = document.project.settings.narrators.get(_NARRATOR, {}).get("folder", "")
    return Path(given) if given else document.project.root / "takes"


@dataclass(frozen=True, slots=True, kw_only=True)
class _SheetSentence:
    """A sentence where it first comes."""

    utterance: Utterance
    segment: str
    place: str
    when: str
    before: str
    after: str
    notes: tuple[str, ...]


class _Needed:
    """What any length and any choice of a script can need."""

    def __init__(self, document: Document, options: Options, budget: Budget) -> None:
        self.with_values: set[str] = set()
        self.elsewhere: set[str] = set()
        self.title = ""
        self._notes = tuple(notes(document.segments))
        found: list[_SheetSentence] = []
        given = check_values(document, options.values)
        for values in combined(document, given):
            chosen = replace(options, values={**options.values, **values})
            script = fill_in(document, chosen, budget)
            self.title = self.title or script.title
            texts = [name for name in values if document.variables[name].type in ("text", "list")]
            _merge(found, list(self._sentences(script, values, tried_text=bool(texts))))
        self.sentences = tuple(found)

    def _sentences(self, script: Script, values: Mapping[str, str], *, tried_text: bool) -> Iterator[_SheetSentence]:
        ours = [(title, say) for title, say in _says(script.segments, "") if self._is_ours(say, tried_text=tried_text)]
        captions = ["", *(say.utterance.caption for _, say in ours), ""]
        when = ", ".join(f"{name} = {value or '(blank)'}" for name, value in values.items())
        said = notes_by_sentence(self._notes, (say.place for _, say in ours))
        for (title, say), before, after in zip(ours, captions, captions[2:], strict=False):
            yield _SheetSentence(
                utterance=say.utterance,
                segment=title,
                place=f"{Path(say.place.path).name}:{say.place.line}",
                when=when,
                before=before,
                after=after,
                notes=said.get(say.place, ()),
            )

    def _is_ours(self, say: Say, *, tried_text: bool) -> bool:
        utterance = say.utterance
        if utterance.voice and utterance.voice.partition(":")[0] != _NARRATOR:
            self.elsewhere.add(utterance.caption)
            return False
        if tried_text and (utterance.private or SAMPLE in utterance.caption):
            self.with_values.add(utterance.caption)
            return False
        return True


def _says(items: Sequence[Item], title: str) -> Iterator[tuple[str, Say]]:
    """Every sentence with the title of its segment."""
    for item in items:
        if isinstance(item, Segment):
            yield from _says(item.items, item.title or title)
        elif isinstance(item, Rounds):
            yield from _says(item.items, title)
        else:
            yield from ((title, cue) for cue in cues((item,)) if isinstance(cue, Say))


def _merge(found: list[_SheetSentence], more: Sequence[_SheetSentence]) -> None:
    """Put each sentence that is new behind the one that it follows."""
    places = {each.utterance.caption: at for at, each in enumerate(found)}
    at = 0
    for each in more:
        caption = each.utterance.caption
        if caption in places:
            at = max(at, places[caption] + 1)
            continue
        found.insert(at, each)
        places = {one.utterance.caption: place for place, one in enumerate(found)}
        at += 1


def _line(number: int, sentence: _SheetSentence, takes: TakeFolder, counted: Counter[str]) -> Line:
    caption = sentence.utterance.caption
    own = sentence_id(caption)
    take = takes.chosen.get(own)
    sheet = SheetLine(
        number=number,
        text=caption,
        id=own,
        segment=sentence.segment,
        place=sentence.place,
        when=sentence.when,
        before=sentence.before,
        after=sentence.after,
        notes=sentence.notes,
        recorded=take is not None,
    )
    path = take.path if take else None
    quality = _quality(path) if path else None
    return Line(sheet=sheet, utterance=sentence.utterance, takes=counted[own], take=path, quality=quality)


def _quality(take: Path) -> Quality | None:
    try:
        return judge(take)
    except VoiceError:
        return None


def _models(utterances: Sequence[Utterance], options: Options) -> tuple[Samples, ...]:
    """The sentences by a voice that is always there; empty where it does not have the language.

    Raises:
        VoiceError: it failed, or the cache can't be written: the user would not know why cuts are doubtful.
    """
    plain = [
        replace(utterance, voice=_MODEL_VOICE, speed=1.0, level_db=0.0, pitch_semitones=0.0, take=1)
        for utterance in utterances
    ]
    try:
        clips = narrate(plain, voice=_MODEL_VOICE, cache=ClipCache(options.cache), jobs=options.jobs)
    except OtherLanguageError:
        return ()
    return tuple(
        resample(pydub_samples(read_wav(clips[each].path)), clips[each].rate_hz, ANALYSIS_HZ) for each in plain
    )


def _write(recording: Path, lines: Sequence[Line], found: Split, folder: Path) -> dict[Cut, Path]:
    files: dict[Cut, Path] = {}
    taken: set[Path] = set()
    for cut in found.cuts:
        path = _free(lines[cut.sentence], folder / "unsure" if cut.doubts else folder, taken)
        taken.add(path)
        files[cut] = path
    with ExitStack() as stack:
        stagings = {each: stack.enter_context(Staging(each)) for each in sorted({path.parent for path in taken})}
        cut_out(recording, [(cut, stagings[path.parent].add(path.name)) for cut, path in files.items()])
        for staging in stagings.values():
            staging.publish()
    return files


def _free(line: Line, folder: Path, taken: set[Path]) -> Path:
    """A name that no take has yet."""
    reading = 1
    while True:
        name = take_name(line.sheet.number, line.sheet.text, reading=reading, private=line.utterance.private)
        path = folder / f"{name}.wav"
        if path not in taken and not path.exists():
            return path
        reading += 1
