r"""Pauses that an author wrote, but not as a marker: in other brackets, between marks of emphasis, on a bare line.

Whether something is one is decided by its form alone, so that it can be explained: a bracket that holds nothing but
a pause word, a time, or both, with the little words between them (``(pause)``, ``(10s)``, ``{a pause of 10 seconds}``).
A bracket that says anything else is text: ``(if you like, pause for a moment)``. Where a bracket is a common mark of
prose too, such as a quotation mark or a dash, and on a bare line, there has to be a time in figures.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from breathmark.languages.words import pause_words
from breathmark.script.text.markers import MarkerFault, corrected, is_said, read_pause, tidied

_LONGEST = 60
"""In characters; anything longer is prose."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?")
_ROUND = ((20, 90), (1, 9))
"""Tens, and what may be said behind them."""
_LIST_MARK = re.compile(r"^\d{1,2}[.)]\s+")
_EDGES = " \t\n()（）.,;:!?…*_`~#|/\\=+^%$@&\"'-–—•·>“”„‘’«»‹›"  # noqa: RUF001 (what pages put around a word)


def intended(content: str, rests: Collection[str], *, certain: bool = False) -> str:
    """The marker, without its brackets, that ``content`` was meant to be; empty where it is anything else.

    With ``certain``, only where it holds a figure beside a pause word or an abbreviated unit.
    """
    return _intended(content, frozenset(rests), certain=certain)


@lru_cache(maxsize=4096)
def _intended(content: str, rests: frozenset[str], *, certain: bool) -> str:
    words = _LIST_MARK.sub("", tidied(content).strip(_EDGES))
    if not words or len(words) > _LONGEST or re.search(r"[\[\]{}<]", words):
        return ""
    if is_said(words):
        return words
    words = _respelt(words, rests)
    if certain and not _is_certain(words):
        return ""
    try:
        if read_pause(words, rests):
            return words
    except MarkerFault:
        pass  # it has the form of a pause, or else says something that begins with one
    return _marker(words) if _is_pause(words) or _CLOCK.fullmatch(words) else ""


def _respelt(words: str, rests: frozenset[str]) -> str:
    """Without slips of the keyboard, where what is left is a pause: ``puase``, ``slience 10s``; never ``cause``."""
    near = corrected(words, rests)
    swapped = near == "pause" and sorted(near) == sorted(words)
    return near if swapped or (re.search(r"\d", near) and _is_pause(near)) else words


def _is_certain(words: str) -> bool:
    tokens = set(_TOKEN.findall(words))
    return any(map(str.isnumeric, tokens)) and not tokens.isdisjoint(pause_words().pauses | pause_words().short_units)


def _is_pause(words: str) -> bool:
    tokens, known = [token for token in _TOKEN.findall(words) if not token.isnumeric()], pause_words()
    if not known.known.issuperset(tokens):
        return False
    if len(tokens) < len(_TOKEN.findall(words)):
        return not (known.pauses | known.halts | known.units.keys()).isdisjoint(tokens)
    return not known.pauses.isdisjoint(tokens) and tokens[0] not in known.articles


def _marker(words: str) -> str:
    """With the time that it says, where that can be read."""
    if _CLOCK.fullmatch(words):
        return f"pause {words}"
    times = list(_time().finditer(_in_figures(words)))
    if not times:
        return "pause" if _TOKEN.fullmatch(words) else "pause 5s"
    if len(times) > 1:
        return "pause 3s..5s..12s"
    (time,) = times
    return f"pause {time[1]}{pause_words().units.get(time[2]) or 's'}"


@cache
def _time() -> re.Pattern[str]:
    return re.compile(rf"(\d+(?:\.\d+)?)\s*-?\s*({_either(pause_words().units)})?(?![^\W\d_])")


def _in_figures(words: str) -> str:
    """With figures for the numbers in it: ``twenty-five seconds``; an article is one in front of a unit."""
    numbers = pause_words().numbers
    return _number().sub(lambda found: str(sum(numbers[each] for each in found.groups() if each)), words)


