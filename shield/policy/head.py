"""Head: what request line and header names settle, before the body is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from shield.address import SEPARATOR
from shield.context import Context
from shield.finding import Because, Block, Forward, Verdict
from shield.message import Request
from shield.policy import answer
from shield.policy.applying import Applying
from shield.policy.clause import Held
from shield.policy.contest import because, message_key
from shield.policy.rule import Policy, Rule
from shield.policy.share import look_up

Body = Literal["unneeded", "hold", "stream"]
STREAM_BYTES: Final = 1 << 20
"""A body that says it is longer is searched while it passes; nothing in it is edited."""
_HEADER: Final = f"header:{SEPARATOR}"
_OUTSIDE_BODY: Final = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Head:
    """What is settled early.

    Attributes:
        verdict: Block, or Forward under a guard; None while the fields have a say.
        guard: the rule that leaves the message alone, also where one of its fields is lifted.
        body: ``unneeded`` (as it comes), ``hold`` (for the engine), ``stream`` (search it while it passes).
    """

    verdict: Verdict | None = None
    guard: Rule | None = None
    body: Body = "hold"


ResponsePlan = Literal["unneeded", "headers", "hold"]
"""What of a response the rules look at: nothing, its status and headers, its body too."""

_FIELDS: Final[dict[Body, Head]] = {"unneeded": Head(body="unneeded"), "hold": Head(), "stream": Head(body="stream")}


def settle(policy: Policy, applying: Applying, request: Request, context: Context) -> Head:
    """Hold the message contest as far as it can be held without the fields."""
    winner = _certain(applying, request) if applying.guards or applying.messages else None
    if winner is not None and winner.clause.action == "block":
        rule = winner.clause.rule
        losers = [held for held in (*applying.guards, *applying.messages) if held is not winner]
        reason = because(winner, (held for held in losers if _known(held, request)))
        return Head(Block(reason, answer.of(rule, policy)), None, "unneeded")
    if winner is not None and winner.clause.action == "guard":
        return _guarded(winner, applying, request)
    size = _length(request)
    if size is not None and size > STREAM_BYTES:
        return _large(policy, applying, context)
    return _FIELDS["unneeded" if size == 0 else "hold"]


def _certain(applying: Applying, request: Request) -> Held | None:
    """The winner, unless something that cannot be told yet could still beat it."""
    for held in sorted((*applying.guards, *applying.messages), key=message_key):
        known = _known(held, request)
        if known is None:
            return None
        if known:
            return held
    return None


def _known(held: Held, request: Request) -> bool | None:
    """Whether a clause holds, None if only the fields can tell. A guard may ask for header names."""
    clause = held.clause
    if not clause.needs_opened:
        return True
    if clause.action != "guard" or clause.rule.untouched == "seen" or any(one.has for one in clause.exceptions):
        return None
    for one in clause.has:
        name = (one.address.literal or "").removeprefix(_HEADER)
        if not (one.address.literal or "").startswith(_HEADER):
            return None
        value = request.header(name.encode("latin-1"))
        if (value is None) != (one.pattern is None) or (one.pattern and not one.pattern.matches(value or b"")):
            return False
    return True


def _guarded(winner: Held, applying: Applying, request: Request) -> Head:
    guard = winner.clause.rule
    lifting = [held for held in (*applying.places, *applying.selects) if held.clause.rule.lifts == guard.id]
    if not lifting:
        return Head(Forward(winner.clause.because), guard, "unneeded")
    outside = all(
        pattern.text.startswith(_OUTSIDE_BODY) for held in lifting for pattern in held.clause.at
    ) and all(held.clause.at for held in lifting)  # fmt: skip
    return Head(None, guard, "unneeded" if outside or _length(request) == 0 else "hold")


def of_response(applying: Applying) -> ResponsePlan:
    """What the rules of ``direction: response`` need. A guarded message has none."""
    fields = [*applying.places, *applying.selects, *applying.adds]
    if not fields and not applying.messages:
        return "unneeded"
    addresses = [pattern for held in (*fields, *applying.messages) for pattern in held.clause.at]
    addresses += [held.clause.rule.add[0] for held in applying.adds if held.clause.rule.add]
    addresses += [one.address for held in (*fields, *applying.messages) for one in held.clause.has]
    named = all(held.clause.at or held.clause.rule.add for held in fields)
    outside = all(pattern.text.startswith(_OUTSIDE_BODY) for pattern in addresses)
    return "headers" if named and outside else "hold"


def _length(request: Request) -> int | None:
    """Bytes of the body as far as the head says: 0 for none, None for a length that nobody states."""
    if request.header(b"transfer-encoding") is not None:
        return None
    stated = request.header(b"content-length")
    if stated is not None:
        return int(stated) if stated.isdigit() and len(stated) < 20 else None
    if request.body:
        return len(request.body)
    if request.http_version.startswith("HTTP/1") or request.method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        return 0
    return None


def _large(policy: Policy, applying: Applying, context: Context) -> Head:
    """A body above the budget is one field of category ``unreadable``; it can be blocked before it starts."""
    if any(not held.clause.category or "unreadable" in held.clause.category for held in applying.selects):
        return _FIELDS["hold"]
    cell = look_up(
        policy.share, service=context.service, company=context.company, party=context.party,
        category="unreadable", purpose=context.purpose,
    )  # fmt: skip
    if cell.action == "block":
        why = "the body is too large to be looked at"
        reason = Because("share", cell.key, cell.file or None, cell.line or None, why, "block")
        return Head(Block(reason), None, "unneeded")
    return _FIELDS["hold" if cell.action == "ask" else "stream"]
