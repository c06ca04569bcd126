"""Edits of a script, and the characters of its source that each one changes.

What ``changes`` gives for an edit is proved by reading the changed source again: it holds exactly the data that the
edit asks for, or the edit is refused. So an unusual layout can cost an edit, and never a word of the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import yaml

from breathmark.base.errors import RequestError, ScriptError
from breathmark.script.editing import written
from breathmark.script.editing.asked import Edit, Insert, Move, Remove, SetText, SetValue, asked, outdated
from breathmark.script.editing.tree import Data, KeyPath, Span, Tree, tree_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Other characters in place of a span of the source."""

    start: int
    end: int
    text: str


HEAD_KEYS = ("title", "kind", "optional", "when", "voice", "ambience", "concepts")
"""Keys that authors write before what a segment is, in this order."""


def changes(text: str, edit: Edit, *, file: Path, path: str) -> tuple[Change, ...]:
    """What has to change in ``text``, in the order of the text; the offsets are those of the text as it is.

    ``path`` is how messages call ``file``. Line breaks in ``text`` are one character each, as the studio reads them.

    Raises:
        ScriptError: the text is not YAML.
        RequestError: the edit does not fit the text, its layout is one that only its author can change, or the text
            has other line breaks than line feeds, so that offsets would not be its own.
    """
    if "\r" in text:
        raise RequestError("this text has line breaks other than \\n", "change them to \\n alone first")
    if not edit.path or (isinstance(edit, Move) and not edit.to):
        raise RequestError("an edit has to name what it changes", "give its `path`, and `to` where something moves")
    mark = len(text) - len(text.removeprefix("\ufeff"))  # the reader leaves a byte order mark out
    tree = tree_of(text, file, path)
    wanted = asked(tree.data, edit)
    for attempt in _attempts(tree, edit):
        if _data_of(tree, attempt) == wanted:
            return tuple(replace(each, start=each.start + mark, end=each.end + mark) for each in attempt)
    raise RequestError(
        "this part of the file is written in a way that only the source view can change", "change it there"
    )


def applied(text: str, made: tuple[Change, ...]) -> str:
    """The text with the changes made."""
    for change in reversed(made):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def _data_of(tree: Tree, made: tuple[Change, ...]) -> Data | None:
    try:
        again = tree_of(applied(tree.text, made), tree.file, tree.path)
    except ScriptError:
        return None
    return None if again.faulty and not tree.faulty else again.data


def _attempts(tree: Tree, edit: Edit) -> Iterator[tuple[Change, ...]]:
    """The ways to write an edit, the least conspicuous first."""
    match edit:
        case SetText():
            yield from _text_attempts(tree, edit)
        case SetValue():
            yield from ((change,) for change in _value_attempts(tree, edit.path, edit.value))
        case Remove():
            yield (_removal(tree, edit.path),)
        case Insert():
            yield (_insertion(tree, edit.path, edit.value),)
        case Move():
            yield _moved(tree, edit)


def _text_attempts(tree: Tree, edit: SetText) -> Iterator[tuple[Change, ...]]:
    node = tree.node(edit.path)
    if not isinstance(node, yaml.ScalarNode):
        raise outdated(edit.path)
    value = node.value[: edit.start] + edit.text + node.value[edit.end :]
    if node.style == "|":
        yield (_in_block(tree, node, edit),)
    else:
        yield from _in_line(tree, node, edit)
    yield from ((change,) for change in _value_attempts(tree, edit.path, value))


def _in_block(tree: Tree, node: yaml.ScalarNode, edit: SetText) -> Change:
    """The lines of a text under ``|`` that the edit touches, written anew; its other lines are left alone."""
    value, first_line = node.value, node.start_mark.line + 1
    margin = " " * tree.block_indent(node)
    begin = value.count("\n", 0, edit.start)
    finish = value.count("\n", 0, edit.end)
    head = value.rfind("\n", 0, edit.start) + 1
    tail = value.find("\n", edit.end)
    lines = (value[head : edit.start] + edit.text + value[edit.end : tail if tail >= 0 else None]).split("\n")
    span = Span(start=tree.offset(first_line + begin, 0), end=tree.offset(first_line + finish, 1 << 30))
    return _smallest(tree.text, span, "\n".join(margin + line if line else "" for line in lines))


