"""Jinja2's lexer, counting characters instead of lines, and template data with sentinels in place of brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Lexer, Token, TokenStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OffsetLexer", "SentinelExtension"]

_MAX_DEPTH = 16
"""Brackets inside brackets, and blocks inside blocks."""
_MAX_TOKENS = 160
"""In one ``{{ … }}`` or ``{% … %}``."""
_MAX_DIGITS = 12
_NO_RAW = "`{% raw %}` would have braces spoken, and no text needs it"
_NESTING = frozenset({"if", "for", "macro", "call", "filter", "block", "with", "autoescape"})


class OffsetLexer(Lexer):
    """Yields ``offset + 1`` where Jinja2 has the line, so that every node of a tree knows its character.

    Every part of a template tag is short and flat enough for Jinja2's recursive parser; other tags are refused.
    """

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """``(offset + 1, token, text)``. Raises ``TemplateSyntaxError``, whose line is ``offset + 1`` too."""
        position = 0
        shape = _Shape()
        tokens = super().tokeniter(source, name, filename, state)
        while True:
            try:
                _, token, text = next(tokens)
            except StopIteration:
                return
            except TemplateSyntaxError as error:
                raise TemplateSyntaxError(error.message or "", position + 1, name, filename) from error
            start = max(source.find(text, position), position)
            position = start + len(text)
            fault = shape.fault(token, text)
            if fault:
                raise TemplateSyntaxError(fault, start + 1, name, filename)
            yield start + 1, token, text


class _Shape:
    """How deep and how long the template is at the present token."""

    def __init__(self) -> None:
        self._brackets = 0
        self._blocks = 0
        self._tokens = 0
        self._first_of_block = False

    def fault(self, kind: str, text: str) -> str:
        """What is wrong with the shape, or an empty string."""
        self._count(kind, text)
        if kind == "raw_begin":
            return _NO_RAW
        if kind in {"integer", "float"} and len(text) > _MAX_DIGITS:
            return "this number is too long"
        if self._tokens > _MAX_TOKENS:
            return "this template tag is too long"
        if max(self._brackets, self._blocks) > _MAX_DEPTH:
            return "this is nested too deeply"
        return ""

    def _count(self, kind: str, text: str) -> None:
        self._tokens = 0 if kind in {"data", "variable_begin", "block_begin"} else self._tokens + 1
        if kind == "operator":
            self._brackets += (text in {"(", "[", "{"}) - (text in {")", "]", "}"})
        elif kind == "name" and self._first_of_block:
            self._blocks += (text in _NESTING) - (text.startswith("end") and text != "endset")
        if kind != "whitespace":
            self._first_of_block = kind == "block_begin"


class SentinelExtension(Extension):
    """Hands every stretch of template data to the environment, which puts sentinels into it."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens, with an anchor before each expression."""
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", self.environment.mark_data(token.lineno - 1, token.value))  # type: ignore[attr-defined]  # see templates
            elif token.type == "variable_begin":
                yield Token(token.lineno, "data", self.environment.mark_expression(token.lineno - 1))  # type: ignore[attr-defined]  # see templates
                yield token
            else:
                yield token
