"""Base64 and base64url, padded or not, of text (RFC 4648 sections 4 and 5).

Opened only where the result is JSON or readable text, for most tokens are base64 by chance: at least 16
characters (8 where it begins as JSON objects do), UTF-8 without control characters. Edits: any content, in the same
alphabet, padded if it was. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64encode
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.limits import Budget

_TEXT: Final = re.compile(rb"(?:eyJ[A-Za-z0-9+/_-]{5,}|[A-Za-z0-9+/_-]{16,})={0,2}")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Base64:
    """The layer; writes in the alphabet and with the padding that *raw* shows."""

    name = "base64"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Encode *content*; where *raw* shows nothing, padded and with ``+/``."""
        is_url = b"-" in raw or b"_" in raw
        coded = urlsafe_b64encode(content) if is_url else b64encode(content)
        is_padded = raw.endswith(b"=") or (len(raw) % 4 == 0 and not is_url)
        return coded if is_padded else coded.rstrip(b"=")


BASE64: Final = Base64()


def decode(raw: bytes) -> bytes | None:
    """What *raw* stands for, or None if it is not base64 of text."""
    if _TEXT.fullmatch(raw) is None:
        return None
    bare = raw.rstrip(b"=")
    if len(bare) % 4 == 1 or (len(bare) != len(raw) and len(raw) % 4):
        return None
    is_url = b"-" in bare or b"_" in bare
    if is_url and (b"+" in bare or b"/" in bare):
        return None
    content = b64decode(bare + b"=" * (-len(bare) % 4), b"-_" if is_url else None)
    return content if _is_text(content) else None


def _is_text(content: bytes) -> bool:
    if not content.isascii() and not content.startswith(b'{"'):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return _CONTROL.search(content) is None


def read_base64(node: Node, budget: Budget) -> list[Node]:
    """Open *node* as an only child with step ``base64``.

    Raises:
        Unreadable: it is not base64 of text.
    """
    content = decode(node.content)
    if content is None:
        raise Unreadable("not base64 of text")
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}base64", 0, len(node.content), content, layer=BASE64)
    node.children = (child,)
    node.notation = ENVELOPE
    return [child]
