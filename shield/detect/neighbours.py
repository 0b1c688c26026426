"""What stands in neighbouring fields: two facts that are too common to count alone, and a date in three fields.

Neighbours are at most NEAR fields apart in the same container (query, form, JSON object). Each of them is the whole
of its field.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from shield.detect import saying
from shield.detect.choice import WHOLE_NAMES, Hit, word_of
from shield.detect.spelling import disguise
from shield.finding import Likeness
from shield.person import Fact
from shield.tree import Node

NEAR: Final = 6
_MOST: Final = 64
"""Fields of one message with a hit that is not sure; more are no form that somebody filled in."""


class Beside(NamedTuple):
    """A hit in a field."""

    node: Node
    hit: Hit


def confirmed(unsure: list[Beside], sure: Iterable[Beside], facts: dict[str, Fact]) -> list[Beside]:
    """Those of *unsure* that have another part or fact of the same person beside them, and parts of dates.

    Args:
        facts: of the person and of the persona who is met there, by ``whose`` and id joined with a space.
    """
    out: list[Beside] = []
    by_container: defaultdict[Node | None, list[tuple[int, Beside]]] = defaultdict(list)
    certain = dict.fromkeys(sure)
    for one in (*unsure[:_MOST], *certain):
        container, place = _place(one.node)
        by_container[container].append((place, one))
    taken: set[Node] = set()
    for one in unsure[:_MOST]:
        if one.node in taken:
            continue
        container, place = _place(one.node)
        if one.hit.likeness.part == "year":
            out += _date(one, container, place, facts)
        elif container is not None and any(
            abs(other - place) <= NEAR and _is_other(one, beside, is_sure=beside in certain)
            for other, beside in by_container[container] if beside.node is not one.node
        ):  # fmt: skip
            out.append(one)
            taken.add(one.node)
    return out


def _place(node: Node) -> tuple[Node | None, int]:
    """The container of a field, without the layers around its value, and which of its fields it is."""
    while node.parent is not None and len(node.parent.children) == 1:
        node = node.parent
    if node.parent is None:
        return None, 0
    return node.parent, bisect_left(node.parent.children, node.start, key=lambda child: child.start)


def _is_other(one: Beside, other: Beside, *, is_sure: bool) -> bool:
    """Whether both are the same person's, and not the same thing twice. Words of every day confirm nothing in lower
    case, and each other only as parts of one fact; in lower case something sure confirms a whole name, and what
    belongs to the same fact.
    """
    own, second = one.hit.likeness, other.hit.likeness
    if one.hit.whose != other.hit.whose or (own.fact_id, own.part) == (second.fact_id, second.part):
        return False
    word, beside = (word_of(each.hit, each.node.content) for each in (one, other))
    if word == "lower" and not beside and is_sure:
        return own.part.partition("~")[0] in WHOLE_NAMES or own.fact_id == second.fact_id
    words = {word, beside}
    if "lower" in words or (words == {"capital"} and own.fact_id != second.fact_id):
        return False
    return second.part != "year" and _text(one) != _text(other)


def _text(one: Beside) -> bytes:
    return one.node.content[one.hit.start : one.hit.end].lower()


def _date(year: Beside, container: Node | None, place: int, facts: dict[str, Fact]) -> Iterator[Beside]:
    """Year, month and day in three fields whose names say so."""
    if saying.is_year_of_birth(year.node.address):
        yield year
    fact = facts.get(f"{year.hit.whose} {year.hit.likeness.fact_id}")
    if fact is None or container is None or not saying.words_of(year.node.address) & saying.YEAR:
        return
    _, month, day = fact.value.split("-")
    near = container.children[max(0, place - NEAR) : place + NEAR + 1]
    found = [
        next(_fields(near, names, part, number), None)
        for names, part, number in ((saying.MONTH, "month", month), (saying.DAY, "day", day))
    ]
    parts = [one for one in found if one is not None]
    if len(parts) < len(found):
        return
    if not saying.is_year_of_birth(year.node.address):
        yield year
    for node, part in parts:
        likeness = Likeness(fact.id, part, disguise())
        yield Beside(node, Hit(0, len(node.content), likeness, fact.category, year.hit.whose))


def _fields(near: Iterable[Node], names: frozenset[str], part: str, number: str) -> Iterator[tuple[Node, str]]:
    for node in near:
        if node.children or not saying.words_of(node.address) & names:
            continue
        if node.content == number.encode():
            yield node, part
        elif node.content == number.lstrip("0").encode():
            yield node, f"{part}-short"
