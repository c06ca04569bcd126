"""The bodies of the page's requests, validated where they come in."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from breathmark.script.editing.asked import Edit


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScriptText(_Body):
    """A script as it is on the page."""

    path: str
    text: str


class Choices(_Body):
    """What a session is asked to be; what is left out is the script's own choice."""

    length: str | None = None
    voice: str = ""
    stand_in: str = ""
    ambience: str | None = None
    bells: bool = True
    preset: str = ""
    values: dict[str, str] = Field(default_factory=dict)


class AskedSession(ScriptText):
    """A session of the script: with what choices, and whether it is to be guessed instead of spoken."""

    choices: Choices = Choices()
    estimate: bool = False


class AskedEdit(ScriptText):
    """An edit of the script."""

    edit: Annotated[Edit, Field(discriminator="op")]


class SavedText(ScriptText):
    """A text for a file."""

    seen: str
    """The mark of the text that this one replaces; empty for a new file."""


class NewScript(_Body):
    """A new meditation, from the package's starter."""

    path: str


class AskedFile(_Body):
    """A finished file; a length and a preset that are empty are those of the choices."""

    length: str = ""
    preset: str = ""
    output: str


class RenderWork(AskedSession):
    """Make finished files."""

    kind: Literal["render"]
    files: Annotated[tuple[AskedFile, ...], Field(min_length=1, max_length=50)]


class VerifyWork(_Body):
    """Measure a finished file."""

    kind: Literal["verify"]
    path: str
    preset: str = ""


class BuildWork(_Body):
    """Build a course, or list what a build would do."""

    kind: Literal["build"]
    path: str
    output: str = "dist"
    dry_run: bool = False


class SpeakWork(AskedSession):
    """Speak every sentence that any length needs."""

    kind: Literal["speak"]


Work: TypeAlias = RenderWork | VerifyWork | BuildWork | SpeakWork

TEXT = TypeAdapter(ScriptText)
NEW = TypeAdapter(NewScript)
SAVED = TypeAdapter(SavedText)
EDIT = TypeAdapter(AskedEdit)
SESSION = TypeAdapter(AskedSession)
WORK: TypeAdapter[Work] = TypeAdapter(Annotated[Work, Field(discriminator="kind")])


def unfit(error: ValidationError) -> str:
    """Where a body is not what the page sends, in one line; nothing of it is repeated."""
    where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
    return f"`{where}` is missing or is not what it has to be" if where else "this request is not what it has to be"
