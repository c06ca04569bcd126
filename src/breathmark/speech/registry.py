"""The registry of narrators and voices, and the resolution of their names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from breathmark.base.errors import VoiceError, near_miss
from breathmark.base.plugins import owner, registered
from breathmark.speech.contract import Narrator, Voice, is_our_bug, same_language
from breathmark.speech.naming import called

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


Settings: TypeAlias = "Mapping[str, Mapping[str, str]]"
"""Each narrator's settings, by its name, as in ``breathmark.yaml``."""

GROUP = "breathmark.narrators"
BEST_FIRST = ("hibari", "kokoro", "piper", "pyttsx3")
"""The narrators that a voice is taken from where none is named, by DistillMOS: 4.60, 4.57, 4.31, 2.55."""

_NEAR = 0.7
"""The similarity from which another name is proposed."""
_MEANT = "did you mean"


class OtherLanguageError(VoiceError):
    """A narrator has no voice for a language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A narrator and its voices, as ``breathmark voices list`` shows them."""

    narrator: str
    voices: tuple[Voice, ...]
    """Empty where the narrator can't be used."""
    missing: str = ""
    """How to get it, or why it can't be used; empty where it can."""


def list_voices(settings: Settings = {}) -> tuple[Listing, ...]:  # noqa: B006 - never changed
    """Every narrator that is registered, the best first, also those that can't be used."""
    return tuple(_listing(name, settings) for name in _names())


def load_narrator(name: str, settings: Settings = {}) -> Narrator:  # noqa: B006 - never changed
    """A narrator, made from its settings.

    Raises:
        VoiceError: there is no narrator of that name, or it can't be used; with what to do.
    """
    entry = _entries().get(name)
    if entry is None:
        raise VoiceError(f"there is no narrator `{name}`", _did_you_mean(name, _names()))
    try:
        missing, narrator = _open(entry, settings)
    except VoiceError:
        raise
    except Exception as exc:  # a plug-in may raise anything
        if is_our_bug(exc):
            raise
        raise VoiceError(f"the narrator {name} is broken: {_first_line(exc)}", _provider(entry)) from exc
    if narrator is None:
        raise VoiceError(f"the narrator {name} is not installed", missing)
    return narrator


def resolve_voice(name: str, *, language: str, settings: Settings = {}) -> str:  # noqa: B006 - never changed
    """The whole name of the voice that ``name`` means in a script of ``language``.

    An empty name is the best narrator that is installed and speaks the language; a narrator's name alone is its
    default voice for it.

    Raises:
        VoiceError: there is no such voice, it speaks another language, or its narrator is not installed.
    """
    if not name:
        return _best(language, settings)
    narrator, _, own_name = name.partition(":")
    if own_name:
        return _speaks(find_voice(name, settings), language).name
    return _default(narrator.lower(), _voices(name, settings), language)


def check_narrator(name: str) -> None:
    """Raise VoiceError where the voice ``name`` begins with a narrator's name, misspelt.

    A wholly different name may be that of a narrator whose package is not installed here.
    """
    narrator = name.partition(":")[0].lower()
    if narrator not in _entries() and (meant := near_miss(narrator, _entries(), cutoff=_NEAR)):
        raise VoiceError(f"there is no voice `{name}`", f"did you mean the narrator `{meant}`?")


def find_voice(name: str, settings: Settings = {}) -> Voice:  # noqa: B006 - never changed
    """The voice of that name, of any language; a narrator's name alone is its first voice.

    Raises:
        VoiceError: there is no such voice, or its narrator is not installed.
    """
    voices = _voices(name, settings)
    own_name = name.partition(":")[2]
    for voice in voices:
        if not own_name or voice.name.lower() == name.lower():
            return voice
    raise _not_here(name, tuple(voice.name for voice in voices))


def display_name(name: str, settings: Settings = {}) -> str:  # noqa: B006 - never changed
    """The display name of the voice ``name``; made from that name where the voice is no longer here."""
    try:
        voice = find_voice(name, settings)
    except VoiceError:
        return called(name.partition(":")[2] or name)
    return voice.display or called(voice.name.partition(":")[2], voice.language)


def _not_here(name: str, installed: tuple[str, ...]) -> VoiceError:
    """The error for a voice that an installed narrator does not have: it may be one that can be fetched."""
    from breathmark.speech.voices.install import installable_voices, installing  # noqa: PLC0415 - for an error alone

    narrator = name.partition(":")[0].lower()
    more = installable_voices(narrator)
    if name.lower() in more:
        return VoiceError(f"the voice {name.lower()} is not installed", installing(name))
    hint = _did_you_mean(name, (*installed, *more))
    if (command := installing(name)) and not hint.startswith(_MEANT):
        hint = f"{hint}. Another may be had by `{command}`"
    return VoiceError(f"there is no voice `{name}`", hint)


