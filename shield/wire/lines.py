"""text/plain as lines, for GA4 sends one event per line, each a query string (wire facts 2.3).

Line N is ``text/line:N``, without its line end (LF or CR LF; both stay). A line that looks like a query string opens
as ``text/line:N/query:NAME``; what opens in every value (JSON, an address) opens in a line too. A form that a page sent
as text/plain (WHATWG HTML, "text/plain encoding algorithm": ``name=value`` and CR LF, nothing escaped) opens as
``text/line:N/form:NAME``: every line is such a pair, the last one too has its CR LF, and no ``&`` or escape says that
it is a query. Edits: any content without line ends; removal of a line with one line end, or of a pair with its line.
Only read: names. Nothing can be added. An edit costs one pass over the text.
"""

from __future__ import annotations

import re
from typing import Final

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, Node
from shield.wire.limits import Budget
from shield.wire.names import below, step
from shield.wire.pairs import QUERY_PAIRS

_QUERY: Final = re.compile(rb"[A-Za-z0-9_.~%\[\]$*:!+-]{1,128}=(?:[^\s&=][^\s]*|[^\s&]*&[^\s]*)")

_FORM: Final = re.compile(rb"(?:[^=&%\s][^=&%\r\n]{0,127}=[^&%\r\n]*+\r\n)++")


class Line:
    """The layer of one line."""

    name = "line"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes.

        Raises:
            Unwritable: a line end inside.
        """
        if b"\n" in content or b"\r" in content:
            raise Unwritable("a line cannot carry a line end")
        return content


class Lines:
    """How a text splits."""

    name = "line:"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A text takes no new line."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


class Pair:
    """The one pair of a line; the line goes with it."""

    name = "form:"
    vanishes = True

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """A line has one pair."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)}")


LINE: Final = Line()
PAIR: Final = Pair()
LINES: Final = Lines()


def read_lines(node: Node, budget: Budget) -> list[Node]:
    """Split the text that *node* holds, below an only child ``text``; the lines.

    Raises:
        TooMuch: more lines than fields are left.
    """
    content = node.content
    budget.spend(content.count(b"\n") + 2, 2 * len(content))
    text = Node(node, below(node.address, "text"), 0, len(content), content)
    prefix = f"{text.address}{SEPARATOR}line:{SEPARATOR}"
    lines: list[Node] = []
    start = 0
    for number, raw in enumerate(content.split(b"\n")):
        end = start + len(raw)
        bare = raw.removesuffix(b"\r")
        stop = start + len(bare)
        lines.append(Node(text, prefix + str(number), start, stop, bare, outer=(start, stop), layer=LINE))
        start = end + 1
    text.children, text.notation = tuple(lines), LINES
    node.children, node.notation = (text,), ENVELOPE
    return _pairs(lines, budget) if content.endswith(b"\r\n") and _FORM.fullmatch(content) else lines


def _pairs(lines: list[Node], budget: Budget) -> list[Node]:
    """The values of a form in which every line is a pair."""
    budget.spend(2 * len(lines), 0)
    out: list[Node] = []
    for line in lines:
        name, sign, value = line.content.partition(b"=")
        if not sign:
            out.append(line)
            continue
        size = len(line.content)
        form = Node(line, f"{line.address}{SEPARATOR}form:", 0, size, line.content)
        address = f"{form.address}{SEPARATOR}{step(name)}"
        leaf = Node(form, address, size - len(value), size, value, (0, size), LINE)
        form.children, form.notation = (leaf,), PAIR
        line.children, line.notation = (form,), ENVELOPE
        out.append(leaf)
    return out


def read_line(node: Node, budget: Budget) -> list[Node]:
    """Open a line that is a query string, below an only child ``query:``.

    Raises:
        Unreadable: it is something else.
    """
    if _QUERY.fullmatch(node.content) is None:
        raise Unreadable("not a query string")
    query = Node(node, f"{node.address}{SEPARATOR}query:", 0, len(node.content), node.content)
    leaves = QUERY_PAIRS.read(query, budget)
    node.children, node.notation = (query,), ENVELOPE
    return leaves
