"""Values inside values through the engine: replaced under their layers, searched both ways, or taken out whole."""

from __future__ import annotations

import gzip
import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from dataclasses import replace

import pytest

from shield.engine import Engine
from shield.finding import Forward
from shield.message import Request
from shield.person import Fact
from shield.wire import reader
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, SHOP, request, shipped

LETTERS = "YW5uYTg3"
"""A user name that is base64 of another word."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The shipped rules for a person with such a name."""
    policy = shipped()
    person = sample_person(*(one.name for one in policy.services), "site:tracker.example|shop.example")
    odd = Fact("letters", "account_id", {"value": LETTERS})
    return Engine(policy, replace(person, facts=(*person.facts, odd)))


def sent(engine: Engine, value: str, **headers: str) -> Request | None:
    """What leaves towards a third party; None where the request is blocked."""
    asked = request(f"https://tracker.example/in?v={value}&w=1", page=SHOP, **headers)
    outcome = engine.request(asked, now=NOW, book=DictBook())
    assert not outcome.needs
    if outcome.because.layer == "mistake":
        raise AssertionError(outcome.because.why)
    return outcome.message if isinstance(outcome.verdict, Forward) else None


def url64(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_fact_is_replaced_under_its_layers(engine: Engine) -> None:
    """base64 of gzip of JSON stays that, and what stands beside the fact stays too."""
    packed = gzip.compress(b'{"mail":"anna@real.example","n":1}', 9, mtime=0)
    leaving = sent(engine, url64(packed))
    assert leaving is not None
    value = leaving.target.partition(b"v=")[2].partition(b"&")[0]
    content = json.loads(gzip.decompress(b64decode(value + b"=" * (-len(value) % 4), b"-_")))
    assert content["n"] == 1
    assert "@" in content["mail"]
    assert content["mail"] != "anna@real.example"


def test_letters_that_mean_what_they_say_are_found(engine: Engine) -> None:
    """They open as base64 of another word, and are the person's all the same."""
    opened = reader.read(request(f"https://tracker.example/in?v={LETTERS}"))
    assert opened.at("query:\x1fv\x1fbase64")
    leaving = sent(engine, LETTERS)
    assert leaving is None or LETTERS.encode() not in leaving.target


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_digest_is_found_whatever_it_could_be_read_as(engine: Engine, name: str) -> None:
    """As hex and in base64."""
    digest = hashlib.new(name, b"anna@real.example").digest()
    for value in (digest.hex(), b64encode(digest).decode().replace("+", "%2B"), url64(digest)):
        leaving = sent(engine, value)
        assert leaving is None or value.encode() not in leaving.target


def token() -> str:
    """A JWT that names the person."""
    return ".".join(url64(part) for part in (b'{"alg":"HS256"}', b'{"sub":"7","email":"anna@real.example"}', bytes(32)))


def test_a_signed_token_with_a_fact_is_taken_out_whole(engine: Engine) -> None:
    """Never passed, never edited."""
    leaving = sent(engine, token(), authorization=f"Bearer {token()}", cookie=f"s={token()}; t=1")
    assert leaving is not None
    assert leaving.target == b"/in?w=1"
    assert leaving.header(b"authorization") is None
    assert leaving.header(b"cookie") in (b"t=1", None)


def test_a_signed_token_without_a_fact_is_left(engine: Engine) -> None:
    """It is only read."""
    plain = ".".join(url64(part) for part in (b'{"alg":"HS256"}', b'{"sub":"7"}', bytes(32)))
    leaving = sent(engine, "1", authorization=f"Bearer {plain}")
    assert leaving is not None
    assert leaving.header(b"authorization") == f"Bearer {plain}".encode()
