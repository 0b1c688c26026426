"""Put the parts together: a home that lasts for one run, the real proxy in front of a local origin, one trip."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from shield.data import data_path
from shield.demo import certificates
from shield.demo.browser import Browser
from shield.demo.checks import check
from shield.demo.home import make_keeper
from shield.demo.origin import Origin
from shield.demo.result import DemoResult, Passed, Step
from shield.demo.tables import Outcomes, tables
from shield.demo.trip import HOSTS, STEPS
from shield.keeper import Keeper
from shield.outcome import Outcome
from shield.proxy.master import Proxy


class Watching:
    """The keeper as the proxy sees it, and every outcome that went to the ledger, for the tables."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.outcomes: list[Outcome[Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keeper, name)

    def record_outcome(self, outcome: Outcome[Any], *, now: datetime, size_bytes: int | None = None) -> None:
        """Keep the outcome, and let the keeper write it down."""
        self.outcomes.append(outcome)
        self._keeper.record_outcome(outcome, now=now, size_bytes=size_bytes)


async def drive(rules: Path | None = None, steps: Iterable[Step] = STEPS) -> DemoResult:
    """Take the trip with the shipped rules, or with those of another folder; leaves nothing behind."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="shield-demo-") as folder:
        keeper = make_keeper(Path(folder), rules or data_path("rules"))
        try:
            return await _with_proxy(Path(folder), keeper, tuple(steps), began)
        finally:
            keeper.close()


async def _with_proxy(folder: Path, keeper: Keeper, steps: tuple[Step, ...], began: float) -> DemoResult:
    made = certificates.make(folder, HOSTS)
    watching = Watching(keeper)
    async with Origin(made.server) as origin:
        upstream = dict.fromkeys(HOSTS, ("127.0.0.1", origin.port))
        proxy = Proxy(watching, port=0, upstream_map=upstream, upstream_ca=made.authority)
        port = await proxy.start()
        try:
            async with Browser(port, (proxy.ca_certificate, made.authority)) as browser:
                trip = [await _take(step, browser, origin, watching) for step in steps]
        finally:
            await proxy.stop()
    emails = {
        one.context.persona_scope: fact.value
        for one in watching.outcomes
        if (persona := keeper.person.persona(one.context.persona_scope)) is not None
        for fact in persona.values.values()
        if fact.category == "email"
    }
    claims = tuple(check((passed for passed, _ in trip), origin.connections, emails))
    places = {rule.id: f"{rule.file}:{rule.line}" for rule in keeper.policy.rules}
    return DemoResult(tables(trip, places), claims, time.perf_counter() - began)


async def _take(step: Step, browser: Browser, origin: Origin, watching: Watching) -> tuple[Passed, Outcomes]:
    """One step; whatever arrives and is recorded before the reply is complete belongs to it."""
    arrived, recorded = len(origin.arrivals), len(watching.outcomes)
    reply = await browser.send(step)
    passed = Passed(step, tuple(origin.arrivals[arrived:]), reply)
    return passed, tuple(watching.outcomes[recorded:])
