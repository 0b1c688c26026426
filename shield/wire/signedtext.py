"""Signed texts inside a value: JWT and its kin. Only read.

``header.payload.signature`` (RFC 7519, RFC 7515; five parts under RFC 7516), itsdangerous and Flask
(``payload.time.signature``, behind a dot where it is zlib), ``payload.signature``, Rails (``payload--digest``), express
(``s:payload.signature``, in cookies). Parts are ``jwt:header``, ``jwt:payload``, ``jwt:time``, ``jwt:signature``
..., base64 opened where it is text; JSON below that (``cookie:session/jwt:payload/json:/mail``).

The key is somebody else's, so any edit inside is refused (``Signed``). What may not leave takes the whole value along:
the notation SEALED says so to ``transform``.

In raw bytes: ``eyJ``, ``eyA``, ``ewo`` or ``.eJ`` with a dot behind it; ``--`` before 40 hex digits; ``s:`` (``s%3A``).
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Signed, Unreadable
from shield.tree import SEALED, Node
from shield.wire.limits import Budget
from shield.wire.plausible import is_text

_PART: Final = rb"[A-Za-z0-9_=-]*+"
_DOTTED: Final = re.compile(rb"(?:e[yw][A-Za-z0-9_-]{6,}+={0,2}|\.eJ[A-Za-z0-9_-]{6,}+)(?:\." + _PART + rb"){1,4}")
_RAILS: Final = re.compile(rb"([A-Za-z0-9+/_-]{8,}?={0,2})--([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})")
_EXPRESS: Final = re.compile(rb"s:(.+)\.([A-Za-z0-9+/]{43}=?)", re.DOTALL)
_NAMES: Final = {
    2: ("payload", "signature"),
    3: ("header", "payload", "signature"),
    5: ("header", "key", "iv", "ciphertext", "tag"),
}
_TIMED: Final = ("payload", "time", "signature")
_SHORTEST_SIGNATURE: Final = 20
_URL: Final = bytes.maketrans(b"-_", b"+/")


class SignedPart:
    """The layer of a part, which nobody here can write."""

    name = "signed"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Refuse.

        Raises:
            Signed: always.
        """
        raise Signed("a signed token cannot be edited", "it can pass, be stripped or be blocked")


SIGNED: Final = SignedPart()


def read_signed(node: Node, budget: Budget, start: int = 0) -> list[Node]:
    """Open the signed text that begins at *start* of *node*'s content and is all the rest of it; its parts.

    Raises:
        Unreadable: it is something else.
    """
    content = node.content
    spans = _spans(content, start)
    if not spans:
        raise Unreadable("nothing signed")
    budget.spend(len(spans), len(content))
    prefix = f"{node.address}{SEPARATOR}jwt:{SEPARATOR}"
    node.children = tuple(Node(node, prefix + name, first, end, part, None, SIGNED) for name, first, end, part in spans)
    node.notation = SEALED
    return list(node.children)


def _spans(content: bytes, start: int) -> list[tuple[str, int, int, bytes]]:
    """Name, span and opened content of each part; empty if nothing here is signed."""
    if _DOTTED.fullmatch(content, start):
        return _dotted(content, start)
    match = _EXPRESS.fullmatch(content, start) or _RAILS.fullmatch(content, start)
    if match is None:
        return []
    payload = match[1] if match.re is _EXPRESS else _decoded(match[1])
    if payload is None:
        return []
    return [("payload", *match.span(1), payload), ("signature", *match.span(2), match[2])]


def _dotted(content: bytes, start: int) -> list[tuple[str, int, int, bytes]]:
    first = start + (content[start] == 0x2E)
    parts = content[first:].split(b".")
    header = _decoded(parts[0])
    if first == start and (header is None or not header.lstrip().startswith((b"{", b"["))):
        return []
    names = _NAMES.get(len(parts))
    if len(parts) == 3 and (header is None or b'"alg"' not in header):
        names = _TIMED
    if names is None or (names[0] == "payload" and len(parts[-1]) < _SHORTEST_SIGNATURE):
        return []
    out: list[tuple[str, int, int, bytes]] = []
    for name, part in zip(names, parts, strict=True):
        opened = _decoded(part, is_packed=first > start) if name in ("header", "payload") else None
        out.append((name, first, first + len(part), part if opened is None else opened))
        first += len(part) + 1
    return out


def _decoded(part: bytes, *, is_packed: bool = False) -> bytes | None:
    """What base64 stands for, if that is text, or is said to be packed."""
    bare = part.rstrip(b"=").translate(_URL)
    try:
        content = a2b_base64(bare + b"=" * (-len(bare) % 4))
    except Error:
        return None
    return content if is_packed or is_text(content) else None
