"""What holds for every message: generated ones, arbitrary bytes, and the recorded traffic."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.edits import Edits, rebuild
from shield.errors import Unwritable
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.tree import Node
from shield.wire import reader, writer
from shield.wire.quoted import open_escapes
from shield.wire.signed import is_signed

TYPES = (
    None, b"application/json", b"application/x-www-form-urlencoded", b"text/plain", b"text/plain;charset=UTF-8",
    b"multipart/form-data; boundary=x", b"application/x-protobuf", b"application/x-ndjson", b"", b"\xff;;",
)  # fmt: skip
CODINGS = (None, b"gzip", b"deflate", b"br", b"zstd", b"gzip, br", b"identity", b"snappy", b",")

text = st.text(max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))


@st.composite
def json_texts(draw: st.DrawFn) -> bytes:
    """JSON in several spellings."""
    return json.dumps(
        draw(documents), ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from((None, 1)))
    ).encode("utf-8", "surrogatepass")


def escaped(value: bytes) -> bytes:
    """Percent escapes for what a pair cannot carry, and some more."""
    return b"".join(b"%c" % code if chr(code).isalnum() and code < 128 else b"%%%02x" % code for code in value)


@st.composite
def pairs(draw: st.DrawFn) -> bytes:
    """Queries and forms, some odd."""
    values = st.binary(max_size=10) | json_texts() | st.just(b"https://x.test/a/b?c=d%40e&f#g")
    pair = st.tuples(st.binary(max_size=4).map(escaped), st.sampled_from((b"=", b"", b"==")), values.map(escaped))
    return draw(st.sampled_from((b"&", b"&&"))).join(b"".join(one) for one in draw(st.lists(pair, max_size=5)))


header_values = st.sampled_from((
    b"https://shop.example/?q=1", b"a=1; b=%7B%22c%22%3A2%7D", b"ch-ua=(self), b", b"default-src 'self'; report-uri /r",
    b'"Chromium";v="140", "Not";v="9"', b"eyJlbWFpbCI6ImEiLCJiIjoiYyJ9",
)) | st.binary(max_size=20).map(lambda raw: raw.translate(None, b"\r\n\0"))  # fmt: skip
header_names = st.sampled_from((
    b"Cookie", b"Referer", b"X-Y", b"Permissions-Policy", b"Content-Security-Policy", b"Sec-CH-UA",
))  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests of every notation."""
    kind = draw(st.sampled_from(TYPES))
    headers = draw(st.lists(st.tuples(header_names, header_values), max_size=4))
    if kind is not None:
        headers.append((b"Content-Type", kind))
    body = draw(st.one_of(json_texts(), pairs(), st.binary(max_size=40), st.lists(pairs(), max_size=3).map(b"\n".join)))
    path = b"/" + b"/".join(draw(st.lists(st.binary(max_size=5).map(escaped), max_size=3)))
    query = draw(st.none() | pairs())
    target = path if query is None else path + b"?" + query
    return Request("POST", "https", "h.test", 443, target, tuple(headers), body)


def spine(node: Node) -> set[Node]:
    """A node, what lies below it, and what holds it: whatever an edit of it may touch."""
    out = set(node.walk())
    climb: Node | None = node
    while climb is not None:
        out.add(climb)
        climb = climb.parent
    return out


def editable(opened: Opened) -> Iterator[Node]:
    """Every field but those that say how the body is read."""
    return (node for node in opened.fields() if not node.address.startswith("header:\x1fcontent-type"))


def others(opened: Opened, without: set[Node]) -> list[tuple[str, bytes]]:
    """Every other field."""
    return [(node.address, node.content) for node in opened.fields() if node not in without]


@settings(max_examples=150, deadline=None)
@given(requests())
def test_every_node_is_a_span_of_its_parent(request: Request) -> None:
    """Closing nothing gives the bytes that came, at every node; children lie in order and do not overlap."""
    opened = reader.read(request)
    assert opened.path.content + (b"?" + opened.query.content if opened.query else b"") == request.target
    for root in opened.roots():
        for node in root.walk():
            position = 0
            for child in node.children:
                start, end = child.outer or (child.start, child.end)
                assert position <= start <= child.start <= child.end <= end <= len(node.content)
                assert child.parent is node
                assert child.layer is not None or child.raw == child.content
                position = end


@settings(max_examples=150, deadline=None)
@given(requests(), st.data())
def test_an_edit_changes_its_field_and_nothing_else(request: Request, data: st.DataObject) -> None:
    """The field reads back as what was put there, and every other field as before."""
    opened = reader.read(request)
    node = data.draw(st.sampled_from(list(editable(opened))))
    content = data.draw(st.sampled_from((b"eva@mail.test", b"X", b'a b&c=d;e,f"\\', b"\xc3\xa9\xff", b"5")))
    try:
        leaving = writer.rebuild(request, opened, Edits(content={node: content}))
    except Unwritable:
        assert node.address.startswith(("cookie:", "header:", "text", "protobuf:", "grpc:")) or node is opened.query
        return
    again = reader.read(leaving)
    before, after = others(opened, spine(node)), [(one.address, one.content) for one in again.fields()]
    for field in before:
        assert field in after
        after.remove(field)
    assert len(leaving.headers) == len(request.headers)
    values = [value for _, value in after]
    if node.layer is not None and node.layer.name == "quoted":  # few escapes may not look like them any more
        values += [open_escapes(value) for value in values]
    if node.layer is None or node.layer.name != "container":  # those are quoted, and perhaps not JSON any more
        assert content in values or _opens(again, content)


