"""application/http: a message inside a part, as Google's batch APIs send them (RFC 9112 section 10.2).

``POST /calendar/v3/...?key=1 HTTP/1.1``, header lines, a blank line, a body. Below the part: ``path:0``, ``query:key``,
``header:authorization``, and the body as the part's own (``multipart:0/json:/summary``), opened by the Content-Type
inside. Edits: as in those; a Content-Length inside follows the body. A stripped header line keeps its name. Only read:
method, names of lines, version; responses. Nothing can be added. An edit costs one pass over the part.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import step
from shield.wire.pairs import QUERY_PAIRS
from shield.wire.parthead import LINE, Head, head_lines
from shield.wire.segments import read_path

_START: Final = re.compile(
    rb"\s*+(?:[A-Z]{1,20} (?:https?://[^\s/?#]*+)?(?P<path>/[^\s?#]*+)?(?:\?(?P<query>[^\s#]*+))?\S*+"
    rb"(?: HTTP/[0-9.]{1,3})?|HTTP/[0-9.]{1,3} [0-9]{3}[^\r\n]*+)[ \t]*+(?:\r?\n|\Z)"
)
_BLANK: Final = re.compile(rb"\r?\n\r?\n")
_LENGTH: Final = re.compile(rb"(?im)^content-length:[ \t]*([0-9]{1,12})[ \t]*\r?$")


class Message:
    """How such a text splits."""

    name = "http"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """Nothing is added to a message in a batch."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


class Fitted:
    """The layer of the text: its own bytes, with a Content-Length that follows the body."""

    name = "http"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """*content* with the stated length moved by as much as the body is longer than in *raw*."""
        head, body = _parted(content)
        stated = _LENGTH.search(head)
        if stated is None:
            return content
        length = int(stated[1]) + len(body) - len(_parted(raw)[1])
        return head[: stated.start(1)] + b"%d" % max(length, 0) + head[stated.end(1) :] + body


MESSAGE: Final = Message()
FITTED: Final = Fitted()


def _parted(text: bytes) -> tuple[bytes, bytes]:
    """The head with its blank line, and the body."""
    end = _BLANK.search(text)
    return (text[: end.end()], text[end.end() :]) if end else (text, b"")


def read_http(node: Node, budget: Budget, open_body: Callable[[Node, bytes], None]) -> list[Node]:
    """Open the message that *node* holds; the fields of its line and head.

    Args:
        open_body: opens the body by the Content-Type inside.

    Raises:
        Unreadable: it does not begin as a message does. TooMuch: a limit.
    """
    content = node.content
    start = _START.match(content)
    if start is None:
        raise Unreadable("no message in application/http")
    head, body = _parted(content)
    budget.spend(3, len(content))
    children: list[Node] = []
    leaves: list[Node] = []
    for name, reader in (("path", read_path), ("query", QUERY_PAIRS.read)):
        at, end = start.span(name)
        if end > at:
            outer = (at - 1, end) if name == "query" else None
            target = Node(node, f"{node.address}{SEPARATOR}{name}:", at, end, content[at:end], outer)
            leaves += reader(target, budget)
            children.append(target)
    said = head_lines(content, start.end(), len(head))
    lines = _lines(node, said, budget)
    inner = [Node(node, node.address, len(head), len(content), body)] if body else []
    node.children, node.notation = (*children, *lines, *inner), MESSAGE
    for one in inner:
        open_body(one, said.kind)
    return leaves + lines


def _lines(node: Node, said: Head, budget: Budget) -> list[Node]:
    budget.spend(len(said.values), 0)
    prefix = f"{node.address}{SEPARATOR}header:{SEPARATOR}"
    return [Node(node, prefix + step(one.name), one.start, one.end, one.content, None, LINE) for one in said.values]
