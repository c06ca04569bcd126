"""Template allowlist: what a template may contain, checked on its syntax tree before any of it runs.

Jinja2's sandbox keeps templates from running code, but bounds neither time nor memory; what is not on this list is
refused, and what is on it draws on the script's budget when it runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain
from typing import Protocol

from jinja2 import nodes

from breathmark.base.errors import near_miss
from breathmark.script.limits import UNSPEAKABLE
from breathmark.script.template.filters import FILTERS, TESTS

_PLAIN: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.AssignBlock, nodes.CallBlock, nodes.Keyword),
    *(nodes.List, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Concat),
    *(nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos),
)
"""Allowed as they are, if what is inside them is allowed."""

_WRITTEN: dict[type[nodes.Node], str] = {
    nodes.Mul: "`*`",
    nodes.Pow: "`**`",
    nodes.Div: "`/`",
    nodes.FloorDiv: "`//`",
    nodes.Mod: "`%`",
    nodes.Getitem: "`[…]` behind a value",
    nodes.Slice: "`[…:…]`",
    nodes.Dict: "`{…: …}`",
    nodes.Tuple: "a comma between values",
    nodes.Include: "`{% include %}`",
    nodes.Extends: "`{% extends %}`",
    nodes.Block: "`{% block %}`",
    nodes.With: "`{% with %}`",
    nodes.FilterBlock: "`{% filter %}`",
    nodes.Scope: "`{% autoescape %}`",
    nodes.NSRef: "`{% set a.b %}`",
}
"""How a refused node is written, where it has a syntax of its own."""

_HINTS: dict[type[nodes.Node], str] = {
    nodes.Include: "a part is brought in by a segment of its own: `- include: parts/grounding.yaml`",
    nodes.Tuple: "a list is written `['a', 'b']`",
}
_LOOP = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
_IN_VALUES = frozenset("[]<{}")
_MAX_NUMBER = 1e9


class Refuse(Protocol):
    """Where a fault goes: the offset in the text, what is wrong, what to do."""

    def __call__(self, offset: int, message: str, hint: str = "") -> None:
        """Take note of a fault."""


class Names:
    """The names that a template knows."""

    def __init__(
        self, *, values: Collection[str], macros: Collection[str], modules: dict[str, Collection[str]], made: set[str]
    ) -> None:
        self.values = values
        """The variables."""
        self.macros = frozenset(macros)
        """Macros of the document's files, and those that the template defines or imports."""
        self.modules = modules
        """What each ``{% import … as name %}`` offers."""
        self.made = frozenset(made)
        """What the template itself makes: by ``set``, ``for``, as a macro's parameter."""

    @property
    def all(self) -> frozenset[str]:
        """Every name that an expression may use."""
        return frozenset(self.values) | self.macros | self.modules.keys() | self.made

    def is_called(self, name: str) -> bool:
        """Whether ``name`` may be a macro's."""
        return name in self and name not in self.values

    def __contains__(self, name: object) -> bool:
        return any(name in each for each in (self.values, self.macros, self.modules, self.made))


def offset_of(node: nodes.Node) -> int:
    """Where a node was written; the lexer counts characters instead of lines (see ``lexer``)."""
    lines = (each.lineno for each in chain([node], node.find_all(nodes.Node)))
    return next((line - 1 for line in lines if line), 0)  # Jinja2 puts nodes around others that have no line


def names_made(tree: nodes.Node) -> set[str]:
    """The names that a template gives a value to, at any depth."""
    made = {node.name for node in tree.find_all(nodes.Name) if node.ctx in {"store", "param"}}
    if tree.find(nodes.For):
        made.add("loop")
    if tree.find(nodes.Macro):
        made.add("caller")
    return made


def near_name(name: str, known: Iterable[str]) -> str:
    """The hint for a name that nobody knows."""
    meant = near_miss(name, known)
    return f"did you mean `{meant}`?" if meant else "declare it under `variables:`"


def check_tree(tree: nodes.Node, names: Names, refuse: Refuse) -> None:
    """Report everything in ``tree`` that a template may not do, and every name that it does not know."""
    _Checker(names, refuse).check(tree)


