"""Partition: a mark on the way in, off on the way out, through the whole engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shield.engine import Engine
from shield.message import Request, Response
from shield.policy.load import Sources, load
from tests.people import DictBook, sample_person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = """
rules:
  - id: one-jar-per-site
    why: one number on every site joins them
    where: {host: tracker.example, direction: response, at: ["cookie:uid", "cookie:__Host-*"]}
    action: partition
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    file = tmp_path / "mine.yaml"
    file.write_text(RULE)
    return Engine(load(Sources(shipped=(file,), person=(), config=None)), sample_person())


def sent(engine: Engine, cookie: bytes) -> list[bytes]:
    """The Cookie lines that leave."""
    request = Request("GET", "https", "tracker.example", 443, b"/p", ((b"Cookie", cookie),), page="https://a.example/")
    outcome = engine.request(request, now=NOW, book=DictBook())
    return [value for name, value in outcome.message.headers if name == b"Cookie"]


def arrived(engine: Engine, line: bytes) -> bytes:
    """The Set-Cookie line that reaches the client."""
    request = Request("GET", "https", "tracker.example", 443, b"/p", (), page="https://a.example/")
    context = engine.request(request, now=NOW, book=DictBook()).context
    response = Response(200, ((b"Set-Cookie", line),), None)
    return engine.response(context, response, now=NOW, book=DictBook()).message.headers[0][1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"uid=1; Path=/", b"uid~shield=1; Path=/; Secure; SameSite=None; Partitioned"),
        (b"uid=1", b"uid~shield=1; Secure; SameSite=None; Partitioned"),
        (b'uid="a"; secure; samesite=Lax; Max-Age=9', b'uid~shield="a"; Max-Age=9; Secure; SameSite=None; Partitioned'),
        (b"__Host-x=1; Secure; Path=/", b"__Host-x~shield=1; Path=/; Secure; SameSite=None; Partitioned"),
        (b"other=1; Path=/", b"other=1; Path=/"),
    ],
)
def test_a_cookie_that_is_set(engine: Engine, line: bytes, expected: bytes) -> None:
    """It gets its jar and its mark; one that the rule does not name stays."""
    assert arrived(engine, line) == expected


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (b"uid~shield=1", [b"uid=1"]),
        (b"a=0; uid~shield=1; b=2", [b"a=0; uid=1; b=2"]),
        (b"uid=old; a=0", [b"a=0"]),
        (b"uid=old", []),
        (b"uid=old; uid~shield=1", [b"uid=1"]),
        (b'__Host-x~shield="q"', [b'__Host-x="q"']),
    ],
)
def test_a_cookie_that_comes_back(engine: Engine, cookie: bytes, expected: list[bytes]) -> None:
    """The mark is taken off; what never got one is dropped."""
    assert sent(engine, cookie) == expected
