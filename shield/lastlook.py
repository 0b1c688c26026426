"""The last look: what was edited is searched once more before it leaves.

It knows nothing of why an edit was made. A fact of the person's that is still there is a mistake of ours,
unless this very field was decided to pass it (allow), or to pass it made coarser.
"""

from __future__ import annotations

from collections.abc import Iterable

from shield.detect.known import Matcher
from shield.errors import ShieldError
from shield.finding import Decision
from shield.tree import Opened, show_address

PASSING = frozenset({"allow", "generalize"})


class LeftBehind(ShieldError):
    """A fact would have left although a rule withholds it."""


def check(leaving: Opened, matcher: Matcher, scope: str, decisions: Iterable[Decision]) -> None:
    """Raise unless every fact in *leaving* is one that a decision lets pass at this address.

    Args:
        scope: whose persona the receiver meets; that persona's values may leave.

    Raises:
        LeftBehind: names category, address and length, never the value.
    """
    passing = {
        (decision.finding.node.address, decision.finding.likeness.fact_id)
        for decision in decisions
        if decision.action in PASSING and decision.finding.likeness is not None
    }
    for finding in matcher.find(leaving, scope):
        if finding.whose != "me" or finding.likeness is None:
            continue
        if (finding.node.address, finding.likeness.fact_id) not in passing:
            raise LeftBehind(
                f"{finding.category} still at {show_address(finding.node.address)}"
                f" ({finding.end - finding.start} bytes) after the edit"
            )
