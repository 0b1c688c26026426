r"""Escapes of JSON and JavaScript strings inside a value, with or without quotes around it: ``"a\"b"``, ``\u0061``.

(RFC 8259 section 7; ECMA-262, EscapeSequence.) Opened where ``\uXXXX`` or ``\xXX`` stands in it, or quotes around
escapes or around something that opens further. Edits: any content; what stood there stays as it was spelled, and what
is new is escaped in its manner, letters too where letters were. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.keeping import respelled
from shield.wire.limits import Budget
from shield.wire.names import BACKSLASH

_TELLING: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")
_ESCAPE: Final = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})"
    rb"""|([bfnrtv"'\\/]))"""
)
_SHORT: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_SHORT_CLOSE: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def _opened(match: re.Match[bytes]) -> bytes:
    if match[1]:
        pair = int(match[1], 16).to_bytes(2) + int(match[2], 16).to_bytes(2)
        return pair.decode("utf-16-be").encode()
    if match[5]:
        return _SHORT.get(match[5], match[5])
    return chr(int(match[3] or match[4], 16)).encode("utf-8", "surrogatepass")


def open_escapes(raw: bytes) -> bytes:
    """What *raw*, without quotes around it, stands for; an escape that nobody knows is itself."""
    return _ESCAPE.sub(_opened, raw)


def _escapes(raw: bytes) -> Iterator[tuple[int, int, int]]:
    extra = 0
    for match in _ESCAPE.finditer(raw):
        length = len(_opened(match))
        yield match.start() - extra, length, len(match[0])
        extra += len(match[0]) - length


class Quoted:
    """The layer; *quote* stands on both sides, or is empty."""

    __slots__ = ("name", "quote")

    def __init__(self, quote: bytes) -> None:
        self.name = "quoted"
        self.quote = quote

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*.

        Raises:
            Unwritable: it would be read as something else.
        """
        size = len(self.quote)
        inner = raw[size : len(raw) - size]
        written = respelled(inner, content, _escapes(inner), open_escapes, lambda text: _written(text, inner))
        return self.quote + written + self.quote


QUOTED: Final = Quoted(b'"')
UNQUOTED: Final = Quoted(b"")


def _written(content: bytes, raw: bytes) -> bytes:
    matches = list(_ESCAPE.finditer(raw))
    escaped = b"".join(map(_opened, matches)).decode("utf-8", "replace")
    is_everything = any(one.isascii() and one.isalnum() for one in escaped)
    is_wide = any(one > "\x7f" for one in escaped)
    is_short = any(match[4] for match in matches)
    out: list[str] = []
    for one in content.decode("utf-8", "surrogateescape"):
        if "\udc80" <= one <= "\udcff":  # a byte that came so leaves so
            out.append(one)
        elif is_everything or one < " " or one in '"\\' or one in escaped or (is_wide and one > "\x7f"):
            out.append(_one(one, is_short, is_everything))
        else:
            out.append(one)
    return "".join(out).encode("utf-8", "surrogateescape")


def _one(character: str, is_short: bool, is_everything: bool) -> str:
    if character in _SHORT_CLOSE and not is_everything:
        return _SHORT_CLOSE[character]
    if is_short and character <= "\xff":
        return f"\\x{ord(character):02x}"
    wide = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{wide[at]:02x}{wide[at + 1]:02x}" for at in range(0, len(wide), 2))


def read_quoted(node: Node, budget: Budget) -> list[Node]:
    """Open *node*, quotes and escapes, as an only child with step ``quoted``.

    Raises:
        Unreadable: neither is there.
    """
    raw = node.content
    is_in_quotes = len(raw) > 1 and raw[:1] == raw[-1:] == b'"'
    if not is_in_quotes and not (BACKSLASH in raw and _TELLING.search(raw)):
        raise Unreadable("nothing escaped")
    content = open_escapes(raw[1:-1] if is_in_quotes else raw)
    budget.spend(1, len(content))
    layer = QUOTED if is_in_quotes else UNQUOTED
    child = Node(node, f"{node.address}{SEPARATOR}quoted", 0, len(raw), content, None, layer)
    node.children, node.notation = (child,), ENVELOPE
    return [child]
