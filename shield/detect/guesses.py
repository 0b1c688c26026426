"""Guesses: what is recognised by its form alone, where nobody named it and no fact is known. Shapes of personal data
everywhere, identifiers towards trackers.
"""

from __future__ import annotations

from collections.abc import Iterable

from shield.cleared import Cleared
from shield.context import Context
from shield.detect import identifiers
from shield.detect.shapes import Shapes
from shield.finding import Finding
from shield.opened import Opened


class Guesses:
    """May be shared by threads. Immutable but for memos of what holds nothing."""

    __slots__ = ("_cleared", "_shapes")

    def __init__(self) -> None:
        self._shapes = Shapes()
        self._cleared = Cleared()

    def find(
        self, opened: Opened, context: Context, others: Iterable[Finding], *, unread: bool = True
    ) -> list[Finding]:
        """What *others* (rules, known values) say nothing about; identifiers also in a body that was not read so far,
        if *unread* says so.
        """
        others = list(others)
        found = self._shapes.find(opened, others, to_tracker=context.is_tracker)
        return found + identifiers.find(
            opened, context, [*others, *found] if found else others, unread=unread, cleared=self._cleared
        )
