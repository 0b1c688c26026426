"""Index: a policy compiled, asked three times per message (head, selectors, decide).

Rules are filed by what they name: service, company, literal host; the rest is asked of every message. So a
message that no rule concerns costs a few dict look-ups and the checks of the general rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from shield.address import AddressPattern
from shield.context import Context
from shield.finding import Answers, Finding
from shield.message import Request
from shield.opened import Opened
from shield.policy import decide, head
from shield.policy.applying import Applying
from shield.policy.clause import Clause, Held
from shield.policy.contest import applies
from shield.policy.decide import Decided
from shield.policy.head import Head, ResponsePlan
from shield.policy.rule import Condition, Policy, Rule
from shield.selector import Selectors
from shield.vocabulary import PARTITION_MARK

__all__ = ["Chosen", "Decided", "Head", "Index"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What detect looks for on behalf of the rules that apply.

    Attributes:
        path_parts: name -> span over the path's bytes, of named parts that a rule's addresses use.
    """

    selectors: Selectors = field(default_factory=Selectors)
    path_parts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


_NOTHING = Chosen()
_MEMO_SELECTORS: Final = 200  # the services of our captures choose about 40 different ones


@dataclass(slots=True)
class _Drawer:
    """Clauses filed under one service, company or host, by what they do."""

    guards: list[Clause] = field(default_factory=list)
    messages: list[Clause] = field(default_factory=list)
    places: list[Clause] = field(default_factory=list)
    selects: list[Clause] = field(default_factory=list)
    adds: list[Clause] = field(default_factory=list)

    def put(self, clause: Clause) -> None:
        """File a clause; a field action that names no field has nothing to act on."""
        if clause.action == "guard":
            self.guards.append(clause)
        elif clause.action == "add":
            self.adds.append(clause)
        elif clause.selector is not None:
            self.places.append(clause)
        elif clause.category or clause.whose:
            self.selects.append(clause)
        elif clause.action in ("allow", "ask", "block", "unwrap"):
            self.messages.append(clause)


class _Cabinet:
    """The drawers of one direction."""

    def __init__(self) -> None:
        self.by_service: dict[str, _Drawer] = {}
        self.by_company: dict[str, _Drawer] = {}
        self.by_host: dict[str, _Drawer] = {}
        self.general = _Drawer()

    def put(self, rule: Rule, condition: Condition) -> None:
        """File one member of a rule's ``where``."""
        if condition.service:
            self._file(self.by_service, condition.service, Clause(rule, condition, filed_by="service"))
        elif condition.company:
            self._file(self.by_company, condition.company, Clause(rule, condition, filed_by="company"))
        elif condition.host and all(one.literal is not None for one in condition.host):
            settled = None if any(one.exact for one in condition.host) else "host"
            self._file(self.by_host, _outermost(condition), Clause(rule, condition, filed_by=settled))
        else:
            self.general.put(Clause(rule, condition))

    def _file(self, drawers: dict[str, _Drawer], names: Iterable[str], clause: Clause) -> None:
        for name in names:
            drawers.setdefault(name, _Drawer()).put(clause)

    def open(self, context: Context) -> Iterator[_Drawer]:
        """The drawers that may concern a message."""
        if context.service in self.by_service:
            yield self.by_service[context.service]
        if context.company in self.by_company:
            yield self.by_company[context.company]
        if self.by_host:
            rest = context.host
            while rest:
                drawer = self.by_host.get(rest)
                if drawer is not None:
                    yield drawer
                rest = rest.partition(".")[2]
        yield self.general


def _way_out(condition: Condition) -> Condition:
    """Where the cookies that a ``partition`` rule marked come back: the same, and the same with the mark."""
    marked = (AddressPattern(one.text + PARTITION_MARK) for one in condition.at if one.literal is not None)
    return replace(condition, direction="request", at=(*condition.at, *marked), has=(), value=None)


def _outermost(condition: Condition) -> list[str]:
    """Literal hosts without those that another one of the list contains, so that none is filed twice."""
    hosts = {one.literal for one in condition.host if one.literal is not None}
    wide = {one.literal for one in condition.host if one.literal is not None and not one.exact}
    return [host for host in hosts if not any(host != one and host.endswith(f".{one}") for one in wide)]


