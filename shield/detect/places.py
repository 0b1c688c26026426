"""Places: what rules name, by address. A rule may name a field, or a node that holds fields."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from shield.finding import Finding
from shield.opened import Opened
from shield.selector import Selector, Selectors
from shield.tree import Node


def find(opened: Opened, selectors: Selectors) -> list[Finding]:
    """One finding per node and category, with the ids of all rules that name it, in the order of the rules.

    Cost: one look-up per different address; one not met before is compared with every pattern of its place.
    """
    if not selectors:
        return []
    found: list[Finding] = []
    sought_at = selectors.at
    for address, nodes in _named(opened, selectors):
        for category, several, rules in sought_at(address):
            for node in nodes:
                named = _by_value(several, node) if rules is None else rules
                if named:
                    found.append(Finding(node, 0, len(node.content), category, rules=named))
    return found


def _named(opened: Opened, selectors: Selectors) -> Iterable[tuple[str, list[Node]]]:
    """What may be named, with its address; of a body only as much as that takes."""
    if selectors.anywhere_in_body or (selectors.in_pairs and opened.is_pairs):
        return opened.by_address().items()
    around = opened.around_body().items()
    if opened.body is None or not selectors.literal_in_body:
        return around
    return chain(around, ((one, opened.at(one)) for one in selectors.literal_in_body))


def _by_value(selectors: tuple[Selector, ...], node: Node) -> tuple[str, ...]:
    """The rules whose value, if they state one, is there; those without a place mean fields only."""
    fitting = (
        one.rule for one in selectors
        if (one.value is None or one.value.match(node.content)) and (one.patterns or not node.children)
    )  # fmt: skip
    return tuple(dict.fromkeys(fitting))
