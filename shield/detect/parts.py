"""Parts: the bytes of a message that are searched, each with the node that it belongs to.

The content of every field and of every gap between fields, so that one search sees each byte once: also what stands in
a name, or in bytes that nobody could read. Escapes that no reader opened are opened for the search.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.detect.lexicon import NUL
from shield.message import USUAL_HEADERS
from shield.opened import Opened
from shield.tree import TOKEN, Folded, Node

SHORTEST_NAME: Final = 10  # bytes with escapes; shorter ones hold no fact worth opening them for
Part = tuple[bytes, Node, int, int]
"""Bytes to search, the node that they belong to, where in its content they begin, and, if they were opened for the
search (escapes that no reader opened), how many bytes there are; _BESIDE if they stand outside of it; else 0."""
_BESIDE: Final = -1
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\\u00([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\([/\"])")
_PERCENT, _BACKSLASH = b"%\\"
_ESCAPES: Final = 4  # so often one escape may be inside another
_HEADER: Final = f"header:{SEPARATOR}"
MESSAGE: Final = "protobuf:"
_AS_A_WHOLE: Final = ("path:", MESSAGE)
"""What is searched across the borders of its fields too: dates may hold slashes, and fields of protobuf are guessed."""
_USUAL: Final = frozenset(_HEADER + name for name in USUAL_HEADERS)
"""Lines whose names are not searched."""
_HOST: Final = f"{_HEADER}host"
"""The host is searched in ``Opened.line``."""
_FRAMING: Final = re.compile(rb"[0-9]{1,18}|(?i:chunked)")
"""What Content-Length and Transfer-Encoding are: a length may be somebody's number, and says nothing."""
_FRAMES: Final = frozenset({f"{_HEADER}content-length", f"{_HEADER}transfer-encoding"})


def parts_of(opened: Opened) -> list[Part]:
    """The content of all fields, what lies between them, then tokens as they stand, last the path as a whole."""
    parts: list[Part] = []
    tokens: list[Part] = []
    stack = _roots(opened, parts)
    while stack:
        node = stack.pop()
        if isinstance(node, Folded) and node.is_clear:
            continue
        content, children = node.content, node.children
        if not children:
            parts.append((content, node, 0, 0))
            if len(content) > SHORTEST_NAME and (_PERCENT in content or _BACKSLASH in content or 0 in content):
                _add_opened(parts, node, content, 0)
            continue
        _add_gaps(parts, node, content, children)
        if node.notation is TOKEN:
            tokens.append((content, node, 0, 0))
        if node.address.endswith(_AS_A_WHOLE):
            parts.append((content, node, 0, 0))
        stack += children
    parts += tokens
    parts.append((opened.path.content, opened.path, 0, 0))
    return parts


def _roots(opened: Opened, parts: list[Part]) -> list[Node]:
    """Where the search begins; to *parts* what stands beside these."""
    roots: list[Node] = []
    for line in opened.headers:
        address = line.address
        if address != _HOST and not (address in _FRAMES and _FRAMING.fullmatch(line.content)):
            roots.append(line)
            if address not in _USUAL:
                add_beside(parts, line, address[len(_HEADER) :].encode("latin-1", "replace"))
    if opened.line is not None:
        add_beside(parts, opened.line, opened.line.content)
    if opened.body is not None:
        roots.append(opened.body)
    if opened.query is not None:
        roots.append(opened.query)
    roots += opened.path.children
    return roots


def _add_gaps(parts: list[Part], node: Node, content: bytes, children: tuple[Node, ...]) -> None:
    """Names with what stands around them; where one has escapes, once more without them."""
    position = 0
    gaps: list[tuple[int, int]] = []
    for child in children:
        start, end = child.start, child.end
        if start > position:
            gaps.append((position, start))
        if end > position:
            position = end
    if position < len(content):
        gaps.append((position, len(content)))
    for start, end in gaps:
        gap = content[start:end]
        parts.append((gap, node, start, 0))
        if end - start > SHORTEST_NAME:
            _add_opened(parts, node, gap, start)


def add_beside(parts: list[Part], node: Node, text: bytes) -> None:
    """What belongs to a node and stands outside of it."""
    parts.append((text, node, 0, _BESIDE))
    if len(text) > SHORTEST_NAME:
        _add_opened(parts, node, text, 0, _BESIDE)


def _add_opened(parts: list[Part], node: Node, text: bytes, start: int, length: int = 0) -> None:
    """Bytes in which no reader opened the escapes, once more without them; UTF-16 as if it were UTF-8."""
    if not (_PERCENT in text or _BACKSLASH in text or 0 in text):  # numbers: ten times as fast as bytes
        return
    length = length or len(text)
    if 0 in text:
        parts.append((text.replace(NUL, b""), node, start, length))
    for _ in range(_ESCAPES):
        plain = _ESCAPE.sub(_unescaped, text)
        if plain == text:
            break
        parts.append((plain, node, start, length))
        if b"+" in plain:  # a plus or a space, nobody knows
            parts.append((plain.replace(b"+", b" "), node, start, length))
        text = plain


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    if found[4]:
        return found[4]
    return chr(int(found[2] or found[3], 16)).encode("utf-8", "replace")
