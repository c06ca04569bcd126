"""The shapes of ``course.yaml`` and ``help.yaml``: what pydantic validates, once, and what editors complete by."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import (
    Field,
    HttpUrl,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from breathmark.base.errors import near_miss
from breathmark.course.categories import CATEGORIES
from breathmark.script.reader.fields import (
    DurationField,
    FlagField,
    LanguageField,
    OrItem,
    OrScalar,
    TextField,
    VoiceName,
)
from breathmark.script.reader.shapes import Placed, Shape

if TYPE_CHECKING:
    from collections.abc import Callable


_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MARK = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", re.ASCII)


def _matching(pattern: re.Pattern[str], advice: str) -> PlainValidator:
    """A validator of words of one form."""
    return PlainValidator(_reader(pattern, advice))


def _reader(pattern: re.Pattern[str], advice: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()) or len(value.strip()) > 80:
            raise ValueError(advice)
        return value.strip()

    return read


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as exc:
        raise ValueError("write a date such as `2026-11-24`") from exc


def _base_url(value: object) -> str:
    """A web address that file names can be put behind."""
    advice = "write the web address of the folder, such as `https://example.org/evenings/`"
    try:
        url = TypeAdapter(HttpUrl).validate_python(str(value).strip())
    except ValidationError as exc:
        raise ValueError(advice) from exc
    if url.username or url.password or url.query is not None or url.fragment is not None:
        raise ValueError(f"{advice}, without a name, a password, `?` and `#`")
    return f"{str(url).rstrip('/')}/"


def _category(value: object) -> str:
    written = " > ".join(part.strip() for part in str(value).split(">"))
    if written not in CATEGORIES:
        by_part = {part or subject: name for name, (subject, part) in CATEGORIES.items()}
        meant = by_part.get(near_miss(written.rpartition(" > ")[2], by_part))
        example = f"did you mean `{meant}`?" if meant else "write one such as `Health & Fitness > Mental Health`"
        raise ValueError(f"podcast directories have no category of that name; {example}")
    return written


def _guid(value: object) -> str:
    try:
        return str(UUID(str(value).strip()))
    except ValueError as exc:
        raise ValueError("write the `podcast:guid` that the feed has had so far, 32 hexadecimal digits") from exc


Name: TypeAlias = Annotated[
    str,
    _matching(_NAME, "write a short name of lower-case letters, digits and `-`, such as `no-touch`"),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"}),
]
Mark: TypeAlias = Annotated[
    str,
    _matching(_MARK, "the mark of a concept is letters and digits, such as `C1`"),
    WithJsonSchema({"type": "string"}),
]
DateField: TypeAlias = Annotated[
    date,
    PlainValidator(_date),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
Url: TypeAlias = Annotated[str, PlainValidator(_base_url), WithJsonSchema({"type": "string", "format": "uri"})]
Category: TypeAlias = Annotated[
    str, PlainValidator(_category), WithJsonSchema({"type": "string", "enum": [*CATEGORIES]})
]
Guid: TypeAlias = Annotated[str, PlainValidator(_guid), WithJsonSchema({"type": "string", "format": "uuid"})]
Email: TypeAlias = Annotated[
    str,
    _matching(_EMAIL, "write an address such as `hello@example.org`"),
    WithJsonSchema({"type": "string", "format": "email"}),
]
Lengths: TypeAlias = Annotated[list[DurationField], OrItem, Field(min_length=1, max_length=50)]
Texts: TypeAlias = Annotated[list[TextField], OrItem]


class SessionShape(Shape):
    """One session; in short, the name of its script."""

    script: TextField = Field(description="The script's path, from this file; `.yaml` may be left out.")
    tags: list[Name] = Field([], description="Words to select it by, such as no-touch.")
    companion: TextField | None = Field(None, description="The path of a page that goes with it.")
    lengths: Lengths | None = Field(None, description="Its own lengths, in place of the course's.")
    published: DateField | None = Field(None, description="The date in the feed, in place of the feed's.")


Session: TypeAlias = Annotated[SessionShape, OrScalar("script")]
Sessions: TypeAlias = Annotated[list[Session], Field(min_length=1, max_length=1000)]


class BlockShape(Shape):
    """Sessions that belong together, in their order."""

    title: TextField = Field(description="What the block is called.")
    summary: TextField | None = Field(None, description="What it is about, in a sentence.")
    sessions: Sessions = Field(description="Its sessions, in their order.")


class PathShape(Shape):
    """A way through the course that leaves sessions out."""

    title: TextField = Field(description="What the path is called.")
    sessions: Annotated[list[TextField], Field(min_length=1)] = Field(description="Its sessions by id, in their order.")


class ChoiceShape(Shape):
    """Which one of each session's artefacts goes into something that has room for one."""

    length: DurationField | None = Field(None, description="One of the course's lengths; the first if not said.")
    voice: VoiceName | None = Field(None, description="One of the course's voices; the first if not said.")
    ambience: TextField | None = Field(None, description="One of the course's ambiences; the first if not said.")
    preset: TextField | None = Field(None, description="One of the course's presets; the first if not said.")


