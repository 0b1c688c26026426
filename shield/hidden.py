"""Values that stand where no reader opens values: in names, comments, heads, behind a prefix of somebody's own.

A reader opens a value that is all of a field. ``v1:`` and gzip in base64, a name that is packed, a comment in mark-up
are found here: in what no finding explains, every text that its bytes could hide (``wire.views``) is searched. What is
found cannot be edited where it stands, so the field, or the item that carries the name, goes as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from shield.context import Context
from shield.detect.known import Hit, Matcher
from shield.finding import Finding
from shield.opened import Opened
from shield.tree import Folded, Node
from shield.vocabulary import TRACKING_PURPOSES
from shield.wire.limits import Budget, Limits
from shield.wire.views import glimpses, may_hide

_LIMITS: Final = Limits(held_bytes=4_000_000)
_SHORTEST: Final = 12
"""Bytes; what is packed into fewer is looked for as it is."""


def known(
    opened: Opened, matcher: Matcher, context: Context, is_suspect: bool, scope: str | None = None
) -> list[Finding]:  # fmt: skip
    """Everything known in a message: in fields, and, where a glance says that there may be, what is hidden in the body.

    Documents and archives that are uploaded to the site that the person is on are not unpacked. A body that hides more
    than may be opened is ``unreadable``. *scope* takes the place of the context's.

    Cost: ``Matcher.find``; with *is_suspect* as ``views``, and 3 µs for each field of 12 bytes and more.
    """
    scope = context.persona_scope if scope is None else scope
    found = matcher.find(opened, scope, is_followed=context.purpose in TRACKING_PURPOSES)
    if not is_suspect or opened.body is None:
        return found
    budget = Budget(_LIMITS)
    is_packed = context.party != "first"
    holding = {(one.node, one.likeness.fact_id) for one in found if one.likeness is not None and one.whose == "me"}
    found += [
        Finding(node, start, end, hit.category, hit.whose, "known", hit.likeness, in_name=True)
        for node, start, end in _pieces(opened.body)
        if may_hide(node.content[start:end])
        for hit in hits(glimpses(node.content[start:end], budget, is_packed=is_packed)[1:], matcher, scope)
        if node.children or (node, hit.likeness.fact_id) not in holding
    ]
    if budget.is_spent:  # behind bombs anything may stand
        found.append(Finding(opened.body, 0, len(opened.body.content), "unreadable", how="shape"))
    return found


def hits(texts: Iterable[bytes], matcher: Matcher, scope: str) -> Iterator[Hit]:
    """Facts of the person's in *texts*, one hit for each."""
    seen: set[str] = set()
    for text in texts:
        for hit in matcher.hits(text, scope):
            if hit.whose == "me" and hit.likeness.fact_id not in seen:
                seen.add(hit.likeness.fact_id)
                yield hit


def packed_in(content: bytes, matcher: Matcher, scope: str) -> Iterator[Hit]:
    """Facts of the person's that are hidden or packed in bytes that have no fields."""
    return hits(glimpses(content, Budget(_LIMITS), is_packed=True)[1:], matcher, scope)


def _pieces(body: Node) -> Iterator[tuple[Node, int, int]]:
    """Leaves, and what stands between children; none from where a glance saw nothing."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, Folded) and node.is_clear:
            continue
        stack.extend(reversed(node.children))
        if not node.children:
            if len(node.content) >= _SHORTEST:
                yield node, 0, len(node.content)
            continue
        yield from ((node, start, end) for start, end in _gaps(node) if end - start >= _SHORTEST)


def _gaps(node: Node) -> Iterator[tuple[int, int]]:
    """What stands before, between and behind children; names apart from what separates one item from the next."""
    position = 0
    for child in node.children:
        first, last = child.outer or (child.start, child.end)
        for cut in (first, child.start):
            if position < cut:
                yield position, cut
                position = cut
        position = max(position, child.end)
        if position < last:
            yield position, last
            position = last
    if position < len(node.content):
        yield position, len(node.content)
