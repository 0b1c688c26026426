"""A message as a parcel, and back: what the process needs to read its fields, nothing about the person."""

from __future__ import annotations

from shield.message import Frame, Headers, Request
from shield.presidio.parcel import MOST, Broken

LARGEST: int = 65_536
"""Bytes of body and target; larger messages are left out, as they are rarely what a person typed."""
_FIXED = 8


def to_items(message: Request | Frame) -> list[bytes] | None:
    """The items of a parcel; None for a message that is too large to be worth it."""
    if isinstance(message, Frame):
        if len(message.content) > LARGEST:
            return None
        return [b"frame", b"text" if message.is_text else b"binary", message.content]
    body = message.body or b""
    if len(body) + len(message.target) > LARGEST or 2 * len(message.headers) + _FIXED > MOST:
        return None
    lines = [part for line in message.headers for part in line]
    start = [message.method.encode(), message.scheme.encode(), message.host.encode(), b"%d" % message.port]
    return [b"request", *start, message.target, body, b"%d" % len(message.headers), *lines]


def from_items(items: list[bytes]) -> Request | Frame:
    """The message of a parcel.

    Raises:
        Broken: it is none.
    """
    try:
        if items[0] == b"frame":
            return Frame("request", items[2], items[1] == b"text")
        method, scheme, host, port, target, body, count = items[1:_FIXED]
        lines = items[_FIXED : _FIXED + 2 * int(count)]
        headers: Headers = tuple(zip(lines[::2], lines[1::2], strict=True))
        return Request(method.decode(), scheme.decode(), host.decode(), int(port), target, headers, body)
    except (IndexError, ValueError):
        raise Broken from None
