"""Jobs of a course, one for each artefact, and their selection by expressions, such as ``level:beginner 01-*``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Final

from breathmark.base.errors import RequestError, near_miss
from breathmark.course.course import AS_SCRIPTED, Course, Session
from breathmark.course.values import Job, ScriptMetadata
from breathmark.formats.presets import preset_for
from breathmark.script.ranges import parse_duration


def all_jobs(course: Course, listeners: Sequence[str] = (), lengths_s: Sequence[float] = ()) -> tuple[Job, ...]:
    """Everything that there is to make, in the course's order: for everybody first, then for each listener.

    ``lengths_s``, where given, replaces the lengths of the course and of its sessions.

    Raises:
        RequestError: two artefacts would have the same name.
    """
    shared = [job for session in course.sessions for job in _jobs(course, session, lengths_s)]
    names: dict[str, Job] = {}
    for job in shared:
        if job.path in names:
            raise RequestError(
                f"{course.shown}: two artefacts would be called {job.path}", "rename a sound, or leave out one length"
            )
        names[job.path] = job
    return (*shared, *(replace(job, listener=listener) for listener in listeners for job in shared))


def length_name(length_s: float) -> str:
    """A length as file names have it, such that names sort: ``05m``, ``07m30s``."""
    minutes, seconds = divmod(float(length_s), 60)
    if not seconds:
        return f"{minutes:02.0f}m"
    return f"{minutes:02.0f}m{seconds:02.0f}s" if seconds.is_integer() else f"{minutes:02.0f}m{seconds:06.3f}s"


def _jobs(course: Course, session: Session, lengths_s: Sequence[float]) -> list[Job]:
    """All of one session; the first voice, ambience and preset of the course are not part of the name."""
    ways = product(
        tuple(lengths_s) or session.lengths_s,
        _named(course.voices, "voice"),
        _named(course.ambiences, "ambience"),
        _named(course.presets, "preset"),
    )
    folder = f"extras/{session.id}" if session.extra else session.id
    return [
        Job(
            session=session,
            length_s=length_s,
            voice=voice,
            ambience=ambience,
            preset=preset,
            path=f"{folder}/{session.id}-{length_name(length_s)}{spoken}{under}{to}{preset_for(preset).suffix}",
        )
        for length_s, (voice, spoken), (ambience, under), (preset, to) in ways
    ]


def _named(choices: Sequence[str], kind: str) -> list[tuple[str, str]]:
    """Each choice with what it adds to a name."""
    return [(choice, f"-{slug(choice, kind)}" if index else "") for index, choice in enumerate(choices)]


def slug(choice: str, kind: str) -> str:
    """A choice as file names have it."""
    words = re.sub(r"[^a-z0-9]+", "-", choice.lower()).strip("-")
    if choice == AS_SCRIPTED:
        return f"own-{kind}"
    return "no-ambience" if kind == "ambience" and choice == "none" else words


_KINDS: Final = ("tag", "level", "concept", "length", "path", "block", "listener")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The expressions of ``--select`` and ``--exclude``."""

    chosen: tuple[str, ...] = ()
    """Expressions: what fits any of them is meant; all is, where there are none."""
    excluded: tuple[str, ...] = ()

    def of(self, jobs: Sequence[Job], course: Course, metadata: Mapping[str, ScriptMetadata]) -> tuple[Job, ...]:
        """The jobs that are selected, in their order; ``metadata`` by session.

        Raises:
            RequestError: an expression can't be read, or fits nothing.
        """
        matcher = _Matcher(course, metadata)
        meant = (
            _union(matcher.fitting(each, jobs) for each in self.chosen) if self.chosen else {job.key for job in jobs}
        )
        left_out = _union(matcher.fitting(each, jobs) for each in self.excluded)
        found = tuple(job for job in jobs if job.key in meant - left_out)
        if not found:
            raise RequestError("nothing is left to build", "exclude less, or select more")
        return found


def _union(sets: Iterable[set[str]]) -> set[str]:
    return {key for each in sets for key in each}


class _Matcher:
    """Matcher of expressions against the jobs of a course."""

    def __init__(self, course: Course, metadata: Mapping[str, ScriptMetadata]) -> None:
        self._course = course
        self._metadata = metadata
        self._trails = {name: set(trail.sessions) for name, trail in course.paths.items()}

    def fitting(self, expression: str, jobs: Sequence[Job]) -> set[str]:
        """The keys of the jobs that every word of ``expression`` fits."""
        words = expression.split()
        if not words:
            raise RequestError("an empty expression selects nothing", f"write a session, or {_forms()}")
        found = {job.key for job in jobs if all(self._fits(word, job) for word in words)}
        if not found:
            raise RequestError(f"`{expression}` matches no session of this course", self._hint(words, jobs))
        return found

    def _fits(self, word: str, job: Job) -> bool:
        kind, wanted = _parted(word)
        if kind == "length":
            wanted = _shown_length(_length_s(wanted))
        return any(fnmatchcase(trait, wanted.lower()) for trait in self._traits(job)[kind])

    def _traits(self, job: Job) -> dict[str, set[str]]:
        """What words can ask for, in lower case, by their kind."""
        session, metadata = job.session, self._metadata[job.session.id]
        return {
            "": {session.id.lower()},
            "tag": set(session.tags),
            "level": {metadata.level},
            "concept": {concept.lower() for concept in metadata.concepts},
            "length": {_shown_length(job.length_s)},
            "path": {name for name, sessions in self._trails.items() if session.id in sessions},
            "block": {session.block} - {""},
            "listener": {job.listener} - {""},
        }

    def _hint(self, words: Sequence[str], jobs: Sequence[Job]) -> str:
        """What there is, for the first word that fits nothing by itself."""
        for word in words:
            if any(self._fits(word, job) for job in jobs):
                continue
            kind, wanted = _parted(word)
            known = sorted(_union(self._traits(job)[kind] for job in jobs))
            prefix = f"{kind}:" if kind else ""
            meant = near_miss(wanted, known)
            if meant:
                return f"did you mean `{prefix}{meant}`?"
            return (
                f"there are {', '.join(prefix + name for name in known[:20])}"
                if known
                else f"none of its sessions has a {kind}"
            )
        return "each word matches something, but no session matches all of them; give several --select for alternatives"


def _parted(word: str) -> tuple[str, str]:
    """``tag:breath`` in two; a session's id has no kind. Raises RequestError for an unknown kind."""
    kind, colon, wanted = word.partition(":")
    if not colon:
        return "", word.removesuffix(".yaml")
    if kind in _KINDS:
        return kind, wanted
    meant = near_miss(kind, _KINDS)
    hint = f"did you mean `{meant}:`?" if meant else f"there are {_forms()}"
    raise RequestError(f"`{word}` can't be read: there is no `{kind}:`", hint)


def _forms() -> str:
    return ", ".join(f"`{kind}:`" for kind in _KINDS)


def _length_s(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as exc:
        raise RequestError(
            f"`length:{text}` can't be read: {exc}", "write length:12m, length:7:30 or length:90s"
        ) from exc


def _shown_length(length_s: float) -> str:
    minutes, seconds = divmod(length_s, 60)
    return f"{minutes:g}m" if not seconds else f"{length_s:g}s"
