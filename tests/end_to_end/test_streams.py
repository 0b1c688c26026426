"""Bodies that are not held: large uploads, blocked ones, responses that never end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from shield.engine import Engine
from shield.proxy import streaming
from tests.end_to_end.origins import Origin

FACT = b" anna@real.example "
FILL = b"0123456789abcdef" * 4096  # 64 KB


def body(*, before: int, after: int = 0, fact: bytes = FACT, chunk: int = 50_000) -> Any:
    """An upload without length: filling, the fact cut in two, filling."""

    async def chunks() -> Any:
        left = before
        while left > 0:
            yield FILL[: min(chunk, left)]
            left -= min(chunk, left)
        yield fact[:7]
        yield fact[7:]
        left = after
        while left > 0:
            yield FILL[: min(chunk, left)]
            left -= min(chunk, left)

    return chunks()


@pytest.mark.parametrize(("origin", "client_http2"), [("h1", False), ("h1", True), ("h2", True)], indirect=["origin"])
@pytest.mark.parametrize("stated", [True, False])
async def test_an_upload_stops_at_the_first_known_fact(
    origin: Origin, stated: bool, client_http2: bool, run: Any
) -> None:
    """413 with words for the client; the origin sees a body without an end, and not the fact."""
    here = await run(origin)
    headers = {"content-type": "application/octet-stream", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
    headers |= {"sec-fetch-dest": "empty", "origin": "https://other.example"}
    if stated:
        headers["content-length"] = str(1_500_000 + len(FACT) + 700_000)
    async with here.client(http2=client_http2) as client:
        response = await client.post(
            "https://shop.example/up", content=body(before=1_500_000, after=700_000), headers=headers
        )
    assert response.status_code == 413, response.text
    assert "upload was stopped" in response.text
    arrived = await origin.settled()
    assert not arrived.complete
    assert b"anna" not in bytes(origin.received)
    assert len(origin.requests) == 1


async def test_a_large_upload_that_holds_nothing_arrives_whole(h2: Origin, run: Any) -> None:
    """Byte for byte, also what was held back to the end."""
    here = await run(h2)
    async with here.client(http2=True) as client:
        response = await client.post("https://shop.example/up", content=body(before=3_000_000, fact=b"x" * 20))
    assert response.status_code == 200, response.text
    arrived = await h2.settled()
    assert len(arrived.body) == 3_000_020
    assert arrived.body.endswith(b"x" * 20)
    assert here.proxy.counters["streamed"] == 1


@pytest.mark.parametrize("length", [streaming.BUDGET_BYTES - 1, streaming.BUDGET_BYTES, streaming.BUDGET_BYTES + 1])
async def test_around_the_budget(length: int, h1: Origin, run: Any) -> None:
    """Held or streamed, the same bytes arrive."""
    here = await run(h1)
    content = (FILL * 20)[:length]
    async with here.client() as client:
        response = await client.post("https://shop.example/up", content=content)
    assert response.status_code == 200, response.text
    assert (await h1.settled()).body == content
    assert here.proxy.counters["streamed"] == (length > streaming.BUDGET_BYTES)


@pytest.mark.parametrize("answer", ["allow", "block"])
async def test_a_first_party_asks_about_a_fact_in_a_stream(answer: str, h1: Origin, run: Any) -> None:
    """The stream waits; without permission it stops."""
    here = await run(h1)
    here.keeper.questions.default = answer
    headers = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors"}
    headers |= {"origin": "https://shop.example", "content-type": "application/octet-stream"}
    async with here.client() as client:
        response = await client.post(
            "https://shop.example/up", content=body(before=1_500_000, after=100_000), headers=headers
        )
    assert response.status_code == (200 if answer == "allow" else 413), response.text
    arrived = await h1.settled()
    assert arrived.complete == (answer == "allow")
    assert (FACT in arrived.body) == (answer == "allow")
    assert [one.category for one in here.keeper.questions.asked] == ["email"]


async def test_a_broken_search_stops_the_upload(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the middle of a stream."""
    here = await run(h1)
    real = Engine.fragment
    calls = 0

    def fragment(self: Engine, *args: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 25:
            raise RuntimeError("broken on purpose")
        return real(self, *args, **more)

    monkeypatch.setattr(Engine, "fragment", fragment)
    async with here.client() as client:
        response = await client.post("https://shop.example/up", content=body(before=4_000_000, fact=b""))
    assert response.status_code == 413
    assert "a mistake of ours" in response.text
    arrived = await h1.settled()
    assert not arrived.complete


@pytest.mark.parametrize("client_http2", [True, False])
async def test_a_blocked_upload_is_drained(client_http2: bool, h1: Origin, run: Any) -> None:
    """Its answer comes when the client has said everything; nothing is kept, nothing is sent."""
    here = await run(h1)
    async with here.client(http2=client_http2) as client:
        response = await client.post("https://tracker.example/blocked/up", content=body(before=3_000_000))
        assert response.status_code == 204, response.text
        again = await client.get("https://tracker.example/fine")
        assert again.status_code == 200
    assert [one.target for one in h1.requests] == [b"/fine"]


async def test_a_blocked_upload_beyond_the_limit_is_reset(
    h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for 16 MB of what does not leave."""
    monkeypatch.setattr(streaming, "DRAIN_BYTES", 500_000)
    here = await run(h1)
    async with here.client(http2=True) as client:
        response = await client.post("https://tracker.example/blocked/up", content=body(before=3_000_000))
    assert response.status_code == 413
    assert h1.connections == 0


async def test_a_body_that_outgrows_the_budget_is_judged_by_its_beginning(h1: Origin, run: Any) -> None:
    """Towards a tracker the share table blocks what cannot be read."""
    here = await run(h1)
    async with here.client(http2=True) as client:
        response = await client.post("https://tracker.example/up", content=body(before=2_000_000))
    assert response.status_code in (200, 204)
    assert response.text != "ok"
    assert h1.connections == 0


async def test_headers_are_edited_while_the_body_streams(h2: Origin, run: Any) -> None:
    """The query of a large upload is edited like any other."""
    here = await run(h2)
    headers = {"content-type": "application/octet-stream"}
    async with here.client(http2=True) as client:
        response = await client.post(
            "https://shop.example/up?cid=1234567890.1700000000", content=body(before=2_000_000, fact=b""),
            headers=headers,
        )  # fmt: skip
    assert response.status_code == 200, response.text
    assert len((await h2.settled()).body) == 2_000_000


async def test_events_arrive_as_they_are_sent(h1: Origin, run: Any) -> None:
    """Not held until the end, also where a response rule names the path."""
    here = await run(h1)
    for host in ("shop.example", "tracker.example"):
        h1.frames.clear()
        async with here.client() as client, client.stream("GET", f"https://{host}/events") as response:
            async for line in response.aiter_lines():
                assert line == "data: 0"
                assert h1.frames == []  # the origin has not said everything yet
                break


async def test_a_response_that_a_rule_names_is_edited(h1: Origin, run: Any) -> None:
    """And must not be kept, nor asked for in part."""
    reply = json.dumps({"id": "1234567890", "n": 1}).encode()
    h1.replies[b"/rewrite"] = (
        200, [(b"content-type", b"application/json"), (b"etag", b'"a"'), (b"accept-ranges", b"bytes")], reply,
    )  # fmt: skip
    here = await run(h1)
    async with here.client() as client:
        response = await client.get(
            "https://tracker.example/rewrite",
            headers={"range": "bytes=0-5", "if-none-match": '"a"', "accept-encoding": "gzip, dcb, br"},
        )
    assert response.json() == {"n": 1}
    assert response.headers["content-length"] == str(len(response.content))
    assert "etag" not in response.headers
    assert "no-store" in response.headers["cache-control"]
    arrived = await h1.settled()
    assert arrived.header(b"range") is None
    assert arrived.header(b"if-none-match") is None
    assert arrived.header(b"accept-encoding") == b"gzip, br"


async def test_a_set_cookie_line_is_edited_while_the_body_streams(h1: Origin, run: Any) -> None:
    """Only headers are named, so the body is not held."""
    cookies = [(b"set-cookie", b"uid=1; Path=/"), (b"set-cookie", b"other=2")]
    h1.replies[b"/ad"] = (200, [*cookies, (b"etag", b'"a"')], b"x")
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://ads.example/ad")
    assert response.headers.get_list("set-cookie") == ["other=2"]
    assert response.headers["etag"] == '"a"'


async def test_alt_svc_never_arrives(h1: Origin, run: Any) -> None:
    """It would lead the client around the proxy."""
    h1.replies[b"/"] = (200, [(b"alt-svc", b'h3=":443"'), (b"x-other", b"1")], b"ok")
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://shop.example/")
    assert "alt-svc" not in response.headers
    assert response.headers["x-other"] == "1"


async def http1_post(here: Any, body: bytes, trailers: bytes, *, site: str = "cross-site") -> bytes:
    """The status of a chunked POST with trailers, which no ordinary client sends."""
    reader, writer = await here.tunnel("shop.example")
    fetch = f"sec-fetch-site: {site}\r\nsec-fetch-dest: empty\r\norigin: https://other.example\r\n".encode()
    writer.write(b"POST /up HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n" + fetch + b"\r\n")
    for start in range(0, len(body), 50_000):
        part = body[start : start + 50_000]
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
    writer.write(b"0\r\n" + trailers + b"\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 10)
    writer.close()
    return head.split(b" ")[1]


@pytest.mark.parametrize("size", [100, 1_500_000])
async def test_http1_trailers_pass(size: int, h1: Origin, run: Any) -> None:
    """Behind a held body, and behind a streamed one; not those that would speak of framing."""
    here = await run(h1)
    trailers = b"X-Sum: 12\r\nContent-Length: 3\r\nHost: other.example\r\n"
    assert await http1_post(here, (FILL * 30)[:size], trailers) == b"200"
    arrived = await h1.settled()
    assert len(arrived.body) == size
    await asyncio.sleep(0.05)
    assert bytes(h1.received).endswith(b"\r\n0\r\nX-Sum: 12\r\n\r\n")


@pytest.mark.parametrize("size", [100, 1_500_000])
async def test_http1_trailers_are_searched(size: int, h1: Origin, run: Any) -> None:
    """A fact behind the body is edited, or stops it."""
    here = await run(h1)
    status = await http1_post(here, (FILL * 30)[:size], b"X-Who: anna@real.example\r\n")
    await asyncio.sleep(0.05)
    assert b"anna" not in bytes(h1.received)
    assert status == (b"413" if size > 1_000_000 else b"200")


async def test_trailers_without_an_end(h1: Origin, run: Any) -> None:
    """They fill no memory."""
    here = await run(h1)
    reader, writer = await here.tunnel("shop.example")
    writer.write(b"POST /up HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    writer.write(b"x: " + b"y" * 200_000)
    assert await asyncio.wait_for(reader.read(), 5) is not None
    assert h1.connections == 0


async def test_http2_trailers_arrive_at_http1(h1: Origin, run: Any) -> None:
    """mitmproxy would fail an assertion."""
    here = await run(h1)
    assert await http2_post(here, [FILL[:50_000]] * 25, [(b"x-sum", b"12")]) == b"200"
    await asyncio.sleep(0.05)
    assert b"0\r\nx-sum: 12\r\n\r\n" in bytes(h1.received)


async def answered(here: Any, host: str, target: str) -> bytes:
    """All bytes of an answer over HTTP/1.1, its chunks and trailers too."""
    reader, writer = await here.tunnel(host)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n"), 5)
    answer += await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    while not answer.endswith(b"\r\n\r\n"):
        answer += await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    writer.write(f"GET /after HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)  # the connection is in step
    writer.close()
    return answer


async def test_trailers_of_a_response(h1: Origin, run: Any) -> None:
    """They stand behind the last chunk; not those that would speak of something else."""
    here = await run(h1)
    assert (await answered(here, "shop.example", "/trailers")).endswith(b"0\r\nX-T: 1\r\nDigest: x\r\n\r\n")


async def test_trailers_of_an_edited_response(h1: Origin, run: Any) -> None:
    """What they say of its bytes is not true any more."""
    here = await run(h1)
    answer = await answered(here, "tracker.example", "/trailers/rewrite")
    assert b'"n": 1' in answer
    assert b"7777" not in answer
    assert answer.endswith(b"0\r\nX-T: 1\r\n\r\n")


async def test_trailers_of_a_response_at_an_http2_client(h1: Origin, run: Any) -> None:
    """In lower case."""
    import h2.events

    here = await run(h1)
    reader, writer, conn = await http2_get(here, b"/trailers")
    names: list[bytes] = []
    async with asyncio.timeout(5):
        while not names:
            for event in conn.receive_data(await reader.read(65536)):
                if isinstance(event, h2.events.TrailersReceived):
                    names = [name for name, _ in event.headers]
    assert names == [b"x-t", b"digest"]
    writer.close()


async def http2_get(here: Any, target: bytes) -> Any:
    """A GET over HTTP/2 that was sent."""
    import h2.connection

    reader, writer = await here.tunnel("shop.example", alpn=("h2",))
    conn = h2.connection.H2Connection()
    conn.initiate_connection()
    head = [(b":method", b"GET"), (b":scheme", b"https"), (b":path", target), (b":authority", b"shop.example")]
    conn.send_headers(1, head, end_stream=True)
    writer.write(conn.data_to_send())
    return reader, writer, conn


async def http2_post(here: Any, parts: list[bytes], trailers: list[tuple[bytes, bytes]]) -> bytes:
    """The status of a POST with trailers, which no ordinary client sends."""
    import h2.connection
    import h2.events

    reader, writer = await here.tunnel("shop.example", alpn=("h2",))
    conn = h2.connection.H2Connection()
    conn.initiate_connection()
    head = [(b":method", b"POST"), (b":scheme", b"https"), (b":path", b"/up"), (b":authority", b"shop.example")]
    site = [(b"sec-fetch-site", b"cross-site"), (b"sec-fetch-dest", b"empty"), (b"origin", b"https://other.example")]
    conn.send_headers(1, [*head, *site, (b"content-type", b"application/octet-stream")])
    writer.write(conn.data_to_send())
    status = b""
    pending = list(parts)

    async with asyncio.timeout(10):
        while not status:
            while pending and conn.local_flow_control_window(1) >= len(pending[0]):
                part = pending.pop(0)
                for start in range(0, len(part), conn.max_outbound_frame_size):
                    conn.send_data(1, part[start : start + conn.max_outbound_frame_size])
                if not pending:
                    conn.send_headers(1, trailers, end_stream=True)
            writer.write(conn.data_to_send())
            for event in conn.receive_data(await reader.read(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
    writer.close()
    return status


@pytest.mark.parametrize("size", [1, 25])
@pytest.mark.parametrize("value", [b"plain", b"anna@real.example"])
async def test_http2_trailers_are_searched_too(size: int, value: bytes, h2: Origin, run: Any) -> None:
    """Behind a held body, and behind a streamed one."""
    here = await run(h2)
    status = await http2_post(here, [FILL[:50_000]] * size, [(b"x-who", value)])
    await asyncio.sleep(0.05)
    assert b"anna" not in bytes(h2.received)
    if value == b"plain":
        assert status == b"200"
        assert h2.requests[0].header(b"x-who") == b"plain"
    elif size == 25:
        assert status == b"413"
        assert not (await h2.settled()).complete
    else:
        assert all(one.header(b"x-who") != value for one in h2.requests)
