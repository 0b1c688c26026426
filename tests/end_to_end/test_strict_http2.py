"""HTTP/2 that would be other requests in HTTP/1: none of it arrives as such (RFC 9113, sections 8.1.1 and 8.3.1)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import h2.config
import h2.connection
import h2.events
import pytest

from tests.end_to_end.origins import Origin

USUAL = {b":method": b"POST", b":scheme": b"https", b":authority": b"HOST", b":path": b"/a"}
HEADS: dict[str, dict[bytes, bytes]] = {
    "blank in the path": {b":path": b"/a HTTP/1.1\r\nX: y"},
    "one blank in the path": {b":path": b"/a b"},
    "tab in the path": {b":path": b"/a\tb"},
    "line end in the path": {b":path": b"/a\r\nX: y"},
    "NUL in the path": {b":path": b"/a\0b"},
    "absolute path": {b":path": b"https://other.example/a"},
    "fragment": {b":path": b"/a#b"},
    "no slash": {b":path": b"a"},
    "empty path": {b":path": b""},
    "blank in the method": {b":method": b"GET /b HTTP/1.1\r\nX:"},
    "one blank in the method": {b":method": b"GE T"},
    "line end in the method": {b":method": b"GET\r\n"},
    "host with a blank": {b":authority": b"shop.example other"},
    "host with a path": {b":authority": b"shop.example/x"},
    "line end in a value": {b"x-a": b"b\r\nX-B: c"},
    "blank in a name": {b"x a": b"b"},
    "colon in a name": {b"x:a": b"b"},
    "another coding": {b"transfer-encoding": b"gzip"},
    "coding": {b"transfer-encoding": b"chunked"},
}
LENGTHS = {
    "a length without a body": (b"5", b""), "shorter than the body": (b"1", b"0123456789"),
    "longer than the body": (b"100", b"0123456789"), "no number": (b"1x", b"0123456789"),
    "with a sign": (b"+10", b"0123456789"), "negative": (b"-1", b"0123456789"),
}  # fmt: skip
HELD, GUARDED, TRACKER = ("shop.example", b"/a"), ("shop.example", b"/checkout/a"), ("tracker.example", b"/c")
Place = tuple[str, bytes]


class Client:
    """One request of a client that checks nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        )
        self.h2.initiate_connection()

    async def ask(self, headers: dict[bytes, bytes], body: bytes) -> str:
        """``200``, ``400``, or ``refused`` where the stream or the connection was ended."""
        self.h2.send_headers(1, list(headers.items()), end_stream=not body)
        if body:
            self.h2.send_data(1, body, end_stream=True)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            self.writer.write(self.h2.data_to_send())
            while data := await asyncio.wait_for(self.reader.read(65536), 3):
                for event in self.h2.receive_data(data):
                    if isinstance(event, h2.events.ResponseReceived):
                        return dict(event.headers)[b":status"].decode()
                    if isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated):
                        return "refused"
                self.writer.write(self.h2.data_to_send())
        return "refused"


async def ask(here: Any, place: Place, changed: dict[bytes, bytes], body: bytes = b"") -> str:
    host, path = place
    reader, writer = await here.tunnel(host, alpn=("h2",))
    headers = {**USUAL, b":path": path, **changed}
    try:
        return await Client(reader, writer).ask(
            {k: v.replace(b"HOST", host.encode()) for k, v in headers.items()}, body
        )
    finally:
        writer.close()


@pytest.mark.parametrize("place", [HELD, GUARDED])
@pytest.mark.parametrize("name", HEADS)
async def test_heads(h1: Origin, run: Any, place: Place, name: str) -> None:
    here = await run(h1)
    assert await ask(here, place, HEADS[name]) in ("400", "refused")
    assert not h1.requests


@pytest.mark.parametrize("place", [HELD, GUARDED, TRACKER])
@pytest.mark.parametrize("name", LENGTHS)
async def test_lengths(h1: Origin, run: Any, place: Place, name: str) -> None:
    """Held or guarded: an HTTP/1 origin never reads the rest as another request."""
    here = await run(h1)
    length, body = LENGTHS[name]
    told = await ask(here, place, {b"content-length": length, b"content-type": b"text/plain"}, body)
    assert told in ("400", "refused"), told
    assert not [one for one in h1.requests if one.complete]


@pytest.mark.parametrize("place", [HELD, GUARDED])
@pytest.mark.parametrize("body", [b"abc", b""])
async def test_what_is_right_arrives(h1: Origin, run: Any, place: Place, body: bytes) -> None:
    here = await run(h1)
    stated = {b"content-length": b"%d" % len(body), b"content-type": b"text/plain"}
    assert await ask(here, place, stated, body) == "200"
    assert [one.body for one in h1.requests] == [body]
