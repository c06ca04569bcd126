"""What ``course.yaml`` and ``help.yaml`` hold, as pydantic models: a key is declared here or in ``course.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import AfterValidator, Field, HttpUrl, TypeAdapter, ValidationError, ValidationInfo

from breathmark.base.errors import near_miss
from breathmark.script.reader.adapters import TEXT_SCHEMA, OrItem, OrScalar, Reads, looked_up, written
from breathmark.script.reader.fields import DurationField, FlagField, SoundField, TextField, VoiceName
from breathmark.script.reader.shapes import Placed, Shape

if TYPE_CHECKING:
    from breathmark.model import Place


_BY_SUBJECT: Final[dict[str, tuple[str, ...]]] = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "Health & Fitness": ("Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"),
    "History": (),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": (
        *("Animation & Manga", "Automotive", "Aviation", "Crafts"),
        *("Games", "Hobbies", "Home & Garden", "Video Games"),
    ),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": (
        *("Business News", "Daily News", "Entertainment News", "News Commentary"),
        *("Politics", "Sports News", "Tech News"),
    ),
    "Religion & Spirituality": (
        *("Buddhism", "Christianity", "Hinduism", "Islam"),
        *("Judaism", "Religion", "Spirituality"),
    ),
    "Science": (
        *("Astronomy", "Chemistry", "Earth Sciences", "Life Sciences", "Mathematics"),
        *("Natural Sciences", "Nature", "Physics", "Social Sciences"),
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        *("Baseball", "Basketball", "Cricket", "Fantasy Sports", "Football", "Golf", "Hockey", "Rugby"),
        *("Running", "Soccer", "Swimming", "Tennis", "Volleyball", "Wilderness", "Wrestling"),
    ),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
    "Technology": (),
    "True Crime": (),
}
"""The subjects that podcast directories sort by.

Source: Apple Podcasts categories, https://podcasters.apple.com/support/1691-apple-podcasts-categories, which other
directories take, too.
"""


def _category_name(subject: str, part: str = "") -> str:
    """A category as a course names it: ``Health & Fitness > Mental Health``, or only the subject."""
    return f"{subject} > {part}" if part else subject


CATEGORIES: Final[dict[str, tuple[str, str]]] = {
    _category_name(subject, part): (subject, part) for subject, parts in _BY_SUBJECT.items() for part in ("", *parts)
}
"""Subject and part (empty for the whole subject), by name."""


_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MARK = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", re.ASCII)


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


def _named(pattern: re.Pattern[str], advice: str, schema: dict[str, str]) -> Reads:
    """Words of one form, of at most 80 characters."""

    def read(value: object, _: ValidationInfo) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()) or len(value.strip()) > 80:
            raise ValueError(advice)
        return value.strip()

    return Reads(read, {"type": "string", **schema})


def _each_once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


Name: TypeAlias = Annotated[
    str,
    _named(
        _NAME,
        "write a short name of lower-case letters, digits and `-`, such as `no-touch`",
        {"pattern": f"^{_NAME.pattern}$"},
    ),
]
Mark: TypeAlias = Annotated[str, _named(_MARK, "the mark of a concept is letters and digits, such as `C1`", {})]
Email: TypeAlias = Annotated[str, _named(_EMAIL, "write an address such as `hello@example.org`", {"format": "email"})]
DateField: TypeAlias = Annotated[
    date,
    Reads(lambda value, _: _date(value), {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
Url: TypeAlias = Annotated[str, Reads(lambda value, _: _base_url(value), {"type": "string", "format": "uri"})]
Category: TypeAlias = Annotated[
    str, Reads(lambda value, _: _category(value), {"type": "string", "enum": [*CATEGORIES]})
]
Guid: TypeAlias = Annotated[str, Reads(lambda value, _: _guid(value), {"type": "string", "format": "uuid"})]
OptionalText: TypeAlias = Annotated[
    str, Reads(lambda value, _: str(written(value)), {"anyOf": [TEXT_SCHEMA, {"type": "null"}]})
]
"""Empty where it is left out."""
StrippedText: TypeAlias = Annotated[TextField, AfterValidator(str.strip)]
FileField: TypeAlias = Annotated[Path, looked_up(lambda reader, text: reader.file(text))]
PresetName: TypeAlias = Annotated[str, looked_up(lambda reader, text: reader.preset(text))]
Lengths: TypeAlias = Annotated[list[DurationField], OrItem, Field(min_length=1, max_length=50)]
Texts: TypeAlias = Annotated[tuple[TextField, ...], OrItem]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedScript:
    """A script that was found."""

    file: Path
    """Absolute, links resolved."""
    shown: str
    """As messages name it."""
    place: Place
    """Where the course names it."""


class SessionShape(Shape):
    """One session; in short, the name of its script."""

    script: Annotated[NamedScript, looked_up(lambda reader, text: reader.script(text))] = Field(
        description="The script's path, from this file; `.yaml` may be left out."
    )
    tags: tuple[Name, ...] = Field((), description="Words to select it by, such as no-touch.")
    companion: FileField | None = Field(None, description="The path of a page that goes with it.")
    lengths: Lengths | None = Field(None, description="Its own lengths, in place of the course's.")
    published: DateField | None = Field(None, description="The date in the feed, in place of the feed's.")


SessionField: TypeAlias = Annotated[SessionShape, OrScalar("script")]
Sessions: TypeAlias = Annotated[list[SessionField], Field(min_length=1, max_length=1000)]


class BlockShape(Shape):
    """Sessions that belong together, in their order."""

    title: TextField = Field(description="What the block is called.")
    summary: OptionalText = Field(default_factory=str, description="What it is about, in a sentence.")
    sessions: Sessions = Field(description="Its sessions, in their order.")


class PathShape(Shape):
    """A way through the course that leaves sessions out."""

    title: TextField = Field(description="What the path is called.")
    sessions: Annotated[
        list[Annotated[str, looked_up(lambda reader, text: reader.session_id(text))]], Field(min_length=1)
    ] = Field(description="Its sessions by id, in their order.")


class ChoiceShape(Placed):
    """Which one of each session's artefacts goes into something that has room for one."""

    length_s: DurationField | None = Field(
        None, alias="length", description="One of the course's lengths; the first if not said."
    )
    voice: VoiceName | None = Field(None, description="One of the course's voices; the first if not said.")
    ambience: Annotated[str, looked_up(lambda reader, text: reader.chosen_sound(text))] | None = Field(
        None, description="One of the course's ambiences; the first if not said."
    )
    preset: TextField | None = Field(None, description="One of the course's presets; the first if not said.")


