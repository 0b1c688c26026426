"""Bodies that pass: the fields of the whole, however the bytes are cut, and edits that leave the rest well formed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import LAYERS, SEPARATOR, show_address
from shield.edits import Edits, rebuild
from shield.errors import Unwritable
from shield.tree import Node
from shield.wire.body import read_body
from shield.wire.jsonstring import CONTAINER
from shield.wire.limits import LIMITS, Budget, Limits
from shield.wire.splitting import splitter
from shield.wire.splitting.driver import Split
from tests.wire.test_properties import json_texts, pairs

JSON, FORM, TEXT, NDJSON, HTML, SSE = (
    b"application/json", b"application/x-www-form-urlencoded", b"text/plain", b"application/x-ndjson",
    b"text/html; charset=utf-8", b"text/event-stream",
)  # fmt: skip
TYPES = (JSON, FORM, TEXT, NDJSON, HTML, SSE, None, b"image/png", b"application/grpc", b"application/xhtml+xml")

PAGE = b"""<!DOCTYPE html><html><head><base href="https://x.test/"><meta http-equiv="Refresh" content="0; url=/t?a=1">
<!-- <a href="no"> --><!--><title><a href=no></title><script>var a="<a href=no>"; window.D = {"u":{"m":"a@b.test"}};
<!-- <script> </script> x = [1] --></script><script type="application/ld+json"> {"@id":1} </script>
<a href="/url?q=https://y.test/%3Fz%3D1&amp;sa=U" ping='/url?sa=t' class=x>t</a><A HREF=https://z.test/?e=1>< b</>
<input type=hidden name=gclid value=abc><iframe srcdoc="&lt;a href=&quot;/in?a=1&quot;&gt;"></iframe>
<img src=data:1 data-z='{"a":[1]}'><textarea></textare></textarea><a ping="b"href=c></body></html>"""
EVENTS = b'\xef\xbb\xbf: hi\n\nevent: add\nid: 7\ndata: {"a":\ndata:1}\n\ndata:x\r\nretry: 3\r\ndata: y\r\n\r\ndata\n\n'
html_pieces = st.lists(
    st.sampled_from((
        b"<a href=", b'"/x?y=1"', b"'", b'"', b">", b"<", b"/", b"=", b" ", b"<!--", b"-->", b"--!>", b"<script>",
        b"</script", b";x=", b"<script type=application/json>", b'{"a":1}', b"<style>", b"</style>",
        b"<input type=hidden name=n value=v>",
        b"<!", b"?", b"&amp;", b"text", b"<p class=x>", b"</p>", b"\xff", b"<img src=x ping", b"data-x=/", b"\n",
    )), max_size=25,
).map(b"".join)  # fmt: skip
event_pieces = st.lists(
    st.sampled_from((b"data", b":", b" ", b"\n", b"\r\n", b"\r", b"\n\n", b'{"a":1}', b"id", b"event:", b"data: y\n")),
    max_size=20,
).map(b"".join)  # fmt: skip
lines = st.lists(pairs() | json_texts().map(lambda raw: raw.replace(b"\n", b"")) | st.just(b"prose"), max_size=5)
bodies = st.one_of(
    st.tuples(st.just(JSON), json_texts()),
    st.tuples(st.sampled_from((FORM, TEXT, None, HTML)), json_texts()),
    st.tuples(st.just(FORM), pairs()),
    st.tuples(
        st.sampled_from((TEXT, NDJSON, None)),
        lines.map(b"\n".join) | lines.map(b"\r\n".join),
    ),
    st.tuples(st.just(HTML), html_pieces | st.just(PAGE)),
    st.tuples(st.just(SSE), event_pieces | st.just(EVENTS)),
)


def cut(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Pieces of these sizes, the last of which repeats."""
    at, size = 0, 1
    for size in sizes:
        yield data[at : at + size]
        at += size
    while at < len(data):
        yield data[at : at + size]
        at += size


def fragments(kind: bytes | None, data: bytes, sizes: Iterable[int], hold: int = 65_536) -> list[Node]:
    """All fragments of a body."""
    splits = splitter(kind, "request", hold_bytes=hold)
    found = [splits.feed(piece) for piece in cut(data, sizes)]
    return [one for one in (*found, splits.finish()) if one is not None]


def fields(roots: Iterable[Node]) -> list[tuple[str, bytes]]:
    """What was read, without containers, which have no node in a fragment."""
    return [
        (show_address(leaf.address), leaf.content)
        for root in roots
        for leaf in root.leaves()
        if leaf is not root and leaf.layer is not CONTAINER and leaf.address != "form:"
    ]


def whole(kind: bytes | None, data: bytes) -> list[tuple[str, bytes]]:
    """The same of the body at hand."""
    return fields([read_body(data, kind, b"", Budget(LIMITS))])


