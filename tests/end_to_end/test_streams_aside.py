"""Streams that are decided about in the worker thread, observed ones, and a change in the middle of one."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from shield.engine import Engine
from shield.finding import Block
from shield.proxy.pace import Pace
from tests.end_to_end.origins import Origin, until
from tests.end_to_end.test_edits_in_streams import CROSS, DEVICE, EVERY_WAY, FACT, LINES, MAIL, NDJSON, ROW, parts, post
from tests.people import sample_person

ANSWER = b'{"id": "1234567890", "n": 1}\n'


@pytest.fixture
def never_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever passes is too slow for the loop."""
    monkeypatch.setattr(Pace, "is_short", lambda self, size: False)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where each fragment was decided about."""
    seen: list[str] = []
    real = Engine.fragment

    def fragment(self: Engine, *args: Any, **more: Any) -> Any:
        seen.append(threading.current_thread().name.split("_")[0])
        return real(self, *args, **more)

    monkeypatch.setattr(Engine, "fragment", fragment)
    return seen


@EVERY_WAY
async def test_an_upload_in_the_worker_thread(
    origin: Origin, http2: bool, run: Any, never_in_place: None, threads: list[str]
) -> None:
    """In order, edited, complete."""
    here = await run(origin)
    response = await post(here, LINES + DEVICE + ROW * 200 + DEVICE, http2=http2, stated=False)
    assert response.status_code == 200, response.text
    assert (await origin.settled()).body == LINES + b'{"n": 1}\n' + ROW * 200 + b'{"n": 1}\n'
    assert set(threads) == {"shield-engine"}


@EVERY_WAY
async def test_a_response_in_the_worker_thread(
    origin: Origin, http2: bool, run: Any, never_in_place: None, threads: list[str], request: Any
) -> None:
    """The same on the way back."""
    rows = ROW * (5 if request.node.callspec.params["origin"] == "h2" else 700)  # that origin sends one frame
    origin.replies[b"/rewrite"] = (200, [(b"content-type", NDJSON.encode())], rows + ANSWER)
    here = await run(origin)
    async with here.client(http2=http2) as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.content == rows + b'{"n": 1}\n'
    assert set(threads) == {"shield-engine"}


async def test_raw_bytes_are_searched_in_place(h1: Origin, run: Any, threads: list[str]) -> None:
    """Once it is known what they cost; the held megabyte is not."""
    here = await run(h1)
    async with here.client() as client:
        response = await client.post(
            "https://shop.example/up", content=parts(b"0123456789abcdef" * 200_000),
            headers={"content-type": "application/octet-stream", **CROSS},
        )  # fmt: skip
    assert response.status_code == 200
    assert threads[0] == "shield-engine"
    assert "MainThread" in threads


async def test_a_fact_that_is_new_in_the_middle(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the change on it is looked for, and never by what is not written out yet."""
    here = await run(h1)
    keeper = here.keeper
    keeper.engine = Engine(keeper.engine.policy, sample_person("shop|other.example"))
    empty = sample_person("shop|other.example")
    object.__setattr__(empty, "facts", ())
    known, unknown = keeper.engine, keeper.engine.with_person(empty)
    keeper.engine = unknown
    searched: list[bool] = []
    real = Engine.fragment

    def fragment(self: Engine, *args: Any, **more: Any) -> Any:
        searched.append(self.matcher.is_ready)
        return real(self, *args, **more)

    monkeypatch.setattr(Engine, "fragment", fragment)

    async def body() -> Any:
        async for part in parts(LINES + MAIL + ROW * 60):
            yield part
        await until(lambda: bool(h1.requests) and FACT.encode() in h1.requests[0].body)
        keeper.engine = known
        async for part in parts(ROW * 200 + MAIL + ROW):
            yield part

    async with here.client() as client:
        response = await client.post(
            "https://shop.example/up", content=body(), headers={"content-type": NDJSON, **CROSS}
        )
    assert response.status_code == 200, response.text
    arrived = await h1.settled()
    assert arrived.body.count(FACT.encode()) == 1
    assert arrived.body.count(b"@example.org") == 1
    assert searched
    assert all(searched)


# --- observing -----------------------------------------------------------------------------------


@EVERY_WAY
@pytest.mark.parametrize("stated", [True, False])
async def test_an_observed_upload_goes_on_as_it_came(origin: Origin, http2: bool, stated: bool, run: Any) -> None:
    """And what would have become of it is told."""
    here = await run(origin, observe=True)
    body = DEVICE + LINES + DEVICE + MAIL + ROW
    response = await post(here, body, http2=http2, stated=stated, content_md5="x")
    assert response.status_code == 200, response.text
    arrived = await origin.settled()
    assert arrived.body == body
    assert arrived.header(b"content-md5") == b"x"
    assert arrived.header(b"content-length") == (b"%d" % len(body) if stated else None)
    assert {change.rule for one in here.keeper.outcomes for change in one.changes} >= {"device"}
    assert "email" in {finding.category for one in here.keeper.outcomes for finding in one.findings}


async def test_an_observed_upload_that_would_be_stopped(h1: Origin, run: Any) -> None:
    """It is not, and the line of the ledger says that it would be."""
    here = await run(h1, observe=True)
    body = b"0123456789abcdef" * 100_000 + b" " + FACT.encode() + b" " + b"x" * 200_000
    async with here.client() as client:
        response = await client.post(
            "https://shop.example/up", content=parts(body),
            headers={"content-type": "application/octet-stream", **CROSS},
        )  # fmt: skip
    assert response.status_code == 200
    assert (await h1.settled()).body == body
    assert [type(one.verdict) for one in here.keeper.outcomes].count(Block) == 1


async def test_observed_answers_go_on_as_they_came(h1: Origin, run: Any) -> None:
    """Headers too, and what a rule would have taken out is told."""
    fields = [(b"content-type", NDJSON.encode()), (b"etag", b'"a"')]
    h1.replies[b"/rewrite"] = (200, fields, ROW * 100 + ANSWER)
    here = await run(h1, observe=True)
    async with here.client() as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.content == ROW * 100 + ANSWER
    assert response.headers["etag"] == '"a"'
    assert response.headers["content-length"] == str(len(response.content))
    assert {change.rule for one in here.keeper.outcomes for change in one.changes} == {"answered-number"}


async def test_a_mistake_while_observing_stops_nothing(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks, the bytes go on."""
    here = await run(h1, observe=True)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(Engine, "fragment", broken)
    h1.replies[b"/rewrite"] = (200, [(b"content-type", NDJSON.encode())], ROW * 100)
    assert (await post(here, LINES + ROW * 100, stated=False)).status_code == 200
    assert (await h1.settled()).body == LINES + ROW * 100
    async with here.client() as client:
        assert (await client.get("https://tracker.example/rewrite")).content == ROW * 100
