"""HTTP as text, the way people write it down: examples in rule files, and ``shield explain FILE.http``.

A request is ``METHOD URL`` (or ``METHOD TARGET`` with a Host header), header lines, an empty line, the body; a
response begins ``HTTP/1.1 200 OK``. Lines of the head may end with LF or CR LF. The body is UTF-8, without the
one line end that closes the text; ``content-length`` is not needed.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from shield.errors import InputError
from shield.message import Headers, Request, Response

_LINE: Final = re.compile(r"([A-Za-z][A-Za-z-]*) +(\S+)(?: +(HTTP/[0-9.]+))? *")
_STATUS: Final = re.compile(r"HTTP/[0-9.]+ +([1-5][0-9]{2})(?: +(.*))?")
_HEADER: Final = re.compile(r"(:?[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
PORTS: Final = {"http": 80, "https": 443}


def read_request(text: str, *, page: str | None = None, type: str | None = None) -> Request:  # noqa: A002 - the noun's word
    """Read a request.

    Raises:
        InputError: says which line is wrong, and what is expected there.
    """
    first, headers, body = _split(text)
    found = _LINE.fullmatch(first)
    if found is None:
        raise InputError("line 1: 'METHOD URL' is expected", "GET https://shop.example/list?page=2")
    named = dict(reversed([(name.lower(), value) for name, value in headers]))
    scheme, host, port, target = _target(found[2], named.get(b"host", b"").decode("latin-1"))
    return Request(
        method=found[1].upper(), scheme=scheme, host=host, port=port, target=target.encode(),
        headers=headers, body=body, http_version=found[3] or "HTTP/1.1", page=page, type=type,
    )  # fmt: skip


def read_response(text: str) -> Response:
    """Read a response.

    Raises:
        InputError: says which line is wrong, and what is expected there.
    """
    first, headers, body = _split(text)
    found = _STATUS.fullmatch(first)
    if found is None:
        raise InputError("line 1: a status line is expected", "HTTP/1.1 200 OK")
    return Response(int(found[1]), headers, body, reason=(found[2] or "").encode())


def _split(text: str) -> tuple[str, Headers, bytes]:
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    headers = tuple(_header(line, number) for number, line in enumerate(lines, start=2))
    return first.strip(), headers, body.removesuffix("\n").encode()


def _header(line: str, number: int) -> tuple[bytes, bytes]:
    found = _HEADER.fullmatch(line)
    if found is None:
        raise InputError(f"line {number}: 'name: value' is expected", "an empty line divides headers and body")
    return found[1].encode(), found[2].encode()


def _target(url: str, host_header: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and target in origin form."""
    url = url.partition("#")[0]
    if url.startswith("/"):
        url = f"https://{host_header}{url}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        host = host if host is None or host.isascii() else host.encode("idna").decode()
    except ValueError:  # UnicodeError is one
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in PORTS or not host:
        raise InputError("line 1: an address with http or https is expected", "GET https://shop.example/list?page=2")
    authority = url.partition("://")[2]
    start = re.search(r"[/?]", authority)
    target = authority[start.start() :] if start else "/"
    return parts.scheme, host, port or PORTS[parts.scheme], target if target.startswith("/") else "/" + target
