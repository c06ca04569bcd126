"""Jinja2's lexer, counting characters instead of lines, and template data with sentinels in place of brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Lexer, Token, TokenStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["OffsetLexer", "SentinelExtension"]

_NO_RAW = "`{% raw %}` would have braces spoken, and no text needs it"


class OffsetLexer(Lexer):
    """Yields ``offset + 1`` where Jinja2 has the line, so that every node of a tree knows its character."""

    position = 0
    """The offset of the last token, where a parser that fails has failed."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        """``(offset + 1, token, text)``. Raises ``TemplateSyntaxError``, whose line is ``offset + 1`` too."""
        position = self.position = 0
        tokens = super().tokeniter(source, name, filename, state)
        while True:
            try:
                _, kind, text = next(tokens)
            except StopIteration:
                return
            except TemplateSyntaxError as error:
                raise TemplateSyntaxError(error.message or "", position + 1, name, filename) from error
            start = max(source.find(text, position), position)
            position, self.position = start + len(text), start
            if kind == "raw_begin":
                raise TemplateSyntaxError(_NO_RAW, start + 1, name, filename)
            yield start + 1, kind, text


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