def _in_line(tree: Tree, node: yaml.ScalarNode, edit: SetText) -> Iterator[tuple[Change, ...]]:
    """A change inside one line of a text in quotes, without quotes or under ``>``, found by the words around it."""
    span = tree.span(node)
    source = tree.text[span.start : span.end]
    escape = {"'": lambda text: text.replace("'", "''"), '"': _double_escaped}.get(node.style or "", str)
    before, old, new = (
        escape(text) for text in (node.value[: edit.start], node.value[edit.start : edit.end], edit.text)
    )
    near = before[max(before.rfind("\n") + 1, len(before) - _CONTEXT) :]
    if "\n" in old:
        return
    for found in islice(re.finditer(f"(?={re.escape(near + old)})", source), _MOST_PLACES):
        start = span.start + found.start() + len(near)
        yield (Change(start=start, end=start + len(old), text=new),)


_CONTEXT = 24
"""Characters before an edit by which its place is looked for; which one is right is proved by reading it again."""
_MOST_PLACES = 8
"""Where the same words stand more often, the whole text is written anew."""


def _double_escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _value_attempts(tree: Tree, path: KeyPath, value: Data) -> Iterator[Change]:
    within, key = tree.node(path[:-1]), path[-1]
    if isinstance(within, yaml.SequenceNode):
        yield _smallest(tree.text, tree.span(tree.node(path)), written.flow(value))
    if not isinstance(within, yaml.MappingNode):
        return
    entry = next((pair for pair in within.value if pair[0].value == key), None) if within.value else None
    if within.flow_style:
        yield _in_braces(tree, within, entry, str(key), value)
    elif entry is None:
        yield _new_entry(tree, within, str(key), value)
    else:
        name, old = entry
        span = Span(start=tree.offset(name.end_mark.line, name.end_mark.column), end=max(tree.end(old), tree.end(name)))
        yield _smallest(tree.text, span, f":{written.value(value, name.start_mark.column)}")


def _in_braces(
    tree: Tree, within: yaml.MappingNode, entry: tuple[yaml.Node, yaml.Node] | None, key: str, value: Data
) -> Change:
    if entry is not None:
        return _smallest(tree.text, tree.span(entry[1]), written.flow(value))
    added = f"{written.scalar(key, 0, flow=True)}: {written.flow(value)}"
    if not within.value:
        return _smallest(tree.text, tree.span(within), "{" + added + "}")
    behind = tree.end(within.value[-1][1])
    return Change(start=behind, end=behind, text=f", {added}")


def _new_entry(tree: Tree, within: yaml.MappingNode, key: str, value: Data) -> Change:
    """A new key of a mapping in lines: what comes before a segment's own key there, everything else at the end."""
    column = within.value[0][0].start_mark.column
    added = written.mapping({key: value}, column)
    margin = " " * column
    if key in HEAD_KEYS:
        later = HEAD_KEYS[HEAD_KEYS.index(key) + 1 :]
        following = next((name for name, _ in within.value if name.value in later or name.value not in HEAD_KEYS), None)
        if following is not None:
            at = tree.start(following)
            return Change(start=at, end=at, text=f"{added}\n{margin}")
    behind = tree.end(within.value[-1][1])
    return Change(start=behind, end=behind, text=f"\n{margin}{added}")


def _removal(tree: Tree, path: KeyPath) -> Change:
    within = tree.node(path[:-1])
    if not isinstance(within, yaml.CollectionNode) or within.flow_style:
        return _taken_from_brackets(tree, within, path[-1])
    if isinstance(within, yaml.SequenceNode):
        span = _item_lines(tree, within, int(path[-1]))
        return Change(start=span.start, end=span.end, text="")
    pairs = within.value
    number = next(number for number, (name, _) in enumerate(pairs) if name.value == path[-1])
    name, value = pairs[number]
    start = tree.start(name)
    line = tree.offset(name.start_mark.line, 0)
    if not tree.text[line:start].strip():
        return Change(start=line, end=tree.line_end(max(tree.end(value), tree.end(name))), text="")
    if number + 1 < len(pairs):  # it follows a dash, which the next key takes over
        return Change(start=start, end=tree.start(pairs[number + 1][0]), text="")
    return Change(start=start, end=max(tree.end(value), tree.end(name)), text="{}")


