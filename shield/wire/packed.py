"""gzip, zlib and raw deflate inside a value (RFC 1952, 1950, 1951).

gzip and zlib say what they are; raw deflate is believed where it unpacks to its last byte and gives text, or something
packed once more. A stream that expands beyond the limits is unreadable (a bomb), and all of a message share one budget.
Edits: any content, packed again at a fast level: gzip with the header of what stood there (time, system, name), zlib
with its first two bytes, deflate bare. An edit costs one pass over the content, about 8 µs per KB. Only read: the
name and comment in a gzip header, which stay and are searched as the bytes that they are.

In raw bytes: gzip begins ``1f 8b 08``, zlib ``x`` (0x78) with 01, 5e, 9c or da behind it; in base64 ``H4sI`` and ``eA``
``eF`` ``eJ`` ``eN``; in hex ``1f8b08`` and ``78``. Raw deflate begins with nothing: any token may be it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.limits import ALWAYS_FINE_BYTES, Budget, TooMuch
from shield.wire.plausible import is_text

_GZIP: Final = b"\x1f\x8b\x08"
_ANYWHERE: Final = re.compile(rb"(\x1f\x8b\x08[\x01-\x1f].{6})|\x1f\x8b\x08\0.{6}|\x78[\x01\x5e\x9c\xda]", re.DOTALL)
"""Headers; those of gzip with optional fields (group 1) are left to the library, the others are passed over."""
_MOST_PLACES: Final = 16
_FIXED_ENDS: Final = 1
"""A block with fixed codes ends in seven zero bits (RFC 1951 section 3.2.6), so its last byte is 0 or 1."""
_SHORTEST_DEFLATE: Final = 5
_SHORTEST_DYNAMIC: Final = 24
_TRIED_BYTES: Final = 4096
"""Of what raw deflate gives, so much is looked at before it is believed."""
_PACKINGS: Final = 3
_WINDOWS: Final = {"gzip": 31, "zlib": 15, "deflate": -15}


class Packed:
    """The layer of one of the three."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Pack *content*, fast, behind the header that *raw* has."""
        if self.name == "gzip":
            return (
                _header_of(raw)
                + _deflated(content)
                + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
            )
        if self.name == "zlib":
            return raw[:2] + _deflated(content) + zlib.adler32(content).to_bytes(4)
        return _deflated(content)


LAYERS: Final = {name: Packed(name) for name in _WINDOWS}


def _deflated(content: bytes) -> bytes:
    return zlib.compress(content, 1, wbits=-15)


def _header_of(raw: bytes) -> bytes:
    """The header of a gzip member with its optional fields, but for the checksum (RFC 1952 section 2.3)."""
    flags, end = raw[3], 10
    if flags & 4:
        end += 2 + int.from_bytes(raw[end : end + 2], "little")
    for flag in (8, 16):
        if flags & flag:
            end = raw.index(b"\0", end) + 1
    return raw[:3] + bytes([flags & ~2]) + raw[4:end]


def kind_of(content: bytes) -> str | None:
    """``gzip``, ``zlib`` or ``deflate`` if *content* is likely to be that; else None.

    Cost: two comparisons for most bytes; raw deflate is tried on one token in ten, at 2 µs.
    """
    if content.startswith(_GZIP):
        return "gzip"
    if len(content) < _SHORTEST_DEFLATE:
        return None
    first = content[0]
    if first & 15 == 8 and first < 0x80 and not content[1] & 32 and (first << 8 | content[1]) % 31 == 0:
        return "zlib" if _beginning(content, 15) is not None else None
    return "deflate" if _may_be_deflate(content) and _is_deflate(content, _PACKINGS) else None


def _may_be_deflate(content: bytes) -> bool:
    """Whether the first bits are those of a block, and the last ones could be the end of it."""
    kind = content[0] & 7
    if content[0] == 1:  # stored as it is: its length stands there twice (RFC 1951 section 3.2.4)
        return int.from_bytes(content[1:3], "little") ^ int.from_bytes(content[3:5], "little") == 0xFFFF
    if kind == 3 and len(content) < _SHORTEST_DYNAMIC:
        return content[-1] <= _FIXED_ENDS
    return kind in (3, 5) or (kind in (2, 4) and len(content) > _TRIED_BYTES)


