"""Content-Transfer-Encoding of a part: base64 and quoted-printable (RFC 2045 section 6), as layers.

RFC 7578 section 4.7 deprecates it for forms; clients made from mail libraries still send it. Edits: any content; coded
anew as a whole, base64 in lines of the length that stood there. ``7bit``, ``8bit`` and ``binary`` change nothing.
Damaged or unknown encodings are unreadable. An edit costs one pass.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64, a2b_qp, b2a_base64, b2a_qp
from typing import Final

from shield.errors import Unreadable, Unwritable
from shield.tree import Layer

_BLANK: Final = re.compile(rb"[ \t\r\n]+")


class TransferBase64:
    """Base64 in lines."""

    name = "base64"

    def open(self, raw: bytes) -> bytes:
        """The bytes that *raw* stands for."""
        try:
            return a2b_base64(_BLANK.sub(b"", raw), strict_mode=True) if raw.strip() else b""
        except Error:
            raise Unreadable("transfer encoding base64: damaged") from None

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content* in lines as *raw* had them."""
        coded = b2a_base64(content, newline=False)
        first = re.match(rb"([^\r\n]+)(\r?\n)", raw)
        if first is None:
            return coded
        width, end = len(first[1]), first[2]
        lines = end.join(coded[at : at + width] for at in range(0, len(coded), width))
        return lines + end if raw.endswith(b"\n") else lines


class QuotedPrintable:
    """Text with ``=XX``."""

    name = "quoted-printable"

    def open(self, raw: bytes) -> bytes:
        """The bytes that *raw* stands for."""
        return a2b_qp(raw)

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content*; line ends stay as they are where that says the same.

        Raises:
            Unwritable: it would not read back.
        """
        for is_text in (True, False):
            coded = b2a_qp(content, quotetabs=False, istext=is_text)
            if a2b_qp(coded) == content:
                return coded
        raise Unwritable("quoted-printable cannot carry this value")


class Verbatim:
    """No encoding."""

    name = "verbatim"

    def open(self, raw: bytes) -> bytes:
        """The same bytes."""
        return raw

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes."""
        return content


Transfer = TransferBase64 | QuotedPrintable | Verbatim
VERBATIM: Final = Verbatim()
_BY_NAME: Final[dict[bytes, Transfer]] = {
    b"": VERBATIM, b"7bit": VERBATIM, b"8bit": VERBATIM, b"binary": VERBATIM,
    b"base64": TransferBase64(), b"quoted-printable": QuotedPrintable(),
}  # fmt: skip


def transfer(name: bytes) -> Transfer:
    """The encoding of this name in lower case.

    Raises:
        Unreadable: nobody here knows it.
    """
    found = _BY_NAME.get(name)
    if found is None:
        raise Unreadable("unknown transfer encoding")
    return found


class PartBody:
    """The layer of a part's body: its transfer encoding, and no delimiter inside.

    Args:
        mark: ``--`` and the boundary.
        prefix: what has to stand before a body that was missing altogether.
        inner: closes the content before it is encoded, e.g. fits a Content-Length inside.
    """

    __slots__ = ("coding", "inner", "mark", "name", "prefix")

    def __init__(
        self, mark: bytes, prefix: bytes = b"", coding: Transfer = VERBATIM, inner: Layer | None = None
    ) -> None:
        self.name = "part"
        self.mark = mark
        self.prefix = prefix
        self.coding = coding
        self.inner = inner

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content*.

        Raises:
            Unwritable: what looks like the delimiter between parts would stand in it.
        """
        written = content if self.inner is None else self.inner.close(content, self.coding.open(raw))
        written = self.coding.close(written, raw)
        if written.count(self.mark) > raw.count(self.mark):
            raise Unwritable("a part cannot carry the delimiter of its body")
        return self.prefix + written
