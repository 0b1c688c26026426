"""Put the parts together: a home that lasts for one run, the real proxy in front of a local origin, one trip."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shield.data import data_path
from shield.demo import certificates
from shield.demo.browser import Browser
from shield.demo.checks import check
from shield.demo.home import make_keeper
from shield.demo.origin import Origin
from shield.demo.result import DemoResult, Passed, Step
from shield.demo.tables import tables
from shield.demo.trip import HOSTS, STEPS
from shield.keeper import Keeper
from shield.ledger.entry import Entry
from shield.proxy.master import Proxy


class Watching:
    """The keeper as the proxy sees it, with a copy of every entry for the tables."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.entries: list[Entry] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keeper, name)

    def record(self, entry: Entry) -> None:
        """Keep the entry, and let the keeper write it down."""
        self.entries.append(entry)
        self._keeper.record(entry)


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
    names = {f"{rule.file}:{rule.line}": rule.id for rule in keeper.policy.rules}
    emails = {
        scope: fact.value
        for scope, persona in keeper.person.personas.items()
        for fact in persona.values.values()
        if fact.category == "email"
    }
    claims = tuple(check((passed for passed, _ in trip), origin.connections, emails))
    return DemoResult(tables(trip, names), claims, time.perf_counter() - began)


async def _take(step: Step, browser: Browser, origin: Origin, watching: Watching) -> tuple[Passed, tuple[Entry, ...]]:
    """One step; whatever arrives and is recorded before the reply is complete belongs to it."""
    arrived, recorded = len(origin.arrivals), len(watching.entries)
    reply = await browser.send(step)
    passed = Passed(step, tuple(origin.arrivals[arrived:]), reply)
    return passed, tuple(watching.entries[recorded:])
