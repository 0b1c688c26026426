"""Node, Edits, rebuild, Opened: a message as a tree of notations, byte-preserving.

Every node knows its raw bytes as a span in its parent's *content*; content is the raw bytes with the
node's own layer (percent, JSON string, gzip ...) opened. Children are spans of content. So an edit of a leaf
is closed again by the leaf's layer, spliced into the parent's content, and so on outwards, and whatever
nobody edited keeps its bytes: spacing, order, duplicates, spelling.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from shield.address import AROUND_BODY, SEPARATOR, AddressPattern, show_address
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


def unfolded(node: Node) -> tuple[Node, ...]:
    """The children that were read already."""
    return node._children if isinstance(node, Folded) else node.children


@dataclass(slots=True)
class Edits:
    """What is to change, all stated on the original.

    Attributes:
        content: new opened content of a node; replaces everything below it.
        removed: nodes that go with what carries their name.
        added: per container node, items to append: (step, opened content).
        created: (address with separators, opened content) of fields to be put where no node may be yet: a
            header line, a pair of a query that is not there. ``wire.writer`` finds or makes the place.
        reworded: raw bytes to stand before and after a value inside the item that carries its name; None leaves
            what is there.
    """

    content: dict[Node, bytes] = field(default_factory=dict, repr=False)
    removed: set[Node] = field(default_factory=set)
    added: dict[Node, list[tuple[str, bytes]]] = field(default_factory=dict, repr=False)
    created: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    reworded: dict[Node, tuple[bytes | None, bytes | None]] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self.content or self.removed or self.added or self.created or self.reworded)

    def touched(self) -> set[Node]:
        """Every edited node and its ancestors."""
        seen: set[Node] = set()
        for node in (*self.content, *self.removed, *self.added, *self.reworded):
            climb: Node | None = node
            while climb is not None and climb not in seen:
                seen.add(climb)
                climb = climb.parent
        return seen

    def gone(self) -> set[Node]:
        """What is removed, with every ancestor that does not outlive its last child (``Notation.vanishes``)."""
        out = set(self.removed)
        lost: dict[Node, int] = {}
        pending = list(out)
        while pending:
            parent = pending.pop().parent
            if parent is None or parent in out or parent in self.content or parent in self.added:
                continue
            lost[parent] = lost.get(parent, 0) + 1
            is_empty = lost[parent] == len(parent.children) or (
                parent.notation is HEADED and parent.children[-1] in out
            )
            if is_empty and parent.notation is not None and parent.notation.vanishes:
                out.add(parent)
                pending.append(parent)
        return out


def rebuild(root: Node, edits: Edits, touched: set[Node] | None = None, gone: set[Node] | None = None) -> bytes:
    """Write a node's *content* back with some of what lies below it changed.

    Everything outside the edits stays as it came. Without an edit below the node the result is its content.
    Works from the innermost edited nodes outwards, without recursion: nesting is bounded by the readers only.

    Args:
        touched, gone: ``edits.touched()`` and ``edits.gone()``, where the caller has them already.

    Raises:
        Unwritable: a layer or notation cannot carry the new content; nothing is half written.

    Cost: one pass over the content of each node above an edit.
    """
    touched = edits.touched() if touched is None else touched
    gone = edits.gone() if gone is None else gone
    if root not in touched:
        return root.content
    order = [root]
    for node in order:  # grows while it is walked: parents before children
        if node not in edits.content:
            order.extend(child for child in node.children if child in touched and child not in gone)
    new: dict[Node, bytes] = {}
    for node in reversed(order):
        new[node] = edits.content[node] if node in edits.content else _respelled(node, edits, new, gone)
    return new[root]


def _respelled(node: Node, edits: Edits, new: dict[Node, bytes], gone: set[Node]) -> bytes:
    """The content of *node* with what became of its children."""
    splices = _removals(node, gone)
    is_empty = True
    for child in node.children:
        if child in gone:
            continue
        is_empty = False
        content = new.get(child)
        if content is not None and content != child.content:
            raw = node.content[child.start : child.end]
            closed = content if child.layer is None else child.layer.close(content, raw)
            splices.append((child.start, child.end, closed))
        if child in edits.reworded and child.outer is not None:
            before, after = edits.reworded[child]
            splices += [(child.outer[0], child.start, before)] if before is not None else []
            splices += [(child.end, child.outer[1], after)] if after is not None else []
    if node in edits.added:
        if node.notation is None:
            raise Unwritable(f"nothing can be added to {show_address(node.address)}")
        at, item = node.notation.append(node, edits.added[node], is_empty)
        splices.append((at, at, item))
    return splice(node.content, splices)


def _removals(node: Node, gone: set[Node]) -> list[tuple[int, int, bytes]]:
    """Spans that go: each removed item with one separator, so that the rest stays well formed."""
    doomed = [child for child in node.children if child in gone]
    out = [(child.start, child.end, child.gone) for child in doomed if child.outer is None]
    if len(out) == len(doomed):
        return out
    kept_end: int | None = None
    cut: tuple[int, int] | None = None
    for child in node.children:
        if child.outer is None:
            continue
        start, end = child.outer
        if child not in gone:
            if cut is not None:  # before any kept item: the separator after goes too
                out.append((cut[0], cut[1] if kept_end is not None else start, b""))
            cut, kept_end = None, end
        elif cut is not None:
            cut = (cut[0], end)
        else:  # after a kept item: the separator before goes too
            cut = (start if kept_end is None else kept_end, end)
    if cut is not None:
        out.append((*cut, b""))
    return out


def splice(content: bytes, splices: list[tuple[int, int, bytes]]) -> bytes:
    """Replace spans of *content*; additions at one offset keep their order.

    Raises:
        Unwritable: two spans overlap, which is a mistake of the caller.
    """
    pieces: list[bytes] = []
    position = 0
    for start, end, new in sorted(splices, key=lambda one: one[:2]):
        if start < position:
            raise Unwritable("two edits overlap", "report this; the message was blocked")
        pieces.append(content[position:start])
        pieces.append(new)
        position = end
    pieces.append(content[position:])
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Opened:
    """A message as trees: one root for path, query, each header line, and the body.

    Attributes:
        path: root with children ``path:0``, ``path:1`` ... (segments, percent opened).
        query: root ``query:`` of what follows the first question mark, or None.
        headers: one root per header line, in order (trailers of a request last), with address ``header:name``
            (lower case) and the raw value as content; a Cookie line has children ``cookie:name``.
        body: root with address ``body`` whose content is the body as it came; below it, each as an only
            child that spans everything, its content codings (address ``body`` too), then its notation
            (``form:``, ``json:``, ``text`` ...). A body that is not understood is a leaf ``body`` with
            ``unreadable`` set. None when there is no body or it is not at hand.
        line: leaf ``line`` with method and host of a request, which are no fields: they can be searched, not edited.
    """

    path: Node
    query: Node | None
    headers: tuple[Node, ...]
    body: Node | None
    line: Node | None = None
    _index: dict[str, list[Node]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _whole: list[bool] = field(default_factory=list, init=False, repr=False, compare=False)
    _places: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def roots(self) -> Iterator[Node]:
        """Every root, in order."""
        yield self.path
        if self.query is not None:
            yield self.query
        yield from self.headers
        if self.body is not None:
            yield self.body

    def fields(self) -> Iterator[Node]:
        """Every leaf, in order."""
        for root in self.roots():
            yield from root.leaves()

    def by_address(self) -> Mapping[str, list[Node]]:
        """Every node by its address, in order of first appearance; made at the first call."""
        self.around_body()
        if not self._whole:
            self._whole.append(True)
            self._places.clear()
            if self.body is not None:
                self._add([self.body])
        return self._index

    def around_body(self) -> Mapping[str, list[Node]]:
        """The same without the body, unless somebody asked for that already."""
        if not self._index:
            self._add([root for root in self.roots() if root is not self.body])
        return self._index

    @property
    def is_indexed(self) -> bool:
        """Whether somebody asked for all of the body: then :meth:`around_body` has it too."""
        return bool(self._whole)

    def so_far(self) -> Mapping[str, list[Node]]:
        """The same with as much of the body as somebody has read."""
        around = self.around_body()
        if self._whole or self.body is None:
            return around
        index = dict(around)
        stack = [self.body]
        while stack:
            node = stack.pop()
            if not isinstance(node, Folded) or node.is_read:
                index.setdefault(node.address, []).append(node)
                stack.extend(node.children[::-1])
        return index

    def _add(self, roots: list[Node]) -> None:
        index = self._index
        stack = roots[::-1]
        while stack:
            node = stack.pop()
            address = node.address
            if address in index:
                index[address].append(node)
            else:
                index[address] = [node]
            children = node.children
            if children:
                stack += children[::-1]

    def at(self, address: str) -> list[Node]:
        """The nodes with exactly this address (with separators); of a body only what lies on the way is read."""
        if self._whole or address.partition(SEPARATOR)[0] in AROUND_BODY:
            return self.around_body().get(address, [])
        found: list[Node] = []
        stack = [self.body] if self.body is not None else []
        while stack:
            node = stack.pop()
            if node.address == address:
                found.append(node)
                stack.extend([child for child in unfolded(node)[::-1] if child.address == address])
            elif node.address == self._body_address or address.startswith(node.address):
                stack.extend(node.children[::-1])
        return found

    @property
    def _body_address(self) -> str:
        """What the body and its content codings are called; it shows in no other address."""
        return "" if self.body is None else self.body.address

    def find(self, pattern: AddressPattern) -> Iterator[Node]:
        """Every node (leaf or not) whose address matches."""
        if pattern.regex is None:
            yield from self.at(pattern.literal or "")
            return
        is_around = pattern.places and AROUND_BODY.issuperset(pattern.places)
        index = self.around_body() if is_around else self.by_address()
        fits, begins = pattern.regex.fullmatch, pattern.begins
        for address in self._in_places(pattern.places):
            if address.startswith(begins) and fits(address):
                yield from index[address]

    def _in_places(self, places: tuple[str, ...]) -> Iterable[str]:
        """Every address below these outermost steps."""
        if not places:
            return self._index
        if not self._places:
            for address in self._index:
                self._places.setdefault(address.partition(SEPARATOR)[0], []).append(address)
        return chain.from_iterable(self._places.get(place, ()) for place in places)
