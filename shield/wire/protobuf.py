"""Protobuf without a schema: fields by their numbers.

``protobuf:/5`` is the value of field 5; a field that comes several times is that address several times. Where a value
opens (a message, a group, packed numbers) the next step counts the values of this number in their message from 0, and
what lies inside follows: ``protobuf:/1/0/19`` is field 19 in the first message of field 1, ``protobuf:/1/*/19`` in each
of them. A rule that names ``protobuf:/1`` means the value itself, opened or not.

What is inside a value is guessed (``protoscan``), so a guess must do no harm: an opened value is a node with all
its bytes, an edit inside changes these bytes and the lengths around them and nothing else, and ``detect`` searches
each protobuf body once more as a whole, across the borders of what was taken for a field.

Edits: texts and bytes by any content; numbers by numbers (``varints``); removal of a field with its tag. A packed
number becomes 0, so that nothing shifts. Lengths are written anew only around an edit. Only read: tags; nothing can be
added, for nobody says of what type it would be. More than 64 bytes that are no text, message or list are
*unreadable*. An edit costs one pass over the bytes of each message around it.
Source: protobuf encoding specification.
"""

from __future__ import annotations

from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, Node
from shield.wire.limits import Budget
from shield.wire.names import below
from shield.wire.packed import kind_of
from shield.wire.protoscan import BYTES, FOUR, GROUP, NUMBER, Field, inner_fields, is_message, is_text, packed, scan
from shield.wire.varints import DELIMITED, VARINT, open_fixed32, open_fixed64, shown

_LEVELS: Final = 64
"""Messages inside each other; protobuf's own readers stop at 100."""
_MOST_PACKED: Final = 64
"""Longer lists are measurements; they stay one value."""
_OPAQUE_BYTES: Final = 64
"""Longer ones may hold anything; shorter ones are identifiers and digests."""


class Fields:
    """How a message, and a list of packed numbers, splits; it stays when its last field goes."""

    name = "protobuf:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A message takes no new field."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


FIELDS: Final = Fields()


def read_protobuf(node: Node, budget: Budget) -> list[Node]:
    """Open the message that is all of *node*'s content below an only child ``protobuf:``; its texts.

    Raises:
        Unreadable: it is no message. TooMuch: a limit. *node* stays a leaf either way.
    """
    root = Node(node, below(node.address, "protobuf:"), 0, len(node.content), node.content)
    budget.spend(1, len(node.content))
    scan_ = _Scan(budget)
    scan_.read(root, scan(node.content, budget.nodes))
    node.children = (root,)
    node.notation = ENVELOPE
    return scan_.leaves


def read_plausible(node: Node, budget: Budget) -> list[Node]:
    """The same where nobody says that it is protobuf.

    Raises:
        Unreadable: it does not look like a message with a text in it.
    """
    if not is_message(node.content):
        raise Unreadable("not protobuf")
    return read_protobuf(node, budget)


class _Scan:
    """One reading; messages that were found and not yet opened wait in a list."""

    __slots__ = ("budget", "leaves", "waiting")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.leaves: list[Node] = []
        self.waiting: list[tuple[Node, list[Field], int]] = []

    def read(self, root: Node, fields: list[Field]) -> None:
        """Fill *root* and what it holds."""
        self.waiting.append((root, fields, 1))
        while self.waiting:
            self._fill(*self.waiting.pop())

    def _fill(self, message: Node, fields: list[Field], level: int) -> None:
        """Give a message its fields."""
        self.budget.spend(len(fields), len(message.content))
        prefix = message.address + SEPARATOR
        counts: dict[int, int] = {}
        children: list[Node] = []
        for field in fields:
            number, wire = field[:2]
            node = _node(message, f"{prefix}{number}", field)
            index = counts.get(number, 0)
            counts[number] = index + (self._open(node, wire, index, level) if wire in _OPENING else 1)
            children.append(node)
        message.children, message.notation = tuple(children), FIELDS

    def _open(self, node: Node, wire: int, index: int, level: int) -> int:
        """Look into a value; how many values of its number it is."""
        content, most = node.content, self.budget.nodes
        seems_text = wire == BYTES and is_text(content)
        fields = inner_fields(content, most, seems_text=seems_text) if wire == BYTES else scan(content, most)
        if fields is not None:
            if level >= _LEVELS:
                node.unreadable = f"messages more than {_LEVELS} levels deep"
                return 1
            self.budget.spend(1, 0)
            inside = Node(node, f"{node.address}{SEPARATOR}{index}", 0, len(content), content)
            node.children, node.notation = (inside,), ENVELOPE
            self.waiting.append((inside, fields, level + 1))
            return 1
        if seems_text or kind_of(content) is not None:
            self.leaves.append(node)
            return 1
        numbers = self._numbers(node, index)
        if not numbers and len(content) > _OPAQUE_BYTES:
            node.unreadable = "bytes that nobody here reads"
        return numbers or 1

    def _numbers(self, node: Node, index: int) -> int:
        """Open packed numbers, unless they are too many to be of interest; how many there are."""
        spans = packed(node.content)
        if spans is None or len(spans) > _MOST_PACKED:
            return len(spans or ())
        self.budget.spend(len(spans), len(node.content))
        children: list[Node] = []
        for number, (start, end, value) in enumerate(spans, index):
            content, layer = (shown(value), VARINT) if value is not None else open_fixed64(node.content[start:end])
            child = Node(node, f"{node.address}{SEPARATOR}{number}", start, end, content, None, layer)
            child.gone = b"\0" * (end - start if value is None else 1)
            children.append(child)
        node.children, node.notation = tuple(children), FIELDS
        return len(spans)


_OPENING: Final = frozenset({BYTES, GROUP})


def _node(message: Node, address: str, field: Field) -> Node:
    """A field as a leaf; its raw bytes are its value without the tag, with the length."""
    _, wire, start, at, content, end, value = field
    outer = (start, end)
    if wire == BYTES:
        return Node(message, address, at, end, message.content[content:end], outer, DELIMITED)
    if wire == NUMBER:
        return Node(message, address, at, end, shown(value), outer, VARINT)
    if wire == GROUP:
        return Node(message, address, at, value, message.content[at:value], outer)
    raw = message.content[at:end]
    text, layer = open_fixed32(raw) if wire == FOUR else open_fixed64(raw)
    return Node(message, address, at, end, text, outer, layer)
