"""Bodies that are no text: who opens them, by content type.

Declared protobuf has to read to the last byte, else it is unreadable. Bytes of no type, ``application/octet-stream``,
and bytes that are called a form or plain text and are none (Android's own client calls everything a form that states
nothing else, and app-measurement states nothing) are opened where they look like a message with a text in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from shield.errors import Unreadable
from shield.tree import Folded, Node
from shield.wire.grpc import is_trailer, read_grpc, read_web_text
from shield.wire.jsontext import read_json
from shield.wire.limits import Budget, TooMuch
from shield.wire.names import below
from shield.wire.nesting import open_values
from shield.wire.protobuf import read_plausible, read_protobuf
from shield.wire.protoscan import is_text
from shield.wire.xmltext import TYPES as XML_TYPES

_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
LOOKED_AT: Final = 64
"""The first tag or length below a space stands early; a form and a text have none anywhere."""


def open_protobuf(node: Node, content_type: bytes, budget: Budget) -> None:
    """A message, stated as such.

    Raises:
        Unreadable: it is none.
    """
    open_values(read_protobuf(node, budget), budget)


def open_octets(node: Node, content_type: bytes, budget: Budget) -> None:
    """Bytes of which nobody says what they are.

    Raises:
        Unreadable: they do not look like a message.
    """
    open_values(read_plausible(node, budget), budget)


def is_mislabelled(node: Node) -> bool:
    """Whether what is called a text begins as binary data does."""
    return _BINARY.search(node.content, 0, LOOKED_AT) is not None


def open_grpc(node: Node, content_type: bytes, budget: Budget) -> None:
    """The messages of a call, each as protobuf or, where the type says so, as JSON.

    Raises:
        Unreadable: no messages. One that does not read is unreadable by itself.
    """
    is_json = b"json" in content_type.partition(b";")[0].lower()
    read = read_web_text if b"-text" in content_type.lower() else read_grpc
    for message in read(node, budget):
        _open_message(message, budget, is_json=is_json)


def _open_message(message: Node, budget: Budget, *, is_json: bool) -> None:
    if is_trailer(message):
        if is_text(message.content):
            open_values([message], budget)
        else:
            message.unreadable = "trailers that are no text"
        return
    try:
        if is_json:
            open_values(read_json(message, budget, below(message.address, "json:")), budget)
        else:
            open_protobuf(message, b"", budget)
    except TooMuch:
        raise
    except Unreadable as error:
        message.unreadable = error.message


BINARY_TYPES: Final[dict[bytes, Callable[[Node, bytes, Budget], None]]] = {
    b"application/octet-stream": open_octets,
    **dict.fromkeys(
        (
            b"application/x-protobuf", b"application/protobuf", b"application/x-protobuffer", b"application/proto",
            b"application/vnd.google.protobuf", b"application/x-google-protobuf",
            b"application/vnd.chrome.uma", b"application/vnd.chrome.ukm",
        ),
        open_protobuf,
    ),
    **dict.fromkeys(
        (
            b"application/grpc", b"application/grpc+proto", b"application/grpc+json",
            b"application/grpc-web", b"application/grpc-web+proto", b"application/grpc-web+json",
            b"application/grpc-web-text", b"application/grpc-web-text+proto",
            b"application/connect+proto", b"application/connect+json",
        ),
        open_grpc,
    ),
}  # fmt: skip
"""Who opens a body of this type."""


class Hidden(Folded):
    """A body that is not known to be clear before it is read, for its bytes show nothing of what it holds.

    Numbers are spelled in base 128, calls in base64 hold frames, and a text in Latin-1 is not the bytes that are looked
    for.
    """

    __slots__ = ()

    def tell(self, spots: tuple[int, ...] | None) -> None:
        """Nothing is learnt from what was seen, or not seen, in the bytes."""


def folded(kind: bytes) -> type[Folded]:
    """What a body of this type is until somebody asks for its fields."""
    return Hidden if kind in BINARY_TYPES or kind in XML_TYPES or kind.endswith(b"+xml") else Folded
