"""Path: segments between slashes (RFC 3986 section 3.3), and the parts that a rule names.

Segment N after the first slash is ``path:N``, percent-opened (``+`` is a plus). Edits: any content; a slash in it is
escaped. A stripped segment becomes empty so that the others keep their numbers. Nothing can be added.
A named part (``{session}`` in a rule's path) is ``path:session``. An edit costs one pass over the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable
from shield.tree import Node, Opened
from shield.wire.limits import LIMITS, Budget, TooMuch
from shield.wire.names import PERCENT
from shield.wire.percent import PATH

ROOT: Final = "path:"


class Segments:
    """How a path splits; it outlives its segments."""

    name = "path:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A path takes no new segment."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


SEGMENTS: Final = Segments()


def read_path(node: Node, budget: Budget) -> list[Node]:
    """Split *node* (content: the path, with or without a first slash) into segments.

    Raises:
        TooMuch: more segments than fields are left; *node* stays a leaf.
    """
    content = node.content
    budget.spend(content.count(b"/") + 1, len(content))
    prefix = node.address + SEPARATOR
    start = 1 if content[:1] == b"/" else 0
    out: list[Node] = []
    for number, raw in enumerate(content[start:].split(b"/")):
        end = start + len(raw)
        value = PATH.open(raw) if PERCENT in raw else raw
        out.append(Node(node, prefix + str(number), start, end, value, None, PATH))
        start = end + 1
    node.children = tuple(out)
    node.notation = SEGMENTS
    return out


def with_parts(opened: Opened, spans: Mapping[str, tuple[int, int]]) -> Opened:
    """Add a node ``path:NAME`` for each named part; spans over the bytes of the path, which must not overlap.

    A part inside a segment becomes its child, and the segment's content is then raw (its parts are opened
    instead). A part that holds whole segments becomes their parent, raw too. A part that cuts through a
    segment takes the place of all segments that it touches.
    """
    if not spans:
        return opened
    root = Node(None, ROOT, 0, len(opened.path.content), opened.path.content)
    try:
        segments = read_path(root, Budget(LIMITS))
    except TooMuch:
        segments = []
        root.notation = SEGMENTS
    parts = sorted((start, end, name) for name, (start, end) in spans.items())
    root.children = tuple(_woven(root, segments, parts))
    return replace(opened, path=root)


def _woven(root: Node, segments: list[Node], parts: list[tuple[int, int, str]]) -> list[Node]:
    """Segments and parts as one sequence without overlaps."""
    out = list(segments)
    for start, end, name in parts:
        touched = [node for node in out if _touches(node, start, end)]
        if len(touched) == 1 and touched[0].start <= start and end <= touched[0].end:
            _put_into(touched[0], start, end, name)
        elif touched and all(start <= node.start and node.end <= end for node in touched):
            first = out.index(touched[0])
            out[first : first + len(touched)] = [_holding(root, touched, start, end, name)]
        else:
            out = [node for node in out if node not in touched]
            out.append(_part(root, root.content, start, end, name))
            out.sort(key=lambda node: (node.start, node.end))
    return out


def _touches(node: Node, start: int, end: int) -> bool:
    return (node.start < end and start < node.end) or (node.start, node.end) == (start, end)


def _part(parent: Node, content: bytes, start: int, end: int, name: str) -> Node:
    return Node(parent, ROOT + SEPARATOR + name, start, end, PATH.open(content[start:end]), layer=PATH)


def _put_into(segment: Node, start: int, end: int, name: str) -> None:
    """Make a part the child of the segment it lies in."""
    if segment.layer is not None:
        segment.content, segment.layer, segment.notation = segment.raw, None, SEGMENTS
    part = _part(segment, segment.content, start - segment.start, end - segment.start, name)
    segment.children = (*segment.children, part)


def _holding(root: Node, inner: list[Node], start: int, end: int, name: str) -> Node:
    """A part that holds whole segments."""
    part = Node(root, ROOT + SEPARATOR + name, start, end, root.content[start:end])
    part.notation = SEGMENTS
    for node in inner:
        node.parent = part
        node.start, node.end = node.start - start, node.end - start
    part.children = tuple(inner)
    return part
