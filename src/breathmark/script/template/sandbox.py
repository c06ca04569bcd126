"""Jinja2's sandbox, narrowed: our lexer, filters and tests only, and all that is made draws on the script's budget."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import StrictUndefined, Template, TemplateRuntimeError, TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Lexer, Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from breathmark.script.template.filters import FILTERS, TESTS, add, joined, listed, output
from breathmark.script.template.instrument import JOINED, LISTED, PASSES, PLAIN
from breathmark.script.text.sentinels import plain

if TYPE_CHECKING:
    from jinja2.runtime import Context

    from breathmark.script.budget import Budget

_LONGEST = 200
_INNERMOST = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_UNKNOWN_TAG = re.compile(r"encountered unknown tag '(\w+)'", re.IGNORECASE)
_CLOSERS = (("'end of print statement'", "`}}`"), ("'end of statement block'", "`%}`"))
_COMPARED = re.compile(r"not supported between instances of '(\w+)' and '(\w+)'")
_TYPES = {"int": "a number", "float": "a number", "bool": "a yes or no", "tuple": "a list", "list": "a list"}
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


MAX_TEXT = 65_536
"""Characters that a text, or any string on the way to it, may have."""


class TooLongError(TemplateRuntimeError):
    """A text is longer than one can be."""


class Host(Protocol):
    """The script that a sandbox works for."""

    @property
    def loaded(self) -> Mapping[str, Template]:
        """The macro files that were compiled, by key."""

    def mark_data(self, offset: int, data: str) -> str:
        """Template data with sentinels in it."""

    def mark_origin(self, offset: int, *, verbatim: bool) -> str:
        """An anchor."""


class Sandbox(ImmutableSandboxedEnvironment):
    """One for each script, whose budget it draws on."""

    intercepted_binops = frozenset({"+", "-"})

    def __init__(self, host: Host, budget: Budget) -> None:
        super().__init__(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            extensions=[SentinelExtension],
            finalize=self._counted(output),
            cache_size=0,
        )
        self.globals.clear()
        filters = {name: self._counted(each) for name, each in FILTERS.items()}
        self.filters = {**filters, LISTED: listed, PASSES: _passes, JOINED: joined, PLAIN: _plain}
        self.tests = dict(TESTS)
        self.concat = self._concat  # type: ignore[method-assign]  # Jinja2's is a plain function
        self.budget = budget
        self._host = host
        self.offsets = OffsetLexer(self)

    @property
    def lexer(self) -> Lexer:
        """Jinja2 would take one from a cache that is shared by all environments."""
        return self.offsets

    def make(self, characters: int) -> None:
        """Draw on the budget for a text. Raises ``TooLongError``."""
        self.budget.spend(characters)
        if characters > MAX_TEXT:
            raise TooLongError(f"the text grows beyond {MAX_TEXT} characters")

    def _counted(self, function: Callable[..., object]) -> Callable[..., object]:
        """``function``, whose texts draw on the budget."""

        @functools.wraps(function)
        def counted(*args: object, **named: object) -> object:
            made = function(*args, **named)
            if isinstance(made, str):
                self.make(len(made))
            return made

        return counted

    def _concat(self, parts: Iterable[str]) -> str:
        """Captured text; its length is known before it is joined."""
        pieces = list(parts)
        self.make(sum(map(len, pieces)))
        return "".join(pieces)

    def run(self, template: Template, names: Mapping[str, object]) -> tuple[str, Context]:
        """The output of ``template`` and the names that it leaves behind."""
        context = template.new_context(dict(names))
        return self._concat(template.root_render_func(context)), context

    def mark_data(self, offset: int, data: str) -> str:
        """Template data with sentinels in it."""
        return self._host.mark_data(offset, data)

    def mark_expression(self, offset: int) -> str:
        """The anchor of an expression."""
        return self._host.mark_origin(offset, verbatim=False)

    def get_template(self, name: str | Template, *_: object, **__: object) -> Template:  # only what was loaded
        """A macro file that was compiled before."""
        return self._host.loaded[str(name)]

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401, ARG002 (Jinja2's signature)
        """``+`` and ``-``."""
        return self._counted(add)(left, right, sign=1 if operator == "+" else -1)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (Jinja2's signature)
        """A macro's call. The line breaks around its text belong to its definition."""
        self.budget.spend(parts=1)
        result = super().call(context, obj, *args, **kwargs)
        return result.strip("\n") if isinstance(result, str) else result


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


@pass_context
def _passes(context: Context, value: object, pieces: int) -> object:
    """What ``for`` goes over; paid before the first pass, at run time though the list may be a constant."""
    items = listed(value)
    context.environment.budget.spend(parts=len(items) * pieces)  # type: ignore[attr-defined]  # our own environment
    return items


def first_line(message: str) -> str:
    """A message of ours, which Jinja2 has passed on."""
    return message.split("\n", 1)[0][:_LONGEST]


def syntax_message(message: str) -> str:
    """What is wrong with the grammar of a template."""
    open_block = _INNERMOST.search(message)
    unknown = _UNKNOWN_TAG.match(message)
    if open_block:
        return f"`{{% {open_block[1]} %}}` isn't closed: `{{% end{open_block[1]} %}}` is missing"
    if unknown and unknown[1].startswith("end"):
        return f"`{{% {unknown[1]} %}}` closes, but nothing is open"
    if unknown:
        return f"there is no `{{% {unknown[1]} %}}`"
    for theirs, ours in _CLOSERS:
        message = message.replace(theirs, ours)
    first = first_line(message).rstrip(".")
    return first[:1].lower() + first[1:]


def type_message(message: str) -> str:
    """Why an expression can't be worked out."""
    compared = _COMPARED.search(message)
    if compared:
        left, right = (_TYPES.get(name, "a text") for name in compared.groups())
        return f"{left} can't be compared with {right}"
    return f"this can't be worked out: {first_line(message)}"
