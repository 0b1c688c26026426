"""JSON (RFC 8259) by spans over the bytes, without recursion.

Addresses are pointers (RFC 6901): ``json:/user/email``, ``json:/items/0``. Objects and lists are nodes too, with
their raw bytes as content. Strict as JSON.parse, but for one comma before a closing bracket: what else that would not
read is unreadable. Spacing, key order, duplicate keys and the spelling of numbers stay; the prefixes ``)]}'`` and
``for (;;);`` are skipped and stay.

Edits: any scalar (``jsonstring``), removal of a key with its comma, new keys of an object (a number, true,
false and null bare, everything else as a string). A member of a list becomes null, so that nothing shifts; so
does a GraphQL variable (a direct member of ``variables``). Only read: keys. An edit costs one pass over the bytes
of each container around it.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.jsonstring import CONTAINER, SCALAR, STRING, Scalar, String, open_string
from shield.wire.limits import Budget, TooMuch
from shield.wire.names import BACKSLASH, from_step, step

_WS: Final = rb"[ \t\n\r]*+"
_STRING: Final = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_VALUE: Final = rb"(?:(" + _STRING + rb")|(" + _NUMBER + rb"|true|false|null)|([\[{]))"
_KEY: Final = _WS + rb"(" + _STRING + rb")" + _WS + rb":" + _WS
MEMBER: Final = (re.compile(_KEY + _VALUE + _WS), re.compile(rb"," + _KEY + _VALUE + _WS))
ITEM: Final = (re.compile(_WS + rb"()" + _VALUE + _WS), re.compile(rb"," + _WS + rb"()" + _VALUE + _WS))
"""The first member of a container, and each other with the comma before it."""
BLANK: Final = re.compile(_WS)
_TOO_MUCH: Final = re.compile(rb"," + _WS)
"""A comma after the last member, as many a writer leaves it."""
PREFIX: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\)\]\}',?|for \(;;\);|while\(1\);|j:)?" + _WS)
_QUOTED, OPENING = 2, 4
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


def read_container(node: Node, budget: Budget, level: int) -> list[Node]:
    """Read all that lies in a container which is a node already, *level* containers deep; the scalars.

    Raises:
        Unreadable, TooMuch: as :func:`read_json`.
    """
    scan = _Scan(node.content, budget, level)
    whole = Node(node.parent, node.address, 0, 0, b"")
    scan.read(whole)
    for child in whole.children:
        child.parent = node
    node.children = whole.children
    return scan.leaves


class _Open:
    """A container whose end is not reached yet.

    Attributes:
        start: of the container in the whole text.
        outer: start of what goes with it (its key), in its parent.
        nulls: a stripped member becomes null.
    """

    __slots__ = ("children", "closing", "first", "is_list", "next", "node", "nulls", "outer", "prefix", "start")

    def __init__(self, node: Node, bracket: bytes, start: int, outer: int | None) -> None:
        self.node = node
        self.start = start
        self.outer = outer
        self.is_list = bracket == b"["
        self.closing = b"]" if self.is_list else b"}"
        first, following = ITEM if self.is_list else MEMBER
        self.first, self.next = first.match, following.match
        self.prefix = node.address + SEPARATOR
        self.nulls = self.is_list or node.address.endswith(_VARIABLES)
        self.children: list[Node] = []


def takes_null(container: Node) -> bool:
    """Whether a stripped member becomes null: of a list, and of a GraphQL request's variables."""
    return container.content.startswith(b"[") or container.address.endswith(_VARIABLES)


class Steps(dict[bytes, str]):
    """Steps of an address by the key as it came, quotes and all; most keys come many times."""

    def __missing__(self, key: bytes) -> str:
        self[key] = text = step(open_string(key[1:-1]))
        return text


class _Scan:
    """One pass over the text; a container is complete before its parent."""

    __slots__ = ("budget", "data", "leaves", "levels", "stack", "steps")

    def __init__(self, data: bytes, budget: Budget, level: int = 0) -> None:
        self.data = data
        self.levels = budget.limits.levels - level
        self.budget = budget
        self.leaves: list[Node] = []
        self.steps = Steps()
        self.stack: list[_Open] = []

    def read(self, root: Node) -> None:
        """Fill *root*, the only child of a node with the text."""
        prefix = PREFIX.match(self.data)
        match = ITEM[0].match(self.data, prefix.end() if prefix else 0)
        if match is None:
            raise Unreadable("not JSON")
        kind = match.lastindex or 0
        root.start, root.end = match.span(kind)
        if kind == OPENING:
            self.stack.append(_Open(root, match[kind], root.start, None))
        else:
            root.layer, root.content = open_scalar(match[kind], kind)
            self.leaves.append(root)
        if self._members(match.end()) != len(self.data):
            raise Unreadable("not JSON: text after the value")

    def _members(self, position: int) -> int:
        """Read on until the outermost container is closed; the offset after it."""
        stack, leaves, steps, data, left = self.stack, self.leaves, self.steps, self.data, self.budget.nodes
        while stack:
            top = stack[-1]
            match = (top.next if top.children else top.first)(data, position)
            if match is None:
                position = self._close(top, position)
                continue
            position = match.end()
            left -= 1
            if left < 0:
                raise TooMuch(f"more than {self.budget.limits.nodes} fields")
            kind = match.lastindex or 0
            if kind == OPENING:
                self._open(top, match)
                continue
            start, end = match.span(kind)
            layer, content = open_scalar(match[kind], kind)
            base = top.start
            address = top.prefix + (str(len(top.children)) if top.is_list else steps[match[1]])
            outer = None if top.nulls else (match.start(1) - base, end - base)
            node = Node(top.node, address, start - base, end - base, content, outer, layer)
            if top.nulls:
                node.gone = b"null"
            top.children.append(node)
            leaves.append(node)
        return position

    def _open(self, top: _Open, match: re.Match[bytes]) -> None:
        """Put the container that starts here on the stack."""
        if len(self.stack) >= self.levels:
            raise TooMuch(f"JSON more than {self.budget.limits.levels} levels deep")
        start = match.start(OPENING)
        address = top.prefix + (str(len(top.children)) if top.is_list else self.steps[match[1]])
        node = Node(top.node, address, start - top.start, 0, b"")
        if top.nulls:
            node.gone = b"null"
        top.children.append(node)
        outer = None if top.nulls else match.start(1) - top.start
        self.stack.append(_Open(node, match[OPENING], start, outer))

    def _close(self, done: _Open, position: int) -> int:
        """Complete the innermost container, which must end here; the offset after it."""
        if done.children and self.data[position : position + 1] == b",":
            comma = _TOO_MUCH.match(self.data, position)
            position = comma.end() if comma else position
        if self.data[position : position + 1] != done.closing:
            raise Unreadable("not JSON")
        self.stack.pop()
        end = position + 1
        node = done.node
        self.budget.spend(len(done.children), end - done.start)
        node.end = node.start + end - done.start
        node.layer, node.content = CONTAINER, self.data[done.start : end]
        node.children = tuple(done.children)
        node.notation = LIST if done.is_list else OBJECT
        if done.outer is not None:
            node.outer = (done.outer, node.end)
        blank = BLANK.match(self.data, end)
        return blank.end() if blank else end


def open_scalar(raw: bytes, kind: int) -> tuple[String | Scalar, bytes]:
    """Layer and content of a scalar."""
    if kind == _QUOTED:
        return STRING, open_string(raw[1:-1]) if BACKSLASH in raw else raw[1:-1]
    return SCALAR, raw
