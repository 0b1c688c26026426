"""How bytes are written as text (or packed), by name. What is written here is searched for and written back.

``gzip``, ``zlib`` and ``deflate`` give the bytes that the usual programs give for short texts: level 6, no name, no
time.
"""

from __future__ import annotations

import json
import string
import zlib
from base64 import a85encode, b32encode, b64encode, b85encode, urlsafe_b64encode, z85encode
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote_from_bytes

Encoder = Callable[[bytes], bytes]

_UNESCAPED: Final = "!*'()~-._"  # what encodeURIComponent leaves alone
BASE58: Final = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # Bitcoin's, as IPFS and Flickr order it
_DIGITS58: Final = bytes(max(BASE58.find(bytes([byte])), 0) for byte in range(256))
_PAIRS: Final = [bytes([one, two]) for one in BASE58 for two in BASE58]
_LOWER, _UPPER = string.ascii_lowercase, string.ascii_uppercase
_ROT13: Final = bytes.maketrans(
    (_LOWER + _UPPER).encode(), (_LOWER[13:] + _LOWER[:13] + _UPPER[13:] + _UPPER[:13]).encode()
)
_NAMED: Final = {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;", b'"': b"&quot;", b"'": b"&#39;"}


def _percent(data: bytes) -> bytes:
    return quote_from_bytes(data, safe=_UNESCAPED).encode()


def base58(data: bytes) -> bytes:
    """Base58 with Bitcoin's alphabet: a leading zero byte becomes ``1``. Source: draft-msporny-base58."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data)
    pairs: list[bytes] = []
    while number:
        number, several = divmod(number, 58**10)
        for _ in range(5):
            several, pair = divmod(several, 58**2)
            pairs.append(_PAIRS[pair])
    return b"1" * zeros + b"".join(reversed(pairs)).lstrip(b"1")


def from_base58(text: bytes) -> bytes:
    """The bytes that *text*, all letters of BASE58, stands for."""
    number = 0
    for letter in text.translate(_DIGITS58):
        number = number * 58 + letter
    return bytes(len(text) - len(text.lstrip(b"1"))) + number.to_bytes((number.bit_length() + 7) // 8)


def _entities(data: bytes) -> bytes:
    """As libraries write mark-up: numbers for what is neither letter, digit nor blank."""
    text = data.decode("utf-8", "surrogateescape")
    return "".join(one if one.isascii() and (one.isalnum() or one == " ") else f"&#{ord(one)};" for one in text).encode(
        "utf-8", "surrogateescape"
    )


def _reversed(data: bytes) -> bytes:
    """Letter by letter, or, where it is no text, byte by byte."""
    return (
        data[::-1]
        if data.isascii()
        else data.decode("utf-8", "surrogateescape")[::-1].encode("utf-8", "surrogateescape")
    )


def _json(data: bytes) -> bytes:
    """The inside of a JSON string, with letters beyond ASCII escaped, and @ and + as some libraries do."""
    text = json.dumps(data.decode("utf-8", "surrogateescape"))[1:-1]
    return "".join(f"\\u{ord(one):04x}" if one in "@+<>&'=" else one for one in text).encode()


def _deflated(window: int) -> Encoder:
    def pack(data: bytes) -> bytes:
        return zlib.compress(data, 6, window)

    return pack


ENCODERS: Final[Mapping[str, Encoder]] = {
    "percent": _percent,
    "form": lambda data: _percent(data).replace(b"%20", b"+"),
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "base64": b64encode,
    "base64-unpadded": lambda data: b64encode(data).rstrip(b"="),
    "base64url": lambda data: urlsafe_b64encode(data).rstrip(b"="),
    "base64url-padded": urlsafe_b64encode,
    "base32": b32encode,
    "base32-unpadded": lambda data: b32encode(data).rstrip(b"="),
    "base58": base58,
    "ascii85": a85encode,
    "base85": b85encode,
    "z85": z85encode,
    "entities": _entities,
    "json": _json,
    "reversed": _reversed,
    "rot13": lambda data: data.translate(_ROT13),
    "gzip": _deflated(31),
    "zlib": _deflated(15),
    "deflate": _deflated(-15),
    "decimal": lambda data: b"%d" % int.from_bytes(data),
}
"""``base64url`` is without padding, as Google's tag writes digests; ``decimal`` is one unsigned number."""
