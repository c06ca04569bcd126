"""Packs, plans and loops of a site: made anew only where something that they are made from has changed.

They lie in ``site/packs`` and ``site/ambience``, with a note in the first of what they were made from.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from breathmark.base.errors import RequestError
from breathmark.base.files import file_sha256
from breathmark.base.writing import delivery_errors, write_changed, write_text
from breathmark.course.course import AS_SCRIPTED
from breathmark.course.jobs import slug
from breathmark.course.publishers.base import Claim
from breathmark.course.publishers.site.disk import program
from breathmark.course.publishers.site.stamp import DAY_FILE, FOLDER, PACK_NOTE, PACKS
from breathmark.course.sources import ambience_asked, program_state, sound_inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from breathmark.course.course import Course
    from breathmark.course.publishers.base import Library, LibraryEntry


LOOPS: Final = f"{FOLDER}/ambience"
_FORMAT: Final = 1
_NOT_IN_PACKS: Final = frozenset(
    {"the length", "the preset", "the ambience", "the course's title", "the course's author", "the course's cover"}
    | {"its place in the course"}
)
"""What an artefact is made from, and a pack is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A file as it was written."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRecord:
    """The pack of one session and one voice."""

    session: str
    name: str
    """Of its files, in their folder, without the endings."""
    asked_voice: str
    """As the course names it."""
    voice: str
    """By its whole name."""
    id: str
    lengths_s: tuple[float, ...]
    ideal_s: float
    possible: tuple[tuple[float, float], ...]
    sound: str
    """The script's ambience."""
    below_voice_lu: float
    made_from: str
    files: dict[str, MadeFile]
    """By name: the pack, its plans, and both as a program, for pages on a disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRecord:
    """One ambience as a file."""

    sound: str
    """As scripts and the course name it."""
    name: str
    """Of its file, in its folder."""
    lufs: float
    made_from: str
    files: dict[str, MadeFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackNote:
    """All that was made, as it is noted."""

    format: int = _FORMAT
    packs: tuple[PackRecord, ...] = ()
    loops: tuple[LoopRecord, ...] = ()

    def of(self, session: str) -> tuple[PackRecord, ...]:
        """The packs of a session, one for each voice."""
        return tuple(each for each in self.packs if each.session == session)


def read_note(library: Library) -> PackNote:
    """What was made for a library; nothing where there is no note, or one that names files elsewhere.

    What it names may be removed.
    """
    try:
        note = TypeAdapter(PackNote).validate_json((library.folder / PACKS / PACK_NOTE).read_bytes())
    except (OSError, ValidationError):
        return PackNote()
    files = [each.files for each in note.packs] + [each.files for each in note.loops]
    inside = all(PurePath(name).name == name not in {"", ".."} for names in files for name in names)
    return note if note.format == _FORMAT and inside else PackNote()


def has_any_length(library: Library) -> bool:
    """Whether a library's pages are to offer any length. What is one listener's own is never packed."""
    return library.course.site.any_length and not library.listener


def pack_claims(course: Course) -> Iterator[Claim]:
    """The files of packs and loops, known by how they begin, or by the note beside them."""
    if not course.site.any_length:
        return
    for session in course.sessions:
        for voice in course.voices:
            name = pack_name(course, session.id, voice)
            yield Claim(name=f"{PACKS}/{name}.pack", mark=b"BMPACK")
            yield from (_noted(f"{PACKS}/{name}{end}") for end in (".plans.json", ".js"))
    yield from (_noted(f"{LOOPS}/{loop_name(sound)}") for sound in _asked_sounds(course, ()))


def _noted(name: str) -> Claim:
    return Claim(name=name, record=f"{PACKS}/{PACK_NOTE}")


def check_names(course: Course) -> None:
    """Raise RequestError where two packs would have one name, or a session's page that of several sessions in a row."""
    day = DAY_FILE.removesuffix(".html")
    if any(session.id == day for session in course.sessions):
        message = f"{course.shown}: {FOLDER}/{DAY_FILE} is the page for several sessions in a row"
        raise RequestError(message, f"rename the script of the session {day}")
    names: set[str] = set()
    for session in course.sessions:
        for voice in course.voices:
            if (name := pack_name(course, session.id, voice)) in names:
                raise RequestError(
                    f"{course.shown}: two packs would be called {name}.pack", "rename a session's script"
                )
            names.add(name)


