"""Calm pictures that are drawn from a name: the same name gives the same picture.

A picture is a few shapes on a square of ``SIDE`` units: a sky, something round in it, and hills in front, dark enough
at the bottom for pale letters. The shapes become SVG for pages, and pixels where a player or a directory wants those.
"""

from __future__ import annotations

import hashlib
import io
import math
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

SIDE: Final = 1000
_STEP: Final = 20
"""How far the points of a hill lie apart; the eye no longer sees a line between two of them as straight."""
_FINE: Final = 2
"""Pixels are drawn this many times finer, and then averaged, so that edges are smooth."""
_QUALITY: Final = 90
_MARGIN: Final = 90
_ROOM: Final = SIDE - 2 * _MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class _Palette:
    """Colours that go together, from far to near."""

    above: str
    horizon: str
    light: str
    hills: tuple[str, str, str, str]
    """The last one carries letters, with a contrast of more than 7 to 1."""


_PALETTES: Final = (
    _Palette(above="#f3cdb8", horizon="#fdf0e1", light="#fff8ec", hills=("#e3a995", "#bf7f7c", "#83596c", "#433a54")),
    _Palette(above="#bfdbe0", horizon="#f2f6ef", light="#ffffff", hills=("#98c1c5", "#62989f", "#38697a", "#1c3f50")),
    _Palette(above="#d3e0c3", horizon="#f8f6e6", light="#fffdf0", hills=("#b0c79b", "#7fa281", "#4c7464", "#25463f")),
    _Palette(above="#4a5285", horizon="#d9a8a2", light="#fae3c6", hills=("#ab8cae", "#6a5889", "#474470", "#272a4c")),
    _Palette(above="#efdcb6", horizon="#fcf6e8", light="#fffaf0", hills=("#dcb98a", "#bd9065", "#866650", "#4a3e3b")),
    _Palette(above="#d5d0ec", horizon="#f7f2f6", light="#fffbf8", hills=("#b6abd7", "#8d80b5", "#60598c", "#373560")),
)
_INK: Final = "#fffaf2"
_FONT: Final = Path(__file__).parent / "fonts" / "AlegreyaSans-Medium.ttf"
"""Letters of Latin, with the marks of Vietnamese, Sanskrit and Pali, of Greek and of Cyrillic; its licence lies beside
it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ring:
    """A circle, or the band between two."""

    x: float
    y: float
    outer: float
    inner: float = 0.0
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hill:
    """Everything below a line that runs from the left to the right."""

    line: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as shapes, the farthest first."""

    palette: _Palette
    rings: tuple[_Ring, ...]
    hills: tuple[_Hill, ...]

    @property
    def accents(self) -> tuple[str, str]:
        """Colours for letters that go with it: on a pale ground, and on a dark one."""
        return self.palette.hills[-1], self.palette.hills[0]


def draw(name: str, *, family: str = "") -> Picture:
    """The picture of ``name``; those of one ``family`` have the same colours."""
    palette = _PALETTES[int(_chance(family or name, "palette") * len(_PALETTES))]
    chance = partial(_chance, name)
    motif = _MOTIFS[int(chance("motif") * len(_MOTIFS))]
    hills = tuple(_hill(chance, depth, fill) for depth, fill in enumerate(palette.hills))
    return Picture(palette=palette, rings=tuple(motif(chance, palette)), hills=hills)


def svg(picture: Picture) -> str:
    """The picture as SVG, without words; it says nothing to those who can't see it."""
    palette = picture.palette
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">',
        '<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="0.7">',
        f'<stop stop-color="{palette.above}"/><stop offset="1" stop-color="{palette.horizon}"/>',
        "</linearGradient></defs>",
        f'<rect width="{SIDE}" height="{SIDE}" fill="url(#sky)"/>',
        *map(_ring_svg, picture.rings),
        *(f'<path fill="{hill.fill}" d="{_path(hill.line)}V{SIDE}H0Z"/>' for hill in picture.hills),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def jpeg(picture: Picture, title: str, line: str = "", *, side_px: int) -> bytes:
    """The picture as a square JPEG with ``title`` on it in large letters, and ``line`` under it in small ones.

    Words that the package's font has no letters for (``unwritable``) are left out, rather than shown as boxes: the
    fonts of the system would give another picture on each machine.
    """
    scale = side_px * _FINE / SIDE
    image = _sky(picture.palette, side_px * _FINE)
    for ring in picture.rings:
        _paint_ring(image, ring, scale)
    brush = ImageDraw.Draw(image)
    for hill in picture.hills:
        corners = [(x * scale, y * scale) for x, y in (*hill.line, (SIDE, SIDE), (0, SIDE))]
        brush.polygon(corners, fill=hill.fill)
    image = image.resize((side_px, side_px), Image.Resampling.BOX)
    _letter(ImageDraw.Draw(image), title, line, side_px / SIDE)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return file.getvalue()


