"""Requests that could be read in two ways get 400 and words; nothing of them arrives."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.end_to_end.origins import Origin

HEAD = b"GET http://HOST/a HTTP/1.1\r\nHost: HOST\r\n"
REFUSED = {
    "bare CR": HEAD + b"X: a\rb\r\n\r\n", "NUL": HEAD + b"X: a\0b\r\n\r\n", "control": HEAD + b"X: a\x01b\r\n\r\n",
    "DEL": HEAD + b"X: a\x7fb\r\n\r\n", "obs-fold": HEAD + b"X: a\r\n b\r\n\r\n",
    "obs-fold, tab": HEAD + b"X: a\r\n\tb\r\n\r\n",
    "control in the target": HEAD.replace(b"/a", b"/a\x01b") + b"\r\n",
    "fragment": HEAD.replace(b"/a", b"/a#b") + b"\r\n",
    "HTTP/1.2": HEAD.replace(b"1.1", b"1.2") + b"\r\n", "HTTP/2.0": HEAD.replace(b"1.1", b"2.0") + b"\r\n",
    "HTTP/0.9": HEAD.replace(b"1.1", b"0.9") + b"\r\n", "no host": HEAD.replace(b"Host: HOST", b"Host: ") + b"\r\n",
    "host with blank": HEAD.replace(b"Host: HOST", b"Host: shop example") + b"\r\n",
    "host with path": HEAD.replace(b"Host: HOST", b"Host: HOST/x") + b"\r\n",
    "port": HEAD.replace(b"HOST", b"HOST:99999") + b"\r\n",
    "coding": HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two codings": HEAD.replace(b"GET", b"POST") + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "coding and length": HEAD.replace(b"GET", b"POST")
    + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD.replace(b"GET", b"POST") + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "length with sign": HEAD.replace(b"GET", b"POST") + b"Content-Length: +1\r\n\r\na",
}  # fmt: skip


async def talk(port: int, raw: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    try:
        return await asyncio.wait_for(reader.read(4000), 5)
    finally:
        writer.close()


@pytest.mark.parametrize("host", [b"shop.example", b"nobody.example"])
@pytest.mark.parametrize("name", REFUSED)
async def test_refused(plain: Origin, run: Any, name: str, host: bytes) -> None:
    """Opened hosts and those that pass."""
    here = await run(plain)
    answer = await talk(here.port, REFUSED[name].replace(b"HOST", host))
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:100]
    assert b"mitm" not in answer.lower()
    assert b"<p>" in answer
    assert not plain.requests


@pytest.mark.parametrize(
    "raw",
    [HEAD + b"X: a\tb \xc3\xa4\r\n\r\n", HEAD.replace(b"http://", b"HTTP://") + b"\r\n",
     HEAD.replace(b"1.1", b"1.0") + b"\r\n",
     HEAD.replace(b"HOST", b"HOST:80") + b"\r\n", HEAD.replace(b"GET", b"M-SEARCH") + b"\r\n"],
)  # fmt: skip
async def test_what_servers_read_in_one_way_passes(plain: Origin, run: Any, raw: bytes) -> None:
    here = await run(plain)
    assert b" 200 " in (await talk(here.port, raw.replace(b"HOST", b"shop.example"))).split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("address", "line"),
    [(b"http://HOST?x=1", b"GET /?x=1 HTTP/1.1"), (b"http://HOST", b"GET / HTTP/1.1"),
     (b"http://HOST:80?x", b"GET /?x HTTP/1.1"), (b"http://user:secret@HOST/a", b"GET /a HTTP/1.1"),
     (b"http://user@HOST?x", b"GET /?x HTTP/1.1"), (b"HTTP://HOST/?a@b=c", b"GET /?a@b=c HTTP/1.1")],
)  # fmt: skip
@pytest.mark.parametrize("host", [b"shop.example", b"nobody.example"])
async def test_absolute_addresses_are_read(plain: Origin, run: Any, address: bytes, line: bytes, host: bytes) -> None:
    """An empty path, and a user, who goes no further."""
    here = await run(plain)
    raw = b"GET %s HTTP/1.1\r\nHost: HOST\r\n\r\n" % address
    answer = await talk(here.port, raw.replace(b"HOST", host))
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    assert [one.line for one in plain.requests] == [line]
    assert b"secret" not in bytes(plain.received)


async def test_a_blocked_target_never_gets_100(plain: Origin, run: Any) -> None:
    here = await run(plain)
    head = b"POST http://shop.example/blocked/a HTTP/1.1\r\nHost: shop.example\r\n"
    raw = head + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    assert not (await talk(here.port, raw)).startswith(b"HTTP/1.1 100")
    assert not plain.requests