class FeedShape(ChoiceShape):
    """The course as a podcast."""

    url: Url = Field(description="Where the folder will lie in the web, such as https://example.org/evenings/.")
    published: DateField = Field(description="The day of the first session; the others follow a minute apart.")
    email: Email | None = Field(None, description="Where directories reach its owner. It is public.")
    categories: Annotated[list[Category], OrItem, Field(min_length=1), AfterValidator(_each_once)] = Field(
        ["Health & Fitness > Mental Health"], description="Where directories list it; the first one counts most."
    )
    explicit: FlagField = Field(default=False, description="Whether it is for adults only.")
    locked: FlagField = Field(default=True, description="Whether other platforms are asked not to import it.")
    medium: Literal["course", "podcast", "audiobook"] = Field("course", description="What podcast apps take it for.")
    guid: Guid | None = Field(None, description="The feed's identity, where it has moved from another address.")


class AudiobookShape(ChoiceShape):
    """The course as one file."""

    pause_s: DurationField = Field(3.0, alias="pause", description="The silence between two sessions, such as 3s.")


class SiteShape(Placed):
    """The pages for listeners."""

    any_length: FlagField = Field(
        default=False, description="Whether listeners choose any length, put together on their device."
    )
    ambiences: Annotated[tuple[SoundField, ...], OrItem] = Field(
        (), description="Sounds that listeners may put around the voice, beside those of the course."
    )


class RegionShape(Shape):
    """Where a listener of one region finds help."""

    name: TextField = Field(description="The region, as its people call it in the course's language.")
    text: StrippedText = Field(description="Whom to turn to there.")
    verified: FlagField = Field(default=False, description="Whether somebody has tried it since the last review.")


class HelpText(Placed):
    """Where listeners find help, by region; it ages, so it has an owner and a date."""

    owner: TextField = Field(description="Who keeps it true.")
    reviewed: DateField = Field(description="The day of the last review.")
    regions: Annotated[dict[Name, RegionShape], Field(min_length=1)] = Field(
        description="By country code in lower case; `everywhere` is for all others."
    )

    @property
    def unverified(self) -> tuple[RegionShape, ...]:
        """The regions whose text nobody has tried since the last review."""
        return tuple(region for region in self.regions.values() if not region.verified)
