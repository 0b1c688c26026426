"""Percent escapes (RFC 3986 section 2.1; WHATWG URL, application/x-www-form-urlencoded).

Reads: every ``%XX``; a percent sign without two hex digits is itself. ``+`` is a space in queries and forms, not in
paths and cookies. Edits: any content. Writes in the manner of what stood there: hex case, ``+`` or ``%20``, each
character raw or escaped as it was, and byte for byte what did not change at both ends; a character that did not
occur is escaped unless it is unreserved, because that is right for every reader. An edit costs one pass over the
value.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from shield.address import SEPARATOR
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, Node
from shield.wire.keeping import Spelling, shared
from shield.wire.limits import Budget
from shield.wire.names import PERCENT, PLUS

_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ALPHANUMERIC: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_NOT_ASCII: Final = frozenset(range(0x80, 0x100))
_NEVER_RAW: Final = frozenset(b"%\r\n\0 ")


class Percent:
    """The layer of one place.

    Args:
        plus_is_space: as in queries and forms.
        space: what a space becomes when *raw* shows no preference.
        never: characters that end a value here, so that they are escaped whatever *raw* does.
    """

    __slots__ = ("name", "never", "plus_is_space", "space")

    def __init__(self, *, plus_is_space: bool, space: bytes, never: bytes) -> None:
        self.name = "percent"
        self.plus_is_space = plus_is_space
        self.space = space
        self.never = _NEVER_RAW | frozenset(never) | frozenset(b"+" if plus_is_space else b"")

    def open(self, raw: bytes) -> bytes:
        """The bytes that *raw* stands for."""
        if self.plus_is_space and PLUS in raw:
            raw = raw.replace(b"+", b" ")
        return unquote_to_bytes(raw) if PERCENT in raw else raw

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*; what both have in common at the ends stays as it is spelled."""
        if not raw:
            return content if content.isalnum() else self._escape(content, raw)
        old = self.open(raw)
        if old == content:
            return raw
        start, end = shared(old, content)
        if PERCENT not in raw:  # both have the same offsets
            return raw[:start] + self._escape(content[start : len(content) - end], raw) + raw[len(raw) - end :]
        spelling = Spelling((match.start() - 2 * k, 1, 3) for k, match in enumerate(_ESCAPE.finditer(raw)))
        while PERCENT in raw[max(0, spelling.at(start) - 2) : spelling.at(start)]:
            start -= 1  # a bare percent sign: what follows it now could make it an escape
        middle = self._escape(content[start : len(content) - end], raw)
        return raw[: spelling.at(start)] + middle + raw[spelling.at(len(old) - end) :]

    def _escape(self, content: bytes, raw: bytes) -> bytes:
        if not content or content.isalnum():  # written as they are everywhere
            return content
        digits = "%%%02x" if _is_lower_hex(raw) else "%%%02X"
        plain = self._plain(raw)
        pieces = {code: b"%c" % code if code in plain else (digits % code).encode("ascii") for code in set(content)}
        pieces[0x20] = self._space(raw)
        return b"".join(map(pieces.__getitem__, content))

    def _plain(self, raw: bytes) -> set[int]:
        """Characters that are written as they are."""
        seen = set(_ESCAPE.sub(b"", raw))
        if not raw.isascii():
            seen |= _NOT_ASCII
        escaped = {int(code, 16) for code in _ESCAPE.findall(raw)}
        return (seen | (_UNRESERVED - (escaped - _ALPHANUMERIC))) - self.never

    def _space(self, raw: bytes) -> bytes:
        if self.plus_is_space and PLUS in raw:
            return b"+"
        return b"%20" if b"%20" in raw else self.space


def _is_lower_hex(raw: bytes) -> bool:
    """Whether the first escape with a letter is written in lower case."""
    for code in _ESCAPE.findall(raw):
        if bytes(code).isalnum() and not bytes(code).isdigit():
            return bytes(code) == bytes(code).lower()
    return False


QUERY: Final = Percent(plus_is_space=True, space=b"%20", never=b"&;#")
FORM: Final = Percent(plus_is_space=True, space=b"+", never=b"&;")
PATH: Final = Percent(plus_is_space=False, space=b"%20", never=b"/?#")
INNER: Final = Percent(plus_is_space=False, space=b"%20", never=b"=&;")
"""Percent once more inside an opened value; nobody knows for which place it was made, so no new separators."""


class Bare:
    """A pair without ``=``: its value is empty, and gets its sign when it gets a value."""

    __slots__ = ("inner", "name")

    def __init__(self, inner: Percent) -> None:
        self.name = "bare"
        self.inner = inner

    def close(self, content: bytes, raw: bytes) -> bytes:
        """``=`` and the value."""
        return b"=" + self.inner.close(content, raw)


class CookieValue:
    """A cookie's value: percent-opened, for that is what most scripts write; nothing else is escaped.

    A value that had no escapes gets none (its reader may not open them), so it cannot carry everything.
    """

    __slots__ = ("ends", "name")

    def __init__(self, ends: re.Pattern[bytes]) -> None:
        self.name = "cookie"
        self.ends = ends

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*.

        Raises:
            Unwritable: a character that ends the value or the line (RFC 6265 section 4.1.1), and *raw*
                shows no escapes.
        """
        if PERCENT in raw:
            return _COOKIE.close(content, raw)
        inside = content.strip() if raw != raw.strip() else content  # blanks at the ends were there before
        if self.ends.search(inside):
            raise Unwritable("a cookie cannot carry this value", "it holds a separator or a control character")
        return content


_COOKIE: Final = Percent(plus_is_space=False, space=b"%20", never=b';"\t,\\')
COOKIE: Final = CookieValue(re.compile(rb"[\x00-\x08\x0a-\x1f\x7f;]|\A\s|\s\Z"))
NAMELESS: Final = CookieValue(re.compile(rb"[\x00-\x08\x0a-\x1f\x7f;=]|\A\s|\s\Z"))
"""For a cookie without ``=``: with one inside, the value would become a name."""


def read_inner(node: Node, budget: Budget) -> list[Node]:
    """Open the escapes that *node*'s content still holds, as an only child with step ``percent``.

    Raises:
        Unreadable: there are none.
    """
    if _ESCAPE.search(node.content) is None:
        raise Unreadable("no escapes")
    content = INNER.open(node.content)
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}percent", 0, len(node.content), content, layer=INNER)
    node.children = (child,)
    node.notation = ENVELOPE
    return [child]
