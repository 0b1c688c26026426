"""Opaque: what nobody could read. One finding of category ``unreadable`` per node; policy says what to do with it.

A leaf inside a readable body counts as well: a value that goes deeper than the limits, a body whose content
coding is unknown. Its raw bytes are searched by ``known`` like any other leaf. A body that nobody had to read
is not unreadable: it was searched as it is, and nothing can hide in it (``shield.glance``).
"""

from __future__ import annotations

from shield.finding import Finding
from shield.opened import Opened
from shield.tree import Node, unfolded


def find(opened: Opened) -> list[Finding]:
    """The nodes that say why their content could not be opened, whole; or why it may be something else than it was
    opened as (``wire.almost``)."""
    found = [
        node for nodes in opened.around_body().values() for node in nodes
        if node.unreadable is not None
    ]  # fmt: skip
    if opened.body is not None and not opened.is_indexed:
        found += _below(opened.body)
    return [Finding(node, 0, len(node.content), "unreadable", how="shape") for node in found]


def _below(root: Node) -> list[Node]:
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        stack.extend(unfolded(node)[::-1])
        if node.unreadable is not None:
            found.append(node)
    return found
