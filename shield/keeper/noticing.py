"""What presidio notices in messages that have left: lines of the ledger of their own, never a value, nothing changed.

A message is handed to the worker when it has left as the engine let it; nobody waits. Not handed over: what a guard
left alone, what was stopped, and what travels back. What the engine found already at an address is not told a second
time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from shield.address import SEPARATOR, show_address
from shield.context import Context
from shield.detect.spans import spans_of
from shield.finding import Forward
from shield.keeper.recording import HIDDEN
from shield.ledger.entry import Change, Entry, shorten
from shield.ledger.summary import NOTICED
from shield.message import Frame, Request
from shield.outcome import Outcome
from shield.policy.rule import Config
from shield.presidio.worker import Places, Worker

LAYER: Final = "presidio"
Record = Callable[[Entry], None]


class Noticing:
    """The worker, while the configuration wants it. Safe to use from several threads."""

    def __init__(self, record: Record, *, observed: bool = False, make: Callable[[str], Worker] = Worker) -> None:
        self._record = record
        self._observed = observed
        self._make = make
        self._wanted: tuple[bool, str] = (False, "")
        self.worker: Worker | None = None

    def follow(self, config: Config) -> None:
        """Start, end or exchange the worker as the configuration says. Not on the way of a message."""
        wanted = (config.presidio, config.model or "")
        if wanted == self._wanted:
            return
        self.close()
        self._wanted = wanted
        self.worker = self._make(wanted[1]) if config.presidio else None

    def offer(self, outcome: Outcome[Any], now: datetime) -> None:
        """Hand over a message that has left; never blocks."""
        worker, message = self.worker, outcome.message
        if worker is None or outcome.guard is not None or not isinstance(outcome.verdict, Forward):
            return
        if not isinstance(message, Request | Frame) or outcome.context.direction != "request":
            return
        told = frozenset((finding.node.address, finding.category) for finding in outcome.findings)
        worker.offer(message, partial(self._note, outcome.context, now, told))

    def _note(self, context: Context, now: datetime, told: frozenset[tuple[str, str]], places: Places) -> None:
        """Write down what is new; called in the worker's thread. It holds nothing of the message while it waits."""
        changes = tuple(_changes(place for place in places if place not in told))
        if not changes:
            return
        self._record(
            Entry(
                time=now, direction="request", method=context.method, host=context.host, verdict=NOTICED,
                service=context.service, company=context.company, purpose=context.purpose, party=context.party,
                layer=LAYER, observed=self._observed, changes=changes,
            )
        )  # fmt: skip

    def close(self) -> None:
        """End the worker; nothing waits for what it still had to look at."""
        worker, self.worker, self._wanted = self.worker, None, (False, "")
        if worker is not None:
            worker.close()


def _changes(places: Iterable[tuple[str, str]]) -> Iterable[Change]:
    for address, category in places:
        yield Change(at=_safe(address), category=category, action="allow", layer=LAYER)


def _safe(address: str) -> str:
    """The address for people; from a step on that looks like somebody's data itself, it is cut."""
    steps = address.split(SEPARATOR)
    for number, step in enumerate(steps):
        if spans_of(step.encode("utf-8", "replace"), 0):
            return show_address(SEPARATOR.join(steps[:number])) + HIDDEN
    return shorten(show_address(address))
