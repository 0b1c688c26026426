"""Body: content codings, then a notation.

What decides:

1. A first character ``{`` or ``[`` (after blanks and prefixes) that reads as JSON to the end is ``json:`` under every
   content type, for Clearcut sends it as a form and beacons send it as text/plain.
2. Else the content type (``BY_TYPE``): JSON types that did not read are unreadable,
   ``application/x-www-form-urlencoded`` is ``form:``, text/plain and NDJSON are ``text`` with lines (NDJSON of one
   line too), HTML is a page with ``link:`` fields, an event stream ``event:`` messages.
   A text that reads as XML is XML.
3. Without a content type, text without control characters is ``text`` (a beacon's default).
4. What is none of these, or called a form or text and is binary, may be protobuf (``binary``).

Bytes that begin as gzip does are opened as such, whether a coding was declared or not; so are zlib and raw deflate that
open to a text. What is called a text, is none, and was not opened by any of these is *unreadable*.

What is a text or a form by its type and looks like JSON, XML or a form's parts, but does not read as such, is
*unreadable* beside what else it is (``almost``): it has fields, and says so all the same.

Everything else (images, scripts ...) is a leaf ``body`` with ``unreadable`` set.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from shield.errors import Unreadable
from shield.tree import ENVELOPE, Folded, Node
from shield.wire.almost import doubt, doubt_of_lines, is_json, looks_like, looks_like_json
from shield.wire.binary import BINARY_TYPES, LOOKED_AT, folded, is_mislabelled, open_octets
from shield.wire.codings import coding
from shield.wire.events import read_events
from shield.wire.html import read_html
from shield.wire.jsonfold import fold_json
from shield.wire.jsontext import PREFIX
from shield.wire.limits import ALWAYS_FINE_BYTES, Budget, TooMuch
from shield.wire.lines import LINES, read_lines
from shield.wire.multipart import TYPES as MULTIPART_TYPES
from shield.wire.multipart import read_multipart
from shield.wire.names import below
from shield.wire.nesting import open_lines, open_values
from shield.wire.packed import kind_of
from shield.wire.pairs import FORM_PAIRS, is_form
from shield.wire.xmltext import TYPES as XML_TYPES
from shield.wire.xmltext import read_xml

JSON_TYPE: Final = re.compile(rb"[a-z]+/(?:[a-z0-9.+_-]*\+)?(?:json|csp-report|x-json|json5)")
JSON_START: Final = re.compile(PREFIX.pattern + rb"[{\[]")
LINE_TYPES: Final = frozenset({b"application/x-ndjson", b"application/jsonl", b"application/ndjson"})
"""Lines, of which one alone is a line too, and not the body's JSON."""
HTML_TYPES: Final = frozenset({b"text/html", b"application/xhtml+xml"})
EVENT_TYPE: Final = b"text/event-stream"
BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_GZIP: Final = b"\x1f\x8b\x08"
"""RFC 1952, section 2.3.1. Scripts pack what they send and do not say so in Content-Encoding."""
FORM_TYPE: Final = b"application/x-www-form-urlencoded"
UNRELIABLE: Final = frozenset({b"", FORM_TYPE, b"text/plain"})
"""What clients say that do not say what they send."""
_DOUBTED: Final = UNRELIABLE | LINE_TYPES
_TEXTS: Final = frozenset({*UNRELIABLE, *LINE_TYPES, *HTML_TYPES, EVENT_TYPE})


def read_body(body: bytes, content_type: bytes | None, codings: bytes, budget: Budget) -> Node:
    """The root of a body, read as far as its content codings: the rest when somebody asks; never raises.

    Args:
        content_type: value of the header, or None.
        codings: values of Content-Encoding, joined with commas.
    """
    unfold = partial(_unfold, content_type=content_type or b"", budget=budget)
    root = inner = folded(media_type(content_type))(unfold, None, "body", 0, len(body), body)
    try:
        _spend(len(body), budget)
        for token in reversed(codings.lower().split(b",")):
            if token.strip() not in (b"", b"identity"):
                inner = _uncoded(inner, token.strip(), budget, unfold)
        packing = _packing(inner)
        if packing is not None:
            _uncoded(inner, packing, budget, unfold)
    except Unreadable as error:
        inner.unreadable, inner.children = error.message, ()
    return root


def _unfold(node: Node, content_type: bytes, budget: Budget) -> None:
    try:
        if node.content:
            read_notation(node, content_type, budget)
    except Unreadable as error:
        node.unreadable = error.message


def media_type(content_type: bytes | None) -> bytes:
    """Type and subtype in lower case, without parameters; empty if there is none."""
    return (content_type or b"").partition(b";")[0].strip().lower()


def _spend(size: int, budget: Budget) -> None:
    if size > budget.limits.body_bytes:
        raise TooMuch(f"a body of more than {budget.limits.body_bytes} bytes")
    budget.spend(1, size)