def pack_name(course: Course, session: str, voice: str) -> str:
    """What the files of a session's pack are called; the first voice of the course is not part of it."""
    return session if voice == course.voices[0] else f"{session}-{slug(voice, 'voice')}"


def loop_name(sound: str) -> str:
    """What the file of an ambience is called; no two have the same, whatever their names are."""
    plain = slug(PurePosixPath(sound).with_suffix("").as_posix(), "ambience")
    mark = "" if plain == sound else f"-{hashlib.sha256(sound.encode()).hexdigest()[:6]}"
    return f"{plain or 'sound'}{mark}.mp3"


def make_packs(library: Library) -> tuple[Path, ...]:
    """Make what is missing or out of date, remove what is no longer wanted, and return the files that are new.

    Raises:
        BreathmarkError: a session can't be spoken or laid out, or a sound is missing, as in a render of it.
        DeliveryError: the folder can't be written.
    """
    known = read_note(library)
    if not has_any_length(library):
        _remove(library, known, PackNote())
        return ()
    written: list[Path] = []
    entries = tuple(_first_entries(library))
    packs = tuple(
        _pack(library, entry, known, written, _begin(library, number, len(entries)))
        for number, entry in enumerate(entries)
    )
    note = PackNote(packs=packs, loops=_loops(library, packs, known, written))
    if note != known:
        _remove(library, known, note)
        _write_note(library, note)
    return tuple(written)


def _begin(library: Library, done: int, total: int) -> Callable[[str], None]:
    """What is to be called with a name where something is really made."""
    return lambda name: library.progress(name, done, total)


def _loops(
    library: Library, packs: tuple[PackRecord, ...], known: PackNote, written: list[Path]
) -> tuple[LoopRecord, ...]:
    """The loop of each sound. It is noted at once, so that one whose build is killed is known as ours."""
    sounds, loops = _sounds(library, packs), []
    noted = {each.name: each for each in known.loops}
    for number, sound in enumerate(sounds):
        record = _loop(library, sound, known, written, _begin(library, number, len(sounds)))
        loops.append(record)
        if record not in known.loops:
            noted[record.name] = record
            _write_note(library, PackNote(packs=packs, loops=tuple(noted.values())))
    return tuple(loops)


def _write_note(library: Library, note: PackNote) -> None:
    content = TypeAdapter(PackNote).dump_json(note, indent=1).decode() + "\n"
    write_text(library.folder / PACKS / PACK_NOTE, content)


def _first_entries(library: Library) -> Iterator[LibraryEntry]:
    """One artefact of each session and voice, by which it is known what they are made from."""
    found: dict[tuple[str, str], LibraryEntry] = {}
    for entry in library.entries:
        found.setdefault((entry.session.id, entry.record.voice), entry)
    yield from found.values()


def _pack(
    library: Library, entry: LibraryEntry, known: PackNote, written: list[Path], begin: Callable[[str], None]
) -> PackRecord:
    made_from = _digest(
        {name: state for name, state in entry.record.made_from.items() if name not in _NOT_IN_PACKS},
        entry.session.lengths_s,
    )
    name = pack_name(library.course, entry.session.id, entry.record.voice)
    folder = library.folder / PACKS
    for record in known.packs:
        if record.name == name and record.made_from == made_from and _untouched(folder, record.files):
            return record
    from breathmark.api.options import Options  # noqa: PLC0415 - it loads all stages, and most builds have nothing new
    from breathmark.api.packs import pack_session  # noqa: PLC0415 - as above

    begin(f"{PACKS}/{name}.pack")
    voice = "" if entry.record.voice == AS_SCRIPTED else entry.record.voice
    options = Options(voice=voice, cache=library.cache, jobs=library.jobs)
    made = pack_session(entry.session.script, options, entry.session.lengths_s)
    files = {f"{name}.pack": made.pack, f"{name}.plans.json": made.plans}
    files[f"{name}.js"] = program(f"packs/{name}", made.pack, made.plans)
    written += write_changed(folder, files)
    return PackRecord(
        session=entry.session.id,
        name=name,
        asked_voice=entry.record.voice,
        voice=made.voice,
        id=made.content.pack,
        lengths_s=tuple(each.length_s for each in made.content.lengths),
        ideal_s=made.content.ideal_s,
        possible=made.content.possible,
        sound=made.ambience.sound,
        below_voice_lu=made.ambience.below_voice_lu,
        made_from=made_from,
        files=_made_files(folder, files),
    )


