"""The last look: what was edited is searched once more before it leaves.

It knows nothing of why an edit was made. A fact of the person's that is still there is a mistake of ours,
unless this very field was decided to pass it (allow), or to pass it made coarser. Header lines and a body that are
byte for byte as they were, and held no fact then, hold none now: they are not read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from shield import glance, hidden
from shield.address import SEPARATOR, show_address
from shield.context import Context
from shield.detect.known import Matcher
from shield.errors import ShieldError
from shield.finding import Decision, Finding
from shield.message import Frame, Request, Response
from shield.opened import Opened

PASSING = frozenset({"allow", "generalize"})


class LeftBehind(ShieldError):
    """A fact would have left although a rule withholds it."""


def doubtful[Message: (Request, Response, Frame)](
    before: Message, after: Message, opened: Opened, findings: Iterable[Finding]
) -> Message:
    """What of a request has to be read again: path, query, trailers, and what is not as it was or held a fact.

    Args:
        opened, findings: of the message before.
    """
    if not isinstance(before, Request) or not isinstance(after, Request):
        return after
    holding = {finding.node.root for finding in findings if finding.whose == "me"}
    lines = zip(before.headers, opened.headers, strict=False)  # trailers stand behind the headers
    clean = {line for line, root in lines if root not in holding}
    headers = tuple([line for line in after.headers if line not in clean])
    tells = any(name.lower().startswith(b"content-") for name, _ in headers)
    if tells or after.body != before.body or opened.body in holding:
        return after
    return replace(after, headers=headers, body=None)


def is_due(findings: Iterable[Finding], decisions: Iterable[Decision]) -> bool:
    """Whether a fact was found that no decision lets pass where it stands.

    Even what leaves as it came is looked at then: a decision, one that covers it, or an edit may be lost.
    """
    mine = [one for one in findings if one.whose == "me" and one.likeness is not None]
    if not mine:
        return False
    passing = _passing(decisions)
    return any(_place(one) not in passing for one in mine)


def check(leaving: Opened, matcher: Matcher, context: Context, decisions: Iterable[Decision]) -> None:
    """Raise unless every fact in *leaving* is one that a decision lets pass at this address.

    Args:
        context: who receives it; the values of the persona that they meet may leave.

    Raises:
        LeftBehind: names category, address and length, never the value.
    """
    passing = _passing(decisions)
    scope = matcher.scope_of_stored(context.persona_scope)  # nothing is known of a derived one that is a fact
    may_hide = glance.look(leaving, matcher, scope)
    for finding in hidden.known(leaving, matcher, context, may_hide, scope):
        if finding.whose != "me" or finding.likeness is None:
            continue
        if _place(finding) not in passing:
            at = finding.at
            if matcher.holds(at.encode()):  # a name may hold a value too
                at = show_address(finding.node.address.partition(SEPARATOR)[0])
            raise LeftBehind(f"{finding.category} still at {at} ({finding.end - finding.start} bytes) after the edit")


def _passing(decisions: Iterable[Decision]) -> set[tuple[str, str]]:
    """What may leave: at which address which fact."""
    return {_place(one.finding) for one in decisions if one.action in PASSING and one.finding.likeness is not None}


def _place(finding: Finding) -> tuple[str, str]:
    return finding.node.address, finding.likeness.fact_id if finding.likeness is not None else ""
