"""Fields of bodies that are too large to be held, edited on their way: the framing fits, and nothing else changes."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest

from tests.end_to_end.origins import Origin

FACT = "anna@real.example"
CROSS = {
    "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty",
    "origin": "https://other.example",
}  # fmt: skip
ROW = b'{"kind": "row", "n": 1.10, "text": "%s"}\n' % (b"words that say little and take some room, " * 40)
LINES = ROW * 760  # 1.3 MB
DEVICE = b'{"device": "77", "n": 1}\n'
MAIL = b'{"mail": "%s", "n": 1}\n' % FACT.encode()
NDJSON = "application/x-ndjson"
EVERY_WAY = pytest.mark.parametrize(
    ("origin", "http2"), [("h1", False), ("h1", True), ("h2", True)], indirect=["origin"]
)


async def parts(body: bytes) -> Any:
    """Without a length."""
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


def noise_of(rows: int) -> bytes:
    """Lines of 2 KB that hardly pack."""
    digests = (hashlib.shake_256(b"%d" % number).hexdigest(1000) for number in range(rows))
    return b"".join(b'{"n": "%s"}\n' % one.encode() for one in digests)


async def post(here: Any, body: bytes, path: str = "/sync", *, http2: bool = False, stated: bool, **more: str) -> Any:
    headers = {"content-type": NDJSON, **CROSS, **{name.replace("_", "-"): value for name, value in more.items()}}
    async with here.client(http2=http2) as client:
        return await client.post(
            f"https://shop.example{path}", content=body if stated else parts(body), headers=headers
        )


@EVERY_WAY
@pytest.mark.parametrize("stated", [True, False])
async def test_a_field_that_a_rule_names(origin: Origin, http2: bool, stated: bool, run: Any) -> None:
    """Stripped far behind the first megabyte; the length was given up, and digests."""
    here = await run(origin)
    response = await post(here, LINES + DEVICE + ROW, http2=http2, stated=stated, content_md5="x")
    assert response.status_code == 200, response.text
    arrived = await origin.settled()
    assert arrived.body == LINES + b'{"n": 1}\n' + ROW
    assert arrived.header(b"content-length") is None
    assert arrived.header(b"content-md5") is None
    assert len(origin.requests) == 1


@EVERY_WAY
async def test_an_edit_in_the_first_megabyte_corrects_the_length(origin: Origin, http2: bool, run: Any) -> None:
    """No rule names a field there: the length stays, and is that of what leaves."""
    here = await run(origin)
    body = MAIL + LINES
    response = await post(here, body, "/up", http2=http2, stated=True)
    assert response.status_code == 200, response.text
    arrived = await origin.settled()
    assert arrived.body == body.replace(FACT.encode(), b"mira@example.org")
    assert arrived.header(b"content-length") == b"%d" % len(arrived.body)


@EVERY_WAY
@pytest.mark.parametrize("stated", [True, False])
async def test_a_fact_behind_the_first_megabyte(origin: Origin, http2: bool, stated: bool, run: Any) -> None:
    """Replaced where no length was stated; else the upload stops, and the fact stays here."""
    here = await run(origin)
    body = LINES + MAIL + ROW
    response = await post(here, body, "/up", http2=http2, stated=stated)
    assert response.status_code == (413 if stated else 200), response.text
    arrived = await origin.settled()
    assert FACT.encode() not in bytes(origin.received)
    assert arrived.complete == (not stated)
    if not stated:
        assert arrived.body == body.replace(FACT.encode(), b"mira@example.org")
    assert len(origin.requests) == 1


async def test_a_length_stays_where_nothing_is_named(h1: Origin, run: Any) -> None:
    """An object store gets what it wants, digests and all."""
    here = await run(h1)
    response = await post(here, LINES, "/up", stated=True, content_md5="x", x_amz_checksum_crc32c="y")
    assert response.status_code == 200
    arrived = await h1.settled()
    assert arrived.body == LINES
    assert arrived.header(b"content-length") == b"%d" % len(LINES)
    assert arrived.header(b"content-md5") == b"x"
    assert arrived.header(b"x-amz-checksum-crc32c") == b"y"


@pytest.mark.parametrize("stated", [True, False])
async def test_packed_bodies_are_packed_again(stated: bool, h1: Origin, run: Any) -> None:
    """Where a rule names fields of them."""
    here = await run(h1)
    noise = noise_of(1100)
    body = noise + DEVICE
    packed = gzip.compress(body, 1)
    assert len(packed) > 1_000_000
    response = await post(here, packed, stated=stated, content_encoding="gzip")
    assert response.status_code == 200, response.text
    arrived = await h1.settled()
    assert gzip.decompress(arrived.body) == noise + b'{"n": 1}\n'
    assert arrived.header(b"content-encoding") == b"gzip"


async def test_packed_bodies_that_nobody_names_stay_as_they_came(h1: Origin, run: Any) -> None:
    """Looked into all the same: a fact stops them."""
    here = await run(h1)
    noise = noise_of(1100)
    packed = gzip.compress(noise, 1)
    response = await post(here, packed, "/up", stated=True, content_encoding="gzip")
    assert response.status_code == 200, response.text
    assert (await h1.settled()).body == packed
    h1.forget()
    response = await post(here, gzip.compress(noise + MAIL, 1), "/up", stated=True, content_encoding="gzip")
    assert response.status_code == 413
    assert not (await h1.settled()).complete


async def test_a_bomb_stops(h1: Origin, run: Any) -> None:
    """Two gigabytes in two megabytes: nobody unpacks them."""
    here = await run(h1)
    bomb = gzip.compress(b"\0" * 30_000_000) * 40
    response = await post(here, bomb, "/up", stated=True, content_encoding="gzip")
    assert response.status_code in (413, 502)
    assert "packed" in response.text
    assert not any(one.complete for one in h1.requests)


async def test_a_persona_is_made_on_the_way(h1: Origin, run: Any) -> None:
    """The stream waits for it."""
    from shield.engine import Engine
    from tests.people import sample_person

    here = await run(h1)
    here.keeper.engine = Engine(here.keeper.engine.policy, sample_person())
    same = {"sec_fetch_site": "same-origin", "origin": "https://shop.example"}
    response = await post(here, LINES + MAIL + ROW, "/join", stated=False, **same)
    assert response.status_code == 200, response.text
    assert b'{"mail": "lena@example.org", "n": 1}\n' in (await h1.settled()).body


async def test_the_ledger_gets_one_line_for_a_thousand_fields(h1: Origin, run: Any) -> None:
    """And what was done is told."""
    here = await run(h1)
    response = await post(here, (ROW + DEVICE) * 700, stated=False)
    assert response.status_code == 200, response.text
    assert b"device" not in (await h1.settled()).body
    told = [one for one in here.keeper.outcomes if any(change.rule == "device" for change in one.changes)]
    assert len(told) == 1


@pytest.mark.parametrize("packed", [False, True])
@EVERY_WAY
async def test_lines_of_a_response(origin: Origin, http2: bool, packed: bool, run: Any, request: Any) -> None:
    """Edited while they pass, however long; neither kept nor asked for in part."""
    rows = ROW * (5 if request.node.callspec.params["origin"] == "h2" else 700)  # that origin sends one frame
    body = rows + b'{"id": "1234567890", "n": 1}\n'
    headers = [(b"content-type", NDJSON.encode()), (b"etag", b'"a"'), (b"accept-ranges", b"bytes")]
    headers += [(b"content-encoding", b"gzip")] if packed else []
    origin.replies[b"/rewrite"] = (200, headers, gzip.compress(body, 1) if packed else body)
    here = await run(origin)
    async with here.client(http2=http2) as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.content == rows + b'{"n": 1}\n'
    assert "no-store" in response.headers["cache-control"]
    assert not {"etag", "accept-ranges", "content-length", "content-encoding"} & set(response.headers)


async def test_large_json_of_a_response(h1: Origin, run: Any) -> None:
    """Beyond the budget it is edited in parts: what is stripped becomes null."""
    rows = [{"id": str(number), "n": "x" * 900} for number in range(1_300)]
    h1.replies[b"/rewrite"] = (200, [(b"content-type", b"application/json")], json.dumps(rows).encode())
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.json() == [{"id": None, "n": "x" * 900}] * 1_300


async def test_a_mistake_in_a_response_passes_nothing_wrong(
    h1: Origin, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client sees an answer that breaks off, not one that nobody looked at."""
    import httpx

    from shield.engine import Engine

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    h1.replies[b"/rewrite"] = (200, [(b"content-type", NDJSON.encode())], ROW * 700)
    here = await run(h1)
    monkeypatch.setattr(Engine, "fragment", broken)
    async with here.client() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get("https://tracker.example/rewrite")


