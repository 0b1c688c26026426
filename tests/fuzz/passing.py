"""What must hold of a body that passes: every byte once, and the fields of the whole, however it is cut."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import brotli

from shield.address import SEPARATOR
from shield.edits import Edits, rebuild
from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.body import FORM_TYPE, media_type, read_body
from shield.wire.codings import coding
from shield.wire.jsonstring import CONTAINER
from shield.wire.limits import LIMITS, Budget
from shield.wire.packing import Packer, Unpacker
from shield.wire.splitting import splitter

_SIZES = (1, 2, 3, 7, 16, 61, 256, 100_000)
_HOLDS = (65_536, 65_536, 65_536, 40, 5)
_CODINGS = (b"gzip", b"deflate", b"br", b"gzip, br", b"deflate,gzip")
_HOLDERS = ("body", "form:", "text", "multipart:", "link:")


def check_split(kind: bytes, data: bytes, number: int) -> None:
    """Fragments are the body; read with room they have the fields of the whole; nothing is held beyond its limit."""
    hold = _HOLDS[number % len(_HOLDS)]
    size = _SIZES[number // len(_HOLDS) % len(_SIZES)]
    roots = list(_fragments(kind, data, size, hold))
    assert b"".join(root.content for root in roots) == data, "a byte was lost, or came twice"
    for root in roots:
        assert rebuild(root, Edits()) == root.content
        _in_order(root)
    whole = read_body(data, kind, b"", Budget(LIMITS))
    if data and hold > len(data) and not _is_special(kind, whole):
        expected, found = _fields([whole]), _fields(roots)
        assert found in (expected, _without_last(expected)), "not the fields of the whole"


def _is_special(kind: bytes, whole: Node) -> bool:
    """Whether something cannot be read, or is what only the whole shows: a form sent as text, or under another type."""
    told = f"text{SEPARATOR}line:{SEPARATOR}0{SEPARATOR}form:" if media_type(kind) == b"text/plain" else "form:"
    is_form = media_type(kind) == FORM_TYPE
    return any(node.unreadable or (node.address.startswith(told) and not is_form) for node in list(whole.walk()))


def _fragments(kind: bytes, data: bytes, size: int, hold: int) -> Iterator[Node]:
    splits = splitter(kind, hold_bytes=hold)
    for at in range(0, len(data), size):
        root = splits.feed(data[at : at + size])
        if root is not None:
            yield root
    root = splits.finish()
    if root is not None:
        yield root
    assert splits.held_bytes == 0, "something is held for ever"


def _in_order(root: Node) -> None:
    for node in root.walk():
        end = 0
        for child in node.children:
            assert child.parent is node
            assert end <= child.start <= child.end <= len(node.content), "a span outside of its parent, or out of order"
            end = child.end


def _fields(roots: list[Node]) -> list[tuple[str, bytes]]:
    """Without containers, which have no node in a fragment."""
    leaves = [leaf for root in roots for leaf in root.leaves() if leaf is not root]
    return [
        (leaf.address, leaf.content) for leaf in leaves if leaf.layer is not CONTAINER and leaf.address not in _HOLDERS
    ]


def _without_last(fields: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """An empty last line is no field of a stream."""
    is_empty_line = fields and fields[-1][0].startswith(f"text{SEPARATOR}line:") and not fields[-1][1]
    return fields[:-1] if is_empty_line else fields


def check_coding(kind: bytes, data: bytes, number: int) -> None:
    """An Unpacker opens what ``codings`` opens and refuses what it refuses; what a Packer packs opens to the same."""
    names = _CODINGS[number % len(_CODINGS)]
    size = _SIZES[number // len(_CODINGS) % len(_SIZES)]
    assert _unpacked(names, _packed(names, data, size), size) == data
    token = names.split(b",")[0]
    for raw in (data or b"x", _damaged(_whole(token, data), number)):
        assert _unpacked(token, raw, size) == _opened(token, raw), "piece by piece is not as a whole"


def _packed(names: bytes, data: bytes, size: int) -> bytes:
    packer = Packer(names)
    return b"".join([*(packer.feed(data[at : at + size]) for at in range(0, len(data), size)), packer.finish()])


def _unpacked(names: bytes, raw: bytes, size: int) -> bytes | None:
    try:
        unpacker = Unpacker(names)
        pieces = [unpacker.feed(raw[at : at + size]) for at in range(0, len(raw), size)]
        return b"".join([*pieces, unpacker.finish()])
    except Unreadable:
        return None


def _opened(token: bytes, raw: bytes) -> bytes | None:
    try:
        return coding(token).open(raw, LIMITS.body_bytes)
    except Unreadable:
        return None


def _whole(token: bytes, data: bytes) -> bytes:
    return {b"gzip": gzip.compress, b"deflate": zlib.compress, b"br": brotli.compress}[token](data)


def _damaged(raw: bytes, number: int) -> bytes:
    """One byte changed, one lost, or one more."""
    at = number % len(raw)
    return (raw[:at] + bytes([raw[at] ^ (1 << number % 8)]) + raw[at + 1 :], raw[:at] or raw, raw + b"x")[number % 3]
