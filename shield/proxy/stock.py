"""The same engine in stock mitmproxy: ``mitmdump -s "$(shield addon-path)"``, mitmweb, the console.

The script that mitmproxy loads is a few lines; it may be edited, broken or removed while mitmproxy runs, and
mitmproxy then goes on without it. So the script only calls :func:`install`, which puts the gate around the
process and adds the addon to the master itself: both stay. What nobody judges does not leave.

Outside of Shield's promise: what mitmproxy and other scripts print or save, and scripts that come later.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from mitmproxy import exceptions, http
from mitmproxy.addonmanager import Loader
from mitmproxy.utils import asyncio_utils

from shield.finding import Block, Forward, Redirect
from shield.outcome import Outcome
from shield.proxy import gate
from shield.proxy.addon import Addon
from shield.proxy.judge import Keeping
from shield.proxy.reloading import follow
from shield.transform.plan import Change

logger = logging.getLogger("shield.proxy")

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
FORCED: Final = {"connection_strategy": "lazy", "rawtcp": False, "stream_large_bodies": None, "body_size_limit": None}
"""Options that would open a connection early, or a way around the hooks."""
FORBIDDEN: Final = "emudhra"
"""Options of mitmproxy 12.3 that sign with a key which everybody has."""
SHOWN: Final = 10
"""Changes named in a comment; the rest is a number."""
MARKS: Final = {"block": ":no_entry:", "redirect": ":arrow_right_hook:", "edited": ":lock:", "guard": ":shield:"}


class StockAddon(Addon):
    """The addon with what a foreign master needs: options held, flows that show what was done."""

    def __init__(self, keeper: Keeping, master: Any) -> None:
        super().__init__(keeper, noted=show)
        self._master = master
        self._reloading: asyncio.Task[None] | None = None

    def configure(self, updated: set[str]) -> None:
        """Hold the options without which the gate would not be enough."""
        options = self._master.options
        for name in options.keys():  # noqa: SIM118
            if name.startswith(FORBIDDEN) and getattr(options, name):
                raise exceptions.OptionsError(f"shield refuses the option {name}: everybody has that key")
        if "listen_host" in updated and options.listen_host and options.listen_host not in LOOPBACK:
            raise exceptions.OptionsError("shield listens on this machine only: --listen-host 127.0.0.1")
        changed = {name: value for name, value in FORCED.items() if getattr(options, name) != value}
        if changed:
            options.update(**changed)

    async def running(self) -> None:
        """Follow the rule files, and look where mitmproxy listens: it may have begun before the script was read."""
        if self._reloading is None:
            self._reloading = asyncio_utils.create_task(
                follow(self.judge.keeper), name="shield: follow the rule files", keep_ref=True
            )
        server = self._master.addons.get("proxyserver")
        if server is not None and _beyond(server):
            await server.servers.update([])
            await server.setup_servers()
        if server is not None:
            self.reach.listening = frozenset(int(one[1]) for one in server.listen_addrs())
        if server is not None and (beyond := _beyond(server)):
            logger.error("mitmproxy listens on %s; shield ends it: --listen-host 127.0.0.1", beyond[0])
            self._master.shutdown()

    def done(self) -> None:
        """mitmproxy shuts down."""
        if self._reloading is not None:
            self._reloading.cancel()
        super().done()


def install(loader: Loader, keeper: Keeping | None = None) -> None:
    """Called by the script's ``load``; a second call (the script was loaded again) does nothing.

    The gate comes first: whatever fails after it, nothing leaves unjudged.

    Raises:
        ShieldError: rules, twin or home cannot be used; mitmproxy ends, or goes on with a closed gate.
    """
    gate.install()
    master = loader.master
    if "shield" in master.addons:
        return
    if not master.options.listen_host:
        master.options.update(listen_host=LOOPBACK[0])
    addon = StockAddon(keeper if keeper is not None else _keeper(), master)
    try:
        addon.configure({"listen_host"})
    except exceptions.OptionsError as error:  # raised from here mitmproxy would swallow it; an error ends the start
        logger.error("%s", error)
    master.addons.add(addon)
    server = master.addons.get("proxyserver")
    if server is not None and server.is_running:
        asyncio_utils.create_task(addon.running(), name="shield: running", keep_ref=True)


def _beyond(server: Any) -> list[str]:
    """Addresses that other machines can reach."""
    return [str(host) for host, *_ in server.listen_addrs() if host not in LOOPBACK]


def _keeper() -> Keeping:
    from shield.keeper import Keeper, default_home

    return Keeper.open(default_home())


def show(flow: http.HTTPFlow, outcome: Outcome[Any]) -> None:
    """Write what was done where mitmweb and the console show it. No values."""
    because = outcome.because
    rule = because.where or because.rule or because.layer
    reason = f" ({rule}): {because.why}" if because.rule is not None else ""
    flow.comment = f"shield: {_done(outcome)}{reason}"
    flow.marked = MARKS.get(_kind(outcome), "")
    flow.metadata["shield"] = {
        "verdict": type(outcome.verdict).__name__.lower(),
        "service": outcome.context.service,
        "company": outcome.context.company,
        "purpose": outcome.context.purpose,
        "party": outcome.context.party,
        "rule": rule,
        "changes": [f"{change.did} {change.at}" for change in outcome.changes],
    }


def _told(change: Change) -> str:
    return f"{change.did} {change.at} ({change.where or change.rule})"


def _kind(outcome: Outcome[Any]) -> str:
    if isinstance(outcome.verdict, Block | Redirect):
        return type(outcome.verdict).__name__.lower()
    return "guard" if outcome.guard is not None else "edited" if outcome.modified else ""


def _done(outcome: Outcome[Any]) -> str:
    match outcome.verdict:
        case Block():
            return "blocked"
        case Redirect():
            return "led straight on"
        case Forward() if outcome.guard is not None:
            return "left alone"
        case Forward() if outcome.changes:
            more = len(outcome.changes) - SHOWN
            changes = [_told(change) for change in outcome.changes[:SHOWN]]
            return ", ".join(changes) + (f" and {more} more" if more > 0 else "")
    return "nothing to change"
