"""WebSocket: each message judged, nothing travels beside the messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets.asyncio.client as ws_client
import websockets.exceptions

from shield.finding import Because, Block
from shield.outcome import Outcome
from tests.end_to_end.origins import Origin, until


@asynccontextmanager
async def connected(here: Any, host: str = "tracker.example", **more: Any) -> AsyncIterator[ws_client.ClientConnection]:
    async with ws_client.connect(
        f"wss://{host}/s", proxy=here.url, ssl=here.trust, ping_interval=None, close_timeout=3, max_size=None, **more
    ) as client:
        yield client


async def test_messages_go_both_ways_and_are_edited(ws: Origin, run: Any) -> None:
    """A field that a rule names is replaced, everything else of the message stays."""
    here = await run(ws)
    async with connected(here, origin="https://shop.example") as client:
        await client.send('{ "cid": "1234567890.1700000000", "n": 1.10 }')
        sent = await asyncio.wait_for(client.recv(), 5)
    async with connected(here, "shop.example") as client:
        await client.send(b"\x00\x01")
        assert await asyncio.wait_for(client.recv(), 5) == "2 bytes"
    assert ws.frames[0] == sent
    assert sent.endswith('"n": 1.10 }')
    assert json.loads(sent)["cid"] != "1234567890.1700000000"
    assert here.proxy.counters["frames edited"] == 1


async def test_three_blocked_messages_in_a_row_close(ws: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1008; one that passes in between begins the count anew."""
    here = await run(ws)
    real = type(here.keeper.engine).frame

    def frame(self: Any, context: Any, frame: Any, **more: Any) -> Any:
        outcome = real(self, context, frame, **more)
        if frame.direction == "request" and b"no" in frame.content:
            return Outcome(Block(Because("shipped", "r")), outcome.context, frame)
        return outcome

    monkeypatch.setattr(type(here.keeper.engine), "frame", frame)
    async with connected(here) as client:
        for text in ("no", "no", "yes"):
            await client.send(text)
        assert await asyncio.wait_for(client.recv(), 5) == "yes"
        for text in ("no", "no", "no"):
            await client.send(text)
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            await asyncio.wait_for(client.recv(), 5)
        assert client.close_code == 1008
    assert ws.frames == ["yes"]
    assert here.proxy.counters["frames dropped"] == 5


async def test_ping_payloads_and_close_reasons_stay_here(ws: Origin, run: Any) -> None:
    """The client's ping is answered with its own payload; the origin saw an empty one."""
    here = await run(ws)
    async with connected(here) as client:
        pong = await client.ping(b"anna@real.example")
        await asyncio.wait_for(pong, 5)
        await client.close(1000, "anna@real.example")
    await until(lambda: ws.closed is not None)
    assert ws.pings == [b""]
    assert ws.closed == (1000, "")


async def test_a_message_above_the_limit_closes(ws: Origin, run: Any) -> None:
    """With 1009, and nothing of it leaves; so do its fragments."""
    here = await run(ws)
    for message in ("x" * 1_000_001, ["y" * 400_000] * 3):
        async with connected(here, compression=None) as client:
            with contextlib.suppress(websockets.exceptions.ConnectionClosed):
                await client.send(message)
            with pytest.raises(websockets.exceptions.ConnectionClosed):
                await asyncio.wait_for(client.recv(), 5)
            assert client.close_code == 1009
    assert ws.frames == []


async def test_fragments_of_a_message_are_one_message(ws: Origin, run: Any) -> None:
    """A value cut in two by frames is found."""
    here = await run(ws)
    async with connected(here, compression=None) as client:
        await client.send(['{"cid": "12345', '67890.1700000000"}'])
        sent = await asyncio.wait_for(client.recv(), 5)
    assert "1234567890" not in sent
    assert ws.frames == [sent]


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_binary_messages_are_read_by_what_they_hold(compression: str | None, ws: Origin, run: Any) -> None:
    """JSON in a binary message is JSON, packed by the extension or not; the origin's echo tells its length."""
    here = await run(ws)
    text = b'{"cid": "1234567890.1700000000", "n": 1}'
    async with connected(here, compression=compression) as client:
        await client.send(text)
        await asyncio.wait_for(client.recv(), 5)
        await client.send([text[:9], text[9:]])
        await asyncio.wait_for(client.recv(), 5)
    assert len(ws.frames) == 2
    assert all(b"1234567890" not in frame and frame.endswith(b'"n": 1}') for frame in ws.frames)


async def test_messages_are_not_kept(ws: Origin, run: Any) -> None:
    """mitmproxy would keep every message of a connection for ever."""
    here = await run(ws)
    seen: list[int] = []
    real = here.proxy.addon.on_websocket_message

    def count(flow: Any) -> Any:
        seen.append(len(flow.websocket.messages))
        return real(flow)

    here.proxy.addon.on_websocket_message = count
    async with connected(here) as client:
        for number in range(5):
            await client.send(str(number))
            await asyncio.wait_for(client.recv(), 5)
    assert set(seen) == {1}


async def test_observing_changes_nothing(ws: Origin, run: Any) -> None:
    """The message leaves as it came; what would have been done is recorded."""
    here = await run(ws, observe=True)
    text = '{"cid": "1234567890.1700000000"}'
    async with connected(here) as client:
        await client.send(text)
        assert await asyncio.wait_for(client.recv(), 5) == text
    assert ws.frames == [text]
    assert any(outcome.decisions for outcome in here.keeper.outcomes)


async def test_a_blocked_handshake_asks_nobody(ws: Origin, run: Any) -> None:
    """The upgrade is a request like any other."""
    here = await run(ws)
    with pytest.raises(websockets.exceptions.InvalidStatus):
        async with ws_client.connect(
            "wss://tracker.example/blocked", proxy=here.url, ssl=here.trust, ping_interval=None
        ):
            pass
    assert ws.connections == 0
