"""The ledger summed up for people: per company what was sent, replaced, withheld and blocked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shield.ledger.reader import Messages, Reader, Total
from shield.vocabulary import DPV_CATEGORY, DPV_PURPOSE

FATES: Final = ("sent", "replaced", "withheld", "blocked")
NOTICED: Final = "noticed"
"""The verdict of a line about a message that has a line already: what was noticed in it after it had left."""
_STOPPED: Final = ("block", "ask")
_FATE: Final = {
    "allow": "sent", "pseudonymize": "replaced", "generalize": "replaced", "unwrap": "withheld", "strip": "withheld",
    "partition": "replaced", "block": "blocked", "ask": "blocked", "redirect": "withheld",
}  # fmt: skip


@dataclass(slots=True)
class CompanySummary:
    """One receiver; *name* is the company, or for what nobody recognised the host.

    Attributes:
        messages: verdict -> number of messages.
        data: category -> fate (one of FATES) -> how often. A value of the persona that was let through
            counts as replaced: it is not the person's.
        would: the same for messages that were only observed: what would have become of it. All of it
            was sent.
        blocked: messages that did not leave.
        observed: how many of the messages were only observed; *would_block* of them would not have left.
    """

    name: str
    is_company: bool
    purposes: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    messages: dict[str, int] = field(default_factory=dict)
    data: dict[str, dict[str, int]] = field(default_factory=dict)
    would: dict[str, dict[str, int]] = field(default_factory=dict)
    blocked: int = 0
    observed: int = 0
    would_block: int = 0

    def total(self, fate: str, *, observed: bool = False) -> int:
        """How many pieces of data met this fate; of messages only observed: would have met it."""
        return sum(fates.get(fate, 0) for fates in (self.would if observed else self.data).values())

    def as_json(self) -> dict[str, Any]:
        """With the terms of the W3C Data Privacy Vocabulary."""
        return {
            "company" if self.is_company else "host": self.name,
            "services": sorted(self.services),
            "purposes": [{"purpose": one, "dpv": DPV_PURPOSE.get(one)} for one in sorted(self.purposes)],
            "messages": dict(sorted(self.messages.items())),
            "observed": self.observed,
            "data": _data(self.data),
            "would": _data(self.would),
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """Receivers with the most messages first; *lost* entries are missing from it."""

    companies: tuple[CompanySummary, ...]
    lost: int = 0


def summarize(path: Path, *, since: datetime | None = None, until: datetime | None = None) -> Summary:
    """Sum the ledger up.

    Raises:
        InputError: there is no ledger.
    """
    with Reader(path) as reader:
        messages = reader.messages(since=since, until=until)
        totals = reader.totals(since=since, until=until)
        return Summary(tuple(_companies(messages, totals)), reader.lost(since=since, until=until))


def fate_of(action: str, verdict: str, whose: str) -> str:
    """What became of one piece of data: one of FATES."""
    if verdict in _STOPPED:
        return "blocked"
    if action == "allow" and whose == "persona":
        return "replaced"
    return _FATE.get(action, "sent")


def _companies(messages: Iterable[Messages], totals: Iterable[Total]) -> list[CompanySummary]:
    found: dict[tuple[bool, str], CompanySummary] = {}
    for row in messages:
        company = _of(found, row.company, row.host)
        if row.verdict == NOTICED:
            continue
        company.messages[row.verdict] = company.messages.get(row.verdict, 0) + row.count
        _count(company, row)
        company.purposes.update(filter(None, [row.purpose]))
        company.services.update(filter(None, [row.service]))
    for total in totals:
        company = _of(found, total.company, total.host)
        fates = (company.would if total.observed else company.data).setdefault(total.category, {})
        fate = fate_of(total.action, total.verdict, total.whose)
        fates[fate] = fates.get(fate, 0) + total.count
    return sorted(found.values(), key=lambda one: (-sum(one.messages.values()), one.name))


def _count(company: CompanySummary, row: Messages) -> None:
    stopped = row.count if row.verdict in _STOPPED else 0
    if row.observed:
        company.observed += row.count
        company.would_block += stopped
    else:
        company.blocked += stopped


def _of(found: dict[tuple[bool, str], CompanySummary], company: str | None, host: str) -> CompanySummary:
    key = (company is not None, company or host)
    if key not in found:
        found[key] = CompanySummary(key[1], key[0])
    return found[key]


def _data(data: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    return [
        {"category": category, "dpv": DPV_CATEGORY.get(category), **{fate: fates.get(fate, 0) for fate in FATES}}
        for category, fates in sorted(data.items())
    ]