class _Checker:
    """Goes through a tree, from the top down."""

    def __init__(self, names: Names, refuse: Refuse) -> None:
        self._names = names
        self._refuse = refuse

    def check(self, node: nodes.Node) -> None:
        special = getattr(self, f"_check_{type(node).__name__.lower()}", None)
        if special:
            special(node)
        elif isinstance(node, _PLAIN):
            self._inside(node)
        else:
            written = _WRITTEN.get(type(node), "this")
            self._refuse(offset_of(node), f"{written} is not allowed in a template", _HINTS.get(type(node), ""))

    def _inside(self, node: nodes.Node) -> None:
        for child in node.iter_child_nodes():
            self.check(child)

    def _check_const(self, node: nodes.Const) -> None:
        if isinstance(node.value, str):
            if not _IN_VALUES.isdisjoint(node.value) or UNSPEAKABLE.search(node.value):
                self._refuse(
                    offset_of(node),
                    "a text inside an expression can hold no brackets, braces, `<` or control characters",
                    "a marker goes outside of `{{ … }}` and `{% … %}`",
                )
        elif isinstance(node.value, int | float) and not abs(node.value) <= _MAX_NUMBER:
            self._refuse(offset_of(node), "this number is too large")

    def _check_name(self, node: nodes.Name) -> None:
        if node.ctx == "load" and node.name not in self._names:
            self._refuse(offset_of(node), f"`{node.name}` is not defined", near_name(node.name, self._names.all))
        elif node.ctx != "load" and node.name.startswith("_"):
            self._refuse(offset_of(node), f"`{node.name}`: a name can't begin with `_`")

    def _check_condexpr(self, node: nodes.CondExpr) -> None:
        if node.expr2 is None:
            self._refuse(offset_of(node), "`if` inside an expression needs an `else`", 'write `… else ""`')
        self._inside(node)

    def _check_for(self, node: nodes.For) -> None:
        if node.recursive:
            self._refuse(offset_of(node), "`recursive` is not allowed in a template")
        self._check_target(node.target)
        self._inside(node)

    def _check_assign(self, node: nodes.Assign) -> None:
        self._check_target(node.target)
        self._inside(node)

    def _check_assignblock(self, node: nodes.AssignBlock) -> None:
        if node.filter is not None:
            self._refuse(offset_of(node), "a filter is not allowed in `{% set %}`", "use the filter where it is spoken")
            return
        self._check_target(node.target)
        self._inside(node)

    def _check_target(self, target: nodes.Node) -> None:
        if not isinstance(target, nodes.Name):
            self._refuse(offset_of(target), "only one name can be set at a time")
        elif target.name in self._names.macros and target.name not in self._names.made:
            self._refuse(offset_of(target), f"`{target.name}` is a macro", "choose another name")

    def _check_macro(self, node: nodes.Macro) -> None:
        if node.name.startswith("_"):
            self._refuse(offset_of(node), f"`{node.name}`: a name can't begin with `_`")
        self._inside(node)

    def _check_import(self, node: nodes.Import) -> None:
        self._check_imported(node)

    def _check_fromimport(self, node: nodes.FromImport) -> None:
        self._check_imported(node)

    def _check_imported(self, node: nodes.Import | nodes.FromImport) -> None:
        if node.with_context:
            self._refuse(offset_of(node), "`with context` is not allowed", "hand the values over as arguments")

    def _check_getattr(self, node: nodes.Getattr) -> None:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        offered = _LOOP if owner == "loop" else self._names.modules.get(owner, frozenset())
        if node.attr not in offered:
            meant = near_miss(node.attr, offered)
            self._refuse(
                offset_of(node),
                f"`.{node.attr}` is not allowed in a template",
                f"did you mean `{owner}.{meant}`?" if meant else "only imported macros and `loop` have parts",
            )

    def _check_call(self, node: nodes.Call) -> None:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse(offset_of(node), "`*` and `**` are not allowed in a call")
        if isinstance(node.node, nodes.Name) and self._names.is_called(node.node.name):
            self._arguments(node)
        elif isinstance(node.node, nodes.Getattr) and _owner(node.node) in self._names.modules:
            self._inside(node)
        else:
            self._refuse_call(node)
            self._arguments(node)

    def _refuse_call(self, node: nodes.Call) -> None:
        if not isinstance(node.node, nodes.Name):
            self.check(node.node)
            self._refuse(offset_of(node.node), "only macros can be called")
        elif node.node.name in self._names.values:
            self._refuse(offset_of(node.node), f"`{node.node.name}` is a variable, it can't be called")
        else:
            meant = near_miss(node.node.name, self._names.macros)
            hint = f"did you mean `{meant}`?" if meant else "only macros can be called"
            self._refuse(offset_of(node.node), f"there is no macro `{node.node.name}`", hint)

    def _arguments(self, node: nodes.Call) -> None:
        for child in (*node.args, *node.kwargs):
            self.check(child)

    def _check_filter(self, node: nodes.Filter) -> None:
        self._check_named(node, "filter", FILTERS)
        if node.name in {"default", "d"} and isinstance(node.node, nodes.Name):
            self._arguments_of(node)
        else:
            self._inside(node)

    def _check_test(self, node: nodes.Test) -> None:
        self._check_named(node, "test", TESTS)
        if node.name in {"defined", "undefined"} and isinstance(node.node, nodes.Name):
            self._arguments_of(node)
        else:
            self._inside(node)

    def _arguments_of(self, node: nodes.Filter | nodes.Test) -> None:
        for child in (*node.args, *node.kwargs):
            self.check(child)

    def _check_named(self, node: nodes.Filter | nodes.Test, kind: str, known: Collection[str]) -> None:
        if node.name not in known:
            meant = near_miss(node.name, known)
            hint = f"did you mean `{meant}`?" if meant else f"available: {', '.join(sorted(known))}"
            self._refuse(offset_of(node), f"the {kind} `{node.name}` is not allowed in a template", hint)
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            self._refuse(offset_of(node), f"`*` and `**` are not allowed in a {kind}")


def _owner(node: nodes.Getattr) -> str:
    return node.node.name if isinstance(node.node, nodes.Name) else ""