@cache
def _number() -> re.Pattern[str]:
    words = pause_words()
    tens, ones = ([word for word, number in words.numbers.items() if low <= number <= high] for low, high in _ROUND)
    timed = [word for word, letters in words.units.items() if letters]
    plain = [word for word in words.numbers if word not in words.articles]
    one = rf"(?:{_either(words.articles & words.numbers.keys())})(?=\s+(?:{_either(timed)})\b)"
    return re.compile(rf"\b(?:({_either(tens)})[\s-]+({_either(ones)})\b|({_either(plain)})\b|({one}))")


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def intended_tag(content: str, rests: Collection[str]) -> str:
    """The same for what is between ``<`` and ``>``: a pause there may have attributes."""
    words = _TOKEN.findall(tidied(content))
    meant = intended(content, rests)
    return meant or ("pause 5s" if (pause_words().pauses | pause_words().halts).intersection(words[:2]) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A pause that is not a marker."""

    start: int
    end: int
    marker: str
    """What was meant, without its brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One form in which a pause appears in a text."""

    pattern: re.Pattern[str]
    """Its group ``in`` is what has to be a pause."""
    certain: bool = False
    """Prose has it too: see ``intended``."""
    emphasis: bool = False
    """Prose stresses words with it: the name of a rest alone, as in ``a *long* breath``, is not a pause there."""


def _form(pattern: str, *, certain: bool = False, emphasis: bool = False) -> _Form:
    return _Form(pattern=re.compile(pattern, re.MULTILINE), certain=certain, emphasis=emphasis)


_NOT_ALONE, _NOT_GOING_ON = r"(?<!\w)", r"(?!\w)"
_FORMS = (
    _form(r"[(（＜≪](?P<in>[^()（）＜＞≪≫]{1,60})[)）＞≫]"),  # noqa: RUF001 (full-width brackets are meant)
    _form(r"(?P<in>\b[^\W\d_]{1,20}\(\s*\d[^()\n]{0,20})\)"),
    _form(rf"{_NOT_ALONE}(?P<mark>[*_`~|=^+]{{1,3}})(?P<in>[^\n]{{1,60}}?)(?P=mark){_NOT_GOING_ON}", emphasis=True),
    _form(rf"{_NOT_ALONE}(?P<mark>[:/\\%$@#]{{1,2}})(?P<in>\S(?:[^\n]{{0,58}}?\S)?)(?P=mark){_NOT_GOING_ON}"),
    _form(r"(?:^|(?<=[(（\s]))[(（＜<](?P<in>[^\n()（）＜＞<>{}]{1,60})(?=\n|\Z)"),  # noqa: RUF001 (as above)
    _form(
        r"[(（＜<](?P<in>[^\d\n()（）<>]{0,20}\d+(?:[.:]\d+)?\s*-?\s*[^\W\d_]*)"  # noqa: RUF001 (as above)
        r"(?=[^()（）＜＞<>\n]*(?:\n|\Z))",  # noqa: RUF001 (as above)
        certain=True,
    ),
    _form(
        r"(?:^|(?<=[)）>]))[^\n(（<)）>]{0,2000}?"  # noqa: RUF001 (as above)
        r"(?P<all>\b(?P<in>[^\W\d_]{1,20}[ :=-]{0,3}\d{1,6}(?:\.\d{1,3})?[ -]{0,3}[^\W\d_]{0,20}) ?[)）>])",  # noqa: RUF001
        certain=True,
    ),
    _form(
        rf"{_NOT_ALONE}[「『《〈«‹“”„‚‘\"'﴾](?P<in>[^\n]{{1,60}}?)[」』》〉»›«“”’\"'﴿]{_NOT_GOING_ON}",  # noqa: RUF001 (as above)
        certain=True,
    ),
    _form(rf"{_NOT_ALONE}(?P<mark>[-–—]{{1,3}})(?P<in>[^\n]{{1,60}}?)(?P=mark){_NOT_GOING_ON}", certain=True),  # noqa: RUF001
    _form(r"^[ \t>]*(?P<in>[^\n\[\]{}<>()（）]{0,80}?\d[^\n\[\]{}<>()（）]{0,80})$", certain=True),  # noqa: RUF001 (as above)
)
_UNSPEAKABLE_FORMS = (_form(r"\[(?P<in>[^\[\]]{1,60})\]"), _form(r"[{<](?P<in>[^{}<>]{1,60})[}>]"), *_FORMS)


def lookalikes(source: str, start: int, end: int, rests: Collection[str]) -> list[Lookalike]:
    """Every pause in ``source[start:end]`` that is not a marker, by its start; they may overlap."""
    found = [each for form in _FORMS for each in _of_form(form, source, start, end, rests)]
    return sorted(found, key=lambda each: (each.start, -each.end))


def spoken_pause(text: str, rests: Collection[str]) -> str:
    """The pause that a sentence would speak, in brackets of any kind; empty where there is none."""
    found = (each for form in _UNSPEAKABLE_FORMS for each in _of_form(form, text, 0, len(text), rests))
    return next((each.marker for each in found), "")


def _of_form(form: _Form, source: str, start: int, end: int, rests: Collection[str]) -> Iterator[Lookalike]:
    position = start
    while match := form.pattern.search(source, position, end):
        marker = intended(match["in"], rests, certain=form.certain)
        if form.emphasis and marker in rests:
            marker = ""
        if marker:
            start = match.start("all" if "all" in form.pattern.groupindex else 0)
            yield Lookalike(start=start, end=match.end(), marker=marker)
        position = match.end() if marker else match.start() + 1