def without_last(found: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """An empty last line is no field of a stream."""
    return found[:-1] if found and found[-1][0].startswith("text/line:") and not found[-1][1] else found


def is_read(kind: bytes | None, data: bytes) -> bool:
    """Whether the whole can be read, nothing in it is too deep or too much, and it is no form that was sent as text."""
    nodes = list(read_body(data, kind, b"", Budget(LIMITS)).walk())
    return not any(node.unreadable or (node.address.startswith("text") and "form:" in node.address) for node in nodes)


def is_plain(leaf: Node) -> bool:
    """Whether it is a field of the body's own notation or of one that says where it is."""
    return leaf.layer is not CONTAINER and not (set(LAYERS) - {"text"}) & set(leaf.address.split(SEPARATOR))


def own_field(node: Node) -> Node:
    """The field of the body's own notation that a node lies in: what is nested there may read otherwise afterwards."""
    while node.parent is not None and node.parent.parent is not None:
        if node.parent.address in ("form:", "text", "link:"):
            break
        node = node.parent
    return node


sizes = st.lists(st.integers(1, 30), min_size=1, max_size=4) | st.just([100_000])


@settings(max_examples=400, deadline=None)
@given(bodies, sizes)
def test_the_fields_are_those_of_the_whole(body: tuple[bytes | None, bytes], sizes: list[int]) -> None:
    """Same addresses, same contents, same order, and every byte once."""
    kind, data = body
    found = fragments(kind, data, sizes)
    assert b"".join(one.content for one in found) == data
    if is_read(kind, data):
        expected = whole(kind, data)
        assert fields(found) in (expected, without_last(expected))


@pytest.mark.parametrize(("kind", "data"), [(HTML, PAGE), (SSE, EVENTS)])
def test_every_cut_of_a_page_and_of_events(kind: bytes, data: bytes) -> None:
    """In single bytes, and in two pieces at every place."""
    expected = whole(kind, data)
    assert len(expected) > 5
    for sizes in ([1], *([at, 100_000] for at in range(1, len(data)))):
        found = fragments(kind, data, sizes)
        assert b"".join(one.content for one in found) == data
        assert fields(found) == expected


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(TYPES),
    st.binary(max_size=80) | html_pieces | event_pieces | json_texts() | pairs(),
    sizes,
    st.integers(1, 40),
)
def test_arbitrary_bytes_pass_whole(kind: bytes | None, data: bytes, sizes: list[int], hold: int) -> None:
    """Under every type and with any hold; never more is held than may be; every node is a span of its parent."""
    splits = splitter(kind, "response", hold_bytes=hold)
    passed = b""
    for piece in cut(data, sizes):
        root = splits.feed(piece)
        passed += root.content if root is not None else b""
        assert splits.held_bytes <= hold + 16
        check_spans(root)
    root = splits.finish()
    check_spans(root)
    assert passed + (root.content if root is not None else b"") == data
    assert splits.held_bytes == 0


def check_spans(root: Node | None) -> None:
    """Children lie in order and hold what stands there."""
    for node in root.walk() if root is not None else ():
        position = 0
        for child in node.children:
            start, end = child.outer or (child.start, child.end)
            assert position <= start <= child.start <= child.end <= end <= len(node.content)
            assert child.parent is node
            assert child.layer is not None or child.raw == child.content
            position = end


@settings(max_examples=300, deadline=None)
@given(bodies, sizes, st.data())
def test_an_edit_reads_back_in_the_whole(
    body: tuple[bytes | None, bytes], sizes: list[int], data: st.DataObject
) -> None:
    """One field is what was put there, every other as before."""
    kind, raw = body
    roots = fragments(kind, raw, sizes)
    leaves = [leaf for root in roots for leaf in root.leaves() if leaf is not root and is_plain(leaf)]
    if not leaves or not is_read(kind, raw):
        return
    leaf = data.draw(st.sampled_from(leaves))
    content = data.draw(st.sampled_from((b"eva@mail.test", b"a b&c=d;e,f\"\\'<", b"\xc3\xa9")))
    try:
        passed = b"".join(
            rebuild(root, Edits(content={leaf: content}) if root is leaf.root else Edits()) for root in roots
        )
    except Unwritable:
        assert kind in (TEXT, NDJSON, None, SSE)
        return
    before, after = fields(roots), whole(kind, passed)
    assert any(content == value for _, value in after) or any(content in one for one in contents(kind, passed))
    for field in before:
        if field != (show_address(leaf.address), leaf.content):
            assert field in after
            after.remove(field)


def contents(kind: bytes | None, data: bytes) -> list[bytes]:
    """Every node's content, opened further or not."""
    return [node.content for node in read_body(data, kind, b"", Budget(LIMITS)).walk()]


