"""What is too much becomes one unreadable field: never a crash, never quadratic."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

from shield.address import parse_address
from shield.edits import Edits, rebuild
from shield.message import Frame, Request
from shield.wire import reader, writer
from shield.wire.limits import Limits

JSON = ((b"content-type", b"application/json"),)


def post(body: bytes, headers: tuple[tuple[bytes, bytes], ...] = JSON, target: bytes = b"/") -> Request:
    return Request("POST", "https", "h.test", 443, target, headers, body)


def test_a_hundred_thousand_parameters() -> None:
    """Read, half of them removed and the rest edited, in linear time."""
    query = b"&".join(b"p%d=%d" % (number, number) for number in range(100_000))
    sent = post(b"", target=b"/?" + query)
    opened = reader.read(sent)
    assert opened.query is not None
    children = opened.query.children
    assert len(children) == 100_000
    edits = Edits(removed=set(children[::2]), content=dict.fromkeys(children[1::2], b"x"))
    leaving = writer.rebuild(sent, opened, edits)
    assert leaving.target == b"/?" + b"&".join(b"p%d=x" % number for number in range(1, 100_000, 2))
    assert writer.rebuild(sent, opened, Edits(removed=set(children))).target == b"/"


def test_more_parameters_than_the_limit() -> None:
    """The query is one unreadable field; the headers are still read."""
    opened = reader.read(post(b"", target=b"/?" + b"&".join([b"a=1"] * 100)), Limits(nodes=90))
    assert opened.query is not None
    assert opened.query.unreadable
    assert opened.query.children == ()
    assert opened.at(parse_address("header:content-type"))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [150, 10_000, 300_000])
def test_json_nested_deep(opening: bytes, depth: int) -> None:
    """Read up to the limit, unreadable beyond; closed or cut off."""
    closing = b"]" if opening == b"[" else b"}"
    for body in (opening * depth + b"1" + closing * depth, opening * depth):
        opened = reader.read(post(body))
        assert opened.body is not None
        if depth == 150 and body.endswith(closing):
            (leaf,) = opened.body.leaves()
            assert leaf.content == b"1"
            assert rebuild(opened.body, Edits(content={leaf: b"2"})) == body.replace(b"1", b"2")
        else:
            assert [leaf.unreadable for leaf in opened.body.leaves() if leaf.unreadable]


def test_json_nested_deep_in_a_query_value() -> None:
    """Where nobody declared it, too."""
    opened = reader.read(post(b"", target=b"/?a=" + b"[" * 10_000 + b"]" * 10_000))
    (leaf,) = opened.at(parse_address("query:a"))
    assert leaf.unreadable


def test_notations_nested_deep() -> None:
    """JSON in JSON in JSON: opened to the limit, the rest is one field; an edit there is closed by every layer."""
    text = "anna@real.example"
    for _ in range(7):
        text = json.dumps({"a": text})
    opened = reader.read(post(text.encode()))
    assert opened.body is not None
    (leaf,) = opened.body.leaves()
    assert leaf.content == b"anna@real.example"
    rebuilt = rebuild(opened.body, Edits(content={leaf: b'e"f'}))
    for _ in range(7):
        rebuilt = json.loads(rebuilt)["a"]
    assert rebuilt == 'e"f'


def test_percent_and_base64_without_end() -> None:
    """A value that opens again and again stops at the limit and says so."""
    value = "anna@real.example"
    for _ in range(30):
        value = urllib.parse.quote(value, safe="")
    opened = reader.read(post(b"", target=b"/?a=" + value.encode()))
    assert opened.query is not None
    assert next(opened.query.leaves()).unreadable
    coded = b"anna@real.example"
    for _ in range(12):
        coded = base64.b64encode(coded)
    opened = reader.read(post(b"", target=b"/?a=" + coded))
    assert opened.query is not None
    assert next(opened.query.leaves()).unreadable


@pytest.mark.parametrize("size", [999_999, 1_000_001, 3_000_000])
def test_a_large_body(size: int) -> None:
    """Beyond a megabyte it is one field; edits elsewhere leave it."""
    body = b'["' + b"x" * (size - 4) + b'"]'
    sent = post(body)
    opened = reader.read(sent)
    assert opened.body is not None
    assert bool(next(opened.body.leaves()).unreadable) == (size > 1_000_000)
    (line,) = opened.headers
    assert writer.rebuild(sent, opened, Edits(content={line: b"x/y"})).body is body
    frame = reader.read_frame(Frame("request", body, is_text=True)).body
    assert frame is not None
    assert bool(next(frame.leaves()).unreadable) == (size > 1_000_000)


def test_bytes_held_are_bounded() -> None:
    """Containers in containers hold their bytes once per level; the sum is bounded, not only the depth."""
    body = b"[" * 150 + b'"' + b"x" * 900_000 + b'"' + b"]" * 150
    opened = reader.read(post(body))
    assert [leaf.unreadable for leaf in opened.fields() if leaf.unreadable]


def test_many_members() -> None:
    """A list of half a million numbers is not half a million nodes."""
    opened = reader.read(post(b"[" + b"1," * 499_000 + b"1]"))
    leaves = list(opened.fields())
    assert len(leaves) < 10
    assert leaves[-1].unreadable
