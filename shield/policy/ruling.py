"""Ruling: what was decided about one finding, before findings are composed with one another."""

from __future__ import annotations

from dataclasses import dataclass

from shield.finding import Because, Decision, Finding, Question
from shield.policy.rule import Rule


@dataclass(slots=True, eq=False)
class Ruling:
    """The outcome of one field contest.

    Attributes:
        action: an action of ``vocabulary.PROTECTIVE_ORDER`` or ``partition``; ``ask`` while *question* is open.
        rank: of the layer that decided, ``clause.RANK``; smaller is stronger.
        rule: None for the share table and defaults.
    """

    finding: Finding
    action: str
    because: Because
    rank: int
    rule: Rule | None = None
    to: str | None = None
    scope: str | None = None
    question: Question | None = None

    @property
    def swallows(self) -> bool:
        """Whether nothing of what lies inside is left: the whole goes, or another value takes its place.

        What stands in a name takes the items with it that carry the name (``Finding.carriers``).
        """
        finding = self.finding
        if finding.in_name:
            return self.action == "strip"
        if self.action in ("strip", "pseudonymize"):
            return finding.is_whole
        return self.action == "generalize" and (self.to or "").startswith("=") and finding.is_whole

    def decision(self) -> Decision:
        """As it is handed to transform."""
        return Decision(self.finding, self.action, self.because, self.to, self.scope)
