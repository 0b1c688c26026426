"""Requests that servers could read in two ways, or that no browser writes: refused with 400 and words, in one place.

It looks at what mitmproxy parsed and let through, for opened hosts and for what passes over plain HTTP alike.

Sources: RFC 9112 sections 2.2 (bare CR), 2.3 (version), 3.2 (Host), 5.2 (line folding), 6.1 (Transfer-Encoding); RFC
9110 section 5.5 (field values); RFC 9113 sections 8.1.1 (length), 8.2.1 (fields), 8.3.1 (pseudo-header fields).
"""

from __future__ import annotations

import re
from typing import Final

from mitmproxy import http

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BLANK: Final = re.compile(rb"[\x00-\x20\x7f#]")
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST: Final = re.compile(
    rb"(?:(?:[A-Za-z0-9_.~!$&'()*+,;=%-]|[\x80-\xff]){1,255}|\[[0-9A-Fa-f:.%]+\])(?::[0-9]{0,5})?"
)
_VERSIONS: Final = (b"HTTP/1.0", b"HTTP/1.1")


def fault(flow: http.HTTPFlow) -> str | None:
    """What is wrong with line and headers of a request; None: nothing."""
    data = flow.request.data
    is_http2 = flow.client_conn.alpn == b"h2"
    if not is_http2 and data.http_version not in _VERSIONS:
        return "this version of HTTP is none that is spoken here"
    if not _TOKEN.fullmatch(data.method):
        return "the method is none"
    if _BLANK.search(data.path) or not (data.path.startswith(b"/") or data.path == b"*"):
        return "the target is none"
    return _fault_of_lines(data)


def _fault_of_lines(data: http.RequestData) -> str | None:
    for name, value in data.headers.fields:
        if not _TOKEN.fullmatch(name.removeprefix(b":")):
            return "the name of a header line is none"
        if _CONTROL.search(value):  # a folded line has its line breaks in it
            return "a control character stands in the request, or a header line is folded"
        low = name.lower()
        if low == b"transfer-encoding" and value.strip().lower() != b"chunked":
            return "this transfer coding is not read here"
        if low == b"host" and not _is_host(value):
            return "the host is none"
    return None if not data.authority or _is_host(data.authority) else "the host is none"


def _is_host(value: bytes) -> bool:
    found = _HOST.fullmatch(value.strip())
    port = value.strip().rpartition(b":")[2] if b":" in value.rpartition(b"]")[2] else b""
    return found is not None and (not port or int(port) < 65536)


def fault_of_length(flow: http.HTTPFlow) -> str | None:
    """HTTP/2: a length that is not that of the body, which an HTTP/1 origin would read as the next request's."""
    stated = flow.request.data.headers.get("content-length")
    content = flow.request.data.content
    if flow.client_conn.alpn != b"h2" or stated is None or content is None:
        return None
    return None if stated.isdigit() and int(stated) == len(content) else "the stated length is not that of the body"
