"""The trip and its origin, before any proxy stands between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from shield.demo import certificates
from shield.demo.browser import OWN_HEADERS
from shield.demo.checks import check
from shield.demo.origin import Origin
from shield.demo.result import Passed, Reply
from shield.demo.traces import facts_in
from shield.demo.trip import HOSTS, STEPS


@pytest.fixture
async def origin(tmp_path: Path) -> AsyncIterator[Origin]:
    async with Origin(certificates.make(tmp_path, HOSTS).server) as running:
        yield running


async def _unprotected(origin: Origin) -> list[Passed]:
    """Take the trip straight to the origin, as a browser without Shield would."""
    trip: list[Passed] = []
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        for step in STEPS:
            before = len(origin.arrivals)
            url = URL(f"https://127.0.0.1:{origin.port}{step.target.decode()}", encoded=True)
            headers = [*step.headers, ("host", step.host)]
            skipped = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
            async with session.request(
                step.method, url, headers=headers, data=step.body or None, ssl=False,
                server_hostname=step.host, allow_redirects=False, skip_auto_headers=skipped,
            ) as response:  # fmt: skip
                reply = Reply(response.status, tuple(response.headers.items()), await response.read())
            trip.append(Passed(step, tuple(origin.arrivals[before:]), reply))
    return trip


def test_the_trip_covers_what_it_promises() -> None:
    assert {step.company for step in STEPS} == {"Google", "Facebook", "Amazon", "others"}
    assert {step.expect for step in STEPS} == {"edited", "unchanged", "nothing"}
    assert len({step.name for step in STEPS}) == len(STEPS)
    carrying = [step.name for step in STEPS if facts_in(step.target + step.body)]
    assert {"ga4", "pixel", "newsletter", "sign-up", "checkout", "amazon-sign-in"} <= set(carrying)


async def test_the_origin_records_every_byte(origin: Origin) -> None:
    for passed in await _unprotected(origin):
        step, (arrival,) = passed.step, passed.arrivals
        came = tuple(
            (name.decode(), value.decode())
            for name, value in arrival.headers
            if name.lower().decode() not in OWN_HEADERS
        )
        assert (step.host, step.method, step.target, step.body) == (
            arrival.host, arrival.method, arrival.target, arrival.body,
        )  # fmt: skip
        assert came == step.headers


async def test_without_shield_the_checks_fail(origin: Origin) -> None:
    """Each kind of claim must be able to fail."""
    failed = [claim.text for claim in check(await _unprotected(origin), origin.connections, {}) if not claim.ok]
    for step in STEPS:
        if step.expect == "nothing":
            assert f"{step.title}: nothing of it reached {step.host}" in failed
        if step.hidden:
            assert f"{step.title}: what should stay behind did" in failed
    for text in (
        "no fact of Anna's reached a tracker, in no disguise",
        "a blocked request opened no connection",
        "Analytics meets another pseudonym on another site",
        "neither is Anna's number",
        "Facebook got the digest of the persona's e-mail in place of Anna's",
        "the pixel's loader: a stand-in keeps the page working",
    ):
        assert text in failed
