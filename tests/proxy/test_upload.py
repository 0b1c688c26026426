"""Upload: whatever way a body is cut, what leaves is the body, or its beginning without the fact."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect.known import Matcher
from shield.proxy.outgoing import MARGIN_BYTES
from shield.proxy.streaming import Upload
from tests.people import sample_person

MATCHER = Matcher.build(sample_person())
FACT = b"anna@real.example"


def stop(hit: Any) -> str:
    return "stop" if hit.whose == "me" else "pass"


def upload(judge: Any = stop) -> Upload:
    return Upload(MATCHER.stream(), MATCHER.longest + MARGIN_BYTES, judge)


def run(one: Upload, body: bytes, cuts: list[int]) -> bytes:
    """Feed *body* in pieces, then its end; what left."""
    out = b""
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    for start, end in itertools.pairwise(places):
        chunks = one(body[start:end])
        assert b"" not in chunks
        out += b"".join(chunks)
    return out + b"".join(one(b""))


CUTS = st.lists(st.integers(0, 3000), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000).map(lambda body: body.replace(b"a", b"b")), CUTS)
def test_a_body_without_facts_leaves_whole(body: bytes, cuts: list[int]) -> None:
    """Whatever was held back goes at the end."""
    one = upload(lambda hit: "pass")
    assert run(one, body, cuts) == body
    assert one.stopped == ""


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1500), st.integers(0, 1500), CUTS)
def test_a_fact_never_leaves(before: int, after: int, cuts: list[int]) -> None:
    """However the bytes are cut: not one byte of it, and nothing behind it."""
    body = b"." * before + b" " + FACT + b" " + b"." * after
    one = upload()
    left = run(one, body, cuts)
    assert one.stopped
    assert b"anna" not in left
    assert (b"." * before + b" ").startswith(left)
    assert one(b"more") == []


def test_byte_by_byte() -> None:
    """The smallest pieces."""
    one = upload()
    assert b"anna" not in run(one, b"x" * 400 + b" " + FACT + b" " + b"x" * 400, list(range(900)))
    assert one.stopped


def test_a_fact_at_the_very_end() -> None:
    """It is complete only when the body is."""
    one = upload()
    assert b"anna" not in run(one, b"x " + FACT, [5])
    assert one.stopped


def test_a_mistake_stops() -> None:
    """It never raises: mitmproxy would leave both sides hanging."""

    class Broken:
        def feed(self, chunk: bytes) -> list[Any]:
            raise RuntimeError

        def finish(self) -> list[Any]:
            raise RuntimeError

    one = Upload(Broken(), 10, stop)
    assert one(b"x" * 100) == []
    assert "mistake" in one.stopped
    assert one(b"") == []


def test_a_question_holds_everything_back() -> None:
    """Until it is answered; then the rest goes, or nothing any more."""
    for passes in (True, False):
        one = upload(lambda hit: "ask")
        first = b"".join(one(b"x" * 500 + b" " + FACT + b" "))
        assert b"anna" not in first
        held = one(b"y" * 3000)
        assert one.question
        assert held == []
        one.answered(passes)
        rest = b"".join(one.release() + one(b""))
        assert (FACT in rest) == passes


def test_it_shows_no_bytes() -> None:
    """Its repr counts."""
    one = upload(lambda hit: "pass")
    one(FACT)
    assert "anna" not in repr(one)
