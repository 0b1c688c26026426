"""multipart: form-data, mixed, related and the like (RFC 2046 section 5.1, RFC 7578).

A part is ``multipart:NAME``; where it has no name, its number (``multipart:0``). What a part says of itself lies below:
``multipart:NAME/header:filename`` (each of ``filename`` and ``filename*``), ``multipart:NAME/header:content-type``
and every other line but Content-Disposition (``parthead``). The body opens by the Content-Type of the part, else by its
looks: ``multipart:operations/json:/variables/email``; a message of a batch (application/http) as ``httpmessage`` says.
Text of a type that says no more (text/plain, octet-stream) is one value; what is of a type that nobody reads (photos,
video) is one value, too, and unreadable, as a body of that type is.

Delimiters are whole lines; their line ends are those of the first (CR LF, or LF from lenient clients), so text that
only looks like one stays data. Preamble, epilogue and a missing last delimiter stay. Edits: bodies and heads, unless
the delimiter would stand in them; removal of a part with its delimiter; new parts of a form at the end. Only read:
names, boundary. An edit costs one pass over the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from shield.address import SEPARATOR, show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import ENVELOPE, HEADED, Node
from shield.wire.httpmessage import FITTED, read_http
from shield.wire.limits import Budget, TooMuch
from shield.wire.names import below, from_step, step
from shield.wire.nesting import open_values
from shield.wire.packed import kind_of
from shield.wire.parthead import QUOTED, Head, read_head
from shield.wire.transfer import PartBody, transfer

Opener = Callable[[Node, bytes, Budget], None]
"""As ``body.read_notation``: opens a node by a content type."""

TYPES: Final = tuple(
    b"multipart/" + kind
    for kind in (
        b"form-data",
        b"mixed",
        b"related",
        b"alternative",
        b"parallel",
        b"digest",
        b"batch",
        b"x-mixed-replace",
    )
)
_STEP: Final = f"multipart:{SEPARATOR}"
_BOUNDARY: Final = re.compile(rb';\s*+boundary\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;"]++))', re.IGNORECASE)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HTTP, _OCTETS = b"application/http", b"application/octet-stream"
TEXT_KINDS: Final = frozenset({b"", b"text/plain"})
"""Types of parts that are a value, not a document."""


class Delimiter(NamedTuple):
    """One delimiter: its offset, the offset after its line, and whether it is the last."""

    start: int
    end: int
    is_last: bool


class Parts:
    """How one multipart body splits; *closes_at* is where the last delimiter stands."""

    __slots__ = ("closes_at", "is_form", "line_end", "mark", "name", "vanishes")

    def __init__(self, mark: bytes, line_end: bytes, closes_at: int | None, *, is_form: bool) -> None:
        self.name = "multipart:"
        self.vanishes = False
        self.mark = mark
        self.line_end = line_end
        self.closes_at = closes_at
        self.is_form = is_form

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """New parts before the last delimiter.

        Raises:
            Unwritable: no form, a name or content that a part cannot carry.
        """
        if not self.is_form:
            raise Unwritable(f"nothing can be added to {show_address(node.address)}")
        end = self.line_end
        new = [self._part(*item) for item in items]
        if self.closes_at is None:
            return len(node.content), b"".join(end + part for part in new)
        return self.closes_at, b"".join(part + end for part in new)

    def _part(self, name: str, content: bytes) -> bytes:
        head = b'Content-Disposition: form-data; name="' + QUOTED.close(from_step(name), b"") + b'"'
        return self.line_end.join((self.mark, head, b"", PartBody(self.mark).close(content, b"")))


def boundary_of(content_type: bytes) -> bytes:
    """The boundary that a Content-Type states.

    Raises:
        Unreadable: none, or two different ones.
    """
    found = {
        re.sub(rb"\\(.)", rb"\1", match[1]) if match[1] is not None else match[2]
        for match in _BOUNDARY.finditer(content_type)
    }
    if len(found) != 1 or found == {b""}:
        raise Unreadable("multipart without one boundary")
    return found.pop()


def delimiters(content: bytes, mark: bytes) -> tuple[list[Delimiter], bytes]:
    """Every delimiter up to the last one, and the line end before and after them.

    Cost: one pass; half a microsecond per delimiter.
    """
    found: list[Delimiter] = []
    line_end = b""
    at = content.find(mark)
    while at >= 0:
        end = at + len(mark)
        if at == 0 or content.endswith(line_end or b"\n", 0, at):
            is_last = content.startswith(b"--", end)
            tail = _TAIL.match(content, end + 2 * is_last)
            if tail is not None and (is_last or not line_end or tail[1] in (line_end, b"")):
                line_end = line_end or tail[1]
                found.append(Delimiter(at, tail.end(), is_last))
                if is_last:
                    break
        at = content.find(mark, end)
    return found, line_end or b"\r\n"


def read_multipart(node: Node, content_type: bytes, budget: Budget, open_part: Opener) -> None:
    """Open the parts of *node*, a body or a part, below an only child ``multipart:``.

    Args:
        open_part: opens a part that states a type of its own.

    Raises:
        Unreadable: no boundary, or no delimiter. TooMuch: a limit.
    """
    mark = b"--" + boundary_of(content_type)
    found, line_end = delimiters(node.content, mark)
    if not found:
        raise Unreadable("multipart without a part")
    if node.address.count(_STEP) >= budget.limits.nestings:
        raise TooMuch(f"more than {budget.limits.nestings} notations inside each other")
    budget.spend(len(found) + 1, 2 * len(node.content))
    root = Node(node, below(node.address, "multipart:"), 0, len(node.content), node.content)
    is_form = media_type(content_type) == TYPES[0]
    reading = PartReading(root, mark, line_end, budget, open_part)
    root.children = tuple(reading.parts(found))
    if node.content[: found[0].start].strip() or (found[-1].is_last and node.content[found[-1].end :].strip()):
        reading.doubt = "something stands before or behind its parts"
    elif len(re.findall(rb"(?:\A|[\r\n])" + re.escape(mark), node.content)) > len(found):
        reading.doubt = "what another reader takes for a delimiter stands in a part"
    root.unreadable = reading.doubt
    closes_at = found[-1].start if found[-1].is_last else None
    root.notation = Parts(mark, line_end, closes_at, is_form=is_form)
    node.children, node.notation = (root,), ENVELOPE
    open_values(reading.values, budget)


class PartReading:
    """One body being read.

    Attributes:
        values: the fields in which something may be nested.
        doubt: why another reader may find other parts.
    """

    __slots__ = ("budget", "doubt", "layer", "line_end", "mark", "open_part", "root", "values")

    def __init__(self, root: Node, mark: bytes, line_end: bytes, budget: Budget, open_part: Opener) -> None:
        self.root = root
        self.mark = mark
        self.line_end = line_end
        self.budget = budget
        self.open_part = open_part
        self.layer = PartBody(mark)
        self.values: list[Node] = []
        self.doubt: str | None = None

    def parts(self, found: list[Delimiter]) -> list[Node]:
        """The parts between delimiters; where nothing stands between two, there is none."""
        out: list[Node] = []
        size, gap = len(self.root.content), len(self.line_end)
        for number, (at, start, is_last) in enumerate(found):
            end = found[number + 1].start - gap if number + 1 < len(found) else size
            if not is_last and start < end:
                out.append(self.part(at, start, end, len(out)))
        return out

    def part(self, at: int, start: int, end: int, number: int) -> Node:
        """The part in this span, whose delimiter begins at *at*; *number* is its step where it has no name."""
        raw = self.root.content[start:end]
        head = read_head(raw, self.line_end)
        self.look_at(head)
        address = f"{self.root.address}{SEPARATOR}{number if head.name is None else step(head.name)}"
        if not head.values:
            body = start + head.body
            layer = PartBody(self.mark, head.missing) if head.missing else self.layer
            leaf = Node(self.root, address, body, end, raw[head.body :], (at, end), layer)
            self.values.append(leaf)
            return leaf
        part = Node(self.root, self.root.address, start, end, raw, (at, end))
        self.budget.spend(len(head.values) + 1, len(raw))
        part.children = (*self.heads(part, address, head), self._body(part, address, head))
        part.notation = HEADED
        return part

    def look_at(self, head: Head) -> None:
        """Whether its name is one, and it is where a form has names: a part of a part has none (RFC 7578, 4.3)."""
        if head.is_odd:
            self.doubt = "the head of a part names more than one field"
        elif head.name is not None and self.root.address.count(_STEP) > 0:
            self.doubt = "a part of a part names a field"

    def heads(self, part: Node, address: str, head: Head) -> list[Node]:
        """The fields of a head."""
        prefix = f"{address}{SEPARATOR}header:{SEPARATOR}"
        out: list[Node] = []
        for value in head.values:
            node = Node(part, prefix + step(value.name), value.start, value.end, value.content, None, value.layer)
            node.gone = value.gone
            out.append(node)
            if value.name == b"filename":
                self.values.append(node)
        return out

    def _body(self, part: Node, address: str, head: Head) -> Node:
        """The body of a part with a head, opened."""
        raw = part.content[head.body :]
        node = Node(part, address, head.body, len(part.content), raw, None, PartBody(self.mark, head.missing))
        try:
            coding = transfer(head.transfer)
            node.content = coding.open(raw)
        except Unreadable as error:
            node.unreadable = error.message
            return node
        inner = FITTED if media_type(head.kind) == _HTTP else None
        node.layer = PartBody(self.mark, head.missing, coding, inner)
        self._open(node, head.kind)
        return node

    def _open(self, node: Node, content_type: bytes) -> None:
        """By the type of the part, else by its looks; what is neither read nor text says so."""
        kind = media_type(content_type)
        try:
            if kind == _HTTP:
                self.values += read_http(node, self.budget, self._open)
            elif kind in TEXT_KINDS:
                self.values.append(node)
            else:
                self.open_part(node, content_type, self.budget)
        except Unreadable as error:
            may_be_text = kind == _OCTETS or kind.startswith(b"text/")
            is_text = may_be_text and _BINARY.search(node.content) is None
            if not isinstance(error, TooMuch) and (is_text or kind_of(node.content) is not None):
                self.values.append(node)
            else:
                node.unreadable = error.message


def media_type(content_type: bytes) -> bytes:
    """Type and subtype in lower case, without parameters."""
    return content_type.partition(b";")[0].strip().lower()


_TAIL: Final = re.compile(rb"[ \t]*+(\r?\n|\Z)")
