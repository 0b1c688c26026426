"""The field contest: one per finding; for places that rules name, one per field.

Rules that name the same field compete for it together, whatever each of them says the field is; an ``allow``
that names no category passes only what nobody knows better. What was found otherwise is decided by the rules
of its own category, then by the share table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shield.address import SEPARATOR
from shield.context import Context
from shield.finding import Answers, Because, Finding
from shield.opened import Opened
from shield.policy import asking, contest
from shield.policy.clause import RANK, Held
from shield.policy.rule import Cell, Policy
from shield.policy.ruling import Ruling
from shield.policy.share import REPORTED, WITHHELD, look_up
from shield.tree import Node
from shield.vocabulary import NEEDED_TRUE, NEEDED_TRUE_PURPOSES, PERSONA_CATEGORIES, fits

_SPARED: Final = frozenset({"session_id", "account_id", "credential"})
_ALWAYS_FIT: Final = frozenset({"allow", "strip", "block", "partition"})
_COOKIE_LINE: Final = f"header:{SEPARATOR}cookie"
_PERSONA: Final = Because("default", why="this is the value of the persona whom the receiver knows", action="allow")
_HEADER: Final = f"header:{SEPARATOR}"
_FIXED: Final = frozenset({"line", *(_HEADER + name for name in ("host", "content-length", "transfer-encoding"))})
_NO_CELL: Final = "the share table says nothing about this category of yours for others than the site"
_NO_RULE: Final = "no rule names it, so the share table decides"
_BY_FORM: Final = "found by its form alone, so it is reported and not changed"
_NO_SITE: Final = "nobody knows on which site you are, and one persona for all sites would join them"
_JOINS: Final = "its scope joins what you do on all sites where this receiver is"
_EVERYWHERE: Final = "|*"
_REPORTED: Final = Because(
    "share", "share.first.message_text", why="what you write to somebody is reported, not changed", action="allow"
)

Candidate = tuple[contest.Key, Held, Finding]


@dataclass(frozen=True, slots=True)
class Case:
    """What the contests are about: one message.

    Attributes:
        places: clauses that name places, by the id of their rule.
        selects: clauses that select findings by category or whose.
        guard: why everything passes that no rule here speaks about: the message is guarded.
    """

    policy: Policy
    context: Context
    opened: Opened
    answers: Answers
    places: Mapping[str, Sequence[Held]]
    selects: Sequence[Held]
    guard: Because | None = None


def rule_on(case: Case, findings: Iterable[Finding]) -> list[Ruling]:
    """One ruling per finding that anybody has a say about."""
    named: dict[Node, list[Finding]] = {}
    others: list[Finding] = []
    for finding in findings:
        if finding.how == "place":
            named.setdefault(finding.node, []).append(finding)
        else:
            others.append(finding)
    rulings = [ruling for at in named.values() if (ruling := _on_place(case, at)) is not None]
    if not others:
        return rulings
    texts = {node for node, at in named.items() if any(one.category == "message_text" for one in at)}
    return rulings + [_on_found(case, finding, named.get(finding.node, ()), texts) for finding in others]


def _on_place(case: Case, named: Sequence[Finding]) -> Ruling | None:
    """The contest about a field that rules name; None if none of them has a say in the end."""
    if len(named) == 1 and not case.selects and len(named[0].rules) == 1:
        only = case.places.get(named[0].rules[0], ())
        if len(only) == 1 and _has_say(case, only[0], named[0]):  # no contest
            return _never(case, _by_rule(case, named[0], only[0], ()))
    candidates = [one for finding in named for one in _named_by(case, finding)]
    if case.selects:
        candidates += [one for finding in named for one in _selected_by(case, finding)]
    if not candidates:
        return _unnamed(case, named)
    if len(candidates) > 1 and any(held.clause.own not in (None, "unknown") for _, held, _ in candidates):
        candidates = [one for one in candidates if one[1].clause.action != "allow" or _says_what(one[1])]
    candidates.sort(key=_key)
    _, held, finding = candidates[0]
    return _never(case, _by_rule(case, finding, held, candidates))


def _says_what(held: Held) -> bool:
    return held.clause.own not in (None, "unknown") or bool(held.clause.category)


def _unnamed(case: Case, named: Sequence[Finding]) -> Ruling | None:
    """Rules name it, but each of them spares or excepts it: what is known to be there goes to the share table."""
    for finding in named:
        if finding.category != "unknown" and case.context.direction == "request" and _is_spared(case, finding):
            return _by_share(case, finding)
    return None


def _on_found(case: Case, finding: Finding, named: Iterable[Finding], texts: set[Node]) -> Ruling:
    """The contest about what nobody had to name: known facts, identifiers, what cannot be read."""
    if finding.whose == "persona":
        return Ruling(finding, "allow", _PERSONA, RANK["default"])
    candidates = [
        one for place in named if place.category == finding.category for one in _named_by(case, place, finding)
    ]
    candidates += _selected_by(case, finding)
    if candidates:
        candidates.sort(key=_key)
        ruling = _by_rule(case, finding, candidates[0][1], candidates)
    elif case.guard is None and case.context.party == "first" and finding.whose == "me" and _is_in(finding.node, texts):
        ruling = Ruling(finding, "allow", _REPORTED, RANK["share"])
    else:
        ruling = _by_share(case, finding)
    return _never(case, _unreadable(case, ruling))


def _key(candidate: Candidate) -> contest.Key:
    return candidate[0]


def _named_by(case: Case, place: Finding, finding: Finding | None = None) -> Iterator[Candidate]:
    """The rules that name the place of a finding, as candidates for it (or for *finding* in the same field)."""
    finding = finding or place
    for rule in place.rules:
        for held in case.places.get(rule, ()):
            clause = held.clause
            if clause.value is not None and clause.value.match(place.node.content) is None:
                continue
            fit = clause.address_fit(place.node)
            if fit is not None and _has_say(case, held, finding):
                yield contest.key(held, fit, 1 - fit if clause.at else 0), held, finding


def _selected_by(case: Case, finding: Finding) -> Iterator[Candidate]:
    """The rules that select what others found, as candidates for it."""
    for held in case.selects:
        clause = held.clause
        if clause.category and finding.category not in clause.category:
            continue
        if clause.whose and finding.whose not in clause.whose:
            continue
        if clause.action == "allow" and not clause.category and finding.category != "unknown":
            continue
        if clause.value is not None and clause.value.match(finding.node.content) is None:
            continue
        fit = clause.address_fit(finding.node)
        if fit is not None and _has_say(case, held, finding):
            yield contest.key(held, fit, 1 - fit if clause.at else 0), held, finding


def _has_say(case: Case, held: Held, finding: Finding) -> bool:
    """Not if it holds only by what is unknown and the field is spared, if ``unless`` takes the field out, or
    if it would invent a value that has to be true.
    """
    clause = held.clause
    if held.is_unsure and clause.protects and _is_spared(case, finding):
        return False
    if clause.action == "pseudonymize" and _needs_true(case.context, finding.category):
        return False
    return not clause.exceptions or not clause.excepts(finding, case.context, case.opened)


def _needs_true(context: Context, category: str) -> bool:
    return category in NEEDED_TRUE and context.purpose in NEEDED_TRUE_PURPOSES


def _is_spared(case: Case, finding: Finding) -> bool:
    """Cookies, session, account and credentials of a message that is no tracker's: a guess would sign people out. An
    account number of the person's own is a fact, and none of them.
    """
    if case.context.is_tracker:
        return False
    address = finding.node.address
    if address.startswith("cookie:") or address == _COOKIE_LINE:
        return True
    is_own_account = finding.category == "account_id" and finding.whose == "me" and finding.how == "known"
    return finding.category in _SPARED and not is_own_account


def _is_in(node: Node | None, nodes: set[Node]) -> bool:
    while node is not None and nodes:
        if node in nodes:
            return True
        node = node.parent
    return False


def _by_rule(case: Case, finding: Finding, held: Held, candidates: Sequence[Candidate]) -> Ruling:
    """What the winner says; *candidates* are the strongest first, or none where nobody competed."""
    rule = held.clause.rule
    because = held.clause.because
    if len(candidates) > 1:
        because = contest.because(held, [one[1] for one in candidates])
    to = rule.to[0] if rule.to else None
    ruling = Ruling(finding, rule.action, because, held.clause.rank, rule, to)
    return _settled(case, ruling, rule.otherwise, rule.scope)


def _by_share(case: Case, finding: Finding) -> Ruling:
    """What the share table says; towards an unknown party what is spared counts as said to a first."""
    context = case.context
    if case.guard is not None:
        return Ruling(finding, "allow", case.guard, RANK["guard"])
    party = "first" if context.party == "unknown" and _is_spared(case, finding) else context.party
    cell = REPORTED if _is_only_reported(context, finding) else look_up(
        case.policy.share, service=context.service, company=context.company, party=party,
        category=finding.category, purpose=context.purpose, by_form=_is_by_form(finding),
        is_fact=finding.whose == "me" and finding.how == "known",
    )  # fmt: skip
    if cell.is_usual and finding.how == "identifier":
        cell = REPORTED  # the shipped cells speak about facts (docs/decisions/0007)
    layer = "default" if cell.key in ("default", REPORTED.key, WITHHELD.key) else "share"
    ruling = Ruling(finding, cell.action, _of_cell(cell, layer), RANK[layer], to=cell.to)
    if cell.action == "pseudonymize" and _needs_true(context, finding.category):
        why = f"{finding.category} is never invented where the purpose is {context.purpose}"
        ruling.action, ruling.because = "allow", replace(ruling.because, action="allow", why=why)
    return _settled(case, ruling, None, None)


def _is_by_form(finding: Finding) -> bool:
    """Whether it was recognised by its form alone, so that nobody knows whose it is."""
    return finding.how in ("shape", "identifier") and finding.category != "unreadable"


def _is_only_reported(context: Context, finding: Finding) -> bool:
    """Personal data of somebody, by its shape: a message that is no tracker's passes unbroken, with a line about it."""
    return finding.how == "shape" and _is_by_form(finding) and not (context.is_tracker and context.party != "first")


