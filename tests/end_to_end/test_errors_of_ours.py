"""What the proxy says where a server cannot be reached: in its own words, in both versions of HTTP."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.end_to_end.origins import Origin


@pytest.mark.parametrize("http2", [False, True])
async def test_a_server_that_is_not_there(http2: bool, h1: Origin, run: Any) -> None:
    """502 with a sentence, no caching, and nothing that names what the proxy is made of."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        h1.port = free.getsockname()[1]
    here = await run(h1)
    async with here.client(http2=http2) as client:
        response = await client.get("https://tracker.example/c?a=1")
    assert response.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    assert response.status_code == 502
    assert "Shield" in response.text
    assert response.headers["cache-control"] == "no-store"
    assert "mitmproxy" not in (response.text + str(response.headers.raw)).lower()


@pytest.mark.parametrize("http2", [False, True])
async def test_a_message_that_is_blocked(http2: bool, h1: Origin, run: Any) -> None:
    here = await run(h1)
    async with here.client(http2=http2) as client:
        response = await client.get("https://tracker.example/blocked/x")
    assert h1.connections == 0
    assert "mitmproxy" not in (response.text + str(response.headers.raw)).lower()
