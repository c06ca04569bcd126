"""``breathmark sounds``."""

from __future__ import annotations

from pathlib import Path

import click

from breathmark.cli.options import FILE, json_option
from breathmark.cli.terminal import echo, say, say_json, styled, table


@click.group()
def sounds() -> None:
    """The ambiences and bells that come with Breathmark, and the project's own."""


@sounds.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List every sound with what it is and its licence."""
    from breathmark.mix.assets import sounds as known
    from breathmark.script.opening import find_project

    found = known(find_project(Path()).root)
    if as_json:
        keys = ("name", "kind", "description", "licence")
        say_json([{key: getattr(sound, key) for key in keys} for sound in found])
        return
    for kind in ("ambience", "bell"):
        rows = [(each.name, each.description, f"[{each.licence}]") for each in found if each.kind == kind]
        say(f"{styled(kind, bold=True)}\n{table(rows)}")


@sounds.command("try")
@click.argument("sound")
@click.option("-o", "--output", type=FILE, metavar="FILE", help="A .wav file. Default: dist/sound-NAME.wav.")
def try_(sound: str, output: Path | None) -> None:
    """Write half a minute of SOUND into a WAV file, to listen to."""
    from breathmark.api.sounds import preview_sound, save_wav
    from breathmark.base.inputs import check_inputs_stay, files_read
    from breathmark.script.opening import find_project

    with files_read() as inputs:
        audio = preview_sound(sound, find_project(Path()).root)
    path = output or Path("dist", f"sound-{Path(sound).stem}.wav")
    check_inputs_stay((path,), inputs)
    save_wav(audio, path)
    echo(path)
