"""Opened: a message as trees, one for path, query, each header line and the body, and where in them an address is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from shield.address import AROUND_BODY, SEPARATOR, AddressPattern, folded
from shield.tree import Folded, Node, unfolded

_PAIRS: Final = ("form:", "multipart:")


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
    _folded: list[dict[str, list[Node]]] = field(default_factory=list, init=False, repr=False, compare=False)
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

    @property
    def is_pairs(self) -> bool:
        """Whether the body is a form: whose names servers fold, and which is read in one go."""
        node = self.body
        while node is not None and node.children:
            node = node.children[0]
            if node.address.startswith(_PAIRS):
                return True
            if node.address != "body":
                return False
        return False

    def find_folded(self, pattern: AddressPattern) -> Iterator[Node]:
        """The same with names as servers may fold them: around the body, and in it where it is pairs or was read."""
        others = self._spelled_otherwise()
        if pattern.folded is not None:
            yield from self.at(pattern.folded)
            yield from others.get(pattern.folded, ())
            return
        for address, nodes in others.items():
            if pattern.holds(address, protects=True):
                yield from nodes

    def _spelled_otherwise(self) -> Mapping[str, list[Node]]:
        """By the name that servers fold it into, what has another one; made once."""
        if not self._folded:
            found: dict[str, list[Node]] = {}
            for address, nodes in (self.by_address() if self.is_pairs else self.around_body()).items():
                plain = folded(address)
                if plain != address:
                    found.setdefault(plain, []).extend(nodes)
            self._folded.append(found)
        return self._folded[0]

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
