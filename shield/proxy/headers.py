"""Header lines that the proxy itself takes off, whatever the rules say; each with its reason."""

from __future__ import annotations

from typing import Final

from mitmproxy import http

from shield.message import Headers

HOP: Final = frozenset({b"proxy-authorization", b"proxy-connection", b"upgrade", b"http2-settings"})
"""Meant for this proxy, or for a protocol that nobody here could read."""
CONDITIONAL: Final = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})
"""An answer to them would be a part, or a 304 that revives a body edited before."""
VALIDATORS: Final = frozenset({
    b"etag", b"last-modified", b"accept-ranges", b"content-md5", b"digest", b"content-digest", b"repr-digest",
    b"cache-control", b"expires", b"age",
})  # fmt: skip
"""No longer true of an edited body, or an invitation to keep it."""
_OF_THE_BODY: Final = frozenset({b"content-length", b"content-encoding", b"transfer-encoding", b"trailer"})
UNREADABLE_CODINGS: Final = frozenset({b"dcb", b"dcz"})
"""Compression against a dictionary that only client and origin have (RFC 9842)."""


def drop_hop_by_hop(request: http.Request) -> None:
    """Take off what is meant for the proxy. An Upgrade stays only if it leads to a WebSocket (RFC 6455)."""
    fields = request.data.headers.fields
    names = {name.lower() for name, _ in fields}
    if not names & HOP:
        return
    gone = HOP
    if b"upgrade" in names and _is_websocket(request):
        gone = HOP - {b"upgrade"}
    kept = tuple((name, value) for name, value in fields if name.lower() not in gone)
    if b"upgrade" in gone and b"upgrade" in names:
        kept = _without_tokens(kept, b"connection", frozenset({b"upgrade", b"http2-settings"}))
    request.data.headers = http.Headers(kept)


def _is_websocket(request: http.Request) -> bool:
    version = request.headers.get("sec-websocket-version", "")
    return bool(request.headers.get("upgrade", "").strip().lower() == "websocket" and version == "13")


def want_whole_answers(request: http.Request) -> None:
    """A response rule names the answer: ask for all of it, in a coding that can be opened."""
    kept = request.data.headers.fields
    if request.method in ("GET", "HEAD"):
        kept = tuple((name, value) for name, value in kept if name.lower() not in CONDITIONAL)
    request.data.headers = http.Headers(_without_tokens(kept, b"accept-encoding", UNREADABLE_CODINGS))


def drop_alternatives(response: http.Response) -> None:
    """Alt-Svc would lead the client around the proxy (QUIC)."""
    fields = response.data.headers.fields
    if any(name.lower() == b"alt-svc" for name, _ in fields):
        response.data.headers = http.Headers(pair for pair in fields if pair[0].lower() != b"alt-svc")


def not_to_be_kept(headers: Headers) -> Headers:
    """Headers of a response whose body was edited."""
    kept = tuple((name, value) for name, value in headers if name.lower() not in VALIDATORS)
    return (*kept, (b"cache-control", b"private, no-store"))


def without(headers: Headers, names: frozenset[bytes]) -> Headers:
    """The lines that have none of these names (lower case)."""
    return tuple(pair for pair in headers if pair[0].lower() not in names)


def of_passing(headers: Headers, http_version: str) -> Headers:
    """Headers of a response that is edited while it passes, to a client that speaks *http_version*.

    Nobody knows its length now: HTTP/1.1 gets chunks, HTTP/1.0 the end of the connection.
    """
    kept = not_to_be_kept(without(headers, _OF_THE_BODY))
    return (*kept, (b"transfer-encoding", b"chunked")) if http_version == "HTTP/1.1" else kept


def joined(headers: Headers, name: bytes) -> bytes:
    """All values of a list header."""
    return b",".join(value for key, value in headers if key.lower() == name)


def _without_tokens(headers: Headers, name: bytes, tokens: frozenset[bytes]) -> Headers:
    """Take members out of a list header; a line without a member left goes as a whole."""
    out: list[tuple[bytes, bytes]] = []
    for key, value in headers:
        if key.lower() != name:
            out.append((key, value))
            continue
        members = value.split(b",")
        kept = [one for one in members if one.partition(b";")[0].strip().lower() not in tokens]
        if len(kept) == len(members):
            out.append((key, value))
        elif kept:
            out.append((key, b",".join(kept).strip()))
    return tuple(out)