def _is_deflate(content: bytes, depth: int) -> bool:
    """Whether it unpacks to the end, and to text or to something packed."""
    begins = _beginning(content, -15)
    if not begins:
        return False
    if begins.startswith(_GZIP) or _is_zlib(begins) or is_text(begins if len(begins) < _TRIED_BYTES else begins[:-4]):
        return True
    return depth > 0 and len(begins) < _TRIED_BYTES and _may_be_deflate(begins) and _is_deflate(begins, depth - 1)


def _is_zlib(content: bytes) -> bool:
    return content[:1] == b"x" and content[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda")


def _beginning(content: bytes, window: int) -> bytes | None:
    """The first bytes that *content* unpacks to; None if it is damaged, cut off, or goes on behind its end."""
    machine = zlib.decompressobj(window)
    try:
        out = machine.decompress(content, _TRIED_BYTES)
    except zlib.error:
        return None
    if len(out) < _TRIED_BYTES and (not machine.eof or machine.unused_data):
        return None
    return out


def read_packed(node: Node, budget: Budget) -> list[Node]:
    """Open *node* as an only child with step ``gzip``, ``zlib`` or ``deflate``, and what is packed again inside.

    Raises:
        Unreadable: it is none of them, or damaged. TooMuch: it expands beyond the limits.
    """
    kind = kind_of(node.content)
    if kind is None:
        raise Unreadable("not packed")
    leaf = node
    for _ in range(_PACKINGS):
        try:
            leaf = _open(leaf, kind, budget)
        except Unreadable as error:
            leaf.unreadable = error.message
            return []
        inner = None if is_text(leaf.content) else kind_of(leaf.content)
        if inner is None:
            break
        kind = inner
    return [leaf]


def _open(node: Node, kind: str, budget: Budget) -> Node:
    """The only child. A value that expands too far is charged for what was unpacked of it."""
    size = len(node.content)
    limit = min(budget.limits.body_bytes, max(size * budget.limits.ratio, ALWAYS_FINE_BYTES), budget.held)
    try:
        content = _unpacked(node.content, kind, limit)
    except TooMuch:
        budget.spend(0, limit)
        budget.is_spent = True
        raise
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}{kind}", 0, size, content, None, LAYERS[kind])
    node.children, node.notation = (child,), ENVELOPE
    return child


def _unpacked(raw: bytes, kind: str, limit: int) -> bytes:
    machine = zlib.decompressobj(_WINDOWS[kind])
    try:
        content = machine.decompress(raw, limit + 1)
        if len(content) <= limit:
            content += machine.flush()
    except zlib.error:
        raise Unreadable(f"{kind}: damaged") from None
    if len(content) > limit:
        raise TooMuch(f"{kind}: more than {limit} bytes when opened")
    if not machine.eof or machine.unused_data:
        raise Unreadable(f"{kind}: cut off, or bytes after the end")
    return content


def unpacked_anywhere(content: bytes, budget: Budget) -> Iterator[bytes]:
    """What gzip and zlib packed anywhere in *content*: as much of it as comes out, without its checksum.

    Cost: of each of the first _MOST_PLACES that look so, what unpacking costs; of all together no more than a body.
    """
    left = min(budget.limits.body_bytes, budget.held)
    for match in islice(_ANYWHERE.finditer(content), _MOST_PLACES):
        if left < 1:  # for the library this would mean no limit
            budget.is_spent = True
            return
        machine = zlib.decompressobj(31 if match[1] else -15)
        try:
            out = machine.decompress(content[match.start() if match[1] else match.end() :], left)
        except zlib.error:
            continue
        if len(out) == left and not machine.eof:  # what comes behind is not seen
            budget.is_spent = True
        if len(out) >= _SHORTEST_DEFLATE:
            budget.spend(0, len(out))
            left -= len(out)
            yield out
