"""Every step of the engine and every hook broken on purpose: the origin receives nothing, the client learns why."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import websockets.asyncio.client as ws_client

from shield import engine as engine_module
from shield import lastlook, transform
from shield.detect import opaque, places
from shield.detect.known import Matcher
from shield.policy.index import Index
from shield.proxy import convert, hosts
from shield.proxy.addon import Addon
from shield.proxy.hooks import TABLE
from shield.services.recognise import Registry
from shield.wire import reader, writer
from tests.end_to_end.origins import Origin

BROKEN = RuntimeError("broken on purpose")
STEPS = [
    (Registry, "recognise"), (reader, "read"), (Index, "selectors"), (places, "find"), (Matcher, "find"),
    (opaque, "find"), (Index, "decide"), (transform, "plan"), (writer, "rebuild"), (lastlook, "check"),
    (Index, "head"), (Index, "response_plan"), (convert, "request_of"), (convert, "write_request"), (hosts, "of"),
]  # fmt: skip
EDITED = '{"cid": "1234567890.1700000000", "email": "anna@real.example"}'


def raising(*_: Any, **__: Any) -> Any:
    raise BROKEN


def break_step(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """Break *name* wherever it was imported to."""
    original = getattr(owner, name)
    monkeypatch.setattr(owner, name, raising)
    for module in (engine_module,):
        for key, value in list(vars(module).items()):
            if value is original:
                monkeypatch.setattr(module, key, raising)
    ways = (engine_module.REQUEST,)
    for way in ways:
        for key in ("read", "write"):
            if getattr(way, key) is original:
                monkeypatch.setattr(engine_module, "REQUEST", type(way)(
                    raising if key == "read" else way.read, raising if key == "write" else way.write
                ))  # fmt: skip


@pytest.mark.parametrize("origin", ["h1", "h2"], indirect=True)
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[f"{owner.__name__}.{name}" for owner, name in STEPS])
async def test_a_broken_step_lets_nothing_out(
    owner: Any, name: str, origin: Origin, run: Any, monkeypatch: pytest.MonkeyPatch, request: Any
) -> None:
    """Whatever breaks, the origin receives no byte and the client learns why."""
    here = await run(origin)
    async with here.client(http2=request.node.callspec.params["origin"] == "h2") as client:
        headers = {"content-type": "application/json"}
        fine = await client.post("https://tracker.example/c", content=EDITED, headers=headers)
        assert fine.status_code == 200, fine.text
        before = len(origin.received), len(origin.requests)
        with monkeypatch.context() as broken:
            break_step(broken, owner, name)
            response = await client.post("https://tracker.example/c", content=EDITED, headers=headers)
            await asyncio.sleep(0.02)
        assert response.status_code == 502
        assert "RuntimeError" in response.text
        assert "of it has left" in response.text
        assert (len(origin.received), len(origin.requests)) == before
        assert (await client.post("https://tracker.example/c", content=EDITED, headers=headers)).status_code == 200


async def test_a_broken_store_lets_nothing_out(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was issued must be stored before it leaves; so must the line of the ledger be taken."""
    here = await run(h1)
    async with here.client() as client:
        for name in ("store", "record_outcome"):
            with monkeypatch.context() as broken:
                broken.setattr(here.keeper, name, raising)
                response = await client.get(
                    "https://tracker.example/c?cid=1234567890.1700000000", headers={"referer": "https://shop.example/"}
                )
                assert response.status_code == 502
    assert h1.connections == 0


