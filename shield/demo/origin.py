"""A local origin that plays Google, Facebook, Amazon and a shop, and keeps what it received.

Replies as the companies give them (wire facts, section 9), each with something that Shield should keep from
the browser: a cookie of a tracker, a wish for exact client hints.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from shield.demo.result import Arrival

GIF: Final = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"  # noqa: E501
ASKS: Final = {
    "accept-ch": "sec-ch-ua-model, device-memory",
    "critical-ch": "sec-ch-ua-model",
    "alt-svc": 'h3=":443"; ma=86400',
}


def _page() -> web.Response:
    return web.Response(text="<!doctype html><title>demo</title><p>demo", content_type="text/html", headers=ASKS)


def _collected() -> web.Response:
    headers = {"set-cookie": "IDE=AHWqTUm; Domain=.google-analytics.com; Secure; SameSite=None"}
    return web.Response(status=204, headers=headers)


def _pixel() -> web.Response:
    return web.Response(body=GIF, content_type="image/gif", headers={"set-cookie": "fr=0abc; Domain=.facebook.com"})


def _suggestions() -> web.Response:
    return web.json_response({"alias": "aps", "prefix": "te", "suggestions": [{"value": "tea", "type": "KEYWORD"}]})


def _signed_in() -> web.Response:
    cookies = {"location": "/", "set-cookie": "session-id=130-0000000-0000000; Secure"}
    return web.Response(status=302, headers=cookies)


REPLIES: Final[tuple[tuple[str, Callable[[], web.Response]], ...]] = (
    ("/g/collect", _collected),
    ("/tr", _pixel),
    ("/api/2017/suggestions", _suggestions),
    ("/ap/signin", _signed_in),
    ("/v3/signin", _signed_in),
    ("/1/", lambda: web.Response(body=GIF, content_type="image/gif")),
    ("/iu3", lambda: web.Response(body=GIF, content_type="image/gif", headers={"set-cookie": "ad-id=A0"})),
)
"""The beginning of a path and the reply to it; everything else is a page."""


class Origin:
    """The origin on a free port of 127.0.0.1; use as an asynchronous context manager.

    Attributes:
        arrivals: every message, in order.
        connections: the host name of every TLS connection, in order.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.arrivals: list[Arrival] = []
        self.connections: list[str] = []
        self.port = 0
        self._context = context
        context.sni_callback = self._note_connection
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), shutdown_timeout=0.5)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def _note_connection(self, _: object, name: str | None, __: object) -> None:
        self.connections.append(name or "")

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.arrivals.append(
            Arrival(
                request.host.partition(":")[0].lower(),
                request.method,
                request.raw_path.encode("utf-8", "surrogateescape"),
                tuple(request.raw_headers),
                body,
            )
        )
        path = request.raw_path
        return next((reply() for start, reply in REPLIES if path.startswith(start)), None) or _page()
