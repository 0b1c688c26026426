"""Expect: 100-continue: what is blocked gets its answer and is never asked for its body."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shield.proxy.addon import Addon
from tests.end_to_end.origins import Origin

HEAD = b"POST %s HTTP/1.1\r\nHost: tracker.example\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n"


async def ask(here: Any, target: bytes) -> tuple[bytes, bytes]:
    """What comes back before any byte of the body: the status line, and all until the connection ends."""
    reader, writer = await here.tunnel("tracker.example")
    writer.write(HEAD % target)
    line = await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    rest = b"" if b" 100 " in line else await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return line, rest


async def test_a_blocked_upload_is_not_asked_for(h1: Origin, run: Any) -> None:
    """The final status at once; the connection ends, for nobody can tell what would come next on it."""
    here = await run(h1)
    line, rest = await ask(here, b"/blocked/up")
    assert b" 204 " in line
    assert b"connection: close" in rest.lower()
    assert h1.connections == 0


async def test_a_mistake_is_answered_too(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """502, without the body."""
    here = await run(h1)

    def broken(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(Addon, "on_requestheaders", broken)
    line, rest = await ask(here, b"/fine")
    assert b" 502 " in line
    assert b"of it has left" in rest
    assert h1.connections == 0


async def test_what_may_leave_is_asked_for(h1: Origin, run: Any) -> None:
    """100, then the body, then the answer; Expect is ours to answer and does not go on."""
    here = await run(h1)
    reader, writer = await here.tunnel("shop.example")
    writer.write(HEAD.replace(b"tracker", b"shop").replace(b"3000000", b"5") % b"/fine")
    assert b" 100 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(b"hello")
    assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)
    assert (await h1.settled()).header(b"expect") is None
    writer.close()
