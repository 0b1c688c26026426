"""Open a message: target, header lines, body.

Nothing here raises for what a peer sent: what cannot be read is a leaf with ``unreadable`` set. Reading looks at
every byte once per notation it lies in; nothing is written or packed.
"""

from __future__ import annotations

from functools import partial

from shield.errors import Unreadable
from shield.message import Frame, Headers, Request, Response, first_header
from shield.opened import Opened
from shield.tree import Folded, Node
from shield.wire import segments as path_room
from shield.wire.almost import doubt_of_lines
from shield.wire.binary import open_octets
from shield.wire.body import read_body
from shield.wire.headers import NAMED, READERS, RESPONSE_READERS, read_headers
from shield.wire.limits import LIMITS, Budget, Limits, TooMuch
from shield.wire.nesting import Reader, open_values
from shield.wire.pairs import QUERY_PAIRS

_TELLING_BYTES = 12
"""Of a header's name that may be base64 of a fact; its address is in lower case."""


def read(request: Request, limits: Limits = LIMITS) -> Opened:
    """Open a request; a body that is not at hand or empty has no root."""
    budget = Budget(limits)
    raw_path, mark, raw_query = request.target.partition(b"?")
    path = Node(None, path_room.ROOT, 0, len(raw_path), raw_path)
    leaves = _read(path_room.read_path, path, budget)
    query = Node(None, "query:", 0, len(raw_query), raw_query) if mark else None
    if query is not None:
        leaves += _read(QUERY_PAIRS.read, query, budget)
    headers, values = read_headers(request.headers + request.trailers, budget, READERS)
    open_values([*leaves, *values], budget)
    return Opened(path, query, headers, _body(request.body, request.headers, budget), _line(request))


def _line(request: Request) -> Node:
    """Method and host, as they stand in the request line and in Host; and long names in which case may tell."""
    stated = request.header(b"host") or b""
    names = [
        key for key, _ in request.headers + request.trailers
        if len(key) >= _TELLING_BYTES and key not in NAMED and not key.islower()
    ]  # fmt: skip
    content = b" ".join((request.method.encode(), request.host.encode(), stated, *names))
    return Node(None, "line", 0, len(content), content)


def read_response(response: Response, limits: Limits = LIMITS) -> Opened:
    """Open a response: Set-Cookie lines are ``cookie:NAME``; the path is empty."""
    budget = Budget(limits)
    headers, values = read_headers(response.headers, budget, RESPONSE_READERS)
    open_values(values, budget)
    return Opened(_no_path(), None, headers, _body(response.body, response.headers, budget))


def read_frame(frame: Frame, limits: Limits = LIMITS) -> Opened:
    """Open a WebSocket message as ``frame``, and ``frame/json:...`` where it is JSON."""
    budget = Budget(limits)
    unfold = partial(_unfold_frame, is_text=frame.is_text, budget=budget)
    return Opened(_no_path(), None, (), Folded(unfold, None, "frame", 0, len(frame.content), frame.content))


def _unfold_frame(root: Node, is_text: bool, budget: Budget) -> None:
    if len(root.content) > budget.limits.body_bytes:
        root.unreadable = f"a frame of more than {budget.limits.body_bytes} bytes"
        return
    open_values([root], budget)
    root.unreadable = root.unreadable or doubt_of_lines((root,))
    if is_text or root.children or root.unreadable or not root.content:
        return
    try:
        open_octets(root, b"", budget)
    except Unreadable as error:
        root.unreadable = error.message


def _no_path() -> Node:
    return Node(None, path_room.ROOT, 0, 0, b"")


def _read(reader: Reader, root: Node, budget: Budget) -> list[Node]:
    """The fields of a root, which stays a leaf where a limit is reached."""
    try:
        return reader(root, budget)
    except TooMuch as error:
        root.unreadable = error.message
        return []


def _body(body: bytes | None, headers: Headers, budget: Budget) -> Node | None:
    if not body:
        return None
    codings = b",".join(value for key, value in headers if key.lower() == b"content-encoding")
    return read_body(body, first_header(headers, b"content-type"), codings, budget)
