"""Pairs: the query of a target and ``application/x-www-form-urlencoded`` (WHATWG URL, section 5).

Pieces between ``&``, each ``name=value``; both percent-opened, ``+`` is a space. Kept as they came: duplicates (each
is a field with the same address), empty names and values, ``&&``, pairs without ``=`` (an empty value), bytes that are
no UTF-8 (a form in Latin-1). ``;`` is part of a value, unless there is no ``&`` and every piece between ``;`` is
``name=value``: then it separates (HTML 4.01, B.2.2, which old servers follow). Edits: any value, removal with one
separator, new pairs at the end; a new ``;`` is always escaped. Only read: names. An edit costs one pass over the query.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import PERCENT, PLAIN, PLUS, form_step, from_step
from shield.wire.percent import FORM, QUERY, Bare, Percent

_NAME: Final = rb"[A-Za-z0-9_.~%\[\]$*+-]{1,128}="
_BY_SEMICOLONS: Final = re.compile(_NAME + rb"[^;&]*+(?:;" + _NAME + rb"[^;&]*+)++;?")
_FORM: Final = re.compile(_NAME + rb"[!-%'-~]*+(?:&" + _NAME + rb"[!-%'-~]*+)++")
SEMICOLON: Final = 59
"""As a number: looked for in a tenth of the time (``names.PERCENT``)."""


def is_form(content: bytes) -> bool:
    """Whether *content*, of whatever type, can only be a form: two pairs or more, ASCII, no blanks."""
    return _FORM.fullmatch(content) is not None


class Pairs:
    """One of the two places. A query without pairs loses its ``?``; a form stays, empty."""

    __slots__ = ("bare", "by_semicolons", "layer", "name", "separator", "vanishes")

    def __init__(self, name: str, layer: Percent, *, vanishes: bool, separator: bytes = b"&") -> None:
        self.name = name
        self.layer = layer
        self.separator = separator
        self.by_semicolons = Pairs(name, layer, vanishes=vanishes, separator=b";") if separator == b"&" else self
        self.bare = Bare(layer)
        self.vanishes = vanishes

    def read(self, node: Node, budget: Budget, *, is_rest: bool = False) -> list[Node]:
        """Split *node* into pairs; the values.

        Args:
            is_rest: of pairs that ``&`` separates, as was seen before.

        Raises:
            TooMuch: more pairs than fields are left; *node* stays a leaf.
        """
        content, separator = node.content, self.separator
        by_semicolons = SEMICOLON in content and not is_rest and separator == b"&" and b"&" not in content
        if by_semicolons and _BY_SEMICOLONS.fullmatch(content):
            return self.by_semicolons.read(node, budget)
        budget.spend(content.count(separator) + 1, len(content))
        prefix = node.address + SEPARATOR
        layer, bare, open_value, is_plain = self.layer, self.bare, self.layer.open, PLAIN.fullmatch
        out: list[Node] = []
        start = 0
        for piece in content.split(separator):
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
        """``&name=value`` (or with ``;``) at the end, escaped as this place does by default."""
        pairs = [self.pair(step, content) for step, content in items]
        return len(node.content), (b"" if is_empty else self.separator) + self.separator.join(pairs)

    def pair(self, step: str, content: bytes) -> bytes:
        """One new pair."""
        return self.layer.close(from_step(step), b"").replace(b"=", b"%3D") + b"=" + self.layer.close(content, b"")


QUERY_PAIRS: Final = Pairs("query:", QUERY, vanishes=True)
FORM_PAIRS: Final = Pairs("form:", FORM, vanishes=False)
