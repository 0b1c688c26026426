"""Numbers of protobuf as layers: varints, fixed32, fixed64, and the length before a value.

Content of a number is its decimal text: the same search that finds a telephone number in JSON finds it here. Nobody
says whether 64 bits are signed, so what lies less than 2^53 below zero is shown as negative, everything else as it
is counted. Four or eight fixed bytes are shown as a floating-point number where that is one of an ordinary size
(coordinates are), else as a whole number; what was shown decides how an edit is written.

Edits: whole numbers by whole numbers that fit, others by any decimal number; everything else is Unwritable. A varint
spelled longer than needed keeps its width where there is room.
Source: protobuf encoding specification, "Base 128 Varints", "More Integer Types", "Non-varint Numbers".
"""

from __future__ import annotations

import re
import struct
from typing import Final

from shield.errors import Unreadable, Unwritable

_WHOLE: Final = re.compile(rb"[+-]?[0-9]{1,20}")
_DECIMAL: Final = re.compile(rb"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST: Final = 10
_MODULUS: Final = 1 << 64
_SMALLEST_NEGATIVE: Final = _MODULUS - (1 << 53)
_FLOATS: Final = (1e-5, 1e9)
_DOUBLES: Final = (1e-7, 1e15)
"""Ordinary sizes; whole numbers up to 2^52 are far smaller when they are taken for a double."""


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """The value (64 bits) at *position*, and the offset after it.

    Raises:
        Unreadable: cut off, or longer than ten bytes.
    """
    value = shift = 0
    for at in range(position, min(position + _LONGEST, len(data))):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (_MODULUS - 1), at + 1
        shift += 7
    raise Unreadable("a varint without an end")


def varint(value: int, width: int = 0) -> bytes:
    """*value* (not negative) in the fewest bytes, or in *width* bytes if it needs fewer."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    if len(out) < width:
        out[-1] |= 0x80
        out += b"\x80" * (width - len(out) - 1) + b"\x00"
    return bytes(out)


def varint_width(value: int) -> int:
    """The fewest bytes that *value* takes."""
    return (value.bit_length() + 6) // 7 or 1


def shown(value: int) -> bytes:
    """64 bits as decimal text."""
    return b"%d" % (value - _MODULUS if value > _SMALLEST_NEGATIVE else value)


def _whole(content: bytes, bits: int) -> int:
    """A decimal text as that many bits.

    Raises:
        Unwritable: no whole number, or one that does not fit.
    """
    if _WHOLE.fullmatch(content) is None:
        raise Unwritable("a number can only become a number")
    value = int(content)
    if not -(1 << bits - 1) <= value < 1 << bits:
        raise Unwritable(f"this number does not fit into {bits} bits")
    return value % (1 << bits)


class Varint:
    """The layer of a varint."""

    name = "varint"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The number in the width of *raw* if that was longer than needed.

        Raises:
            Unwritable: no whole number of 64 bits.
        """
        return varint(_whole(content, 64), _habit(raw))


class Fixed:
    """The layer of a whole number in 4 or 8 bytes, little-endian."""

    __slots__ = ("_size", "name")

    def __init__(self, size: int) -> None:
        self._size = size
        self.name = f"fixed{size * 8}"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """As many bytes as before.

        Raises:
            Unwritable: no whole number, or one that does not fit.
        """
        return _whole(content, self._size * 8).to_bytes(self._size, "little")


class Floating:
    """The layer of a floating-point number in 4 or 8 bytes (IEEE 754, little-endian)."""

    __slots__ = ("_format", "name")

    def __init__(self, form: str, name: str) -> None:
        self._format = form
        self.name = name

    def close(self, content: bytes, raw: bytes) -> bytes:
        """As many bytes as before.

        Raises:
            Unwritable: no decimal number, or one that is too large.
        """
        if _DECIMAL.fullmatch(content) is None:
            raise Unwritable("a number can only become a number")
        try:
            return struct.pack(self._format, float(content))
        except OverflowError:
            raise Unwritable("this number is too large here") from None


class Delimited:
    """The layer of bytes with their length before them."""

    name = "delimited"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The new length, in the width of the old one if that was longer than needed, and the bytes."""
        return varint(len(content), _habit(raw)) + content


def _habit(raw: bytes) -> int:
    """The width of the varint that *raw* begins with, if it is longer than needed; else 0."""
    value, width = read_varint(raw, 0)
    return width if width > varint_width(value) else 0


VARINT: Final = Varint()
DELIMITED: Final = Delimited()
FIXED32: Final = Fixed(4)
FIXED64: Final = Fixed(8)
FLOAT: Final = Floating("<f", "float")
DOUBLE: Final = Floating("<d", "double")


def open_fixed32(raw: bytes) -> tuple[bytes, Fixed | Floating]:
    """Four bytes as text, and their layer."""
    number: float = struct.unpack("<f", raw)[0]
    if _FLOATS[0] <= abs(number) < _FLOATS[1]:
        return next(
            (text for text in (b"%.*g" % (digits, number) for digits in (6, 7, 8)) if FLOAT.close(text, b"") == raw),
            b"%.9g" % number,
        ), FLOAT
    value = int.from_bytes(raw, "little")
    return b"%d" % value, FIXED32


def open_fixed64(raw: bytes) -> tuple[bytes, Fixed | Floating]:
    """Eight bytes as text, and their layer."""
    if is_ordinary_double(raw):
        return repr(struct.unpack("<d", raw)[0]).encode(), DOUBLE
    return shown(int.from_bytes(raw, "little")), FIXED64


def is_ordinary_double(raw: bytes) -> bool:
    """Whether eight bytes are a floating-point number of an ordinary size."""
    number: float = struct.unpack("<d", raw)[0]
    return _DOUBLES[0] <= abs(number) < _DOUBLES[1]
