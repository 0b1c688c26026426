"""Target, headers and body together: framing, refusals, responses, frames, named parts of a path."""

from __future__ import annotations

import pytest

from shield.address import parse_address, show_address
from shield.edits import Edits
from shield.errors import Unwritable
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.wire import reader, writer
from shield.wire.path import with_parts

FORM = (b"Content-Type", b"application/x-www-form-urlencoded")


def edits(opened: Opened, at: str, content: bytes | None) -> Edits:
    """Set or remove what lies at an address."""
    nodes = opened.at(parse_address(at))
    assert nodes
    return Edits(removed=set(nodes)) if content is None else Edits(content=dict.fromkeys(nodes, content))


def test_content_length_is_corrected_and_never_added() -> None:
    """Transfer-Encoding and everything else stay; digests in the trailers go as well."""
    for length in ((), ((b"content-LENGTH", b"7"),)):
        headers = (FORM, *length, (b"Transfer-Encoding", b"chunked"), (b"Repr-Digest", b"x"))
        trailers = ((b"Content-Digest", b"x"), (b"T", b"1"))
        sent = Request("POST", "https", "h.test", 443, b"/?a=1", headers, b"a=1&b=2", trailers)
        opened = reader.read(sent)
        leaving = writer.rebuild(sent, opened, edits(opened, "form:a", b"1234"))
        assert leaving.body == b"a=1234&b=2"
        corrected = tuple((key, b"10") for key, _ in length)
        assert leaving.headers == (FORM, *corrected, (b"Transfer-Encoding", b"chunked"))
        assert leaving.trailers == ((b"T", b"1"),)
        assert leaving.target == sent.target


def test_an_edit_of_the_target_leaves_the_framing() -> None:
    """Digests speak about the body only."""
    sent = Request("POST", "https", "h.test", 443, b"/?a=1", (FORM, (b"Content-MD5", b"x")), b"a=1")
    opened = reader.read(sent)
    leaving = writer.rebuild(sent, opened, edits(opened, "query:a", b"2"))
    assert (leaving.target, leaving.headers, leaving.body) == (b"/?a=2", sent.headers, b"a=1")


ENDING = [("query:", b"a b"), ("path:", b"/\r\nX: 1"), ("path:", None), ("header:x", b"\n")]


@pytest.mark.parametrize(("at", "content"), ENDING)
def test_what_would_end_a_line_is_refused(at: str, content: bytes | None) -> None:
    """Roots have no layer that escapes, so the writer looks itself."""
    sent = Request("GET", "https", "h.test", 443, b"/?a=1", ((b"x", b"1"),))
    opened = reader.read(sent)
    with pytest.raises(Unwritable):
        writer.rebuild(sent, opened, edits(opened, at, content))


def test_a_body_that_is_not_at_hand() -> None:
    """Target and headers are read and edited; the body stays unknown."""
    sent = Request("POST", "https", "h.test", 443, b"/?a=1", (FORM, (b"Content-Length", b"7")), None)
    opened = reader.read(sent)
    assert opened.body is None
    leaving = writer.rebuild(sent, opened, edits(opened, "query:a", None))
    assert (leaving.target, leaving.body, leaving.headers) == (b"/", None, sent.headers)


def test_created_fields_find_their_place_or_are_refused() -> None:
    """A form without a body, a query in a response: nothing is invented for them."""
    sent = Request("GET", "https", "h.test", 443, b"/p", ())
    opened = reader.read(sent)
    for address in ("form:a", "json:/a", "query:dl/query:a", "path:0", "text/line:0"):
        with pytest.raises(Unwritable):
            writer.rebuild(sent, opened, Edits(created=[(parse_address(address), b"1")]))
    response = Response(200)
    for address in ("query:a", "cookie:a"):
        created = Edits(created=[(parse_address(address), b"1")])
        with pytest.raises(Unwritable):
            writer.rebuild_response(response, reader.read_response(response), created)


def test_a_response() -> None:
    """Set-Cookie is a cookie; an edited body loses validators and is not stored; an edited line changes only that."""
    headers = (
        (b"Set-Cookie", b"id=\"a b\"; Path=/; HttpOnly"), (b"ETag", b"x"), (b"Cache-Control", b"public"),
        (b"Content-Type", b"application/json"), (b"Content-Length", b"20"), (b"Set-Cookie", b"k=v"),
    )  # fmt: skip
    sent = Response(200, headers, b')]}\'\n{"email":"a@b"}')
    opened = reader.read_response(sent)
    assert [node.content for node in opened.at(parse_address("cookie:id"))] == [b"a b"]
    leaving = writer.rebuild_response(sent, opened, edits(opened, "cookie:id", None))
    assert leaving.headers == headers[1:]
    leaving = writer.rebuild_response(sent, opened, edits(opened, "cookie:id", b"z"))
    assert leaving.headers == ((b"Set-Cookie", b'id="z"; Path=/; HttpOnly'), *headers[1:])
    leaving = writer.rebuild_response(sent, opened, edits(opened, "json:/email", b"z@b.test"))
    assert leaving.body == b')]}\'\n{"email":"z@b.test"}'
    assert leaving.headers == (
        headers[0], headers[3], (b"Content-Length", b"25"), headers[5], (b"cache-control", b"no-store"),
    )  # fmt: skip
    assert writer.rebuild_response(sent, opened, Edits()) is sent


