"""``breathmark voices``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from breathmark.base.errors import RequestError
from breathmark.base.wording import counted
from breathmark.cli.options import FILE, json_option
from breathmark.cli.terminal import echo, say, say_json, styled, table

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.speech.contract import Voice
    from breathmark.speech.registry import Listing


_MANY = 12


@click.group()
def voices() -> None:
    """The voices that can speak here."""


@voices.command("list", short_help="List every narrator and its voices, the best first.")
@click.option("--language", default="", metavar="LANGUAGE", help="Only voices that speak it, such as en or pt-BR.")
@json_option
def list_(language: str, *, as_json: bool) -> None:
    """List every narrator and its voices, the best first; of a narrator with many languages only how many."""
    from breathmark.speech.contract import same_language
    from breathmark.speech.registry import list_voices
    from breathmark.speech.voices.install import installable_voices

    listings = list_voices(_settings())
    if as_json:
        say_json([_data(listing) for listing in listings])
        return
    for listing in listings:
        missing = f"  not usable: {listing.missing}" if listing.missing else ""
        say(f"{styled(listing.narrator, bold=True)}{missing}")
        shown = [
            voice
            for voice in listing.voices
            if not language or not voice.language or same_language(voice.language, language)
        ]
        if not language and len(shown) > _MANY:
            languages = counted(len({voice.language.partition("-")[0] for voice in shown}), "language")
            say(f"  {counted(len(shown), 'voice')} in {languages}: breathmark voices list --language en")
        elif shown:
            say(table([(voice.name, voice.language, _description(voice)) for voice in shown]))
        more = {} if listing.missing else installable_voices(listing.narrator)
        if names := [name for name, spoken in more.items() if not language or same_language(spoken, language)]:
            say(f"  to download: {', '.join(names)} (breathmark voices install {names[0]})")


def _description(voice: Voice) -> str:
    """The name for people, and what else is known of it."""
    return ", ".join(dict.fromkeys(filter(None, (voice.display, voice.description))))


@voices.command("try", short_help="Let a voice say a sentence or a word.")
@click.argument("voice", default="")
@click.option("--text", metavar="SENTENCE", help="What to say. Default: a built-in sentence.")
@click.option("--word", metavar="WORD", help="A word, first as it is written, then as the lexicon has it spoken.")
@click.option("--speed", type=click.FloatRange(0.5, 2.0), default=1.0, help="1.0 is about 140 words a minute.")
@click.option("-o", "--output", type=FILE, metavar="FILE", help="A .wav file. Default: dist/voice-NAME.wav.")
def try_(voice: str, text: str | None, word: str | None, speed: float, output: Path | None) -> None:
    """Let VOICE (by default the best one) say a sentence, or a word, into a WAV file, to listen to."""
    from breathmark.api.sounds import save_wav
    from breathmark.speech.trial import try_voice

    if text is not None and word is not None:
        raise click.UsageError("--text and --word are two things to say: choose one")
    said = text if word is None else word
    if said is not None and not any(map(str.isalnum, said)):
        raise RequestError("there is nothing to say in it", "give a word or a sentence, or leave the option out")
    audio = _word(voice, word, speed) if word else try_voice(voice, text=text or "", speed=speed, settings=_settings())
    path = output or Path("dist", f"voice-{voice.replace(':', '-') or 'best'}.wav")
    save_wav(audio, path)
    echo(path)


@voices.command(short_help="Install hibari:NAME, kokoro or piper:NAME.")
@click.argument("voice")
@click.option("--from", "source", type=FILE, metavar="FOLDER", help="Take the files from there; nothing is downloaded.")
@click.option("--mirror", default="", metavar="URL", help="Download from there instead; the checksums stay the same.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def install(voice: str, source: Path | None, mirror: str, *, quiet: bool) -> None:
    """Install VOICE: hibari:NAME, kokoro (all its voices) or piper:NAME; what broke off goes on where it stopped."""
    from breathmark.cli.progress import ProgressDisplay
    from breathmark.speech.voices.install import install_voice

    with ProgressDisplay(quiet=quiet) as progress:
        done = install_voice(voice, source=source, mirror=mirror, progress=progress)
    if not quiet:
        say(f"{', '.join(done.fetched)} in {done.folder}" if done.fetched else f"Already there: {done.folder}")
        say(_next_step(done.narrator))


def _next_step(narrator: str) -> str:
    """How the voices that were installed are used, or what they still need."""
    from breathmark.speech.registry import list_voices

    missing = next(listing.missing for listing in list_voices(_settings()) if listing.narrator == narrator)
    return f"To speak, they need: {missing}" if missing else "See them with: breathmark voices list"


def _word(voice: str, word: str, speed: float) -> AudioSegment:
    """The word's sound; how it is respelt is printed on standard error."""
    from breathmark.script.opening import find_project
    from breathmark.speech.trial import try_word

    tried = try_word(voice, word, lexicon=find_project(Path()).words, speed=speed, settings=_settings())
    how = (
        f"first as it is written, then as “{tried.said[-1]}”" if len(tried.said) > 1 else "as it is: no lexicon has it"
    )
    say(f"{tried.voice} says “{word}” {how}", err=True)
    for remark in tried.remarks:
        say(remark, err=True)
    return tried.audio


def _settings() -> dict[str, dict[str, str]]:
    """What the project around the current folder says of its narrators."""
    from breathmark.script.opening import find_project

    narrators = find_project(Path()).settings.narrators
    return {name: dict(settings) for name, settings in narrators.items()}


def _data(listing: Listing) -> dict[str, object]:
    return {
        "narrator": listing.narrator,
        "missing": listing.missing,
        "voices": [
            {
                "name": voice.name,
                "language": voice.language,
                "display": voice.display,
                "description": voice.description,
            }
            for voice in listing.voices
        ],
    }
