"""The settings of a speech server in ``breathmark.yaml``, validated; and its key."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from breathmark.base.errors import VoiceError
from breathmark.speech.contract import check_settings

KEY: Final = "BREATHMARK_OPENAI_KEY"
"""The environment variable whose value goes to the server that the project names."""
OPENAI_KEY: Final = "OPENAI_API_KEY"
"""The usual one, which other programs set, too: it goes to OpenAI's server only, no matter what a project names."""
OPENAI_HOST: Final = "api.openai.com"
_KEY_SIGN: Final = re.compile(r"\w")
_KEY_PIECE: Final = 8
"""Signs of a key in a row that are not shown; fewer are in ordinary words, and are what servers show on purpose."""
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a server is."""

    url: str
    """Of speech itself."""
    place: str
    """Host and port, as messages name it."""
    host: str

    @property
    def on_this_machine(self) -> bool:
        """Whether what is sent there stays here: ``localhost``, 127.0.0.0/8, ::1."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def encrypted(self) -> bool:
        """Whether the connection is encrypted."""
        return self.url.startswith("https:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVoice:
    """A voice as the server calls it."""

    name: str
    language: str
    """A BCP 47 tag; empty where it speaks any."""


def _address(written: object) -> Address:
    """``https://HOST[:PORT][/PATH]``, with or without ``/v1`` at the end."""
    parts = urlsplit(str(written).strip())
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"holds a user name or a password: don't write those into a file; a key belongs in {KEY}")
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host) or parts.query or parts.fragment:
        raise ValueError("is not an address such as https://speech.example.org or http://localhost:8880")
    port = f":{parts.port}" if parts.port is not None else ""
    place = (f"[{host}]" if ":" in host else host) + port
    path = re.sub(r"/v1$", "", parts.path.rstrip("/"))
    return Address(url=f"{parts.scheme}://{place}{path}/v1/audio/speech", place=place, host=host)


def _voices(written: object) -> tuple[ServerVoice, ...]:
    """``NAME [LANGUAGE], NAME [LANGUAGE], …``."""
    voices: dict[str, ServerVoice] = {}
    for entry in filter(None, (part.strip() for part in str(written).split(","))):
        name, *rest = entry.split()
        if len(rest) > 1 or (rest and not _LANGUAGE.fullmatch(rest[0])):
            raise ValueError("is not a list of names, each with its language, such as `af_heart en-US, ff_siwis fr`")
        if name.lower() in voices:
            raise ValueError(f"names {name} twice")
        voices[name.lower()] = ServerVoice(name=name, language=rest[0] if rest else "")
    if not voices:
        raise ValueError("names no voice")
    return tuple(voices.values())


class ServerSettings(BaseModel):
    """The settings of the narrator ``openai``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Annotated[Address, BeforeValidator(_address)]
    model: str = Field(min_length=1)
    voices: Annotated[tuple[ServerVoice, ...], BeforeValidator(_voices)]
    instructions: str = ""
    """How to speak, for models that take it."""
    private: bool = False
    """Whether private sentences may go to a server that is not on this machine."""
    timeout: float = Field(120.0, gt=0, le=3600)
    """How long the server may be silent (s); an answer as a whole may take twice as long."""
    retries: int = Field(4, ge=0, le=20)
    per_minute: float = Field(0.0, ge=0, le=100_000)
    """The most requests in a minute; 0 for as many as there are."""
    at_once: int = Field(2, ge=1, le=64)
    limit: int = Field(4096, ge=40, le=1_000_000)
    """The longest input (characters); OpenAI's own limit where nothing is said."""
    pace: float = Field(0.0, ge=0, le=1000)
    """Words a minute at the server's own speed 1.0; 0 to measure it."""


def read_settings(settings: Mapping[str, str]) -> ServerSettings:
    """The settings of the narrator ``openai``.

    Raises:
        VoiceError: with all that is missing or wrong.
    """
    check_settings("openai", settings, tuple(ServerSettings.model_fields))
    missing = [name for name in ("base", "model", "voices") if not settings.get(name, "").strip()]
    if missing:
        hint = "in breathmark.yaml: `narrators: {openai: {base: https://…, model: …, voices: …}}`; see docs/voices.md"
        raise VoiceError(f"the narrator openai has no server yet: {', '.join(missing)} not set", hint)
    try:
        return ServerSettings.model_validate(dict(settings))
    except ValidationError as exc:
        # Only where and why: the value could be a password.
        faults = [f"`{error['loc'][0]}` {_reason(error['msg'])}" for error in exc.errors(include_input=False)]
        message = f"the settings of the narrator openai are wrong: {'; '.join(faults)}"
    raise VoiceError(message, "correct them under `narrators` in breathmark.yaml")


def _reason(message: str) -> str:
    """Pydantic's words as the end of a sentence."""
    return re.sub(r"^Value error, ", "", message).replace("Input should", "should").replace("String should", "should")


def read_key(address: Address) -> str:
    """The server's key, from the environment; empty where there is none.

    Raises:
        VoiceError: the key can't be one, would travel unencrypted, or OpenAI's own server would be asked without.
    """
    names = (KEY, OPENAI_KEY) if address.host == OPENAI_HOST else (KEY,)
    name = next((name for name in names if os.environ.get(name, "").strip()), "")
    if not name:
        if address.host == OPENAI_HOST:
            raise VoiceError(f"there is no key for {address.place}", f"set the environment variable {OPENAI_KEY}")
        return ""
    key = os.environ[name].strip()
    if not re.fullmatch(r"[!-~]+", key):
        raise VoiceError(f"what the environment variable {name} holds is not a key", "copy it again, without spaces")
    if not address.encrypted and not address.on_this_machine:
        hint = f"let `base` begin with https, or unset {name} if the server needs no key"
        raise VoiceError(f"the key would travel to {address.place} unencrypted", hint)
    return key


def without_key(text: str, key: str) -> str:
    """``text`` without any piece of ``key`` that is long enough to disclose something, even with signs inside.

    Keys that are shorter, such as the ``local`` or ``x`` that some local servers want, are left out as whole words.
    """
    bare = "".join(_KEY_SIGN.findall(key))
    if len(bare) < _KEY_PIECE:
        return re.sub(rf"(?<!\w){re.escape(key)}(?!\w)", "…", text) if key else text
    places = [place for place, sign in enumerate(text) if _KEY_SIGN.match(sign)]
    signs = "".join(text[place] for place in places)
    hidden: set[int] = set()
    for piece in {bare[start : start + _KEY_PIECE] for start in range(len(bare) - _KEY_PIECE + 1)}:
        for match in re.finditer(f"(?={re.escape(piece)})", signs, re.IGNORECASE):
            first, last = places[match.start()], places[match.start() + _KEY_PIECE - 1]
            hidden.update(range(first, last + 1))
    shown = (
        "" if place in hidden and place - 1 in hidden else "…" if place in hidden else sign
        for place, sign in enumerate(text)
    )
    return "".join(shown)
