"""Hosts, paths and values of rules: what they match, and that no page can make them slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.pattern import HostPattern, PathPattern, ValuePattern, glob, whole

HOSTS = [
    ("example.com", "example.com", True),
    ("example.com", "www.example.com", True),
    ("example.com", "a.b.example.com", True),
    ("example.com", "badexample.com", False),
    ("example.com", "example.com.evil", False),
    ("=example.com", "example.com", True),
    ("=example.com", "www.example.com", False),
    ("EXAMPLE.com.", "example.com", True),
    ("fls-*.amazon.de", "fls-eu.amazon.de", True),
    ("fls-*.amazon.de", "x.fls-eu.amazon.de", True),
    ("fls-*.amazon.de", "fls-eu.x.amazon.de", False),
    ("=fls-*.amazon.de", "x.fls-eu.amazon.de", False),
    ("*", "anything.at.all", True),
    ("münchen.example", "xn--mnchen-3ya.example", True),
    ("[::1]", "::1", True),
    ("127.0.0.1", "127.0.0.1", True),
]


@pytest.mark.parametrize(("pattern", "host", "expected"), HOSTS)
def test_host(pattern: str, host: str, expected: bool) -> None:
    """A host stands for its subdomains, with ``=`` for itself; a star stays inside one label."""
    assert HostPattern(pattern).matches(host) is expected


PATHS = [
    ("/tr", "/tr", {}),
    ("/tr", "/tr/", None),
    ("/*/fbevents.js", "/en_US/fbevents.js", {}),
    ("/*/fbevents.js", "/a/b/fbevents.js", None),
    ("/u/*", "/u/", {}),
    ("/u/*", "/u/a/b", None),
    ("/a*b", "/aXbb", {}),
    ("/a*b/c", "/aXbb/c", {}),
    ("/a*b/c", "/aX/b/c", None),
    ("**/g/collect", "/g/collect", {}),
    ("**/g/collect", "/x/y/g/collect", {}),
    ("**/g/collect", "/x/y/ag/collect", None),
    ("/a/**", "/a/", {}),
    ("/a/**", "/a/b/c", {}),
    ("/a/**", "/a", None),
    ("/a/**/b", "/a/b", {}),
    ("/a/**/b", "/a/x/y/b", {}),
    ("/a/**/b", "/a/x/yb", None),
    ("**/x*y/z", "/xa/xby/z", {}),
    ("/amp/s/{rest**}", "/amp/s/a.b/c", {"rest": "a.b/c"}),
    ("/user/{id}/edit", "/user/17/edit", {"id": "17"}),
    ("/user/{id}/edit", "/user/1/7/edit", None),
    ("/user/{id}/edit", "/user//edit", {"id": ""}),
    ("{all**}", "/x/y", {"all": "/x/y"}),
    ("/[a]+(b)$.js", "/[a]+(b)$.js", {}),
    (
        "/1/batch/1/OP/{market}:{session}:{request}$uedata={data**}",
        "/1/batch/1/OP/A1P:123-45:REQ$uedata=s=%2Fuedata/x:y",
        {"market": "A1P", "session": "123-45", "request": "REQ", "data": "s=%2Fuedata/x:y"},
    ),
]


@pytest.mark.parametrize(("pattern", "path", "expected"), PATHS)
def test_path(pattern: str, path: str, expected: dict[str, str] | None) -> None:
    """Wildcards and named parts; spans are offsets into the path."""
    compiled = PathPattern(pattern)
    spans = compiled.match(path)
    assert compiled.matches(path) is (expected is not None)
    assert (spans is not None) is (expected is not None)
    if spans is not None and expected is not None:
        assert {name: path[start:end] for name, (start, end) in spans.items()} == expected


def test_how_specific_a_pattern_is() -> None:
    """Literals are told from patterns; more literal characters are more specific."""
    assert PathPattern("/tr").literal == "/tr"
    assert PathPattern("/tr*").literal is None
    assert PathPattern("/a/{b}/c").characters == len("/a//c")
    assert HostPattern("=a.com").literal == "a.com"
    assert HostPattern("a-*.com").literal is None
    assert HostPattern("a-*.com").characters == len("a-.com")


VALUES = [
    ("*", b"", True),
    ("2", b"2", True),
    ("2", b"22", False),
    ("*ProfileEdit*", b"xProfileEdity", True),
    ("a*a", b"a", False),
    ("a*a", b"aa", True),
    ("a*b*a", b"axbya", True),
    ("a*b*a", b"axya", False),
    ("ü*", "über".encode(), True),
    ("a*", b"a\nb\x00", True),
    ("matches:[0-9]{2}", b"12", True),
    ("matches:[0-9]{2}", b"123", False),
    ("matches:a|b", b"b", True),
    ("matches:a|b", b"bc", False),
    ("matches:(?i)abc", b"ABC", True),
    ("[0-9]", b"[0-9]", True),
]


@pytest.mark.parametrize(("pattern", "value", "expected"), VALUES)
def test_value(pattern: str, value: bytes, expected: bool) -> None:
    """A pattern speaks about the whole value, whatever bytes it has."""
    assert ValuePattern(pattern).matches(value) is expected


@pytest.mark.parametrize("method", ["search", "match", "fullmatch"])
def test_an_expression_means_the_whole_value_however_it_is_asked(method: str) -> None:
    """Nobody can ask it the wrong way."""
    regex = whole("a|bc")
    assert getattr(regex, method)(b"bc")
    assert not getattr(regex, method)(b"xbc")
    assert not getattr(regex, method)(b"a\n")


PIECES = st.lists(st.sampled_from(["*", "a", "b", "ab", "-"]), min_size=1, max_size=7).map("".join)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.text("ab-", max_size=10))
def test_globs_agree_with_backtracking(pattern: str, value: str) -> None:
    """The leftmost choice loses nothing: the same answers as an expression that tries everything."""
    slow = re.compile(".*".join(re.escape(piece) for piece in re.split(r"\*+", pattern)), re.DOTALL)
    assert glob(pattern)(value.encode()) is (slow.fullmatch(value) is not None)


SEGMENTS = st.lists(st.sampled_from(["*", "a", "b", "**", "a*b", "*a", "b*", "ab"]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(SEGMENTS, st.lists(st.text("ab", max_size=3), max_size=5))
def test_paths_agree_with_backtracking(segments: list[str], path: list[str]) -> None:
    """As for globs, with ``*`` inside a segment and ``**`` across them."""
    pattern, target = "/" + "/".join(segments), "/" + "/".join(path)
    if "**/**" in pattern:
        return
    try:
        compiled = PathPattern(pattern)
    except ValueError:
        return
    slow = "".join(f"/{_slow_segment(segment)}" for segment in segments)
    slow = slow.replace("/<>", "(?:/<>)*").replace("<>", "[^/]*")
    if pattern.endswith("/**"):
        slow = slow.removesuffix("(?:/[^/]*)*") + "/.*"
    assert compiled.matches(target) is (re.fullmatch(slow, target) is not None), slow


def _slow_segment(segment: str) -> str:
    return "<>" if segment == "**" else "[^/]*".join(re.escape(piece) for piece in segment.split("*"))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/" + "*-" * 12 + "*", "/" + "-" * 11 + "x" * 50_000 + "/"),
        ("/{a}:{b}:{c}:{d}:{e}:{f}/end", "/" + ":" * 50_000),
        ("**/a*b/**/c*d/**/e", "/aaab/cccd" * 5_000),
    ],
)
def test_a_hostile_path_costs_no_more_than_its_length(pattern: str, path: str) -> None:
    """With backtracking each of these would take longer than the test run may."""
    assert not PathPattern(pattern).matches(path)


def test_a_hostile_value_costs_no_more_than_its_length() -> None:
    """Many stars against a long run of what they look for."""
    assert not glob("*a" * 15 + "*b")(b"a" * 200_000)
