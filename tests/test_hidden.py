"""What no reader opens: found where it is hidden, and told where more is hidden than may be opened."""

from __future__ import annotations

import base64
import gzip

import pytest

from shield import hidden
from shield.context import Context
from shield.detect.known import Matcher
from shield.finding import Finding
from shield.message import Request
from shield.wire import reader
from tests.people import sample_person

MATCHER = Matcher.build(sample_person("s"))
THIRD = Context("POST", "x.example", "/", "x.example", party="third")


def known(value: bytes) -> list[Finding]:
    line = (b"Content-Type", b"application/json")
    opened = reader.read(Request("POST", "https", "x.example", 443, b"/", (line,), b'{"a": 1, "d": "%s"}' % value))
    return hidden.known(opened, MATCHER, THIRD, True)


def packed(content: bytes) -> bytes:
    return b"v1:" + base64.b64encode(gzip.compress(content))


def test_a_fact_behind_a_prefix_is_found() -> None:
    assert [(one.category, one.whose) for one in known(packed(b"of anna@real.example" + b" " * 40))] == [
        ("email", "me")
    ]
    assert known(packed(b"of nobody at all" + b" " * 40)) == []


def test_more_than_may_be_opened_is_unreadable() -> None:
    """A bomb in which anything may be."""
    assert [one.category for one in known(packed(b" " * 9_000_000))] == ["unreadable"]


@pytest.mark.parametrize("beside", ["lena@example.org", "Lena"])
def test_a_personas_value_confirms_nothing_of_mine(beside: str) -> None:
    """A first name of mine beside hers is any first name."""
    line = (b"Content-Type", b"application/json")
    body = b'{"x": "Anna", "y": "%s"}' % beside.encode()
    opened = reader.read(Request("POST", "https", "x.example", 443, b"/", (line,), body))
    assert [one for one in MATCHER.find(opened, "s") if one.whose == "me"] == []
    mine = reader.read(
        Request("POST", "https", "x.example", 443, b"/", (line,), body.replace(beside.encode(), b"Schmidt"))
    )
    assert len([one for one in MATCHER.find(mine, "s") if one.whose == "me"]) == 2


def test_more_than_is_looked_at_in_bytes_is_unreadable() -> None:
    """A bomb that stands in bytes as it is: what comes behind the first megabytes is not seen."""
    line = (b"Content-Type", b"application/x-own")
    for size, seen in ((9_000_000, ["unreadable"]), (9_000, [])):
        body = b"\0\1v1:" + gzip.compress(b" " * size) + b"\0"
        opened = reader.read(Request("POST", "https", "x.example", 443, b"/", (line,), body))
        assert [one.category for one in hidden.known(opened, MATCHER, THIRD, True)] == seen
