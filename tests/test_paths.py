"""Paths as servers read them, and the way back to the bytes that came."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.paths import readings
from shield.pattern import PathPattern

WIDE = [
    ("/x/..;y/tr;a=b", "/tr"), ("/a%2fb/..", "/a/"), ("/%2574r", "/tr"), ("/%25252574r", "/%74r"),
    ("/%EF%BC%B4r%00", "/Tr"), ("/%u0074%uff52", "/tr"), ("/tr%3fa/b", "/tr"), ("/tr%23/../x", "/tr"),
    ("/a\\..\\tr", "/tr"), ("/tr.", "/tr"), ("/tr.../%20x", "/tr/x"), ("/%", "/%"), ("/%09tr%20", "/tr"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "wide"), WIDE)
def test_the_widest_reading(path: str, wide: str) -> None:
    assert readings(path).widest[0] == wide


PIECES = st.sampled_from([
    "/", "//", "a", "B", "%61", "%2f", "%252F", "..", ".", ";", ";x=1", "%2e", "\\", "%", "%u0061", "%20", "%3F",
    "\xef\xbd\x81",
])  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_every_reading_leads_back(pieces: list[str]) -> None:
    """Positions lie in the path as it came, in their order; a letter leads to what was read as that letter."""
    raw = "/" + "".join(pieces)
    for one in readings(raw).anyhow:
        spans = [one.span(at, at + 1) for at in range(len(one.text))]
        assert all(0 <= start <= end <= len(raw) for start, end in spans)
        assert [start for start, _ in spans] == sorted(start for start, _ in spans)
        for letter, (start, end) in zip(one.text, spans, strict=True):
            if letter in "aB":
                assert any(letter in again.text for again in readings("/" + raw[start:end]).anyhow)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_a_path_as_it_is_served_is_served_so_again(pieces: list[str]) -> None:
    for one in readings("/" + "".join(pieces)).served[:1]:
        assert one.text in [again.text for again in readings(one.text).served]


SPANS = [
    ("/user/{id}/edit", "/user/a17/edit", "a17"),
    ("/user/{id}/edit", "//x/../%75ser/a%317;v=1/%65dit/", "a%317"),
    ("/user/{id}/edit", "/USER/a17%2fedit", "a17"),
    ("/user/{id}/edit", "/%2575ser%2Fa%2531/edit", "a%2531"),
    ("/amp/{rest**}", "/%61mp/a//b/../c", "a//b/../c"),
    ("/amp/{rest**}", "/amp/https://x.example/", "https://x.example/"),
    ("/**/ref={came}", "/dp/B01/ref=sr_1/", "sr_1"),
    ("/**/ref={came}", "/dp/B01/r%65f%3Dsr_1", "sr_1"),
    ("/op/{a}:{b}", "/OP/1%3A2", "1"),
]


@pytest.mark.parametrize(("pattern", "path", "part"), SPANS)
def test_named_parts_are_found_where_they_stand(pattern: str, path: str, part: str) -> None:
    spans = PathPattern(pattern).parts(readings(path), protects=True)
    assert spans is not None
    start, end = next(iter(spans.values()))
    assert path[start:end] == part


STRICT = [
    ("/ap/**", "/%61p//signin;x", True),
    ("/ap/**", "/ap/", True),
    ("/login", "/login/", True),
    ("/login/", "/login", True),
    ("/ap/**", "/AP/signin", False),
    ("/ap/**", "/ap/..%2Ftr", False),
    ("/ap/**", "/ap%2Fsignin", False),
    ("/a%2Fb", "/a%2Fb", True),
    ("/a%2Fb", "/a/b", False),
    ("/act;**", "/act;u1=7", True),
]


@pytest.mark.parametrize(("pattern", "path", "holds"), STRICT)
def test_what_lets_pass_holds_where_all_readings_agree(pattern: str, path: str, holds: bool) -> None:
    """What protects holds in each of these."""
    compiled, read = PathPattern(pattern), readings(path)
    assert compiled.holds(read, protects=False) is holds
    assert compiled.holds(read, protects=True)
    assert (compiled.parts(read, protects=False) is not None) is holds
