"""Decide: the message contest, the field contests, the composition of spans, the questions.

One message, one Decided. Pure: what was found, what was answered and the policy go in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shield.context import Context
from shield.finding import (
    Addition,
    Answers,
    Ask,
    Because,
    Block,
    Decision,
    Finding,
    Forward,
    Question,
    Redirect,
    Verdict,
)
from shield.opened import Opened
from shield.policy import answer, asking, contest, fields
from shield.policy.applying import Applying
from shield.policy.clause import Held
from shield.policy.contest import Won, applies
from shield.policy.rule import Policy, Rule
from shield.policy.ruling import Ruling
from shield.policy.spans import STOPS, Composed, compose


@dataclass(frozen=True, slots=True)
class Decided:
    """What is done about one message.

    Attributes:
        decisions: inner before outer. No two edits overlap, but for a ``generalize`` that coarsens a field
            in which inner spans are edited first. Where the message does not leave, they also show ``block``
            and ``ask``.
        guard: the rule because of which the message is left alone. None where a lifted field is edited.
        covered: decisions that another one made needless, because the whole goes or is exchanged.
    """

    verdict: Verdict
    decisions: tuple[Decision, ...] = ()
    additions: tuple[Addition, ...] = ()
    guard: Rule | None = None
    covered: tuple[Decision, ...] = ()


_NO_RULE = Because("default", why="nothing stops this message", action="allow")
_FORWARD = Decided(Forward(_NO_RULE))


def decide(
    policy: Policy, applying: Applying, context: Context, opened: Opened, findings: Sequence[Finding], answers: Answers
) -> Decided:
    """Decide about one message and everything found in it."""
    won = _message_contest(applying, context, opened)
    reason, questions = (won.because if won else _NO_RULE), list[Question]()
    if won is not None:
        if won.held.clause.action == "guard":
            return _guarded(policy, won, applying, context, opened, findings, answers)
        if won.held.clause.action == "unwrap":
            return Decided(Redirect(won.because, won.location))
        action = won.held.clause.action
        if action == "ask":
            question = asking.of_message(won.because, context, won.held.clause.rule.otherwise or "block")
            resolved = asking.resolve(question, won.because, context, answers)
            action, reason = resolved.action, resolved.because
            questions += [question] if action == "ask" else []
        if action == "block":
            return Decided(Block(reason, answer.of(won.held.clause.rule, policy)))
    if not findings and not applying.adds and not questions:
        return _FORWARD if won is None else Decided(Forward(reason))
    case = _case(policy, context, opened, answers, applying.places, applying.selects)
    composed = compose(fields.rule_on(case, findings))
    verdict = _verdict(policy, composed.kept, reason, questions)
    return _decided(verdict, composed, _additions(applying.adds, context, opened))


def guard_of(applying: Applying, context: Context, opened: Opened) -> Rule | None:
    """The guard that holds, if any; whether the person's own block beats it is the contest's matter."""
    for held in sorted(applying.guards, key=contest.message_key):
        if applies(held, context, opened):
            return held.clause.rule
    return None


def _message_contest(applying: Applying, context: Context, opened: Opened) -> Won | None:
    """About a frame only rules that look into it speak anew; the others spoke when the socket was opened."""
    if not applying.guards and not applying.messages:
        return None
    messages: Iterable[Held] = applying.messages
    if opened.body is not None and opened.body.address.startswith("frame"):
        messages = [held for held in messages if held.clause.has]
    return contest.of_message((*applying.guards, *messages), context, opened)


def _case(
    policy: Policy, context: Context, opened: Opened, answers: Answers,
    places: Iterable[Held], selects: Iterable[Held], guard: Because | None = None,
) -> fields.Case:  # fmt: skip
    """What the field contests are about; rules that look into the message are asked whether they still hold."""
    by_rule: dict[str, list[Held]] = {}
    for held in places:
        if not held.clause.needs_opened or applies(held, context, opened):
            by_rule.setdefault(held.clause.rule.id, []).append(held)
    chosen = [held for held in selects if not held.clause.needs_opened or applies(held, context, opened)]
    return fields.Case(policy, context, opened, answers, by_rule, chosen, guard)


def _verdict(policy: Policy, kept: Iterable[Ruling], reason: Because, questions: list[Question]) -> Verdict:
    """Block is final and asks nothing; else every open question of the message comes back at once."""
    stops = sorted((ruling for ruling in kept if ruling.action in STOPS), key=_strongest_first)
    block = next((ruling for ruling in stops if ruling.action == "block"), None)
    if block is not None:
        return Block(block.because, answer.of(block.rule, policy))
    asked = asking.joined([*questions, *(ruling.question for ruling in stops if ruling.question is not None)])
    if asked:
        return Ask(reason if questions else stops[0].because, asked)
    return Forward(reason)


def _strongest_first(ruling: Ruling) -> tuple[int, str, str]:
    return ruling.rank, ruling.because.rule or "", ruling.finding.node.address


def _decided(verdict: Verdict, composed: Composed, additions: tuple[Addition, ...]) -> Decided:
    decisions = tuple([ruling.decision() for ruling in composed.kept])
    covered = tuple([ruling.decision() for ruling in composed.covered])
    return Decided(verdict, decisions, additions, None, covered)


def _guarded(
    policy: Policy, won: Won, applying: Applying, context: Context, opened: Opened,
    findings: Sequence[Finding], answers: Answers,
) -> Decided:  # fmt: skip
    """A guarded message is left alone, but for the fields that the person's own rules lift out of this guard."""
    guard = won.held.clause.rule
    places = [held for held in applying.places if held.clause.rule.lifts == guard.id]
    selects = [held for held in applying.selects if held.clause.rule.lifts == guard.id]
    untouched = Decided(Forward(won.because), guard=guard)
    if not places and not selects:
        return untouched
    case = _case(policy, context, opened, answers, places, selects, won.because)
    composed = compose(fields.rule_on(case, findings))
    if all(ruling.action == "allow" for ruling in composed.kept):
        return untouched
    return _decided(_verdict(policy, composed.kept, won.because, []), composed, ())


def _additions(adds: Iterable[Held], context: Context, opened: Opened) -> tuple[Addition, ...]:
    """One per address, by the strongest rule."""
    best: dict[str, Addition] = {}
    for held in sorted(adds, key=contest.key):
        rule = held.clause.rule
        if rule.add is not None and applies(held, context, opened):
            address, value = rule.add
            best.setdefault(address.text, Addition(address, value, held.clause.because))
    return tuple(best.values())
