"""What the engine says about a message: frozen values that proxy, replay, explain and the ledger read."""

from __future__ import annotations

from dataclasses import dataclass

from shield.context import Context
from shield.finding import Because, Decision, Finding, Issued, Verdict
from shield.message import Frame, Request, Response
from shield.policy.index import Head
from shield.policy.rule import Rule
from shield.transform.plan import Change


@dataclass(frozen=True, slots=True)
class HeadOutcome:
    """What the request line and the headers alone settle.

    Attributes:
        head: ``head.verdict`` is None while the fields have a say; ``head.body`` is how the body is to
            be treated: ``unneeded``, ``hold`` or ``stream``.
    """

    context: Context
    head: Head


@dataclass(frozen=True, slots=True)
class Outcome[Message: (Request, Response, Frame)]:
    """The engine's answer to one request, response or frame.

    Attributes:
        message: as it goes on; the very object that came in when nothing changed. It means nothing
            unless the verdict is Forward and ``needs`` is empty.
        guard: the rule because of which the message was left alone.
        covered: decisions on findings that lie inside something that goes as a whole.
        issued: to be stored before the message leaves.
        needs: scopes whose persona has to be made first; then the engine is called again.
    """

    verdict: Verdict
    context: Context
    message: Message
    guard: Rule | None = None
    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    covered: tuple[Decision, ...] = ()
    changes: tuple[Change, ...] = ()
    issued: tuple[Issued, ...] = ()
    needs: tuple[str, ...] = ()
    modified: bool = False

    @property
    def because(self) -> Because:
        """Why the verdict is what it is."""
        return self.verdict.because
