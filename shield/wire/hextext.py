"""Hexadecimal text inside a value (RFC 4648 section 8).

A digest is hex too, so the result decides: text, or something packed. Ten digits at least. Fewer than twelve decimal
ones alone are a number, unless each pair is a digit, a space or a bracket again. Edits: any content, in the case of the
digits that stood there. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(rb"(?:3[0-9]|2[0-9])+")
_LONGEST_NUMBER: Final = 12
_ENDS: Final = (b"00", b"01")
"""Of raw deflate (``packed``)."""


class Hex:
    """The layer; upper case where *raw* shows it."""

    name = "hex"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* as digits."""
        digits = content.hex().encode()
        return digits.upper() if raw.isupper() else digits


HEX: Final = Hex()


def decode(digits: bytes) -> bytes | None:
    """What an even number of hex digits stands for, or None if they are only a number."""
    is_short = len(digits) < _LONGEST_NUMBER and digits[-2:] not in _ENDS
    if is_short and digits.isdigit() and _NUMBER.fullmatch(digits) is None:
        return None
    return bytes.fromhex(digits.decode())
