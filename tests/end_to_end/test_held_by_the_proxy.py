"""After a mixed load the running proxy holds nothing of it."""

from __future__ import annotations

import asyncio
import gc
import json
import secrets
import urllib.parse
from typing import Any

from tests.end_to_end.origins import Origin
from tests.held import everything_of_shield, holders

KINDS = ("cookie", "authorization", "query", "body", "name", "path", "agent", "response", "large", "plain")


async def test_nothing_of_a_message_stays(h1: Origin, run: Any) -> None:
    """Held and passing bodies, edited and not, answered and blocked ones."""
    here = await run(h1)
    planted = {kind: f"{kind[:2]}{secrets.token_hex(9)}" for kind in KINDS}
    h1.replies[b"/rewrite"] = (
        200,
        [(b"content-type", b"application/json")],
        b'{"id": "%s"}' % planted["response"].encode(),
    )
    headers = {
        "cookie": f"sid={planted['cookie']}", "authorization": f"Bearer {planted['authorization']}",
        "user-agent": planted["agent"], "sec-fetch-dest": "document", "sec-fetch-site": "none",
    }  # fmt: skip
    body = json.dumps({"cid": "1234567890.1700000000", "email": "anna@real.example", planted["name"]: planted["body"]})
    async with here.client() as client:
        for host in ("tracker.example", "shop.example", "ads.example"):
            for path in ("collect", "rewrite", "blocked", "sync"):
                for content in (body, json.dumps([planted["large"]] * 60_000)):
                    await client.post(
                        f"https://{host}/{path}?q={planted['query']}&p={planted['path']}", headers=headers,
                        content=content,
                    )  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    urllib.parse.clear_cache()  # what httpx left, which runs in this process too
    writer.write(
        f"GET http://shop.example/blocked?q={planted['plain']} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()
    )
    assert b"204" in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    here.keeper.outcomes.clear()  # the test's own notes
    for _ in range(4):
        await asyncio.sleep(0.2)
        gc.collect()
        roots = [here.proxy.addon, here.keeper.engine, *everything_of_shield()]
        held = holders(roots, planted.values())
        if not held:
            break
    assert {kind: held[value] for kind, value in planted.items() if value in held} == {}