def _sounds(library: Library, packs: tuple[PackRecord, ...]) -> tuple[str, ...]:
    """Every ambience that a page offers: those of the course, of its scripts, and those that it names for its pages."""
    course = library.course
    return _asked_sounds(course, [each.sound for each in packs] if AS_SCRIPTED in course.ambiences else [])


def _asked_sounds(course: Course, scripted: Iterable[str]) -> tuple[str, ...]:
    asked = (each for each in course.ambiences if each != AS_SCRIPTED)
    more = map(str, course.site.ambiences)
    return tuple(each for each in dict.fromkeys((*scripted, *asked, *more)) if each != "none")


def _loop(
    library: Library, sound: str, known: PackNote, written: list[Path], begin: Callable[[str], None]
) -> LoopRecord:
    project = library.course.project
    made_from = _digest({**sound_inputs(sound, project), "the program": program_state()}, sound)
    name, folder = loop_name(sound), library.folder / LOOPS
    for record in known.loops:
        if record.name == name and record.made_from == made_from and _untouched(folder, record.files):
            return record
    if not any(name in record.files for record in known.loops) and os.path.lexists(folder / name):
        message = f"{folder / name} is in the way: Breathmark would write over it, and didn't make it"
        raise RequestError(message, "move it elsewhere; the pages need its name")
    from breathmark.api.loops import loop_file  # noqa: PLC0415 - as above

    begin(f"{LOOPS}/{name}")
    lufs = loop_file(ambience_asked(sound, project), folder / name, project.root, library.cache, library.jobs)
    written.append(folder / name)
    return LoopRecord(
        sound=sound, name=name, lufs=round(lufs, 2), made_from=made_from, files=_made_files(folder, (name,))
    )


def _digest(states: Mapping[str, str], more: object) -> str:
    text = json.dumps([_FORMAT, dict(states), more], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _made_files(folder: Path, names: Iterable[str]) -> dict[str, MadeFile]:
    with delivery_errors(folder):
        return {name: _made_file(folder / name) for name in names}


def _made_file(file: Path) -> MadeFile:
    status = file.stat()
    return MadeFile(size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=file_sha256(file))


def _untouched(folder: Path, files: Mapping[str, MadeFile]) -> bool:
    """Whether all are as they were written; only those whose time differs are read."""
    with suppress(OSError):
        for name, known in files.items():
            status = (folder / name).stat()
            same_time = (status.st_size, status.st_mtime_ns) == (known.size, known.mtime_ns)
            if not same_time and file_sha256(folder / name) != known.sha256:
                return False
        return True
    return False


def _remove(library: Library, known: PackNote, now: PackNote) -> None:
    """Remove what the note knows and is no longer made."""
    if known == PackNote():
        return
    for folder, before, after in ((PACKS, known.packs, now.packs), (LOOPS, known.loops, now.loops)):
        kept = {name for record in after for name in record.files}
        with delivery_errors(library.folder / folder):
            for name in {name for record in before for name in record.files} - kept:
                (library.folder / folder / name).unlink(missing_ok=True)
            if folder == PACKS and not after:
                (library.folder / PACKS / PACK_NOTE).unlink(missing_ok=True)
            with suppress(OSError):  # other files may lie in it
                (library.folder / folder).rmdir()


def packs_data(library: Library, session: str) -> list[dict[str, object]]:
    """What the index of the library says of a session's packs."""
    if not has_any_length(library):
        return []
    return [
        {
            "id": record.id,
            "voice": record.voice,
            "lengths_s": list(record.lengths_s),
            "possible_s": [list(span) for span in record.possible],
            "files": [
                {"path": f"{PACKS}/{name}", "size": file.size, "sha256": file.sha256}
                for name, file in record.files.items()
            ],
        }
        for record in read_note(library).of(session)
    ]


def loops_data(library: Library) -> list[dict[str, object]]:
    """The same of the loops of its ambiences."""
    if not has_any_length(library):
        return []
    return [
        {"ambience": record.sound, "lufs": record.lufs, "path": f"{LOOPS}/{name}", "size": file.size}
        | {"sha256": file.sha256}
        for record in read_note(library).loops
        for name, file in record.files.items()
    ]
