r"""Pauses that an author wrote, but not as a marker: in other brackets, between marks of emphasis, on a bare line.

Whether something is one is decided by its form alone, so that it can be explained: a bracket that holds nothing but
a pause word, a time, or both, with the little words between them (``(pause)``, ``(10s)``, ``{a pause of 10 seconds}``).
A bracket that says anything else is text: ``(if you like, pause for a moment)``. Where a bracket is a common mark of
prose too, such as a quotation mark or a dash, and on a bare line, there has to be a time in figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.script.text.markers import MARKER_WORDS, MarkerFault, mended, read_pause, tidied

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Lookalike", "intended", "intended_tag", "lookalikes", "spoken_pause"]

_LONGEST = 60
"""Characters: what is longer has something to say."""
_PAUSES = {
    "de": "pause pausen stille schweigen pausieren",
    "en": "pause pauses paused pausing silence beat",
    "es": "pausa pausas silencio",
    "fr": "pause pauses silence",
    "it": "pausa pause silenzio",
    "nl": "pauze stilte",
    "others": "paus pauza pauzë tauko пауза тишина 暂停 停顿 静默 停頓 暫停 休止 沈黙 ポーズ",
    "pt": "pausa pausas silêncio",
}
"""Alone in a bracket, these are a pause."""
_HALTS = {
    "de": "warten warte ruhe ruhen halten atmen atme einatmen ausatmen gong glocke klangschale",
    "en": f"{' '.join(sorted(MARKER_WORDS))} hush stop sleep stay sit delay gap slnc sil",
    "es": "espera esperar descanso respira respirar",
    "fr": "attendre attends repos respirez respire",
    "it": "attendi attesa riposo respira",
    "nl": "wacht wachten rust adem",
    "pt": "espera esperar descanso respire",
}
"""These are one together with a time in figures."""
_UNITS = {
    "de": "sek sekunde sekunden minuten minute std stunde stunden atemzug atemzüge atemzügen",
    "en": "s sec secs second seconds m min mins minute minutes h hr hrs hour hours ms msec msecs"
    " millisecond milliseconds breath breaths beats count counts moment moments",
    "es": "seg segs segundo segundos minuto minutos respiraciones",
    "fr": "seconde secondes minutes respirations",
    "it": "secondo secondi minuto minuti respiri",
    "nl": "seconde seconden minuut minuten ademhalingen",
    "others": "秒 秒間 秒钟 分 分钟 сек секунд секунды",
    "pt": "segundo segundos minuto minutos respirações",
}
_BETWEEN = {
    "de": "für von etwa ungefähr ca eine einen einem einer kurz kurze kurzer lang lange langer längere hier nun jetzt"
    " zehn zwei drei vier fünf fünfzehn zwanzig dreißig",
    "en": "for of a an the about around approx approximately circa at least up to here now longer long short brief"
    " shorter medium full deep small little few some more time one two three four five six seven eight nine ten fifteen twenty"
    " thirty forty sixty ninety begin end start",
    "es": "de por durante unos unas un una larga corta aquí",
    "fr": "de pendant environ un une longue courte ici",
    "it": "di per circa un una lunga breve qui",
    "nl": "van voor ongeveer een lange korte hier",
    "pt": "de por cerca um uma longa curta aqui",
}
"""What may stand beside them."""
_ARTICLES = {
    "de": "eine einen einem einer",
    "en": "a an the",
    "es": "un una",
    "fr": "un une",
    "it": "un una",
    "nl": "een",
    "pt": "um uma",
}
"""“The silence” is what somebody speaks of; “silence” is what somebody is to do."""
_SHORT_UNITS = {
    "all": "s sec secs ms msec msecs m min mins h hr hrs",
    "de": "sek",
    "es": "seg",
    "others": "秒 秒間 秒钟 分钟",
}
"""Nobody speaks these."""


def _all(words: dict[str, str]) -> frozenset[str]:
    return frozenset(word for line in words.values() for word in line.split())


_PAUSE_WORDS, _HALT_WORDS, _UNIT_WORDS = _all(_PAUSES), _all(_HALTS), _all(_UNITS)
_ARTICLE_WORDS, _SHORT_UNIT_WORDS = _all(_ARTICLES), _all(_SHORT_UNITS)
_WORDS = _PAUSE_WORDS | _HALT_WORDS | _UNIT_WORDS | _all(_BETWEEN)

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?")
_TIME = re.compile(rf"(\d+(?:\.\d+)?)\s*-?\s*({'|'.join(sorted(_UNIT_WORDS, key=len, reverse=True))})?(?![^\W\d_])")
_LIST_MARK = re.compile(r"^\d{1,2}[.)]\s+")
_EDGES = " \t\n.,;:!?…*_`~#|/\\=+^%$@&\"'-–—•·>“”„‘’«»‹›"  # noqa: RUF001 (what pages put around a word)


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
    near = mended(words, rests)
    if near and (near == "pause" or (re.search(r"\d", near) and _is_pause(near))):
        words = near
    if certain and not _is_certain(words):
        return ""
    try:
        if read_pause(words, rests):
            return words
    except MarkerFault:
        return "pause 5s"
    return _marker(words) if _is_pause(words) or _CLOCK.fullmatch(words) else ""


def _is_certain(words: str) -> bool:
    tokens = set(_TOKEN.findall(words))
    return any(map(str.isnumeric, tokens)) and not tokens.isdisjoint(_PAUSE_WORDS | _SHORT_UNIT_WORDS)


def _is_pause(words: str) -> bool:
    tokens = [token for token in _TOKEN.findall(words) if not token.isnumeric()]
    if not _WORDS.issuperset(tokens):
        return False
    if len(tokens) < len(_TOKEN.findall(words)):
        return not (_PAUSE_WORDS | _HALT_WORDS | _UNIT_WORDS).isdisjoint(tokens)
    return not _PAUSE_WORDS.isdisjoint(tokens) and tokens[0] not in _ARTICLE_WORDS


def _marker(words: str) -> str:
    """With the time that it says, where that can be read."""
    time = _TIME.search(words)
    if not time:
        return "pause" if _TOKEN.fullmatch(words) else "pause 5s"
    if _CLOCK.fullmatch(words):
        return f"pause {words}"
    unit = time[2] or "s"
    letter = "ms" if unit.startswith(("ms", "mill")) else unit[0] if unit[0] in "mh" else "s"
    return f"pause {time[1]}{letter}"


def intended_tag(content: str, rests: Collection[str]) -> str:
    """The same for what stands between ``<`` and ``>``: a pause there may have attributes."""
    words = _TOKEN.findall(tidied(content))
    meant = intended(content, rests)
    return meant or ("pause 5s" if (_PAUSE_WORDS | _HALT_WORDS).intersection(words[:2]) else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A pause that is not a marker."""

    start: int
    end: int
    marker: str
    """What was meant, without its brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A way in which a pause stands in a text."""

    pattern: re.Pattern[str]
    """Its group ``in`` is what has to be a pause."""
    certain: bool = False
    """Prose has it too: see ``intended``."""


