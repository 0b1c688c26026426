"""Request, Response and Frame: what travels, frozen, byte for byte.

Header names and values are bytes in the order they came. Method, scheme and host are text because rules
compare them; the target is bytes, for it is edited in place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Headers = tuple[tuple[bytes, bytes], ...]

USUAL_HEADERS: Final = (
    "host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "user-agent",
    "accept", "accept-encoding", "accept-language", "origin", "referer", "cookie", "cache-control", "pragma", "dnt",
    "upgrade-insecure-requests", "if-none-match", "if-modified-since", "range", "priority", "x-requested-with",
    "authorization", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user", "sec-ch-ua",
    "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-gpc", "te", "date", "server", "set-cookie", "etag", "expires",
    "last-modified", "vary",
)  # fmt: skip
"""Names in lower case that every other message has: they say nothing about anybody."""


def first_header(headers: Headers, name: bytes) -> bytes | None:
    """Return the value of the first header called *name* (given in lower case), or None."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One HTTP request as the client made it.

    Attributes:
        host: from ``:authority`` or ``Host``: lower case, IDNA, without port and trailing dot.
        target: origin form, ``/path?query``, as in the request line.
        body: None when it is not at hand (streamed, not recorded); b"" when there is none.
        type: what the client wants it for (``vocabulary.TYPES``) when somebody told us; else it is
            read from the headers.
        page: address of the page the person is on, when somebody told us.
        is_visit: what the caller remembers (``services.visits``): True, a page that the person opened asks for it;
            False, a redirect led here; None, nobody knows.
        is_framed: it remembers too that who asks was loaded as a frame of another site, and so names itself only.
    """

    method: str
    scheme: str
    host: str
    port: int
    target: bytes
    headers: Headers = ()
    body: bytes | None = b""
    trailers: Headers = ()
    http_version: str = "HTTP/1.1"
    type: str | None = None
    page: str | None = None
    is_visit: bool | None = None
    is_framed: bool = False

    @property
    def path(self) -> bytes:
        """The target up to the question mark."""
        return self.target.partition(b"?")[0]

    @property
    def origin(self) -> str:
        """Scheme, host, and the port where it is not the scheme's own."""
        usual = {"http": 80, "https": 443}.get(self.scheme)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def url(self) -> str:
        """The absolute address; bytes outside ASCII as Latin-1. For decisions, never for logs."""
        return self.origin + self.target.decode("latin-1")

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header called *name* (lower case)."""
        return first_header(self.headers, name)

    def __repr__(self) -> str:
        size = "?" if self.body is None else len(self.body)
        return f"<Request {self.method} {self.host} target of {len(self.target)} bytes, body of {size}>"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One HTTP response as the origin made it. *body* as in Request."""

    status: int
    headers: Headers = ()
    body: bytes | None = b""
    trailers: Headers = ()
    reason: bytes = b""

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header called *name* (lower case)."""
        return first_header(self.headers, name)

    def __repr__(self) -> str:
        size = "?" if self.body is None else len(self.body)
        return f"<Response {self.status} body of {size} bytes>"


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket message. ``request`` is client to server, ``response`` the way back."""

    direction: Literal["request", "response"]
    content: bytes = field(repr=False)
    is_text: bool
