"""The colours of a plan's picture, by day and by night."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.model import Kind

__all__ = ["stylesheet"]


class _Tone(NamedTuple):
    """One colour, twice."""

    day: str
    night: str


_KINDS: Mapping[Kind, _Tone] = {
    "opening": _Tone("#f7e8c6", "#5d5138"),
    "teach": _Tone("#cfdcf2", "#3a4d70"),
    "anchor": _Tone("#bfe0dc", "#2b5a57"),
    "practice": _Tone("#c9e1c4", "#3c5b3b"),
    "resource": _Tone("#f3d3c0", "#6b4735"),
    "evoke": _Tone("#eecbd6", "#68394b"),
    "silence": _Tone("#dedcf0", "#46436b"),
    "ground": _Tone("#e0d1bd", "#594a38"),
    "close": _Tone("#efd08f", "#7a5c1e"),
    "tail": _Tone("#e1e2e3", "#43474c"),
}
"""A pale ground for dark letters by day, the same hue dimmed for pale letters by night."""
_PARTS: Mapping[str, tuple[str, _Tone]] = {
    ".paper": ("fill", _Tone("#fbfaf6", "#191c20")),
    ".between": ("fill", _Tone("#eae8df", "#2b3036")),
    ".lane": ("fill", _Tone("#f1f0ea", "#22262b")),
    ".speech": ("fill", _Tone("#3f6f78", "#8cc3c7")),
    ".rest": ("stroke", _Tone("#b9b7ab", "#555b61")),
    ".silent": ("fill", _Tone("#bcb8e0", "#5d5995")),
    ".bell": ("fill", _Tone("#b8842b", "#e3b75c")),
    ".ring": ("fill", _Tone("#d9a441", "#d9a441")),
    ".tick": ("stroke", _Tone("#b9b7ab", "#555b61")),
    ".optional": ("stroke", _Tone("#8f9a8d", "#9aa698")),
    ".title,.label,.small": ("fill", _Tone("#2a3338", "#eceff0")),
    ".quiet,.time": ("fill", _Tone("#5d666a", "#aab2b6")),
}
_SHAPES = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif;font-size:12px}"
    ".title{font-size:21px;font-weight:600}.label{font-weight:500}.small{font-size:11px}"
    ".time{font-size:11px;font-variant-numeric:tabular-nums}"
    ".rest{stroke-width:1.4;fill:none}.tick{stroke-width:1;fill:none}.ring{opacity:.3}"
    ".optional{stroke-width:1.2;stroke-dasharray:4 3}"
)


def stylesheet() -> str:
    """The style of a picture; it turns with the reader's ``prefers-color-scheme``."""
    return f"{_SHAPES}{_rules(0)}@media(prefers-color-scheme:dark){{{_rules(1)}}}"


def _rules(side: int) -> str:
    kinds = "".join(f".{kind}{{fill:{tone[side]}}}" for kind, tone in _KINDS.items())
    return kinds + "".join(f"{name}{{{what}:{tone[side]}}}" for name, (what, tone) in _PARTS.items())
