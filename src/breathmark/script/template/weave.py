"""What is woven into a checked syntax tree: the counting of loops and calls, the bounds, and the traces of privacy.

The names of the filters that are put in hold a space, so that no template can write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from breathmark.script.text.sentinels import PRIVATE_END, PRIVATE_START, without_origins

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = ["JOINED", "LISTED", "PLAIN", "TICK", "depends", "mark_private", "tainted", "weave"]

TICK = "charge ticks"
LISTED = "each of a list"
JOINED = "joined texts"
PLAIN = "plain text"


def _filtered(node: nodes.Expr, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def weave(tree: nodes.Template) -> None:
    """Put the counting and the bounds into ``tree``, and take the anchors out of captured text."""
    _Weaver().visit(tree)


def _tick(body: list[nodes.Node], lineno: int) -> nodes.Output:
    """Charges one pass, and one more for each piece of the body that is not charged by itself."""
    return nodes.Output([_filtered(nodes.Const(1 + _pieces(body), lineno=lineno), TICK)], lineno=lineno)


def _pieces(body: list[nodes.Node]) -> int:
    count = 0
    for node in body:
        if not isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock):
            count += 1 + _pieces(list(node.iter_child_nodes()))
    return count


class _Weaver(NodeTransformer):
    """Jinja2 calls the method that has the name of the node's class."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        tick = _tick(node.body, node.lineno)
        self.generic_visit(node)
        node.iter = _filtered(cast("nodes.Expr", node.iter), LISTED)
        node.body.insert(0, tick)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        return self._captured(node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802 (Jinja2's name)
        return self._captured(node)

    def _captured(self, node: nodes.Macro | nodes.CallBlock) -> nodes.Node:
        tick = _tick(node.body, node.lineno)
        _drop_origins(node.body)
        self.generic_visit(node)
        node.body.insert(0, tick)
        return node

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


def tainted(tree: nodes.Template, secret: AbstractSet[str]) -> frozenset[str]:
    """``secret`` and every name whose value may depend on it, wherever in the template it is given that value."""
    names = frozenset(secret)
    while names:
        more = names | {name for node in tree.body for name in _taken_up(node, names, inside=False)}
        if more == names:
            break
        names = more
    return names


def _taken_up(node: nodes.Node, names: AbstractSet[str], *, inside: bool) -> list[str]:
    """The names that ``node`` gives a value to that depends on ``names``, or on a choice that does."""
    inside = inside or (isinstance(node, nodes.If | nodes.For | nodes.CallBlock | nodes.Macro) and depends(node, names))
    taken: list[str] = []
    if isinstance(node, nodes.Name) and node.ctx != "load" and inside:
        taken.append(node.name)
    if isinstance(node, nodes.Macro) and inside:
        taken.append(node.name)
    reads = isinstance(node, nodes.Assign | nodes.AssignBlock) and depends(node, names)
    for child in node.iter_child_nodes():
        taken.extend(_taken_up(child, names, inside=inside or reads))
    return taken


def mark_private(tree: nodes.Template, secret: AbstractSet[str]) -> bool:
    """Put sentinels around all output that may depend on ``secret``; tell whether anything reads it."""
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
