"""Addresses in alphabets of somebody's own: told by the pattern of equal letters, never by a table."""

from __future__ import annotations

import json
import random
import string
from urllib.parse import quote

import pytest

from shield.detect.alphabets import Alphabets
from shield.detect.known import Matcher
from shield.engine import Engine
from shield.finding import Forward
from shield.message import Request
from shield.person import Person
from shield.twin.derived import Derived
from shield.twin.fact import make_fact
from shield.wire import reader
from tests.people import DictBook
from tests.test_engine import NOW, shipped

MAIL = "anna.schmidt@real.example"
FACTS = (make_fact("email-1", "email", {"value": MAIL}),)
MATCHER = Matcher.build(Person(FACTS))
LETTERS = string.ascii_lowercase + string.digits


def table(seed: int, letters: str = LETTERS) -> dict[int, str]:
    shuffled = list(letters)
    random.Random(seed).shuffle(shuffled)
    return {ord(one): other for one, other in zip(letters, shuffled, strict=True)}


def sent(body: bytes, kind: bytes = b"application/json", target: bytes = b"/c") -> Request:
    lines = ((b"Content-Type", kind), (b"Content-Length", b"%d" % len(body)))
    return Request("POST", "https", "t.example", 443, target, lines, body, page="https://shop.example/")


def found(request: Request) -> list[tuple[str, str]]:
    return [(one.likeness.fact_id, one.likeness.disguise.encodings[-1]) for one in MATCHER.find(reader.read(request))]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("letters", [LETTERS, LETTERS + "@._-", string.ascii_letters + string.digits + "@._-"])
def test_every_alphabet(seed: int, letters: str) -> None:
    """In JSON, in a form, in a query; punctuation too, or as it is."""
    written = MAIL.translate(table(seed, letters))
    for request in (
        sent(json.dumps({"a": 1, "u": written}).encode()),
        sent(f"a=1&u={quote(written, safe='')}".encode(), b"application/x-www-form-urlencoded"),
        sent(b"", target=f"/c?u={quote(written, safe='')}".encode()),
        sent(json.dumps([[{"x": written}]]).encode(), b"text/plain"),
    ):
        assert found(request) == [("email-1", "substituted")]


@pytest.mark.parametrize("seed", range(20))
def test_it_does_not_leave(seed: int) -> None:
    """Not through the engine either, which reads nothing where a glance sees nothing."""
    engine = Engine(shipped(), Person(FACTS, pseudonym_key=bytes(32), derive=Derived(bytes(32), FACTS)))
    written = MAIL.translate(table(seed))
    outcome = engine.request(sent(json.dumps({"a": "x" * 40, "u": written}).encode()), now=NOW, book=DictBook())
    assert not isinstance(outcome.verdict, Forward) or written.encode() not in outcome.message.body


def test_another_pattern_is_nobodys() -> None:
    """One letter otherwise, one letter less, and texts by chance."""
    written = MAIL.translate(table(1))
    for other in (written[:-1], written + "q", written[:3] + "#" + written[4:], written[::-1]):
        assert found(sent(json.dumps({"u": other}).encode())) == []
    chance = random.Random(7)
    alphabets = Alphabets(FACTS)
    texts = ["".join(chance.choices(LETTERS, k=len(MAIL))) for _ in range(20_000)]
    body = reader.read(sent(json.dumps(texts).encode()))
    assert list(alphabets.find([node for node in body.body.walk() if not node.children])) == []


def test_an_address_with_few_repeats_has_no_pattern() -> None:
    """It would be any text of that length."""
    few = Alphabets((make_fact("email-1", "email", {"value": "jo@ab.de"}),))
    assert not few.may_be_in(b" qw#er.ty ")
