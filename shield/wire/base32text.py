"""Base32 inside a value, padded or not, in either case (RFC 4648 section 6).

Edits: any content, in the case and with the padding that stood there. An edit costs one pass over the value.
"""

from __future__ import annotations

from base64 import b32encode
from typing import Final

_LENGTHS: Final = frozenset({0, 2, 4, 5, 7})
"""Letters beyond groups of eight that encode whole bytes."""
_DIGITS: Final = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz234567",
    b"0123456789ABCDEFGHIJKLMNOP0123456789ABCDEFGHIJKLMNOPQRSTUV",
)


class Base32:
    """The layer; in lower case and without padding where *raw* shows it."""

    name = "base32"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content*."""
        coded = b32encode(content)
        if not raw.endswith(b"=") and len(raw) % 8:
            coded = coded.rstrip(b"=")
        return coded.lower() if raw.islower() else coded


BASE32: Final = Base32()


def decode(raw: bytes) -> bytes | None:
    """What eight or more letters of the alphabet, in one case, stand for; None if they are too few or a number."""
    bare = raw.rstrip(b"=")
    bits = len(bare) * 5
    if len(bare) % 8 not in _LENGTHS or bare.isdigit() or (len(bare) != len(raw) and len(raw) % 8):
        return None
    number = int(bare.translate(_DIGITS), 32)
    spare = bits % 8
    if number & ((1 << spare) - 1):
        return None
    return (number >> spare).to_bytes(bits // 8)
