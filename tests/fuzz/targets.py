"""What must hold of any bytes under any content type; one target per notation.

Broken promises raise AssertionError, mistakes of ours raise anything else; ``Unwritable`` is an answer.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shield.address import show_address
from shield.edits import Edits, rebuild
from shield.errors import Unwritable
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.tree import Node
from shield.wire import reader, writer
from tests.fuzz.glancing import check_glance, same
from tests.fuzz.passing import check_coding, check_split
from tests.fuzz.traces import Write, leaves_nothing, outermost, strips_one_by_one

VECTORS = Path(__file__).parent.parent / "vectors"
NEW = b"e7"
"""What an edit writes: letters that every notation carries; a number's field may refuse it."""


@dataclass(frozen=True)
class Target:
    """One notation: what it comes as, what inputs begin with, and what mutations like to insert."""

    name: str
    kind: bytes
    words: tuple[bytes, ...]
    place: str = "body"


_JSON = (
    b'{"a":1}', b"[", b"]", b"{", b"}", b'"', b",", b":", b"\\u0061", b"\\", b'"anna@real.example"', b"null", b"1e9",
    b")]}'",
)  # fmt: skip
_FORM = (
    b"&",
    b"=",
    b"%",
    b"%25",
    b"%2525",
    b"+",
    b";",
    b"a=anna%40real.example",
    b"https%3A%2F%2Fx.example%2F%3Fa%3Db",
)
_PARTS = (
    b"--x", b"--x--", b"\r\n", b"\n", b'Content-Disposition: form-data; name="a"', b'; filename="b"', b"\r\n\r\n",
    b"\\", b"%22", b"; filename*=UTF-8''a", b"Content-Type: application/json", b"Content-Transfer-Encoding: base64",
)  # fmt: skip
_FIELDS = (b"\x0a\x03abc", b"\x08\x96\x01", b"\x0d", b"\x09", b"\x0b", b"\x0c", b"\xff" * 9)
_XML = (
    b"<a>", b"</a>", b"<b c='d'/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&amp;", b"&#x61;", b"<!DOCTYPE", b"<?",
    b"?>", b'"', b"<plist><dict><key>a</key><string>b</string></dict></plist>",
)  # fmt: skip
_HTML = (
    b"<a href='", b'<a href="/?a=b" ping=/p>', b"<script>", b"</script>", b"<!--", b"-->", b"&amp;", b"<textarea>",
    b"=", b">", b"<", b"'", b"<meta http-equiv=refresh content='0;url=/x'>",
    b'<script type="application/json">{"a":"b"}</script>',
)  # fmt: skip
_EVENTS = (b"data: ", b"data:", b"\n", b"\r", b"\r\n\r\n", b'{"a":"b"}', b"id: 1", b":")
_NESTED = (
    b"YW5uYUByZWFsLmV4YW1wbGU=", b"616e6e61", b"MFXG4YI=", b"H4sIAAAAAAAA/0vMy0sEAE8sGAQEAAAA", b"eyJhIjoiYiJ9", b"%7B",
    b"{", b"&#97;", b"eyJhIjoxfQ.eyJhIjoxfQ.c2ln", b"N4Ig", b"\\u0061",
)  # fmt: skip
_FORM_TYPE = b"application/x-www-form-urlencoded"
_PARTS_TYPE = b"multipart/form-data; boundary=x"
_LINES = (b"\n", b"\r\n", b"a=b&c=d", b"{", b"en=page_view&cid=1")
_FRAMES = (b"\0\0\0\0\x05\x0a\x03abc", b"\x01", b"\x80\0\0\0\x02ab", b"\xff\xff\xff\xff")
_GRAPHQL = (
    b'{"query":"query Q($a: Int) {', b'a(b: \\"anna@real.example\\")', b'\\"\\"\\"', b"}", b"#", b"\\n", b"$",
    b'","variables":{"a":"b"}}', b"mutation {",
)  # fmt: skip
_SIGNED = (b"eyJhbGciOiJIUzI1NiJ9", b".", b"eyJhIjoiYiJ9", b"s:", b"--", b"0" * 40, b"j:", b"c2ln", b"%2E", b"a")
_POLICY = (b"; ", b"report-uri ", b"https://x.example/?a=b", b"'self'", b" ", b",", b"default-src")
_STRUCTURED = (b'"a"', b";v=", b", ", b"?1", b":YWJj:", b"=", b"(", b")", b"*", b"a/b", b'"\\""', b'"')
_COOKIES = (b"; ", b"=", b"Path=/", b"Expires=Wed, 21 Oct 2015 07:28:00 GMT", b"%7B", b'"', b"a=b", b",", b"Domain=x")
_BY_NOTATION = {
    "json": (b"application/json", _JSON),
    "form": (_FORM_TYPE, _FORM),
    "text": (b"text/plain", _LINES),
    "multipart": (_PARTS_TYPE, _PARTS),
    "html": (b"text/html", _HTML),
    "events": (b"text/event-stream", _EVENTS),
}
_TARGETS = (
    *(Target(name, kind, words) for name, (kind, words) in _BY_NOTATION.items() if name not in ("html", "events")),
    Target("html", b"text/html", _HTML, "response"),
    Target("events", b"text/event-stream", _EVENTS, "response"),
    Target("protobuf", b"application/x-protobuf", _FIELDS),
    Target("grpc", b"application/grpc", _FRAMES),
    Target("grpc-text", b"application/grpc-web-text", (b"AAAAAAUKA2FiYw==", b"=", b"gAAAAAJhYg==", b"AAAAAAA=", b"A")),
    Target("xml", b"application/xml", _XML),
    Target("graphql", b"application/json", _GRAPHQL),
    Target("query", b"", _FORM, "query"),
    Target("path", b"", (b"/", b";", b"=", b"$", b"%2F", b"a=b;c=d", b"uedata=s:"), "path"),
    Target("cookie", b"", (b"; ", b"=", b"%7B", b'"', b"a=b", b"j:{", b"s:"), "cookie"),
    Target("signed", b"", _SIGNED, "cookie"),
    Target("nested", b"text/plain", _NESTED, "query"),
    Target("frame", b"", _JSON, "frame"),
    Target("set-cookie", b"set-cookie", _COOKIES, "line"),
    Target("policy", b"content-security-policy", _POLICY, "line"),
    Target("structured", b"sec-ch-ua", _STRUCTURED, "header"),
    Target("json response", b"application/json", _JSON, "response"),
    Target("xml response", b"application/xml", _XML, "response"),
    *(Target(f"{name} passing", kind, words, "split") for name, (kind, words) in _BY_NOTATION.items()),
    Target("coding", b"", _JSON, "coding"),
    *(
        Target(f"{name} glanced at", kind, words, "glance")
        for name, (kind, words) in _BY_NOTATION.items()
        if name not in ("html", "events")
    ),
    Target("xml glanced at", b"application/xml", _XML, "glance"),
    *(
        Target(f"{name} stripped", kind, words, "strip")
        for name, (kind, words) in _BY_NOTATION.items()
        if name not in ("html", "events")
    ),
    Target("protobuf stripped", b"application/x-protobuf", _FIELDS, "strip"),
    Target("xml stripped", b"application/xml", _XML, "strip"),
    Target("query stripped", b"", _FORM, "strip query"),
)
TARGETS = {target.name: target for target in _TARGETS}
"""By name."""


