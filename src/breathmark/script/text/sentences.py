"""Sentence splitting: from a filled-in text to sentences, the markers between them, the breaks of paragraphs.

A value is one word here, whatever it holds, so that no value changes how many sentences there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from sentencex import get_sentence_boundaries

from breathmark.model import Place, Sounds
from breathmark.script.text.markers import SaidWord
from breathmark.script.text.sentinels import (
    BLANK,
    NOTE,
    PRIVATE_END,
    PRIVATE_START,
    VALUE_END,
    VALUE_START,
    Origin,
    PlacedMarker,
    Sentinels,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenText:
    """Something to be spoken in one go."""

    text: str
    place: Place
    private: bool
    """True where it holds a secret value, or depends on one."""
    sounds: tuple[Sounds, ...] = ()
    """Words of it whose sounds are given by markers."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A blank line."""


Piece: TypeAlias = SpokenText | PlacedMarker | Paragraph

_OPENING = frozenset("“„«‹「『¿¡‘‚")  # noqa: RUF001 (the quotation marks of several languages)
_STRAIGHT = frozenset("\"'")
_CLOSING = frozenset(")]}”’»›」』\"'")  # noqa: RUF001 (the quotation marks of several languages)
_STAND_IN = "Xenon"
"""What the splitter sees for a value: a name that is not an abbreviation in any language."""
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_SPACE = re.compile(r"\s+")
_STRAY_STOP = re.compile(r"\s*[.,;:!?](?![.\w])\s*")
_EMPTY = re.compile(f"[{BLANK}{NOTE}]")
_STOP = ".!?…:。！？"  # noqa: RUF001 (the full stops of several scripts)
_PUNCTUATION = f",;){_STOP}"
_WEAK = ",;:"
"""Of two marks around a blank value, one of these is dropped."""


@dataclass(slots=True)
class _TextRun:
    """A stretch of text between two markers, without its sentinels."""

    letters: list[str] = field(default_factory=list)
    origins: list[tuple[int, Origin]] = field(default_factory=list)
    """Where in the run each place begins."""
    values: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each value."""
    private: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of what depends on a secret; it can be empty."""
    said: list[Sounds] = field(default_factory=list)
    """The words whose sounds are given, by their place in the run."""
    size: int = 0
    after_marker: bool = False

    def add(self, text: str) -> None:
        self.letters.append(text)
        self.size += len(text)

    def say(self, word: SaidWord) -> None:
        self.said.append(Sounds(start=self.size, end=self.size + len(word.written), ipa=word.ipa))
        self.add(word.written)

    def mark_private(self, start: int, *, ends: bool) -> None:
        """Note that what is here since ``start`` is private, if that ends here."""
        if ends:
            self.private.append((start, self.size))

    def place(self, index: int) -> Place:
        start, origin = self.origins[max(bisect_right(self.origins, index, key=lambda entry: entry[0]) - 1, 0)]
        return origin.place(max(index - start, 0))

    def value_at(self, index: int) -> int | None:
        """Which value the letter belongs to."""
        found = bisect_right(self.values, index, key=lambda span: span[0]) - 1
        return found if found >= 0 and index < self.values[found][1] else None

    def depends_on_secret(self, first: int, last: int) -> bool:
        """Whether private text touches the letters from ``first`` to ``last``."""
        return any(
            (start <= last and end > first) if start < end else first < start <= last for start, end in self.private
        )


def cut(text: str, sentinels: Sentinels, *, language: str) -> Iterator[Piece]:
    """The pieces of a text, in order; fragments without a letter or a digit are left out."""
    for piece in _runs(text, sentinels):
        if isinstance(piece, PlacedMarker):
            yield piece
        else:
            yield from _paragraphs(piece, language)


def _runs(text: str, sentinels: Sentinels) -> Iterator[_TextRun | PlacedMarker]:
    run, depth, value_start, private_start = _TextRun(), 0, 0, 0
    for meaning in sentinels.meanings(text):
        if isinstance(meaning, Origin):
            run.origins.append((run.size, meaning))
        elif isinstance(meaning, PlacedMarker) and isinstance(meaning.marker, SaidWord):
            run.say(meaning.marker)
        elif isinstance(meaning, PlacedMarker):
            run.mark_private(private_start, ends=depth > 0)
            yield run
            yield meaning
            run, private_start = _TextRun(origins=run.origins[-1:] and [(0, run.origins[-1][1])], after_marker=True), 0
        elif meaning == VALUE_START:
            value_start = run.size
        elif meaning == VALUE_END:
            run.values.append((value_start, run.size))
        elif meaning == PRIVATE_START:
            private_start = private_start if depth else run.size
            depth += 1
        elif meaning == PRIVATE_END:
            depth -= 1
            run.mark_private(private_start, ends=depth == 0)
        else:
            run.add(meaning)
    yield run


