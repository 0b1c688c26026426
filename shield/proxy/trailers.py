"""Trailers of HTTP/1: read, decided about with the message, and written again (RFC 9112, section 7.1.2).

mitmproxy reads them of HTTP/2 alone, raises ``NotImplementedError`` where HTTP/1 has some, and fails an assertion where
those of HTTP/2 are to be written to HTTP/1. Here

- they are read and handed on before the end of the body, so that the engine sees a request's (``Request.trailers``) or
  the stream searches them (``passing``);
- what is to be written to HTTP/1 stands behind the last chunk. Without chunks there is no place for it: left out, as
  RFC 9110, section 6.5.1 allows. So is what would speak of framing, routing or the sender, which no trailer may;
- a response that is edited loses those that speak of its bytes (``headers.VALIDATORS``).
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import h11
from h11._readers import ChunkedReader
from mitmproxy import http
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.layers.http import _http1 as h1
from mitmproxy.proxy.layers.http import _http2 as h2
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._events import (
    RequestEndOfMessage,
    RequestTrailers,
    ResponseEndOfMessage,
    ResponseTrailers,
)

from shield.proxy.patch import wrap

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]

MOST_BYTES: Final = 65_536
HELD: Final = "_shield_trailers"
LAST_CHUNK: Final = b"0\r\n\r\n"
NOT_BEHIND: Final = frozenset({
    b"transfer-encoding", b"content-length", b"host", b"connection", b"te", b"trailer", b"upgrade", b"keep-alive",
    b"content-encoding", b"content-type", b"content-range", b"authorization", b"proxy-authorization", b"cookie",
    b"set-cookie", b"expect", b"max-forwards", b"cache-control", b"alt-svc",
})  # fmt: skip
"""RFC 9110, section 6.5.1."""
ENDS: Final = (RequestEndOfMessage, ResponseEndOfMessage)
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKS: Final = re.compile(rb"[\r\n\0]")


class Reader(ChunkedReader):
    """h11's reader, which keeps the trailers and says nothing of them."""

    def __init__(self) -> None:
        super().__init__()
        self.trailers: tuple[tuple[bytes, bytes], ...] = ()

    def __call__(self, buf: Any) -> Any:
        """The next piece of the body, or its end."""
        event = super().__call__(buf)
        if isinstance(event, h11.EndOfMessage) and event.headers:
            self.trailers = tuple((bytes(name), bytes(value)) for name, value in event.headers.raw_items())
            return h11.EndOfMessage()
        if event is None and self._reading_trailer and len(buf) > MOST_BYTES:
            raise h11.RemoteProtocolError("trailers without an end")
        return event


def install() -> None:
    """Wrap reading and writing of HTTP/1, and writing of HTTP/2."""
    wrap(h1, "make_body_reader", _reads_chunks)
    wrap(h1.Http1Server, "read_body", _hands_on)
    wrap(h1.Http1Client, "read_body", _hands_on)
    wrap(h1.Http1Client, "send", _writes)
    wrap(h1.Http1Server, "send", _writes)
    wrap(h2.Http2Connection, "_handle_event", _in_lower_case)


def _reads_chunks(original: Callable[..., Any]) -> Callable[..., Any]:
    def make_body_reader(expected_size: int | None) -> Any:
        return Reader() if expected_size is None else original(expected_size)

    return make_body_reader


def _hands_on(original: Step) -> Step:
    def read_body(self: h1.Http1Server | h1.Http1Client, event: Any) -> Commands:
        reader = self.body_reader
        for command in original(self, event):
            end = command.event if isinstance(command, ReceiveHttp) else None
            if isinstance(end, ENDS) and isinstance(reader, Reader) and reader.trailers:
                fields = http.Headers(pair for pair in reader.trailers if may_stand_behind(*pair))
                reader.trailers = ()
                kind = RequestTrailers if isinstance(end, RequestEndOfMessage) else ResponseTrailers
                yield ReceiveHttp(kind(end.stream_id, fields))
            yield command

    return read_body


def _writes(original: Step) -> Step:
    """HTTP/1 has one message at a time, so what waits for its end is kept on the connection."""

    def send(self: Any, event: Any) -> Commands:
        if isinstance(event, (RequestTrailers, ResponseTrailers)):
            setattr(self, HELD, lines(event.trailers.fields))
            return
        held = vars(self).pop(HELD, b"") if isinstance(event, ENDS) else b""
        for command in original(self, event):
            if held and isinstance(command, commands.SendData) and command.data == LAST_CHUNK:
                command.data, held = b"0\r\n%s\r\n" % held, b""
            yield command

    return send


def _in_lower_case(original: Step) -> Step:
    """Names as HTTP/2 wants them; mitmproxy sees to that in heads alone."""

    def _handle_event(self: Any, event: Any) -> Commands:
        if isinstance(event, (RequestTrailers, ResponseTrailers)):
            fields = http.Headers((name.lower(), value) for name, value in event.trailers.fields)
            event = type(event)(event.stream_id, fields)
        yield from original(self, event)

    return _handle_event


def may_stand_behind(name: bytes, value: bytes) -> bool:
    """Whether a field may be a trailer."""
    return name.lower() not in NOT_BEHIND and bool(_NAME.fullmatch(name)) and not _BREAKS.search(value)


def lines(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The trailers that may stand behind a body, as they are written."""
    return b"".join(b"%s: %s\r\n" % pair for pair in fields if may_stand_behind(*pair))
