"""What a client gets in place of what did not leave.

By policy: an empty success of the wanted type, so that pages do not wait, repeat or throw; a page with
words for documents. By our mistake: 502 with words. All of them without any connection, never stored, and
readable by the page that asked (CORS), for a refused read would be an error in its scripts.
"""

from __future__ import annotations

from typing import Final

from shield.context import Context
from shield.finding import Because, Block, Redirect
from shield.message import Headers, Request, Response
from shield.proxy.words import page

NO_STORE: Final = (b"cache-control", b"no-store")
GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
"""One transparent pixel (GIF89a), 43 bytes as trackers send it."""

BY_TYPE: Final = {
    "script": "script", "style": "style", "image": "gif", "xhr": "xhr", "beacon": "204", "eventsource": "204",
    "document": "page", "frame": "page",
}  # fmt: skip
BY_ACCEPT: Final = (
    (b"text/event-stream", "204"), (b"image/", "gif"), (b"text/css", "style"), (b"javascript", "script"),
    (b"application/json", "json"), (b"text/html", "page"),
)  # fmt: skip
BY_ENDING: Final = {
    b"js": "script", b"mjs": "script", b"css": "style", b"gif": "gif", b"png": "gif", b"jpg": "gif",
    b"jpeg": "gif", b"webp": "gif", b"json": "json", b"html": "page",
}  # fmt: skip


def answer_to(request: Request, context: Context, verdict: Block) -> Response:
    """What the client of a blocked *request* gets."""
    if verdict.because.layer == "mistake":
        return mistake(request, verdict.because.why or "a mistake of ours")
    if is_preflight(request):
        return preflight(request)
    kind = wanted(request, context)
    if kind == "page":
        return _page(request, 403, "Shield blocked this page", _sentence(verdict.because))
    if verdict.answer is None or verdict.answer.kind == "empty":
        return _made(request, kind, b"")
    return _made(request, verdict.answer.kind, verdict.answer.body)


def wanted(request: Request, context: Context | None) -> str:
    """The kind of answer, by type, then Accept, then the path's ending. Never a stand-in for a document."""
    kind = BY_TYPE.get(context.type or "") if context is not None else None
    accept = (request.header(b"accept") or b"").lower()
    if kind is not None:
        return ("json" if b"json" in accept else "204") if kind == "xhr" else kind
    for text, named in BY_ACCEPT:
        if text in accept:
            return named
    return BY_ENDING.get(request.path.rpartition(b".")[2].lower(), "204")


def is_preflight(request: Request) -> bool:
    """A question of the browser's whether a page may send something (Fetch, CORS-preflight)."""
    return request.method == "OPTIONS" and request.header(b"access-control-request-method") is not None


def preflight(request: Request) -> Response:
    """Yes: the request itself is blocked with an answer that the page can read."""
    method = request.header(b"access-control-request-method") or b"GET"
    names = request.header(b"access-control-request-headers")
    allowed: Headers = ((b"access-control-allow-methods", method), (b"access-control-max-age", b"0"))
    if names:
        allowed = (*allowed, (b"access-control-allow-headers", names))
    return Response(204, (NO_STORE, *shared(request), *allowed), b"")


def mistake(request: Request | None, words: str, status: int = 502) -> Response:
    """Something of ours went wrong, and therefore nothing left."""
    kind = wanted(request, None) if request is not None else "page"
    if request is None or kind == "page":
        return _page(request, status, "Shield stopped this request", f"Nothing of it has left. Reason: {words}.")
    text = f"shield stopped this request, nothing of it has left: {words}\n".encode("utf-8", "replace")
    return Response(status, ((b"content-type", b"text/plain; charset=utf-8"), NO_STORE, *shared(request)), text)


def wrong_host(request: Request | None, words: str) -> Response:
    """421: browsers repeat the request on a connection of its own (RFC 9110, section 15.5.20)."""
    return mistake(request, words, 421)


def not_reached(request: Request | None, words: str) -> Response:
    """403 for what only the person may reach."""
    return mistake(request, words, 403)


def redirect(request: Request, verdict: Redirect) -> Response:
    """To where the link would have led. Raises ValueError for what is no web address, or no GET."""
    target = verdict.location.encode("utf-8")
    if request.method != "GET" or not target.lower().startswith((b"http://", b"https://")):
        raise ValueError("a redirect is for GET, to http or https")
    if any(byte <= 0x20 or byte == 0x7F for byte in target):
        raise ValueError("a redirect with spaces or control characters")
    headers = (
        (b"location", target), NO_STORE, (b"referrer-policy", b"no-referrer"), *shared(request),
    )  # fmt: skip
    return Response(302, headers, b"")


def certificate(pem: bytes) -> Response:
    """The CA certificate, for devices that are to trust it."""
    headers = (
        (b"content-type", b"application/x-x509-ca-cert"),
        (b"content-disposition", b'attachment; filename="shield-ca.crt"'),
        NO_STORE,
    )
    return Response(200, headers, pem)


def shared(request: Request) -> Headers:
    """CORS and CORP headers: the page that asked may read the answer."""
    origin = request.header(b"origin")
    corp = ((b"cross-origin-resource-policy", b"cross-origin"),)
    if origin is None:
        return corp
    return (
        (b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"), *corp,
    )  # fmt: skip


def _made(request: Request, kind: str, body: bytes) -> Response:
    """An empty success of *kind*; a rule may state the body."""
    status, content_type, default = _EMPTY.get(kind, _EMPTY["204"])
    common = (NO_STORE, *shared(request))
    if content_type is None:
        return Response(status, common, b"")
    content = b"" if request.method == "HEAD" else body or default
    return Response(status, ((b"content-type", content_type), *common), content)


_EMPTY: Final[dict[str, tuple[int, bytes | None, bytes]]] = {
    "204": (204, None, b""),
    "gif": (200, b"image/gif", GIF),
    "json": (200, b"application/json", b"{}"),
    "script": (200, b"text/javascript; charset=utf-8", b""),
    "style": (200, b"text/css; charset=utf-8", b""),
}


def _sentence(because: Because) -> str:
    """Which rule did it, and why, in its own words."""
    named = " ".join(filter(None, (because.rule, f"({because.where})" if because.where else "")))
    rule = f"the rule {named}" if named else "policy"
    return f"Nothing was sent, because of {rule}" + (f": {because.why}" if because.why else "") + "."


def _page(request: Request | None, status: int, title: str, words: str) -> Response:
    headers: Headers = ((b"content-type", b"text/html; charset=utf-8"), NO_STORE)
    if request is not None:
        headers = (*headers, *shared(request))
    body = page(title, words, "shield explain URL shows every decision")
    return Response(status, headers, b"" if request is not None and request.method == "HEAD" else body)