class Index:
    """A policy compiled. Immutable but for what follows from it: the selectors of the clauses that were chosen before.

    What holds for a message by its context (``applying``) is handed on by the caller who asks several times.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._cabinets = {"request": _Cabinet(), "response": _Cabinet()}
        for rule in policy.rules:
            for condition in rule.where:
                for direction in ("request", "response") if rule.untouched else (condition.direction,):
                    self._cabinets[direction].put(rule, condition)
                if rule.action == "partition":
                    self._cabinets["request"].put(rule, _way_out(condition))
        self._selectors: dict[tuple[Clause, ...], Selectors] = {}

    def head(self, request: Request, context: Context, now: date, applying: Applying | None = None) -> Head:
        """What request line and header names settle."""
        return head.settle(self.policy, applying or self.applying(context, now), request, context)

    def response_plan(self, context: Context, now: date) -> ResponsePlan:
        """How the response to a request is to be treated; *context* is the one of the request."""
        return head.of_response(self.applying(replace(context, direction="response"), now))

    def selectors(
        self, context: Context, opened: Opened, now: date, applying: Applying | None = None
    ) -> Chosen:  # fmt: skip
        """What detect has to look for, and which parts of the path are to be opened as fields."""
        applying = applying or self.applying(context, now)
        if not applying.places:
            parts = _path_parts(applying, context) if applying.selects or applying.messages else None
            return Chosen(path_parts=parts) if parts else _NOTHING
        guard = decide.guard_of(applying, context, opened)
        clauses = tuple([
            held.clause for held in applying.places
            if (guard is None or held.clause.rule.lifts == guard.id)
            and (not held.clause.needs_opened or _opens_with(held, context, opened))
        ])  # fmt: skip
        return Chosen(self._compiled(clauses), _path_parts(applying, context))

    def _compiled(self, clauses: tuple[Clause, ...]) -> Selectors:
        known = self._selectors.get(clauses)
        if known is None:
            if len(self._selectors) >= _MEMO_SELECTORS:
                self._selectors.clear()
            selectors = Selectors(one.selector for one in clauses if one.selector is not None)
            known = self._selectors[clauses] = selectors
        return known

    def decide(
        self, context: Context, opened: Opened, findings: Sequence[Finding], *, now: date, answers: Answers,
        applying: Applying | None = None,
    ) -> Decided:  # fmt: skip
        """Both contests, and the composition of spans."""
        applying = applying or self.applying(context, now)
        return decide.decide(self.policy, applying, context, opened, findings, answers)

    def decide_part(
        self, context: Context, opened: Opened, findings: Sequence[Finding], *, now: date, answers: Answers
    ) -> Decided:
        """The field contests alone, for a part of a message whose own contest was held. Guards hold in parts too."""
        applying = replace(self.applying(context, now), messages=[], adds=[])
        return decide.decide(self.policy, applying, context, opened, findings, answers)

    def applying(self, context: Context, now: date) -> Applying:
        """The clauses that hold by the context. Cost: 10 to 40 µs."""
        out = Applying()
        for drawer in self._cabinets[context.direction].open(context):
            _hold_all(drawer.guards, out.guards, context, now)
            _hold_all(drawer.messages, out.messages, context, now)
            _hold_all(drawer.places, out.places, context, now)
            _hold_all(drawer.selects, out.selects, context, now)
            _hold_all(drawer.adds, out.adds, context, now)
        return out


def _hold_all(clauses: list[Clause], out: list[Held], context: Context, now: date) -> None:
    for clause in clauses:
        if clause.until is not None and now >= clause.until:
            continue
        held = clause.always or clause.hold(context)
        if held is not None:
            out.append(held)


def _opens_with(held: Held, context: Context, opened: Opened) -> bool:
    """A rule whose ``has`` asks for a named part of the path is looked at once those are opened."""
    clause = held.clause
    return any(one.address.text.startswith("path:") for one in clause.has) or applies(held, context, opened)


def _path_parts(applying: Applying, context: Context) -> dict[str, tuple[int, int]]:
    """Spans of the named parts that addresses use, none overlapping: the part of the more specific rule counts."""
    parts: dict[str, tuple[int, int]] = {}
    using = [
        held for held in (*applying.places, *applying.selects, *applying.messages) if held.clause.part_names
    ]  # fmt: skip
    for held in sorted(using, key=Held.key):
        for path in held.clause.paths:
            for name, span in (path.parts(context.readings, protects=held.clause.protects) or {}).items():
                if name in held.clause.part_names and name not in parts and not _overlaps(span, parts.values()):
                    parts[name] = span
    return parts


def _overlaps(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)
