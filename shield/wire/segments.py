"""Path: segments between slashes (RFC 3986 section 3.3).

Segment N after the first slash is ``path:N``, percent-opened (``+`` is a plus); one with pairs inside stays raw and its
pairs are ``path:N/matrix:NAME`` (``matrix``). Edits: any content; a slash in it is escaped. A stripped segment becomes
empty so that the others keep their numbers. No segment can be added. What a rule names inside a path is the business of
``path``. An edit costs one pass over the path.
"""

from __future__ import annotations

from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable
from shield.tree import Node
from shield.wire.limits import Budget, TooMuch
from shield.wire.matrix import is_matrix, read_matrix
from shield.wire.names import PERCENT
from shield.wire.percent import PATH

ROOT: Final = "path:"
EQUALS: Final = 61
"""As a number: looked for in a tenth of the time (``names.PERCENT``)."""


class Segments:
    """How a path splits; it outlives its segments."""

    name = "path:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A path takes no new segment."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


SEGMENTS: Final = Segments()


def read_path(node: Node, budget: Budget) -> list[Node]:
    """Split *node* (content: the path, with or without a first slash) into segments; its fields.

    Raises:
        TooMuch: more segments than fields are left; *node* stays a leaf.
    """
    content = node.content
    budget.spend(content.count(b"/") + 1, len(content))
    prefix = node.address + SEPARATOR
    start = 1 if content[:1] == b"/" else 0
    out: list[Node] = []
    pairs: list[Node] = []
    for number, raw in enumerate(content[start:].split(b"/")):
        end = start + len(raw)
        value = PATH.open(raw) if PERCENT in raw else raw
        out.append(Node(node, prefix + str(number), start, end, value, None, PATH))
        if EQUALS in raw and is_matrix(raw):  # rare
            pairs.append(out[-1])
        start = end + 1
    node.children = tuple(out)
    node.notation = SEGMENTS
    return _with_pairs(out, pairs, budget) if pairs else out


def _with_pairs(segments: list[Node], holding: list[Node], budget: Budget) -> list[Node]:
    """The fields of *segments*, of which some hold pairs."""
    out: list[Node] = []
    for segment in segments:
        if segment not in holding:
            out.append(segment)
            continue
        segment.content, segment.layer = segment.raw, None
        try:
            out += read_matrix(segment, budget)
        except TooMuch as error:
            segment.unreadable = error.message
    return out
