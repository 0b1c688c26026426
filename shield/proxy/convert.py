"""Flows to messages and back, byte for byte.

mitmproxy's convenient setters (``content``, ``text``, ``query``, ``headers[...]``) rewrite framing and bytes
that nobody asked to change. Only the ``data`` below them is touched here: path, header fields, content.
"""

from __future__ import annotations

import time

from mitmproxy import http
from mitmproxy.net.http import status_codes
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from shield.errors import Unwritable
from shield.message import Frame, Headers, Request, Response


def request_of(message: http.Request, host: str, *, body: bool = True) -> Request:
    """The request as the client made it; *host* as ``hosts.of`` found it.

    Without *body* the field is None: the body is not at hand.
    """
    data = message.data
    return Request(
        method=data.method.decode("latin-1"),
        scheme=data.scheme.decode("latin-1"),
        host=host,
        port=data.port,
        target=data.path,
        headers=data.headers.fields,
        body=(data.content or b"") if body else None,
        trailers=data.trailers.fields if data.trailers else (),
        http_version=data.http_version.decode("latin-1"),
    )


def write_request(message: http.Request, request: Request) -> None:
    """Put an edited *request* in place of what came.

    Raises:
        Unwritable: the length that the headers state is not the body's.
    """
    data = message.data
    if request.body is not None:
        check_length(request.headers, request.body)
        data.content = request.body
    data.path = request.target
    data.headers = http.Headers(request.headers)
    data.trailers = http.Headers(request.trailers) if request.trailers else None


def response_of(message: http.Response, *, body: bool = True) -> Response:
    """The response as the origin made it."""
    data = message.data
    return Response(
        status=data.status_code,
        headers=data.headers.fields,
        body=(data.content or b"") if body else None,
        trailers=data.trailers.fields if data.trailers else (),
        reason=data.reason,
    )


def write_response(message: http.Response, response: Response) -> None:
    """Put an edited *response* in place of what came; raises like ``write_request``."""
    data = message.data
    if response.body is not None:
        check_length(response.headers, response.body)
        data.content = response.body
    data.headers = http.Headers(response.headers)
    data.trailers = http.Headers(response.trailers) if response.trailers else None


def new_response(response: Response) -> http.Response:
    """A response of our own, with its length."""
    now = time.time()
    body = response.body or b""
    fields = (*response.headers, (b"content-length", b"%d" % len(body)))
    if response.status == 204:
        fields = response.headers
    reason = response.reason or status_codes.RESPONSES.get(response.status, "").encode("latin-1")
    return http.Response(b"HTTP/1.1", response.status, reason, http.Headers(fields), body, None, now, now)


def frame_of(message: WebSocketMessage) -> Frame:
    """One WebSocket message."""
    return Frame("request" if message.from_client else "response", message.content, message.type == Opcode.TEXT)


def check_length(headers: Headers, body: bytes) -> None:
    """A length that is not the body's would make its end, or its rest, the start of the next message."""
    for name, value in headers:
        if name.lower() == b"content-length" and value.strip() != b"%d" % len(body):
            raise Unwritable(f"content-length is not that of the edited body ({len(body)} bytes)")