class FeedShape(ChoiceShape):
    """The course as a podcast."""

    url: Url = Field(description="Where the folder will lie in the web, such as https://example.org/evenings/.")
    published: DateField = Field(description="The day of the first session; the others follow a minute apart.")
    email: Email | None = Field(None, description="Where directories reach its owner. It is public.")
    categories: Annotated[list[Category], OrItem, Field(min_length=1)] = Field(
        ["Health & Fitness > Mental Health"], description="Where directories list it; the first one counts most."
    )
    explicit: FlagField = Field(default=False, description="Whether it is for adults only.")
    locked: FlagField = Field(default=True, description="Whether other platforms are asked not to import it.")
    medium: Literal["course", "podcast", "audiobook"] = Field("course", description="What podcast apps take it for.")
    guid: Guid | None = Field(None, description="The feed's identity, where it has moved from another address.")


class AudiobookShape(ChoiceShape):
    """The course as one file."""

    pause: DurationField = Field(3.0, description="The silence between two sessions, such as 3s.")


class CourseShape(Shape):
    """A course: its sessions, and what is made of each."""

    title: TextField = Field(description="What the course is called; the album of every file.")
    summary: TextField | None = Field(None, description="What it is about, in a sentence or two.")
    author: TextField | None = Field(None, description="Who made it.")
    language: LanguageField = Field("en", description="Such as en, de or en-GB.")
    cover: TextField | None = Field(None, description="A picture's path, from this file.")
    lengths: Lengths = Field(description="The lengths that every session is built at, such as [5m, 10m, 20m].")
    voices: Annotated[list[VoiceName], OrItem] = Field(
        [], description="Who speaks; the first gives the plain file names. `script` is each script's own voice."
    )
    ambiences: Texts = Field([], description="Sounds, paths or `none`; `script` is each script's own ambience.")
    presets: Texts = Field([], description="Such as podcast or clear. The project's where none is named.")
    concepts: dict[Mark, TextField] = Field({}, description="The marks that scripts use, and what each stands for.")
    sessions: Sessions | None = Field(None, description="The sessions in their order, where there are no blocks.")
    blocks: dict[Name, BlockShape] = Field({}, description="The sessions in their order, in named blocks.")
    extras: list[Session] = Field([], description="Sessions beside the course, each with its own lengths.")
    paths: dict[Name, PathShape] = Field({}, description="Shorter ways through the course.")
    notes: Texts = Field([], description="What every listener should know, such as not to listen while driving.")
    help: TextField | None = Field(None, description="The path of a file with help by region.")
    listeners: TextField | None = Field(None, description="The path of a CSV or YAML file of each listener's values.")
    publish: Annotated[list[Name], OrItem] = Field(["folder"], description="Publishers that run after each build.")
    feed: FeedShape | None = Field(None, description="What the publisher `feed` has to know.")
    audiobook: AudiobookShape | None = Field(None, description="What the publisher `audiobook` makes its one file of.")

    @model_validator(mode="after")
    def _check(self) -> CourseShape:
        if (self.sessions is None) == (not self.blocks):
            raise ValueError("name the sessions either under `sessions` or in `blocks`")
        return self


class RegionShape(Shape):
    """Where a listener of one region finds help."""

    name: TextField = Field(description="The region, as its people call it in the course's language.")
    text: TextField = Field(description="Whom to turn to there.")
    verified: FlagField = Field(default=False, description="Whether somebody has tried it since the last review.")


class HelpShape(Placed):
    """Where listeners find help, by region; it ages, so it has an owner and a date."""

    owner: TextField = Field(description="Who keeps it true.")
    reviewed: DateField = Field(description="The day of the last review.")
    regions: Annotated[dict[Name, RegionShape], Field(min_length=1)] = Field(
        description="By country code in lower case; `everywhere` is for all others."
    )
