"""Places: what rules name, by address. A rule may name a field, or a node that holds fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shield.finding import Finding, Selector
from shield.tree import AddressPattern, Node, Opened


def find(opened: Opened, selectors: Iterable[Selector]) -> list[Finding]:
    """One finding per node and category, with the ids of all rules that name it, in the order of the rules.

    A selector without patterns names every field whose value matches.

    Cost: one look-up per literal address; the others compare with each different address once.
    """
    index = opened.by_address()
    found: dict[tuple[Node, str], list[str]] = {}
    for selector in selectors:
        category, rule, value = selector.category, selector.rule, selector.value
        for node in _nodes(opened, index, selector.patterns):
            if value is None or value.match(node.content):
                rules = found.setdefault((node, category), [])
                if rule not in rules:
                    rules.append(rule)
    return [
        Finding(node, 0, len(node.content), category, rules=tuple(rules))
        for (node, category), rules in found.items()
    ]  # fmt: skip


def _nodes(
    opened: Opened, index: Mapping[str, list[Node]], patterns: tuple[AddressPattern, ...]
) -> Iterable[Node]:
    """What any of the patterns names; without patterns every field. A node may come twice."""
    if not patterns:
        return opened.fields()
    nodes: list[Node] = []
    for pattern in patterns:
        if pattern.literal is None:
            nodes += opened.find(pattern)
        elif pattern.literal in index:
            nodes += index[pattern.literal]
    return nodes
