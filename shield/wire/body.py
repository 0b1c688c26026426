"""Body: content codings, then a notation.

What decides:

1. A first character ``{`` or ``[`` (after blanks and prefixes) that reads as JSON to the end is ``json:`` under every
   content type, for Clearcut sends it as a form and beacons send it as text/plain.
2. Else the content type: JSON types that did not read are unreadable, ``application/x-www-form-urlencoded`` is
   ``form:``, text/plain and NDJSON are ``text`` with lines.
3. Without a content type, text without control characters is ``text`` (a beacon's default).

Bytes that begin as gzip does are opened as such, whether a coding was declared or not.

Everything else (multipart, protobuf, HTML ...) is a leaf ``body`` with ``unreadable`` set.
"""

from __future__ import annotations

import re
from typing import Final

from shield.errors import Unreadable
from shield.tree import ENVELOPE, Node
from shield.wire.codings import coding
from shield.wire.jsontext import read_json
from shield.wire.limits import ALWAYS_FINE_BYTES, Budget, TooMuch
from shield.wire.lines import read_lines
from shield.wire.nesting import open_lines, open_values
from shield.wire.pairs import FORM_PAIRS

_JSON_TYPE: Final = re.compile(rb"[a-z]+/(?:[a-z0-9.+_-]*\+)?(?:json|csp-report|x-json|json5)")
_JSON_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:\)\]\}',?|for \(;;\);)?\s*[{\[]")
_TEXT_TYPES: Final = frozenset({b"text/plain", b"application/x-ndjson", b"application/jsonl", b"application/ndjson"})
_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_GZIP: Final = b"\x1f\x8b\x08"
"""RFC 1952, section 2.3.1. Scripts pack what they send and do not say so in Content-Encoding."""
FORM_TYPE: Final = b"application/x-www-form-urlencoded"


def read_body(body: bytes, content_type: bytes | None, codings: bytes, budget: Budget) -> Node:
    """The root of a body; never raises.

    Args:
        content_type: value of the header, or None.
        codings: values of Content-Encoding, joined with commas.
    """
    root = Node(None, "body", 0, len(body), body)
    inner = root
    try:
        _spend(len(body), budget)
        for token in reversed(codings.lower().split(b",")):
            if token.strip() not in (b"", b"identity"):
                inner = _uncoded(inner, token.strip(), budget)
        if inner.content.startswith(_GZIP):
            inner = _uncoded(inner, b"gzip", budget)
        if inner.content:
            _read_notation(inner, media_type(content_type), budget)
    except Unreadable as error:
        inner.unreadable = error.message
    return root


def media_type(content_type: bytes | None) -> bytes:
    """Type and subtype in lower case, without parameters; empty if there is none."""
    return (content_type or b"").partition(b";")[0].strip().lower()


def _spend(size: int, budget: Budget) -> None:
    if size > budget.limits.body_bytes:
        raise TooMuch(f"a body of more than {budget.limits.body_bytes} bytes")
    budget.spend(1, size)


def _uncoded(node: Node, token: bytes, budget: Budget) -> Node:
    """Open one content coding as the only child."""
    layer = coding(token)
    limits = budget.limits
    size = len(node.content)
    content = layer.open(node.content, min(limits.body_bytes, max(size * limits.ratio, ALWAYS_FINE_BYTES)))
    _spend(len(content), budget)
    child = Node(node, "body", 0, size, content, layer=layer)
    node.children, node.notation = (child,), ENVELOPE
    return child


def _read_notation(node: Node, kind: bytes, budget: Budget) -> None:
    """Open *node* as what it is.

    Raises:
        Unreadable: nobody here reads it.
    """
    if _JSON_START.match(node.content) or _JSON_TYPE.fullmatch(kind):
        try:
            open_values(read_json(node, budget, "json:"), budget)
        except TooMuch:
            raise
        except Unreadable:
            if _JSON_TYPE.fullmatch(kind):
                raise
        else:
            return
    if kind == FORM_TYPE:
        _read_form(node, budget)
    elif kind in _TEXT_TYPES or not (kind or _BINARY.search(node.content)):
        open_lines(read_lines(node, budget), budget)
    else:
        raise Unreadable("nobody here reads this content type")


def _read_form(node: Node, budget: Budget) -> None:
    form = Node(node, "form:", 0, len(node.content), node.content)
    leaves = FORM_PAIRS.read(form, budget)
    node.children, node.notation = (form,), ENVELOPE
    open_values(leaves, budget)