def _of_cell(cell: Cell, layer: str) -> Because:
    why = _BY_FORM if cell is REPORTED else _NO_CELL if cell is WITHHELD else _NO_RULE
    return Because(layer, cell.key, cell.file or None, cell.line or None, why, cell.action)


def _settled(case: Case, ruling: Ruling, otherwise: str | None, scope: str | None) -> Ruling:
    """Take answers to questions; turn what cannot be done to this finding into what can."""
    finding = ruling.finding
    if _is_fixed(finding):
        return _fixed(case, ruling)
    if ruling.action in _ALWAYS_FIT:
        return ruling
    if ruling.action == "ask":
        _ask(case, ruling, otherwise or "strip", _choices(case.context, finding))
    if not fits(ruling.action, finding.category) and ruling.action in ("pseudonymize", "generalize"):
        _turn(ruling, "strip", f"{finding.category} cannot be {ruling.action}d")
    elif finding.in_name and ruling.action in ("pseudonymize", "generalize"):
        _turn(ruling, "strip", "it stands in a name")
    elif ruling.action == "pseudonymize" and not finding.node.is_one_value:
        _turn(ruling, "strip", "it holds several fields")
    elif ruling.action == "pseudonymize" and finding.how == "shape" and finding.category in PERSONA_CATEGORIES:
        _turn(ruling, "strip", "nobody knows whose it is, so no persona has a value for it")
    elif ruling.action == "pseudonymize":
        _in_scope(case.context, ruling, scope)
    return ruling


