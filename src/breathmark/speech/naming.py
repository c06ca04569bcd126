"""Display names of voices: ``Joe (American English)``, not ``piper:joe`` or ``en-US``."""

from __future__ import annotations

from typing import Final

_ACCENTS: Final = {
    "de-at": "Austrian German",
    "de-ch": "Swiss German",
    "en-au": "Australian English",
    "en-ca": "Canadian English",
    "en-gb": "British English",
    "en-ie": "Irish English",
    "en-in": "Indian English",
    "en-nz": "New Zealand English",
    "en-us": "American English",
    "en-za": "South African English",
    "es-419": "Latin American Spanish",
    "es-ar": "Argentinian Spanish",
    "es-es": "Spanish of Spain",
    "es-mx": "Mexican Spanish",
    "fr-be": "Belgian French",
    "fr-ca": "Canadian French",
    "fr-ch": "Swiss French",
    "nl-be": "Belgian Dutch",
    "pt-br": "Brazilian Portuguese",
    "pt-pt": "European Portuguese",
}
_LANGUAGES: Final = {
    "ar": "Arabic", "ca": "Catalan", "cmn": "Chinese", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "lb": "Luxembourgish", "lv": "Latvian",
    "ml": "Malayalam", "nb": "Norwegian", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "te": "Telugu", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


def accent(tag: str) -> str:
    """The language of a BCP 47 tag in English, with its accent where that has a name; empty where we have none."""
    lower = tag.replace("_", "-").lower()
    return _ACCENTS.get(lower) or _LANGUAGES.get(lower.partition("-")[0], "")


def called(own_name: str, tag: str = "") -> str:
    """A voice's own name in words, and what it speaks: ``Joe (American English)``."""
    words = " ".join(own_name.replace("-", " ").replace("_", " ").split())
    name = words[:1].upper() + words[1:]
    spoken = accent(tag)
    return f"{name} ({spoken})" if spoken else name
