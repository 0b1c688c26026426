"""One table per company: which field was sent, what arrived in its place, which rule did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shield.demo.result import Arrival, Passed, Row, Step
from shield.ledger.entry import Change, Entry
from shield.message import Request
from shield.tree import show_address
from shield.wire import reader

RuleNames = Mapping[str, str]
"""``google.yaml:41`` -> id of the rule that stands there."""


def tables(trip: Iterable[tuple[Passed, tuple[Entry, ...]]], names: RuleNames) -> dict[str, tuple[Row, ...]]:
    """Rows by company, in the order of the trip."""
    found: dict[str, list[Row]] = {}
    for passed, entries in trip:
        found.setdefault(passed.step.company, []).extend(_rows(passed, entries, names))
    return {company: tuple(rows) for company, rows in found.items()}


def _rows(passed: Passed, entries: tuple[Entry, ...], names: RuleNames) -> Iterator[Row]:
    step = passed.step
    entry = next((one for one in entries if one.direction == "request"), None)
    arrival = passed.arrivals[0] if passed.arrivals else None
    if entry is None:
        yield _whole(step, _true(arrival), "not looked at", "")
    elif entry.guard:
        yield _whole(step, _true(arrival), entry.guard, _where(entry.guard, names))
    elif entry.verdict != "forward":
        yield _whole(step, None, names.get(entry.rule or "", entry.layer), entry.rule or "")
    else:
        changed = [one for one in entry.changes if one.action not in ("", "allow")]
        if not changed:
            yield _whole(step, _true(arrival), "share table", "")
        yield from _fields(step, arrival, changed, names)


def _whole(step: Step, arrived: str | None, rule: str, where: str) -> Row:
    return Row(step.title, "", f"{step.method} {step.host}", arrived, rule, where)


def _true(arrival: Arrival | None) -> str | None:
    return None if arrival is None else "all of it, unchanged"


def _where(rule: str, names: RuleNames) -> str:
    return next((where for where, name in names.items() if name == rule), "")


def _fields(step: Step, arrival: Arrival | None, changed: list[Change], names: RuleNames) -> Iterator[Row]:
    sent = _values(step.method, step.host, step.target, _as_bytes(step), step.body)
    came = _values(arrival.method, arrival.host, arrival.target, arrival.headers, arrival.body) if arrival else {}
    seen: set[str] = set()
    for one in changed:
        if one.at in seen:
            continue
        seen.add(one.at)
        rule = one.rule or ""
        yield Row(step.title, one.at, sent.get(one.at, ""), came.get(one.at), names.get(rule, one.layer), rule)


def _as_bytes(step: Step) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode(), value.encode()) for name, value in step.headers)


def _values(
    method: str, host: str, target: bytes, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> dict[str, str]:
    """Text of every field by its address; the first of equal addresses."""
    found: dict[str, str] = {}
    for root in reader.read(Request(method, "https", host, 443, target, headers, body)).roots():
        for node in root.walk():
            found.setdefault(show_address(node.address), node.content.decode("utf-8", "replace"))
    return found
