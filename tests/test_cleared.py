"""Memos of what holds nothing: they hold no values, stay small, and change no answer."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import unquote_to_bytes

from hypothesis import given, settings
from hypothesis import strategies as st

from shield.cleared import Cleared
from shield.context import Context
from shield.detect import identifiers
from shield.detect.guesses import Guesses
from shield.detect.shapes import Shapes
from shield.detect.tokens import Tokens
from shield.message import Request
from shield.opened import Opened
from shield.tree import Node
from shield.wire import reader
from shield.wire.limits import LIMITS, Budget
from shield.wire.nesting import open_values
from shield.wire.views import glimpses, may_hide
from tests.people import FACTS

TRACKER = Context("GET", "t.example", "/c", "t.example", purpose="analytics", party="third")


def opened(query: bytes) -> Opened:
    return reader.read(Request("GET", "https", "t.example", 443, b"/c?" + query))


def test_it_stays_small_and_shows_nothing() -> None:
    """A page can make up values without end."""
    cleared = Cleared()
    for number in range(100_000):
        cleared.add(number)
    assert 0 < len(cleared.numbers) <= 4096
    assert "99999" not in repr(cleared)


def test_what_a_name_says_is_part_of_the_answer() -> None:
    """The same value is nothing in one field and a phone number in the next."""
    shapes = Shapes()
    for _ in range(2):
        assert shapes.find(opened(b"q=030%2F1234567")) == []
        assert [one.category for one in shapes.find(opened(b"phone=030%2F1234567"))] == ["phone"]


def test_an_identifier_behind_another_name() -> None:
    """A nonce by its name, the number of a browser by another."""
    guesses, value = Guesses(), b"9f86d081884c7d659a2feaa0c55ad015"
    for _ in range(2):
        assert guesses.find(opened(b"nonce=" + value), TRACKER, []) == []
        assert [one.at for one in guesses.find(opened(b"visitor=" + value), TRACKER, [])] == ["query:visitor"]
    assert identifiers.find(opened(b"nonce=" + value), TRACKER, []) == []


def test_padding_belongs_to_a_run() -> None:
    """Turned around, a digest in base64 begins with its padding; the same letters alone are no such digest."""
    index = Tokens([one for one in FACTS if one.category == "email"])
    mail = next(one for one in FACTS if one.category == "email").parts["value"]
    turned = base64.b64encode(hashlib.sha256(mail.encode()).digest())[::-1]
    other = bytes(reversed(turned.lstrip(b"=")))[:-1] + b"A"
    for _ in range(2):
        assert index.find(b"\0" + other + b"\0") == []
        assert len(index.find(b"\0" + turned + b"\0")) == 1
        assert len(index.find(b"\0x" + turned + b"\0")) == 1


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40) | st.text('abcXYZ0123%&+=/{}[]":', max_size=40).map(str.encode))
def test_a_value_opens_as_it_did_before(content: bytes) -> None:
    """Twice the same tree, whatever was read in between."""
    trees = []
    for _ in range(2):
        node = Node(None, "run", 0, len(content), content)
        open_values([node], Budget(LIMITS))
        trees.append([(one.address, one.content, one.unreadable) for one in node.walk()])
    assert trees[0] == trees[1]


@settings(max_examples=150, deadline=None)
@given(
    st.text("ab%5B=&;x/ \\u0041{}$Ymx1cg", max_size=30).map(str.encode)
    | st.sampled_from(
        (b"ev%5B0%5D%5Bname%5D=", b"YW5uYUByZWFsLmV4YW1wbGU=", b"v1:H4sIAAAA", b"bm9ib2R5=", b"&lt;a", b"\x78\x9c")
    )
)
def test_what_may_hide_nothing_shows_nothing_else(text: bytes) -> None:
    """A look before the views of a piece: where it says no, they are the text and its escapes."""
    if not may_hide(text):
        assert set(glimpses(text, Budget(LIMITS), is_packed=True)) <= {text, unquote_to_bytes(text)}
