"""From an outcome to sightings: which identifiers, facts and persona values left with a message, as keyed digests.

What left is what was allowed: a finding that was stripped or replaced is not seen here, but for the persona's value
that stands in its place. Nothing is noted of a message that did not leave. While only observing, everything leaves as
it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from hmac import digest as hmac
from typing import Any, Final

from shield.address import POINTERS, SEPARATOR, show_address
from shield.context import Context
from shield.detect import identifiers
from shield.finding import Finding, Forward
from shield.ledger.entry import LONGEST_ADDRESS
from shield.ledger.evidence import Sighting
from shield.outcome import Outcome
from shield.person import Person
from shield.transform.shape import shape

IDENTIFIERS: Final = frozenset(
    {"account_id", "device_id", "ad_id", "cookie_id", "click_id", "session_id", "unknown"}
)  # fmt: skip
"""Categories of fields that rules name and let pass, whose values are compared between companies."""
_PARTS: Final = {
    "name": frozenset({"full", "reversed", "listed"}),
    "postal_address": frozenset({"street", "value", "joined"}),
}
"""Parts of facts that point at one person; a first name or a town joins nobody."""
_COMMON: Final = frozenset({"gender", "geo", "date_of_birth"})
_ALIKE: Final = _COMMON | {"name"}
"""What two personas may share by chance."""
_NUMBERED: Final = ("line:", "event:", "grpc:")
_NUMBER: Final = re.compile(r"[0-9A-Fa-f]*\d[0-9A-Fa-f]{6,}[0-9A-Fa-f-]*|\d{5,}")


def sightings(
    outcome: Outcome[Any], *, now: datetime, key: bytes, person: Person, observed: bool
) -> Iterator[Sighting]:
    """What left with a message.

    Cost: some 0.1 us per decision, 10 us per sighting.
    """
    if outcome.context.direction != "request" or not (observed or isinstance(outcome.verdict, Forward)):
        return
    seen = _Seen(outcome.context, now, key)
    for finding, action in _fates(outcome, observed=observed):
        if finding.in_name:
            continue
        if action == "allow" and finding.whose == "unknown":
            yield from seen.identifier(finding)
        elif action == "allow" and finding.whose == "me":
            yield from seen.fact(finding)
        elif finding.likeness is not None and (finding.whose == "persona" or action == "pseudonymize"):
            yield from seen.persona(finding, person)


def _fates(outcome: Outcome[Any], *, observed: bool) -> Iterator[tuple[Finding, str]]:
    """Every finding that left in some way, with what was done."""
    if observed or outcome.guard is not None:
        yield from ((finding, "allow") for finding in outcome.findings)
    else:
        yield from ((one.finding, one.action) for one in outcome.decisions if one.action in ("allow", "pseudonymize"))


class _Seen:
    """The sightings of one message."""

    def __init__(self, context: Context, now: datetime, key: bytes) -> None:
        self._context = context
        self._now = now
        self._key = key

    def identifier(self, finding: Finding) -> Iterator[Sighting]:
        """A value that nobody knows, if it looks like an identifier."""
        node = finding.node
        if finding.category not in IDENTIFIERS or node.children or not finding.is_whole:
            return
        look = identifiers.look(node.content)
        if look is not None:
            kind = "identifier" if finding.how == "identifier" else "named"
            yield from self._make(finding, kind, b"value|" + shape(node.content).canonical, form=look.form)

    def fact(self, finding: Finding) -> Iterator[Sighting]:
        """A fact that was let pass, if it is one that points at a person."""
        likeness, parts = finding.likeness, _PARTS.get(finding.category)
        if likeness is None or finding.category in _COMMON or (parts is not None and likeness.part not in parts):
            return
        yield from self._make(finding, "fact", b"fact|" + likeness.fact_id.encode(), subject=likeness.fact_id)

    def persona(self, finding: Finding, person: Person) -> Iterator[Sighting]:
        """The persona's value that left in place of a fact; what the person chose to keep true is a fact."""
        likeness, persona = finding.likeness, person.personas.get(self._context.persona_scope)
        made = persona.values.get(likeness.fact_id) if persona is not None and likeness is not None else None
        if made is None or likeness is None:
            return
        fact = person.fact(likeness.fact_id)
        if fact is not None and fact.value == made.value:
            yield from self.fact(finding)
        elif finding.category not in _ALIKE:
            value = b"persona|" + made.value.lower().encode()
            yield from self._make(finding, "persona", value, subject=likeness.fact_id)

    def _make(
        self, finding: Finding, kind: str, value: bytes, *, form: str = "", subject: str = ""
    ) -> Iterator[Sighting]:
        at, context = place_of(finding.node.address), self._context
        if at is None:
            return
        site = context.site_domain if context.party == "third" else context.host_domain
        yield Sighting(
            time=self._now, receiver=context.service or context.host_domain, host=context.host, at=at, kind=kind,
            company=context.company or context.host_domain, category=finding.category, form=form, subject=subject,
            digest=hmac(self._key, value, "sha256")[:16],
            site=hmac(self._key, b"site|" + site.encode(), "sha256")[:8] if site else b"",
        )  # fmt: skip


def place_of(address: str) -> str | None:
    """The address as people read it, with ``*`` for members of lists and numbers in names; None if it cannot be said.

    ``json:/events/0/id`` becomes ``json:/events/*/id``, ``query:uid_4711815`` ``query:uid_*``: the same field in
    every message, and no number that may be somebody's.
    """
    if "*" in address:
        return None
    steps = address.split(SEPARATOR)
    out: list[str] = []
    notation = ""
    for step in steps:
        if step.endswith(":") and step.islower():
            notation = step
        elif step.isdigit() and (notation in _NUMBERED or (notation in POINTERS and notation != "protobuf:")):
            step = "*"
        elif not step.isdigit():
            step = _NUMBER.sub("*", step)
        out.append(step)
    shown = show_address(SEPARATOR.join(out))
    return shown if len(shown) <= LONGEST_ADDRESS and shown.isprintable() else None
