"""Messages that are not edited although rules would: guarded, locked twin, signed (design, section 6).

Signed messages pass or are blocked. They are blocked where a known fact would be withheld, and towards trackers;
elsewhere the rest of what rules would take out is not worth a download or an upload that fails.
"""

from __future__ import annotations

from dataclasses import replace

from shield.context import Context
from shield.errors import Signed
from shield.finding import Because, Block, Decision, Verdict
from shield.message import Request
from shield.outcome import Outcome

LOCKED = Because(
    "mistake",
    why="the twin is locked, so nobody can tell what is in this message; "
    "start shield in a terminal, or set SHIELD_PASSPHRASE_FILE",
)
LEFT_ALONE = Because("guard", why="the request was left alone, and so is what belongs to it", action="allow")


def remembered(outcome: Outcome[Request]) -> Outcome[Request]:
    """A guard that looked into the request cannot be told from its response: the context carries it on."""
    if outcome.guard is None or not outcome.guard.looks_inside:
        return outcome
    return replace(outcome, context=replace(outcome.context, left_alone=True))


def settle(
    error: Signed, verdict: Verdict, context: Context, decisions: tuple[Decision, ...], covered: tuple[Decision, ...]
) -> tuple[Verdict, tuple[Decision, ...]]:
    """The verdict about the message as it came, and the decisions as they are then carried out."""
    held = (one for one in (*decisions, *covered) if one.action != "allow" and one.finding.whose == "me")
    first = next(held, None)
    if first is not None or context.is_tracker:
        beat = (replace(first.because, beat=()),) if first else ()
        why = f"{error.message}, so nothing can be taken out"
        return Block(Because("fact", "signed", why=why, action="block", beat=beat)), decisions
    why = f"{error.message}, so it leaves as it came"
    return verdict, tuple(_passed(one, why) for one in decisions)


def _passed(decision: Decision, why: str) -> Decision:
    if decision.action == "allow":
        return decision
    beat = (replace(decision.because, beat=()), *decision.because.beat)
    because = Because("fact", "signed", why=why, action="allow", beat=beat)
    return Decision(decision.finding, "allow", because)
