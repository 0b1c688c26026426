r"""Almost a notation: what a generous reader would take for JSON, XML or a form's parts, and the readers here do not.

``{"a":1}{"uid":"x"}``, NaN, a comment, a comma too many, UTF-16, bytes behind the end, a call around it (JSONP), under
any type: whoever wants to read it will. So what looks like one and did not read as one is called unreadable, beside
what its type says of it; towards trackers the share table stops that.

What it looks like is told by its beginning: a bracket is not enough (``[12:01] started``, ``{name}``), it takes a
quote or a name with a colon behind it, too. Whatever may stand before it (byte order mark, blanks, control characters,
comments, guards against inclusion) is passed over.

Cost: what stands before the first bracket, and for lines one comparison each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from shield.address import SEPARATOR
from shield.tree import Node

_BEFORE: Final = (
    rb"(?:[\s\x00-\x08\x0e-\x1f\x7f;,(]|\xef\xbb\xbf|\xc2[\x85\xa0\xad]|\xe2\x80[\x80-\xaf]|\xe2\x81[\x9f-\xaf]"
    rb"|\xe3\x80\x80|\xe1\x9a\x80|\xe1\xa0\x8e"
    rb"|/\*(?:[^*]|\*(?!/))*+\*/|(?://|#)[^\n]*+\n)*+"
)
_GUARD: Final = (
    rb"(?:\)\]\}',?|for ?\(;;\);|while ?\((?:1|true)\);|throw 1;|&&&[A-Z]{1,16}&&&|j:"
    rb"|[A-Za-z_$][\w$.]{0,63}\s{0,8}\()?+"
)
_NAME: Final = rb"[\w$\x80-\xff-]{1,256}\s{0,8}:"
_SCALARS: Final = rb"(?:(?:[\w.+-]{1,32}|\"[^\"\n]{0,64}\")\s{0,8},\s*+)"
_JSON: Final = re.compile(
    _BEFORE + _GUARD + _BEFORE + _SCALARS + rb"{0,8}(?:(?:\[\s*+" + _SCALARS + rb"{0,8})++[\"']"
    rb"|(?:\[\s*+" + _SCALARS + rb"{0,8})*+\{" + _BEFORE + rb"(?:[\"'}]|" + _NAME + rb"))"
)
_XML: Final = re.compile(_BEFORE + rb"<(?:!--|[?!]?[A-Za-z_])")
_MULTIPART: Final = re.compile(rb"\s*+--[^\r\n]{1,200}(?:\r\n?|\n)(?i:content-disposition|content-type):")
_WIDE: Final = re.compile(rb"(?:\xff\xfe|\xfe\xff)|[^\x00]?\x00")
_UTF7: Final = re.compile(rb"\s*+\+A(?:Hs|Fs)")
_LOOKED_AT: Final = 4096


def looks_like(content: bytes) -> str | None:
    """``JSON``, ``XML``, ``multipart``, or ``UTF-16`` of something else, where *content* begins as such."""
    if looks_like_json(content):
        return "JSON"
    if _XML.match(content):
        return "XML"
    if _MULTIPART.match(content):
        return "multipart"
    return "UTF-16" if _WIDE.match(content) else None


def doubt(alike: str | None) -> str | None:
    """Why a node is unreadable that looks like something; None for None."""
    return f"it looks like {alike}, and does not read as such" if alike else None


def is_json(node: Node) -> bool:
    """Whether *node* was read as JSON, and all of it."""
    return any(one.address.endswith(f"{SEPARATOR}json:") for one in node.children)


def doubt_of_lines(lines: Iterable[Node]) -> str | None:
    """Whether one of them looks like JSON and was not read as such."""
    return doubt("JSON") if any(looks_like_json(one.content) and not is_json(one) for one in lines) else None


def looks_like_json(content: bytes) -> bool:
    """Whether it begins as JSON does, in any of the encodings that RFC 4627 allowed, or UTF-7."""
    if _JSON.match(content) is not None or _UTF7.match(content) is not None:
        return True
    return _WIDE.match(content) is not None and _JSON.match(_narrow(content)) is not None


def _narrow(content: bytes) -> bytes:
    """The beginning of UTF-16 or UTF-32 without its NULs."""
    return content[:_LOOKED_AT].removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
