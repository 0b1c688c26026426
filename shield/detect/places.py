"""Places: what rules name, by address. A rule may name a field, or a node that holds fields."""

from __future__ import annotations

from collections.abc import Iterable

from shield.finding import Finding, Selector
from shield.tree import Node, Opened


def find(opened: Opened, selectors: Iterable[Selector]) -> list[Finding]:
    """One finding per node and category, with the ids of all rules that name it, in the order of the rules.

    A selector without patterns names every field whose value matches.

    Cost: one look-up per literal address; the others compare with each different address once.
    """
    found: dict[tuple[Node, str], list[str]] = {}
    for selector in selectors:
        for node in _nodes(opened, selector):
            if selector.value is None or selector.value.search(node.content):
                rules = found.setdefault((node, selector.category), [])
                if selector.rule not in rules:
                    rules.append(selector.rule)
    return [
        Finding(node, 0, len(node.content), category, rules=tuple(rules))
        for (node, category), rules in found.items()
    ]


def _nodes(opened: Opened, selector: Selector) -> Iterable[Node]:
    if not selector.patterns:
        return opened.fields()
    if len(selector.patterns) == 1:
        return opened.find(selector.patterns[0])
    return {node: None for pattern in selector.patterns for node in opened.find(pattern)}
