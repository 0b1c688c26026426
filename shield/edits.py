"""Edits: what is to change in a tree, and the bytes that it makes.

An edit of a leaf is closed again by the leaf's layer, spliced into the parent's content, and so on outwards; what
nobody edited keeps its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shield.address import show_address
from shield.errors import Unwritable
from shield.tree import HEADED, Node


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
