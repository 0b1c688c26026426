"""Fragments whose fields nobody asks for: they end where they would with fields, and what follows has its addresses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import show_address
from shield.tree import Folded
from shield.wire.limits import Limits
from shield.wire.splitting import splitter
from shield.wire.splitting.driver import Split
from shield.wire.splitting.json import Json

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False),
    st.text(alphabet='ab,]}{["\\:\u20ac 1', max_size=6),
)  # fmt: skip
KEYS = st.text('ab{"', max_size=3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=40
)
CUTS = st.lists(st.integers(0, 600), max_size=12)


class Eager(Json):
    """The same reading, which cannot do without fields."""

    after = None  # type: ignore[assignment]


def fields(one: Split, body: bytes, cuts: list[int], *, asked: frozenset[int]) -> list[tuple[str, bytes, bytes]]:
    """Of the fragments with these numbers every field, of the others nothing; and each fragment's bytes."""
    places = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    out = []
    for number, (start, end) in enumerate(zip(places, [*places[1:], None], strict=True)):
        root = one.finish() if end is None else one.feed(body[start:end])
        if root is None:
            continue
        out.append((str(number), root.content, b""))
        if number in asked:
            out += [(leaf.address, leaf.content, leaf.raw) for leaf in root.leaves() if leaf is not root]
    return out


@settings(max_examples=150, deadline=None)
@given(VALUES, CUTS, st.frozensets(st.integers(0, 13)), st.sampled_from([None, 1]), st.data())
def test_json_without_fields(
    value: object, cuts: list[int], asked: frozenset[int], indent: int | None, data: st.DataObject
) -> None:
    """Whichever fragments are looked into, also where the text breaks off or is none."""
    body = json.dumps(value, indent=indent).encode()
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(body)))
        body = body[:at] + data.draw(st.sampled_from([b"", b",", b"]", b"}", b"x", b'"'])) + body[at:]
    limits = Limits()
    expected = fields(Split(Eager(), limits), body, cuts, asked=asked)
    assert fields(Split(Json(), limits), body, cuts, asked=asked) == expected


@pytest.mark.parametrize(
    ("kind", "unit", "address"),
    [
        (b"application/json", b'{"a":[1,{"b":2}],"c":"]"},\n', "json:/41/a/1/b"),
        (b"application/x-ndjson", b'{"a":1}\n', "text/line:41/json:/a"),
        (b"application/x-www-form-urlencoded", b"a=1&b=2&", "form:a"),
    ],
)
def test_what_was_not_asked_for_is_counted(kind: bytes, unit: bytes, address: str) -> None:
    """The addresses behind it are those of the whole."""
    one = splitter(kind)
    first = one.feed((b"[" if kind.endswith(b"/json") else b"") + unit * 10)
    assert first is not None
    second = one.feed(unit * 30)
    assert isinstance(second, Folded)
    assert not second.is_read
    third = one.feed(unit * 10)
    assert third is not None
    assert address in [show_address(leaf.address) for leaf in third.leaves()]


def test_too_many_fields_are_noticed_when_somebody_asks() -> None:
    """Such a fragment is searched as bytes; the next one is read again."""
    one = splitter(b"application/x-ndjson", limits=Limits(nodes=50))
    root = one.feed(b"\n" * 100)
    assert root is not None
    assert root.children == ()
    assert root.unreadable
    after = one.feed(b'{"a":1}\n')
    assert after is not None
    assert [show_address(leaf.address) for leaf in after.leaves()] == ["text/line:100/json:/a"]