def _in_scope(context: Context, ruling: Ruling, stated: str | None) -> None:
    """Within what the new value is the same. Without a site there is none for what a persona has values for."""
    finding = ruling.finding
    is_fact = finding.likeness is not None
    ruling.scope = _scope_of_fact(context, stated) if is_fact else _scope(context, stated)
    if ruling.scope.endswith("|"):
        _turn(ruling, "strip", _NO_SITE)
    elif is_fact and ruling.scope.endswith(_EVERYWHERE):
        ruling.because = replace(ruling.because, why=f"{ruling.because.why} ({_JOINS})".lstrip())


def _is_fixed(finding: Finding) -> bool:
    """Whether nothing can be cut out where it stands: no field, or outside of every field of its root."""
    node = finding.node
    if node.address in _FIXED:
        return True
    if not finding.in_name or node.parent is not None or node.address.startswith(_HEADER):
        return False
    return finding.carriers[0] is node


def _fixed(case: Case, ruling: Ruling) -> Ruling:
    """It passes or stops the message; an edit would send it astray or leave nothing of it."""
    if ruling.action == "ask":
        _ask(case, ruling, "block", ("allow", "block"))
    elif ruling.action not in ("allow", "block"):
        _turn(ruling, "block", "it stands where nothing can be changed")
    return ruling


