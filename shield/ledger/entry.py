"""One line of the ledger: a message and what became of each piece of personal data in it. Never a value.

What could carry a value is left out or cut: no path, no query, no header value. The address of a field ends in
a name that the page chose; where the finding lies in that very name, the address is cut to what contains it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shield.address import FLAT, POINTERS, SEPARATOR, show_address
from shield.context import Context
from shield.finding import Ask, Because, Block, Decision, Finding, Forward, Redirect, Verdict

LONGEST_ADDRESS: Final = 300
VERDICTS: Final[dict[type, str]] = {Forward: "forward", Block: "block", Redirect: "redirect", Ask: "ask"}
_NUMBERED: Final = ("line:", "event:", "grpc:")
_NUMBER: Final = re.compile(r"[0-9A-Fa-f]*\d[0-9A-Fa-f]{6,}[0-9A-Fa-f-]*|\d{5,}")
_UNDECIDED: Final[dict[type, str]] = {**VERDICTS, Forward: "allow"}


@dataclass(frozen=True, slots=True)
class Change:
    """One finding and what was done about it.

    Attributes:
        at: address as people read it, e.g. ``query:cid``.
        disguise: how the value travelled, e.g. ``sha256 (google)``; empty for the plain value.
        action: allow, generalize, pseudonymize, strip; ``add`` for what a rule put in; empty when the
            message's verdict came before the fields.
        rule: where the rule stands, e.g. ``google.yaml:41``; a cell of the share table by its name.
        count: fields of category ``unknown`` that one rule treats alike are one change; *at* is the first.
    """

    at: str
    category: str
    whose: str = "unknown"
    disguise: str = ""
    action: str = ""
    layer: str = ""
    rule: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One message.

    Attributes:
        time: aware; kept in UTC.
        direction: ``request`` or ``response``; frames have the direction they travel in.
        rule: where the rule behind the verdict stands, e.g. ``trackers.yaml:7``.
        guard: id of the rule because of which the message was left alone.
        size_bytes: of the body as it came; None when it was streamed.
        observed: nothing was changed, this is what would have been done.
    """

    time: datetime
    direction: str
    method: str
    host: str
    verdict: str
    service: str | None = None
    company: str | None = None
    purpose: str | None = None
    party: str = "unknown"
    layer: str = ""
    rule: str | None = None
    guard: str | None = None
    size_bytes: int | None = None
    observed: bool = False
    changes: tuple[Change, ...] = ()


def make_entry(
    *,
    time: datetime,
    context: Context,
    verdict: Verdict,
    findings: Iterable[Finding] = (),
    decisions: Iterable[Decision] = (),
    guard: str | None = None,
    size_bytes: int | None = None,
    observed: bool = False,
) -> Entry:
    """Write down what became of a message.

    A finding that has no decision (the verdict came first, or a guard holds) is noted with the action of the
    verdict: ``block``, ``ask``, or ``allow`` where the message was let through as it was. A field of which nothing
    is known and that was let through is not noted.

    Cost: about 3 µs per finding that is noted by itself.
    """
    decisions = tuple(decisions)
    decided = {one.finding.node for one in decisions}
    action, because = _UNDECIDED[type(verdict)], verdict.because
    fates = [(one.finding, one.action, one.because) for one in decisions]
    fates += [(one, action, because) for one in findings if one.node not in decided]
    return Entry(
        time=time, direction=context.direction, method=context.method, host=context.host,
        verdict=VERDICTS[type(verdict)], service=context.service, company=context.company,
        purpose=context.purpose, party=context.party, layer=verdict.because.layer,
        rule=rule_of(verdict.because), guard=guard, size_bytes=size_bytes, observed=observed,
        changes=tuple(_changes(fates)),
    )  # fmt: skip


def _changes(fates: list[tuple[Finding, str, Because]]) -> Iterator[Change]:
    """One by one what is known, in groups what is not."""
    unknown: dict[int, list[tuple[Finding, str, Because]]] = {}
    for fate in fates:
        finding, action, because = fate
        if finding.category != "unknown" or finding.whose != "unknown":
            yield change_of(finding, action, because)
        elif action != "allow":
            unknown.setdefault(id(because), []).append(fate)  # one object per rule and action
    for group in unknown.values():
        yield change_of(*group[0], count=len(group))


def change_of(finding: Finding, action: str, because: Because, *, count: int = 1) -> Change:
    """One finding and its decision."""
    likeness = finding.likeness
    at = place_of(finding.node.address) if finding.how == "identifier" else None
    return Change(
        at=at or safe_address(finding.node.address, in_name=finding.in_name or finding.how == "identifier"),
        category=finding.category,
        whose=finding.whose,
        disguise=likeness.disguise.name if likeness else "",
        action=action,
        layer=because.layer,
        rule=rule_of(because),
        count=count,
    )


def rule_of(because: Because) -> str | None:
    """Where the rule stands, else its name."""
    return because.where or because.rule


def safe_address(address: str, *, in_name: bool = False) -> str:
    """The address as people read it, without a last name that holds a value, and of bounded length.

    ``json:/customer/anna@real.example`` becomes ``json:/customer`` when the finding lies in the name.
    """
    if in_name:
        address = container(address)
    return shorten(show_address(address))


def shorten(shown: str) -> str:
    """At most LONGEST_ADDRESS characters: a page may choose a name of any length."""
    return shown if len(shown) <= LONGEST_ADDRESS else shown[: LONGEST_ADDRESS - 1] + "…"


def container(address: str) -> str:
    """The address without its last name: ``query:␟a`` becomes ``query:``, ``json:␟a␟b`` ``json:␟a``."""
    steps = address.split(SEPARATOR)
    if len(steps) > 1 and (not steps[-1].endswith(":") or steps[-2] in FLAT):
        steps.pop()
    return SEPARATOR.join(steps)


def place_of(address: str) -> str | None:
    """The address as people read it, with ``*`` for members of lists and numbers in names; None if it cannot be said.

    ``json:/events/0/id`` becomes ``json:/events/*/id``, ``query:uid_4711815`` ``query:uid_*``: the same field in
    every message, and no number that may be somebody's.
    """
    if "*" in address or len(address) > LONGEST_ADDRESS:  # which also bounds what the expression costs
        return None
    out: list[str] = []
    notation = ""
    for step in address.split(SEPARATOR):
        if step.endswith(":") and step.islower():
            notation = step
            out.append(step)
        elif not step.isdigit():
            out.append(_NUMBER.sub("*", step))
        else:
            out.append("*" if notation in _NUMBERED or (notation in POINTERS and notation != "protobuf:") else step)
    shown = show_address(SEPARATOR.join(out))
    return shown if len(shown) <= LONGEST_ADDRESS and shown.isprintable() else None
