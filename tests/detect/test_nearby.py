"""Places near the person's: fewer digits, a few streets on, in one field and in two."""

from __future__ import annotations

import pytest

from shield.detect.known import Matcher
from shield.detect.nearby import Places
from shield.message import Request
from shield.person import Fact, Person
from shield.wire import reader

HOME = Fact("geo-1", "geo", {"value": "50.7374,7.0982"})
MATCHER = Matcher.build(Person((HOME,)))


def found(target: bytes) -> list[tuple[str, bytes]]:
    request = Request("GET", "https", "x.example", 443, target)
    seen = MATCHER.find(reader.read(request))
    assert all((one.category, one.whose, one.likeness.fact_id) == ("geo", "me", "geo-1") for one in seen)
    assert not seen or MATCHER.suspects(target)
    return [(one.at, one.node.content[one.start : one.end]) for one in seen]


@pytest.mark.parametrize(
    ("value", "span"),
    [
        (b"50.7374,7.0982", b"50.7374,7.0982"), (b"50.74,7.10", b"50.74,7.10"), (b"50.7,7.1", b"50.7,7.1"),
        (b"7.0982%2050.7374", b"7.0982 50.7374"), (b"@50.7391,7.1022", b"50.7391,7.1022"),
        (b"near(50.73740;7.09820)now", b"50.73740;7.09820"), (b"50.73740012345", b"50.73740012345"),
    ],
)  # fmt: skip
def test_in_one_field(value: bytes, span: bytes) -> None:
    """Either order, any number of digits."""
    assert found(b"/?ll=" + value) == [("query:ll", span)]


@pytest.mark.parametrize(
    "value",
    [
        b"50.8374,7.0982",
        b"50.7374,8.0982",
        b"50,7",
        b"50.7",
        b"50.74",
        b"150.7374,7.0982",
        b"50.7374.1,7.0982",
        b"1.50.7",
    ],
)
def test_elsewhere(value: bytes) -> None:
    """Another town, a number of few digits alone, a version."""
    assert found(b"/?ll=" + value) == []


def test_in_two_fields() -> None:
    """Latitude and longitude of the same container; one alone from four decimals on."""
    assert sorted(at for at, _ in found(b"/?lat=50.74&lng=7.10")) == ["query:lat", "query:lng"]
    assert [at for at, _ in found(b"/?lat=50.7374")] == ["query:lat"]
    assert found(b"/?lat=50.74&z=9.10") == []


def test_who_stated_no_place_is_asked_nothing() -> None:
    """No cost, and nothing is shown."""
    assert not Places(()).may_be_in(b"50.7374,7.0982")
    assert "50.7" not in repr(Places((HOME,)))