def _voices(name: str, settings: Settings) -> tuple[Voice, ...]:
    """The voices of the narrator that ``name`` begins with."""
    narrator = name.partition(":")[0].lower()
    if narrator not in _entries():
        raise VoiceError(f"there is no voice `{name}`", _did_you_mean(name, _all_names(settings)))
    try:
        return load_narrator(narrator, settings).voices()
    except VoiceError:
        raise
    except Exception as exc:  # a plug-in may raise anything
        if is_our_bug(exc):
            raise
        raise VoiceError(f"the narrator {narrator} is broken: {_first_line(exc)}", "choose another voice") from exc


def _best(language: str, settings: Settings) -> str:
    todo: list[str] = []
    for narrator in BEST_FIRST:
        # One after the other, because asking the system for its voices loads its speech engine.
        listing = _listing(narrator, settings)
        fitting = _speaking(listing.voices, language)
        if fitting:
            return fitting[0].name
        if listing.missing:
            todo.append(f"{narrator}: {listing.missing}")
    hint = "see `breathmark voices list`" + (f"; not installed are {'; '.join(todo)}" if todo else "")
    raise VoiceError(f"no installed voice speaks `{language}`", hint)


def _default(narrator: str, voices: tuple[Voice, ...], language: str) -> str:
    fitting = _speaking(voices, language)
    if fitting:
        return fitting[0].name
    spoken = ", ".join(sorted({voice.language for voice in voices})) or "no language yet"
    raise OtherLanguageError(f"the narrator {narrator} has no voice for `{language}`", f"its voices speak {spoken}")


def _speaks(voice: Voice, language: str) -> Voice:
    if voice.language and not same_language(voice.language, language):
        hint = "choose a voice of the script's language (see `breathmark voices list`), or change `language`"
        raise VoiceError(f"the voice {voice.name} speaks {voice.language}, the script is in {language}", hint)
    return voice


def _speaking(voices: tuple[Voice, ...], language: str) -> list[Voice]:
    """The voices that speak ``language``: of the very region first, else in the narrator's own order."""
    fitting = [voice for voice in voices if not voice.language or same_language(voice.language, language)]
    return sorted(fitting, key=lambda voice: voice.language.lower() != language.lower())


def _listing(name: str, settings: Settings) -> Listing:
    entry = _entries().get(name)
    if entry is None:
        return Listing(narrator=name, voices=())
    try:
        missing, narrator = _open(entry, settings)
        return Listing(narrator=name, voices=narrator.voices() if narrator else (), missing=missing)
    except VoiceError as exc:
        return Listing(narrator=name, voices=(), missing=f"{exc.message} ({exc.hint})" if exc.hint else exc.message)
    except Exception as exc:  # noqa: BLE001 - one broken plug-in must not hide the other narrators
        return Listing(narrator=name, voices=(), missing=f"broken: {_first_line(exc)}")


def _open(entry: EntryPoint, settings: Settings) -> tuple[str, Narrator | None]:
    """What is missing, and the narrator where nothing is missing."""
    narrator = entry.load()
    missing = narrator.missing()
    return (missing, None) if missing else ("", narrator(settings.get(entry.name, {})))


@cache
def _entries() -> Mapping[str, EntryPoint]:
    return registered(GROUP)


def _names() -> tuple[str, ...]:
    """The registered narrators: the best first, then by the alphabet."""
    ranks = {name: rank for rank, name in enumerate(BEST_FIRST)}
    return tuple(sorted(_entries(), key=lambda name: (ranks.get(name, len(ranks)), name)))


def _all_names(settings: Settings) -> tuple[str, ...]:
    voices = [voice.name for listing in list_voices(settings) for voice in listing.voices]
    return (*_names(), *voices)


def _did_you_mean(name: str, names: tuple[str, ...]) -> str:
    """The nearest names, and where all of them are listed."""
    short = {re.sub(r"^.*:", "", full): full for full in reversed(names)}
    lower = name.lower()
    near = difflib.get_close_matches(lower, names, n=2, cutoff=_NEAR) or [
        short[hit] for hit in difflib.get_close_matches(lower.rpartition(":")[2], short, n=2, cutoff=_NEAR)
    ]
    if near:
        return f"{_MEANT} {' or '.join(f'`{one}`' for one in near)}? All are in `breathmark voices list`"
    some = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"there are {some}; all are in `breathmark voices list`"


def _provider(entry: EntryPoint) -> str:
    package = owner(entry)
    return f"it comes with the package {package}: update or uninstall that" if package else "reinstall it"


def _first_line(exc: Exception) -> str:
    text = str(exc).strip().partition("\n")[0]
    return f"{type(exc).__name__}: {text}" if text else type(exc).__name__
