"""What a layer writes, it reads back: for any content, in the manner of any bytes that stood there."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.errors import Unwritable
from shield.wire import base64text
from shield.wire.jsonstring import STRING, open_string
from shield.wire.keeping import shared
from shield.wire.percent import COOKIE, FORM, INNER, PATH, QUERY, Percent

spelled = st.lists(st.sampled_from((
    b"%41", b"%2f", b"%2F", b"%", b"%4", b"a", b"+", b"%20", b"%C3%a9", b"\xc3\xa9", b"=", b"/", b"~", b"%25",
))).map(b"".join)  # fmt: skip
parts = st.lists(st.sampled_from((
    b"A", b"/", b"%", b"41", b" ", b"+", b"\xc3\xa9", b"=", b"&", b"a", b"\r\n", b";",
))).map(b"".join)  # fmt: skip


@pytest.mark.parametrize("layer", [QUERY, FORM, PATH, INNER])
@settings(max_examples=150, deadline=None)
@given(raw=spelled, content=parts | st.binary(max_size=8))
def test_percent(layer: Percent, raw: bytes, content: bytes) -> None:
    """Seams between kept and new bytes never make or break an escape; separators never get out."""
    closed = layer.close(content, raw)
    assert layer.open(closed) == content
    assert layer.close(layer.open(raw), raw) == raw
    for separator in b"&#\r\n" if layer is QUERY else b"/?#\r\n" if layer is PATH else b"\r\n":
        assert closed.count(separator) <= raw.count(separator)


@settings(max_examples=150, deadline=None)
@given(raw=spelled, content=parts)
def test_cookies(raw: bytes, content: bytes) -> None:
    """A separator is escaped, or refused where nothing was escaped."""
    try:
        closed = COOKIE.close(content, raw)
    except Unwritable:
        assert b"%" not in raw
        return
    assert b";" not in closed
    assert (INNER.open(closed) if b"%" in raw else closed) == content


escapes = st.lists(st.sampled_from((
    "a", "\\u00E9", "\\ud83d\\ude00", "😀", "\\/", "/", "\\n", "\\\"", "\\\\", "\\u003c", "<", "\\ud800",
))).map("".join)  # fmt: skip
words = st.lists(st.sampled_from(("a", "é", "😀", "/", "\n", '"', "\\", "<", "x", "ü", "\x00"))).map("".join)


@settings(max_examples=400, deadline=None)
@given(inner=escapes, content=words)
def test_json_strings(inner: str, content: str) -> None:
    """Also as the standard library reads them."""
    raw = f'"{inner}"'.encode()
    closed = STRING.close(content.encode(), raw)
    assert open_string(closed[1:-1]) == content.encode()
    assert json.loads(closed) == content
    assert STRING.close(open_string(raw[1:-1]), raw) == raw


@settings(max_examples=150, deadline=None)
@given(before=st.binary(max_size=12), content=st.text(max_size=30))
def test_base64(before: bytes, content: str) -> None:
    """In the alphabet of what stood there, padded as it was."""
    for raw in (b64encode(before), urlsafe_b64encode(before).rstrip(b"=")):
        closed = base64text.BASE64.close(content.encode(), raw)
        padded = closed + b"=" * (-len(closed) % 4)
        assert urlsafe_b64decode(padded.translate(bytes.maketrans(b"+/", b"-_"))) == content.encode()


@settings(max_examples=200, deadline=None)
@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_what_two_values_share(one: str, other: str) -> None:
    """The most at the start, then the most at the end, never the same byte twice."""
    old, new = one.encode(), other.encode()
    start, end = shared(old, new)
    assert old[:start] == new[:start]
    assert old[len(old) - end :] == new[len(new) - end :]
    assert start + end <= min(len(old), len(new))
    assert old[start : start + 1] != new[start : start + 1] or not old[start:] or not new[start:]
