"""What opens inside a value: JSON, an absolute address, percent escapes once more, base64 of text.

Tried in this order, each on what the one before left over; nobody declared them, so a value that does not fit
is simply a leaf. Deeper than the limit, or more than the budget: an unreadable leaf.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.base64text import read_base64
from shield.wire.jsontext import read_json
from shield.wire.limits import Budget, TooMuch
from shield.wire.lines import read_line
from shield.wire.names import PERCENT
from shield.wire.percent import read_inner
from shield.wire.url import read_url

Reader = Callable[[Node, Budget], list[Node]]

_HINT: Final = re.compile(
    rb"[{\[]|[hH][tT][tT][pP][sS]?://|(?:eyJ[A-Za-z0-9+/_-]{5,}|[A-Za-z0-9+/_-]{16,})={0,2}\Z"
    rb"|\s+[{\[]|\)\]\}'|for \(;;\);"
)
_READERS: Final[dict[int, tuple[Reader, ...]]] = {
    **dict.fromkeys(b"{[)\t\n\r ", (read_json, read_inner)),
    **dict.fromkeys(b"hH", (read_url, read_inner, read_base64)),
    **dict.fromkeys(b"f", (read_json, read_inner, read_base64)),
}
_OTHERWISE: Final[tuple[Reader, ...]] = (read_inner, read_base64)
_LINE_READERS: Final[tuple[Reader, ...]] = (read_line,)


def open_values(leaves: Iterable[Node], budget: Budget) -> None:
    """Open what is nested in *leaves*, and in what that holds, and so on."""
    hint = _HINT.match
    level = [leaf for leaf in leaves if PERCENT in leaf.content or hint(leaf.content)]
    depth = 0
    while level:
        found: list[Node] = []
        for leaf in level:
            found += _open_one(leaf, budget, depth)
        level = [leaf for leaf in found if PERCENT in leaf.content or hint(leaf.content)]
        depth += 1


def open_lines(lines: list[Node], budget: Budget) -> None:
    """Open the lines of a text: query strings first, then as any value."""
    found: list[Node] = []
    for line in lines:
        if b"=" in line.content:
            found += _first(line, budget, _LINE_READERS)
    open_values([*(line for line in lines if not line.children), *found], budget)


def _open_one(leaf: Node, budget: Budget, depth: int) -> list[Node]:
    if depth < budget.limits.nestings:
        return _first(leaf, budget, _READERS.get(leaf.content[0], _OTHERWISE))
    leaf.unreadable = f"more than {budget.limits.nestings} notations inside each other"
    return []


def _first(leaf: Node, budget: Budget, readers: tuple[Reader, ...]) -> list[Node]:
    """The fields that the first reader which can read *leaf* finds."""
    for reader in readers:
        try:
            return reader(leaf, budget)
        except TooMuch as error:
            leaf.unreadable = error.message
            return []
        except Unreadable:
            continue
    return []
