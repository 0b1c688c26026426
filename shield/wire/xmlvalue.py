"""Texts and attribute values of XML as layers (XML 1.0, sections 2.4, 2.7, 3.3.3, 4.1, 4.6).

Content is UTF-8, whatever character set the document states. The five named references and those by number are
opened; every other one (``&company;``) stays as it is spelled, for what it stands for is written elsewhere, or nowhere.
Edits: any content but control characters, which XML cannot carry at all. What an edit left alone keeps its spelling;
what is new is escaped as needed, and by number where the character set has no such letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shield.errors import Unreadable, Unwritable
from shield.wire.keeping import Spelling, shared_characters

_REFERENCE: Final = re.compile(rb"&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED: Final = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
_IMPOSSIBLE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CHARSETS: Final[dict[bytes, str | None]] = {
    b"utf-8": None, b"utf8": None, b"us-ascii": "ascii", b"ascii": "ascii", b"iso-8859-1": "latin-1",
    b"iso-8859-15": "iso-8859-15", b"windows-1252": "cp1252",
}  # fmt: skip


def charset(name: bytes) -> str | None:
    """The codec of a stated character set; None is UTF-8.

    Raises:
        Unreadable: nobody here knows it.
    """
    if name.lower() not in _CHARSETS:
        raise Unreadable("XML in an unknown character set")
    return _CHARSETS[name.lower()]


def _referred(match: re.Match[bytes]) -> bytes:
    if match[3]:
        return _NAMED[match[3]]
    code = int(match[1]) if match[1] else int(match[2], 16)
    return chr(code).encode("utf-8") if code < 0xD800 or 0xE000 <= code < 0x110000 else match[0]


def _references(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Every reference, as ``keeping.Spelling`` wants them."""
    extra = 0
    for match in _REFERENCE.finditer(raw):
        length = len(_referred(match))
        yield match.start() - extra, length, len(match[0])
        extra += len(match[0]) - length


class Text:
    """The layer of a text between tags, or of a value between quotes.

    Args:
        codec: the character set; None is UTF-8.
        quote: what the value stands in; empty for a text.
    """

    __slots__ = ("_codec", "_quote", "name")

    def __init__(self, codec: str | None, quote: bytes = b"") -> None:
        self.name = "xml"
        self._codec = codec
        self._quote = quote

    def open(self, raw: bytes) -> bytes:
        """What *raw* stands for."""
        plain = self._plain(raw)
        return _REFERENCE.sub(_referred, plain) if b"&" in plain else plain

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*.

        Raises:
            Unwritable: control characters, or bytes that are no text.
        """
        check(content)
        plain, old = self._plain(raw), self.open(raw)
        start, end = shared_characters(old, content)
        spelling = Spelling(_references(plain))
        middle = self.escaped(content[start : len(content) - end])
        new = plain[: spelling.at(start)] + middle + plain[spelling.at(len(old) - end) :]
        if _REFERENCE.sub(_referred, new) != content or (not self._quote and b"]]>" in new):
            new = self.escaped(content)
        return self.coded(new)

    def escaped(self, text: bytes) -> bytes:
        """Every character that could be read as markup, as a reference."""
        text = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")
        if self._quote:
            text = text.replace(b"\n", b"&#10;").replace(b"\t", b"&#9;")
            text = text.replace(self._quote, b"&quot;" if self._quote == b'"' else b"&apos;")
        return text

    def coded(self, text: bytes) -> bytes:
        """UTF-8 in the character set of the document.

        Raises:
            Unwritable: it is no UTF-8.
        """
        if self._codec is None:
            return text
        try:
            return text.decode("utf-8").encode(self._codec, "xmlcharrefreplace")
        except UnicodeDecodeError:
            raise Unwritable("these bytes are no text") from None

    def _plain(self, raw: bytes) -> bytes:
        if self._codec is None or raw.isascii():
            return raw
        try:
            return raw.decode(self._codec).encode("utf-8")
        except UnicodeDecodeError:
            return raw


class CData:
    """The layer of a section in which nothing is markup."""

    __slots__ = ("_text", "name")

    def __init__(self, text: Text) -> None:
        self.name = "cdata"
        self._text = text

    def open(self, raw: bytes) -> bytes:
        """What stands between the marks."""
        return self._text._plain(raw[9:-3])

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The marks around it; an end mark inside is cut in two.

        Raises:
            Unwritable: control characters, or letters that the character set has not.
        """
        check(content)
        coded = self._text.coded(content.replace(b"]]>", b"]]]]><![CDATA[>"))
        if coded != content and self.open(b"<![CDATA[" + coded + b"]]>") != content and b"]]>" not in content:
            raise Unwritable("this section of XML has no such letters")
        return b"<![CDATA[" + coded + b"]]>"


class Empty:
    """The layer of ``/>``: an element that holds nothing, and could."""

    __slots__ = ("_end", "_text", "name")

    def __init__(self, text: Text, tag: bytes) -> None:
        self.name = "empty"
        self._text = text
        self._end = b"</" + tag + b">"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """``>``, the text, and an end tag.

        Raises:
            Unwritable: control characters.
        """
        check(content)
        return b">" + self._text.coded(self._text.escaped(content)) + self._end if content else raw


def check(content: bytes) -> None:
    """Raise where XML cannot carry *content* in any spelling."""
    if _IMPOSSIBLE.search(content):
        raise Unwritable("XML cannot carry control characters")
