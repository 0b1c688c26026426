"""What an edit leaves behind: the old value stands nowhere, neither as it is nor in a layer that a glance opens."""

from __future__ import annotations

import re
from collections.abc import Callable

from shield.edits import Edits
from shield.errors import Unwritable
from shield.opened import Opened
from shield.tree import Node
from shield.wire.views import views

_SHORTEST = 6
"""Letters of a value that stands nowhere else by chance."""
_MOST_STRIPPED = 8
_BEGINS_ESCAPE = re.compile(rb"[%&\\]|:\s*\Z|=e7")
"""What such a value is may be the raw beginning of another one that is escaped, or what is written around a new one."""

Write = Callable[[Edits], Opened]
"""Writes a message with edits, and reads what was written."""


def leaves_nothing(leaf: Node, opened: Opened, write: Write, edits: Edits) -> None:
    """What *leaf* held is in no view of the root that was written, if it was nowhere but there before."""
    old = leaf.content
    if len(old) < _SHORTEST or not old.strip() or _BEGINS_ESCAPE.search(old) or not _is_unique(leaf):
        return
    try:
        after = write(edits)
    except Unwritable:
        return
    if [one.address for one in opened.roots()].count(leaf.root.address) != 1:
        return
    for root in after.roots():
        if root.address == leaf.root.address:
            for text in views(root.content) or [root.content]:
                assert old not in text, "the old value survived its edit"


def strips_one_by_one(opened: Opened, number: int, reading: Callable[[Opened], Write]) -> Opened:
    """Field after field goes; what remains can be read, and what is gone is nowhere."""
    for turn in range(_MOST_STRIPPED):
        leaves = [leaf for leaf in opened.fields() if leaf.parent is not None and leaf.root is opened.body]
        if not leaves:
            break
        leaf = leaves[(number + turn) % len(leaves)]
        write = reading(opened)
        leaves_nothing(leaf, opened, write, Edits(removed={leaf}))
        try:
            opened = write(Edits(removed={leaf}))
        except Unwritable:
            break
    return opened


def _is_unique(leaf: Node) -> bool:
    """Whether nothing but the value itself holds what it holds, at no level above it."""
    root, old = leaf.root, leaf.content
    start, end = outermost(leaf)
    around = views(root.content[:start] + b" " + root.content[end:])
    if around is None or any(old in text for text in around):
        return False
    node = leaf
    while node.parent is not None:
        content = node.parent.content
        if old in content[: node.start] + b" " + content[node.end :]:
            return False
        node = node.parent
    return not any(old in one.content for one in root.leaves() if one is not leaf)


def outermost(leaf: Node) -> tuple[int, int]:
    """The span in its root of the outermost raw value that holds *leaf*."""
    node, start, end = leaf, leaf.start, leaf.end
    while node.parent is not None and node.parent.parent is not None:
        node = node.parent
        plain = node.layer is None or node.content == node.raw
        start, end = (node.start + start, node.start + end) if plain else (node.start, node.end)
    return start, end
