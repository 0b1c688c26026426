"""What a rule says a client gets in place of a blocked message."""

from __future__ import annotations

from shield.finding import Answer
from shield.policy.rule import Policy, Rule


def of(rule: Rule | None, policy: Policy) -> Answer | None:
    """The stated answer; None: by type, Accept and the path's ending, which is the proxy's matter."""
    if rule is None or not rule.answer:
        return None
    kind, _, rest = rule.answer.partition(" ")
    if kind == "script":
        return Answer("script", policy.scripts.get(rest.strip(), b""))
    return Answer(kind, rest.strip().encode())
