"""Text fields are Jinja2 templates: filled in one by one, in a sandbox that bounds what they do, time and memory.

A value is text: it can never become a marker nor a template, because markers are found in a template's own data
before it runs, and what runs is never read as a template again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from jinja2 import (
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.parser import Parser

from breathmark.base.errors import ScriptError, near_miss
from breathmark.script.budget import Budget, OverBudgetError
from breathmark.script.limits import UNSPEAKABLE, describe_character
from breathmark.script.template.allowlist import Names, check_tree, names_made, near_name, offset_of
from breathmark.script.template.instrument import depends, instrument, mark_private, tainted
from breathmark.script.template.sandbox import MAX_TEXT, Sandbox, TooLongError, first_line, syntax_message, type_message
from breathmark.script.text.markers import MarkerFault, Note, Pause, SaidWord, Strike, Turn
from breathmark.script.text.scan import INTERRUPTED, Found, Leftover, find_markers
from breathmark.script.text.sentinels import NOTE, Origin, PlacedMarker, Sentinels, TooManyError, plain

if TYPE_CHECKING:
    from jinja2.runtime import Context

    from breathmark.model import Place
    from breathmark.script.faults import Faults
    from breathmark.script.project import ProjectFiles
    from breathmark.script.terms import Text


MAX_NESTING = 32
"""Pieces of a template inside one another; each takes a few calls of Python's, which has a bound of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the templates of one file see."""

    values: Mapping[str, object]
    """Variables by name, as ``typed`` gives them, texts as ``filters.Value``."""
    macros: Mapping[str, object] = field(default_factory=dict)
    """From the files that the document names."""
    private: frozenset[str] = frozenset()
    """Variables that are declared private."""
    secret: frozenset[str] = frozenset()
    """Those of them whose value is not their default: only these can reveal anything about a listener."""
    file: Path = Path()
    """The file that holds the templates; an import's path is looked up from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A text, filled in, with its sentinels."""

    text: str
    private: bool
    """True where it depends on a secret value."""
    names_private: bool = False
    """True where it reads a variable that is declared private, whatever its value."""


_COMPILING = 10
"""Parts that it takes to compile the shortest template."""
_TOO_DEEP = ("this is nested too deeply", "make it flatter, or make two texts of it")
_RESULT = "result"
_SHOWN = 40
_EXPRESSION_HINT = 'write an expression without braces, such as `anchor == "breath"`'
_BRACED = re.compile(r"\{\s*(?P<name>\w+)\s*\}")
_EXPECTED = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
"""What an expression of a template can fail with that Jinja2 does not make its own error of."""


class _FaultyError(Exception):
    """A text has faults; they are in the list of faults already."""


