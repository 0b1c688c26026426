"""Write a message back with edits: target, header lines and body together, fitting each other.

Without an edit the result is the very object that came in. With one, bytes outside the edited fields stay; what a
signature covers is never edited.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from shield.edits import Edits
from shield.edits import rebuild as respell
from shield.errors import Signed, Unwritable
from shield.message import Frame, Headers, Request, Response
from shield.opened import Opened
from shield.tree import Node
from shield.wire.framing import fit, fit_response, without_digests
from shield.wire.headers import check_value
from shield.wire.places import Places, place
from shield.wire.signed import covers

_ENDS_TARGET: Final = re.compile(rb"[\x00-\x20\x7f]")
"""What would end the request line, or make another one."""


class _Writing:
    """One message being written."""

    __slots__ = ("edits", "gone", "opened", "places", "touched")

    def __init__(self, opened: Opened, edits: Edits, *, is_request: bool) -> None:
        self.opened = opened
        self.places: Places = place(opened, edits, is_request=is_request)
        self.edits = self.places.edits
        self.touched = self.edits.touched()
        self.gone = self.edits.gone()

    def root(self, node: Node) -> bytes | None:
        """What became of a root: its bytes, or None where it goes."""
        return None if node in self.gone else respell(node, self.edits, self.touched, self.gone)

    def target(self) -> bytes:
        """Path and query."""
        path = self.root(self.opened.path)
        if path is None:
            raise Unwritable("a path cannot be removed")
        query = None if self.opened.query is None else self.root(self.opened.query)
        return path + (self.places.new_query() if query is None else b"?" + query)

    def headers(self, headers: Headers) -> Headers:
        """The lines with what became of them, and the new ones."""
        return (*self._lines(headers, self.opened.headers[: len(headers)]), *self.places.new_lines())

    def trailers(self, trailers: Headers) -> Headers:
        """The lines after the body with what became of them."""
        return self._lines(trailers, self.opened.headers[len(self.opened.headers) - len(trailers) :])

    def _lines(self, lines: Headers, nodes: tuple[Node, ...]) -> Headers:
        out: list[tuple[bytes, bytes]] = []
        for line, node in zip(lines, nodes, strict=True):
            if node not in self.touched:
                out.append(line)
                continue
            value = self.root(node)
            if value is not None:
                out.append((line[0], check_value(value)))
        return tuple(out)

    def body(self, body: bytes | None) -> bytes | None:
        """The body; empty where it goes."""
        if self.opened.body is None or self.opened.body not in self.touched:
            return body
        return self.root(self.opened.body) or b""


def rebuild(request: Request, opened: Opened, edits: Edits) -> Request:
    """*request* as it leaves.

    Args:
        opened: what ``reader.read`` made of this very request.

    Raises:
        Unwritable: a layer cannot carry an edit, or a signature covers what was edited.
    """
    if not edits:
        return request
    writing = _Writing(opened, edits, is_request=True)
    target, headers, body = writing.target(), writing.headers(request.headers), writing.body(request.body)
    trailers = writing.trailers(request.trailers) if request.trailers else request.trailers
    if (target, headers, body, trailers) == (request.target, request.headers, request.body, request.trailers):
        return request
    if _ENDS_TARGET.search(target) and not _ENDS_TARGET.search(request.target):
        raise Unwritable("a target cannot carry blanks or control characters")
    _check_signatures(request, target, headers, body)
    if body is not None and body != request.body:
        headers, trailers = fit(headers, body), without_digests(trailers)
    return replace(request, target=target, headers=headers, body=body, trailers=trailers)


def rebuild_response(response: Response, opened: Opened, edits: Edits) -> Response:
    """*response* as it reaches the client; an edited body is not to be stored. Raises as :func:`rebuild`."""
    if not edits:
        return response
    writing = _Writing(opened, edits, is_request=False)
    headers, body = writing.headers(response.headers), writing.body(response.body)
    if (headers, body) == (response.headers, response.body):
        return response
    trailers = response.trailers
    if body is not None and body != response.body:
        headers, trailers = fit_response(headers, body), without_digests(trailers)
    return replace(response, headers=headers, body=body, trailers=trailers)


def rebuild_frame(frame: Frame, opened: Opened, edits: Edits) -> Frame:
    """*frame* as it goes on. Raises as :func:`rebuild`."""
    if not edits:
        return frame
    content = _Writing(opened, edits, is_request=False).body(frame.content)
    return frame if content is None or content == frame.content else replace(frame, content=content)


def _check_signatures(request: Request, target: bytes, headers: Headers, body: bytes | None) -> None:
    cover = covers(request)
    if not cover:
        return
    if body != request.body and cover.of_body(body):
        raise Signed("the body is signed", "it can pass or be blocked, but not be edited")
    if target != request.target and cover.of_target(target):
        raise Signed("the target is signed", "it can pass or be blocked, but not be edited")
    if _covered(request.headers, cover.headers) != _covered(headers, cover.headers):
        raise Signed("a header is signed", "it can pass or be blocked, but not be edited")
    if cover.cookies and _cookies(request.headers, cover.cookies) != _cookies(headers, cover.cookies):
        raise Signed("a cookie is signed", "it can pass or be blocked, but not be edited")


def _covered(headers: Headers, names: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    return [line for line in headers if line[0].lower() in names]


def _cookies(headers: Headers, names: frozenset[bytes]) -> list[bytes]:
    pairs = [pair.strip() for key, value in headers if key.lower() == b"cookie" for pair in value.split(b";")]
    return [pair for pair in pairs if pair.partition(b"=")[0].rstrip() in names]