def _opens(opened: Opened, content: bytes) -> bool:
    """Whether some node, opened further by now, holds *content*."""
    return any(node.content == content for root in opened.roots() for node in root.walk())


@settings(max_examples=150, deadline=None)
@given(requests(), st.data())
def test_a_removal_takes_its_field_and_nothing_else(request: Request, data: st.DataObject) -> None:
    """Every other field reads as before; a list keeps its places."""
    opened = reader.read(request)
    node = data.draw(st.sampled_from(list(editable(opened))))
    try:
        leaving = writer.rebuild(request, opened, Edits(removed={node}))
    except Unwritable:  # base64 that is padded now, in a cookie without a name
        assert node.address.startswith("cookie:\x1f\x1f")
        return
    after = [(one.address, one.content) for one in reader.read(leaving).fields()]
    for field in others(opened, spine(node)):
        if not _is_numbered(field[0]):
            assert field in after
            after.remove(field)


def _is_numbered(address: str) -> bool:
    """Members of structured lists and lines move up when one goes."""
    return "\x1fsf:" in address or address.startswith("text")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | pairs() | json_texts(), st.sampled_from(TYPES), st.sampled_from(CODINGS), st.booleans())
def test_arbitrary_bytes_never_raise(body: bytes, kind: bytes | None, coding: bytes | None, is_packed: bool) -> None:
    """Under every content type and coding a message can be read, and its bytes are all there."""
    headers = [(b"Content-Type", kind)] if kind is not None else []
    headers += [(b"Content-Encoding", coding)] if coding is not None else []
    sent = gzip.compress(body) if is_packed and coding == b"gzip" else body
    opened = reader.read(Request("POST", "https", "h.test", 443, b"/?" + body, tuple(headers), sent))
    assert (opened.body.content if opened.body else b"") == sent
    reader.read_response(Response(200, (*headers, (b"Set-Cookie", body)), sent))
    reader.read_frame(Frame("request", body, is_text=False))


@settings(max_examples=100, deadline=None)
@given(json_texts())
def test_json_reads_as_the_standard_library_does(raw: bytes) -> None:
    """The same scalars in the same order."""
    request = Request("POST", "https", "h.test", 443, b"/", ((b"content-type", b"application/json"),), raw)
    found = [_value(node) for node in _scalars(reader.read(request).body)]
    assert found == _flat(json.loads(raw))


def _scalars(root: Node | None) -> list[Node]:
    """Strings, numbers and literals of the outermost JSON."""
    assert root is not None
    stack = list(reversed(root.children))
    out: list[Node] = []
    while stack:
        node = stack.pop()
        if node.layer is not None and node.layer.name != "container":
            out.append(node)
        else:
            stack.extend(reversed(node.children))
    return out


def _value(node: Node) -> Any:
    if node.layer is not None and node.layer.name == "string":
        return node.content.decode("utf-8", "surrogatepass")
    return json.loads(node.content)


def _flat(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _flat(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _flat(inner)]
    return [value]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_what_is_read_as_json_is_json(raw: bytes) -> None:
    """The scanner is no more lenient than the standard library, but for one comma before a bracket."""
    document = b"[" + raw + b"]"
    request = Request("POST", "https", "h.test", 443, b"/", ((b"content-type", b"application/json"),), document)
    body = reader.read(request).body
    if body is not None and not any(leaf.unreadable for leaf in body.leaves()):
        json.loads(re.sub(r",[ \t\r\n]*([\]}])", r"\1", document.decode("latin-1")))


def entries(captures: list[Path]) -> list[dict[str, Any]]:
    """Every request of the recorded traffic."""
    logs = (json.loads(gzip.decompress(path.read_bytes()))["log"] for path in captures)
    return [entry["request"] for log in logs for entry in log["entries"]]


def request_of(entry: dict[str, Any]) -> Request:
    """A request as it was recorded; characters as Latin-1 or UTF-8."""
    url = urlsplit(entry["url"])
    target = (url.path or "/") + (f"?{url.query}" if "?" in entry["url"] else "")
    headers = tuple((one["name"].encode("utf-8"), one["value"].encode("utf-8")) for one in entry["headers"])
    body = ((entry.get("postData") or {}).get("text") or "").encode("utf-8")
    return Request(entry["method"], url.scheme, url.hostname or "", 443, target.encode("utf-8"), headers, body)


@pytest.mark.captures
def test_recorded_requests_stay_identical(captures: list[Path]) -> None:
    """Every root is rebuilt to its bytes, and one edit per request leaves all other fields alone."""
    for number, entry in enumerate(entries(captures)):
        request = request_of(entry)
        opened = reader.read(request)
        assert writer.rebuild(request, opened, Edits()) is request
        for root in opened.roots():
            assert rebuild(root, Edits()) == root.content
        leaves = [node for node in opened.fields() if node.content.isalnum()]
        if leaves and number % 3 == 0 and not is_signed(request):
            node = leaves[number % len(leaves)]
            again = reader.read(writer.rebuild(request, opened, Edits(content={node: b"Zq9"})))
            assert [one.address for one in again.fields()] == [one.address for one in opened.fields()]
