"""Addresses inside a value: page, referrer, redirect target, link (RFC 3986). Absolute http(s), in pages relative too.

Below the value: ``query:`` with its pairs (``query:dl/query:email``), ``path:`` with its segments
(``query:dl/path:0``). Only read: scheme, host, fragment; they stay bytes of the value itself. Edits and removals as
in ``pairs`` and ``path``; the last pair takes the ``?`` along. An edit costs one pass over the address.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.pairs import QUERY_PAIRS
from shield.wire.segments import read_path

_ADDRESS: Final = re.compile(rb"(?i:https?)://[^\s/?#\\]+(?P<path>/[^\r\n?#]*)?(?:\?(?P<query>[^\r\n#]*))?(?:#.*)?")
_REFERENCE: Final = re.compile(
    rb"(?:/[^\r\n?#]*|[^\r\n?#:/][^\r\n?#:]*)?(?P<path>)\?(?P<query>[^\r\n#]+)(?:#.*)?", re.DOTALL
)


class Url:
    """How an address splits."""

    name = "url"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Parts of an address cannot be added here; pairs go to its query."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


URL: Final = Url()


def read_url(node: Node, budget: Budget) -> list[Node]:
    """Open the path and the query of the address that *node* holds.

    Raises:
        Unreadable: it holds something else.
        TooMuch: more pairs or segments than fields are left.
    """
    match = _ADDRESS.fullmatch(node.content)
    if match is None:
        raise Unreadable("not an absolute address")
    return _read(node, match, budget)


def read_reference(node: Node, budget: Budget) -> list[Node]:
    """Open the query of an address without scheme: a link in a page (RFC 3986 section 4.2).

    Raises: as :func:`read_url`.
    """
    match = _REFERENCE.fullmatch(node.content)
    if match is None:
        raise Unreadable("no relative address with a query")
    return _read(node, match, budget)


def _read(node: Node, match: re.Match[bytes], budget: Budget) -> list[Node]:
    """Path and query as children."""
    children: list[Node] = []
    leaves: list[Node] = []
    budget.spend(2, len(node.content))
    start, end = match.span("path")
    if end - start > 1:
        path = Node(node, f"{node.address}{SEPARATOR}path:", start, end, match["path"])
        leaves += read_path(path, budget)
        children.append(path)
    start, end = match.span("query")
    if end > start:
        query = Node(node, f"{node.address}{SEPARATOR}query:", start, end, match["query"], outer=(start - 1, end))
        leaves += QUERY_PAIRS.read(query, budget)
        children.append(query)
    if children:
        node.children = tuple(children)
        node.notation = URL
    return leaves