def _packing(node: Node) -> bytes | None:
    """The coding that nobody declared."""
    content = node.content
    if content.startswith(_GZIP):
        return b"gzip"
    if content[:LOOKED_AT].isascii() and not is_mislabelled(node):
        return None
    return b"deflate" if kind_of(content) in ("zlib", "deflate") else None


def _uncoded(node: Folded, token: bytes, budget: Budget, unfold: Callable[[Node], None]) -> Folded:
    """Open one content coding as the only child, which is read by *unfold*."""
    layer = coding(token)
    limits = budget.limits
    size = len(node.content)
    content = layer.open(node.content, min(limits.body_bytes, max(size * limits.ratio, ALWAYS_FINE_BYTES)))
    _spend(len(content), budget)
    child = type(node)(unfold, node, "body", 0, size, content, None, layer)
    node.children, node.notation = (child,), ENVELOPE
    return child


def read_notation(node: Node, content_type: bytes, budget: Budget) -> None:
    """Open *node* (a body, or a part that states a type of its own) as what it is.

    Args:
        content_type: value of the header with its parameters; empty if there is none.

    Raises:
        Unreadable: nobody here reads it.
    """
    kind = media_type(content_type)
    if _opened_as_json(node, kind, budget):
        return
    if kind in UNRELIABLE and is_mislabelled(node) and _opened_as_octets(node, budget):
        return
    if kind in _TEXTS and is_mislabelled(node) and not _is_utf8(node.content):
        raise Unreadable("bytes that are called a text")
    if kind in _DOUBTED and _opened_as_xml(node, budget):
        return
    if kind in BY_TYPE or kind.endswith(b"+xml"):
        BY_TYPE.get(kind, _read_xml)(node, content_type, budget)
    elif not (kind or BINARY.search(node.content)):
        _read_text(node, content_type, budget)
    elif is_form(node.content):  # a Blob of the wrong type
        _read_form(node, content_type, budget)
    else:
        raise Unreadable("nobody here reads this content type")
    if kind in _TEXTS and kind != EVENT_TYPE:
        node.unreadable = _doubt(node, kind)


def _opened_as_json(node: Node, kind: bytes, budget: Budget) -> bool:
    is_said = kind not in BINARY_TYPES and JSON_TYPE.fullmatch(kind) is not None
    if not (is_said or (kind not in LINE_TYPES and JSON_START.match(node.content))):
        return False
    try:
        fold_json(node, budget, below(node.address, "json:"), open_values)
    except TooMuch:
        raise
    except Unreadable:
        if is_said and not is_form(node.content):
            raise
        return False
    return True


def _doubt(node: Node, kind: bytes) -> str | None:
    """Why a text or form may be something else than what it was read as."""
    content = node.content
    alike = looks_like(content) if kind in _DOUBTED else "JSON" if looks_like_json(content) else None
    text = node.children[0] if node.children else node
    lines = text.children if text.notation is LINES else ()
    if lines:
        first = next((line for line in lines if line.content.strip()), None)
        if alike == "JSON" and first is not None and is_json(first):
            alike = None  # lines of JSON: each speaks for itself
        return doubt(alike) or doubt_of_lines(lines)
    return doubt(alike)


def _opened_as_xml(node: Node, budget: Budget) -> bool:
    if looks_like(node.content) != "XML":
        return False
    try:
        _read_xml(node, b"", budget)
    except TooMuch:
        raise
    except Unreadable:
        return False
    return True


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _opened_as_octets(node: Node, budget: Budget) -> bool:
    try:
        open_octets(node, b"", budget)
    except TooMuch:
        raise
    except Unreadable:
        return False
    return True


def _read_form(node: Node, content_type: bytes, budget: Budget) -> None:
    form = Node(node, below(node.address, "form:"), 0, len(node.content), node.content)
    leaves = FORM_PAIRS.read(form, budget)
    node.children, node.notation = (form,), ENVELOPE
    open_values(leaves, budget)


def _read_xml(node: Node, content_type: bytes, budget: Budget) -> None:
    open_values(read_xml(node, budget), budget)


def _read_multipart(node: Node, content_type: bytes, budget: Budget) -> None:
    read_multipart(node, content_type, budget, read_notation)


def _read_text(node: Node, content_type: bytes, budget: Budget) -> None:
    open_lines(read_lines(node, budget), budget)


def _read_page(node: Node, content_type: bytes, budget: Budget) -> None:
    read_html(node, budget, is_xml=media_type(content_type) != b"text/html")


def _read_stream(node: Node, content_type: bytes, budget: Budget) -> None:
    read_events(node, budget)


BY_TYPE: Final[dict[bytes, Callable[[Node, bytes, Budget], None]]] = {
    FORM_TYPE: _read_form,
    **BINARY_TYPES,
    **dict.fromkeys(XML_TYPES, _read_xml),
    **dict.fromkeys(HTML_TYPES, _read_page),
    EVENT_TYPE: _read_stream,
    **dict.fromkeys((*LINE_TYPES, b"text/plain"), _read_text),
    **dict.fromkeys(MULTIPART_TYPES, _read_multipart),
}
"""Who opens a body of this type: called with the node, the whole content type, and the budget."""
