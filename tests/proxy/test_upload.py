"""Passing: whatever way a body is cut, what leaves is the body, or its beginning without the fact."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Ask, Because, Block, Forward
from shield.fragments import hold_back
from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy.passing import Passing, Ways
from shield.tree import Node
from shield.wire.packing import Packer, Unpacker
from shield.wire.splitting import splitter
from tests.people import sample_person

MATCHER = Matcher.build(sample_person())
KEEP = hold_back(MATCHER)
FACT = b"anna@real.example"
CONTEXT = Context("POST", "shop.example", "/", "shop.example")
WHY = Because("fact", why="a test")


class Decides:
    """In place of the engine: facts stop or ask, ``old`` becomes ``newer``."""

    def __init__(self, on_fact: Any = None) -> None:
        self.on_fact = on_fact or Block(WHY)

    def __call__(self, root: Node, before: bytes, answers: Mapping[str, str]) -> Outcome[Frame]:
        frame = Frame("request", root.content, is_text=False)
        border = len(before)
        hits = [hit for hit in MATCHER.hits(before + root.content) if hit.end > border]
        if hits and not answers:
            return Outcome(self.on_fact, CONTEXT, frame)
        edited = Frame("request", root.content.replace(b"old", b"newer"), is_text=False)
        modified = edited.content != frame.content
        return Outcome(Forward(WHY), CONTEXT, edited if modified else frame, modified=modified)


class Noted:
    """In place of the stores: what was noted, and what of it is stored."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        self.stored: list[Any] = []

    def __call__(self, outcome: Any) -> None:
        self.waiting.append(outcome)

    def release(self) -> None:
        self.stored += self.waiting
        self.waiting.clear()


def passing(decides: Any = None, kind: bytes = b"image/png", **ways: Any) -> Passing:
    decides = decides or Decides()
    return Passing(splitter(kind, "request"), decides, Noted(), Ways(keep=KEEP, **ways))


def run(one: Passing, body: bytes, cuts: list[int]) -> bytes:
    """Feed *body* in pieces, then its end; what left."""
    out = b""
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    for start, end in itertools.pairwise(places):
        chunks = one(body[start:end])
        assert b"" not in chunks
        out += b"".join(chunks)
    return out + b"".join(one(b""))


CUTS = st.lists(st.integers(0, 3000), max_size=30)
CODINGS = {b"": lambda body: body, b"gzip": gzip.compress, b"deflate": zlib.compress}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000).map(lambda body: body.replace(b"a", b"b")), CUTS)
def test_a_body_without_facts_leaves_whole(body: bytes, cuts: list[int]) -> None:
    """Whatever was held back goes at the end."""
    one = passing(lambda root, before, answers: Outcome(Forward(WHY), CONTEXT, Frame("request", root.content, False)))
    assert run(one, body, cuts) == body
    assert one.stopped == ""
    assert one.sent == len(body)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1500), st.integers(0, 1500), CUTS, st.sampled_from(sorted(CODINGS)))
def test_a_fact_never_leaves(before: int, after: int, cuts: list[int], coding: bytes) -> None:
    """However the bytes are cut, and packed: not one byte of it, and nothing behind it."""
    body = b"." * before + b" " + FACT + b" " + b"." * after
    ways = {"unpacker": Unpacker(coding), "as_came": True} if coding else {}
    one = passing(**ways)
    packed = CODINGS[coding](body)
    left = run(one, packed, cuts)
    assert one.stopped
    assert packed.startswith(left)
    if coding:
        assert FACT[:4] not in Unpacker(coding).feed(left)
    else:
        assert (b"." * before + b" ").startswith(left)
    assert one(b"more") == []


def test_byte_by_byte() -> None:
    """The smallest pieces."""
    one = passing()
    assert b"anna" not in run(one, b"x" * 400 + b" " + FACT + b" " + b"x" * 400, list(range(900)))
    assert one.stopped


