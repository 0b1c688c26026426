"""Server-sent events (WHATWG HTML, section 9.2.6), message by message.

``event:N`` is the data of message N, the lines of it joined with LF, and what it holds opens as everywhere
(``event:3/json:/user/id``); ``event:N/header:id`` and ``event:N/header:event`` are its other fields (the browser sends
the last id back, as Last-Event-ID). Line ends (LF, CR LF, CR), comments, unknown fields and what separates data lines
stay; data lines parted by another line are fields of their own with one address. Edits: any data without CR, as many
lines as it has; an id or event without line ends. Stripped data becomes a comment, and the message is not delivered.
Nothing can be added. An edit costs one pass over the text.

:class:`Events` can stop behind any message and go on; a stream is read the same way.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unwritable
from shield.tree import Node
from shield.wire.limits import Budget
from shield.wire.lines import LINE
from shield.wire.names import below
from shield.wire.nesting import open_values

_LINE: Final = re.compile(rb"([^:\r\n]*+)(?:(: ?+)([^\r\n]*+))?+(\r\n|\n|\r|\Z)")
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_LINE_END: Final = re.compile(rb"[\r\n]")
_BOM: Final = b"\xef\xbb\xbf"
_DATA: Final = b"data"
_NAMED: Final = frozenset({b"id", b"event"})


class EventData:
    """The layer of the data lines of one message: from the first name to the last value."""

    name = "event"

    def open(self, raw: bytes) -> bytes:
        """The data."""
        return b"\n".join(one[3] or b"" for one in _LINE.finditer(raw) if one[1])

    def close(self, content: bytes, raw: bytes) -> bytes:
        """As many lines as there are now, each written as the one that stood there.

        Raises:
            Unwritable: CR.
        """
        if b"\r" in content:
            raise Unwritable("an event cannot carry a carriage return")
        old = [(one[2] or b":", one[4]) for one in _LINE.finditer(raw) if one[1]]
        values = content.split(b"\n")
        usual = old[0][1] or b"\n"
        out: list[bytes] = []
        for number, value in enumerate(values):
            sign, end = old[min(number, len(old) - 1)]
            sign = b": " if value.startswith(b" ") else sign
            out += [_DATA, sign, value, end or usual]
        return b"".join(out[:-1])


class _Events:
    """How a stream of events splits."""

    name = "event:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A stream takes no new message."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


EVENT_DATA: Final = EventData()
EVENTS: Final = _Events()


class Events:
    """Where in a stream of events the reading is.

    Args:
        address: of what holds the stream; a body itself does not show.
    """

    is_prompt = True

    def __init__(self, address: str = "body") -> None:
        self._prefix = below(address, "event:") + SEPARATOR
        self._number = 0
        self._has_data = False
        self._has_begun = False
        self._within: str | None = None
        self._seen = 0

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        """As ``splitting.driver.Reading``: whole messages."""
        data = root.content
        at = 0
        if self._within is not None:
            at = self._pass(root, out, 0)
            if self._within is not None:
                return at
        end = len(data) if is_last else self._after_last_message(data, at)
        return self._lines(root, out, at, end, budget) if end > at else at

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """A message that is too long: its complete lines, and what there is of the last."""
        data = root.content
        if self._within is not None:
            return at
        self._seen = 0
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
        if end > at:
            return self._lines(root, out, at, end, budget)
        name, sign, _ = data[at:].partition(b":")
        self._within = self._address(name) if sign else ""
        return self._pass(root, out, at + len(name) + 1 + data.startswith(b" ", at + len(name) + 1))

    def _after_last_message(self, data: bytes, at: int) -> int:
        end = at
        for blank in _BLANK_LINE.finditer(data, max(at, self._seen - 3)):
            end = blank.end()
        self._seen = len(data) - end
        return end

    def _address(self, name: bytes) -> str:
        """Of a line of the current message; empty for what is no field."""
        if name == _DATA:
            self._has_data = True
            return self._prefix + str(self._number)
        if name in _NAMED:
            return f"{self._prefix}{self._number}{SEPARATOR}header:{SEPARATOR}{name.decode()}"
        return ""

    def _lines(self, root: Node, out: list[Node], start: int, end: int, budget: Budget) -> int:
        """Every field of some complete lines."""
        data = root.content
        if not self._has_begun:
            self._has_begun = True
            start += len(_BOM) if data.startswith(_BOM, start) else 0
        run: tuple[int, int] | None = None
        first = len(out)
        for line in _LINE.finditer(data, start, end):
            if line[1] == _DATA:
                run = (line.start() if run is None else run[0], line.start(4))
                continue
            if run is not None:
                self._add(root, out, run, budget)
                run = None
            if line[1] in _NAMED and line[2]:
                budget.spend(1, line.end() - line.start())
                out.append(Node(root, self._address(line[1]), *line.span(3), line[3], None, LINE))
            elif not line[1] and not line[2] and line[4] and self._has_data:
                self._number, self._has_data = self._number + 1, False
        if run is not None:
            self._add(root, out, run, budget)
        open_values(out[first:], budget)
        return end

    def _add(self, root: Node, out: list[Node], run: tuple[int, int], budget: Budget) -> None:
        """Data lines that stand together, as one field."""
        budget.spend(1, run[1] - run[0])
        content = EVENT_DATA.open(root.content[run[0] : run[1]])
        node = Node(root, self._address(_DATA), *run, content, None, EVENT_DATA)
        node.gone = b":"
        out.append(node)

    def _pass(self, root: Node, out: list[Node], start: int) -> int:
        """A piece of a line that is too long, up to its end if that is here."""
        data = root.content
        found = _LINE_END.search(data, start)
        end = found.start() if found else len(data)
        if self._within and end > start:
            out.append(Node(root, self._within, start, end, data[start:end], None, LINE))
        if found:
            self._within = None
            end += 2 if data.startswith(b"\r\n", end) else 1
        return end


def read_events(node: Node, budget: Budget) -> None:
    """Open the stream of events that *node* holds; without any it stays a leaf.

    Raises:
        TooMuch: more messages than fields are left; *node* stays a leaf.
    """
    out: list[Node] = []
    Events(node.address).read(node, out, budget, is_last=True)
    if out:
        node.children, node.notation = tuple(out), EVENTS
