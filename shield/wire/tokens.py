"""One run of letters that may be another value: hex, base32, base64, LZ-string, in this order.

The strictest alphabet comes first: hex digits are base64 too, but text comes out of them by chance once in a million
digests, and never of a base64 text. Each is believed by what comes out: text, or something packed
(``plausible``, ``packed``). What remains ambiguous (a user name that decodes to letters) is harmless: the node says so
by its notation TOKEN, keeps its own address, and its own text is searched beside what it opens to.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import TOKEN, Layer, Node
from shield.wire import base32text, base64text, hextext, lzstring
from shield.wire.base32text import BASE32
from shield.wire.hextext import HEX
from shield.wire.limits import Budget, TooMuch
from shield.wire.lzstring import LZ
from shield.wire.packed import kind_of, read_packed
from shield.wire.plausible import is_text
from shield.wire.protobuf import read_plausible
from shield.wire.protoscan import is_message

_ALPHABETS: Final = re.compile(
    rb"((?:[0-9a-fA-F]{2}){5,}+)\Z|([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\Z|([A-Z2-7]{8,}+={0,6}|[a-z2-7]{8,}+={0,6})\Z|([A-Za-z0-9+/_-]+={0,2})\Z"
)
_HEX, _UUID, _BASE32 = 1, 2, 3
_WORDS: Final = re.compile(rb"[a-z]++(?:[ /_-][a-z]++)*\Z")
"""Lower case without a digit is base32 at most: base64 of seven letters looks like this once in 5,000 times."""
_SHORTEST_HEX: Final = 10
_CERTAIN_HEX: Final = 16
"""So many hex digits are nothing else, even if no text comes out: digests, counters."""
_TEXT, _PACKED, _MESSAGE = 1, 2, 4
_MESSAGES: Final = frozenset(
    b"\x08\x0a\x10\x12\x18\x1a\x22\x2a\x32\x3a\x42\x4a\x52\x5a\x62\x6a\x72\x7a\x82\x8a\x92\x9a\xa2\xaa"
)
"""Tags of a number in fields 1 to 3 and of a text in fields 1 to 21, with which most messages begin."""


def _begins(byte: int) -> int:
    """What may begin with this byte; half of all bytes begin nothing."""
    is_text = 0x20 <= byte < 0x7F or byte in b"\t\n\r" or byte >= 0xA0
    is_packed = byte in (0x01, 0x1F) or (byte < 0x80 and byte & 15 == 8) or byte & 7 in (2, 3, 4, 5)
    return is_text * _TEXT | is_packed * _PACKED | (byte in _MESSAGES) * _MESSAGE


_BEGINS: Final = bytes(map(_begins, range(256)))


def fits(content: bytes) -> bool:
    """Whether decoded bytes look as if somebody had encoded them."""
    begins = _BEGINS[content[0]]
    if begins & _TEXT and is_text(content):
        return True
    return bool((begins & _PACKED and kind_of(content)) or (begins & _MESSAGE and is_message(content)))


def opened(token: bytes) -> tuple[bytes, Layer] | None:
    """What *token* stands for and the layer that it lies under; None for most.

    Raises:
        TooMuch: it may be LZ-string of more than anybody reads.

    Cost: 1 µs for a token of 20 letters that is nothing.
    """
    if len(token) < _SHORTEST_HEX and token.isdigit():
        return None
    match = _ALPHABETS.match(token)
    kind = match.lastindex if match is not None else None
    if kind == _HEX:
        content = hextext.decode(token)
        if content is not None and fits(content):
            return content, HEX
        if len(token) >= _CERTAIN_HEX or content is None:
            return None
    elif kind == _BASE32:
        content = base32text.decode(token)
        if content is not None and fits(content):
            return content, BASE32
    if kind == _UUID or _WORDS.match(token) is not None:
        return None
    decoded = base64text.decode(token, fits) if kind is None else base64text.decode_plain(token, fits)
    if decoded is not None:
        return decoded
    content = lzstring.decode(token)
    return (content, LZ) if content is not None and fits(content) else None


def read_token(node: Node, budget: Budget) -> list[Node]:
    """Open *node* as an only child with the step of its layer; nothing where it is an ordinary value.

    Raises:
        TooMuch: more bytes than are left.
    """
    found = opened(node.content)
    return [] if found is None else _open(node, *found, budget)


def read_wide(node: Node, budget: Budget) -> list[Node]:
    """Open *node* if it is LZ-string in characters beyond ASCII.

    Raises:
        TooMuch: more bytes than are left.
    """
    content = None if node.content.isascii() else lzstring.decode(node.content)
    return _open(node, content, LZ, budget) if content is not None and fits(content) else []


def _open(node: Node, content: bytes, layer: Layer, budget: Budget) -> list[Node]:
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}{layer.name}", 0, len(node.content), content, None, layer)
    node.children, node.notation = (child,), TOKEN
    if is_text(content):
        return [child]
    try:
        return read_packed(child, budget) if kind_of(content) is not None else read_plausible(child, budget)
    except TooMuch as error:
        child.unreadable = error.message
        return []
    except Unreadable:
        return [child]