def _chance(name: str, what: str) -> float:
    """A number from 0 to below 1 that depends on the two words alone."""
    return int.from_bytes(hashlib.sha256(f"{name}\0{what}".encode()).digest()[:6]) / 2**48


def _between(low: float, high: float, chance: float) -> float:
    return low + (high - low) * chance


def _hill(chance: Callable[[str], float], depth: int, fill: str) -> _Hill:
    """A line of two waves; nearer hills are lower, and flatter."""
    height = (415, 510, 585, 650)[depth] + _between(-20, 20, chance(f"height {depth}"))
    swing = (60, 48, 36, 22)[depth]
    long, short = (chance(f"{kind} wave {depth}") * math.tau for kind in ("long", "short"))
    length = _between(0.85, 1.35, chance(f"length {depth}"))

    def at(x: float) -> float:
        turn = x / SIDE * math.tau
        return round(height + swing * (math.sin(turn * length + long) + 0.32 * math.sin(turn * 2.3 + short)), 1)

    return _Hill(line=tuple((x, at(x)) for x in range(0, SIDE + 1, _STEP)), fill=fill)


def _sun(chance: Callable[[str], float], palette: _Palette) -> Iterator[_Ring]:
    """A disc with a halo."""
    x, y = _between(280, 720, chance("x")), _between(230, 350, chance("y"))
    radius = _between(95, 140, chance("radius"))
    for wider, opacity in ((2.6, 0.16), (1.9, 0.22), (1.4, 0.34), (1.0, 1.0)):
        yield _Ring(x=x, y=y, outer=radius * wider, fill=palette.light, opacity=opacity)


def _ripples(chance: Callable[[str], float], palette: _Palette) -> Iterator[_Ring]:
    """Rings that widen from a place behind the hills."""
    x, y = _between(330, 670, chance("x")), _between(380, 450, chance("y"))
    for number in range(6, 0, -1):
        radius = 62.0 * number + 9 * number * number / 2
        yield _Ring(x=x, y=y, outer=radius, inner=radius - 15, fill=palette.light, opacity=1.05 - 0.14 * number)
    yield _Ring(x=x, y=y, outer=26, fill=palette.light)


def _petals(chance: Callable[[str], float], palette: _Palette) -> Iterator[_Ring]:
    """Discs around a middle that lie on each other like petals."""
    x, y = _between(400, 600, chance("x")), _between(280, 340, chance("y"))
    count = 6 + int(chance("count") * 3)
    turned = chance("turned") * math.tau / count
    for number in range(count):
        angle = turned + number * math.tau / count
        yield _Ring(x=x + 92 * math.cos(angle), y=y + 92 * math.sin(angle), outer=118, fill=palette.light, opacity=0.3)
    yield _Ring(x=x, y=y, outer=44, fill=palette.light, opacity=0.85)


def _moon(chance: Callable[[str], float], palette: _Palette) -> Iterator[_Ring]:
    """A broad ring, with a small companion."""
    x, y = _between(320, 680, chance("x")), _between(260, 330, chance("y"))
    yield _Ring(x=x, y=y, outer=235, fill=palette.light, opacity=0.2)
    yield _Ring(x=x, y=y, outer=158, inner=112, fill=palette.light, opacity=0.95)
    angle = _between(math.pi, math.tau, chance("companion"))
    yield _Ring(x=x + 235 * math.cos(angle), y=y + 235 * math.sin(angle), outer=24, fill=palette.light)


_MOTIFS: Final = (_sun, _ripples, _petals, _moon)


def _ring_svg(ring: _Ring) -> str:
    if ring.inner:
        width, radius = ring.outer - ring.inner, (ring.outer + ring.inner) / 2
        look = f'fill="none" stroke="{ring.fill}" stroke-width="{width:.1f}"'
    else:
        radius, look = ring.outer, f'fill="{ring.fill}"'
    return f'<circle cx="{ring.x:.1f}" cy="{ring.y:.1f}" r="{radius:.1f}" {look} opacity="{ring.opacity:.2f}"/>'


def _path(line: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in line)


