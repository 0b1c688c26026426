"""The quick question before an address's expression must never say no where the expression says yes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import AddressPattern, parse_address
from shield.message import Request
from shield.wire import reader

STEPS = st.sampled_from(["*", "**", "a", "ab", "a*", "*b", "a*b", ""])
NAMES = st.sampled_from(["cid", "ud[em]", "ud[*]", "*", "a*", "x"])
PLACES = st.sampled_from(["query:", "form:", "multipart:", "*:", "cookie:", "header:"])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    lines = st.builds("text/line:*/query:{}".format, NAMES)
    outer = draw(st.one_of(lines, st.builds(str.__add__, PLACES, NAMES)))
    return f"{outer}/json:/{'/'.join(draw(st.lists(STEPS, max_size=3)))}" if draw(st.booleans()) else outer


@st.composite
def addresses(draw: st.DrawFn) -> str:
    text = draw(patterns()).replace("*:", draw(st.sampled_from(["query:", "form:", "multipart:"])))
    return text.replace("/**", draw(st.sampled_from(["", "/x", "/x/ab"]))).replace("*", "q")


@settings(max_examples=400, deadline=None)
@given(patterns(), addresses())
def test_matches_is_the_expression(pattern: str, address: str) -> None:
    one, text = AddressPattern(pattern), parse_address(address)
    wanted = text == one.literal if one.regex is None else one.regex.fullmatch(text) is not None
    assert one.matches(text) == wanted


@settings(max_examples=100, deadline=None)
@given(patterns())
def test_find_gives_every_node_that_matches(pattern: str) -> None:
    body = b'{"a": {"ab": [1, {"b": 2}]}, "cid": "x"}'
    headers = ((b"cookie", b"cid=1; ax=2"), (b"content-type", b"application/json"))
    target = b"/p?cid=1&ud[em]=2&x=%7B%22a%22%3A%7B%22b%22%3A1%7D%7D&a1=3"
    opened = reader.read(Request("POST", "https", "h.example", 443, target, headers, body))
    one = AddressPattern(pattern)
    wanted = {node for root in opened.roots() for node in root.walk() if one.matches(node.address)}
    assert set(opened.find(one)) == wanted
