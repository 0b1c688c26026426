"""What is written about a record: the ``out`` of design section 7, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shield.context import Context
from shield.finding import Ask, Because, Block, Decision, Finding, Forward, Redirect, Verdict
from shield.message import Frame, Request, Response
from shield.outcome import Outcome
from shield.replay.record import Json, Record, write_body, write_frame, write_headers, write_request, write_response
from shield.transform.plan import Change

_VERDICTS: dict[type, str] = {Forward: "forward", Block: "block", Redirect: "redirect", Ask: "ask"}


def verdict_word(verdict: Verdict) -> str:
    """``forward``, ``block``, ``redirect`` or ``ask``."""
    return _VERDICTS[type(verdict)]


def request(record: Record, outcome: Outcome[Request], *, looked_at: bool) -> Json:
    """What became of the request; the way back is added by :func:`add_response` and :func:`add_frame`."""
    verdict = outcome.verdict
    leaves = isinstance(verdict, Forward)
    out = _empty(record, looked_at)
    out |= {
        "verdict": verdict_word(verdict),
        "guard": outcome.guard.id if outcome.guard else None,
        "modified": leaves and outcome.modified,
        **_who(outcome.context),
        "request": write_request(record, outcome.message) if leaves else None,
        "changes": _changes(outcome.changes) if leaves else [],
        "location": verdict.location if isinstance(verdict, Redirect) else None,
        "because": _because(outcome.because),
        "questions": [
            {"key": question.key, "at": question.at, "category": question.category, "otherwise": question.otherwise}
            for question in (verdict.questions if isinstance(verdict, Ask) else ())
        ],
        "findings": _findings(outcome.findings, (*outcome.decisions, *outcome.covered), verdict, "request"),
    }
    return out


def passed(record: Record) -> Json:
    """What ``--as-run`` says of a host that ``shield run`` does not open."""
    out = _empty(record, looked_at=False)
    out |= {"verdict": "forward", "request": write_request(record, record.request)}
    out |= {"response": record.form.get("response"), "frames": record.form.get("frames") or []}
    out["because"] = {"layer": "default", "rule": None, "id": None, "why": "the host is passed through unopened"}
    return out


def _empty(record: Record, looked_at: bool) -> Json:
    out: Json = {
        "id": record.id, "verdict": None, "looked_at": looked_at, "guard": None, "modified": False,
        "service": None, "company": None, "purpose": None, "party": "unknown",
        "request": None, "changes": [], "location": None, "answer": None, "because": None, "questions": [],
        "response": None, "frames": [], "findings": [], "engine_us": 0,
    }  # fmt: skip
    if record.not_recorded:
        out["not_recorded"] = list(record.not_recorded)
    return out


def _who(context: Context) -> Json:
    return {
        "service": context.service,
        "company": context.company,
        "purpose": context.purpose,
        "party": context.party,
    }


def _because(because: Because) -> Json:
    """The rule by file and line, as everywhere in the output; its id stands beside it."""
    return {"layer": because.layer, "rule": because.where, "id": because.rule, "why": because.why}


def _changes(changes: Iterable[Change]) -> list[Json]:
    return [{"at": change.at, "did": change.did, "rule": change.where, "id": change.rule} for change in changes]


def _findings(
    findings: Iterable[Finding], decisions: Iterable[Decision], verdict: Verdict, direction: str
) -> list[Json]:
    """Every finding with what was done about it; without a decision of its own, with the message's."""
    decided = {id(decision.finding): decision for decision in decisions}
    return [_finding(finding, decided.get(id(finding)), verdict, direction) for finding in findings]


def _finding(finding: Finding, decision: Decision | None, verdict: Verdict, direction: str) -> Json:
    because = decision.because if decision else verdict.because
    action = decision.action if decision else {"forward": "allow", "redirect": "unwrap"}.get(verdict_word(verdict))
    disguise = finding.likeness.disguise.name if finding.likeness else ""
    named = {"in_name": True} if finding.in_name else {}
    return {
        "at": finding.at,
        **named,
        "span": [finding.start, finding.end],
        "direction": direction,
        "category": finding.category,
        "whose": finding.whose,
        "disguise": disguise or None,
        "action": action or verdict_word(verdict),
        "layer": because.layer,
        "rule": because.where,
    }


def answer(response: Response) -> Json:
    """What the client gets instead of a blocked message."""
    return {"status": response.status, "headers": write_headers(response.headers), **write_body(response.body)}


def add_response(out: Json, record: Record, arriving: Outcome[Response]) -> None:
    """The response as it reaches the client, with what was found in it."""
    if record.response is None:
        return
    out["response"] = write_response(record.form["response"], record.response, arriving.message)
    out["changes"] += [{**change, "direction": "response"} for change in _changes(arriving.changes)]
    decisions = (*arriving.decisions, *arriving.covered)
    out["findings"] += _findings(arriving.findings, decisions, arriving.verdict, "response")


def add_frame(out: Json, record: Record, number: int, outcome: Outcome[Frame]) -> None:
    """One frame as it goes on; a dropped one has null for its content."""
    before, form = record.frames[number], record.form["frames"][number]
    leaves = isinstance(outcome.verdict, Forward)
    shown: dict[str, Any] = write_frame(form, before, outcome.message if leaves else None)
    out["frames"].append({**shown, "verdict": verdict_word(outcome.verdict), "modified": leaves and outcome.modified})
    place = {"frame": number}
    out["changes"] += [{**change, "direction": before.direction, **place} for change in _changes(outcome.changes)]
    decisions = (*outcome.decisions, *outcome.covered)
    found = _findings(outcome.findings, decisions, outcome.verdict, before.direction)
    out["findings"] += [{**one, **place} for one in found]
