"""A step of editing that does nothing any more, behind a real proxy: held and passing bodies both stop."""

from __future__ import annotations

from typing import Any

import pytest

from shield.proxy import streaming
from tests.end_to_end.origins import Origin
from tests.test_broken_edits import FACTS, KINDS, LAYERS, STEPS, lost

__all__ = ["lost"]

THIRD = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
THIRD |= {"origin": "https://other.example"}
TEXTS = [LAYERS["gzip in base64"](fact) for fact in FACTS.values()]
SIZES = {"1 KB": 1, "3 MB": 300}


def body(kind: str, size: str) -> bytes:
    return KINDS[kind]([*["words" * (2000 if size == "3 MB" else 100)] * SIZES[size], *TEXTS, "y"])


async def post(here: Any, origin: Origin, kind: str, size: str, *, http2: bool) -> Any:
    """What the client gets."""
    content = body(kind, size)
    assert (len(content) > streaming.BUDGET_BYTES) == (size == "3 MB")
    async with here.client(http2=http2) as client:
        return await client.post("https://shop.example/sync", content=content, headers=THIRD | {"content-type": kind})


def nothing_left(origin: Origin) -> None:
    whole = bytes(origin.received)
    assert not [text for text in TEXTS if text.encode() in whole]
    assert not [one for one in origin.requests if one.complete]


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("origin", ["h1", "h2"], indirect=True)
@pytest.mark.parametrize("lost", list(STEPS), indirect=True)
async def test_whatever_step_is_lost(lost: None, origin: Origin, size: str, run: Any, request: Any) -> None:
    """502 for what was held, 413 for what was passing; the origin has no complete request and no fact."""
    here = await run(origin)
    http2 = request.node.callspec.params["origin"] == "h2"
    response = await post(here, origin, "application/x-ndjson", size, http2=http2)
    if response.status_code == 200:  # this step has no part in it: then it was edited as it should
        arrived = await origin.settled()
        assert not [text for text in TEXTS if text.encode() in arrived.body]
        return
    assert response.status_code in (413, 502), response.text
    nothing_left(origin)


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("lost", ["plan"], indirect=True)
async def test_in_whatever_notation(lost: None, kind: str, size: str, h2: Origin, run: Any) -> None:
    """All edits are lost."""
    here = await run(h2)
    response = await post(here, h2, kind, size, http2=True)
    assert response.status_code in (413, 502), response.text
    nothing_left(h2)


@pytest.mark.parametrize("size", list(SIZES))
async def test_the_same_bodies_with_nothing_lost(size: str, h1: Origin, run: Any) -> None:
    """They leave, edited."""
    here = await run(h1)
    response = await post(here, h1, "application/x-ndjson", size, http2=False)
    assert response.status_code == 200, response.text
    arrived = await h1.settled()
    assert arrived.complete
    assert not [text for text in TEXTS if text.encode() in arrived.body]
