"""YAML to nodes that keep their places.

Every scalar stays the string that was written (``no``, ``010``); the schema gives it a type. Depth and size are
bounded while the parser's events come in, before anything is built from them, and an alias costs what it repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, Protocol, Self, TypeAlias

import yaml

from breathmark.base.errors import Problem, ScriptError
from breathmark.model import Place
from breathmark.script.budget import PART, Budget, OverBudgetError
from breathmark.script.faults import MOST_COLLECTED, short
from breathmark.script.limits import UNSPEAKABLE, describe_character
from breathmark.script.reader.positions import ScalarStyle, scalar_anchors
from breathmark.script.reader.source import TOO_DEEP, Source, explain
from breathmark.script.terms import Text

NULLS = frozenset(("null", "Null", "NULL", "~"))
MAX_DEPTH = 40
"""Twelve repeats inside one another."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    source: Source = field(repr=False)
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1."""

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(path=self.source.path, line=self.line, column=self.column)

    def problem(self, message: str, hint: str = "") -> Problem:
        """A fault at its place."""
        return self.source.problem(self.line, self.column, message, hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode(_Node):
    """A word or a text."""

    value: str
    style: ScalarStyle
    end: tuple[int, int]
    """Line and column just behind it, counted from 0."""

    @property
    def size(self) -> int:
        """What it costs to repeat it, in characters."""
        return PART + len(self.value)

    @property
    def text(self) -> Text:
        """The same as a template that knows the place of each character."""
        start = (self.line - 1, self.column - 1)
        anchors = scalar_anchors(self.value, self.style, self.source.lines, start, self.end)
        return Text(raw=self.value, path=self.source.path, anchors=anchors)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode(_Node):
    """A list."""

    items: tuple[Node, ...]
    flow: bool
    """True for ``[…]``."""
    size: int
    """What it costs to repeat it, in characters, aliases written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode(_Node):
    """Keys and values, in the order of the text; no key comes twice."""

    by_name: Mapping[str, tuple[ScalarNode, Node]] = field(repr=False)
    size: int

    @property
    def entries(self) -> Collection[tuple[ScalarNode, Node]]:
        """Each key with its value."""
        return self.by_name.values()

    def key(self, name: str) -> ScalarNode | None:
        """The key itself, for its place."""
        return self.by_name[name][0] if name in self.by_name else None

    def get(self, name: str) -> Node | None:
        """The value of the key."""
        return self.by_name[name][1] if name in self.by_name else None


Node: TypeAlias = ScalarNode | ListNode | MapNode


class Written(str):
    """A text of a file, as validation sees it: it knows its node, and so its place."""

    __slots__ = ("node",)

    node: ScalarNode

    def __new__(cls, text: str, node: ScalarNode) -> Self:
        """The ``text`` that ``node`` has, or that replaces it."""
        written = super().__new__(cls, text)
        written.node = node
        return written


class WrittenMap(dict[str, object]):
    """A mapping of a file, as validation sees it."""

    __slots__ = ("node",)

    def __init__(self, entries: Mapping[str, object], node: MapNode) -> None:
        super().__init__(entries)
        self.node = node


def compose(
    source: Source, budget: Budget, *, if_empty: str | None = "begin with `title:`"
) -> tuple[Node, tuple[Problem, ...]]:
    """The file's one document, and every fault that leaves the rest readable (a key that comes twice, a tag).

    ``if_empty`` is what to do about an empty file; where it is None, an empty file is an empty mapping.

    Raises:
        ScriptError: the text is not YAML, is empty, or is larger than a script can be.
    """
    composer = _Composer(source, budget, if_empty)
    try:
        return composer.document(), tuple(composer.problems)
    except yaml.YAMLError as exc:
        raise ScriptError(tuple(composer.problems) or (explain(exc, source),)) from exc
    except (UnicodeError, ValueError, OverflowError) as exc:  # an escape such as "\UFFFFFFFF" that is not a character
        problem = source.problem(1, 1, "a `\\u` or `\\U` in this file names no character", "write the character itself")
        raise ScriptError((*composer.problems, problem)) from exc


def is_null(node: object) -> bool:
    """Whether it is YAML's and JSON's word for “nothing”, without quotation marks."""
    return isinstance(node, ScalarNode) and not node.style and node.value in NULLS


def plain(node: Node) -> object:
    """The node as dicts, lists and strings, for validation."""
    match node:
        case ScalarNode():
            return Written(node.value, node)
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return WrittenMap({key.value: plain(value) for key, value in node.entries}, node)


class _Mark(Protocol):
    """A place as either of PyYAML's parsers gives it."""

    @property
    def line(self) -> int:
        """Counted from 0."""

    @property
    def column(self) -> int:
        """Counted from 0."""