def _turn(ruling: Ruling, action: str, reason: str) -> None:
    because = ruling.because
    ruling.action = action
    ruling.because = replace(because, action=action, why=f"{because.why} ({reason})" if because.why else reason)


def _choices(context: Context, finding: Finding) -> tuple[str, ...]:
    is_nobody = finding.likeness is not None and context.persona_scope.endswith("|")
    is_true = is_nobody or _needs_true(context, finding.category)
    if finding.in_name or is_true or not fits("pseudonymize", finding.category):
        return ("allow", "strip", "block")
    return ("allow", "pseudonymize", "strip", "block")


def _ask(case: Case, ruling: Ruling, otherwise: str, choices: tuple[str, ...]) -> None:
    question = asking.of_field(ruling.because, case.context, ruling.finding, otherwise, choices)
    resolved = asking.resolve(question, ruling.because, case.context, case.answers)
    ruling.action, ruling.because, ruling.question = resolved.action, resolved.because, resolved.question


def _scope(context: Context, stated: str | None) -> str:
    """Within what a pseudonym is equal: for third parties the site the person is on, else the service."""
    stated = stated or ("service" if context.party == "first" else "site")
    if stated == "group":
        return f"group:{context.company}" if context.company else context.receiver
    return context.receiver if stated == "service" else f"{context.receiver}|{context.site_domain or ''}"


def _scope_of_fact(context: Context, stated: str | None) -> str:
    """Whose value stands for a fact: the receiver's persona. A rule can say that a third party meets one everywhere."""
    if context.party == "first" or stated in (None, "site"):
        return context.persona_scope
    return _scope(context, stated) + _EVERYWHERE


def _never(case: Case, ruling: Ruling) -> Ruling:
    """The list ``never``: asks at a first party, blocks elsewhere, unless a rule withholds the value anyway."""
    finding, context = ruling.finding, case.context
    if case.guard is not None or finding.category not in case.policy.never:
        return ruling
    if finding.whose == "persona" or context.direction != "request" or _is_only_reported(context, finding):
        return ruling
    if ruling.action == "block" or (ruling.action == "strip" and ruling.rank < RANK["share"]):
        return ruling
    return _stopped(case, ruling, "never", f"{finding.category} stands in your list 'never'")


def _unreadable(case: Case, ruling: Ruling) -> Ruling:
    """A known fact in bytes that cannot be read cannot be edited there; only a rule lets it pass."""
    finding = ruling.finding
    if finding.node.unreadable is None or finding.node.children or finding.whose != "me" or ruling.action == "block":
        return ruling
    if ruling.action == "allow" and ruling.rank < RANK["share"]:
        return ruling
    return _stopped(case, ruling, "unreadable", f"{finding.category} in something that cannot be read or edited")


def _stopped(case: Case, ruling: Ruling, name: str, why: str) -> Ruling:
    context, policy = case.context, case.policy
    first = context.party == "first"
    because = Because(
        "fact", name, policy.config_file or None, policy.never_line or None, why,
        "ask" if first else "block", (replace(ruling.because, beat=()), *ruling.because.beat),
    )  # fmt: skip
    stopped = Ruling(ruling.finding, "block", because, RANK["fact"], ruling.rule)
    if first:
        _ask(case, stopped, "block", ("allow", "block"))
    return stopped
