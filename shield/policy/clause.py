"""Clause: one member of a rule's ``where``, compiled; and what it takes to hold.

A clause is asked twice. First by the context alone (who, where, from where): `holds`. Then, where the rule has
``has``, with the opened message. What is unknown matches every value in a rule that protects and none in one
that allows; in ``unless`` it is the other way round, for an exception weakens what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from shield.context import Context, Has
from shield.finding import Because, Finding
from shield.opened import Opened
from shield.pattern import HostPattern, PathPattern
from shield.policy.rule import Condition, Rule
from shield.selector import Selector
from shield.tree import Node
from shield.vocabulary import LAYERS

NO: Final = 0
YES: Final = 1
UNSURE: Final = 2
"""It holds because something is unknown."""

Check = Callable[[Context], int]
RANK: Final = {name: number for number, name in enumerate(LAYERS)} | {"fact": -1, "mistake": -1}
"""Layers, the strongest first; ``fact`` is the list ``never``."""
_UNKNOWABLE: Final = ("party", "site", "type", "purpose")


class Unless:
    """One member of ``unless``, compiled."""

    __slots__ = ("at", "category", "checks", "condition", "has", "lenient", "of_fields", "value", "whose")

    def __init__(self, condition: Condition, protects: bool) -> None:
        self.condition = condition
        self.lenient = not protects
        self.checks = checks(condition, lenient=self.lenient)
        self.has = condition.has
        self.at = condition.at
        self.value = condition.value
        self.category = frozenset(condition.category)
        self.whose = frozenset(condition.whose)
        self.of_fields = condition.names_fields

    def holds(self, context: Context) -> bool:
        """Whether what it says about the context is so."""
        return all(check(context) for check in self.checks)

    def is_in(self, opened: Opened) -> bool:
        """Whether some field of a message is as it says; for rules about the message."""
        nodes = (node for pattern in self.at for node in opened.find(pattern)) if self.at else opened.fields()
        return not self.of_fields or any(self.value is None or self.value.match(node.content) for node in nodes)

    def names(self, finding: Finding) -> bool:
        """Whether what it says about the field is so."""
        node = finding.node
        return (
            (not self.at or any(pattern.holds(node.address, protects=self.lenient) for pattern in self.at))
            and (self.value is None or self.value.match(node.content) is not None)
            and (not self.category or finding.category in self.category)
            and (not self.whose or finding.whose in self.whose)
        )


class Clause:
    """One member of a rule's ``where``, compiled.

    Attributes:
        action: the rule's; ``guard`` if it leaves messages untouched.
        checks: what must hold of the context; all of them.
        further: number of stated conditions beside literal host, path and address.
        needs_opened: it cannot be told from the context alone.
        own: category of the fields it decides about; None: ``unknown``, and protectively any.
        selector: what detect looks for on its behalf; None if it selects findings or speaks of the message.
        part_names: named parts of the rule's own path that its addresses use.
        plain: itself as Held, where host and path do not tell how specific it is.
        always: the same, where it holds for every message that it is filed for.
        until: from that day on it has no effect.
    """

    __slots__ = (
        "action", "always", "at", "because", "category", "checks", "condition", "exceptions", "further", "has", "hosts",
        "needs_opened", "of_message", "own", "part_names", "paths", "plain", "protects", "rank", "rule", "selector",
        "until", "value", "whose",
    )  # fmt: skip

    def __init__(self, rule: Rule, condition: Condition, *, filed_by: str | None = None) -> None:
        self.rule = rule
        self.condition = condition
        self.action = "guard" if rule.untouched else rule.action
        self.protects = self.action not in ("allow", "guard")
        self.rank = RANK["guard" if rule.untouched else rule.layer]
        self.checks = checks(condition, lenient=self.protects, leave_out=filed_by)
        self.hosts = condition.host
        self.paths = condition.path
        self.has = condition.has
        self.at = condition.at
        self.value = condition.value
        self.category = frozenset(condition.category)
        self.whose = frozenset(condition.whose)
        self.own = rule.category
        self.further = _further(condition)
        self.exceptions = tuple(
            Unless(one, self.protects) for one in rule.unless if rule.untouched or one.direction == condition.direction
        )
        self.of_message = not condition.names_fields
        self.needs_opened = bool(
            condition.has or rule.action == "unwrap" or rule.untouched == "seen"
            or any(one.has or (self.of_message and one.of_fields) for one in self.exceptions)
        )  # fmt: skip
        self.selector = _selector(rule, condition)
        self.part_names = _part_names(condition)
        self.until = rule.until
        layer = "guard" if rule.untouched else rule.layer
        self.because = Because(layer, rule.id, rule.file, rule.line, rule.why, rule.action or "allow")
        self.plain = None if self.hosts or self.paths else Held(self, YES, 0, 0, 0)
        by_context = self.checks or any(not one.of_fields and not one.has for one in self.exceptions)
        self.always = None if by_context else self.plain

    def hold(self, context: Context) -> Held | None:
        """The clause as it holds for this context; None if it does not."""
        state = YES
        for check in self.checks:
            answer = check(context)
            if answer == NO:
                return None
            state |= answer
        for one in self.exceptions:
            if not one.of_fields and not one.has and one.holds(context):
                return None
        if self.plain is not None and state == YES:
            return self.plain
        host, wild = _most_literal(self.hosts, context.host)
        paths, protects = context.readings, self.protects
        path = max((one.characters for one in self.paths if one.holds(paths, protects=protects)), default=0)
        return Held(self, state, host, path, wild)

    def holds_in(self, context: Context, opened: Opened) -> bool:
        """Whether ``has`` (and ``unless`` with ``has``) holds of the opened message."""
        if not all(has(one, opened, protects=self.protects) for one in self.has):
            return False
        return not any(
            one.holds(context) and all(has(part, opened) for part in one.has) and one.is_in(opened)
            for one in self.exceptions
            if (self.of_message if one.of_fields else one.has)
        )

    def address_fit(self, node: Node) -> int | None:
        """1 if it names the node by a literal address, 0 by a pattern (or not at all stated), None if it does not."""
        if not self.at:
            return 0
        fit: int | None = None
        for pattern in self.at:
            if pattern.holds(node.address, protects=self.protects):
                if pattern.literal is not None:
                    return 1
                fit = 0
        return fit

    def excepts(self, finding: Finding, context: Context, opened: Opened) -> bool:
        """Whether ``unless`` takes this field out."""
        return any(
            one.of_fields and one.names(finding) and one.holds(context) and all(has(part, opened) for part in one.has)
            for one in self.exceptions
        )

    def __repr__(self) -> str:
        return f"<Clause {self.rule.id} {self.action}>"


@dataclass(slots=True, eq=False)
class Held:
    """A clause that holds for one message, and how specific it is there.

    Attributes:
        state: YES, or YES | UNSURE if it holds because something is unknown.
        host: characters of the literal host that matched; path: literal characters of the path.
        wild: 1 if a host with a wildcard matched, which counts as a further condition.
    """

    clause: Clause
    state: int
    host: int
    path: int
    wild: int

    @property
    def is_unsure(self) -> bool:
        """Whether it holds only because something is unknown."""
        return self.state != YES

    def key(self, address: int = 0, wild_address: int = 0) -> tuple[int, int, int, int, int]:
        """For comparing: smaller wins. Layer, literal host, literal path, literal address, further conditions."""
        clause = self.clause
        return clause.rank, -self.host, -self.path, -address, -(clause.further + self.wild + wild_address)


def has(one: Has, opened: Opened, *, protects: bool = False) -> bool:
    """Whether some field at the address has the value; ``absent``: whether there is none.

    For what *protects* also where a server would fold the name into this one.
    """
    if one.pattern is None:
        return next(iter(opened.find(one.address)), None) is None
    matches = one.pattern.matches
    if any(matches(node.content) for node in opened.find(one.address)):
        return True
    return protects and any(matches(node.content) for node in opened.find_folded(one.address))


def checks(condition: Condition, *, lenient: bool, leave_out: str | None = None) -> tuple[Check, ...]:
    """What a condition says about the context, each as a function; the cheap ones first.

    Args:
        lenient: what is unknown matches, and a path in any reading.
        leave_out: the kind of condition that the index has settled already.
    """
    found: list[Check] = []
    for name in ("service", "company", "method", "party", "site", "type", "purpose"):
        values: tuple[str, ...] = getattr(condition, name)
        if values and name != leave_out:
            unknown = UNSURE if lenient and name in _UNKNOWABLE else NO
            found.append(_one_of(name, frozenset(values), unknown))
    if condition.host and leave_out != "host":
        found.append(_host(condition.host))
    if condition.path:
        found.append(_path(condition.path, protects=lenient))
    return tuple(found)


def _one_of(name: str, values: frozenset[str], unknown: int) -> Check:
    """Whether a value of the context is stated; what is unknown counts as *unknown* says.

    A party may be stated as ``unknown``; then an unknown party is a plain match.
    """
    is_party = name == "party"

    def check(context: Context) -> int:
        value = getattr(context, name)
        if value in values:
            return YES
        return unknown if value is None or (is_party and value == "unknown") else NO

    return check


def _host(hosts: tuple[HostPattern, ...]) -> Check:
    return lambda context: YES if any(one.matches(context.host) for one in hosts) else NO


def _path(paths: tuple[PathPattern, ...], *, protects: bool) -> Check:
    return lambda context: YES if any(one.holds(context.readings, protects=protects) for one in paths) else NO


def _most_literal(hosts: Iterable[HostPattern], host: str) -> tuple[int, int]:
    """Characters of the longest literal host that matches, and 1 where only a host with a wildcard does."""
    literal = wild = 0
    for one in hosts:
        if one.matches(host):
            if one.literal is None:
                wild = 1
            else:
                literal = max(literal, one.characters)
    return literal, 0 if literal else wild


def _further(condition: Condition) -> int:
    stated = ("service", "company", "purpose", "method", "party", "site", "type", "category", "whose")
    return sum(bool(getattr(condition, name)) for name in stated) + (condition.value is not None) + len(condition.has)


def _selector(rule: Rule, condition: Condition) -> Selector | None:
    """Only a rule that names a place makes findings; category and whose select those of others.

    A rule that states a value and no place means every leaf: ``patterns`` is empty then.
    """
    if condition.category or condition.whose or not (condition.at or condition.value):
        return None
    protects = not rule.untouched and rule.action != "allow"
    return Selector(rule.id, rule.category or "unknown", condition.at, condition.value, protects)


def _part_names(condition: Condition) -> frozenset[str]:
    """Named parts of the path that the addresses use."""
    texts = [one.text for one in condition.at] + [one.address.text for one in condition.has]
    used = {text.removeprefix("path:").partition("/")[0] for text in texts if text.startswith("path:")}
    names = {name for path in condition.path for name in path.names}
    return frozenset(name for name in names if name in used or "*" in used)
