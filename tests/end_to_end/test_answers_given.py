"""What the client gets: for blocked requests, questions, redirects, and while observing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from shield.proxy import judge
from tests.end_to_end.origins import Origin


@pytest.mark.parametrize(
    ("path", "headers", "status", "kind", "body"),
    [
        ("/blocked/a.js", {}, 200, "text/javascript", ""),
        ("/blocked/a", {"sec-fetch-dest": "script"}, 200, "text/javascript", ""),
        ("/blocked/a.css", {}, 200, "text/css", ""),
        ("/blocked/p", {"sec-fetch-dest": "image"}, 200, "image/gif", None),
        ("/blocked/p", {"sec-fetch-dest": "empty", "accept": "application/json"}, 200, "application/json", "{}"),
        ("/blocked/p", {"sec-fetch-dest": "empty", "accept": "*/*"}, 204, None, ""),
        ("/blocked/p", {"accept": "text/event-stream"}, 204, None, ""),
        ("/blocked/p", {"sec-fetch-dest": "document", "accept": "text/html"}, 403, "text/html", None),
    ],
)
async def test_an_empty_success_of_the_wanted_type(
    path: str, headers: dict[str, str], status: int, kind: str | None, body: str | None, h1: Origin, run: Any
) -> None:
    """So that pages do not wait, repeat or throw."""
    here = await run(h1)
    async with here.client() as client:
        response = await client.get(
            f"https://tracker.example{path}", headers={"accept": "*/*", "origin": "https://shop.example"} | headers
        )
    assert response.status_code == status
    assert (response.headers.get("content-type") or "").partition(";")[0] == (kind or "")
    assert body is None or response.text == body
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    assert h1.connections == 0


async def test_a_blocked_page_says_why(h1: Origin, run: Any) -> None:
    """Rule, file and line, in words."""
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://tracker.example/blocked/", headers={"sec-fetch-dest": "document"})
    assert "blocked (rules.yaml:" in response.text
    assert "this does nothing for you" in response.text


async def test_a_preflight_of_a_blocked_target_is_answered(h1: Origin, run: Any) -> None:
    """Else the page's script would throw."""
    here = await run(h1)
    async with here.client() as client:
        response = await client.options(
            "https://tracker.example/blocked/x",
            headers={
                "origin": "https://shop.example", "access-control-request-method": "POST",
                "access-control-request-headers": "x-a, content-type",
            },
        )  # fmt: skip
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == "POST"
    assert response.headers["access-control-allow-headers"] == "x-a, content-type"
    assert h1.connections == 0


async def test_a_head_request_has_no_body(h1: Origin, run: Any) -> None:
    """The answer to HEAD carries none, or the next answer would be out of step."""
    here = await run(h1)
    async with here.client() as client:
        for _ in range(2):
            response = await client.head("https://tracker.example/blocked/p.gif")
            assert (response.status_code, response.content) == (200, b"")
        assert (await client.get("https://tracker.example/fine")).text == "ok"


async def test_a_redirect_leads_straight_on(h1: Origin, run: Any) -> None:
    """302, without telling where from; only a GET of a document."""
    here = await run(h1)
    async with here.client() as client:
        response = await client.get(
            "https://shop.example/out?u=https%3A%2F%2Fother.example%2Fp%3Fa%3D1", headers={"sec-fetch-dest": "document"}
        )
        assert (response.status_code, response.headers["location"]) == (302, "https://other.example/p?a=1")
        assert response.headers["referrer-policy"] == "no-referrer"
        assert h1.connections == 0
        posted = await client.post("https://shop.example/out?u=https%3A%2F%2Fother.example%2F", content=b"x")
        assert posted.text == "ok"


@pytest.mark.parametrize("answer", ["allow", "block", None])
async def test_a_question_waits_for_the_person(answer: str | None, h1: Origin, run: Any) -> None:
    """Nothing leaves before the answer; without one the protective choice is taken."""
    here = await run(h1)
    here.keeper.questions.default = answer
    async with here.client() as client:
        response = await client.get("https://shop.example/asked", headers={"sec-fetch-dest": "empty"})
    assert len(here.keeper.questions.asked) == 1
    assert (response.status_code, h1.connections) == ((200, 1) if answer == "allow" else (204, 0))


async def test_only_the_asking_stream_waits(h2: Origin, run: Any) -> None:
    """Others of the same connection go on."""
    here = await run(h2)
    gate = asyncio.Event()

    async def wait(questions: Any, seconds: float) -> dict[str, str]:
        await asyncio.wait_for(gate.wait(), 5)
        return {one.key: "allow" for one in questions}

    here.keeper.questions.wait = wait
    async with here.client(http2=True) as client:
        asked = asyncio.create_task(client.get("https://shop.example/asked", headers={"sec-fetch-dest": "empty"}))
        await asyncio.sleep(0.05)
        assert (await client.get("https://shop.example/other")).text == "ok"
        assert not asked.done()
        gate.set()
        assert (await asked).text == "ok"


async def test_a_client_that_leaves_while_the_person_thinks(h1: Origin, run: Any) -> None:
    """Nothing leaves for nobody."""
    here = await run(h1)
    asked, gate = asyncio.Event(), asyncio.Event()

    async def wait(questions: Any, seconds: float) -> dict[str, str]:
        asked.set()
        await asyncio.wait_for(gate.wait(), 5)
        return {one.key: "allow" for one in questions}

    here.keeper.questions.wait = wait
    _, writer = await here.tunnel("shop.example")
    writer.write(b"GET /asked HTTP/1.1\r\nHost: shop.example\r\nSec-Fetch-Dest: empty\r\n\r\n")
    await asyncio.wait_for(asked.wait(), 5)
    writer.transport.abort()
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.sleep(0.1)
    assert h1.connections == 0


