"""What could not be read: one finding of category ``unreadable`` for each such node."""

from __future__ import annotations

from shield.finding import Finding
from shield.tree import Opened


def find(opened: Opened) -> list[Finding]:
    """The nodes that say why their content could not be opened, whole."""
    return [
        Finding(node, 0, len(node.content), "unreadable", how="shape")
        for nodes in opened.by_address().values()
        for node in nodes
        if node.unreadable is not None and not node.children
    ]
