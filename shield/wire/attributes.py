"""Values of HTML attributes as a layer (WHATWG HTML, sections 13.2.5.36 to 13.2.5.38 and 13.2.5.72 to 13.2.5.80).

Content is the value without quotes and the blanks at its ends, character references opened as they are in an
attribute: ``&copy=1`` is no sign, ``&copy;`` and a last ``&copy`` are. Bytes that are no UTF-8 pass. Edits: any
content but NUL. Written in the manner of what stood there: the same quotes, ``&`` bare or as ``&amp;``; a value without
quotes gets them when it needs them; characters beyond ASCII that are new become references, whatever the page's
charset is. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5
from typing import Final

from shield.errors import Unwritable
from shield.wire.keeping import respelled

_REFERENCE: Final = re.compile(rb"&(?:#(?:[xX][0-9A-Fa-f]++|[0-9]++);?|([A-Za-z][A-Za-z0-9]*+)(;|(?!=))?+)")
_MOST_DIGITS: Final = 10
_NEEDS_QUOTES: Final = re.compile(rb"[\t\n\f\r \"'=<>`]|\A\Z")
_BLANKS: Final = b"\t\n\f\r "
_AMPERSAND: Final = b"&"[0]


def _opened(match: re.Match[bytes]) -> bytes:
    """What one reference stands for; itself where it is none."""
    whole = match[0]
    if match[1] is None:
        digits = whole[2:].rstrip(b";").lstrip(b"xX").lstrip(b"0")
        if len(digits) > _MOST_DIGITS:
            return b"\xef\xbf\xbd"
        text = unescape(f"&#{'x' if whole[2] in b'xX' else ''}{digits.decode() or '0'};")
        return text.encode("utf-8", "surrogatepass")
    if match[2] is None or len(match[1]) > 32:
        return whole
    return html5.get((match[1] + match[2]).decode(), whole.decode()).encode()


def open_references(raw: bytes) -> bytes:
    """What the inside of a value stands for."""
    return _REFERENCE.sub(_opened, raw) if _AMPERSAND in raw else raw


def _escapes(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Every reference, as ``keeping.Spelling`` wants them."""
    extra = 0
    for match in _REFERENCE.finditer(raw):
        content = _opened(match)
        if content != match[0]:
            yield match.start() - extra, len(content), len(match[0])
            extra += len(match[0]) - len(content)


def bare(raw: bytes) -> tuple[int, int]:
    """Where in a value, given with its quotes, the content stands: without quotes and blanks at the ends."""
    quoted = raw[:1] in (b'"', b"'")
    inner = raw[1:-1] if quoted else raw
    start = len(inner) - len(inner.lstrip(_BLANKS))
    return quoted + start, quoted + max(start, len(inner.rstrip(_BLANKS)))


class AttributeValue:
    """The layer of a value with its quotes."""

    name = "attribute"

    def open(self, raw: bytes) -> bytes:
        """The content."""
        start, end = bare(raw)
        return open_references(raw[start:end])

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*.

        Raises:
            Unwritable: NUL.
        """
        if b"\0" in content:
            raise Unwritable("an attribute cannot carry NUL")
        start, end = bare(raw)
        inner = raw[start:end]
        made = respelled(inner, content, _escapes(inner), open_references, lambda text: _written(text, inner))
        if start:
            quote = raw[:1] if raw[:1] in (b'"', b"'") else b""
            return raw[:start] + _without(made, quote) + raw[end:]
        return b'"' + _without(made, b'"') + b'"' if _NEEDS_QUOTES.search(made) else made


def _without(made: bytes, quote: bytes) -> bytes:
    """No quote of this kind inside."""
    return made.replace(quote, b"&#39;" if quote == b"'" else b"&quot;") if quote else made


def _kept_apart(match: re.Match[bytes]) -> bytes:
    """Text that would be taken for a reference."""
    return match[0] if _opened(match) == match[0] else b"&amp;" + match[0][1:]


def _written(content: bytes, raw: bytes) -> bytes:
    """References where they are needed, and where *raw* shows a habit of them."""
    if b"&amp;" in raw or b"&#38;" in raw or b"&#x26;" in raw.lower():
        content = content.replace(b"&", b"&amp;")
    else:
        content = _REFERENCE.sub(_kept_apart, content)
    content = content.replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")
    if content.isascii():
        return content
    text = content.decode("utf-8", "surrogateescape")
    shown = "".join(c if c < "\x80" or "\udc80" <= c <= "\udcff" else f"&#{ord(c)};" for c in text)
    return shown.encode("utf-8", "surrogateescape")


VALUE: Final = AttributeValue()
