"""A glance at a body before it is read: whether, and where, something could be known in it.

Most bodies hold nothing of the person's, and no rule names a field of them. A search through the raw bytes, and through
what the layers inside them hide (``wire.views``), tells so at a hundredth of the cost of reading. It errs in one
direction only: what it calls clear holds nothing that ``Matcher.find`` could find in any field.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from shield.detect.known import Matcher
from shield.opened import Opened
from shield.tree import Folded, Node, unfolded
from shield.wire.views import views


def look(opened: Opened, matcher: Matcher, scope: str) -> bool:
    """Tell the body of *opened*, unless it was read already, where something could be.

    Returns:
        Whether something may be hidden in a layer, so that a reader may not have opened it (``shield.hidden``).
    """
    body = _within(opened.body)
    if not isinstance(body, Folded):
        return body is not None
    texts = views(body.content)
    if texts is None:
        body.tell(None)
        return True
    seen = [text for text in texts[1:] if matcher.suspects(text, scope)]
    body.tell(None if seen else matcher.spots(body.content, scope))
    return bool(seen) and seen != [unquote_to_bytes(body.content)]  # percent escapes are opened by every search


def _within(body: Node | None) -> Node | None:
    """The body without its content codings."""
    while body is not None:
        inner = unfolded(body)
        if len(inner) != 1 or inner[0].address != body.address:
            break
        body = inner[0]
    return body
