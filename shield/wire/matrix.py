"""Pairs inside one segment of a path: ``;name=value`` (RFC 3986 section 3.3, matrix parameters), ``$name=value``.

Floodlight puts all it knows there (``/activityi;src=1;type=a;u1=x;ord=1?``, or ``/ddm/activity/src=1;type=a``; wire
facts 2.3), servlets their sessions (``/shop;jsessionid=1``), Amazon its timings
(``/OP/A1:257:R$uedata=s:%2Frd%2Fuedata%3F...``; wire facts 4.3). Address: ``path:0/matrix:u1``; the text before the
first pair is ``path:0/matrix:`` with an empty name; an address without host inside a value opens, too:
``path:4/matrix:uedata/query:sw``. A segment opens only where a pair stands in it behind a separator. Edits: any value
(``;`` and slashes are escaped), removal with one separator, new pairs at the end with ``;``. Only read: names. An edit
costs one pass over the segment.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import PERCENT, from_step, percent_step
from shield.wire.pairs import QUERY_PAIRS
from shield.wire.percent import Bare, Percent

PAIR: Final = Percent(plus_is_space=False, space=b"%20", never=b"/?#;$")
_BARE: Final = Bare(PAIR)
_SPLITS: Final = re.compile(rb";|\$(?=[A-Za-z]\w{0,30}=)")
_CHANNEL: Final = re.compile(rb"[A-Za-z]{1,8}:/[^?#\s]*\?(?P<query>[^#\r\n]*?)(?::[0-9]{1,12})?")

SEMICOLON, DOLLAR = b";$"
"""As numbers: looked for in a tenth of the time (``names.PERCENT``)."""


class Matrix:
    """How a segment with pairs splits; it stays when they go."""

    name = "matrix:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """``;name=value`` at the end."""
        pairs = [PAIR.close(from_step(name), b"") + b"=" + PAIR.close(value, b"") for name, value in items]
        return len(node.content), (b"" if is_empty else b";") + b";".join(pairs)


class Channel:
    """A value that is a mark, an address without host, and a number; only its query opens."""

    name = "channel"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Nothing stands beside the address."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


MATRIX: Final = Matrix()
CHANNEL: Final = Channel()


def is_matrix(raw: bytes) -> bool:
    """Whether a segment, as it came, holds a pair behind a separator, or pairs with one between them."""
    if SEMICOLON not in raw and DOLLAR not in raw:
        return False
    split = _SPLITS.search(raw)
    return split is not None and b"=" in raw and (b"=" in raw[split.start() :] or b"=" in raw[: split.start()])


def read_matrix(node: Node, budget: Budget) -> list[Node]:
    """Split *node*, a segment whose content is raw, into pairs; the values.

    Raises:
        TooMuch: more pairs than fields are left; *node* stays a leaf.
    """
    content = node.content
    splits = [match.start() for match in _SPLITS.finditer(content)]
    budget.spend(len(splits) + 1, len(content))
    first = content[: splits[0]]
    is_headed = b"=" not in first
    prefix = f"{node.address}{SEPARATOR}matrix:{SEPARATOR}"
    children = [_head(node, prefix, first)] if is_headed else [_pair(node, prefix, 0, splits[0], 0)]
    for number, start in enumerate(splits):
        end = splits[number + 1] if number + 1 < len(splits) else len(content)
        if end > start + 1:
            children.append(_pair(node, prefix, start + 1, end, start if is_headed else start + 1))
    node.children, node.notation = tuple(children), MATRIX
    return [leaf for child in children for leaf in _channel(child, budget)]


def _head(node: Node, prefix: str, raw: bytes) -> Node:
    return Node(node, prefix, 0, len(raw), PAIR.open(raw) if PERCENT in raw else raw, None, PAIR)


def _pair(node: Node, prefix: str, start: int, end: int, item: int) -> Node:
    """One pair; behind a head its item begins with the separator, for the head takes none along."""
    name, sign, value = node.content[start:end].partition(b"=")
    at = end - len(value)
    if PERCENT in value:
        value = PAIR.open(value)
    return Node(node, prefix + percent_step(name), at, end, value, (item, end), PAIR if sign else _BARE)


def _channel(node: Node, budget: Budget) -> list[Node]:
    """The fields of one value: of its query, or itself."""
    match = _CHANNEL.fullmatch(node.content) if b"?" in node.content else None
    if match is None:
        return [node]
    budget.spend(1, 0)
    start, end = match.span("query")
    query = Node(node, f"{node.address}{SEPARATOR}query:", start, end, match["query"], (start - 1, end))
    leaves = QUERY_PAIRS.read(query, budget)
    node.children, node.notation = (query,), CHANNEL
    return leaves