def _sky(palette: _Palette, side_px: int) -> Image.Image:
    """From above to the horizon, which lies at seven tenths of the height."""
    column = Image.new("L", (1, side_px))
    column.putdata([min(255, round(255 * y / (0.7 * side_px))) for y in range(side_px)])
    above, horizon = (Image.new("RGB", (side_px, side_px), colour) for colour in (palette.above, palette.horizon))
    return Image.composite(horizon, above, column.resize((side_px, side_px)))


def _paint_ring(image: Image.Image, ring: _Ring, scale: float) -> None:
    reach = math.ceil(ring.outer * scale) + 1
    left, top = round(ring.x * scale) - reach, round(ring.y * scale) - reach
    mask = Image.new("L", (2 * reach, 2 * reach))
    brush = ImageDraw.Draw(mask)
    for radius, strength in ((ring.outer, min(1.0, ring.opacity)), (ring.inner, 0.0)):
        if radius:
            brush.circle((ring.x * scale - left, ring.y * scale - top), radius * scale, fill=round(255 * strength))
    image.paste(ring.fill, (left, top), mask)


def _letter(brush: ImageDraw.ImageDraw, title: str, line: str, scale: float) -> None:
    """The words at the lower left, on the nearest hill."""
    foot = SIDE - _MARGIN
    if line and not unwritable(line):
        _write(brush, _fitting(_writable(line), _SMALL), foot, scale)
        foot -= 62
    if title and not unwritable(title):
        _write(brush, _fitting(_writable(title), _LARGE), foot, scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lettering:
    """Words in lines, and how large they are."""

    lines: tuple[str, ...]
    size: int


_LARGE: Final = ((86, 1), (74, 2), (56, 3), (44, 4))
_SMALL: Final = ((34, 1), (28, 1), (22, 1))
"""Sizes, and how many lines there is room for at each."""


def _fitting(text: str, sizes: Sequence[tuple[int, int]]) -> _Lettering:
    """``text`` as large as it fits; what doesn't fit even in the smallest size is cut."""
    words = text.split()
    for size, most in sizes:
        lines = _wrap(words, size, _ROOM)
        if len(lines) <= most and all(_width(line, size) <= _ROOM for line in lines):
            narrower = (_wrap(words, size, room) for room in range(_ROOM // 3, _ROOM, 20))
            even = next((each for each in narrower if len(each) == len(lines)), lines)
            return _Lettering(lines=tuple(even), size=size)
    size, most = sizes[-1]
    *kept, last = _wrap(words, size, _ROOM)[:most]
    while _width(last + "…", size) > _ROOM:
        last = last[:-1]
    return _Lettering(lines=(*kept, last.rstrip() + "…"), size=size)


def _wrap(words: Sequence[str], size: int, room: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _width(line: str, size: int) -> float:
    return _font(size).getlength(line)


def _write(brush: ImageDraw.ImageDraw, lettering: _Lettering, foot: float, scale: float) -> None:
    """The baseline of the last line is at ``foot``."""
    font = _font(lettering.size * scale)
    for number, line in enumerate(reversed(lettering.lines)):
        brush.text((_MARGIN * scale, (foot - number * lettering.size * 1.16) * scale), line, _INK, font, anchor="ls")


@cache
def _font(size: float) -> ImageFont.FreeTypeFont:
    """The font that the package brings along, laid out the plain way, so that every machine draws the same letters."""
    return ImageFont.truetype(_FONT, size, layout_engine=ImageFont.Layout.BASIC)


def unwritable(text: str) -> str:
    """The letters and digits of ``text`` that the font has no picture for, each once; empty where it can be written.

    Other signs may be left out, but not all of a text.
    """
    missing = [sign for sign in _simplified(text) if not _has(sign)]
    letters = [sign for sign in missing if sign.isalnum()] if _writable(text) else missing
    return "".join(dict.fromkeys(letters))


def _writable(text: str) -> str:
    """``text`` in letters that the font has; a sign that it lacks, such as an emoji, is left out."""
    return "".join(sign for sign in _simplified(text) if _has(sign)).strip()


def _simplified(text: str) -> str:
    """``text`` with the letters put together; where the font lacks one, it is that letter without its marks."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(sign if _has(sign) else _without_marks(sign) for sign in composed)


def _without_marks(sign: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))


@cache
def _has(sign: str) -> bool:
    """Whether the font has a picture for ``sign``; one that is not assigned gives what it shows in place of others."""
    font = _font(40)
    return sign.isspace() or bytes(font.getmask(sign)) != bytes(font.getmask("\ue000"))
