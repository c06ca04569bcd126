"""Pause words by language: what makes a bracket a pause, whatever its form."""

from __future__ import annotations

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
    "en": "wait hold break rest rests silent long short medium hush stop sleep stay sit delay gap slnc sil"
    " breath breathe breathes breathing inhale exhale bell bells gong chime chimes bowl ring",
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
    " shorter medium full deep small little few some more time one two three four five six seven eight nine ten fifteen"
    " twenty thirty forty sixty ninety begin end start",
    "es": "de por durante unos unas un una larga corta aquí",
    "fr": "de pendant environ un une longue courte ici",
    "it": "di per circa un una lunga breve qui",
    "nl": "van voor ongeveer een lange korte hier",
    "pt": "de por cerca um uma longa curta aqui",
}
"""Words that may accompany them."""
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


PAUSES, HALTS, UNITS = _all(_PAUSES), _all(_HALTS), _all(_UNITS)
SHORT_UNITS, ARTICLES = _all(_SHORT_UNITS), _all(_ARTICLES)
PAUSE_WORDS = PAUSES | HALTS | UNITS | _all(_BETWEEN)
"""All of them, and the words that may come between them."""
