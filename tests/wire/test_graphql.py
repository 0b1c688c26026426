"""The text of a query: which strings are fields, and that edits stay inside their quotes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import show_address
from shield.edits import Edits, rebuild
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.graphql import read_graphql
from shield.wire.limits import LIMITS, Budget

TEXT = (
    b'# a comment with "quotes"\nmutation SignUp($n: Int = 5) {\n'
    b'  signUp(mail: "anna@real.example", input: {city: "Bonn\\u00e9", tags: ["a", "b\\"c"]}, n: $n)'
    b' @on(if: true) { id(note: """a "quoted" \\""" word""", odd: "\\u{1F600}") }\n}'
)


def opened(text: bytes) -> Node:
    node = Node(None, "json:\x1fquery", 0, len(text), text)
    read_graphql(node, Budget(LIMITS))
    return node


def test_strings_by_their_arguments() -> None:
    """Escapes opened, block strings too; comments and foreign escapes are text."""
    assert [(show_address(leaf.address), leaf.content) for leaf in opened(TEXT).leaves()] == [
        ("json:/query/graphql:mail", b"anna@real.example"), ("json:/query/graphql:city", "Bonné".encode()),
        ("json:/query/graphql:tags", b"a"), ("json:/query/graphql:tags", b'b"c'),
        ("json:/query/graphql:note", b'a "quoted" """ word'),
    ]  # fmt: skip


def test_an_edit_stays_inside_its_quotes() -> None:
    """What would end the string is escaped; a stripped one becomes null; the rest stays."""
    node = opened(TEXT)
    mail, city, *_, note = node.leaves()
    new = rebuild(node, Edits(content={mail: b'e"}) { secret }\\\n', note: b'x """ y'}, removed={city}))
    changed = TEXT.replace(b'"anna@real.example"', b'"e\\"}) { secret }\\\\\\n"').replace(b'"Bonn\\u00e9"', b"null")
    assert new == changed.replace(b'a "quoted" \\""" word', b'x \\""" y')
    assert next(leaf.content for leaf in opened(new).leaves()) == b'e"}) { secret }\\\n'
    for end in (b'x"', b"x\\"):
        with pytest.raises(Unwritable):
            rebuild(node, Edits(content={note: end}))


@pytest.mark.parametrize("text", [
    b"", b"query", b'query words "in quotes"', b'{"a": "b"}', b'{"a"', b"{ me { id } }", b'select "a" {}',
    b'fragment "x" {}',
])  # fmt: skip
def test_what_is_no_document(text: bytes) -> None:
    """Or has no strings: it stays one value."""
    with pytest.raises(Unreadable):
        opened(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_goes_in_and_comes_out(before: str, after: str) -> None:
    """What was put into a string reads back, and nothing around it changed."""
    node = opened(b"{ a(b: " + json.dumps(before).encode() + b', c: "z") }')
    first, second = node.leaves()
    assert first.content == before.encode("utf-8", "surrogatepass")
    again = opened(rebuild(node, Edits(content={first: after.encode("utf-8", "surrogatepass")})))
    assert [leaf.content for leaf in again.leaves()] == [after.encode("utf-8", "surrogatepass"), second.content]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60) | st.text('"\\{}#: \nab', max_size=60).map(str.encode))
def test_arbitrary_bytes_are_read_or_unreadable(inner: bytes) -> None:
    """And without an edit the bytes are the same."""
    text = b'query A { a(b: "' + inner
    try:
        node = opened(text)
    except Unreadable:
        return
    assert rebuild(node, Edits()) == text


@pytest.mark.parametrize("text", [b'"' * 900_000, b"\\" * 900_000, b'"a' * 400_000, b"#" * 900_000, b"a :" * 300_000])
def test_a_megabyte(text: bytes) -> None:
    """Linear, whatever it is made of."""
    for start in (b'query A { a(b: "x") }', b'query A { a(b: "} ', b'{ a(b: """} '):
        try:
            opened(start + text)
        except Unreadable:
            continue
