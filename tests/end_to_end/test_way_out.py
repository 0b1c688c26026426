"""What leaves, as it leaves: unchanged without an edit, edited with its framing right, or not at all."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.end_to_end.origins import Origin

BOTH = pytest.mark.parametrize("origin", ["h1", "h2"], indirect=True)


def wants_http2(origin: Origin, request: pytest.FixtureRequest) -> bool:
    return "h2" in request.fixturenames


@BOTH
async def test_a_message_that_no_rule_concerns_leaves_as_it_came(origin: Origin, run: Any, request: Any) -> None:
    """Method, target, header values in order, and body."""
    here = await run(origin)
    is_h2 = request.node.callspec.params["origin"] == "h2"
    async with here.client(http2=is_h2) as client:
        response = await client.put(
            "https://shop.example/a/b?x=1&&y=%7e&empty=",
            headers=[("X-B", "2"), ("x-a", "1"), ("X-B", "3")], content=b'{ "a" : 1.10 }',
        )  # fmt: skip
    assert (response.status_code, response.text) == (200, "ok")
    arrived = await origin.settled()
    assert arrived.target == b"/a/b?x=1&&y=%7e&empty="
    assert arrived.body == b'{ "a" : 1.10 }'
    own = [(name.lower(), value) for name, value in arrived.headers if name.lower().startswith(b"x-")]
    assert own == [(b"x-b", b"2"), (b"x-a", b"1"), (b"x-b", b"3")]


@BOTH
async def test_an_edit_leaves_with_its_framing_right(origin: Origin, run: Any, request: Any) -> None:
    """A longer body has its own length, and nothing of it is the start of a next request."""
    here = await run(origin)
    is_h2 = request.node.callspec.params["origin"] == "h2"
    body = json.dumps({"cid": "1234567890.1700000000", "email": "anna@real.example", "n": 1})
    async with here.client(http2=is_h2) as client:
        for _ in range(2):
            response = await client.post(
                "https://tracker.example/collect?cid=1234567890.1700000000", content=body,
                headers={"content-type": "application/json"},
            )  # fmt: skip
            assert response.status_code == 200, response.text
    for number in range(2):
        arrived = await origin.settled(number)
        assert arrived.header(b"content-length") == b"%d" % len(arrived.body)
        sent = json.loads(arrived.body)
        assert sent["n"] == 1
        assert "1234567890" not in arrived.body.decode() + arrived.target.decode()
        assert b"anna@real.example" not in arrived.body
    assert len(origin.requests) == 2
    assert origin.requests[0].body == origin.requests[1].body


@BOTH
async def test_a_blocked_request_opens_no_connection(origin: Origin, run: Any, request: Any) -> None:
    """Not to the origin, and nobody looks its name up (conftest: only_loopback)."""
    here = await run(origin)
    async with here.client(http2=request.node.callspec.params["origin"] == "h2") as client:
        response = await client.get("https://tracker.example/blocked/pixel.gif", headers={"accept": "image/*"})
    assert (response.status_code, response.headers["content-type"]) == (200, "image/gif")
    assert response.headers["cache-control"] == "no-store"
    assert (origin.connections, bytes(origin.received)) == (0, b"")


async def test_an_http2_body_without_length_is_framed_for_an_http1_origin(h1: Origin, run: Any) -> None:
    """Else it would be read as the next request."""
    here = await run(h1)

    async def chunks() -> Any:
        yield b"GET /smuggled HTTP/1.1\r\n"
        yield b"Host: x\r\n\r\n"

    async with here.client(http2=True) as client:
        response = await client.post("https://shop.example/up", content=chunks())
        assert response.status_code == 200, response.text
        assert response.http_version == "HTTP/2"
    arrived = await h1.settled()
    assert arrived.body == b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    assert len(h1.requests) == 1


async def test_http2_connections_are_used_again_only_with_a_verdict(h2: Origin, run: Any) -> None:
    """One connection, many requests; a blocked one in between sends nothing on it."""
    here = await run(h2)
    async with here.client(http2=True) as client:
        assert (await client.get("https://tracker.example/one")).text == "ok"
        before = len(h2.received)
        assert (await client.get("https://tracker.example/blocked/x")).status_code == 204
        await asyncio.sleep(0.05)
        assert len(h2.received) == before
        assert (await client.get("https://tracker.example/two")).text == "ok"
    assert [one.target for one in h2.requests] == [b"/one", b"/two"]
    assert h2.connections == 1


async def test_what_is_meant_for_the_proxy_never_leaves(plain: Origin, run: Any) -> None:
    """Proxy-Authorization and Proxy-Connection, over plain HTTP, opened or not."""
    here = await run(plain)
    for host in ("shop.example", "other.example"):
        reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
        writer.write(
            f"GET http://{host}/x HTTP/1.1\r\nHost: {host}\r\nProxy-Authorization: Basic YW5uYQ==\r\n"
            "Proxy-Connection: keep-alive\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await asyncio.wait_for(reader.read(), 5)
        assert b" 200 " in answer.split(b"\r\n")[0]
        writer.close()
    assert len(plain.requests) == 2
    assert b"proxy-" not in bytes(plain.received).lower()


async def test_an_http1_connection_is_used_again_after_a_block(h1: Origin, run: Any) -> None:
    """A blocked request costs neither the client's connection nor the origin's."""
    here = await run(h1)
    async with here.client() as client:
        for path in ("/one", "/blocked/x", "/two"):
            assert (await client.get(f"https://tracker.example{path}")).status_code in (200, 204)
    assert [one.target for one in h1.requests] == [b"/one", b"/two"]
    assert (h1.connections, here.proxy.counters["blocked"]) == (1, 1)
