"""What the client wants a message for: ``Context.type``. None where nothing tells.

Read from what somebody told us (a recording, the proxy), then Sec-Fetch-Dest and Sec-Fetch-Mode (Fetch
Metadata, W3C), Upgrade, Content-Type, X-Requested-With, Accept, and last the ending of the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shield.message import Request
from shield.vocabulary import TYPES

Hints = Mapping[bytes, bytes]
"""Header values by lower-case name, the first of each; only those that tell something."""

_TOLD: Final = {name: name for name in TYPES} | {
    "fetch": "xhr", "xmlhttprequest": "xhr", "json": "xhr", "preflight": "xhr",
    "stylesheet": "style", "css": "style", "js": "script", "main_frame": "document", "html": "document",
    "sub_frame": "frame", "subdocument": "frame", "iframe": "frame", "imageset": "image", "ping": "beacon",
    "cspviolationreport": "report", "csp_report": "report", "texttrack": "media", "video": "media",
    "audio": "media", "serviceworker": "worker", "sharedworker": "worker",
}  # fmt: skip
_DEST: Final = {
    b"document": "document", b"iframe": "frame", b"frame": "frame", b"fencedframe": "frame",
    b"script": "script", b"style": "style", b"xslt": "style", b"image": "image", b"font": "font",
    b"audio": "media", b"video": "media", b"track": "media", b"manifest": "manifest", b"object": "object",
    b"embed": "object", b"report": "report", b"worker": "worker", b"sharedworker": "worker",
    b"serviceworker": "worker", b"audioworklet": "worker", b"paintworklet": "worker",
    b"websocket": "websocket", b"json": "xhr", b"webidentity": "xhr",
}  # fmt: skip
_ENDING: Final = {
    "js": "script", "mjs": "script", "css": "style", "png": "image", "jpg": "image", "jpeg": "image",
    "gif": "image", "webp": "image", "avif": "image", "svg": "image", "ico": "image", "woff": "font",
    "woff2": "font", "ttf": "font", "otf": "font", "mp4": "media", "webm": "media", "mp3": "media",
    "m4s": "media", "ts": "media", "m3u8": "media", "html": "document", "htm": "document",
    "webmanifest": "manifest",
}  # fmt: skip
_REPORTS: Final = (b"application/reports+json", b"application/csp-report")


def kind(request: Request, hints: Hints) -> str | None:
    """One of ``vocabulary.TYPES``, or None. A guess, good enough for the form of an answer."""
    known = stated(request, hints)
    if known is not None:
        return known
    if b"sec-fetch-dest" in hints:
        return _of_empty(request, hints)
    return _by_headers(request, hints) or _by_path(request.path)


def stated(request: Request, hints: Hints) -> str | None:
    """What a recording or the browser itself says (Sec-Fetch-Dest, which no page can set); None if nobody does."""
    told = _TOLD.get(request.type.lower()) if request.type else None
    return told or _DEST.get(hints.get(b"sec-fetch-dest", b""))


def _of_empty(request: Request, hints: Hints) -> str:
    """``Sec-Fetch-Dest: empty`` is everything that a script asks for itself."""
    mode = hints.get(b"sec-fetch-mode", b"")
    if mode == b"websocket":
        return "websocket"
    content = hints.get(b"content-type", b"").lower()
    if content.startswith(_REPORTS):
        return "report"
    # sendBeacon and <a ping> cannot read an answer: no-cors. A fetch that says no-cors cannot either.
    if content.startswith(b"text/ping") or (mode == b"no-cors" and request.method == "POST"):
        return "beacon"
    return "eventsource" if hints.get(b"accept", b"").startswith(b"text/event-stream") else "xhr"


def _by_headers(request: Request, hints: Hints) -> str | None:
    if hints.get(b"upgrade", b"").lower() == b"websocket":
        return "websocket"
    content = hints.get(b"content-type", b"").lower()
    if content.startswith(b"text/ping"):
        return "beacon"
    if content.startswith(_REPORTS):
        return "report"
    if b"x-requested-with" in hints:
        return "xhr"
    return _by_accept(hints.get(b"accept", b"").lower()) or ("xhr" if b"json" in content else None)


def _by_accept(accept: bytes) -> str | None:
    if accept.startswith((b"text/html", b"application/xhtml+xml")):
        return "document"
    if accept.startswith(b"text/event-stream"):
        return "eventsource"
    if accept.startswith(b"image/"):
        return "image"
    if accept.startswith(b"text/css"):
        return "style"
    return "xhr" if b"json" in accept.partition(b",")[0] else None


def _by_path(path: bytes) -> str | None:
    name, dot, ending = path.rpartition(b"/")[2].rpartition(b".")
    return _ENDING.get(ending.decode("latin-1").lower()) if dot and name else None