@pytest.mark.parametrize(
    ("status", "kind"), [(204, NDJSON), (206, NDJSON), (200, "text/javascript"), (200, "image/png")]
)
async def test_what_is_never_edited(status: int, kind: str, h1: Origin, run: Any) -> None:
    """Its headers stay, too."""
    body = b"" if status == 204 else b'{"id": "1"}\n'
    h1.replies[b"/rewrite"] = (status, [(b"content-type", kind.encode()), (b"etag", b'"a"')], body)
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://tracker.example/rewrite")
        head = await client.head("https://tracker.example/rewrite")
    assert response.content == body
    assert response.headers["etag"] == head.headers["etag"] == '"a"'


async def test_links_of_a_page(h1: Origin, run: Any) -> None:
    """A page of any length; all of it but the link is as it was."""
    page = b"<!doctype html><p>" + b"words " * 30_000 + b'<a href="/x" ping="/p?u=1">x</a></p>'
    h1.replies[b"/rewrite"] = (200, [(b"content-type", b"text/html")], page)
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.content == page.replace(b' ping="/p?u=1"', b"")


async def test_events_are_edited_one_by_one(h1: Origin, run: Any) -> None:
    """Each goes on when it is complete, without what a rule takes out."""
    events = b"".join(b'id: %d\ndata: {"id": "%d", "n": 1}\n\n' % (number, number) for number in range(300))
    h1.replies[b"/rewrite"] = (200, [(b"content-type", b"text/event-stream")], events)
    here = await run(h1)
    async with here.client() as client:
        response = await client.get("https://tracker.example/rewrite")
    assert response.text.count('data: {"n": 1}\n\n') + response.text.count('data: {"id": null, "n": 1}\n\n') == 300
    assert response.text.count("\nid: ") == 299
