"""The table of hooks gives the same results as mitmproxy's own search."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mitmproxy import exceptions, options
from mitmproxy.addonmanager import AddonManager
from mitmproxy.master import Master
from mitmproxy.proxy.layers.http import HttpRequestHook
from mitmproxy.test import tflow

from shield.proxy.dispatch import TableAddonManager


class Noting:
    def __init__(self, name: str, seen: list[str], act: Any = None, children: tuple[Any, ...] = ()) -> None:
        self.name = name
        self._seen = seen
        self._act = act
        if children:
            self.addons = children

    def request(self, flow: Any) -> Any:
        self._seen.append(self.name)
        return self._act() if self._act else None


class Deaf:
    name = "deaf"


def raising() -> None:
    raise ValueError("broken on purpose")


def halting() -> None:
    raise exceptions.AddonHalt


async def waiting() -> None:
    await asyncio.sleep(0)


def chains(seen: list[str]) -> dict[str, list[Any]]:
    def one(name: str, act: Any = None, *children: Any) -> Noting:
        return Noting(name, seen, act, children)

    return {
        "plain": [one("a"), Deaf(), one("b")],
        "children": [one("a", None, one("a1"), one("a2", None, one("a21"))), one("b")],
        "raises": [one("a", raising), one("b")],
        "a child raises": [one("a", None, one("a1", raising), one("a2")), one("b")],
        "halts": [one("a"), one("b", halting), one("c")],
        "waits": [one("a", waiting), one("b", waiting)],
        "nobody": [Deaf()],
    }


@pytest.mark.parametrize("name", list(chains([])))
async def test_the_same_hooks_run_in_the_same_order(name: str) -> None:
    """For each chain: mitmproxy's manager and ours."""
    results = []
    for manager in (AddonManager, TableAddonManager):
        seen: list[str] = []
        master = Master(options.Options())
        master._legacy_log_events.uninstall()
        master.addons = manager(master)
        master.addons.add(*chains(seen)[name])
        for _ in range(2):
            await master.addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))
        results.append(seen)
    assert results[0] == results[1]


async def test_what_comes_and_goes_is_noticed() -> None:
    """The table is cleared on register and remove."""
    seen: list[str] = []
    master = Master(options.Options())
    master._legacy_log_events.uninstall()
    master.addons = TableAddonManager(master)
    first, second, third = (Noting(name, seen) for name in "abc")
    hook = HttpRequestHook(tflow.tflow())
    await master.addons.trigger_event(hook)
    master.addons.add(first, second)
    await master.addons.trigger_event(hook)
    master.addons.remove(first)
    await master.addons.trigger_event(hook)
    master.addons.register(third)  # known by name, but in no chain
    await master.addons.trigger_event(hook)
    master.addons.clear()
    await master.addons.trigger_event(hook)
    assert seen == ["a", "b", "b", "b"]


def test_options_read_without_copies_are_the_same() -> None:
    """For every option of mitmproxy: the same value, and a list is still one's own."""
    from shield.proxy import quick

    slow = options.Options(listen_host="127.0.0.1", mode=["regular"])
    before = {name: getattr(slow, name) for name in slow.keys()}  # noqa: SIM118
    quick.install()
    assert {name: getattr(slow, name) for name in before} == before
    slow.mode.append("x")
    assert slow.mode == ["regular"]
