"""Parcels: there and back; what is none is refused, not believed."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.message import Frame, Request
from shield.presidio import parcel
from shield.presidio.message import LARGEST, from_items, to_items
from shield.presidio.parcel import Broken


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=50), max_size=20))
def test_there_and_back(items: list[bytes]) -> None:
    assert parcel.receive(io.BytesIO(parcel.pack(items))) == items


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_what_is_no_parcel_is_refused(data: bytes) -> None:
    with pytest.raises(Broken):
        parcel.receive(io.BytesIO(data[:2] + b"\xff" + data[2:]))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
def test_sizes_that_do_not_add_up_are_refused(data: bytes) -> None:
    with contextlib.suppress(Broken):
        assert sum(map(len, parcel.unpack(data))) <= len(data)


def test_half_a_parcel_is_none() -> None:
    with pytest.raises(Broken):
        parcel.receive(io.BytesIO(parcel.pack([b"abc"])[:-1]))


def test_messages_there_and_back() -> None:
    request = Request("POST", "https", "shop.example", 443, b"/a?b=c", ((b"A", b"1"), (b"B", b"\xff")), b"\0body")
    frame = Frame("request", b"\xffx", is_text=False)
    assert from_items(to_items(request) or []) == request
    assert from_items(to_items(frame) or []) == frame


def test_a_body_that_is_not_at_hand_is_empty_and_a_large_one_is_left_out() -> None:
    start = ("POST", "https", "shop.example", 443, b"/", ())
    streamed = from_items(to_items(Request(*start, None)) or [])
    assert isinstance(streamed, Request)
    assert streamed.body == b""
    assert to_items(Request(*start, bytes(LARGEST + 1))) is None
    assert to_items(Frame("request", bytes(LARGEST + 1), is_text=True)) is None


@pytest.mark.parametrize(
    "items", [[], [b"request"], [b"frame"], [b"request", b"GET", b"s", b"h", b"x", b"/", b"", b"0"]]
)
def test_what_is_no_message_is_refused(items: list[bytes]) -> None:
    with pytest.raises(Broken):
        from_items(items)
