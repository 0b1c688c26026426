"""Pairs: the query of a target and ``application/x-www-form-urlencoded`` (WHATWG URL, section 5).

Pieces between ``&``, each ``name=value``; both percent-opened, ``+`` is a space. Kept as they came: duplicates
(each is a field with the same address), empty names and values, ``&&``, ``;`` (part of a value), pairs without
``=`` (an empty value). Edits: any value, removal with one ``&``, new pairs at the end. Only read: names.
An edit costs one pass over the query.
"""

from __future__ import annotations

from typing import Final

from shield.address import SEPARATOR
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import PERCENT, PLAIN, PLUS, form_step, from_step
from shield.wire.percent import FORM, QUERY, Bare, Percent


class Pairs:
    """One of the two places. A query without pairs loses its ``?``; a form stays, empty."""

    __slots__ = ("bare", "layer", "name", "vanishes")

    def __init__(self, name: str, layer: Percent, *, vanishes: bool) -> None:
        self.name = name
        self.layer = layer
        self.bare = Bare(layer)
        self.vanishes = vanishes

    def read(self, node: Node, budget: Budget) -> list[Node]:
        """Split *node* into pairs; the values.

        Raises:
            TooMuch: more pairs than fields are left; *node* stays a leaf.
        """
        content = node.content
        budget.spend(content.count(b"&") + 1, len(content))
        prefix = node.address + SEPARATOR
        layer, bare, open_value, is_plain = self.layer, self.bare, self.layer.open, PLAIN.fullmatch
        out: list[Node] = []
        start = 0
        for piece in content.split(b"&"):
            end = start + len(piece)
            if piece:
                name, sign, value = piece.partition(b"=")
                address = prefix + (name.decode() if is_plain(name) else form_step(name))
                if PERCENT in value or PLUS in value:
                    value = open_value(value)
                at = start + len(name) + len(sign)
                out.append(Node(node, address, at, end, value, (start, end), layer if sign else bare))
            start = end + 1
        node.children = tuple(out)
        node.notation = self
        return out

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """``&name=value`` at the end, escaped as this place does by default."""
        pairs = [self.pair(step, content) for step, content in items]
        return len(node.content), (b"" if is_empty else b"&") + b"&".join(pairs)

    def pair(self, step: str, content: bytes) -> bytes:
        """One new pair."""
        return self.layer.close(from_step(step), b"").replace(b"=", b"%3D") + b"=" + self.layer.close(content, b"")


QUERY_PAIRS: Final = Pairs("query:", QUERY, vanishes=True)
FORM_PAIRS: Final = Pairs("form:", FORM, vanishes=False)
