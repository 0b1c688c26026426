"""Protobuf as an encoder writes it, for tests: written from the specification, not from the reader."""

from __future__ import annotations

import struct

from hypothesis import strategies as st


def varint(value: int) -> bytes:
    """Base 128, lowest first."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def tag(number: int, wire: int) -> bytes:
    """The tag of a field."""
    return varint(number << 3 | wire)


def delimited(number: int, content: bytes) -> bytes:
    """A field with a length."""
    return tag(number, 2) + varint(len(content)) + content


def number(field: int, value: int) -> bytes:
    """A varint field."""
    return tag(field, 0) + varint(value)


numbers = st.integers(1, 40) | st.integers(1, (1 << 29) - 1)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12).map(str.encode)


def one_field(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """A field of any wire type."""
    u64 = st.integers(0, (1 << 64) - 1)
    return (
        st.builds(number, numbers, u64)
        | st.builds(delimited, numbers, texts | st.binary(max_size=80) | inner)
        | st.builds(lambda at, value: tag(at, 1) + struct.pack("<Q", value), numbers, u64)
        | st.builds(lambda at, value: tag(at, 1) + struct.pack("<d", value), numbers, st.floats(-180, 180))
        | st.builds(lambda at, value: tag(at, 5) + struct.pack("<f", value), numbers, st.floats(-180, 180, width=32))
        | st.builds(lambda at, held: tag(at, 3) + held + tag(at, 4), numbers, inner)
    )


messages: st.SearchStrategy[bytes] = st.recursive(
    st.just(b""), lambda inner: st.lists(one_field(inner), max_size=4).map(b"".join), max_leaves=8
)
"""Messages of every shape."""
