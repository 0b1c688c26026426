"""Cookie and Set-Cookie (RFC 6265 sections 4.1, 4.2 and 5.4).

Each cookie is ``cookie:NAME`` (names as they are, duplicates too; without ``=`` the name is empty, as browsers have
it). Values are percent-opened and without their double quotes. Edits: any value that ``percent.CookieValue`` can
carry; removal with one separator; new cookies at the end. The Cookie line goes with its last cookie. In a
Set-Cookie line the value is the only field; its removal removes the line. Only read: names, attributes.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import PERCENT, from_step, step
from shield.wire.percent import COOKIE, INNER, NAMELESS

PREFIX: Final = f"cookie:{SEPARATOR}"
_COOKIE: Final = re.compile(rb"[ \t]*([^;]*[^;\s])")
_NAME: Final = re.compile(rb"[^\x00-\x20\x7f;=,]*")


class Cookies:
    """How a Cookie line splits."""

    name = "cookie:"
    vanishes = True

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """``; name=value`` at the end."""
        return len(node.content), (b"" if is_empty else b"; ") + b"; ".join(pair(*item) for item in items)


COOKIES: Final = Cookies()


class SetCookie(Cookies):
    """How a Set-Cookie line splits: one cookie, no more."""

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A line holds one cookie."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


SET_COOKIE: Final = SetCookie()


def pair(name: str, value: bytes) -> bytes:
    """A new cookie.

    Raises:
        Unwritable: a name or value that a cookie cannot carry.
    """
    raw = from_step(name)
    if _NAME.fullmatch(raw) is None:
        raise Unwritable("this is no name of a cookie")
    return raw + b"=" + COOKIE.close(value, b"")


def read_cookies(node: Node, budget: Budget) -> list[Node]:
    """Split a Cookie line.

    Raises:
        TooMuch: more cookies than fields are left.
    """
    budget.spend(node.content.count(b";") + 1, len(node.content))
    leaves = [_cookie(node, *match.span(1)) for match in _COOKIE.finditer(node.content)]
    node.children, node.notation = tuple(leaves), COOKIES
    return leaves


def read_set_cookie(node: Node, budget: Budget) -> list[Node]:
    """The cookie of a Set-Cookie line."""
    budget.spend(1, len(node.content))
    match = _COOKIE.match(node.content)
    if match is None:
        return []
    leaf = _cookie(node, *match.span(1))
    leaf.outer = (0, len(node.content))
    node.children, node.notation = (leaf,), SET_COOKIE
    return [leaf]


def _cookie(node: Node, start: int, end: int) -> Node:
    """One cookie that stands at this span."""
    name, sign, value = node.content[start:end].partition(b"=")
    if not sign:
        name, value = b"", name
    first = end - len(value)
    stop = end
    if len(value) > 1 and value[:1] == value[-1:] == b'"':
        first, stop, value = first + 1, stop - 1, value[1:-1]
    content = INNER.open(value) if PERCENT in value else value
    address = PREFIX + step(name.rstrip() if sign else name)
    return Node(node, address, first, stop, content, (start, end), COOKIE if sign else NAMELESS)
