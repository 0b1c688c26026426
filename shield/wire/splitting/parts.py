"""Parts that pass (multipart): each complete when the delimiter behind it is there.

As ``multipart`` reads them. A stripped part goes with the delimiter before it. A part longer than may be held (a photo)
passes in pieces: its head first, with its fields, then its body, each piece a field with the part's address, unreadable
where the whole would be or where only the whole could be read. Stripped, the body of such a part is empty.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR
from shield.errors import Unreadable
from shield.tree import Folded, Node
from shield.wire.body import read_notation
from shield.wire.limits import Budget
from shield.wire.multipart import TEXT_KINDS, Delimiter, PartReading, boundary_of, media_type
from shield.wire.names import step
from shield.wire.nesting import open_values
from shield.wire.parthead import read_head
from shield.wire.splitting.driver import FRAGMENT
from shield.wire.transfer import PartBody

_TAIL: Final = re.compile(rb"(?:--)?[ \t]*+(\r?\n|\Z)")
_CUT_TAIL: Final = re.compile(rb"-?-?[ \t]*+\r?\Z")
_PLACE: Final = "multipart:"
_TOO_LONG: Final = "a part that is too large to be read as a whole"


class Multipart:
    """Where in a body the last fragment ended: before the first delimiter, before one, in a part, behind the last.

    Raises:
        Unreadable: no boundary.
    """

    is_prompt = False

    def __init__(self, content_type: bytes) -> None:
        self._mark = b"--" + boundary_of(content_type)
        self._line_end = b""
        self._count = 0
        self._is_fresh = True
        self._is_first = True
        self._is_over = False
        self._within: tuple[str, str | None] | None = None

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        data = root.content
        at = 0
        if self._within is not None:
            at = self._pass(root, out, 0, is_last)
        if self._is_over:
            return len(data)
        if self._within is not None or at == len(data):
            return at
        found = self._find(data, at, is_last)
        if isinstance(found, int):
            self._is_fresh = self._is_fresh and not found
            if is_last and not self._line_end:
                raise Unreadable("multipart without a part")
            return max(at, found)
        return self._parts(root, out, at, found, budget, is_last)

    def _parts(self, root: Node, out: list[Node], at: int, found: Delimiter, budget: Budget, is_last: bool) -> int:
        """Every complete part from one delimiter on; the offset of the first that is not."""
        data = root.content
        spans: list[tuple[int, int, int]] = []
        while True:
            begin = found.start - len(self._line_end)
            if begin < at or not data.startswith(self._line_end, begin) or self._is_first:
                begin = found.start
            if found.is_last:
                self._is_over, cut = True, len(data)
                break
            following = self._find(data, found.end, is_last)
            if isinstance(following, int):
                cut = len(data) if is_last else begin
                if is_last:
                    spans.append((begin, found.end, len(data)))
                break
            spans.append((begin, found.end, following.start - len(self._line_end)))
            found, self._is_first = following, False
        if spans:
            self._add(root, out, at, cut, spans, budget)
        return cut

    def _add(
        self, root: Node, out: list[Node], at: int, cut: int, spans: list[tuple[int, int, int]], budget: Budget
    ) -> None:
        """Some parts below one node ``multipart:``."""
        holder = Node(root, _PLACE, at, cut, root.content[at:cut])
        budget.spend(len(spans) + 1, 2 * (cut - at))
        reading = PartReading(holder, self._mark, self._line_end, budget, read_notation)
        parts: list[Node] = []
        for begin, start, end in spans:
            if start < end:
                node = reading.part(start - at, start - at, end - at, self._count)
                node.outer = (begin - at, end - at)
                parts.append(node)
                self._count += 1
        if parts:
            holder.children, holder.notation, holder.unreadable = tuple(parts), FRAGMENT, reading.doubt
            out.append(holder)
            open_values(reading.values, budget)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        data = root.content
        if self._within is not None:
            return at
        found = self._find(data, at, is_last=False)
        if isinstance(found, int):
            return max(at, found)
        raw = data[found.end :]
        head = read_head(raw, self._line_end)
        if head.missing:
            raise Unreadable("the head of a part that is too long")
        address = f"{_PLACE}{SEPARATOR}{self._count if head.name is None else step(head.name)}"
        self._count, self._is_first = self._count + 1, False
        body = found.end + head.body
        if head.values:
            holder = Node(root, _PLACE, found.end, body, raw[: head.body])
            reading = PartReading(holder, self._mark, self._line_end, budget, read_notation)
            reading.look_at(head)
            holder.children, holder.notation = tuple(reading.heads(holder, address, head)), FRAGMENT
            holder.unreadable = reading.doubt
            out.append(holder)
            open_values(reading.values, budget)
        is_text = media_type(head.kind) in TEXT_KINDS and head.transfer in (b"", b"7bit", b"8bit", b"binary")
        self._within = (address, None if is_text else _TOO_LONG)
        return self._pass(root, out, body, is_last=False)

    def _pass(self, root: Node, out: list[Node], start: int, is_last: bool) -> int:
        """A piece of a long body; what may be its delimiter waits."""
        data, within = root.content, self._within
        found = self._find(data, start, is_last)
        if isinstance(found, Delimiter):
            end = max(start, found.start - len(self._line_end))
            self._within = None
        else:
            end = len(data) if is_last else max(start, found)
        if end > start and within is not None:
            piece = Folded(_is_all, root, within[0], start, end, data[start:end], None, PartBody(self._mark))
            piece.unreadable = within[1]
            out.append(piece)
        return end

    def _find(self, data: bytes, at: int, is_last: bool) -> Delimiter | int:
        """The next delimiter; without one the offset from which on there may be the beginning of one.

        As ``multipart.delimiters``: a whole line, with the line ends of the first.
        """
        mark, line_end = self._mark, self._line_end
        where = data.find(mark, at)
        while where >= 0:
            end = where + len(mark)
            if (where == 0 and (self._is_fresh or (line_end and self._within is None))) or data.endswith(
                line_end or b"\n", 0, where
            ):
                tail = _TAIL.match(data, end)
                is_closing = data.startswith(b"--", end)
                is_whole = tail is not None and (tail[1] != b"" or is_last)
                if tail is not None and is_whole and (is_closing or not line_end or tail[1] in (line_end, b"")):
                    self._line_end = line_end or tail[1] or b"\r\n"
                    return Delimiter(where, tail.end(), is_closing)
                if not is_last and _CUT_TAIL.match(data, end):
                    return max(0, where - 2)
            where = data.find(mark, end)
        return max(0, len(data) - len(mark) - 3)


def _is_all(piece: Node) -> None:
    """Nothing lies below a piece; it may be told that nothing is in it (``tree.Folded``)."""
