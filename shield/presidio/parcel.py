"""What travels between the worker and its process: lists of byte strings, each parcel with its length in front.

Nothing that is unpacked can run anything: no pickle. The process answers in the same form, so a process that somebody
took over through a hostile text can say wrong things and nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Final

LARGEST: Final = 4 << 20
MOST: Final = 4096
_NUMBER: Final = struct.Struct("!I")


class Broken(Exception):
    """The other side is gone or sends what is no parcel."""


def pack(items: Sequence[bytes]) -> bytes:
    """One parcel: its size, the number of items, their sizes, the items."""
    sizes = struct.pack(f"!{len(items) + 1}I", len(items), *map(len, items))
    body = b"".join((sizes, *items))
    return _NUMBER.pack(len(body)) + body


def unpack(body: bytes) -> list[bytes]:
    """The items of a parcel whose size was taken off.

    Raises:
        Broken: sizes that do not add up.
    """
    if len(body) < 4:
        raise Broken
    (count,) = _NUMBER.unpack_from(body)
    if count > MOST or len(body) < 4 * (count + 1):
        raise Broken
    sizes = struct.unpack_from(f"!{count}I", body, 4)
    position = 4 * (count + 1)
    if position + sum(sizes) != len(body):
        raise Broken
    items: list[bytes] = []
    for size in sizes:
        items.append(body[position : position + size])
        position += size
    return items


def send(stream: IO[bytes], items: Sequence[bytes]) -> None:
    """Write one parcel.

    Raises:
        Broken: the other side is gone.
    """
    try:
        stream.write(pack(items))
        stream.flush()
    except (OSError, ValueError):
        raise Broken from None


def receive(stream: IO[bytes]) -> list[bytes]:
    """Wait for one parcel.

    Raises:
        Broken: the other side is gone, or sends what is none.
    """
    (size,) = _NUMBER.unpack(_exactly(stream, 4))
    if size > LARGEST:
        raise Broken
    return unpack(_exactly(stream, size))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    try:
        data = stream.read(size)
    except (OSError, ValueError):
        raise Broken from None
    if len(data) != size:
        raise Broken
    return data
