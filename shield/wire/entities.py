"""HTML entities inside a value: ``&#64;``, ``&#x40;``, ``&amp;`` (WHATWG HTML, sections 13.2.5.72 to 13.2.5.80).

Read: those that end in a semicolon; ``&copy`` without one is a parameter's name more often than a sign. Edits: any
content; what stood there stays as it was spelled, and what is new is escaped in its manner: ``& < > " '`` always,
letters where letters were, characters beyond ASCII where they were. An edit costs one pass over the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.keeping import respelled
from shield.wire.limits import Budget

_ENTITY: Final = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NAMES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def _opened(match: re.Match[bytes]) -> bytes:
    return unescape(match[0].decode()).encode("utf-8", "surrogatepass")


def open_entities(raw: bytes) -> bytes:
    """What *raw* stands for; an entity that nobody knows is itself."""
    return _ENTITY.sub(_opened, raw)


def _escapes(raw: bytes) -> Iterator[tuple[int, int, int]]:
    extra = 0
    for match in _ENTITY.finditer(raw):
        length = len(_opened(match))
        yield match.start() - extra, length, len(match[0])
        extra += len(match[0]) - length


class Entities:
    """The layer."""

    name = "entities"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content* in the manner of *raw*.

        Raises:
            Unwritable: it would be read as something else.
        """
        return respelled(raw, content, _escapes(raw), open_entities, lambda text: _written(text, raw))


ENTITIES: Final = Entities()


def _written(content: bytes, raw: bytes) -> bytes:
    escaped = b"".join(_opened(match) for match in _ENTITY.finditer(raw)).decode("utf-8", "replace")
    is_everything = any(one.isascii() and one.isalnum() for one in escaped)
    is_wide = any(one > "\x7f" for one in escaped)
    number = "&#x%x;" if b"&#x" in raw or b"&#X" in raw else "&#%d;"
    out: list[str] = []
    for one in content.decode("utf-8", "surrogateescape"):
        if one in "&<>\"'" or one in escaped or is_everything or (is_wide and one > "\x7f"):
            is_byte = "\udc80" <= one <= "\udcff"
            name = _NAMES.get(one) if b"&#" not in raw else None
            out.append(one if is_byte else name or number % ord(one))
        else:
            out.append(one)
    return "".join(out).encode("utf-8", "surrogateescape")


def read_entities(node: Node, budget: Budget) -> list[Node]:
    """Open the entities in *node* as an only child with step ``entities``.

    Raises:
        Unreadable: there are none.
    """
    content = open_entities(node.content)
    if content == node.content:
        raise Unreadable("no entities")
    budget.spend(1, len(content))
    child = Node(node, f"{node.address}{SEPARATOR}entities", 0, len(node.content), content, None, ENTITIES)
    node.children, node.notation = (child,), ENVELOPE
    return [child]