FIRST = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty"}


async def test_a_persona_is_made_when_the_engine_needs_one(h1: Origin, run: Any, keeper: Any, policy: Any) -> None:
    """And the message goes on with her values."""
    from shield.engine import Engine
    from tests.people import sample_person

    keeper.engine = Engine(policy, sample_person())
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://shop.example/join?mail=anna%40real.example", headers=FIRST)
    assert response.status_code == 200, response.text
    assert "shop" in keeper.engine.person.personas
    assert b"anna" not in h1.requests[0].target


async def test_an_engine_that_is_never_satisfied(h1: Origin, run: Any, keeper: Any, policy: Any) -> None:
    """The loop is bounded: blocked."""
    from shield.engine import Engine
    from tests.people import sample_person

    keeper.engine = Engine(policy, sample_person())
    keeper.make_persona = lambda scope: None
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://shop.example/join?mail=anna%40real.example", headers=FIRST)
    assert response.status_code == 502
    assert "no decision" in response.text
    assert h1.connections == 0


async def test_observing_changes_nothing_and_records(h1: Origin, run: Any, keeper: Any) -> None:
    """Blocked, asked, edited: all of it leaves as it came; a mistake too."""
    here = await run(h1, observe=True)
    paths = ["/blocked/x", "/c?cid=1234567890.1700000000&mail=anna%40real.example"]
    async with here.client() as client:
        for path in paths:
            assert (await client.get(f"https://tracker.example{path}")).text == "ok"
        assert (await client.get("https://shop.example/asked", headers={"sec-fetch-dest": "empty"})).text == "ok"
    assert [one.target.decode() for one in h1.requests] == [*paths, "/asked"]
    assert len(keeper.outcomes) == 3
    assert not keeper.questions.asked


@pytest.mark.parametrize("hook", ["requestheaders", "request", "responseheaders", "response"])
async def test_a_mistake_while_observing_changes_nothing(
    hook: str, h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is protected, so nothing is stopped either; it is counted."""
    from shield.proxy.addon import Addon

    def raising(self: Any, flow: Any) -> None:
        raise RuntimeError("broken on purpose")

    here = await run(h1, observe=True)
    monkeypatch.setattr(Addon, f"on_{hook}", raising)
    async with here.client() as client:
        assert (await client.post("https://tracker.example/blocked/c", content=b"x")).text == "ok"
    assert h1.requests[0].body == b"x"
    assert here.proxy.counters["mistakes"] == 1


async def test_a_large_message_is_judged_in_the_worker(h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that other connections go on; the result is the same."""
    import threading

    from shield.engine import Engine

    here = await run(h1)
    threads: list[str] = []
    real = Engine.request

    def request(self: Any, *args: Any, **more: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(self, *args, **more)

    monkeypatch.setattr(Engine, "request", request)
    fill = "x" * judge.INLINE_BYTES
    async with here.client() as client:
        for extra in ("", fill):
            response = await client.post(
                "https://tracker.example/c", content='{"cid":"1234567890.1700000000","fill":"' + extra + '"}',
                headers={"content-type": "application/json"},
            )  # fmt: skip
            assert response.status_code == 200
    assert threads[0] == "MainThread"
    assert threads[1].startswith("shield-engine")
    assert all(b"1234567890" not in one.body for one in h1.requests)


async def test_the_log_says_what_and_not_which(h1: Origin, run: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Of foreign records only level, logger and exception type pass."""
    await run(h1)
    logging.getLogger("mitmproxy.proxy").error("Received ping (payload: b'anna@real.example')")
    logging.getLogger("asyncio").error("%s", "anna@real.example", exc_info=ValueError("anna@real.example"))
    logging.getLogger().warning("anna@real.example")
    logging.getLogger("shield.proxy").warning("a template of ours: %d", 3)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert said == [
        "a message of mitmproxy.proxy", "a message of asyncio about ValueError", "a message of root",
        "a template of ours: 3",
    ]  # fmt: skip


async def test_error_pages_quote_nothing(run: Any) -> None:
    """An answer that cannot be read is not shown; neither are names and versions."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 anna@real.example\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    here = await run(Origin(port=server.sockets[0].getsockname()[1]))
    async with here.client() as client:
        response = await client.get("http://shop.example/")
    server.close()
    assert response.status_code == 502
    assert "anna" not in response.text
    assert "mitmproxy" not in (response.text + str(response.headers)).lower()


async def test_a_malformed_request_is_answered_without_quoting(h1: Origin, run: Any) -> None:
    """Bytes that are no header do not come back in a page, nor go anywhere."""
    here = await run(h1)
    for head in (
        b"GET / HTTP/1.1\r\nHost: shop.example\r\nanna@real.example\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ):
        reader, writer = await here.tunnel("shop.example")
        writer.write(head)
        answer = await asyncio.wait_for(reader.read(), 5)
        assert b" 400 " in answer.split(b"\r\n")[0]
        assert b"anna" not in answer
        writer.close()
    assert h1.connections == 0
