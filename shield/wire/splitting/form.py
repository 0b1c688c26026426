"""Pairs that pass (``application/x-www-form-urlencoded``): each complete with the ``&`` behind it.

As ``pairs`` reads them. A stripped pair goes with the ``&`` behind it. A value longer than may be held passes in pieces
that are cut between escapes, each a field with the value's address; stripped it is empty.
"""

from __future__ import annotations

from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.names import form_step
from shield.wire.nesting import open_values
from shield.wire.pairs import FORM_PAIRS
from shield.wire.percent import FORM

_PLACE: Final = "form:"


class Form:
    """Where in a form the last fragment ended."""

    is_prompt = False

    def __init__(self) -> None:
        self._within: str | None = None
        self._is_rest = False

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        data = root.content
        start = 0
        if self._within is not None:
            end = data.find(b"&")
            if end < 0:
                return self._pass(root, out, 0, len(data), is_last)
            start = self._pass(root, out, 0, end, is_last=True) + 1
            self._within, self._is_rest = None, True
        end = len(data) if is_last else data.rfind(b"&") + 1
        if end <= start:
            return start
        form = Node(root, _PLACE, start, end, data[start:end])
        leaves = FORM_PAIRS.read(form, budget, is_rest=self._is_rest)
        self._is_rest = True
        for leaf in leaves:
            if leaf.outer is not None:  # with the separator behind it: the one before it may have left
                leaf.outer = (leaf.outer[0], min(leaf.outer[1] + 1, end - start))
        if leaves:
            out.append(form)
            open_values(leaves, budget)
        return end

    def after(self, data: bytes) -> tuple[Form, int] | None:
        """Up to the last ``&``."""
        if self._within is not None:
            return None
        behind = Form()
        behind._is_rest = True
        return behind, data.rfind(b"&") + 1

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        data = root.content
        if self._within is not None:
            return at
        sign = data.find(b"=", at)
        if sign < 0:
            raise Unreadable("a name that is too long")
        self._within = f"{_PLACE}{SEPARATOR}{form_step(data[at:sign])}"
        return self._pass(root, out, sign + 1, len(data), is_last=False)

    def _pass(self, root: Node, out: list[Node], start: int, end: int, is_last: bool) -> int:
        """A piece of a long value; an escape that is not complete waits."""
        raw = root.content[start:end]
        if not is_last:
            escape = raw.rfind(b"%", len(raw) - 2) if len(raw) > 1 else raw.rfind(b"%")
            end = end if escape < 0 else start + escape
            raw = root.content[start:end]
        if raw:
            out.append(Node(root, self._within or _PLACE, start, end, FORM.open(raw), None, FORM))
        return end
