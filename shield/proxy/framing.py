"""Where messages begin and end, and the pages that mitmproxy makes by itself.

- An HTTP/2 request with a body and without Content-Length has no framing at an HTTP/1 origin: mitmproxy
  would write the bytes behind the head, where they are the next request. It gets ``chunked``.
- An error in the middle of an HTTP/1 upload is answered and the connection closed with bytes unread, so that
  the reset overtakes the answer. The rest is read and thrown away for a moment, so that the words arrive.
- An absolute address without a path, or with a user in it, is read as browsers read it.
- Error pages quote what could not be read: ours take their place.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, Final

from mitmproxy import http
from mitmproxy.net.http import http1, status_codes
from mitmproxy.net.http.http1 import read
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers.http import _http1 as h1
from mitmproxy.proxy.layers.http import _http2 as h2
from mitmproxy.proxy.layers.http._events import RequestHeaders, ResponseProtocolError

from shield.proxy.patch import wrap
from shield.proxy.words import page, shown, title

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]

_ADDRESS: Final = re.compile(rb"(\S+[ \t]+[A-Za-z][A-Za-z0-9+.-]*://)(?:[^/?#@\s]*@)?([^/?#@\s]+)")
_ERROR_HEADERS: Final = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store"))
LINGER_BYTES: Final = 16_000_000
LINGER_SECONDS: Final = 5.0


def install() -> None:
    """Wrap the HTTP/1 connections and the error pages of both versions."""
    wrap(h1.Http1Client, "send", _frames_bodies)
    wrap(h1.Http1Server, "send", _lingers)
    wrap(h1, "make_error_response", lambda original: error_response)
    wrap(h2.Http2Connection, "_handle_event", _answers)
    wrap(read, "_read_request_line", _reads_addresses)


def error_page(status: int, message: str) -> bytes:
    """In place of mitmproxy's page, which quotes what it could not read."""
    return page(title(status, message), shown(status, message), f"{status} {status_codes.RESPONSES.get(status, '')}")


def error_response(status: int, message: str = "") -> bytes:
    """The same as a whole HTTP/1 response."""
    headers = http.Headers(content_type="text/html; charset=utf-8", cache_control="no-store", connection="close")
    return bytes(http1.assemble_response(http.Response.make(status, error_page(status, message), headers)))


def _reads_addresses(original: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """``http://host?x`` has an empty path (RFC 3986, section 3.3). A user and password before the host are for whoever
    wrote the address: they go no further (RFC 9110, section 4.2.4).
    """

    def read_line(line: bytes) -> Any:
        found = _ADDRESS.match(line)
        if found is None:
            return original(line)
        path = b"/" if line[found.end() : found.end() + 1] == b"?" else b""
        return original(found[1] + found[2] + path + line[found.end() :])

    return read_line


def _answers(original: Step) -> Step:
    """The same in HTTP/2, without the header that names mitmproxy."""

    def handle(self: h2.Http2Connection, event: Any) -> Commands:
        status = event.code.http_status_code() if isinstance(event, ResponseProtocolError) else None
        if status is None or not self.is_open_for_us(event.stream_id):
            yield from original(self, event)
            return
        if self.h2_conn.streams[event.stream_id].state_machine.headers_sent:
            yield from original(self, event)
            return
        headers = [(b":status", b"%d" % status), *_ERROR_HEADERS]
        self.h2_conn.send_headers(event.stream_id, headers)
        self.h2_conn.send_data(event.stream_id, error_page(status, event.message), end_stream=True)
        yield commands.SendData(self.conn, self.h2_conn.data_to_send())

    return handle


def _lingers(original: Step) -> Step:
    def send(self: h1.Http1Server, event: Any) -> Commands:
        status = event.code.http_status_code() if isinstance(event, ResponseProtocolError) else None
        if status is None or self.response is not None or self.state != self.read_body:
            yield from original(self, event)
            return
        yield commands.SendData(self.conn, error_response(status, event.message))
        self.state = functools.partial(_throw_away, self, [LINGER_BYTES])
        yield commands.RequestWakeup(LINGER_SECONDS)

    return send


def _throw_away(server: h1.Http1Server, left: list[int], event: Any) -> Commands:
    """What still comes of an upload that was answered already; *left* is how much of it is waited for."""
    if isinstance(event, events.DataReceived):
        left[0] -= len(server.buf)
        server.buf.maybe_extract_at_most(len(server.buf))
    if not isinstance(event, events.DataReceived) or left[0] < 0:
        server.state = server.done
        yield commands.CloseConnection(server.conn)


def _frames_bodies(original: Step) -> Step:
    def send(self: h1.Http1Client, event: Any) -> Commands:
        if isinstance(event, RequestHeaders) and not event.end_stream and _is_unframed(event.request):
            framed = event.request.copy()
            framed.headers["transfer-encoding"] = "chunked"
            event = RequestHeaders(event.stream_id, framed, event.end_stream)
        yield from original(self, event)

    return send


def _is_unframed(request: http.Request) -> bool:
    return "content-length" not in request.headers and "transfer-encoding" not in request.headers
