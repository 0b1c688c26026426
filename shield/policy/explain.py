"""Explain: one message and what is done about it, as plain data for screens and programs.

Addresses and rules only, never a value; where a finding stands in a name, its address is cut to the place.
"""

from __future__ import annotations

from typing import Any

from shield.address import SEPARATOR, show_address
from shield.context import Context
from shield.finding import Ask, Because, Block, Decision, Finding, Question, Redirect, Verdict
from shield.policy.decide import Decided
from shield.policy.opens import Opens

VERDICTS = {"Forward": "forward", "Block": "block", "Redirect": "redirect", "Ask": "ask"}


def explain(decided: Decided, context: Context, opens: Opens) -> dict[str, Any]:
    """Who is asked, what was found, what was decided and what that beat.

    The shape: ``opened`` {opened, because}, ``asked`` {host, service, company, purpose, party, site, type, by},
    ``verdict``, ``because``, ``guard``, ``location`` and ``questions`` where there are any, ``findings`` (kept
    and covered, each with address, span, category, whose, disguise, action, because), ``additions``.
    """
    guard = decided.guard
    return {
        "opened": {"opened": opens.opened, "because": _because(opens.because)},
        "asked": _asked(context),
        **_verdict(decided.verdict),
        "guard": None if guard is None else {"rule": guard.id, "where": f"{guard.file}:{guard.line}", "why": guard.why},
        "findings": [
            *(_decision(one, covered=False) for one in decided.decisions),
            *(_decision(one, covered=True) for one in decided.covered),
        ],
        "additions": [
            {"at": one.address.text, "value": one.value, "because": _because(one.because)} for one in decided.additions
        ],
    }


def _asked(context: Context) -> dict[str, Any]:
    names = ("host", "service", "company", "purpose", "party", "site", "type", "by", "direction")
    return {name: getattr(context, name) for name in names}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    told: dict[str, Any] = {"verdict": VERDICTS[type(verdict).__name__], "because": _because(verdict.because)}
    match verdict:
        case Redirect(location=location):
            told["location"] = location
        case Ask(questions=questions):
            told["questions"] = [_question(one) for one in questions]
        case Block(answer=answer) if answer is not None:
            told["answer"] = answer.kind
        case _:
            pass
    return told


def _question(one: Question) -> dict[str, Any]:
    return {
        "key": one.key, "at": one.at, "category": one.category, "otherwise": one.otherwise,
        "choices": list(one.choices), "why": one.why,
    }  # fmt: skip


def _decision(one: Decision, *, covered: bool) -> dict[str, Any]:
    finding = one.finding
    return {
        "at": _address(finding),
        "span": [finding.start, finding.end],
        "category": finding.category,
        "whose": finding.whose,
        "how": finding.how,
        "disguise": finding.likeness.disguise.name if finding.likeness else "",
        "action": one.action,
        "to": one.to,
        "scope": one.scope,
        "covered": covered,
        "because": _because(one.because),
    }


def _address(finding: Finding) -> str:
    address = finding.node.address
    return show_address(address.partition(SEPARATOR)[0] if finding.in_name else address)


def _because(one: Because) -> dict[str, Any]:
    return {
        "layer": one.layer, "rule": one.rule, "where": one.where, "why": one.why, "action": one.action,
        "beat": [_because(beaten) for beaten in one.beat],
    }  # fmt: skip
