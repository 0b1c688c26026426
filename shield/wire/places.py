"""Where a new field goes: ``Edits.created`` turned into additions to nodes that are there, and into new lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from shield.address import SEPARATOR, show_address
from shield.edits import Edits
from shield.errors import Unwritable
from shield.message import Headers
from shield.opened import Opened
from shield.tree import Node
from shield.wire import cookies
from shield.wire.headers import new_line
from shield.wire.pairs import QUERY_PAIRS


@dataclass(slots=True)
class Places:
    """What is to be put beside the trees.

    Attributes:
        edits: the caller's, with additions to containers that are there.
        query: pairs of a query that was not there.
        cookies: of a Cookie line that was not there.
        lines: new header lines.
    """

    edits: Edits
    query: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    cookies: list[tuple[str, bytes]] = field(default_factory=list, repr=False)
    lines: list[tuple[bytes, bytes]] = field(default_factory=list, repr=False)

    def new_query(self) -> bytes:
        """``?`` and the new pairs, or nothing."""
        return b"?" + QUERY_PAIRS.append(_EMPTY, self.query, True)[1] if self.query else b""

    def new_lines(self) -> Headers:
        """The new header lines, a Cookie line included."""
        if not self.cookies:
            return tuple(self.lines)
        return (*self.lines, (b"cookie", cookies.COOKIES.append(_EMPTY, self.cookies, True)[1]))


_EMPTY = Node(None, "", 0, 0, b"")


def place(opened: Opened, edits: Edits, *, is_request: bool) -> Places:
    """Find the place of every created field.

    Raises:
        Unwritable: there is none, e.g. a key of a JSON object that is not there.
    """
    added = {node: list(items) for node, items in edits.added.items()}
    out = Places(replace(edits, added=added, created=[]))
    for address, content in edits.created:
        _place_one(out, opened, address, content, is_request)
    return out


def _place_one(out: Places, opened: Opened, address: str, content: bytes, is_request: bool) -> None:
    container, _, step = address.rpartition(SEPARATOR)
    node = _container(opened, container)
    if node is not None:
        out.edits.added.setdefault(node, []).append((step, content))
    elif container == "header:":
        out.lines.append(new_line(step, content))
    elif container == "query:" and is_request and opened.query is None:
        out.query.append((step, content))
    elif container == "cookie:" and is_request:
        out.cookies.append((step, content))
    else:
        raise Unwritable(f"{show_address(address)} cannot be added here")


def _container(opened: Opened, address: str) -> Node | None:
    """The node that takes new items for *address*; a Cookie line for ``cookie:``."""
    if address == "header:":
        return None
    where = f"header:{SEPARATOR}cookie" if address == "cookie:" else address
    for members in ("csp:", "sf:", "matrix:"):  # their container is the header line, or the segment
        where = where.removesuffix(SEPARATOR + members)
    return next((node for node in opened.at(where) if node.notation is not None), None)