@settings(max_examples=300, deadline=None)
@given(bodies, sizes, st.data())
def test_a_strip_leaves_the_rest_well_formed(
    body: tuple[bytes | None, bytes], sizes: list[int], data: st.DataObject
) -> None:
    """Every other field reads as before, but for the numbers of lines and messages that move up."""
    kind, raw = body
    roots = fragments(kind, raw, sizes)
    leaves = [leaf for root in roots for leaf in root.leaves() if leaf is not root and is_plain(leaf)]
    if not leaves or not is_read(kind, raw):
        return
    leaf = own_field(data.draw(st.sampled_from(leaves)))
    passed = b"".join(rebuild(root, Edits(removed={leaf})) for root in roots)
    if kind in (TEXT, None) and passed.lstrip()[:1] in (b"[", b"{"):  # lines, of which the one that is left may be JSON
        return
    assert is_read(kind, passed)
    after = [value for _, value in whole(kind, passed)]
    for other in leaves:
        if not other.is_within(leaf):
            assert other.content in after
            after.remove(other.content)


LONG = [
    (JSON, b'{"a":["' + b"ab\\u00e9\\ud83d\\ude00\\n\xc3\xa9" * 50 + b'",2],"b":"c"}', "json:/a/0", "json:/b"),
    (FORM, b"x=1&a=" + b"%41%c3%a9+b" * 50 + b"&b=c", "form:a", "form:b"),
    (TEXT, b"first\n" + b"ab " * 100 + b"\r\nlast", "text/line:1", "text/line:2"),
    (SSE, b"data: 1\n\ndata: " + b"ab " * 100 + b"\r\n\r\ndata: last\n\n", "event:1", "event:2"),
]


@pytest.mark.parametrize(("kind", "data", "long", "behind"), LONG)
@pytest.mark.parametrize("size", [1, 3, 16, 1000])
def test_a_long_value_passes_in_pieces_that_have_its_address(
    kind: bytes, data: bytes, long: str, behind: str, size: int
) -> None:
    """Cut between characters and escapes; what stands behind it is read as ever."""
    expected = dict(whole(kind, data))
    roots = fragments(kind, data, [size], hold=20)
    pieces = [leaf for root in roots for leaf in root.leaves() if show_address(leaf.address) == long]
    assert len(pieces) > 3 or size == 1000
    assert b"".join(piece.content for piece in pieces) == expected[long]
    assert dict(fields(roots))[behind] == expected[behind]
    removed = Edits(removed=set(pieces))
    passed = b"".join(rebuild(root, removed) for root in roots)
    assert expected[long][:6] not in passed
    assert expected[behind] in [value for _, value in whole(kind, passed)]
    edited = Edits(content={pieces[0]: b'"\\&<'})
    if kind != TEXT:
        after = dict(whole(kind, b"".join(rebuild(root, edited) for root in roots)))
        assert after[long] == b'"\\&<' + expected[long][len(pieces[0].content) :]


def test_a_long_script_and_a_long_attribute_pass_without_fields() -> None:
    """What stands before and behind them is found."""
    data = (
        b'<a href=/1><img href=/2 src="data:' + b"x" * 500 + b'" href=/3><script>x = {"a": "' + b"y" * 500
        + b'<!-- <script> </script> --> "};</script><a href=/4><script href=/5 src=' + b"z" * 500
        + b">;</script><a href=/6>"
    )  # fmt: skip
    for size in (1, 7, 1000):
        found = [value for _, value in fields(fragments(HTML, data, [size], hold=100))]
        assert [one for one in found if len(one) < 3] == [b"/1", b"/2", b"/3", b"/4", b"/5", b"/6"]


@pytest.mark.parametrize(
    "text", [b'{"a":1} x', b'{"a":1,}}', b'{"a" 1}', b"[1 2]", b'{"a":tru}', b"[1.e]", b'["\x01"]', b"nope"]
)
@pytest.mark.parametrize("size", [1, 1000])
def test_text_that_breaks_off_passes_and_says_so(text: bytes, size: int) -> None:
    """The fields before that stay fields; from there on fragments are unreadable."""
    roots = fragments(JSON, text + b" more", [size])
    assert b"".join(root.content for root in roots) == text + b" more"
    assert roots[-1].unreadable or size > 1
    assert not roots[-1].children or size > 1


def test_types_that_nobody_reads_pass_at_once() -> None:
    """Nothing is held back; declared notations that need the whole are held to the limit."""
    image = splitter(b"image/png", "request")
    root = image.feed(b"\x89PNG")
    assert root is not None
    assert (root.content, root.unreadable) == (b"\x89PNG", "nobody here reads this content type")
    held = splitter(b"application/x-protobuf", "request", hold_bytes=10)
    assert held.feed(b"\x0a\x03abc") is None
    root = held.finish()
    assert root is not None
    assert [show_address(leaf.address) for leaf in root.leaves()] == ["protobuf:/1"]


