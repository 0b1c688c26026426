"""gRPC, gRPC-Web and Connect: messages one after another, each behind a flag and its length in four bytes.

``grpc:0/protobuf:/1`` is field 1 of the first message. ``application/grpc-web-text`` is the same in base64, which does
not show in addresses, as content codings do not. A message whose flag says that it is packed opens by its first bytes:
gzip and zlib are what clients use; the header that names the coding is not needed for these, and for others nobody
here reads them. The trailers of gRPC-Web (header lines, a message with the high bit of the flag) are text.

Edits: whatever the message can carry; a message goes with its prefix; packed ones are packed again, only then. Nothing
can be added. Only the length before an edited message changes. An edit costs one pass over the body.
Source: gRPC over HTTP/2 ("Length-Prefixed-Message"), gRPC-Web ("Protocol differences vs gRPC over HTTP2"), Connect
protocol reference ("Enveloped-Message").
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, Node
from shield.wire.codings import coding
from shield.wire.limits import ALWAYS_FINE_BYTES, Budget
from shield.wire.names import below

_PREFIX_BYTES: Final = 5
_PACKED, _END_STREAM, _TRAILERS = 0x01, 0x02, 0x80
_MAGIC: Final = {b"\x1f\x8b": b"gzip", b"\x78\x01": b"deflate", b"\x78\x5e": b"deflate", b"\x78\x9c": b"deflate",
                 b"\x78\xda": b"deflate"}  # fmt: skip
_CHUNK: Final = re.compile(rb"[A-Za-z0-9+/\r\n]+={0,2}")


class Frame:
    """The layer of a message with its prefix."""

    name = "frame"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The old flag, the new length and the message.

        Raises:
            Unwritable: more than four bytes can count.
        """
        if len(content) >> 32:
            raise Unwritable("a message is too long for its prefix")
        return raw[:1] + len(content).to_bytes(4) + content


class WebText:
    """The layer of gRPC-Web in base64."""

    name = "base64"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """All of it as one text, padded."""
        return b64encode(content)


class Frames:
    """How a body splits into messages."""

    name = "grpc:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A call takes no new message."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


FRAME: Final = Frame()
WEB_TEXT: Final = WebText()
FRAMES: Final = Frames()


def read_grpc(node: Node, budget: Budget) -> list[Node]:
    """Split the messages below an only child ``grpc:``; those that have content, unpacked, still closed.

    Raises:
        Unreadable: the prefixes do not fit the bytes. TooMuch: a limit.
    """
    content = node.content
    calls = Node(node, below(node.address, "grpc:"), 0, len(content), content)
    frames: list[Node] = []
    position = 0
    while position < len(content):
        start = position + _PREFIX_BYTES
        end = start + int.from_bytes(content[position + 1 : start])
        if start > len(content) or end > len(content):
            raise Unreadable("a message is cut off")
        budget.spend(1, end - start)
        address = f"{calls.address}{SEPARATOR}{len(frames)}"
        frames.append(Node(calls, address, position, end, content[start:end], (position, end), FRAME))
        position = end
    messages = [message for frame in frames if (message := _message(frame, budget)) is not None]
    calls.children, calls.notation = tuple(frames), FRAMES
    node.children, node.notation = (calls,), ENVELOPE
    return messages


def read_web_text(node: Node, budget: Budget) -> list[Node]:
    """The same in base64, perhaps of several pieces, each padded.

    Raises:
        Unreadable: it is not base64, or what it holds does not fit. TooMuch: a limit.
    """
    content = b"".join(_pieces(node.content))
    budget.spend(1, len(content))
    inner = Node(node, node.address, 0, len(node.content), content, layer=WEB_TEXT)
    messages = read_grpc(inner, budget)
    node.children, node.notation = (inner,), ENVELOPE
    return messages


def is_trailer(message: Node) -> bool:
    """Whether a message is the header lines that end a call of gRPC-Web, or the JSON that ends one of Connect."""
    while message.layer is not FRAME and message.parent is not None:
        message = message.parent
    return bool(message.raw[0] & (_TRAILERS | _END_STREAM))


def _message(frame: Node, budget: Budget) -> Node | None:
    """What a frame carries, unpacked; None where there is nothing to open."""
    if not frame.content:
        return None
    if not frame.raw[0] & _PACKED:
        return frame
    token = _MAGIC.get(frame.content[:2])
    if token is None:
        frame.unreadable = "a message is packed in a way that nobody here reads"
        return None
    return _unpacked(frame, token, budget)


def _unpacked(frame: Node, token: bytes, budget: Budget) -> Node | None:
    layer, limits = coding(token), budget.limits
    size = len(frame.content)
    try:
        content = layer.open(frame.content, min(limits.body_bytes, max(size * limits.ratio, ALWAYS_FINE_BYTES)))
        budget.spend(1, len(content))
    except Unreadable as error:
        frame.unreadable = error.message
        return None
    message = Node(frame, frame.address, 0, size, content, layer=layer)
    frame.children, frame.notation = (message,), ENVELOPE
    return message if content else None


def _pieces(text: bytes) -> list[bytes]:
    out: list[bytes] = []
    position = 0
    for match in _CHUNK.finditer(text):
        if match.start() != position:
            break
        position = match.end()
        try:
            out.append(b64decode(match[0].translate(None, b"\r\n"), validate=True))
        except Error:
            raise Unreadable("not base64") from None
    if position != len(text):
        raise Unreadable("not base64")
    return out