class Templates:
    """The templates of one script: what they are checked against, what they have used up, what they have found."""

    def __init__(
        self, *, faults: Faults, rests: Collection[str], cast: Collection[str], files: ProjectFiles, budget: Budget
    ) -> None:
        self.sentinels = Sentinels()
        self.loaded: dict[str, Template] = {}
        self.bells: set[str] = set()
        """Those that markers strike, in whatever branch."""
        self._exports: dict[str, dict[str, object]] = {}
        self._sources: dict[Path, Text] = {}
        self._loading: set[str] = set()
        self._faults = faults
        self._rests = rests
        self._cast = cast
        self._files = files
        self._texts: list[Text] = []
        self._text: Text
        self._spoken = True
        self._variables: Collection[str] = ()
        self._errors = 0
        self._interrupted = False
        """True after a bracket that contains a template tag: the bracket that closes it is not a fault of its own."""
        self._budget = budget
        self._sandbox = Sandbox(self, budget)

    def render(self, text: Text, scope: Scope) -> Rendered | None:
        """A spoken text, filled in. None where it has faults, which are then in the list."""
        try:
            tree = self._checked(text, scope, spoken=True)
            return self._filled(tree, text, scope)
        except _FaultyError:
            return None

    def render_line(self, text: Text, scope: Scope, *, public: str = "") -> Rendered | None:
        """A line that is shown or handed on, not spoken: brackets are text. None where it has faults.

        Where ``public`` names what it is, private variables are a fault.
        """
        try:
            tree = self._checked(text, scope, spoken=False)
            if public:
                self._refuse_private(tree, text, scope, public)
            names_private = depends(tree, tainted(tree, scope.private))
            rendered = self._filled(tree, text, scope)
        except _FaultyError:
            return None
        line = " ".join(plain(rendered.text).split())
        return Rendered(text=line, private=rendered.private, names_private=names_private)

    def holds(self, text: Text, scope: Scope) -> tuple[bool, bool]:
        """Whether an expression (``when:``) is true, and whether it depends on a secret. Faulty ones are true."""
        try:
            tree = self._checked(text, scope, spoken=False, state="variable")
            private = depends(tree, scope.secret)
            _, context = self._run(self._compiled(self._woven(tree), text), text, scope)
        except _FaultyError:
            return True, False
        return _truth(context.vars[_RESULT]), private

    def macros(self, texts: Iterable[Text]) -> dict[str, object]:
        """What macro files define, imported once; a file sees what the files before it define."""
        found: dict[str, object] = {}
        for text in texts:
            try:
                found |= self._exports[self._load(text, Scope(values={}, macros=dict(found)))]
            except _FaultyError:
                continue
        return found

    def mark_data(self, offset: int, data: str) -> str:
        """Template data of the text at hand with its markers and places as sentinels."""
        if not self._spoken:
            return data
        text, position, out = self._text, offset, [self.mark_origin(offset, verbatim=True)]
        for found in find_markers(text.raw, offset, offset + len(data), self._rests):
            self._spend(text, parts=1)
            out += [text.raw[position : found.start], self._sentinel(text, found)]
            out.append(self.mark_origin(found.end, verbatim=True))
            position = found.end
        return "".join([*out, text.raw[position : offset + len(data)]])

    def mark_origin(self, offset: int, *, verbatim: bool) -> str:
        """An anchor in the text at hand."""
        if not self._spoken:
            return ""
        return self.sentinels.origin(Origin(text=self._text, offset=offset, verbatim=verbatim))

    def _sentinel(self, text: Text, found: Found) -> str:
        place = text.place(found.start)
        match found.meaning:
            case str() as spoken:
                return spoken
            case MarkerFault() as fault:
                if not (self._interrupted and text.raw[found.start] == "]"):
                    self._error(place, *self._worded(fault, text.raw[found.start : found.end]))
                self._interrupted = fault.message == INTERRUPTED
                return ""
            case Leftover(message=message, hint=hint):
                self._faults.warning(place, message, hint)
                return NOTE
            case Note():
                return NOTE
            case Turn(speaker=name) if name and name not in self._cast:
                meant = near_miss(name, self._cast)
                hint = f"did you mean `[voice {meant}]`?" if meant else "name the speaker under `voices:`"
                self._error(place, f"there is no speaker `{name}`", hint)
                return ""
            case Strike(name=name):
                self.bells.add(name)
            case Pause() | Turn() | SaidWord():
                pass
        return self.sentinels.mark(PlacedMarker(marker=found.meaning, place=place))

    def _worded(self, fault: MarkerFault, written: str) -> tuple[str, str]:
        """Message and hint: a variable's name in single braces was to be a value."""
        name = match["name"] if (match := _BRACED.fullmatch(written)) else ""
        if name in self._variables:
            return f"`{written}` is not a variable", f"write `{{{{ {name} }}}}`"
        return fault.message, fault.hint

    def _error(self, place: Place, message: str, hint: str = "") -> None:
        self._errors += 1
        self._faults.error(place, message, hint)

    def _checked(self, text: Text, scope: Scope, *, spoken: bool, state: str | None = None) -> nodes.Template:
        """The syntax tree of a text, after every check that needs no run. Raises ``_FaultyError``."""
        before = self._errors
        self._text, self._spoken, self._variables = text, spoken, scope.values.keys()
        self._interrupted = False
        self._spend(text, len(text.raw))
        tree = self._parsed(text, state)
        self._visit(tree, text)
        self._check(tree, text, scope)
        if self._errors > before:
            raise _FaultyError
        return tree

    def _parsed(self, text: Text, state: str | None) -> nodes.Template:
        unseen = UNSPEAKABLE.search(text.raw)
        if unseen:
            self._fail(text, unseen.start(), f"{describe_character(unseen[0])} can't be in a script")
        if len(text.raw) > MAX_TEXT:
            self._fail(text, 0, f"this text is longer than {MAX_TEXT} characters")
        try:
            parser = Parser(self._sandbox, text.raw, state=state)
            return _expression(parser) if state else parser.parse()
        except TemplateSyntaxError as error:
            hint = _EXPRESSION_HINT if state else ""
            self._fail(text, error.lineno - 1, syntax_message(error.message or ""), hint)
        except TooManyError:
            self._fail(text, 0, "this script has too many markers and template tags")
        except RecursionError:
            self._fail(text, 0, *_TOO_DEEP)  # how far the parser came depends on who called us
        except ValueError:
            self._fail(text, self._sandbox.offsets.position, "this number is too long")

    def _visit(self, tree: nodes.Template, text: Text) -> None:
        """Draw on the budget for every piece of the tree. Raises ``_FaultyError`` where it is nested too deeply."""
        level: list[nodes.Node] = [tree]
        for _ in range(MAX_NESTING):
            self._spend(text, parts=len(level))
            level = [child for node in level for child in node.iter_child_nodes()]
        if level:
            self._fail(text, offset_of(level[0]), *_TOO_DEEP)

    def _spend(self, text: Text, characters: int = 0, *, parts: int = 0) -> None:
        try:
            self._budget.spend(characters, parts=parts)
        except OverBudgetError as error:
            raise self._ended(text, 0, error) from error

    def _ended(self, text: Text, offset: int, error: OverBudgetError) -> ScriptError:
        """The end of the whole script: nothing more can be filled in."""
        self._faults.error(text.place(offset), error.message, error.hint)
        return self._faults.as_error()

    def _fail(self, text: Text, offset: int, message: str, hint: str = "") -> NoReturn:
        self._error(text.place(max(offset, 0)), message, hint)
        raise _FaultyError

    def _check(self, tree: nodes.Template, text: Text, scope: Scope) -> None:
        modules = {node.target: self._imported(node, text, scope) for node in tree.find_all(nodes.Import)}
        macros = {*scope.macros, *(node.name for node in tree.find_all(nodes.Macro))}
        for node in tree.find_all(nodes.FromImport):
            macros |= self._names_imported(node, text, self._imported(node, text, scope))
        names = Names(values=scope.values.keys(), macros=macros, modules=modules, made=names_made(tree))
        check_tree(tree, names, lambda offset, message, hint="": self._error(text.place(offset), message, hint))

    def _names_imported(self, node: nodes.FromImport, text: Text, offered: Collection[str]) -> set[str]:
        names = [(name, name) if isinstance(name, str) else name for name in node.names]
        for name, _ in names:
            if name not in offered:
                hint = near_name(name, offered) if offered else ""
                self._error(text.place(offset_of(node)), f"there is no macro `{name}` in this file", hint)
        return {alias for _, alias in names}

    def _imported(self, node: nodes.Import | nodes.FromImport, text: Text, scope: Scope) -> Collection[str]:
        """What the file that ``node`` names offers; the node is turned to what was loaded. Raises ``_FaultyError``."""
        if not isinstance(node.template, nodes.Const) or not isinstance(node.template.value, str):
            self._fail(text, offset_of(node), "an import names its file in quotes")
        try:
            file = self._files.resolve(node.template.value, scope.file)
            if file not in self._sources:
                self._sources[file] = self._files.read_text(node.template.value, scope.file)
        except ValueError as error:
            self._fail(text, offset_of(node), str(error))
        source = self._sources[file]
        if source.path in self._loading:
            self._fail(text, offset_of(node), "macro files import each other in a circle")
        here = self._text, self._spoken, self._variables
        key = self._load(source, Scope(values={}, file=file))
        self._text, self._spoken, self._variables = here
        node.template.value = key
        return self._exports[key].keys()

    def _load(self, text: Text, scope: Scope) -> str:
        """Compile a macro file and run it once; give its key. Raises ``_FaultyError``."""
        key = f"{text.path}\n{sorted(scope.macros)}"
        self._spend(text, len(key), parts=1)
        if key in self._exports:
            return key
        self._loading.add(text.path)
        try:
            template = self._compiled(self._woven(self._checked(text, scope, spoken=True)), text)
            _, context = self._run(template, text, scope)
        finally:
            self._loading.discard(text.path)
        self.loaded[key] = template
        self._exports[key] = context.get_exported()
        return key

    def _refuse_private(self, tree: nodes.Template, text: Text, scope: Scope, public: str) -> None:
        names = tainted(tree, scope.private)
        for name in tree.find_all(nodes.Name):
            if name.ctx == "load" and name.name in names:
                message = f"{public} can't use `{name.name}`, which is private"
                self._fail(text, offset_of(name), message, "titles are written into files that others see")

    def _filled(self, tree: nodes.Template, text: Text, scope: Scope) -> Rendered:
        if all(
            isinstance(node, nodes.Output) and set(map(type, node.nodes)) <= {nodes.TemplateData} for node in tree.body
        ):
            return Rendered(text="".join(data.data for data in tree.find_all(nodes.TemplateData)), private=False)
        private = mark_private(tree, scope.secret)
        filled, _ = self._run(self._compiled(self._woven(tree), text), text, scope)
        return Rendered(text=filled, private=private)

    def _woven(self, tree: nodes.Template) -> nodes.Template:
        instrument(tree)
        tree.set_environment(self._sandbox)
        return tree

    def _compiled(self, tree: nodes.Template, text: Text) -> Template:
        self._texts.append(text)
        self._spend(text, parts=_COMPILING)
        try:
            code = self._sandbox.compile(tree, name=str(len(self._texts) - 1))
        except (TemplateSyntaxError, SyntaxError, RecursionError, MemoryError, ValueError):
            self._fail(text, 0, *_TOO_DEEP)
        return Template.from_code(self._sandbox, code, {})

    def _run(self, template: Template, text: Text, scope: Scope) -> tuple[str, Context]:
        """Run a template within its bounds; give its output and its names. Raises ``_FaultyError``."""
        try:
            return self._sandbox.run(template, {**scope.macros, **scope.values})
        except UndefinedError as error:
            self._fail_at(error, text, first_line(str(error)), "give it a value in every case")
        except TooLongError as error:
            self._fail_at(error, text, first_line(str(error)), "repeat less, or make several texts of it")
        except TemplateError as error:
            self._fail_at(error, text, first_line(str(error)))
        except OverBudgetError as error:
            raise self._ended(*self._place_of(error, text), error) from error
        except RecursionError as error:
            self._fail_at(error, text, "macros call each other too deeply", "let no macro call itself")
        except _EXPECTED as error:
            self._fail_at(error, text, type_message(str(error)))

    def _fail_at(self, error: Exception, text: Text, message: str, hint: str = "") -> NoReturn:
        """Fail at the innermost place of a template that ``error`` came by."""
        self._fail(*self._place_of(error, text), message, hint)

    def _place_of(self, error: Exception, text: Text) -> tuple[Text, int]:
        offset, frame = 0, error.__traceback__
        while frame:
            template = frame.tb_frame.f_globals.get("__jinja_template__")
            if isinstance(template, Template) and template.name:
                text = self._texts[int(template.name)]
                offset = template.get_corresponding_lineno(frame.tb_lineno) - 1
            frame = frame.tb_next
        return text, offset


def _expression(parser: Parser) -> nodes.Template:
    """A template that does nothing but work out one expression."""
    expression = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError("there is more text after the expression", parser.stream.current.lineno)
    target = nodes.Name(_RESULT, "store", lineno=1)
    return nodes.Template([nodes.Assign(target, expression, lineno=1)], lineno=1)


def _truth(value: object) -> bool:
    return bool(plain(value) if isinstance(value, str) else value)
