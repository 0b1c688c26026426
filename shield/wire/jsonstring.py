r"""JSON strings and scalars as layers (RFC 8259 section 7).

Content is UTF-8 without quotes and escapes. ``\ud83d\ude00`` is one character; a lone surrogate stays what it was
(three bytes, as in WTF-8) and is written as an escape again; bytes that are no UTF-8 pass. Edits: any content.
Written in the manner of what stood there: ``\/``, ``\u00e9`` or raw, ``\u003c``, case of hex digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

from shield.wire.keeping import Spelling, shared_characters
from shield.wire.names import BACKSLASH

_ESCAPE: Final = re.compile(
    rb"\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\(.)"
)
_SHORT_OPEN: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_SHORT_CLOSE: Final = {0x08: "\\b", 0x0C: "\\f", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x22: '\\"', 0x5C: "\\\\"}
_MUST: Final = re.compile(r'[\x00-\x1f"\\\ud800-\udfff]')
_SCALAR: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


def open_string(inner: bytes) -> bytes:
    """The content of a string given without its quotes."""
    if BACKSLASH not in inner:
        return inner
    try:
        text, _ = scanstring(inner.decode("utf-8") + '"', 0, True)
    except UnicodeDecodeError:
        return _ESCAPE.sub(_opened, inner)
    return str(text).encode("utf-8", "surrogatepass")


def open_escapes(text: bytes) -> bytes:
    """Every escape in any text opened, wherever strings begin and end; one layer."""
    return _ESCAPE.sub(_opened, text)


def _opened(match: re.Match[bytes]) -> bytes:
    if match[1]:
        pair = int(match[1], 16).to_bytes(2) + int(match[2], 16).to_bytes(2)
        return pair.decode("utf-16-be").encode("utf-8")
    if match[3]:
        return chr(int(match[3], 16)).encode("utf-8", "surrogatepass")
    return _SHORT_OPEN.get(match[4], match[4])


def _escapes(inner: bytes) -> Iterator[tuple[int, int, int]]:
    """Every escape of a string, as ``keeping.Spelling`` wants them."""
    extra = 0
    for match in _ESCAPE.finditer(inner):
        length = len(_opened(match))
        yield match.start() - extra, length, len(match[0])
        extra += len(match[0]) - length


class String:
    """The layer of a string with its quotes."""

    name = "string"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Quote *content* in the manner of *raw*; what both have in common at the ends stays as it is spelled."""
        if BACKSLASH not in raw:
            return b'"' + _closed(content, raw) + b'"'
        inner = raw[1:-1]
        old, spelling = open_string(inner), Spelling(_escapes(inner))
        start, end = shared_characters(old, content)
        middle = _closed(content[start : len(content) - end], raw)
        return b'"' + inner[: spelling.at(start)] + middle + inner[spelling.at(len(old) - end) :] + b'"'


def _closed(content: bytes, raw: bytes) -> bytes:
    """The inside of a string."""
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # bytes that came so leave so
        return _escape(content.decode("latin-1"), raw, b"\x80").encode("latin-1")
    return _escape(text, raw, raw).encode("utf-8")


def _escape(text: str, raw: bytes, non_ascii: bytes) -> str:
    """Escapes that are needed, and those that *raw* shows a habit of."""
    digits = "\\u%04X" if re.search(rb"\\u[0-9A-F]*[A-F]", raw) else "\\u%04x"
    text = _MUST.sub(lambda match: _SHORT_CLOSE.get(ord(match[0])) or digits % ord(match[0]), text)
    if b"\\/" in raw:
        text = text.replace("/", "\\/")
    for habit in (b"\\u003c", b"\\u003e", b"\\u0026", b"\\u0027"):
        if habit in raw.lower():
            character = chr(int(habit[2:], 16))
            text = text.replace(character, digits % ord(character))
    if not text.isascii() and non_ascii.isascii() and _escapes_letters(raw):
        text = "".join(c if c < "\x80" else _units(c, digits) for c in text)
    return text


def _escapes_letters(raw: bytes) -> bool:
    """Whether characters outside ASCII were written as escapes."""
    return any(int(code, 16) > 0x7F for code in re.findall(rb"\\u([0-9A-Fa-f]{4})", raw))


def _units(character: str, digits: str) -> str:
    """One character as one escape, or as two in UTF-16."""
    code = ord(character)
    if code < 0x10000:
        return digits % code
    code -= 0x10000
    return digits % (0xD800 + (code >> 10)) + digits % (0xDC00 + (code & 0x3FF))


class Scalar:
    """The layer of a number, true, false or null.

    Content that is one of these is written bare; anything else is quoted, for a text where a number stood
    is worth more to the receiver than a request that never arrives.
    """

    name = "scalar"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* bare or quoted."""
        return content if _SCALAR.fullmatch(content) else STRING.close(content, b"")


class Container:
    """The layer of an object or list: its own text.

    Content of another kind (a constant put in its place) is written as :class:`Scalar` does, so that the
    text around it stays JSON.
    """

    name = "container"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes where they are a container, else a scalar."""
        return content if content[:1] == raw[:1] and content[-1:] == raw[-1:] else SCALAR.close(content, raw)


STRING: Final = String()
SCALAR: Final = Scalar()
CONTAINER: Final = Container()