def _taken_from_brackets(tree: Tree, within: yaml.Node, key: str | int) -> Change:
    entries = within.value if isinstance(within, yaml.MappingNode) else [(each, each) for each in within.value]
    number = key if isinstance(key, int) else next(n for n, (name, _) in enumerate(entries) if name.value == key)
    if number + 1 < len(entries):
        return Change(start=tree.start(entries[number][0]), end=tree.start(entries[number + 1][0]), text="")
    start = tree.end(entries[number - 1][1]) if number else tree.start(entries[number][0])
    return Change(start=start, end=tree.end(entries[number][1]), text="")


def _item_lines(tree: Tree, within: yaml.SequenceNode, number: int) -> Span:
    """The lines of an item with dashes and of the comment right above it.

    The blank lines that part it from the next item are among them; of the last item, those before it.
    """
    column, first = within.start_mark.column, within.value[number].start_mark.line
    while first > within.start_mark.line and tree.lines[first][column : column + 1] != "-":
        first -= 1
    above = tree.line_of(tree.end(within.value[number - 1])) if number else within.start_mark.line - 1
    while first - 1 > above and tree.is_comment(first - 1) and tree.indent(first - 1) == column:
        first -= 1
    last = tree.line_of(tree.end(within.value[number]))
    if number + 1 < len(within.value):
        while not tree.lines[last + 1].strip():
            last += 1
    else:
        while number and first - 1 > above and not tree.lines[first - 1].strip():
            first -= 1
    return Span(start=tree.offset(first, 0), end=tree.offset(last + 1, 0))


def _insertion(tree: Tree, path: KeyPath, value: Data) -> Change:
    within = _list_in_lines(tree, path)
    column = within.start_mark.column
    return _placed(tree, within, int(path[-1]), f"{' ' * column}- {written.item(value, column)}\n")


def _list_in_lines(tree: Tree, path: KeyPath) -> yaml.SequenceNode:
    within = tree.node(path[:-1])
    if not isinstance(within, yaml.SequenceNode) or within.flow_style or not within.value:
        raise RequestError("this list is written in brackets", "change it in the source view")
    return within


def _placed(tree: Tree, within: yaml.SequenceNode, number: int, lines: str) -> Change:
    """Whole lines of a list before its item ``number``, parted from their neighbours as the list's items are."""
    blank = "\n" if _parted(tree, within) else ""
    if number < len(within.value):
        at = _item_lines(tree, within, number)
        start = at.start
        while number and number + 1 == len(within.value) and tree.text[start : start + 1] == "\n":
            start += 1
        return Change(start=start, end=start, text=lines + blank)
    at_end = tree.line_end(tree.end(within.value[-1]))
    unfinished = "" if tree.text[:at_end].endswith("\n") else "\n"
    return Change(start=at_end, end=at_end, text=unfinished + blank + lines)


def _parted(tree: Tree, within: yaml.SequenceNode) -> bool:
    """Whether most items of a list have a blank line between them."""
    ends = [tree.line_of(tree.end(each)) for each in within.value[:-1]]
    return 2 * sum(not tree.lines[end + 1].strip() for end in ends) > len(ends)


def _moved(tree: Tree, edit: Move) -> tuple[Change, ...]:
    if edit.to[: len(edit.path)] == edit.path:
        raise RequestError("a part can't be moved into itself", "choose another place")
    source, number = _list_in_lines(tree, edit.path), int(edit.path[-1])
    target, place = _list_in_lines(tree, edit.to), int(edit.to[-1])
    if source is target and place in (number, number + 1):
        return ()
    span = _item_lines(tree, source, number)
    step = target.start_mark.column - source.start_mark.column
    lines = [_shifted(line, step) for line in tree.text[span.start : span.end].strip("\n").split("\n")]
    there = _placed(tree, target, place, "\n".join(lines) + "\n")
    return tuple(sorted((Change(start=span.start, end=span.end, text=""), there), key=lambda each: each.start))


def _shifted(line: str, step: int) -> str:
    if not line.strip():
        return line
    return " " * step + line if step >= 0 else line[min(-step, len(line) - len(line.lstrip(" "))) :]


def _smallest(text: str, span: Span, new: str) -> Change:
    """The change of a span to ``new``, without the characters that stay as they are at either end."""
    old = text[span.start : span.end]
    limit = min(len(old), len(new))
    head = next((n for n in range(limit) if old[n] != new[n]), limit)
    tail = next((n for n in range(limit - head) if old[-1 - n] != new[-1 - n]), limit - head)
    return Change(start=span.start + head, end=span.end - tail, text=new[head : len(new) - tail])
