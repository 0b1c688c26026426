"""Node: a message as a tree of notations, byte-preserving.

Every node knows its raw bytes as a span in its parent's *content*; content is the raw bytes with the
node's own layer (percent, JSON string, gzip ...) opened. Children are spans of content. So an edit of a leaf
is closed again by the leaf's layer, spliced into the parent's content, and so on outwards, and whatever
nobody edited keeps its bytes: spacing, order, duplicates, spelling.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Protocol

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable


class Layer(Protocol):
    """How raw bytes become content, and back."""

    name: str

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*, which stood there before.

        Raises:
            Unwritable: the layer cannot carry it.
        """
        ...


class Notation(Protocol):
    """How content splits into children.

    Attributes:
        vanishes: a node that loses its last child goes too: the ``?`` with the last pair, the Cookie
            line with the last cookie.
    """

    name: str
    vanishes: bool

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Where in node.content new items go, and their bytes with all separators.

        Args:
            items: (step, opened content) of each.
            is_empty: no child of the node is left, so no separator comes first.

        Raises:
            Unwritable: this notation cannot take them.
        """
        ...


class _Envelope:
    """The one child spans everything, with a layer of its own or read by another notation."""

    name = "envelope"
    vanishes = True

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Nothing fits beside the one child."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


class _Headed(_Envelope):
    """A value behind header lines that speak about it: the node goes with its last child, whatever else it holds."""

    name = "headed"


class _Token(_Envelope):
    """One reading of letters that may mean what they say: they are searched as well."""

    name = "token"


class _Sealed(_Envelope):
    """Parts that a signature holds together: whoever takes out one takes out all (``transform``)."""

    name = "sealed"


ENVELOPE: Notation = _Envelope()
TOKEN: Notation = _Token()
SEALED: Notation = _Sealed()
HEADED: Notation = _Headed()


class Node:
    """One value of a message: a field, or what holds fields.

    Attributes:
        parent: None for a root (target, one header line, body).
        address: with separators, absolute; :func:`show_address` for people.
        start, end: span of the raw bytes in parent.content (roots: 0 and len(raw)).
        outer: span in parent.content of the item that carries the name too; a strip removes that
            and one separator. None: the value is put to *gone* instead.
        gone: what a stripped value leaves where its item cannot be removed, e.g. ``null`` in a list.
        layer: opens raw to content; None where both are the same.
        content: opened bytes.
        notation: how content splits into *children*; None for a leaf.
        unreadable: why content could not be opened, when somebody declared or expected a notation.
    """

    __slots__ = (
        "address", "children", "content", "end", "gone", "layer", "notation", "outer", "parent", "start",
        "unreadable",
    )  # fmt: skip

    def __init__(
        self,
        parent: Node | None,
        address: str,
        start: int,
        end: int,
        content: bytes,
        outer: tuple[int, int] | None = None,
        layer: Layer | None = None,
    ) -> None:
        # Messages have these by the hundred: a call that states all seven by position takes a third of the time.
        self.parent = parent
        self.address = address
        self.start = start
        self.end = end
        self.content = content
        self.outer = outer
        self.gone = b""
        self.layer = layer
        self.notation: Notation | None = None
        self.children: tuple[Node, ...] = ()
        self.unreadable: str | None = None

    @property
    def raw(self) -> bytes:
        """The bytes as they came. A root with a layer keeps them in the layer's node of its own."""
        return self.content if self.parent is None else self.parent.content[self.start : self.end]

    @property
    def root(self) -> Node:
        """The outermost node that this one lies in."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def leaves(self) -> Iterator[Node]:
        """Every node below (and including) this one that has no children, in order."""
        stack = [self]
        while stack:
            node = stack.pop()
            if node.children:
                stack.extend(reversed(node.children))
            else:
                yield node

    def walk(self) -> Iterator[Node]:
        """Every node below and including this one, parents first, in order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(reversed(node.children))

    @property
    def is_one_value(self) -> bool:
        """Whether this is one value: a leaf, or layers around one leaf."""
        node = self
        while node.children:
            if len(node.children) > 1:
                return False
            node = node.children[0]
        return True

    def is_within(self, other: Node) -> bool:
        """Whether this node is *other* or lies below it."""
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False

    def __repr__(self) -> str:
        place = show_address(self.address.partition(SEPARATOR)[0])  # names are the peer's, and may hold a value
        return f"<Node {place} of {len(self.content)} bytes>"


class Folded(Node):
    """A node whose children are read when somebody asks for them.

    A body in which nobody looks for anything is never parsed, and of one in which something was seen only the
    containers around it are. Whoever asks for ``children`` sees no difference; ``unreadable`` is known afterwards.

    Attributes:
        spots: offsets in content at which something may be known, in order; None: nobody has looked, it may be
            anywhere. Children get those that lie in them.
    """

    __slots__ = ("_children", "_unfold", "spots")

    def __init__(
        self,
        unfold: Callable[[Node], None],
        parent: Node | None,
        address: str,
        start: int,
        end: int,
        content: bytes,
        outer: tuple[int, int] | None = None,
        layer: Layer | None = None,
    ) -> None:
        self.parent = parent  # as in Node, without the call
        self.address = address
        self.start = start
        self.end = end
        self.content = content
        self.outer = outer
        self.gone = b""
        self.layer = layer
        self.notation = None
        self._children: tuple[Node, ...] = ()
        self.unreadable = None
        self._unfold: Callable[[Node], None] | None = unfold
        self.spots: tuple[int, ...] | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        """What lies below; read now, if it was not yet."""
        unfold, self._unfold = self._unfold, None
        if unfold is not None:
            unfold(self)
            self._tell()
        return self._children

    @children.setter
    def children(self, children: tuple[Node, ...]) -> None:
        """Children that were read already."""
        self._children = children
        self._unfold = None

    def tell(self, spots: tuple[int, ...] | None) -> None:
        """Say where something was seen: to this node, and to what was or will be read below it."""
        self.spots = spots
        self._tell()

    def _tell(self) -> None:
        spots = self.spots
        if spots is None:
            return
        for child in self._children:
            if isinstance(child, Folded):
                start = child.start
                first = bisect_left(spots, start)
                last = bisect_left(spots, child.end, first)
                child.spots = tuple([spot - start for spot in spots[first:last]]) if first < last else ()
                if child._children:
                    child._tell()

    @property
    def is_read(self) -> bool:
        """Whether somebody asked for the children."""
        return self._unfold is None

    @property
    def is_clear(self) -> bool:
        """Whether somebody looked, and saw nothing that could be known."""
        return self.spots == ()


class Root(Node):
    """The root of a part of a body that passes.

    Attributes:
        again: reads other bytes in its place, from the same point of the same notation.
    """

    __slots__ = ("again",)
    again: Callable[[bytes], Node]


class FoldedRoot(Folded):
    """The same, of a part whose fields nobody has asked for yet."""

    __slots__ = ("again",)
    again: Callable[[bytes], Node]


def read_again(root: Node, content: bytes) -> Node:
    """*content* as it is read where *root* stood; a leaf where nothing splits it."""
    return root.again(content) if isinstance(root, Root | FoldedRoot) else Node(None, root.address, 0, 0, content)


def unfolded(node: Node) -> tuple[Node, ...]:
    """The children that were read already."""
    return node._children if isinstance(node, Folded) else node.children
