"""Parts of a path that a rule names: ``{session}`` in ``/1/batch/1/OP/{market}:{session}:{rest**}``, ``path:session``.

A part inside a segment, or inside a pair of one (``matrix``), becomes its child, and what holds it is then raw (its
parts are opened instead). A part that is the whole value of a pair stands around it. A part that holds whole segments
becomes their parent, raw too. A part that cuts through one takes the place of all that it touches. What lies nested in
parts and segments opens as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from shield.address import SEPARATOR
from shield.opened import Opened
from shield.tree import ENVELOPE, Node
from shield.wire.limits import LIMITS, Budget, TooMuch
from shield.wire.matrix import MATRIX, PAIR
from shield.wire.nesting import open_values
from shield.wire.percent import PATH, Percent
from shield.wire.segments import ROOT, SEGMENTS, read_path


def with_parts(opened: Opened, spans: Mapping[str, tuple[int, int]]) -> Opened:
    """Add a node ``path:NAME`` for each named part; spans over the bytes of the path, which must not overlap."""
    if not spans:
        return opened
    root = Node(None, ROOT, 0, len(opened.path.content), opened.path.content)
    budget = Budget(LIMITS)
    try:
        read_path(root, budget)
    except TooMuch:
        root.notation = SEGMENTS
    parts = sorted((start, end, name) for name, (start, end) in spans.items())
    root.children = tuple(_woven(root, list(root.children), parts))
    open_values(root.leaves(), budget)
    return replace(opened, path=root)


def _woven(root: Node, segments: list[Node], parts: list[tuple[int, int, str]]) -> list[Node]:
    """Segments and parts as one sequence without overlaps."""
    out = segments
    for segment in out:
        if segment.notation is MATRIX and any(_cuts(segment, start, end) for start, end, _ in parts):
            _make_raw(segment)
    for start, end, name in parts:
        touched = [node for node in out if _touches(node, start, end)]
        if len(touched) == 1 and touched[0].start <= start and end <= touched[0].end:
            _put_into(touched[0], start, end, name)
        elif touched and all(start <= node.start and node.end <= end for node in touched):
            first = out.index(touched[0])
            out[first : first + len(touched)] = [_holding(root, touched, start, end, name)]
        else:
            out = [node for node in out if node not in touched]
            out.append(_part(root, start, end, name, PATH))
            out.sort(key=lambda node: (node.start, node.end))
    return out


def _cuts(segment: Node, start: int, end: int) -> bool:
    """Whether a part that lies in a segment is not inside one of its pairs."""
    start, end = start - segment.start, end - segment.start
    inside = [pair for pair in segment.children if _touches(pair, start, end)]
    is_in_one = len(inside) == 1 and inside[0].start <= start and end <= inside[0].end
    return 0 <= start <= end <= len(segment.content) and not is_in_one


def _make_raw(node: Node) -> None:
    """Make room for parts in a segment or a value."""
    if node.notation is not SEGMENTS:
        node.content, node.layer, node.notation, node.children = node.raw, None, SEGMENTS, ()


def _touches(node: Node, start: int, end: int) -> bool:
    return (node.start < end and start < node.end) or (node.start, node.end) == (start, end)


def _part(parent: Node, start: int, end: int, name: str, layer: Percent) -> Node:
    return Node(parent, ROOT + SEPARATOR + name, start, end, layer.open(parent.content[start:end]), layer=layer)


def _put_into(node: Node, start: int, end: int, name: str, layer: Percent = PATH) -> None:
    """Make a part the child of the segment, or of the pair, that it lies in."""
    start, end = start - node.start, end - node.start
    if node.notation is MATRIX:
        at = next(number for number, pair in enumerate(node.children) if _touches(pair, start, end))
        pair = node.children[at]
        if (pair.start, pair.end) == (start, end):
            node.children = (*node.children[:at], _around(pair, name), *node.children[at + 1 :])
        else:
            _put_into(pair, start, end, name, PAIR)
        return
    _make_raw(node)
    node.children = (*node.children, _part(node, start, end, name, layer))


def _around(pair: Node, name: str) -> Node:
    """A part that is the whole value of a pair: the same item, around it."""
    part = Node(pair.parent, ROOT + SEPARATOR + name, pair.start, pair.end, pair.content, pair.outer, pair.layer)
    part.children, part.notation = (pair,), ENVELOPE
    pair.parent, pair.outer, pair.layer = part, None, None
    pair.start, pair.end = 0, len(pair.content)
    return part


def _holding(root: Node, inner: list[Node], start: int, end: int, name: str) -> Node:
    """A part that holds whole segments."""
    part = Node(root, ROOT + SEPARATOR + name, start, end, root.content[start:end])
    part.notation = SEGMENTS
    for node in inner:
        node.parent = part
        node.start, node.end = node.start - start, node.end - start
    part.children = tuple(inner)
    return part
