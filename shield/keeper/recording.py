"""From an outcome to a line of the ledger that holds no value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from shield.detect.spans import spans_of
from shield.finding import Forward
from shield.ledger.entry import Change, Entry, make_entry, shorten
from shield.outcome import Outcome
from shield.services.domains import registrable

HIDDEN: Final = "…"
Finds = Callable[[bytes], bool]
"""Whether bytes hold something of the person's."""


def entry_of(outcome: Outcome[Any], *, now: datetime, size_bytes: int | None, observed: bool) -> Entry | None:
    """What is worth a line: None for a message to nobody in particular in which nothing was found."""
    is_dull = not outcome.findings and not outcome.changes and not outcome.context.company
    if is_dull and isinstance(outcome.verdict, Forward) and outcome.guard is None:
        return None
    entry = make_entry(
        time=now, context=outcome.context, verdict=outcome.verdict, findings=outcome.findings,
        decisions=(*outcome.decisions, *outcome.covered), guard=outcome.guard.id if outcome.guard else None,
        size_bytes=size_bytes, observed=observed,
    )  # fmt: skip
    decided = {change.at for change in entry.changes}
    added = tuple(
        Change(shorten(change.at), "unknown", action="add", rule=change.rule)
        for change in outcome.changes
        if change.did == "added" and change.at not in decided
    )
    return replace(entry, changes=entry.changes + added) if added else entry


def without_values(entry: Entry, finds: Finds) -> Entry:
    """Cut what happens to hold something of the person's: a field's name, a part of the host.

    One scan when there is nothing, which is nearly always.
    """
    text = "\n".join((entry.method, entry.host, *(change.at for change in entry.changes)))
    if "@" in text:
        finds = _or_a_mailbox(finds)
    if not finds(text.encode()):
        return entry
    changes = tuple(replace(change, at=_cut(change.at, finds)) for change in entry.changes)
    method = HIDDEN if finds(entry.method.encode()) else entry.method
    return replace(entry, method=method, host=_cut_host(entry.host, finds), changes=changes)


def _or_a_mailbox(finds: Finds) -> Finds:
    """Somebody's address is a value too, where a page made a name of it."""
    return lambda text: finds(text) or any(one.category == "email" for one in spans_of(text, 0))


def _cut(shown: str, finds: Finds) -> str:
    """Shorten an address from its end, step by step, until nothing is found in it."""
    if not finds(shown.encode()):
        return shown
    while shown and finds(shown.encode()):
        shown = shown[: max(shown.rfind("/"), shown[:-1].rfind(":") + 1, 0)]
    return shown + HIDDEN


def _cut_host(host: str, finds: Finds) -> str:
    if not finds(host.encode()):
        return host
    domain = registrable(host)
    return HIDDEN if finds(domain.encode()) else f"{HIDDEN}.{domain}"


def account_of(outcome: Outcome[Any]) -> tuple[str, str] | None:
    """Persona scope and fact id where the persona's e-mail has just left in what looks like a sign-up.

    A first party, a method that sends something, the whole address in the clear; not under a guard.
    """
    context = outcome.context
    is_form = context.party == "first" and context.method in ("POST", "PUT", "PATCH") and outcome.guard is None
    if not is_form or context.direction != "request" or not isinstance(outcome.verdict, Forward):
        return None
    for decision in outcome.decisions:
        likeness = decision.finding.likeness
        if decision.finding.category != "email" or likeness is None or likeness.disguise.digest:
            continue
        is_hers = decision.action == "pseudonymize" or (
            decision.action == "allow" and decision.finding.whose == "persona"
        )
        if is_hers and likeness.part.partition("~")[0] in ("value", "full"):
            return context.persona_scope, likeness.fact_id
    return None
