"""Spans: rulings about one message are made to fit together.

A strip of a node covers all below it except fields that a higher layer allows. Otherwise inner spans are edited
first, then the outer rule; an outer ``allow`` says nothing about what lies inside. Partial overlap takes the more
protective action on the union. A block or a question inside something that goes as a whole still counts if its
layer is not lower than the one that takes the whole away.

What comes out: no two edits overlap, but for one whose ``generalize`` coarsens a field in which inner spans are
edited first. Rulings that another one has made needless come back as covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from shield.finding import Finding
from shield.policy.contest import STRENGTH
from shield.policy.ruling import Ruling
from shield.tree import Node

STOPS = frozenset({"block", "ask"})


@dataclass(slots=True)
class Composed:
    """Rulings that hold, inner before outer, and those that are covered."""

    kept: list[Ruling] = field(default_factory=list)
    covered: list[Ruling] = field(default_factory=list)


def compose(rulings: list[Ruling]) -> Composed:
    """Make rulings fit together."""
    out = Composed(rulings)
    if not _are_apart(rulings):
        out.kept = sorted(_below(_within_fields(rulings, out), out), key=_inner_first)
    return out


def _are_apart(rulings: list[Ruling]) -> bool:
    """Whether each speaks about a node of its own and none lies inside another; then there is nothing to compose."""
    nodes = {ruling.finding.node for ruling in rulings}
    if len(nodes) < len(rulings):
        return False
    holders = {node for node in nodes if node.children}
    return not holders or not any(_is_below(node, holders) for node in nodes)


def _is_below(node: Node, holders: set[Node]) -> bool:
    above = node.parent
    while above is not None:
        if above in holders:
            return True
        above = above.parent
    return False


def _inner_first(ruling: Ruling) -> tuple[int, int]:
    depth = 0
    node = ruling.finding.node.parent
    while node is not None:
        depth, node = depth + 1, node.parent
    return -depth, ruling.finding.end - ruling.finding.start


def _within_fields(rulings: list[Ruling], out: Composed) -> list[Ruling]:
    """Compose what lies in one and the same node."""
    by_node: dict[Node, list[Ruling]] = {}
    for ruling in rulings:
        by_node.setdefault(ruling.finding.node, []).append(ruling)
    if len(by_node) == len(rulings):
        return rulings
    return [kept for group in by_node.values() for kept in (_in_field(group, out) if len(group) > 1 else group)]


def _in_field(group: list[Ruling], out: Composed) -> list[Ruling]:
    whole = [ruling for ruling in group if ruling.finding.how == "place"]
    found = _apart([ruling for ruling in group if ruling.finding.how != "place"], out)
    if not whole or not found or whole[0].action != "pseudonymize":
        return whole + found
    return _pseudonymized(whole[0], found, out)


def _pseudonymized(whole: Ruling, found: list[Ruling], out: Composed) -> list[Ruling]:
    """A field that is to get another value, in which the very value was recognised: that one is exchanged.

    So a digest of a fact becomes the digest of the persona's value, and a persona's value is left. It needs
    every letter and digit of the field to be accounted for, else the field is exchanged as a whole.
    """
    same = [
        one for one in found
        if one.finding.category == whole.finding.category
        and (one.action == "pseudonymize" or (one.action == "allow" and one.finding.whose == "persona"))
    ]  # fmt: skip
    if same and not _rest(whole.finding, same).isalnum():
        out.covered.append(whole)
        return found
    return [whole, *found]


def _rest(whole: Finding, parts: Iterable[Ruling]) -> bytes:
    """Letters and digits of a field outside of *parts*; bytes beyond ASCII count as letters."""
    content = bytearray(whole.node.content)
    for one in parts:
        content[one.finding.start : one.finding.end] = b" " * (one.finding.end - one.finding.start)
    return bytes(65 if byte > 0x7F else byte for byte in content if byte > 0x7F or chr(byte).isalnum())


def _apart(found: list[Ruling], out: Composed) -> list[Ruling]:
    """Spans of one node: nested ones stay nested, equal and overlapping ones become one."""
    done: dict[Ruling, None] = {}
    reaching: list[Ruling] = []
    for ruling in sorted(found, key=lambda one: (one.finding.in_name, one.finding.start, -one.finding.end)):
        finding = ruling.finding
        reaching = [
            one for one in reaching
            if one in done and one.finding.in_name == finding.in_name and one.finding.end > finding.start
        ]  # fmt: skip
        _join(ruling, reaching, done, out)
    return list(done)


def _join(ruling: Ruling, reaching: list[Ruling], done: dict[Ruling, None], out: Composed) -> None:
    """Add a ruling to those before it; *reaching* are those of them that end behind its start."""
    for other in reaching:
        if other.action == ruling.action == "allow":
            continue
        if _span(other) == _span(ruling):
            stronger, weaker = _by_strength(other, ruling)
        elif ruling.finding.end <= other.finding.end:  # nested
            if other.action in ("strip", "pseudonymize") and _yields(ruling, other):
                out.covered.append(ruling)
                return
            continue
        else:
            stronger, weaker = _union(other, ruling)
        out.covered.append(weaker)
        done.pop(other)
        _join(stronger, [one for one in reaching if one is not other], done, out)
        reaching.append(stronger)
        return
    done[ruling] = None
    reaching.append(ruling)


def _span(ruling: Ruling) -> tuple[int, int]:
    return ruling.finding.start, ruling.finding.end


def _yields(ruling: Ruling, outer: Ruling) -> bool:
    """Whether a ruling inside something that goes as a whole is needless."""
    return ruling.action not in STOPS or ruling.rank > outer.rank


def _by_strength(one: Ruling, other: Ruling) -> tuple[Ruling, Ruling]:
    """For equal spans: the higher layer, then the more protective action."""
    first, second = sorted((one, other), key=lambda ruling: (ruling.rank, STRENGTH[ruling.action]))
    return first, second


def _union(one: Ruling, other: Ruling) -> tuple[Ruling, Ruling]:
    """Partial overlap: the more protective action on the union.

    No value fits the union of two: what would be exchanged or made coarser is cut out.
    """
    first, second = sorted((one, other), key=lambda ruling: (STRENGTH[ruling.action], ruling.rank))
    start, end = min(one.finding.start, other.finding.start), max(one.finding.end, other.finding.end)
    union = first.finding._replace(start=start, end=end, likeness=None)
    action = "strip" if first.action in ("pseudonymize", "generalize") else first.action
    because = first.because if action == first.action else replace(first.because, action=action)
    return Ruling(union, action, because, first.rank, first.rule, question=first.question), second


def _below(rulings: list[Ruling], out: Composed) -> list[Ruling]:
    """Compose what lies in different nodes, one inside the other."""
    outer = [ruling for ruling in rulings if ruling.swallows]
    if not outer:
        return rulings
    spared = _spared(outer, rulings)
    opened = [ruling for ruling in outer if ruling in spared]
    made = [part for ruling in opened for part in _around(ruling, spared[ruling])]
    takes: dict[Node, Ruling] = {}
    for part in (*(ruling for ruling in outer if ruling not in spared), *made):
        for node in part.finding.carriers if part.finding.in_name else (part.finding.node,):
            if node not in takes or part.rank < takes[node].rank:
                takes[node] = part
    out.covered += opened
    kept: list[Ruling] = []
    for ruling in (*(ruling for ruling in rulings if ruling not in spared), *made):
        (out.covered if _is_taken(ruling, takes) else kept).append(ruling)
    return kept


def _is_taken(ruling: Ruling, takes: dict[Node, Ruling]) -> bool:
    """Whether what it speaks about goes with something else; in a name: with all that carries it."""
    finding = ruling.finding
    nodes = finding.carriers if finding.in_name else (finding.node,)
    return all(_goes(node, ruling, takes) for node in nodes)


def _goes(node: Node | None, ruling: Ruling, takes: dict[Node, Ruling]) -> bool:
    while node is not None:
        outer = takes.get(node)
        if outer is not None and outer is not ruling and _yields(ruling, outer):
            return True
        node = node.parent
    return False


def _spared(outer: Iterable[Ruling], rulings: Iterable[Ruling]) -> dict[Ruling, set[Node]]:
    """For places that go as a whole: the fields at or below that a higher layer allows as a whole.

    What was found there is no place: an ``allow`` of the field says nothing about a known fact in it.
    """
    strips = {one.finding.node: one for one in outer if one.finding.how == "place"}
    found: dict[Ruling, set[Node]] = {}
    for ruling in rulings:
        if ruling.action == "allow" and ruling.finding.is_whole and ruling.finding.node.is_one_value:
            node: Node | None = ruling.finding.node
            while node is not None:
                strip = strips.get(node)
                if strip is not None and ruling.rank < strip.rank:
                    found.setdefault(strip, set()).add(ruling.finding.node)
                node = node.parent
    return found


def _around(outer: Ruling, spared: set[Node]) -> Iterator[Ruling]:
    """A strip of everything below a node but for some fields, as strips of the largest nodes without one."""
    above: set[Node] = set()
    for node in spared:
        climb: Node | None = node
        while climb is not None and climb is not outer.finding.node:
            above.add(climb)
            climb = climb.parent
    pending = [] if outer.finding.node in spared else [outer.finding.node]
    while pending:
        for child in pending.pop().children:
            if child in spared:
                continue
            if child in above:
                pending.append(child)
            else:
                finding = outer.finding._replace(node=child, start=0, end=len(child.content), in_name=False)
                yield Ruling(finding, "strip", outer.because, outer.rank, outer.rule)