def test_a_fact_at_the_very_end() -> None:
    """It is complete only when the body is."""
    one = passing()
    assert b"anna" not in run(one, b"x " + FACT, [5])
    assert one.stopped


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([b"old\n", b"some\n", b"\n", b"x" * 300 + b"\n"]), max_size=40), CUTS)
def test_edits_leave_in_their_place(lines: list[bytes], cuts: list[int]) -> None:
    """What grows, grows; how much is known."""
    body = b"".join(lines)
    one = passing(kind=b"text/plain")
    assert run(one, body, cuts) == body.replace(b"old", b"newer")
    assert one.grown == 2 * body.count(b"old")
    assert one.edited == (b"old" in body)


def test_where_the_length_was_stated_an_edit_stops() -> None:
    """Unless it is as long as what it replaces."""
    one = passing(kind=b"text/plain", may_grow=False)
    assert run(one, b"some\nold\nmore\n", []) == b""
    assert "length" in one.stopped
    fixed = passing(kind=b"text/plain", may_edit=False)
    run(fixed, b"old\n", [])
    assert fixed.stopped


@pytest.mark.parametrize("coding", [b"gzip", b"br", b"deflate"])
def test_packed_again(coding: bytes) -> None:
    """What was unpacked and edited is packed in the same coding."""
    body = b"some\nold\n" * 500
    packer = Packer(coding)
    one = passing(kind=b"text/plain", unpacker=Unpacker(coding), packer=Packer(coding))
    packed = packer.feed(body) + packer.finish()
    out = run(one, packed, [10, 20, 30])
    assert Unpacker(coding).feed(out) == body.replace(b"old", b"newer")


def test_a_bomb_stops() -> None:
    """Before it has filled the memory."""
    one = passing(unpacker=Unpacker(b"gzip"), as_came=True)
    bomb = gzip.compress(b"\0" * 60_000_000)
    run(one, bomb, list(range(0, len(bomb), 4000)))
    assert "packed" in one.stopped


@pytest.mark.parametrize("packed", [b"no gzip at all", gzip.compress(b"x" * 900)[:-9], gzip.compress(b"x")[:5]])
def test_what_cannot_be_unpacked_stops(packed: bytes) -> None:
    """Nobody could tell what is in it."""
    one = passing(unpacker=Unpacker(b"gzip"), as_came=True)
    run(one, packed, [])
    assert "packed" in one.stopped


def test_a_mistake_stops() -> None:
    """It never raises: mitmproxy would leave both sides hanging."""

    def broken(*_: Any) -> Any:
        raise RuntimeError

    one = passing(broken)
    assert one(b"x" * 100) == []
    assert "mistake" in one.stopped
    assert one(b"") == []


def test_a_question_holds_everything_back() -> None:
    """Until it is answered; then the rest goes, or nothing any more."""
    for passes in (True, False):
        one = passing(Decides(Ask(WHY, ())))
        first = b"".join(one(b"x" * 3000))
        second = one(b" " + FACT + b" " + b"z" * 2000)
        assert second == []
        assert one.waiting is not None
        if passes:
            rest = one.go_on({"any": "allow"}) + one(b"y" * 3000) + one(b"")
            assert (first + b"".join(rest)).count(FACT) == 1
        else:
            one.stop("no")
            assert one(b"y") == [] == one(b"")


def test_a_question_that_is_never_settled_stops() -> None:
    """A bounded number of tries."""
    one = passing(lambda root, before, answers: Outcome(Ask(WHY, ()), CONTEXT, Frame("request", b"", False)))
    one(b"x")
    for _ in range(10):
        one.go_on({})
    assert "mistake" in one.stopped


def test_trailers_are_searched() -> None:
    """They cannot wait, nor be edited."""
    for value, stops in ((b"fine", False), (FACT, True), (b"old", True)):
        one = passing()
        one.trailers([(b"x-a", value)])
        assert bool(one.stopped) == stops


def test_without_a_hold_back_events_go_at_once() -> None:
    """Responses: what is decided is sent."""
    one = Passing(splitter(b"text/plain", "response"), Decides(), Noted(), Ways())
    assert one(b"one\n") == [b"one\n"]
    assert one(b"two\nthr") == [b"two\n"]
    assert one(b"ee\n") == [b"three\n"]
    assert one(b"") == []


def test_it_shows_no_bytes() -> None:
    """Its repr counts."""
    one = passing()
    one(b"anna")
    assert "anna" not in repr(one)
