"""Contests: which of the rules that apply wins, and what it beat.

Layers first; inside a layer literal host, literal path (more characters), literal address, number of further
conditions; between equals the more protective; then the id, so that the order of files never matters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shield.context import Context
from shield.finding import Because
from shield.opened import Opened
from shield.policy.clause import RANK, Held
from shield.policy.unwrap import target

STRENGTH: Final = {
    action: number
    for number, action in enumerate(
        ("guard", "block", "ask", "unwrap", "strip", "partition", "pseudonymize", "generalize", "add", "allow")
    )
}
"""The order of ``vocabulary.PROTECTIVE_ORDER``, with the actions that it has no place for."""

Key = tuple[int, int, int, int, int, int, str]


def key(held: Held, address: int = 0, wild_address: int = 0) -> Key:
    """What contests compare; the smallest wins."""
    clause = held.clause
    return (*held.key(address, wild_address), STRENGTH[clause.action], clause.rule.id)


def message_key(held: Held) -> Key:
    """As :func:`key`; the person's own block stands above guards. What a rule lifts are only its own fields."""
    found = key(held)
    if held.clause.rule.layer not in ("person", "lifted"):
        return found
    return (RANK["lifted" if held.clause.action == "block" else "person"], *found[1:])


def because(winner: Held, losers: Iterable[Held]) -> Because:
    """The winner's reason, with what it beat, each rule once."""
    own = winner.clause.because
    beaten = {held.clause.rule.id: held.clause.because for held in losers}
    beaten.pop(winner.clause.rule.id, None)
    if not beaten:
        return own
    return Because(own.layer, own.rule, own.file, own.line, own.why, own.action, tuple(beaten.values()))


@dataclass(frozen=True, slots=True)
class Won:
    """Who won the message contest; *location* for an unwrap."""

    held: Held
    because: Because
    location: str = ""


def of_message(candidates: Iterable[Held], context: Context, opened: Opened) -> Won | None:
    """The message contest, with the message at hand."""
    holding = [held for held in sorted(candidates, key=message_key) if applies(held, context, opened)]
    for position, held in enumerate(holding):
        location = ""
        if held.clause.action == "unwrap":
            found = target(held.clause.rule, context, opened)
            if found is None:
                continue
            location = found
        return Won(held, because(held, holding[position + 1 :]), location)
    return None


def applies(held: Held, context: Context, opened: Opened) -> bool:
    """Whether a clause that holds by the context holds of the message too."""
    clause = held.clause
    if not clause.needs_opened:
        return True
    if clause.rule.untouched == "seen" and not may_guard_seen(context):
        return False
    return clause.holds_in(context, opened)


def may_guard_seen(context: Context) -> bool:
    """``untouched: when seen`` holds only at a first party that is no tracker."""
    return context.party == "first" and not context.is_tracker
