"""Wrapping methods of mitmproxy, in one place and once.

What Shield needs of mitmproxy has no hook in a few spots (``facts``: a streamed upload cannot be stopped,
a connection opens without asking, pings are relayed). Each of them is one wrapped method. A method that
is not there any more stops the start: better no proxy than one with a hole.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from shield.errors import ShieldError

MARK = "_shield_wraps"
MAKER = "_shield_maker"


def wrap(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Replace ``owner.name`` by ``make(original)``; a second call with the same *make* changes nothing.

    Raises:
        ShieldError: there is no such method.
    """
    original = getattr(owner, name, None)
    if original is None:
        where = getattr(owner, "__name__", type(owner).__name__)
        raise ShieldError(
            f"this version of mitmproxy has no {where}.{name}, so Shield cannot close it",
            "install the version that Shield was tested with: uv sync",
        )
    maker = (make.__module__, make.__qualname__)
    if maker not in _makers(original):
        wrapped = functools.wraps(original)(make(original))
        setattr(wrapped, MARK, original)
        setattr(wrapped, MAKER, maker)
        setattr(owner, name, wrapped)


def _makers(method: Any) -> set[tuple[str, str]]:
    """Who has wrapped *method* so far."""
    found = set()
    while (inner := vars(method).get(MARK)) is not None:
        found.add(vars(method)[MAKER])
        method = inner
    return found
