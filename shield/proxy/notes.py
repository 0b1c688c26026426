"""What was decided about the parts of a body, for the stores: what is issued before it leaves, the rest once.

A large body holds the same field a thousand times. The ledger gets one line for the first part in which something
of a kind (rule, action, category) was decided, and one for what stopped the body.
"""

from __future__ import annotations

from dataclasses import replace

from shield.finding import Block, Decision, Forward
from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy.judge import Judge


class Notes:
    """What was decided about the fragments of one body: each kind of decision once, collected in whatever thread.

    Attributes:
        verdict: what stopped the body.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._told: set[tuple[str | None, str, str]] = set()
        self._waiting: list[Outcome[Frame]] = []
        self.verdict: Block | None = None

    def __call__(self, outcome: Outcome[Frame]) -> None:
        """Take note of one fragment."""
        if isinstance(outcome.verdict, Block):
            self.verdict = outcome.verdict
        kinds = {_kind(one) for one in (*outcome.decisions, *outcome.covered)}
        if isinstance(outcome.verdict, Forward) and kinds <= self._told:
            outcome = replace(outcome, findings=(), decisions=(), covered=(), changes=())
        self._told |= kinds
        if outcome.issued or outcome.findings or self.verdict is not None:
            self._waiting.append(outcome)

    def release(self) -> None:
        """Store and write down what was collected; in the loop, before what it is about leaves.

        Raises what the stores raise.
        """
        waiting, self._waiting = self._waiting, []
        for outcome in waiting:
            self._judge.settle(outcome, None)


def _kind(decision: Decision) -> tuple[str | None, str, str]:
    return decision.because.rule, decision.action, decision.finding.category
