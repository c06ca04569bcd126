"""Template instrumentation of a checked syntax tree: checks of values, cost of loops, traces of privacy.

The names of the filters that are put in hold a space, so that no template can write them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet
from typing import cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from breathmark.script.text.sentinels import PRIVATE_END, PRIVATE_START, without_origins

PASSES = "passes of a loop"
LISTED = "each of a list"
JOINED = "joined texts"
PLAIN = "plain text"


def _filtered(node: nodes.Expr, name: str, *arguments: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [*arguments], [], None, None, lineno=node.lineno)


def instrument(tree: nodes.Template) -> None:
    """Put the checks of values into ``tree``, and take the anchors out of captured text."""
    _Weaver().visit(tree)


class _Weaver(NodeTransformer):
    """Jinja2 calls the method that has the name of the node's class."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        pieces = nodes.Const(sum(1 for each in node.body for _ in each.find_all(nodes.Node)), lineno=node.lineno)
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), PASSES, pieces)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        return self._captured(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        return self._captured(node)

    def _captured(self, node: nodes.Macro | nodes.CallBlock) -> nodes.Node:
        _drop_origins(node.body)
        return self.generic_visit(node)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        _drop_origins(node.body)
        return self.generic_visit(node)

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        return _filtered(node, LISTED)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), JOINED)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        node.expr = _filtered(node.expr, PLAIN)
        return node

    def visit_Operand(self, node: nodes.Operand) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        self.generic_visit(node)
        node.expr = _filtered(node.expr, PLAIN)
        return node


def _drop_origins(body: list[nodes.Node]) -> None:
    for node in body:
        for data in [node] if isinstance(node, nodes.TemplateData) else node.find_all(nodes.TemplateData):
            data.data = without_origins(data.data)


def depends(node: nodes.Node, names: AbstractSet[str]) -> bool:
    """Whether ``node`` reads one of ``names`` anywhere."""
    if isinstance(node, nodes.Name):
        return node.name in names
    return any(name.ctx == "load" and name.name in names for name in node.find_all(nodes.Name))


_TAKING = (nodes.Assign, nodes.AssignBlock, nodes.If, nodes.For, nodes.CallBlock, nodes.Macro)
"""What gives names a value, or chooses whether they get one: each depends on all that is read inside of it."""


def tainted(tree: nodes.Template, secret: AbstractSet[str]) -> frozenset[str]:
    """``secret`` and every name whose value may depend on it, wherever in the template it is given that value."""
    if not secret:
        return frozenset()
    flows: dict[str | nodes.Node, list[str | nodes.Node]] = defaultdict(list)
    _follow(tree, (), flows)
    found: set[str | nodes.Node] = set(secret)
    todo = list(found)
    while todo:
        more = [each for each in flows.get(todo.pop(), ()) if each not in found]
        found.update(more)
        todo += more
    return frozenset(name for name in found if isinstance(name, str))


def _follow(
    node: nodes.Node, around: tuple[nodes.Node, ...], flows: dict[str | nodes.Node, list[str | nodes.Node]]
) -> None:
    """Note the flow from each name that is read to what is around it, and from there to each name that is given."""
    if isinstance(node, _TAKING):
        around = (*around, node)
    if isinstance(node, nodes.Name) and node.ctx == "load":
        flows[node.name] += around
    elif isinstance(node, nodes.Name | nodes.Macro):
        for each in around:
            flows[each].append(node.name)
    for child in node.iter_child_nodes():
        _follow(child, around, flows)


def mark_private(tree: nodes.Template, secret: AbstractSet[str]) -> bool:
    """Put sentinels around all output that may depend on ``secret``; return whether anything reads it."""
    names = tainted(tree, secret)
    if not names or not depends(tree, names):
        return False
    tree.body = _marked(tree.body, names)
    return True


def _marked(body: list[nodes.Node], names: AbstractSet[str]) -> list[nodes.Node]:
    return [part for node in body for part in _marked_node(node, names)]


def _marked_node(node: nodes.Node, names: AbstractSet[str]) -> list[nodes.Node]:
    if isinstance(node, nodes.Output):
        node.nodes = [part for child in node.nodes for part in _marked_output(child, names)]
    elif isinstance(node, nodes.If):
        if any(depends(branch.test, names) for branch in (node, *node.elif_)):
            return _wrapped(node)
        for branch in (node, *node.elif_):
            branch.body = _marked(branch.body, names)
        node.else_ = _marked(node.else_, names)
    elif isinstance(node, nodes.For):
        if depends(node.iter, names) or (node.test is not None and depends(node.test, names)):
            return _wrapped(node)
        node.body, node.else_ = _marked(node.body, names), _marked(node.else_, names)
    elif isinstance(node, nodes.CallBlock) and depends(node, names):
        return _wrapped(node)
    return [node]


def _marked_output(child: nodes.Expr, names: AbstractSet[str]) -> list[nodes.Expr]:
    if not depends(child, names):
        return [child]
    return [nodes.TemplateData(PRIVATE_START), child, nodes.TemplateData(PRIVATE_END)]


def _wrapped(node: nodes.Node) -> list[nodes.Node]:
    start = nodes.Output([nodes.TemplateData(PRIVATE_START)], lineno=node.lineno)
    end = nodes.Output([nodes.TemplateData(PRIVATE_END)], lineno=node.lineno)
    return [start, node, end]
