"""Read mitmproxy flow files, as ``mitmdump -w`` and mitmweb write them, for ``shield replay``.

A body that mitmproxy streamed was not kept (``raw_content`` is None): without it nobody can say that the
message would have left unchanged, so the flow is an error and no record.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, BinaryIO

from mitmproxy import exceptions, http
from mitmproxy.io import FlowReader

Json = dict[str, Any]
NOT_RECORDED = "body not recorded"


def forms(stream: BinaryIO) -> Iterator[Json | str]:
    """A record's object (design, section 7) for each HTTP flow, or why there is none.

    Flows of other protocols are passed over. A file that breaks off is one error, at its place.
    """
    try:
        for flow in FlowReader(stream).stream():
            if isinstance(flow, http.HTTPFlow):
                yield _form(flow)
    except (exceptions.FlowReadException, ValueError, TypeError, KeyError, EOFError, OSError):
        yield "the file is cut off or damaged here"


def _form(flow: http.HTTPFlow) -> Json | str:
    request = flow.request
    if request.raw_content is None:
        return NOT_RECORDED
    form: Json = {
        "method": request.method,
        "url": _url(request),
        "headers": _headers(request.headers),
        "body_base64": _base64(request.raw_content),
    }
    if request.http_version.startswith(("HTTP/2", "HTTP/3")):
        form["http_version"] = "HTTP/2.0"
    if flow.response is not None:
        form["response"] = _response(flow.response)
        if flow.response.raw_content is None:
            form["not_recorded"] = ["response.body"]
    if flow.websocket is not None:
        messages = flow.websocket.messages
        form["frames"] = [_frame(message.from_client, message.is_text, message.content) for message in messages]
    return form


def _url(request: http.Request) -> str:
    """The address by its bytes: mitmproxy's own ``url`` decodes and joins."""
    host = request.pretty_host
    host = f"[{host}]" if ":" in host else host
    return f"{request.scheme or 'http'}://{host}:{request.port}{request.path}"


def _headers(headers: http.Headers) -> list[list[str]]:
    pairs = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers.fields]
    return [pair for pair in pairs if not pair[0].startswith(":")]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _response(response: http.Response) -> Json:
    body: Json = {"body": None} if response.raw_content is None else {"body_base64": _base64(response.raw_content)}
    return {"status": response.status_code, "headers": _headers(response.headers), **body}


def _frame(from_client: bool, is_text: bool, content: bytes) -> Json:
    direction = "request" if from_client else "response"
    if is_text:
        return {"direction": direction, "text": content.decode("utf-8", "replace")}
    return {"direction": direction, "base64": _base64(content)}
