"""Bodies that are no text: what is found in them, by whatever way they come."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from shield import glance
from shield.address import parse_address, show_address
from shield.detect.known import Matcher
from shield.edits import Edits
from shield.message import Frame, Request
from shield.tree import Folded
from shield.wire import reader, writer
from tests.people import sample_person
from tests.wire.protobufs import delimited, number

MATCHER = Matcher.build(sample_person())
MAIL = b"anna@real.example"


def frame(message: bytes, flag: int = 0) -> bytes:
    return bytes([flag]) + len(message).to_bytes(4) + message


CALL = frame(delimited(1, MAIL))
XML = '<?xml version="1.0" encoding="ISO-8859-1"?><a b="Grüße"><c>An<!-- -->na</c><d>&#97;nna@real.example</d></a>'
BODIES = [
    (b"application/x-protobuf", delimited(1, MAIL)),
    (
        b"application/x-protobuf",
        delimited(1, b"anna of forty letters, or perhaps of more: ") + number(7, 4915112345678),
    ),
    (b"application/grpc", CALL),
    (b"application/grpc", frame(gzip.compress(delimited(1, MAIL)), 1)),
    (b"application/grpc-web-text", base64.b64encode(CALL)),
    (b"application/grpc-web-text+proto", base64.b64encode(frame(b"")) + base64.b64encode(CALL)),
    (b"application/connect+json", frame(b'{"a": "anna\\u0040real.example"}')),
    (b"application/octet-stream", delimited(1, b"text") + delimited(2, delimited(1, MAIL))),
    (b"application/octet-stream", b"\x00\xff " + MAIL + b" \x00"),
    (b"application/x-www-form-urlencoded", b"\x08\x01" + delimited(2, MAIL)),
    (b"text/xml", XML.encode("latin-1")),
    (b"application/x-apple-plist", b"<plist><dict><key>m</key><string>" + MAIL + b"</string></dict></plist>"),
    (b"application/x-apple-plist", b"bplist00\xd1\x01\x02Qm_\x10\x11" + MAIL + b"\x08\x0b\x0d\x00\x00"),
]


def post(body: bytes, kind: bytes, coding: bytes = b"") -> Request:
    headers = ((b"content-type", kind), *(((b"content-encoding", coding),) if coding else ()))
    return Request("POST", "https", "h.test", 443, b"/", headers, body)


@pytest.mark.parametrize(("kind", "body"), BODIES)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_fact_is_found_before_and_after_a_glance(kind: bytes, body: bytes, is_packed: bool) -> None:
    """Whatever carries it: a glance at the raw bytes never calls such a body clear."""
    request = post(zlib.compress(body), kind, b"deflate") if is_packed else post(body, kind)
    opened = reader.read(request)
    glance.look(opened, MATCHER, "")
    assert any(one.whose == "me" for one in MATCHER.find(opened))


def test_a_text_in_latin_1_is_not_called_clear() -> None:
    """Its bytes are not those that are looked for, so it is read whatever they show."""
    opened = reader.read(post(XML.replace("&#97;nna@real.example", "Hauptstraße 5").encode("latin-1"), b"text/xml"))
    glance.look(opened, MATCHER, "")
    assert isinstance(opened.body, Folded)
    assert not opened.body.is_clear


def test_a_packed_message_is_packed_again() -> None:
    """An edit inside is written under the same coding, with a new length before it."""
    for pack, unpack in ((gzip.compress, gzip.decompress), (zlib.compress, zlib.decompress)):
        request = post(frame(pack(delimited(1, MAIL)), 1) + CALL, b"application/grpc")
        opened = reader.read(request)
        (leaf, _) = (node for node in opened.fields() if node.content == MAIL)
        body = writer.rebuild(request, opened, Edits(content={leaf: b"x"})).body or b""
        size = int.from_bytes(body[1:5])
        assert body[0] == 1
        assert unpack(body[5 : 5 + size]) == delimited(1, b"x")
        assert body[5 + size :] == CALL


def test_a_bomb_in_a_message_stays_packed() -> None:
    """More than the limits allow is one unreadable message; the others are read."""
    bomb = frame(gzip.compress(b"\x0a\x00" * 5_000_000), 1)
    fields = list(reader.read(post(bomb + CALL, b"application/grpc")).fields())
    assert [(show_address(node.address), bool(node.unreadable)) for node in fields if "grpc:" in node.address] == [
        ("grpc:0", True), ("grpc:1/protobuf:/1", False),
    ]  # fmt: skip
    many = reader.read(post(b"\0" * 5 * 190_000, b"application/grpc"))
    assert [node.address for node in many.fields() if node.unreadable] == ["body"]


def test_a_form_stays_a_form() -> None:
    """What only looks odd is what its type says."""
    for body in (b"a=1&b=\x01", b"\x01\x02\x03", b"a=%0A%08"):
        opened = reader.read(post(body, b"application/x-www-form-urlencoded"))
        assert any(node.address.startswith("form:") for node in opened.fields())


def test_a_binary_frame() -> None:
    """A WebSocket message that is a protobuf message has its fields; another one says that nobody reads it."""
    opened = reader.read_frame(Frame("request", b"\x0a\x11anna@real.example\x10\x05", is_text=False))
    assert opened.at(parse_address("frame/protobuf:/1"))[0].content == b"anna@real.example"
    other = reader.read_frame(Frame("request", b"\x00\xff\x13", is_text=False))
    assert [leaf.unreadable for leaf in other.fields() if leaf.content]
