"""Bodies that pass: cut into fragments, each with the fields that are complete in it.

The contents of all fragments, one after another, are the body, byte for byte, however it was cut on its way. The
fields of a fragment have the addresses, layers and contents that ``body.read_body`` finds in the whole (but for
containers, which do not fit into one fragment), so rules that name a field mean it here too. An edit of one fragment
(``edits.rebuild``) leaves what was sent and what is still to come well formed.

Nothing here raises for what a peer sends. Of a field that is not complete no more than ``HOLD_BYTES`` are held back;
longer text passes in pieces that have the field's address (an edit or a strip of every piece is one of the whole), and
what cannot be cut so passes without fields. A fragment in which fields could not be read has ``unreadable`` set.

A body's content codings are opened before (``packing.Unpacker``) and closed behind (``packing.Packer``).
Cost: one pass; feed pieces of 16 to 64 KB. Fields of JSON, lines and forms are found when somebody asks for them
(``driver``). A piece is copied once with what was held before it. Parents and children hold each other, so whoever is
done with a fragment says ``root.children = ()``: else 64 KB after 64 KB wait for Python's collector.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Literal, Protocol

from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.body import BY_TYPE, EVENT_TYPE, FORM_TYPE, HTML_TYPES, JSON_TYPE, LINE_TYPES, media_type
from shield.wire.events import Events
from shield.wire.html import Page
from shield.wire.limits import LIMITS, Limits
from shield.wire.multipart import TYPES as MULTIPART_TYPES
from shield.wire.splitting.driver import HOLD_BYTES, Raw, Reading, Split
from shield.wire.splitting.form import Form
from shield.wire.splitting.guess import UNKNOWN, Guess, Whole
from shield.wire.splitting.json import Json
from shield.wire.splitting.lines import Lines
from shield.wire.splitting.parts import Multipart

__all__ = ["HOLD_BYTES", "Splitter", "splitter"]

_BY_TYPE: Final[dict[bytes, Callable[[], Reading]]] = {
    FORM_TYPE: Form,
    b"text/plain": Lines,
    EVENT_TYPE: Events,
    **dict.fromkeys(HTML_TYPES, partial(Page, is_xml=True)),
    b"text/html": Page,
}
"""What comes under these types unless its beginning says otherwise."""


class Splitter(Protocol):
    """Cuts a body that passes into fragments."""

    @property
    def held_bytes(self) -> int:
        """How much is held back."""
        ...

    def feed(self, data: bytes) -> Node | None:
        """The fragment that *data* completes: a root ``body`` whose content is exactly the next bytes of the body.

        None while nothing is complete.
        """
        ...

    def finish(self) -> Node | None:
        """The rest, if something was held back."""
        ...


def splitter(
    content_type: bytes | None,
    direction: Literal["request", "response"] = "request",
    limits: Limits = LIMITS,
    hold_bytes: int = HOLD_BYTES,
) -> Splitter:
    """A splitter for one body.

    Args:
        content_type: value of the header with its parameters, or None.
        direction: of a request the first bytes wait for some more, where its type says little; an answer never waits.
        limits: of one fragment; a body may be as long as it likes.
    """
    reading = _reading(content_type or b"", media_type(content_type), may_wait=direction == "request")
    return Split(reading, limits, hold_bytes)


def _reading(content_type: bytes, kind: bytes, *, may_wait: bool) -> Reading:
    if kind in LINE_TYPES:
        return Lines()
    if kind in _BY_TYPE or not kind:
        return Guess(content_type, _BY_TYPE[kind]() if kind else None, may_wait=may_wait)
    if kind in MULTIPART_TYPES:
        return Guess(content_type, _multipart(content_type))
    if kind in BY_TYPE or kind.endswith(b"+xml"):
        return Whole(content_type)
    return Json() if JSON_TYPE.fullmatch(kind) else Guess(content_type, Raw(UNKNOWN))


def _multipart(content_type: bytes) -> Reading:
    try:
        return Multipart(content_type)
    except Unreadable as error:
        return Raw(error.message)
