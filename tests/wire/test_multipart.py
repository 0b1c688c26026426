"""Multipart bodies: generated ones, hostile ones, many and large ones, a fact in a name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.edits import Edits
from shield.errors import Unreadable, Unwritable
from shield.finding import Finding
from shield.message import Request
from shield.opened import Opened
from shield.wire import reader, writer
from shield.wire.multipart import boundary_of, delimiters

names = st.binary(max_size=6).map(lambda raw: raw.translate(None, b'"\\%\r\n'))
values = st.binary(max_size=20) | st.sampled_from((
    b"--b", b"x\r\n--bb\r\ny", b"\r\n", b'{"a":"b"}', b"--b--", b"a\n--b\n", b"https://x.test/?e=1", b"%41",
))  # fmt: skip
kinds = st.sampled_from((None, b"text/plain", b"image/png", b"application/json", b"application/octet-stream"))
files = st.sampled_from((None, b'"a.txt"', b"bare", b'"q\\"uo%22te.x"', b'""'))


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Forms, some odd, some broken."""
    end = draw(st.sampled_from((b"\r\n", b"\n")))
    out = [draw(st.sampled_from((b"", b"preamble" + end, end)))]
    for name, value, kind, file in draw(st.lists(st.tuples(names, values, kinds, files), max_size=4)):
        out += [
            b"--b" + draw(st.sampled_from((b"", b" \t"))) + end,
            b'Content-Disposition: form-data; name="',
            name,
            b'"',
        ]
        out += [b"; filename=" + file] if file is not None else []
        out += [end] + ([b"Content-Type: " + kind + end] if kind is not None else [])
        out += [end, value, end]
    out.append(draw(st.sampled_from((b"--b--", b"--b--" + end + b"epilogue", b"", b"--b"))))
    return b"".join(out)


def post(body: bytes, kind: bytes = b"multipart/form-data; boundary=b") -> Request:
    return Request("POST", "https", "h.test", 443, b"/", ((b"content-type", kind),), body)


def fields(opened: Opened) -> list[tuple[str, bytes]]:
    """Every field of the body."""
    assert opened.body is not None
    return [(node.address, node.content) for node in opened.body.leaves()]


@settings(max_examples=200, deadline=None)
@given(bodies() | st.binary(max_size=60), st.data())
def test_one_edit_is_one_change(body: bytes, data: st.DataObject) -> None:
    """No edit is the same object; an edit, or a removal, leaves every other field as it was, or is refused."""
    if not body:
        return
    sent = post(body)
    opened = reader.read(sent)
    assert opened.body is not None
    assert writer.rebuild(sent, opened, Edits()) is sent
    node = data.draw(st.sampled_from(list(opened.body.leaves())))
    content = data.draw(st.sampled_from((b"eva@mail.test", b"", b'a"b\\c', b"x\r\n--b\r\n\r\ny", b"\xc3\xa9\xff")))
    if "content-type" in node.address or node.unreadable is not None or node.address == "multipart:":
        return  # says how another field is read; is no part
    is_removal = data.draw(st.booleans())
    edits = Edits(removed={node}) if is_removal else Edits(content={node: content})
    try:
        leaving = writer.rebuild(sent, opened, edits)
    except Unwritable:
        assert not is_removal
        return
    after = fields(reader.read(leaving))
    stays = [field for field in fields(opened) if field[0].split("\x1f")[:2] != node.address.split("\x1f")[:2]]
    for address, was in stays:
        if not address.split("\x1f")[1].isdigit():  # numbers of parts move up
            assert (address, was) in after
    if not is_removal and "json" not in node.address and content.isascii():
        assert any(content == now or now in content for _, now in after)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80), st.sampled_from((b"multipart/mixed", b"multipart/related", b"multipart/form-data")))
def test_arbitrary_parts_never_raise(part: bytes, kind: bytes) -> None:
    """Whatever stands between two delimiters is read, and is all there."""
    body = b"--b\r\n" + part + b"\r\n--b--"
    opened = reader.read(post(body, kind + b";boundary=b"))
    assert opened.body is not None
    for node in opened.body.walk():
        position = 0
        for child in node.children:
            start, end = child.outer or (child.start, child.end)
            assert position <= start <= child.start <= child.end <= end <= len(node.content)
            assert child.layer is not None or child.raw == child.content
            position = end


