"""What could not be read: one finding of category ``unreadable`` for each such node.

What nobody opened is not unreadable: it was searched as it is, and nothing can hide in it (``shield.glance``).
"""

from __future__ import annotations

from shield.finding import Finding
from shield.tree import Node, Opened, unfolded


def find(opened: Opened) -> list[Finding]:
    """The nodes that say why their content could not be opened, whole."""
    found: list[Finding] = []
    stack: list[Node] = list(opened.roots())[::-1]
    while stack:
        node = stack.pop()
        children = unfolded(node)
        if children:
            stack.extend(children[::-1])
        elif node.unreadable is not None:
            found.append(Finding(node, 0, len(node.content), "unreadable", how="shape"))
    return found
