"""Jinja2's sandbox, narrowed: our lexer, filters and tests only, and bounds on time, memory and depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from jinja2 import StrictUndefined, Template, TemplateRuntimeError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from breathmark.script.template.filters import FILTERS, MAX_TEXT, TESTS, add, joined, listed, output
from breathmark.script.template.lexer import OffsetLexer, SentinelExtension
from breathmark.script.template.weave import JOINED, LISTED, PLAIN, TICK
from breathmark.script.text.sentinels import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jinja2.lexer import Lexer
    from jinja2.runtime import Context

__all__ = ["MAX_CALLS", "MAX_SCRIPT_TICKS", "MAX_TICKS", "Host", "Sandbox"]

MAX_TICKS = 10_000
"""Loop passes and macro calls of one text, with the pieces in their bodies."""
MAX_SCRIPT_TICKS = 200_000
"""The same, of a whole script."""
MAX_CALLS = 24
"""Macros that call macros, how deep."""


class Host(Protocol):
    """The script that a sandbox works for."""

    @property
    def loaded(self) -> Mapping[str, Template]:
        """The macro files that were compiled, by key."""

    def mark_data(self, offset: int, data: str) -> str:
        """Template data with sentinels in it."""

    def mark_origin(self, offset: int, *, verbatim: bool) -> str:
        """An anchor."""


class _Nothing:
    """What a tick gives: no output, not even a blank one."""


_NOTHING = _Nothing()


def _concat(parts: Iterable[str]) -> str:
    """Captured text, bounded before it is joined."""
    pieces = list(parts)
    if sum(map(len, pieces)) > MAX_TEXT:
        raise TemplateRuntimeError(f"the text grows beyond {MAX_TEXT} characters")
    return "".join(pieces)


class Sandbox(ImmutableSandboxedEnvironment):
    """One for each script, since it counts what the script uses up."""

    intercepted_binops = frozenset({"+", "-"})
    concat = staticmethod(_concat)

    def __init__(self, host: Host) -> None:
        super().__init__(
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
            extensions=[SentinelExtension],
            finalize=_finalize,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = {**FILTERS, LISTED: listed, JOINED: joined, PLAIN: _plain, TICK: _tick}
        self.tests = dict(TESTS)
        self._host = host
        self._calls = self._ticks = self._script_ticks = 0
        self._lexer = OffsetLexer(self)

    @property
    def lexer(self) -> Lexer:
        """Jinja2 would take one from a cache that is shared by all environments."""
        return self._lexer

    def charge(self, cost: int) -> None:
        """Count loop passes and macro calls. Raises ``TemplateRuntimeError`` where there are too many."""
        self._ticks += cost
        self._script_ticks += cost
        if self._ticks > MAX_TICKS or self._script_ticks > MAX_SCRIPT_TICKS:
            raise TemplateRuntimeError("this goes round too often: too many loop passes and macro calls")

    def run(self, template: Template, names: Mapping[str, object]) -> tuple[str, Context]:
        """The output of ``template`` and the names that it leaves behind, within the bounds of one text."""
        context = template.new_context(dict(names))
        self._ticks = self._calls = 0
        return "".join(_bounded(template.root_render_func(context))), context

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
        """``+`` and ``-``, bounded."""
        return add(left, right, sign=1 if operator == "+" else -1)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (Jinja2's signature)
        """A macro's call; how deep they go is bounded. The line breaks around its text belong to its definition."""
        self._calls += 1
        try:
            if self._calls > MAX_CALLS:
                raise TemplateRuntimeError("macros call each other too deeply")
            result = super().call(context, obj, *args, **kwargs)
            return result.strip("\n") if isinstance(result, str) else result
        finally:
            self._calls -= 1


def _finalize(value: object) -> str:
    return "" if value is _NOTHING else output(value)


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


@pass_context
def _tick(context: Context, cost: int) -> _Nothing:
    context.environment.charge(cost)  # type: ignore[attr-defined]  # our own environment
    return _NOTHING


def _bounded(parts: Iterator[str]) -> Iterator[str]:
    size = 0
    for part in parts:
        size += len(part)
        if size > MAX_TEXT:
            raise TemplateRuntimeError(f"the text grows beyond {MAX_TEXT} characters")
        yield part
