"""JSON read one container at a time: what the body of a request is until somebody asks for its fields.

The whole text is checked, and the end of each container found, by the standard library's scanner, which is written
in C (10 KB in 50 µs, where Nodes for all its fields cost 1.5 ms). A container's members become nodes when its children
are asked for. Containers more than FOLDED levels deep are read in one pass (``jsontext``), for each level
is scanned once more.

The addresses, spans and contents are those of ``jsontext``, which also reads what the scanner refuses (a comma before
a closing bracket).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import Folded, Node
from shield.wire import jsontext
from shield.wire.jsonstring import CONTAINER
from shield.wire.jsontext import BLANK, ITEM, MEMBER, OPENING, PREFIX, Steps, open_scalar, takes_null
from shield.wire.limits import Budget, TooMuch

_BRACE, _COMMA = b"{,"
FOLDED: Final = 6
"""Levels that are read one at a time."""

_Open = Callable[[list[Node], Budget], None]


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_end_of: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse).scan_once  # type: ignore[attr-defined]


def fold_json(node: Node, budget: Budget, address: str, open_values: _Open) -> None:
    """Open the JSON that is all of *node*'s content below an only child, which is not read further yet.

    Args:
        open_values: called with the scalars of each container that is read.

    Raises:
        Unreadable: it is not JSON, and none with a comma too much either. TooMuch: a limit.
    """
    content = node.content
    prefix = PREFIX.match(content)
    start = prefix.end() if prefix else 0
    end = _checked(content, start)
    if end is None or content[start] not in b"{[":
        open_values(jsontext.read_json(node, budget, address), budget)
        return
    budget.spend(1, end - start)
    reading = _Reading(budget, open_values, Steps())
    root = _folded(node, address, start, content[start:end], None, 1, reading)
    node.children, node.notation = (root,), jsontext.WRAPPED


def _checked(content: bytes, start: int) -> int | None:
    """The end of the value, if it is JSON and nothing stands behind it.

    Raises:
        TooMuch: it is nested deeper than the scanner goes.
    """
    try:
        end: int = _end_of(content.decode("latin-1"), start)[1]
    except RecursionError:
        raise TooMuch("JSON too deep") from None
    except (ValueError, StopIteration):
        return None
    return None if content[end:].strip(b" \t\n\r") else end


class _Reading(NamedTuple):
    """What all containers of one text share."""

    budget: Budget
    open_values: _Open
    steps: Steps


def _folded(
    parent: Node, address: str, start: int, content: bytes, outer: tuple[int, int] | None, level: int, reading: _Reading
) -> Folded:
    unfold = partial(_unfold, level=level, reading=reading)
    node = Folded(unfold, parent, address, start, start + len(content), content, outer, CONTAINER)
    node.notation = jsontext.OBJECT if content[0] == _BRACE else jsontext.LIST
    return node


def _unfold(node: Node, level: int, reading: _Reading) -> None:
    """Read the members of a container; it stays a leaf that says why where a limit is reached."""
    try:
        if level > FOLDED:
            scalars = jsontext.read_container(node, reading.budget, level)
        else:
            scalars = _members(node, level, reading)
    except Unreadable as error:
        node.unreadable = error.message
        return
    reading.open_values(scalars, reading.budget)


def _members(node: Node, level: int, reading: _Reading) -> list[Node]:
    """The nodes of one container; its scalars."""
    content, steps, prefix = node.content, reading.steps, node.address + SEPARATOR
    text = content.decode("latin-1")
    is_list, nulls = content.startswith(b"["), takes_null(node)
    first, following = ITEM if is_list else MEMBER
    next_member = following.match
    unfold = partial(_unfold, level=level + 1, reading=reading)
    children: list[Node] = []
    scalars: list[Node] = []
    position = 1
    match = first.match(content, 1)
    while match is not None:
        kind = match.lastindex or 0
        start, end = match.span(kind)
        position = match.end()
        address = prefix + (str(len(children)) if is_list else steps[match[1]])
        if kind == OPENING:
            end = _end_of(text, start)[1]
            position = end if content[end] == _COMMA else _after_blanks(content, end)
            outer = None if nulls else (match.start(1), end)
            child: Node = Folded(unfold, node, address, start, end, content[start:end], outer, CONTAINER)
            child.notation = jsontext.OBJECT if content[start] == _BRACE else jsontext.LIST
        else:
            layer, opened = open_scalar(match[kind], kind)
            child = Node(node, address, start, end, opened, None if nulls else (match.start(1), end), layer)
            scalars.append(child)
        if nulls:
            child.gone = b"null"
        children.append(child)
        match = next_member(content, position)
    if position != len(content) - 1 and _after_blanks(content, position) != len(content) - 1:
        raise Unreadable("not JSON")  # the scanner was of another opinion
    reading.budget.spend(len(children), len(content))
    node.children = tuple(children)
    return scalars


def _after_blanks(content: bytes, position: int) -> int:
    blank = BLANK.match(content, position)
    return blank.end() if blank else position
