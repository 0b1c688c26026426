"""Questions: who may be asked, what, and what an answer does.

Only documents and what a page or an app asks for itself (XHR, an open WebSocket) can wait for an answer. For
everything else the protective choice is taken at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.context import Context
from shield.finding import Answers, Because, Finding, Question

MAY_WAIT: Final = frozenset({"document", "xhr", "websocket", None})


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a question: an action, or the question itself while nobody answered."""

    action: str
    because: Because
    question: Question | None = None


def resolve(question: Question, because: Because, context: Context, answers: Answers) -> Resolved:
    """Take the answer, or the protective choice where nobody can be asked; else leave the question open.

    An answer that is no choice of the question counts as none: the protective choice is taken.
    """
    answer = answers.get(question.key)
    if answer is not None:
        action = answer if answer in question.choices else question.otherwise
        return Resolved(action, _said(because, action, f"answered: {action}"))
    if context.type in MAY_WAIT and context.direction == "request":
        return Resolved("ask", because, question)
    what = context.type if context.direction == "request" else "a response"
    reason = f"nobody can be asked about {what}, so the protective choice is taken: {question.otherwise}"
    return Resolved(question.otherwise, _said(because, question.otherwise, reason))


def _said(because: Because, action: str, reason: str) -> Because:
    why = f"{because.why} ({reason})" if because.why else reason
    return replace(because, action=action, why=why)


def of_message(because: Because, context: Context, otherwise: str) -> Question:
    """Shall this message leave?"""
    key = _key(because, context, "message", "")
    return Question(key, "", "message", otherwise, ("allow", "block"), because.why)


def of_field(
    because: Because, context: Context, finding: Finding, otherwise: str, choices: tuple[str, ...]
) -> Question:
    """What shall be done about this field?"""
    address = finding.node.address
    at = show_address(address.partition(SEPARATOR)[0] if finding.in_name else address)  # a name may hold the value
    choices = choices if otherwise in choices else (*choices, otherwise)
    key = _key(because, context, at, finding.category)
    return Question(key, at, finding.category, otherwise, choices, because.why)


def _key(because: Because, context: Context, at: str, category: str) -> str:
    """Equal questions have equal keys, so that they are joined: rule, receiver, address, category."""
    return "|".join((because.rule or because.layer, context.receiver, at, category))


def joined(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Each question once, in order."""
    return tuple({question.key: question for question in questions}.values())