def test_frames() -> None:
    """JSON opens, other text is one field, binary is unreadable unless it is JSON."""
    sent = Frame("request", b'{"device_id":"7","u":"https://x.test/?e=1"}', is_text=True)
    opened = reader.read_frame(sent)
    found = [show_address(node.address) for node in opened.fields()][1:]
    assert found == ["frame/json:/device_id", "frame/json:/u/query:e"]
    assert writer.rebuild_frame(sent, opened, edits(opened, "frame/json:/device_id", None)).content == (
        b'{"u":"https://x.test/?e=1"}'
    )
    assert writer.rebuild_frame(sent, opened, Edits()) is sent
    plain = reader.read_frame(Frame("request", b"hello", is_text=True))
    assert [(node.address, node.unreadable) for node in plain.fields()][1:] == [("frame", None)]
    binary = reader.read_frame(Frame("request", b"\x01\x02", is_text=False))
    assert [bool(node.unreadable) for node in binary.fields()][1:] == [True]


PATH = b"/1/batch/1/OP/A1F8:257-01:REQ$uedata=s%3Apage/x"


def named(path: bytes, **parts: bytes) -> tuple[Request, Opened]:
    """A request with parts of its path named."""
    sent = Request("GET", "https", "h.test", 443, path + b"?q=1")
    spans = {name: (path.index(text), path.index(text) + len(text)) for name, text in parts.items()}
    return sent, with_parts(reader.read(sent), spans)


def test_named_parts_inside_a_segment() -> None:
    """They are opened and edited; the segment that holds them is raw, the others as before."""
    sent, opened = named(PATH, market=b"A1F8", session=b"257-01", data=b"s%3Apage")
    found = {show_address(node.address): node.content for node in opened.path.walk()}
    assert found["path:session"] == b"257-01"
    assert found["path:data"] == b"s:page"
    assert found["path:4"] == b"A1F8:257-01:REQ$uedata=s%3Apage"
    assert found["path:5"] == b"x"
    leaving = writer.rebuild(sent, opened, edits(opened, "path:session", None))
    assert leaving.target == PATH.replace(b"257-01", b"") + b"?q=1"
    leaving = writer.rebuild(sent, opened, edits(opened, "path:data", b"a/b"))
    assert leaving.target == PATH.replace(b"s%3Apage", b"a%2Fb") + b"?q=1"


def test_named_parts_beside_pairs() -> None:
    """Pairs of a segment stay fields beside a part, around one and in one; a part that cuts one takes their place."""
    target = PATH.replace(b"s%3Apage", b"s%3A%2Fp%3Fa%3D1")
    sent, opened = named(target, session=b"257-01", data=b"s%3A%2Fp%3Fa%3D1")
    assert [show_address(node.address) for node in opened.path.leaves()][4:] == [
        "path:session", "path:4/matrix:uedata/query:a", "path:5",
    ]  # fmt: skip
    leaving = writer.rebuild(sent, opened, edits(opened, "path:4/matrix:uedata/query:a", b"2&"))
    assert leaving.target == target.replace(b"%3D1", b"%3D2%2526") + b"?q=1"
    leaving = writer.rebuild(sent, opened, edits(opened, "path:session", b"a;b=1$c=2"))
    assert leaving.target == target.replace(b"257-01", b"a%3Bb%3D1%24c%3D2") + b"?q=1"
    assert writer.rebuild(sent, opened, edits(opened, "path:data", None)).target == target.split(b"$")[0] + b"/x?q=1"
    sent, opened = named(PATH, session=b"257-01", cut=b"REQ$ue")
    assert [show_address(node.address) for node in opened.path.leaves()][4:] == ["path:session", "path:cut", "path:5"]


def test_named_parts_over_segments() -> None:
    """Whole segments lie below the part; cut ones give way to it."""
    sent, opened = named(b"/amp/s/shop.example/a%20b/c", rest=b"shop.example/a%20b/c")
    assert {show_address(node.address): node.content for node in opened.path.walk()} == {
        "path:": b"/amp/s/shop.example/a%20b/c", "path:0": b"amp", "path:1": b"s",
        "path:rest": b"shop.example/a%20b/c", "path:2": b"shop.example", "path:3": b"a b", "path:4": b"c",
    }  # fmt: skip
    leaving = writer.rebuild(sent, opened, edits(opened, "path:3", b"d e"))
    assert leaving.target == b"/amp/s/shop.example/d%20e/c?q=1"
    sent, opened = named(b"/x/ab:cd/ef:gh/y", part=b"cd/ef", whole=b"x")
    assert [show_address(node.address) for node in opened.path.leaves()] == ["path:whole", "path:part", "path:3"]
    assert writer.rebuild(sent, opened, edits(opened, "path:part", b"Z")).target == b"/x/ab:Z:gh/y?q=1"
    assert with_parts(opened, {}) is opened