@pytest.mark.parametrize("hook", sorted(TABLE))
async def test_every_line_of_the_hook_table(hook: str, h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that raises at once: what may have left is only what the table says."""
    here = await run(h1)
    if not hasattr(Addon, f"on_{hook}"):
        pytest.skip("nothing is done in it")
    monkeypatch.setattr(Addon, f"on_{hook}", raising)
    h1.replies[b"/rewrite"] = (200, [(b"content-type", b"application/json")], b'{"id": "1"}')
    outcome = await _get(here, "https://tracker.example/rewrite?a=1")
    if hook in ("requestheaders", "request", "server_connect"):
        assert (outcome.status_code, h1.connections, len(h1.received)) == (502, 0, 0)
        assert "shield" in outcome.text.lower()
    elif hook in ("next_layer", "tls_start_client"):
        assert (outcome, h1.connections) == (None, 0)
    elif hook in ("responseheaders", "response"):
        assert outcome.status_code == 502
        assert "the answer was not passed on" in outcome.text
    elif hook == "tls_clienthello":
        assert outcome.status_code == 200  # it was opened all the same
    else:
        assert outcome.status_code == 200


@pytest.mark.parametrize("hook", ["requestheaders", "request", "responseheaders", "response"])
@pytest.mark.parametrize("error", [asyncio.CancelledError, RuntimeError])
async def test_a_hook_that_fails_while_it_waits(
    hook: str, error: type[BaseException], h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled wait would leave the client without any answer."""
    here = await run(h1)

    async def later(self: Addon, flow: Any) -> None:
        await asyncio.sleep(0)
        raise error("broken on purpose")

    monkeypatch.setattr(Addon, f"on_{hook}", later)
    h1.replies[b"/rewrite"] = (200, [(b"content-type", b"application/json")], b'{"id": "1"}')
    response = await _get(here, "https://tracker.example/rewrite?a=1")
    assert response.status_code == 502
    if hook.startswith("request"):
        assert h1.connections == 0


async def _get(here: Any, url: str) -> Any:
    import httpx

    async with here.client() as client:
        try:
            return await client.get(url)
        except httpx.TransportError:
            return None


@pytest.mark.parametrize("hook", ["requestheaders", "request"])
async def test_without_our_hooks_the_gate_stays_closed(
    hook: str, h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the addon had been taken out, or the hook never ran: no verdict, no connection."""
    here = await run(h1)
    monkeypatch.setattr(Addon, hook, lambda self, flow: None)
    here.proxy._master.addons._table.clear()
    response = await _get(here, "https://tracker.example/c?email=anna@real.example")
    assert (response.status_code, h1.connections) == (502, 0)
    assert ("nothing decided" if hook == "request" else "of it has left") in response.text


async def test_a_broken_frame_stays_here(ws: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both directions; the connection goes on."""
    here = await run(ws)
    async with ws_client.connect(
        "wss://tracker.example/s", proxy=here.url, ssl=here.trust, ping_interval=None
    ) as client:
        await client.send("one")
        assert await asyncio.wait_for(client.recv(), 5) == "one"
        for owner, name in ((engine_module.Engine, "frame"), (Addon, "on_websocket_message")):
            with monkeypatch.context() as broken:
                broken.setattr(owner, name, raising)
                await client.send("anna@real.example")
                await asyncio.sleep(0.05)
        await client.send("two")
        assert await asyncio.wait_for(client.recv(), 5) == "two"
    assert ws.frames == ["one", "two"]


async def test_a_message_without_a_mark_is_not_relayed(ws: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the addon had been taken out."""
    here = await run(ws)
    async with ws_client.connect(
        "wss://tracker.example/s", proxy=here.url, ssl=here.trust, ping_interval=None
    ) as client:
        with monkeypatch.context() as broken:
            broken.setattr(Addon, "websocket_message", lambda self, flow: None)
            here.proxy._master.addons._table.clear()
            await client.send("anna@real.example")
            await asyncio.sleep(0.05)
        here.proxy._master.addons._table.clear()
        await client.send("two")
        assert await asyncio.wait_for(client.recv(), 5) == "two"
    assert ws.frames == ["two"]


async def test_a_mistake_after_streaming_began_to_be_prepared(
    h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body was about to stream; the client is told all the same, and nothing streams."""
    here = await run(h1)
    real = Addon.on_requestheaders

    def late(self: Addon, flow: Any) -> None:
        real(self, flow)
        flow.request.stream = True
        raise BROKEN

    monkeypatch.setattr(Addon, "on_requestheaders", late)
    async with here.client() as client:
        response = await client.post("https://tracker.example/c", content=b"anna@real.example " * 10_000)
    assert response.status_code == 502
    assert "of it has left" in response.text
    assert (h1.connections, len(h1.received)) == (0, 0)


async def test_a_flow_that_no_hook_saw_meets_a_closed_gate(
    h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if all of the addon had been taken out: nobody looked, so nothing is asked."""
    here = await run(h1)
    for hook in ("requestheaders", "request"):
        monkeypatch.setattr(Addon, hook, lambda self, flow: None)
    here.proxy._master.addons._table.clear()
    response = await _get(here, "https://tracker.example/c?email=anna@real.example")
    assert (response.status_code, h1.connections) == (502, 0)
    assert "nothing decided" in response.text