def _form(pattern: str, *, certain: bool = False) -> _Form:
    return _Form(pattern=re.compile(pattern, re.MULTILINE), certain=certain)


_NOT_ALONE, _NOT_GOING_ON = r"(?<!\w)", r"(?!\w)"
_FORMS = (
    _form(r"[(（＜≪](?P<in>[^()（）＜＞≪≫]{1,60})[)）＞≫]"),  # noqa: RUF001 (full-width brackets are meant)
    _form(r"(?P<in>\b[^\W\d_]+\(\s*\d[^()\n]{0,20})\)"),
    _form(rf"{_NOT_ALONE}(?P<mark>[*_`~|=^+]{{1,3}})(?P<in>[^\n]{{1,60}}?)(?P=mark){_NOT_GOING_ON}"),
    _form(rf"{_NOT_ALONE}(?P<mark>[:/\\%$@#]{{1,2}})(?P<in>\S(?:[^\n]{{0,58}}?\S)?)(?P=mark){_NOT_GOING_ON}"),
    _form(r"(?:^|(?<=[(（\s]))[(（＜<](?P<in>[^\n()（）＜＞<>{}]{1,60})(?=\n|\Z)"),  # noqa: RUF001 (as above)
    _form(r"[(（＜<](?P<in>\D{0,20}\d+(?:[.:]\d+)?\s*-?\s*[^\W\d_]*)(?=[^()（）＜＞<>\n]*(?:\n|\Z))", certain=True),  # noqa: RUF001
    _form(
        r"^[^\n(（<]*?(?P<all>\b(?P<in>[^\W\d_]+[\s:=-]{0,3}\d+(?:\.\d+)?\s*-?\s*[^\W\d_]*)\s*[)）>])",  # noqa: RUF001 (as above)
        certain=True,
    ),
    _form(
        rf"{_NOT_ALONE}[「『《〈«‹“”„‚‘\"'﴾](?P<in>[^\n]{{1,60}}?)[」』》〉»›«“”’\"'﴿]{_NOT_GOING_ON}",  # noqa: RUF001 (as above)
        certain=True,
    ),
    _form(rf"{_NOT_ALONE}(?P<mark>[-–—]{{1,3}})(?P<in>[^\n]{{1,60}}?)(?P=mark){_NOT_GOING_ON}", certain=True),  # noqa: RUF001
    _form(r"^(?P<in>[^\n\[\]{}<>()（）]*\d[^\n\[\]{}<>()（）]*)$", certain=True),  # noqa: RUF001 (as above)
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
        if marker:
            start = match.start("all" if "all" in form.pattern.groupindex else 0)
            yield Lookalike(start=start, end=match.end(), marker=marker)
        position = match.end() if marker else match.start() + 1
