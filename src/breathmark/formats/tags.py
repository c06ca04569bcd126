"""Tags: what players show about a file, whatever its format.

Nothing that changes from run to run is among them, and nothing that was said: neither lyrics nor values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from breathmark.formats.cover import Cover
    from breathmark.timeline.chapters import Chapter


GENRE: Final = "Meditation"

_LANGUAGES: Final = (
    "ar:ara bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas "
    "fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz "
    "kn:kan ko:kor la:lat lb:ltz lt:lit lv:lav mk:mkd ml:mal mr:mar ms:msa nb:nob ne:nep nl:nld nn:nno no:nor pa:pan "
    "pl:pol pt:por ro:ron ru:rus sa:san si:sin sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tr:tur "
    "uk:ukr ur:urd vi:vie zh:zho"
)
"""Two-letter codes of ISO 639-1 and the terminological three-letter ones that ID3 wants."""
_ISO_639_2: Final = dict(pair.split(":") for pair in _LANGUAGES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a finished file says about itself. Empty texts are left out."""

    title: str
    artist: str = ""
    """The author of the script."""
    album: str = ""
    """The course that it belongs to."""
    album_artist: str = ""
    """The author of the course."""
    track: int = 0
    """Its place in the course, from 1; 0 for none."""
    tracks: int = 0
    """How many there are; 0 where that is not said."""
    comment: str = ""
    """The script's summary."""
    narrator: str = ""
    """Whose voice speaks; for audiobooks."""
    language: str = "en"
    """A BCP 47 tag."""
    encoder: str = ""
    """What made the file, with its version."""
    cover: Cover | None = None
    chapters: tuple[Chapter, ...] = ()
    rate_hz: int
    """The rate of the chapters' frames."""

    @property
    def iso_639_2(self) -> str:
        """The language in the three letters of ISO 639-2; ``und`` (undetermined) where they aren't known."""
        primary = self.language.replace("_", "-").split("-")[0].lower()
        is_three_letters = len(primary) == 3 and primary.isascii() and primary.isalpha()
        return primary if is_three_letters else _ISO_639_2.get(primary, "und")
