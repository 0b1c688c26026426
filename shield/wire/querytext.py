"""A query string inside a value: ``name=Anna&mail=...``, perhaps behind ``?`` or ``#``; ``/path?name=...`` too.

Two pairs at least, names without blanks, no control characters; with a path before the question mark one pair is
enough. Below the value as in the target (``pairs``): ``form:state/query:mail``. Edits and removals as there.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.limits import Budget
from shield.wire.pairs import QUERY_PAIRS
from shield.wire.url import URL

_NAME: Final = rb"[A-Za-z0-9_.~%\[\]$*:!+-]{1,128}+"
_VALUE: Final = rb"[^&\x00-\x1f\x7f]*+"
_MORE: Final = rb"(?:&(?:" + _NAME + rb"(?:=" + _VALUE + rb")?)?)"
_QUERY: Final = re.compile(rb"[?#]?(" + _NAME + rb"=" + _VALUE + _MORE + rb"++)")
_WITH_PATH: Final = re.compile(rb"\.{0,2}/[^\s?#&=]{0,512}+\?(" + _NAME + rb"=" + _VALUE + _MORE + rb"*+)")
_SECOND: Final = re.compile(rb"&[^&=]+=")


def read_query(node: Node, budget: Budget) -> list[Node]:
    """Open *node* as an only child ``query:``; the values.

    Raises:
        Unreadable: it is something else. TooMuch: more pairs than fields are left.
    """
    content = node.content
    match = _QUERY.fullmatch(content)
    if match is None or _SECOND.search(content) is None:
        match = _WITH_PATH.fullmatch(content)
        if match is None:
            raise Unreadable("not a query string")
    start, end = match.span(1)
    query = Node(node, f"{node.address}{SEPARATOR}query:", start, end, match[1], (max(start - 1, 0), end))
    leaves = QUERY_PAIRS.read(query, budget)
    node.children, node.notation = (query,), URL if match.re is _WITH_PATH else ENVELOPE
    return leaves
