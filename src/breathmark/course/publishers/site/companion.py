"""A companion page, from Markdown to HTML that is safe, and asks nothing of any other place."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["companion_html"]

_TOP: Final = 3
"""The highest heading that a companion page has in the page around it."""
_BLANK: Final = re.compile("(_{5,})")
_ELSEWHERE: Final = ("https://", "http://", "mailto:", "tel:")


def companion_html(text: str, title: str) -> Markup:
    """``text`` as HTML: without the heading that repeats ``title``, and with all others under the page's own.

    HTML in it is shown as text. A picture is replaced by its words, since most would be fetched from somewhere; so is a
    link to a file, which isn't there. A row of underscores is a line to write on, which never breaks in two.
    """
    parser = _parser()
    tokens = list(_below(_without_title(parser.parse(text), title)))
    for token in tokens:
        if token.children:
            token.children = list(_offline(token.children))
    html: str = parser.renderer.render(tokens, parser.options, {})
    return Markup(html)  # noqa: S704 - the parser has escaped all that isn't its own


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _without_title(tokens: Sequence[Token], title: str) -> Sequence[Token]:
    is_title = len(tokens) > 2 and tokens[0].tag == "h1" and tokens[1].content.strip() == title.strip()
    return tokens[3:] if is_title else tokens


def _below(tokens: Sequence[Token]) -> Iterator[Token]:
    """Headings further down, and cells that say which column they are in, for pages too narrow for a table."""
    columns: list[str] = []
    cell = 0
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(_TOP, int(token.tag[1]) + 1))}"
        if token.tag == "th" and token.nesting == 1:
            token.attrSet("scope", "col")
            columns.append("".join(each.content for each in inside.children or ()) if inside else "")
        if token.type == "table_open":
            columns = []
        if token.type == "tr_open":
            cell = 0
        if token.type == "td_open":
            if columns[cell]:
                token.attrSet("data-column", columns[cell])
            cell += 1
        yield token


def _offline(tokens: Sequence[Token]) -> Iterator[Token]:
    kept = True
    for token in tokens:
        match token.type:
            case "link_open":
                kept = str(token.attrGet("href")).lower().startswith(_ELSEWHERE)
                token.attrSet("rel", "noreferrer")
                if kept:
                    yield token
            case "link_close":
                if kept:
                    yield token
            case "image":
                token.type, token.tag = "text", ""
                yield token
            case "text":
                yield from _ruled(token)
            case _:
                yield token


def _ruled(token: Token) -> Iterator[Token]:
    for piece in filter(None, _BLANK.split(token.content)):
        if _BLANK.fullmatch(piece):
            line = f'<span class="blank" style="width: {len(piece) / 2:g}em"></span>'
            yield Token("html_inline", "", 0, content=line)
        else:
            yield token.copy(content=piece)
