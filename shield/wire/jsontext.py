"""JSON (RFC 8259) by spans over the bytes, without recursion.

Addresses are pointers (RFC 6901): ``json:/user/email``, ``json:/items/0``. Objects and lists are nodes too, with
their raw bytes as content. Strict as JSON.parse: what that would not read is unreadable. Spacing, key order,
duplicate keys and the spelling of numbers stay; the prefixes ``)]}'`` and ``for (;;);`` are skipped and stay.

Edits: any scalar (``jsonstring``), removal of a key with its comma, new keys of an object (a number, true,
false and null bare, everything else as a string). A member of a list becomes null, so that nothing shifts; so
does a GraphQL variable (a direct member of ``variables``). Only read: keys. An edit costs one pass over the bytes
of each container around it.
"""

from __future__ import annotations

import re
from typing import Final

from shield.errors import Unreadable, Unwritable
from shield.tree import SEPARATOR, Node, show_address
from shield.wire.jsonstring import SCALAR, STRING, open_string
from shield.wire.limits import Budget, TooMuch
from shield.wire.names import from_step, step

_WS: Final = rb"[ \t\n\r]*+"
_STRING: Final = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_VALUE: Final = rb"(?:(" + _STRING + rb")|(" + _NUMBER + rb"|true|false|null)|([\[{]))"
_KEY: Final = _WS + rb"(" + _STRING + rb")" + _WS + rb":" + _WS
_MEMBER: Final = re.compile(_KEY + _VALUE + _WS)
_ITEM: Final = re.compile(_WS + rb"()" + _VALUE + _WS)
_BLANK: Final = re.compile(_WS)
_PREFIX: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\)\]\}',?|for \(;;\);)?" + _WS)
_QUOTED, _OPENING = 2, 4
_VARIABLES: Final = (f"{SEPARATOR}variables", f"{SEPARATOR}variables{SEPARATOR}json:")


class Object:
    """An object; it stays when its last key goes."""

    name = "json:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """``,"key":value`` before the brace, without spaces."""
        pairs = [STRING.close(from_step(key), b"") + b":" + SCALAR.close(value, b"") for key, value in items]
        at = node.content.rindex(b"}")
        return at, (b"" if is_empty else b",") + b",".join(pairs)


class List:
    """A list; nothing is added to one, for that would shift what others count."""

    name = "json:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A list takes no new member."""
        raise Unwritable(f"nothing can be added to the list {show_address(node.address)}")


class _Wrapped:
    """A text that is JSON, perhaps behind a prefix; it goes when the JSON goes."""

    name = "wrapped"
    vanishes = True

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Nothing stands beside the JSON."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


OBJECT: Final = Object()
LIST: Final = List()
WRAPPED: Final = _Wrapped()


def read_json(node: Node, budget: Budget, address: str | None = None) -> list[Node]:
    """Open the JSON that is all of *node*'s content below an only child; its scalars.

    Args:
        address: of the child, ``json:`` below *node* unless stated (a body does not show in addresses).

    Raises:
        Unreadable: it is not JSON. TooMuch: a limit. *node* stays a leaf either way.
    """
    root = Node(node, address or f"{node.address}{SEPARATOR}json:", 0, 0, b"")
    scan = _Scan(node.content, budget)
    scan.read(root)
    node.children = (root,)
    node.notation = WRAPPED
    return scan.leaves


class _Open:
    """A container whose end is not reached yet.

    Attributes:
        start: of the container in the whole text.
        outer: start of what goes with it (its key), in its parent.
        nulls: a stripped member becomes null.
    """

    __slots__ = ("children", "closing", "is_list", "node", "nulls", "outer", "pattern", "prefix", "start")

    def __init__(self, node: Node, bracket: bytes, start: int, outer: int | None) -> None:
        self.node = node
        self.start = start
        self.outer = outer
        self.is_list = bracket == b"["
        self.closing = b"]" if self.is_list else b"}"
        self.pattern = _ITEM if self.is_list else _MEMBER
        self.prefix = node.address + SEPARATOR
        self.nulls = self.is_list or node.address.endswith(_VARIABLES)
        self.children: list[Node] = []


class _Scan:
    """One pass over the text; a container is complete before its parent."""

    __slots__ = ("budget", "data", "leaves", "left", "stack")

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.data = data
        self.budget = budget
        self.left = budget.nodes
        self.leaves: list[Node] = []
        self.stack: list[_Open] = []

    def read(self, root: Node) -> None:
        """Fill *root*, the only child of a node with the text."""
        prefix = _PREFIX.match(self.data)
        match = _ITEM.match(self.data, prefix.end() if prefix else 0)
        if match is None:
            raise Unreadable("not JSON")
        self._value(root, match, 0, None)
        position = self._members(match.end())
        if position != len(self.data):
            raise Unreadable("not JSON: text after the value")
        self.budget.spend(self.budget.nodes - self.left, 0)

    def _members(self, position: int) -> int:
        """Read on until the outermost container is closed; the offset after it."""
        data, stack = self.data, self.stack
        while stack:
            top = stack[-1]
            sign = data[position : position + 1]
            if sign == top.closing:
                self._close(position + 1)
                position = _skip_blank(data, position + 1)
                continue
            if top.children:
                if sign != b",":
                    raise Unreadable("not JSON")
                position += 1
            match = top.pattern.match(data, position)
            if match is None:
                raise Unreadable("not JSON")
            position = match.end()
            self._member(top, match)
        return position

    def _member(self, top: _Open, match: re.Match[bytes]) -> None:
        """One key with its value, or one item."""
        outer: int | None = None
        if top.is_list:
            address = top.prefix + str(len(top.children))
        else:
            key = match[1][1:-1]
            address = top.prefix + (key.decode() if key.isalnum() and key.isascii() else step(open_string(key)))
            outer = match.start(1) - top.start
        node = Node(top.node, address, 0, 0, b"")
        top.children.append(node)
        if top.nulls:
            node.gone, outer = b"null", None
        self._value(node, match, top.start, outer)

    def _value(self, node: Node, match: re.Match[bytes], base: int, outer: int | None) -> None:
        """Fill *node* with a scalar, or put its container on the stack."""
        self.left -= 1
        if self.left < 0:
            raise TooMuch(f"more than {self.budget.limits.nodes} fields")
        kind = match.lastindex or 0
        start, end = match.span(kind)
        node.start, node.end = start - base, end - base
        if kind == _OPENING:
            if len(self.stack) >= self.budget.limits.levels:
                raise TooMuch(f"JSON more than {self.budget.limits.levels} levels deep")
            self.stack.append(_Open(node, match[kind], start, outer))
            return
        if outer is not None:
            node.outer = (outer, end - base)
        raw = match[kind]
        node.layer, node.content = (STRING, open_string(raw[1:-1])) if kind == _QUOTED else (SCALAR, raw)
        self.leaves.append(node)

    def _close(self, end: int) -> None:
        """Complete the innermost container, whose bracket is the byte before *end*."""
        done = self.stack.pop()
        node = done.node
        self.budget.spend(0, end - done.start)
        node.end = node.start + end - done.start
        node.content = self.data[done.start : end]
        node.children = tuple(done.children)
        node.notation = LIST if done.is_list else OBJECT
        if done.outer is not None:
            node.outer = (done.outer, node.end)


def _skip_blank(data: bytes, position: int) -> int:
    match = _BLANK.match(data, position)
    return match.end() if match else position
