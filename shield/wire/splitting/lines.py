"""Lines that pass (text/plain, NDJSON): each complete with its line end.

As ``lines`` reads them; an empty last line is no field here. A stripped line goes with its line end. A line longer
than may be held passes in pieces, each a field with the line's address; stripped it is empty.
"""

from __future__ import annotations

from typing import Final

from shield.address import SEPARATOR
from shield.tree import Node
from shield.wire.almost import doubt_of_lines
from shield.wire.limits import Budget
from shield.wire.lines import LINE, LINES
from shield.wire.nesting import open_lines

_PREFIX: Final = f"text{SEPARATOR}line:{SEPARATOR}"


class Lines:
    """Where in a text the last fragment ended."""

    is_prompt = True

    def __init__(self) -> None:
        self._number = 0
        self._is_within = False

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        data = root.content
        start = 0
        if self._is_within:
            end = data.find(b"\n")
            if end < 0:
                return self._pass(root, out, 0, len(data), is_last)
            self._pass(root, out, 0, end, is_last=True)
            start, self._number, self._is_within = end + 1, self._number + 1, False
        end = len(data) if is_last else data.rfind(b"\n") + 1
        if end > start:
            self._lines(root, out, start, end, budget)
        return max(start, end)

    def after(self, data: bytes) -> tuple[Lines, int] | None:
        """Line ends are counted."""
        end = data.rfind(b"\n") + 1
        if self._is_within:
            return None
        behind = Lines()
        behind._number = self._number + data.count(b"\n", 0, end)
        return behind, end

    def _lines(self, root: Node, out: list[Node], first: int, end: int, budget: Budget) -> None:
        """All lines of a span, below one node ``text``."""
        content = root.content[first:end]
        raws = content.removesuffix(b"\n").split(b"\n")
        budget.spend(len(raws) + 1, len(content))
        text = Node(root, "text", first, end, content)
        found: list[Node] = []
        start = 0
        for raw in raws:
            bare = raw.removesuffix(b"\r")
            behind = min(start + len(raw) + 1, end - first)
            address = _PREFIX + str(self._number)
            found.append(Node(text, address, start, start + len(bare), bare, (start, behind), LINE))
            start, self._number = behind, self._number + 1
        text.children, text.notation = tuple(found), LINES
        out.append(text)
        open_lines(found, budget)
        text.unreadable = doubt_of_lines(found)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        if self._is_within:
            return at
        self._is_within = True
        return self._pass(root, out, at, len(root.content), is_last=False)

    def _pass(self, root: Node, out: list[Node], start: int, end: int, is_last: bool) -> int:
        """A piece of a long line; a carriage return at its end waits, for it may belong to the line end."""
        raw = root.content[start:end]
        bare = raw.removesuffix(b"\r")
        if bare:
            out.append(Node(root, _PREFIX + str(self._number), start, start + len(bare), bare, None, LINE))
        return end if is_last else start + len(bare)
