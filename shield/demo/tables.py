"""One table per company: which field was sent, what arrived in its place, which rule did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shield.address import show_address
from shield.demo.result import Arrival, Passed, Row, Step
from shield.finding import Because, Forward
from shield.message import Request
from shield.outcome import Outcome
from shield.wire import reader

Outcomes = tuple[Outcome[Any], ...]


def tables(trip: Iterable[tuple[Passed, Outcomes]], places: Mapping[str, str]) -> dict[str, tuple[Row, ...]]:
    """Rows by company, in the order of the trip.

    Args:
        places: file and line of each rule by its id.
    """
    found: dict[str, list[Row]] = {}
    for passed, outcomes in trip:
        rows = found.setdefault(passed.step.company, [])
        rows += _news(rows, _rows(passed, outcomes, places))
    return {company: tuple(rows) for company, rows in found.items()}


def _news(before: list[Row], rows: Iterator[Row]) -> list[Row]:
    """Without the headers that every message of this browser has: one of them is enough."""
    seen = {(row.at, row.sent, row.arrived) for row in before if row.at.startswith("header:")}
    return [row for row in rows if (row.at, row.sent, row.arrived) not in seen]


def _rows(passed: Passed, outcomes: Outcomes, places: Mapping[str, str]) -> Iterator[Row]:
    step = passed.step
    outcome = next((one for one in outcomes if one.context.direction == "request"), None)
    arrival = passed.arrivals[0] if passed.arrivals else None
    if outcome is None:
        yield Row(step.title, _asked(step), "", _asked(step), _true(arrival), "not looked at", "")
    elif not isinstance(outcome.verdict, Forward) or outcome.guard is not None:
        yield _row(step, "", _asked(step), _true(arrival), outcome.because)
    elif not outcome.modified:
        yield Row(step.title, _asked(step), "", _asked(step), _true(arrival), "share table", "")
    else:
        yield from _fields(step, arrival, outcome)
        yield from _added(step, arrival, outcome, places)


def _row(step: Step, at: str, sent: str, arrived: str | None, because: Because) -> Row:
    return Row(step.title, _asked(step), at, sent, arrived, because.rule or because.layer, because.where or "")


def _asked(step: Step) -> str:
    return f"{step.method} {step.host}"


def _true(arrival: Arrival | None) -> str | None:
    return None if arrival is None else "all of it, unchanged"


def _fields(step: Step, arrival: Arrival | None, outcome: Outcome[Any]) -> Iterator[Row]:
    """One row per field that arrived otherwise than it was sent, in the order of the message."""
    sent = _values(step.method, step.host, step.target, _as_bytes(step), step.body)
    came = _arrived(arrival) if arrival else {}
    because = {one.finding.at: one.because for one in outcome.decisions if one.action != "allow"}
    for at, value in sent.items():
        inside = any(at.startswith(f"{outer}/") for outer in because)
        if at in because and not inside and came.get(at) != value:
            yield _row(step, at, value, came.get(at), because[at])


def _added(step: Step, arrival: Arrival | None, outcome: Outcome[Any], places: Mapping[str, str]) -> Iterator[Row]:
    came = _arrived(arrival) if arrival else {}
    for change in outcome.changes:
        if change.did == "added":
            rule = change.rule or ""
            yield Row(step.title, _asked(step), change.at, "", came.get(change.at), rule, places.get(rule, ""))


def _as_bytes(step: Step) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode(), value.encode()) for name, value in step.headers)


def _arrived(arrival: Arrival) -> dict[str, str]:
    return _values(arrival.method, arrival.host, arrival.target, arrival.headers, arrival.body)


def _values(
    method: str, host: str, target: bytes, headers: tuple[tuple[bytes, bytes], ...], body: bytes
) -> dict[str, str]:
    """Text of every field by its address; the first of equal addresses."""
    found: dict[str, str] = {}
    for root in reader.read(Request(method, "https", host, 443, target, headers, body)).roots():
        for node in root.walk():
            found.setdefault(show_address(node.address), node.content.decode("utf-8", "replace"))
    return found
