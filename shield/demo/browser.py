"""The person's browser: sends each step through the proxy exactly as written, and trusts only two authorities."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from shield.demo.result import Reply, Step

SILENT: Final = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that aiohttp would add by itself."""
OWN_HEADERS: Final = frozenset({"host", "content-length", "accept-encoding", "connection"})
"""Headers that an HTTP client adds to what the step states."""
PATIENCE: Final = aiohttp.ClientTimeout(total=10)


class Browser:
    """One client behind the proxy; use as an asynchronous context manager."""

    def __init__(self, proxy_port: int, authorities: Iterable[Path]) -> None:
        self._proxy = URL.build(scheme="http", host="127.0.0.1", port=proxy_port)
        self._context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        for file in authorities:
            self._context.load_verify_locations(file)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, timeout=PATIENCE, skip_auto_headers=SILENT
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, step: Step) -> Reply:
        """Send one step; redirects are not followed.

        A connection that is refused or broken off is a reply with status 0: the demo counts what arrived.
        """
        if self._session is None:
            raise RuntimeError("the browser is not open")
        try:
            async with self._session.request(
                step.method, URL(step.url, encoded=True), headers=CIMultiDict(step.headers), data=step.body or None,
                proxy=self._proxy, ssl=self._context, allow_redirects=False,
            ) as response:  # fmt: skip
                return Reply(response.status, tuple(response.headers.items()), await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            return Reply(0, (), type(error).__name__.encode())