def seeds(target: Target) -> list[bytes]:
    """Inputs to begin with: the vectors of this notation."""
    path = VECTORS / f"{target.name.split()[0]}.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    bodies = [one.get("body", "").encode("latin-1") for one in found if isinstance(one, dict)]
    return [body for body in bodies if body][:60] or list(target.words)


def check(target: Target, data: bytes) -> None:
    """Every promise, for one input; the first byte chooses the field that is edited."""
    number, data = (data[0], data[1:]) if data else (0, data)
    match target.place:
        case "response":
            _check_response(Response(200, ((b"content-type", target.kind),), data), number)
        case "line":
            value = data.translate(None, b"\r\n\0").strip()
            _check_response(Response(200, ((target.kind, value),), b""), number)
        case "split":
            check_split(target.kind, data, number)
        case "coding":
            check_coding(target.kind, data, number)
        case "glance":
            check_glance(_request(target, data), number)
        case "strip" | "strip query":
            _check_strips(_request(target, data), number)
        case "frame":
            _check_frame(Frame("request", data, is_text=number % 2 == 0), number)
        case _:
            check_request(_request(target, data), number)


def _request(target: Target, data: bytes) -> Request:
    line = data.translate(None, b"\r\n\0 #")
    base = Request("POST", "https", "x.example", 443, b"/", ((b"content-type", target.kind),), b"")
    match target.place:
        case "query" | "strip query":
            return replace(base, target=b"/c?" + line)
        case "path":
            return replace(base, target=b"/" + line.replace(b"?", b""))
        case "header":
            return replace(base, headers=((target.kind, data.translate(None, b"\r\n\0").strip()),))
        case "cookie":
            return replace(base, headers=((b"cookie", data.translate(None, b"\r\n\0").strip()),))
        case _:
            return replace(base, body=data)