class _Traced:
    """Text that is being tidied; each letter knows where in its run it came from."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: list[int]) -> None:
        self.text = text
        self.at = at

    def __getitem__(self, part: slice) -> _Traced:
        return _Traced(self.text[part], self.at[part])

    def __add__(self, other: _Traced) -> _Traced:
        return _Traced(self.text + other.text, self.at + other.at)

    def stripped(self) -> _Traced:
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(len(self.text.rstrip()), start)]

    def spaced(self) -> _Traced:
        """White space of any kind becomes single spaces."""
        pieces, at, position = [], [], 0
        for match in _SPACE.finditer(self.text):
            pieces += [self.text[position : match.start()], " "]
            at += [*self.at[position : match.start()], self.at[match.start()]]
            position = match.end()
        return _Traced("".join([*pieces, self.text[position:]]), at + self.at[position:])

    def capitalized(self) -> _Traced:
        first = self.text[:1].upper()
        return _Traced(first + self.text[1:], self.at) if len(first) == 1 else self


def _paragraphs(run: _TextRun, language: str) -> Iterator[SpokenText | Paragraph]:
    text = "".join(run.letters)
    whole = _Traced(text, list(range(len(text))))
    position, first = 0, run.after_marker
    for match in [*_BLANK_LINE.finditer(text), None]:
        end = match.start() if match else len(text)
        yield from _sentences(whole[position:end], run, language, after_marker=first)
        if match:
            yield Paragraph()
            position, first = match.end(), False


def _sentences(paragraph: _Traced, run: _TextRun, language: str, *, after_marker: bool) -> Iterator[SpokenText]:
    for index, chunk in enumerate(_chunks(paragraph, run)):
        tidy = _closed_up(chunk).spaced().stripped()
        if after_marker and index == 0:
            stray = _STRAY_STOP.match(tidy.text)
            tidy = tidy[stray.end() :] if stray else tidy
        for sentence in _split(tidy, run, language):
            if any(letter.isalnum() for letter in sentence.text):
                first, last = sentence.at[0], sentence.at[-1]
                private = run.depends_on_secret(first, last)
                sounds = _sounds(sentence, run)
                yield SpokenText(text=sentence.text, place=run.place(first), private=private, sounds=sounds)


def _sounds(sentence: _Traced, run: _TextRun) -> tuple[Sounds, ...]:
    """The given sounds of a sentence, by their place in it."""
    spans = ((bisect_left(sentence.at, each.start), bisect_left(sentence.at, each.end), each) for each in run.said)
    return tuple(Sounds(start=start, end=end, ipa=each.ipa) for start, end, each in spans if start < end)


def _chunks(paragraph: _Traced, run: _TextRun) -> Iterator[_Traced]:
    """Lines, put together where a line break is only a wrap."""
    chunk: _Traced | None = None
    position = 0
    for line in paragraph.text.split("\n"):
        here = paragraph[position : position + len(line)]
        position += len(line) + 1
        stripped = here.stripped()
        if not stripped.text:
            continue
        if chunk is not None and _begins_sentence(stripped, run):
            yield chunk
            chunk = stripped
        else:
            chunk = stripped if chunk is None else chunk + _Traced(" ", [chunk.at[-1]]) + stripped
    if chunk is not None:
        yield chunk


def _begins_sentence(line: _Traced, run: _TextRun) -> bool:
    """A capital or an opening quotation mark begins a sentence; a value does not, whatever it holds."""
    line = line[len(line.text) - len(line.text.lstrip(f" {NOTE}")) :]
    first = line.text[:1]
    if first in {"", BLANK} or run.value_at(line.at[0]) is not None:
        return False
    if first in _STRAIGHT:
        return line.text[1:2].isalnum()
    if first == "(":
        return line.text[1:2].isupper()
    return first in _OPENING or first.isupper() or first.istitle()


def _closed_up(chunk: _Traced) -> _Traced:
    """Without blank values and notes, and without the spaces and marks that they leave (``Welcome , .``)."""
    while match := _EMPTY.search(chunk.text):
        left, right = chunk[: match.start()], chunk[match.end() :]
        ahead = right.text.lstrip(f" \t\n{BLANK}{NOTE}")
        if ahead[:1] and ahead[0] in _PUNCTUATION:
            chunk = _joined(left, right[len(right.text) - len(ahead) :])
        else:
            chunk = left + right
    return chunk


def _joined(left: _Traced, right: _Traced) -> _Traced:
    """The two sides of a blank value, of which the right one begins with a mark."""
    left = left[: len(left.text.rstrip())]
    if not left.text or left.text[-1] in _STOP:
        right = right[1:].stripped() if right.text[0] in _WEAK else right
        return (left + _Traced(" ", [left.at[-1]]) if left.text else left) + right.capitalized()
    if left.text[-1] in _WEAK:
        left = left[: len(left.text[:-1].rstrip())]
    return left + right


def _split(chunk: _Traced, run: _TextRun, language: str) -> Iterator[_Traced]:
    """Sentences by the rules of the language."""
    if not chunk.text:
        return
    masked, back = _masked(chunk, run)
    starts = [back[bound["start_index"]] for bound in get_sentence_boundaries(language, masked)]
    starts = sorted({0, *(_behind_closers(chunk, start, run) for start in starts)})
    for start, end in zip(starts, [*starts[1:], len(chunk.text)], strict=True):
        sentence = chunk[start:end].stripped()
        if sentence.text:
            yield sentence


def _behind_closers(chunk: _Traced, start: int, run: _TextRun) -> int:
    """A closing bracket or quotation mark belongs to the sentence before it."""
    text = chunk.text
    while 0 < start < len(text) and text[start] in _CLOSING and not text[start - 1].isspace():
        if run.value_at(chunk.at[start]) is not None:
            break
        start += 1
    return start


def _masked(chunk: _Traced, run: _TextRun) -> tuple[str, list[int]]:
    """The chunk with a placeholder for each value, and for each of its letters the index in the chunk."""
    letters: list[str] = []
    back: list[int] = []
    current: int | None = None
    for index, letter in enumerate(chunk.text):
        value = run.value_at(chunk.at[index]) if run.values else None
        if value is None:
            letters.append(letter)
            back.append(index)
        elif value != current:
            letters += _STAND_IN
            back += [index] * len(_STAND_IN)
        current = value
    return "".join(letters), [*back, len(chunk.text)]
