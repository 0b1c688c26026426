"""Paths and names in odd spellings, through the running proxy: read as servers read them, sent as they came."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.end_to_end.origins import Origin

MAIL = b"anna%40real.example"


async def answered(here: Any, host: str, head: bytes) -> bytes:
    """The status line of the answer to a request written byte by byte."""
    reader, writer = await here.tunnel(host)
    writer.write(head)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    return answer.split(b"\r\n")[0]


def get(host: str, target: bytes, *more: bytes) -> bytes:
    lines = (b"GET " + target + b" HTTP/1.1", b"Host: " + host.encode(), b"Accept: */*", *more)
    return b"\r\n".join((*lines, b"", b""))


BLOCKED = (
    b"/blocked", b"/%62locked", b"//blocked", b"/x/../blocked", b"/x/%2e%2E/blocked/a", b"/blocked;a=b", b"/blocked/",
    b"/x%2F..%2Fblocked", b"/BLOCKED", b"/%2562locked", b"/;a/blocked", b"/./blocked",
)  # fmt: skip


async def test_a_block_holds(h1: Origin, run: Any) -> None:
    """Nothing reaches the tracker."""
    here = await run(h1)
    for target in BLOCKED:
        await answered(here, "tracker.example", get("tracker.example", target))
    assert h1.connections == 0


@pytest.mark.parametrize(
    "path", [b"/checkout", b"/%63heckout", b"//checkout", b"/x/../checkout", b"/checkout;s=1", b"/checkout/"]
)
async def test_a_guard_holds_and_what_leaves_stays_as_it_came(path: bytes, h1: Origin, run: Any) -> None:
    here = await run(h1)
    target = path + b"?mail=" + MAIL
    assert b" 200 " in await answered(here, "shop.example", get("shop.example", target, b"Sec-Fetch-Site: cross-site"))
    assert (await h1.settled(0)).target == target


@pytest.mark.parametrize("path", [b"/checkout/..%2Fx", b"/x%2F..%2Fcheckout", b"/CHECKOUT"])
async def test_no_spelling_wins_a_guard(path: bytes, h1: Origin, run: Any) -> None:
    """As another site's business the address does not leave."""
    here = await run(h1)
    head = get("shop.example", path + b"?mail=" + MAIL, b"Sec-Fetch-Site: cross-site", b"Origin: https://other.example")
    await answered(here, "shop.example", head)
    assert h1.connections == 0 or MAIL not in (await h1.settled(0)).target


@pytest.mark.parametrize("name", [b"cid", b"CID", b"cid[]", b"%20cid", b"c%69d", b"&amp;cid", b"cid%5B0%5D"])
async def test_a_field_is_found_and_keeps_its_name(name: bytes, h1: Origin, run: Any) -> None:
    here = await run(h1)
    page = b"Referer: https://shop.example/"
    head = get("tracker.example", b"/c?a=1&" + name + b"=1111111111.1700000000&b=2", page)
    assert b" 200 " in await answered(here, "tracker.example", head)
    target = (await h1.settled(0)).target
    assert b"1111111111" not in target
    assert target.startswith(b"/c?a=1&" + name + b"=")
    assert target.endswith(b"&b=2")
