"""What was taken for fields of protobuf, and is something else: a fact is found all the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect.known import Matcher
from shield.finding import Finding
from shield.message import Request
from shield.wire import reader
from tests.people import sample_person
from tests.wire.protobufs import delimited, number

MATCHER = Matcher.build(sample_person())
MAIL = b"anna@real.example"


def find(body: bytes) -> list[Finding]:
    request = Request("POST", "https", "h.test", 443, b"/", ((b"content-type", b"application/x-protobuf"),), body)
    return MATCHER.find(reader.read(request))


def seen(body: bytes) -> list[tuple[str, bytes, bool]]:
    """(address, bytes of the span, whether it stands across fields) of each."""
    return [(one.at, one.node.content[one.start : one.end], one.in_name) for one in find(body)]


def test_a_fact_in_a_field_is_found_once() -> None:
    """Once, in the field that holds it, however deep."""
    assert seen(delimited(1, delimited(2, MAIL)) + number(3, 1)) == [("protobuf:/1/0/2", MAIL, False)]
    assert seen(delimited(1, b"to " + MAIL + b" now")) == [("protobuf:/1", MAIL, False)]


def test_a_number_is_found_as_its_digits() -> None:
    """A telephone number as a varint."""
    assert seen(number(7, 4915112345678)) == [("protobuf:/7", b"4915112345678", False)]


def test_a_fact_across_two_fields_is_found_where_both_lie() -> None:
    """``anna`` ends a text, and the rest happens to read as fields: a varint, fixed bytes, and so on."""
    smuggled = delimited(1, b"\xff anna") + b"@real.example" + b"\x01"
    assert seen(smuggled) == [("protobuf:", MAIL, True)]
    inside = delimited(1, b"a text") + smuggled
    assert seen(delimited(4, inside) + number(5, 1)) == [("protobuf:/4/0", MAIL, True)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=12), st.binary(max_size=12))
def test_no_bytes_around_a_fact_hide_it(before: bytes, after: bytes) -> None:
    """Whatever they make of it: a field, a part of one, parts of several, or nothing that can be read."""
    for body in (before + MAIL + after, delimited(2, before + b" " + MAIL + b" " + after)):
        spaced = body.replace(MAIL, b" " + MAIL + b" ")
        assert any(one.whose == "me" for one in find(spaced))
