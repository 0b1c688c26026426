"""Base64 inside a value, in the manners that people write it (RFC 4648 sections 4 and 5, RFC 2045 section 6.8).

Alphabets: ``+/`` and ``-_``. Padding: ``=``, or ``.``, ``_``, ``-`` or ``*`` in its place (as Google and Yahoo put it
into addresses), or none. Lines of one length with LF or CR LF between them, as MIME has it. A blank is a plus that a
form reader took for one. Seven letters at least (five bytes, a postcode).

The result decides: text, or something packed, for most tokens are base64 by chance. Edits: any content, in the same
manner. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(rb"[A-Za-z0-9+/_-]{6,}+[=.*]{0,2}")
_LINES: Final = re.compile(rb"([A-Za-z0-9+/_-]{16,})(\r?\n)(?:[A-Za-z0-9+/_-]+\2)*[A-Za-z0-9+/_-]+[=.*]{0,2}(?:\2)?")
_URL: Final = bytes.maketrans(b"-_", b"+/")
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_SPARE: Final = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}
"""Last letters whose spare bits are zero, as all encoders leave them, by how many letters the last group has."""


class Base64:
    """The layer; writes in the manner that *raw* shows.

    Args:
        pad: a letter of the alphabet that stands for padding; empty: the padding is told from *raw*.
    """

    __slots__ = ("name", "pad")

    def __init__(self, pad: bytes = b"") -> None:
        self.name = "base64"
        self.pad = pad

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content*; where *raw* shows nothing, padded and with ``+/``."""
        lines = _LINES.fullmatch(raw)
        joined = raw.replace(lines[2], b"") if lines else raw
        pad = self.pad or joined[len(joined.rstrip(b"=.*")) :][:1]
        bare = joined.rstrip(pad) if pad else joined
        is_url = b"-" in bare or b"_" in bare
        coded = b64encode(content)
        if not pad and (len(joined) % 4 or is_url):
            coded = coded.rstrip(b"=")
        if is_url:
            coded = coded.translate(_TO_URL)
        if pad:
            coded = coded.replace(b"=", pad)
        if b" " in raw:
            coded = coded.replace(b"+", b" ")
        return _wrapped(coded, raw, len(lines[1]), lines[2]) if lines else coded


def _wrapped(coded: bytes, raw: bytes, width: int, end: bytes) -> bytes:
    lines = end.join(coded[at : at + width] for at in range(0, len(coded), width))
    return lines + end if raw.endswith(end) else lines


BASE64: Final = Base64()
_LETTER_PADS: Final = {0x5F: Base64(b"_"), 0x2D: Base64(b"-")}


def _bytes(bare: bytes) -> bytes | None:
    """What letters without padding stand for, if their number and their last bits are right."""
    rest = len(bare) % 4
    if rest == 1 or (rest and bare[-1] not in _SPARE[rest]):
        return None
    if b"-" in bare or b"_" in bare:
        if b"+" in bare or b"/" in bare:
            return None
        bare = bare.translate(_URL)
    return a2b_base64(bare + b"=" * (-rest % 4))


def decode_plain(letters: bytes, fits: Callable[[bytes], bool]) -> tuple[bytes, Base64] | None:
    """What letters on one line, padded with ``=`` or not, stand for; None if that is nothing that *fits*."""
    bare = letters.rstrip(b"=")
    size = len(letters)
    if len(bare) == size or size % 4 == 0:
        content = _bytes(bare)
        if content is not None and fits(content):
            return content, BASE64
    if size % 4 or letters[-1] not in _LETTER_PADS:
        return None
    content = _bytes(letters[:-2] if letters[-2] == letters[-1] else letters[:-1])
    return (content, _LETTER_PADS[letters[-1]]) if content is not None and fits(content) else None


def decode(raw: bytes, fits: Callable[[bytes], bool]) -> tuple[bytes, Base64] | None:
    """What *raw* stands for, and in which manner; None if it is no base64, or nothing that *fits*."""
    if b"\n" in raw:
        lines = _LINES.fullmatch(raw)
        raw = raw.replace(lines[2], b"") if lines else b""
    elif b" " in raw:
        raw = raw.replace(b" ", b"+")
    if _TOKEN.fullmatch(raw) is None:
        return None
    bare = raw.rstrip(b"=.*")
    return decode_plain(bare + b"=" * (len(raw) - len(bare)), fits)
