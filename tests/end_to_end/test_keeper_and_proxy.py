"""The proxy with the real keeper, the shipped rules and files on disk."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from shield.data import data_path
from shield.demo.home import make_keeper
from shield.keeper import Keeper
from shield.proxy.master import Proxy
from tests.end_to_end import origins
from tests.end_to_end.conftest import FACTS, PrefersHttp2, server_context

URL = "https://www.google-analytics.com/g/collect?v=2&tid=G-TEST12345&cid=1111111111.1700000000&em=anna%40real.example"
PAGE = {"referer": "https://shop.example/", "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty"}


@contextlib.asynccontextmanager
async def proxied(keeper: Keeper, port: int, ca: Path) -> Any:
    proxy = Proxy(keeper, port=0, upstream_map={"*": ("127.0.0.1", port)}, upstream_ca=ca)
    bound = await proxy.start()
    context = PrefersHttp2(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(proxy.ca_certificate))
    try:
        async with httpx.AsyncClient(
            proxy=f"http://127.0.0.1:{bound}", verify=context, http2=True, timeout=15, trust_env=False
        ) as client:
            yield client
    finally:
        await proxy.stop()


@pytest.fixture
async def analytics(authority: Any) -> Any:
    leaf = authority.issue_cert("www.google-analytics.com")
    async with origins.http2(server_context(leaf, "h2")) as origin:
        yield origin


async def test_the_same_pseudonym_after_a_restart_and_no_fact_on_disk(
    analytics: origins.Origin, authority_file: Path, tmp_path: Path
) -> None:
    """Store before send, journal, ledger, CA: all in one home; none of the files holds a fact."""
    home = tmp_path / "home"
    for run in range(2):
        keeper = make_keeper(tmp_path, data_path("rules")) if run == 0 else Keeper.open(home)
        try:
            async with proxied(keeper, analytics.port, authority_file) as client:
                response = await client.get(URL, headers=PAGE)
                assert response.status_code == 200, response.text
        finally:
            keeper.close()
    first, second = (one.target for one in analytics.requests)
    assert first == second
    assert b"1111111111" not in first
    assert b"real.example" not in first
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [fact for fact in FACTS if fact.encode() in content], path


async def test_a_changed_rule_file_is_taken_up(
    analytics: origins.Origin, authority_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the proxy runs; a broken one leaves the old ones in force."""
    from shield.proxy import reloading

    monkeypatch.setattr(reloading, "RELOAD_SECONDS", 0.05)
    home = tmp_path / "home"
    (home / "rules").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    own = home / "rules" / "own.yaml"
    where = "{host: www.google-analytics.com, path: /new}"
    rule = f"company: Me\nrules:\n  - {{id: no, why: I do not want it, where: {where}, action: block}}\n"
    with Keeper.open(home) as keeper:
        async with proxied(keeper, analytics.port, authority_file) as client:
            url = "https://www.google-analytics.com/new"
            assert (await client.get(url)).status_code == 200
            own.write_text(rule)
            await origins.until(lambda: any(one.id == "no" for one in keeper.policy.rules), 10)
            assert (await client.get(url)).status_code == 204
            own.write_text("company: [")
            await asyncio.sleep(1.3)
            assert (await client.get(url)).status_code == 204