def test_more_fields_than_the_budget_pass_without_fields() -> None:
    """One fragment of a hundred thousand fields is none, and neither is what follows."""
    splits = splitter(FORM, "request", Limits(nodes=100))
    root = splits.feed(b"a=1&" * 200)
    assert root is not None
    assert (root.children, len(root.content)) == ((), 800)
    assert root.unreadable
    deep = splitter(JSON, "request", Limits(levels=10)).feed(b"[" * 11)
    assert deep is not None
    assert deep.unreadable


def test_json_of_any_type_and_lines_of_json() -> None:
    """The first is JSON under every type; the second stays lines, also where one comes at a time."""
    assert fields(fragments(FORM, b'{"a":1}', [3])) == [("json:/a", b"1")]
    assert fields(fragments(HTML, b'for (;;);{"a":1}', [3])) == [("json:/a", b"1")]
    assert fields(fragments(FORM, b'{"a":"' + b"x" * 90 + b'","b":2}', [3], hold=20))[-1] == ("json:/b", b"2")
    live = splitter(NDJSON, "response")
    first = live.feed(b'{"a":1}\n')
    assert first is not None
    assert fields([first]) == [("text/line:0/json:/a", b"1")]


@pytest.mark.parametrize("kind", [TEXT, None])
@pytest.mark.parametrize("size", [1, 5, 100])
def test_a_form_that_was_sent_as_text(kind: bytes | None, size: int) -> None:
    """Held to its end, where it shows; one that is too long is lines."""
    data = b"name=Anna\r\nmail=\r\n"
    found = fields(fragments(kind, data, [size]))
    assert found == whole(kind, data)
    assert found[0] == ("text/line:0/form:name", b"Anna")
    assert [value for _, value in fields(fragments(kind, data * 20, [size], hold=40))][:2] == [b"Anna", b"mail="]


def test_each_event_passes_when_it_is_complete() -> None:
    """Nothing waits for the next one."""
    live = splitter(SSE, "response")
    assert live.feed(b"id: 1\ndata: x\n") is None
    root = live.feed(b"\n")
    assert root is not None
    assert live.held_bytes == 0
    assert [one[1] for one in fields([root])] == [b"1", b"x"]


def test_a_long_stream_holds_little() -> None:
    """Twenty megabytes of every notation."""
    for kind, piece in (
        (JSON, json.dumps({"a": "x" * 50, "b": list(range(20))}).encode() + b","), (FORM, b"a=%41b&"),
        (TEXT, b"a line\n"), (HTML, b'<p class=x><a href="/x?y=1">z</a>'), (SSE, b'data: {"a":1}\n\n'),
    ):  # fmt: skip
        splits = splitter(kind, "response")
        splits.feed(b"[" if kind == JSON else b"")
        chunk = piece * (50_000 // len(piece))
        for _ in range(20):
            root = splits.feed(chunk)
            assert root is not None
            assert root.children
            assert splits.held_bytes < 200
        assert SEPARATOR not in show_address(root.children[0].address)


def test_what_fuzzing_found() -> None:
    """A last pair with semicolons behind pairs with ``&``; XHTML in pieces; binary data told by its third byte."""
    cases = [
        (FORM, b"a=1&b=2;c=3"), (b"application/xhtml+xml", b'<script src="/a"/><a href="/b"/>'),
        (FORM, b"\ny\x08\x01B\x07androidJ\x0214r\x10com.shop.example"),
    ]  # fmt: skip
    for kind, data in cases:
        for size in range(1, len(data) + 1):
            assert fields(fragments(kind, data, [size])) == whole(kind, data)


class Counting:
    """A reading that never finds an end, and counts how often it is asked."""

    is_prompt = False

    def __init__(self) -> None:
        self.bytes_read = 0

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        self.bytes_read += len(root.content)
        return 0

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        return len(root.content)


def test_tiny_pieces_of_a_long_field_cost_no_square() -> None:
    """What is held is read again when it has grown by a sixteenth."""
    reading = Counting()
    cut = Split(reading, LIMITS)
    for _ in range(4_000):
        cut.feed(b"<a <a <a <a <a <")
    assert reading.bytes_read < 4_000_000
    assert cut.finish() is not None


def test_a_message_is_not_held_up() -> None:
    """An event that is long and comes in tiny pieces goes on with its last byte."""
    cut = splitter(b"text/event-stream", "response")
    event = b"data: " + b"x" * 20_000 + b"\n"
    for at in range(0, len(event), 64):
        assert cut.feed(event[at : at + 64]) is None
    done = cut.feed(b"\n")
    assert done is not None
    assert done.content == event + b"\n"