@pytest.mark.parametrize("kind", [b"", b"; boundary=", b'; boundary=""', b"; boundary=a; boundary=b", b"; xboundary=a"])
def test_no_boundary_to_rely_on(kind: bytes) -> None:
    """Readers would differ, so it is unreadable."""
    with pytest.raises(Unreadable):
        boundary_of(b"multipart/form-data" + kind)


def test_ten_thousand_parts() -> None:
    """Read, every second one removed and the others edited; linear, and within the budget of fields."""
    part = b'--b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\n%d\r\n'
    sent = post(b"".join(part % (number, number) for number in range(10_000)) + b"--b--")
    opened = reader.read(sent)
    parts = opened.at("multipart:")[0].children
    assert len(parts) == 10_000
    edits = Edits(removed=set(parts[::2]), content=dict.fromkeys(parts[1::2], b"x"))
    leaving = writer.rebuild(sent, opened, edits)
    again = fields(reader.read(leaving))
    assert again == [(f"multipart:\x1fp{number}", b"x") for number in range(1, 10_000, 2)]


@pytest.mark.parametrize("head", [
    b"X: " + b"a" * 999_000, b"X: y\r\n" * 160_000, b"\r" * 999_000, b"a:" * 400_000, b" " * 999_000, b"\n " * 400_000,
    b"Content-Disposition: form-data" + b'; name="a' * 100_000, b"Content-Disposition: form-data" + b"; x=y" * 190_000,
    b'Content-Disposition: form-data; name="' + b"\\" * 900_000, b"Content-Disposition: " + b";" * 900_000,
    b"--b" * 300_000, b"\r\n--b \t" * 140_000, b"Content-Disposition: form-data" + b"; filename=x" * 80_000,
])  # fmt: skip
def test_a_megabyte_of_head(head: bytes) -> None:
    """Nothing is tried twice: each of these takes well under a second, or the test does not end."""
    for end in (b"\r\n\r\nbody\r\n--b--", b""):
        opened = reader.read(post(b"--b\r\n" + head + end))
        assert opened.body is not None
        assert opened.body.content.startswith(b"--b")


@pytest.mark.parametrize("text", [
    b"GET /" + b"a" * 900_000 + b" x y", b"GET " + b"?" * 900_000 + b" x", b" " * 900_000, b"GET /?" + b"&" * 900_000,
    b"POST / HTTP/1.1\r\n" * 50_000, b"GET /" + b";a=b" * 200_000, b"HTTP/1.1 200" + b"\t" * 900_000 + b"x",
])  # fmt: skip
def test_a_megabyte_of_message(text: bytes) -> None:
    """The same for what stands in a part of a batch."""
    opened = reader.read(post(b"--b\r\nContent-Type: application/http\r\n\r\n" + text + b"\r\n--b--"))
    assert opened.body is not None
    assert len(list(opened.body.walk())) > 3


def test_multipart_in_multipart_without_end() -> None:
    """Opened to the limit, the rest is one field."""
    body = b"inside"
    for depth in range(60):
        body = b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (depth + 1, depth) + body
    opened = reader.read(post(body, b"multipart/mixed; boundary=b60"))
    leaves = list(opened.body.leaves()) if opened.body else []
    assert any(node.unreadable for node in leaves)
    assert len(leaves) < 30


def test_delimiters_keep_to_the_line_end_of_the_first() -> None:
    """With CR LF around the first, a line that ends otherwise is data: so most servers read it."""
    found, end = delimiters(b"--b\r\n1\n--b\n2\r\n--b\n3\r\n--b\r\n4\r\n--b--x\r\n--b--", b"--b")
    assert [one.start for one in found] == [0, 21, 37]
    assert end == b"\r\n"


def test_a_fact_in_the_name_of_a_part_takes_the_part_along() -> None:
    """The head is searched; what carries a name goes with it."""
    sent = post(b'--b\r\nContent-Disposition: form-data; name="anna"; filename="x"\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--')
    opened = reader.read(sent)
    part = opened.at("multipart:")[0].children[0]
    start = part.content.index(b"anna")
    finding = Finding(part, start, start + 4, "name", in_name=True)
    assert finding.carriers == (part,)
    leaving = writer.rebuild(sent, opened, Edits(removed=set(finding.carriers)))
    assert leaving.body == b"--b\r\n\r\n2\r\n--b--"
