"""From an outcome to sightings: which identifiers, facts and persona values left with a message, as keyed digests.

What left is what was allowed: a finding that was stripped or replaced is not seen here, but for the persona's value
that stands in its place. Nothing is noted of a message that did not leave. While only observing, everything leaves as
it was.

In two steps, for messages wait for the first one: :func:`seen` picks what is worth it out of an outcome, the ledger's
thread has :func:`sightings` make digests of it. In between values of at most LONGEST bytes are in memory, nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hmac import digest as hmac
from typing import Any, Final, NamedTuple

from shield.context import Context
from shield.detect import identifiers
from shield.detect.identifiers import LONGEST, SHORTEST
from shield.finding import Finding, Forward
from shield.ledger.entry import place_of
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
_MOST: Final = 64


class Seen(NamedTuple):
    """One value that left. Shows none of it.

    Attributes:
        kind: of ``evidence.KINDS``.
        value: an identifier as it stands there; of a fact its id; of a persona's value the value.
        subject: id of the fact.
    """

    kind: str
    address: str
    category: str
    value: bytes
    subject: str = ""

    def __repr__(self) -> str:
        return f"<Seen {self.kind} {self.category} of {len(self.value)} bytes>"


def seen(outcome: Outcome[Any], *, person: Person, observed: bool) -> list[Seen]:
    """What is worth a digest among what left with a message.

    Cost: some 0.2 us per finding.
    """
    if outcome.context.direction != "request" or not (observed or isinstance(outcome.verdict, Forward)):
        return []
    out: list[Seen] = []
    for finding, action in _fates(outcome, observed=observed):
        if finding.in_name:
            continue
        if finding.whose == "unknown":
            one = _identifier(finding) if action == "allow" else None
        elif action == "allow" and finding.whose == "me":
            one = _fact(finding)
        else:
            one = _persona(finding, person, outcome.context.persona_scope)
        if one is not None:
            out.append(one)
            if len(out) >= _MOST:
                break
    return out


def _fates(outcome: Outcome[Any], *, observed: bool) -> Iterator[tuple[Finding, str]]:
    """Every finding that left in some way, with what was done."""
    if observed or outcome.guard is not None:
        yield from ((finding, "allow") for finding in outcome.findings)
    else:
        yield from ((one.finding, one.action) for one in outcome.decisions if one.action in ("allow", "pseudonymize"))


def _identifier(finding: Finding) -> Seen | None:
    """A value that nobody knows, where it may be an identifier."""
    node, start, end, category, _, how, *_ = finding
    content = node.content
    if category not in IDENTIFIERS or not SHORTEST <= len(content) <= LONGEST or end - start < len(content):
        return None
    return None if node.children else Seen("named" if how == "place" else "identifier", node.address, category, content)


def _fact(finding: Finding) -> Seen | None:
    """A fact that was let pass, if it is one that points at a person."""
    likeness, parts = finding.likeness, _PARTS.get(finding.category)
    if likeness is None or finding.category in _COMMON or (parts is not None and likeness.part not in parts):
        return None
    return Seen("fact", finding.node.address, finding.category, likeness.fact_id.encode(), likeness.fact_id)


def _persona(finding: Finding, person: Person, scope: str) -> Seen | None:
    """The persona's value that left in place of a fact; what the person chose to keep true is a fact."""
    likeness, persona = finding.likeness, person.persona(scope)
    made = persona.values.get(likeness.fact_id) if persona is not None and likeness is not None else None
    if made is None or likeness is None:
        return None
    fact = person.fact(likeness.fact_id)
    if fact is not None and fact.value == made.value:
        return _fact(finding)
    if finding.category in _ALIKE:
        return None
    return Seen("persona", finding.node.address, finding.category, made.value.lower().encode(), likeness.fact_id)


def sightings(
    context: Context, values: Iterable[Seen], *, now: datetime, key: bytes, finds: Callable[[bytes], bool]
) -> Iterator[Sighting]:
    """Digests of what left, each with its place. What would name something of the person's (*finds*) is left out.

    Cost: some 20 us each.
    """
    site = context.site_domain if context.party == "third" else context.host_domain
    site_digest = hmac(key, b"site|" + site.encode(), "sha256")[:8] if site else b""
    for one in values:
        at, form, value = place_of(one.address), "", one.value
        if one.kind in ("identifier", "named"):
            look = identifiers.look(one.value)
            if look is None:
                continue
            form, value = look.form, shape(one.value).canonical
        if at is None or finds(f"{at}\n{context.host}".encode()):
            continue
        kind = "value" if one.kind in ("identifier", "named") else one.kind
        yield Sighting(
            time=now, receiver=context.service or context.host_domain, host=context.host, at=at, kind=one.kind,
            company=context.company or context.host_domain, category=one.category, form=form, subject=one.subject,
            digest=hmac(key, f"{kind}|".encode() + value, "sha256")[:16], site=site_digest,
        )  # fmt: skip