def check_request(request: Request, number: int) -> None:
    """Every promise of a request; *number* chooses the field that is edited."""
    opened = reader.read(request)
    _sound(opened)
    assert writer.rebuild(request, opened, Edits()) is request
    same(request)
    edited = _edited(opened, number)
    if edited is not None:
        _edits_hold(edited, opened, lambda edits: reader.read(writer.rebuild(request, opened, edits)))


def _check_response(response: Response, number: int) -> None:
    opened = reader.read_response(response)
    _sound(opened)
    assert writer.rebuild_response(response, opened, Edits()) is response
    edited = _edited(opened, number)
    if edited is not None:
        write = lambda edits: reader.read_response(writer.rebuild_response(response, opened, edits))  # noqa: E731
        _edits_hold(edited, opened, write)


def _check_frame(frame: Frame, number: int) -> None:
    opened = reader.read_frame(frame)
    _sound(opened)
    assert writer.rebuild_frame(frame, opened, Edits()) is frame
    edited = _edited(opened, number)
    if edited is not None:
        _edits_hold(edited, opened, lambda edits: reader.read_frame(writer.rebuild_frame(frame, opened, edits)))


def _check_strips(request: Request, number: int) -> None:
    """Fields go one by one, and several at once beside edits of others."""
    sent = [request]

    def reading(opened: Opened) -> Write:
        before = sent[-1]

        def write(edits: Edits) -> Opened:
            sent.append(writer.rebuild(before, opened, edits))
            return reader.read(sent[-1])

        return write

    _sound(strips_one_by_one(reader.read(request), number, reading))
    opened = reader.read(request)
    chance = random.Random(number)
    leaves = [leaf for leaf in opened.fields() if leaf.parent is not None and leaf.unreadable is None]
    removed = {leaf for leaf in leaves if chance.random() < 0.3}
    edits = Edits({leaf: NEW for leaf in leaves if leaf not in removed and chance.random() < 0.3}, removed)
    try:
        _sound(reader.read(writer.rebuild(request, opened, edits)))
    except Unwritable:
        return


def _sound(opened: Opened) -> None:
    """Spans lie in their parents, in order, without overlap; a closed layer gives back what it was opened from."""
    for node in _nodes(opened):
        end = 0
        for child in node.children:
            assert child.parent is node
            assert 0 <= child.start <= child.end <= len(node.content), "a span outside of its parent"
            assert child.start >= end, "two children overlap"
            end = child.end
            if child.layer is not None and child.unreadable is None:
                _closes(child)


def _closes(node: Node) -> None:
    """Same content, same bytes; where the layer has several spellings of one content, the same content at least."""
    assert node.layer is not None
    try:
        node.layer.close(node.content, node.raw)
    except Unwritable:
        return


def _nodes(opened: Opened) -> Iterator[Node]:
    for root in opened.roots():
        yield from root.walk()


def _edited(opened: Opened, number: int) -> Node | None:
    """The field that is edited: one that can be told by its address, and may be edited."""
    leaves = [leaf for leaf in opened.fields() if leaf.unreadable is None and leaf.content not in (b"", NEW)]
    leaves = [leaf for leaf in leaves if leaf.parent is not None]
    return leaves[number % len(leaves)] if leaves else None


def _edits_hold(leaf: Node, opened: Opened, write: Write) -> None:
    _same_but_for(leaf, opened, write)
    leaves_nothing(leaf, opened, write, Edits(content={leaf: NEW}))
    leaves_nothing(leaf, opened, write, Edits(removed={leaf}))


def _same_but_for(leaf: Node, opened: Opened, write: Write) -> None:
    """One edit, one change: every other field still has its value, and this one has what was written."""
    try:
        after = write(Edits(content={leaf: NEW}))
    except Unwritable:
        return
    before = Counter(node.content for node in _of_peer(opened) if node is not leaf)
    now = Counter(node.content for node in _of_peer(after) if NEW not in node.content and not _is_around(node, leaf))
    assert not now - before or _is_splice(leaf), f"editing {show_address(leaf.address)} changed another field"


def _is_splice(leaf: Node) -> bool:
    """Whether the root has the bytes it had before and after the outermost raw value that holds the edited one, so that
    another field looks new only because the whole is read as something else now."""
    start, end = outermost(leaf)
    root = leaf.root
    written = rebuild(root, Edits(content={leaf: NEW}))
    return written.startswith(root.content[:start]) and written.endswith(root.content[end:])


def _of_peer(opened: Opened) -> Iterator[Node]:
    """All fields but the lines that we add where we edit (no-store)."""
    return (node for node in opened.fields() if not node.address.startswith("header:"))


def _is_around(node: Node, leaf: Node) -> bool:
    """Whether a field that is new holds the edited one: a value that is no longer what it looked like."""
    return leaf.address.startswith(node.address)
