"""Which documents the person opened, as the caller remembers it: the one proof that a tracker is visited.

Headers cannot tell a page from a frame of the same site, so what a page at a tracker's domain asks for counts as the
person's visit only if the address in Referer is, to the letter, that of a document that this client opened there:
with ``Sec-Fetch-Dest: document`` and nobody who led to it, or at a service of another purpose. A document that a
redirect led to is none, though browsers then say ``Sec-Fetch-Site: none``; and they ask for what they made of its
address, which may be spelled otherwise, and again when the page is loaded anew. So a redirect is remembered by its
domain alone, and that tracker is no visit of this client's until others have taken its place here. When the same
address is loaded as a frame, or from another site, nobody can tell the two apart and it is forgotten.

A frame names itself in Referer and Origin, not the page around it. So a domain that was loaded as a frame of another
site is remembered too: on which site the person is when it asks, nobody knows.

Bounded, and no address is kept: keyed digests only. A client is who connects (its address) with one User-Agent.

Source: W3C Fetch Metadata Request Headers, section 2; Referrer Policy (a page's own domain gets the whole address).
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import unicodedata
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from shield.context import Context
from shield.message import Request, Response
from shield.services.domains import host_of, registrable

_MOST: Final = 1024
_DROPPED: Final = re.compile("[\\t\\r\\n]")
_ENDS: Final = "".join(map(chr, range(0x21)))
_SLASHES: Final = re.compile(r"\A(?:(https?:)/*|//+)", re.IGNORECASE)
_FRAMES: Final = (b"iframe", b"frame", b"fencedframe", b"embed", b"object", b"style")
"""What names itself when it asks; a style sheet asks for its images."""
_ITSELF: Final = (b"same-origin", b"same-site")


class Visits:
    """What clients opened, and where redirects lead them.

    Args:
        key: of the digests; secret where the memory outlives a message.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key[:64]
        self._opened: dict[bytes, None] = {}
        self._led: dict[bytes, None] = {}
        self._framed: dict[bytes, None] = {}

    def told(self, request: Request, client: str) -> Request:
        """*request* with ``is_visit`` and ``is_framed`` as they are remembered for *client*."""
        if self._framed and (asking := _asking(request)) and self._digest(request, client, asking) in self._framed:
            request = replace(request, is_framed=True)
        if request.is_visit is not None or not (self._opened or self._led):
            return request
        is_visit: bool | None = None
        if _is_document(request) and self._digest(request, client, registrable(request.host)) in self._led:
            is_visit = False
        elif self._opened and request.header(b"sec-fetch-site") in _ITSELF:
            page = (request.header(b"referer") or b"").decode("latin-1")
            is_visit = True if page and self._digest(request, client, page) in self._opened else None
        return request if is_visit is None else replace(request, is_visit=is_visit)

    def note(self, request: Request, context: Context, client: str) -> None:
        """Remember or forget a document, now that it is known who is asked. Only a known service can be a visit."""
        if request.header(b"sec-fetch-dest") in _FRAMES and request.header(b"sec-fetch-site") == b"cross-site":
            _add(self._framed, self._digest(request, client, context.host_domain))
        if context.service is None or context.by == "shape":
            return
        is_document = _is_document(request)
        if not is_document and not self._opened:
            return
        digest = self._digest(request, client, request.url)
        self._opened.pop(digest, None)
        if is_document and context.party == "first":
            _add(self._opened, digest)

    def redirected(self, request: Request, context: Context, response: Response, client: str) -> None:
        """A document was answered with another address: whoever goes there was led. Not so inside a site visited."""
        location = response.header(b"location") if 300 <= response.status < 400 else None
        if location is None or not _is_document(request):
            return
        domain = _domain_of(location, request)
        if domain and not (domain == context.host_domain and context.party == "first"):
            _add(self._led, self._digest(request, client, domain))

    def _digest(self, request: Request, client: str, url: str) -> bytes:
        agent = request.header(b"user-agent") or b""
        told = b"\n".join((client.encode(), agent, url.partition("#")[0].encode("latin-1", "replace")))
        return hashlib.blake2b(told, digest_size=16, key=self._key).digest()


def remembered(request: Request, told: Request) -> Request:
    """*request* with what :meth:`Visits.told` said of the same message before its body was there."""
    return replace(request, is_visit=told.is_visit, is_framed=told.is_framed)


def _asking(request: Request) -> str | None:
    """The domain of who asks, as Origin or Referer names it."""
    for name in (b"origin", b"referer"):
        host = host_of((request.header(name) or b"").decode("latin-1"))
        if host:
            return registrable(host)
    return None


def _domain_of(location: bytes, request: Request) -> str:
    """The registrable domain that a browser goes to (WHATWG URL, section 4.4); empty where there is none."""
    text = _DROPPED.sub("", location.decode("utf-8", "replace").strip(_ENDS)).replace("\\", "/")
    text = _SLASHES.sub(lambda found: f"{(found[1] or request.scheme + ':').lower()}//", text, count=1)
    there = host_of(text)
    if there is None:  # a path of the same host
        return registrable(request.host)
    host = unicodedata.normalize("NFKC", unquote(there)).lower().rstrip(".")
    with contextlib.suppress(UnicodeError):
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    return registrable(host) if host else ""


def _is_document(request: Request) -> bool:
    return request.header(b"sec-fetch-dest") == b"document"


def _add(kept: dict[bytes, None], digest: bytes) -> None:
    kept.pop(digest, None)
    kept[digest] = None
    while len(kept) > _MOST:
        del kept[next(iter(kept))]
