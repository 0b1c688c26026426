"""Places and opaque nodes."""

from __future__ import annotations

import re

from shield.address import AddressPattern
from shield.detect import opaque, places
from shield.message import Request
from shield.opened import Opened
from shield.selector import Selector, Selectors
from shield.wire import reader


def opened() -> Opened:
    body = b'{"a": {"b": [1, 2]}, "mail": "x"}'
    headers = ((b"Content-Type", b"application/json"), (b"Referer", b"https://shop.example/x"))
    return reader.read(Request("POST", "https", "x.example", 443, b"/p?cid=1.2&cid=3.4&ud[em]=z", headers, body))


def selector(rule: str, category: str, *texts: str, value: str | None = None) -> Selector:
    pattern = re.compile(value.encode()) if value else None
    return Selector(rule, category, tuple(AddressPattern(text) for text in texts), pattern)


def found(*selectors: Selector) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.at, one.category, one.rules) for one in places.find(opened(), Selectors(selectors))]


def test_every_field_with_the_address() -> None:
    """Duplicates are fields of their own; brackets are plain; names of headers in lower case."""
    assert found(selector("r", "cookie_id", "query:cid")) == [("query:cid", "cookie_id", ("r",))] * 2
    assert found(selector("r", "email", "query:ud[*]")) == [("query:ud[em]", "email", ("r",))]
    assert found(selector("r", "referrer", "header:Referer")) == [("header:referer", "referrer", ("r",))]


def test_a_node_that_holds_fields() -> None:
    """A rule may name what lies above fields; the finding is that node, whole."""
    (one,) = places.find(opened(), Selectors([selector("r", "unknown", "json:/a")]))
    assert one.at == "json:/a"
    assert one.is_whole
    assert one.how == "place"


def test_several_rules_for_one_field() -> None:
    """The same category: one finding; another category: another finding."""
    many = found(
        selector("one", "email", "json:/mail"), selector("two", "email", "json:/*", "json:/mail"),
        selector("three", "unknown", "json:/mail"),
    )  # fmt: skip
    assert ("json:/mail", "email", ("one", "two")) in many
    assert ("json:/mail", "unknown", ("three",)) in many
    assert ("json:/a", "email", ("two",)) in many


def test_by_value() -> None:
    """A value narrows a place; without places it is asked of every field."""
    assert found(selector("r", "cookie_id", "query:cid", value=r"\A3")) == [("query:cid", "cookie_id", ("r",))]
    assert ("query:ud[em]", "unknown", ("r",)) in found(selector("r", "unknown", value=r"z\Z"))


def test_opaque() -> None:
    """What says why it could not be read; nothing else."""
    assert opaque.find(opened()) == []
    body = b"\x1f\x8b broken"
    headers = ((b"Content-Type", b"application/json"), (b"Content-Encoding", b"gzip"))
    broken = reader.read(Request("POST", "https", "x.example", 443, b"/p", headers, body))
    (one,) = opaque.find(broken)
    assert (one.category, one.at, one.is_whole) == ("unreadable", "body", True)