class _Composer:
    """Builds nodes from events. Faults that leave the rest readable gather in ``problems``."""

    def __init__(self, source: Source, budget: Budget, if_empty: str | None) -> None:
        self.source = source
        self.if_empty = if_empty
        self.budget = budget
        self.problems: list[Problem] = []
        self.events: Iterator[yaml.Event] = iter(yaml.parse(source.text, Loader=_LOADER))
        self.anchors: dict[str, Node] = {}
        self.open_anchors: set[str] = set()

    def document(self) -> Node:
        """The first document; a second one is a fault."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    hint = "remove the line `---`, or put the second part into a file of its own"
                    self._fatal(event, "a second document begins here; a script is one", hint)
                root = self._node(next(self.events), depth=1)
        if root is not None and not (isinstance(root, ScalarNode) and not root.value):
            return root
        if self.if_empty is None:
            return MapNode(source=self.source, line=1, column=1, by_name={}, size=PART)
        raise ScriptError((*self.problems, self.source.problem(1, 1, "this file is empty", self.if_empty)))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        self._spend(event, PART)
        if depth > MAX_DEPTH:
            self._fatal(event, *TOO_DEEP)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent):
            raise TypeError(event)
        self._check_tag(event)
        if event.anchor is None:
            return self._content(event, depth)
        self.open_anchors.add(event.anchor)
        node = self._content(event, depth)
        self.open_anchors.discard(event.anchor)
        self.anchors[event.anchor] = node
        return node

    def _content(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            self._spend(event, len(event.value))
            return self._scalar(event)
        return self._list(event, depth) if isinstance(event, yaml.SequenceStartEvent) else self._map(event, depth)

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        unseen = UNSPEAKABLE.search(event.value)
        if unseen:
            self._report(event, f"this text makes {describe_character(unseen[0])} with a `\\`", "leave it out")
        line, column = _place(event.start_mark)
        last, behind = _place(event.end_mark)
        return ScalarNode(
            source=self.source,
            line=line,
            column=column,
            value=event.value,
            style=event.style or "",
            end=(last - 1, behind - 1),
        )

    def _list(self, event: yaml.CollectionStartEvent, depth: int) -> ListNode:
        items: list[Node] = []
        while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(inner, depth + 1))
        line, column = _place(event.start_mark)
        return ListNode(
            source=self.source,
            line=line,
            column=column,
            items=tuple(items),
            flow=bool(event.flow_style),
            size=PART + sum(item.size for item in items),
        )

    def _map(self, event: yaml.CollectionStartEvent, depth: int) -> MapNode:
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        size = PART
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key = self._node(inner, depth + 1)
            value = self._node(next(self.events), depth + 1)
            size += key.size + value.size
            if not isinstance(key, ScalarNode):
                self._complex_key(event, key)
            elif key.value in entries:
                first = entries[key.value][0].line
                hint = "keep one of them"
                self._report(inner, f"`{short(key.value)}` appears twice, first in line {first}", hint)
            else:
                entries[key.value] = (key, value)
        line, column = _place(event.start_mark)
        return MapNode(source=self.source, line=line, column=column, by_name=entries, size=size)

    def _complex_key(self, event: yaml.Event, key: Node) -> None:
        if isinstance(key, MapNode) and self._braces_at(*_place(event.start_mark)):
            hint = "use `say: |` and write the text on the next line, or put it in quotes"
            self._report(event, "a text can't begin with `{{`, because YAML reads braces in its own way", hint)
        else:
            self._report(event, "a key has to be a word", "write `key: value`")

    def _braces_at(self, line: int, column: int) -> bool:
        return self.source.lines[line - 1][column - 1 :].replace(" ", "").startswith("{{")

    def _alias(self, event: yaml.AliasEvent) -> Node:
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            if name in self.open_anchors:
                self._fatal(event, f"{self.source.quoted(f'*{name}')} is inside itself", "write it out")
            hint = "a text that begins with `*` has to be in quotes or under `|`"
            self._fatal(event, f"{self.source.quoted(f'*{name}')} refers to nothing before it", hint)
        self._spend(event, node.size)
        return node

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            hint = "a text that begins with `!` has to be in quotes or under `|`"
            self._report(event, f"{self.source.quoted(_spelled(event.tag))} means nothing in a script", hint)

    def _spend(self, event: yaml.Event, characters: int) -> None:
        try:
            self.budget.spend(characters)
        except OverBudgetError as exc:
            self._fatal(event, exc.message, exc.hint)

    def _report(self, event: yaml.Event, message: str, hint: str) -> None:
        self.problems.append(self.source.problem(*_place(event.start_mark), message, hint))
        if len(self.problems) >= MOST_COLLECTED:
            raise ScriptError(tuple(self.problems))

    def _fatal(self, event: yaml.Event, message: str, hint: str) -> NoReturn:
        self._report(event, message, hint)
        raise ScriptError(tuple(self.problems))


def _place(mark: _Mark | None) -> tuple[int, int]:
    """Line and column, counted from 1; the parser's events always have their marks."""
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _spelled(tag: str) -> str:
    """The tag as the author wrote it, ``!!`` for YAML's own."""
    return tag.replace("tag:yaml.org,2002:", "!!")
