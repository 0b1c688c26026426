"""Protobuf without a schema: what holds for every message, and what hostile ones cost."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import parse_address, show_address
from shield.edits import Edits
from shield.errors import Unreadable, Unwritable
from shield.message import Request
from shield.opened import Opened
from shield.tree import Node
from shield.wire import protobuf, protoscan, reader, varints, writer
from shield.wire.limits import LIMITS, Budget
from tests.wire.protobufs import delimited, messages, number, tag, varint

TYPE = b"application/x-protobuf"


def post(body: bytes, kind: bytes = TYPE) -> Request:
    return Request("POST", "https", "h.test", 443, b"/", ((b"content-type", kind),), body)


def opened(body: bytes, kind: bytes = TYPE) -> Opened:
    return reader.read(post(body, kind))


def fields(found: Opened) -> list[tuple[str, bytes]]:
    """The leaves of the body."""
    return [(show_address(node.address), node.content) for node in found.body.leaves()] if found.body else []


@settings(max_examples=150, deadline=None)
@given(messages)
def test_every_byte_of_a_message_belongs_to_a_field(body: bytes) -> None:
    """Fields stand one after another without anything between; what is a leaf closes to the bytes that came."""
    root = opened(body).body
    for node in root.walk() if root else ():
        if node.notation is protobuf.FIELDS and node.children and node.children[0].outer:
            ends = [0, *(child.outer[1] for child in node.children if child.outer)]
            assert ends == [*(child.outer[0] for child in node.children if child.outer), len(node.content)]
        if node.layer is not None and not node.children:
            _closes(node)


def _closes(node: Node) -> None:
    closed = node.layer.close(node.content, node.raw) if node.layer else b""
    is_long = node.layer is varints.VARINT
    assert closed == node.raw or (is_long and varints.read_varint(closed, 0)[0] == varints.read_varint(node.raw, 0)[0])


@settings(max_examples=150, deadline=None)
@given(messages, st.data())
def test_an_edit_changes_its_field_and_nothing_else(body: bytes, data: st.DataObject) -> None:
    """What was put there is there, and every other field of the outermost message has the bytes it had."""
    request, before = post(body), opened(body)
    leaves = list(before.body.leaves()) if before.body else []
    leaf = data.draw(st.sampled_from(leaves)) if leaves and not leaves[0].unreadable else None
    if leaf is None or leaf.layer is None or leaf.layer.name not in ("delimited", "varint", "double"):
        return
    new = data.draw(st.sampled_from((b"7", b"123456"))) if leaf.layer.name != "delimited" else b"eva@mail.test"
    leaving = writer.rebuild(request, before, Edits(content={leaf: new}))
    assert leaving.body is not None
    assert leaf.layer.close(new, leaf.raw) in leaving.body
    was, now = _top(before), _top(reader.read(leaving))
    assert len(was) == len(now)
    assert [at for at, (one, other) in enumerate(zip(was, now, strict=True)) if one != other] in ([], [_number(leaf)])


def _top(found: Opened) -> list[bytes]:
    """The raw bytes of each field of the outermost message."""
    message = found.body.children[0] if found.body else None
    return [message.content[slice(*child.outer)] for child in message.children if child.outer] if message else []


def _number(leaf: Node) -> int:
    """Of the field of the outermost message in which a leaf lies."""
    while leaf.parent and leaf.parent.address != "protobuf:":
        leaf = leaf.parent
    return leaf.parent.children.index(leaf) if leaf.parent else -1


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from((TYPE, b"application/octet-stream", b"application/grpc", b"", b"text/plain")),
)
def test_arbitrary_bytes_are_unreadable_at_worst(body: bytes, kind: bytes) -> None:
    """Reading never raises, and without an edit the very same request leaves."""
    request = post(body, kind)
    assert writer.rebuild(request, reader.read(request), Edits()) is request
    node = Node(None, "body", 0, len(body), body)
    try:
        protobuf.read_protobuf(node, Budget(LIMITS))
    except Unreadable:
        assert not node.children


@given(st.integers(0, (1 << 64) - 1), st.integers(0, 10))
def test_varints_keep_their_width(value: int, width: int) -> None:
    """Written as specified; longer than needed where they were."""
    plain, wide = varints.varint(value), varints.varint(value, width)
    assert plain == varint(value)
    assert len(plain) == varints.varint_width(value)
    assert len(wide) == max(width, len(plain))
    assert varints.read_varint(wide, 0) == (value, len(wide))


@pytest.mark.parametrize("text", ["", " 1", "1 ", "0x1", "1e5", "nan", "inf", "1_000", "٣", "9" * 21])
def test_a_number_takes_no_text(text: str) -> None:
    """Whole numbers only by whole numbers, fractions by no words."""
    with pytest.raises(Unwritable):
        varints.VARINT.close(text.encode(), b"\x01")
    with pytest.raises(Unwritable):
        varints.FIXED32.close(text.encode(), b"")
    if text in ("nan", "inf", "", "1_000"):
        with pytest.raises(Unwritable):
            varints.DOUBLE.close(text.encode(), b"")


def test_a_rule_reaches_a_value_however_it_was_read() -> None:
    """``/1`` names the value, opened or not; the step after it counts the values of one number."""
    found = opened(
        delimited(1, b"text") + delimited(1, delimited(19, b"first")) + delimited(1, delimited(19, b"second"))
    )
    assert [node.content for node in found.at(parse_address("protobuf:/1"))] == [
        b"text", delimited(19, b"first"), delimited(19, b"second"),
    ]  # fmt: skip
    assert [show_address(node.address) for node in found.fields()][-3:] == [
        "protobuf:/1", "protobuf:/1/1/19", "protobuf:/1/2/19",
    ]  # fmt: skip


def test_a_message_taken_for_a_text_can_be_edited_and_the_other_way_round() -> None:
    """Replacing the value as a whole does not care what it was taken for."""
    for content in (delimited(1, b"inside"), b"inside", b"\x00\x01\x02"):
        request = post(delimited(3, content) + number(4, 1))
        before = reader.read(request)
        value = before.at(parse_address("protobuf:/3"))[0]
        after = writer.rebuild(request, before, Edits(content={value: b"x" * 200}))
        assert after.body == delimited(3, b"x" * 200) + number(4, 1)


def test_only_enclosing_lengths_change() -> None:
    """Beside the edited text and the lengths around it every byte stays."""
    inner = number(1, 5) + delimited(2, b"anna@real.example") + delimited(3, b"after")
    request = post(delimited(9, b"before") + delimited(1, delimited(1, inner)) + number(12, 1))
    before = reader.read(request)
    node = before.at(parse_address("protobuf:/1/0/1/0/2"))[0]
    short = number(1, 5) + delimited(2, b"") + delimited(3, b"after")
    assert writer.rebuild(request, before, Edits(content={node: b""})).body == (
        delimited(9, b"before") + delimited(1, delimited(1, short)) + number(12, 1)
    )


# --- hostile input -------------------------------------------------------------------------------------


def nested(levels: int) -> bytes:
    """A text at the bottom of that many messages."""
    body = delimited(2, b"anna@real.example")
    for _ in range(levels):
        body = delimited(1, body)
    return body


def _is_opaque(body: bytes) -> bool:
    """Whether the body is one unreadable leaf."""
    leaves = [node for node in opened(body).fields() if node.address == "body"]
    return [bool(leaf.unreadable) for leaf in leaves] == [True]


def test_messages_too_deep_are_bytes_that_say_so() -> None:
    """Reading stops at 64 levels; what lies below is one field, and unreadable."""
    leaf = list(opened(nested(200)).fields())[-1]
    assert leaf.unreadable
    assert b"anna@real.example" in leaf.content
    assert fields(opened(nested(60)))[-1][1] == b"anna@real.example"


def test_more_fields_than_the_budget_are_one_unreadable_body() -> None:
    """A million fields of two bytes are not a million nodes."""
    assert _is_opaque(b"\x08\x01" * 400_000)


def test_deep_groups_are_refused_at_once() -> None:
    """Groups in groups would be read once per level."""
    assert _is_opaque(tag(1, 3) * 200_000 + tag(1, 4) * 200_000)


def test_a_text_that_is_nearly_a_message_costs_one_look() -> None:
    """A value that fails at its last byte stays a leaf, however often it could have been opened."""
    body = b"".join(delimited(1, b"\x08\x01" * 500 + b"\x0f") for _ in range(300))
    found = opened(body)
    assert {node.address.count("\x1f") for node in found.body.leaves()} == {1} if found.body else False


@pytest.mark.parametrize("length", [8, 12, 16, 20, 24, 28, 32, 48, 64])
def test_identifiers_and_digests_stay_one_value(length: int) -> None:
    """Bytes of these lengths are hardly ever taken apart: fewer than one in 100 here."""
    source = random.Random(length)
    values = [source.randbytes(length) for _ in range(300)]
    assert sum(len(fields(opened(delimited(5, value)))) > 1 for value in values) < 3


def test_what_looks_like_a_message_has_a_text_in_it() -> None:
    """The strict test, for bytes of which nobody says what they are."""
    assert protoscan.is_message(delimited(1, b"text") + number(2, 5))
    assert protoscan.is_message(delimited(1, delimited(2, delimited(3, b"text"))))
    for other in (b"", b"plain text", number(1, 5), delimited(1, b"ab"), b"\x89PNG\r\n\x1a\n", b"\x1f\x8b\x08\x00"):
        assert not protoscan.is_message(other)
