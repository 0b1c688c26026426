"""What the keeper learns from messages that left: identifiers, facts, persona values; only digests on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest

from shield.address import parse_address
from shield.data import data_path
from shield.engine import Engine
from shield.keeper import Keeper
from shield.keeper.learning import seen, sightings
from shield.ledger.entry import place_of
from shield.ledger.evidence import Link, Place
from shield.ledger.learning import SCHEMA, learn, links, places
from shield.ledger.reader import Reader
from shield.message import Request
from shield.person import Person, Persona
from shield.policy.load import Sources, load
from shield.replay.source import Failure, open_source, records
from shield.twin.store import Twin, secrets_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = """\
services:
  one: {purpose: analytics, company: One, on: [{host: one.example}]}
  two: {purpose: advertising, company: Two, on: [{host: two.example}]}
rules:
  - {id: named, why: x, where: {service: [one, two], at: "query:named"}, category: cookie_id, action: strip}
  - {id: let, why: x, where: {at: ["query:let", "query:m"]}, category: cookie_id, action: allow}
  - {id: mail, why: x, where: {path: /open, category: email}, action: allow}
  - {id: blocked, why: x, where: {path: /blocked}, action: block}
"""
UUID = "9df77d2b-ca77-4d69-8b16-973615a4fea0"
OTHER = "3face34f-651a-4d12-89b0-707365caa4bc"


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """Opened, with one fact."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "test.yaml").write_text(RULES)
    rules, home = Sources(shipped=(tmp_path / "rules",)), tmp_path / "home"
    Keeper.open(home, rules=rules).close()
    Twin.open(home / "twin", secrets_of(home / "twin.key")).add_fact("email", {"value": "anna@real.example"})
    with Keeper.open(home, rules=rules) as made:
        yield made


def send(keeper: Keeper, url: str, *, page: str = "https://shop.example/", cookie: str = "") -> None:
    """As the proxy does it."""
    host, _, target = url.removeprefix("https://").partition("/")
    headers = ((b"host", host.encode()), *([(b"cookie", cookie.encode())] if cookie else []))
    request = Request("GET", "https", host, 443, f"/{target}".encode(), headers, page=page)
    for _ in range(3):
        outcome = keeper.engine.request(request, now=NOW, book=keeper.book)
        for scope in outcome.needs:
            keeper.make_persona(scope)
    keeper.record_outcome(outcome, now=NOW)


def learned(keeper: Keeper) -> tuple[dict[str, Place], list[Link]]:
    """By receiver and address."""
    keeper.flush()
    with Reader(keeper.home.ledger) as reader:
        return {f"{one.receiver} {one.at}": one for one in reader.places()}, reader.links()


def test_what_left_and_nobody_named_is_learned(keeper: Keeper) -> None:
    """Per service; what a rule names, what was stopped, and what went to no tracker is not."""
    for site in ("a", "a", "b"):
        send(keeper, f"https://one.example/c?uid={UUID}&named={OTHER}&v=1.2.3", page=f"https://{site}.example/")
    send(keeper, f"https://one.example/blocked?x={UUID}")
    send(keeper, f"https://shop.example/c?uid={UUID}")
    places, links = learned(keeper)
    assert list(places) == ["one query:uid"]
    uid = places["one query:uid"]
    assert (uid.category, uid.form, uid.company, uid.host) == ("cookie_id", "uuid-4", "One", "one.example")
    assert (uid.times, uid.sites, uid.stays) == (3, 2, "sites")
    assert links == []


def test_a_value_that_reached_two_companies_in_two_spellings(keeper: Keeper) -> None:
    """Also where a rule lets one of them pass."""
    send(keeper, f"https://one.example/c?uid={UUID}")
    send(keeper, f"https://two.example/c?let={UUID.replace('-', '').upper()}")
    _, (link,) = learned(keeper)
    assert (link.kind, link.category) == ("identifier", "cookie_id")
    assert {one.company for one in link.companies} == {"One", "Two"}


def test_a_fact_that_rules_let_pass_reached_two_companies(keeper: Keeper) -> None:
    """Whatever it was disguised as."""
    send(keeper, "https://one.example/open?mail=anna%40real.example")
    send(keeper, "https://two.example/open?mail=YW5uYUByZWFsLmV4YW1wbGU=")
    _, (link,) = learned(keeper)
    assert link.words == "your email (email-1) reached One, Two, since 2026-11-20"


def test_the_personas_of_two_companies_share_nothing(keeper: Keeper) -> None:
    """And if they did, that is said aloud."""
    for host in ("one", "two"):
        send(keeper, f"https://{host}.example/c?e=anna%40real.example")
    assert learned(keeper)[1] == []
    person, scope = keeper.person, "two|shop.example"
    shared = replace(person, personas={scope: Persona(scope, person.persona("one|shop.example").values)})
    keeper.engine = keeper.engine.with_person(shared)
    send(keeper, "https://two.example/c?e=anna%40real.example")
    (link,) = learned(keeper)[1]
    assert link.words.startswith("MISTAKE: the email of one persona (email-1) reached One, Two")


def test_while_observing_everything_leaves_as_it_was(keeper: Keeper) -> None:
    """So it is seen."""
    keeper.observe = True
    for host in ("one", "two"):
        send(keeper, f"https://{host}.example/c?e=anna%40real.example&named={UUID}")
    assert {link.kind for link in learned(keeper)[1]} == {"fact", "identifier"}


def test_a_locked_twin_learns_nothing(keeper: Keeper) -> None:
    """There is no key to make digests with."""
    keeper._evidence_key = b""
    send(keeper, f"https://one.example/c?uid={UUID}")
    assert learned(keeper) == ({}, [])


def test_no_value_and_no_site_stands_in_the_file(keeper: Keeper) -> None:
    """Neither plain nor as a digest that anybody could make."""
    send(keeper, f"https://one.example/c?uid={UUID}&uid_{UUID}={OTHER}", cookie=f"anna@real.example={OTHER}")
    keeper.flush()
    with sqlite3.connect(keeper.home.ledger) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        text = "\n".join(connection.iterdump()).lower()
    assert "query:uid" in text
    for value in (UUID, UUID.replace("-", ""), OTHER, "anna@real.example", "shop.example"):
        assert value not in text
        assert not any(make(value.encode()).hexdigest()[:16] in text for make in (md5, sha1, sha256))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("query:uid", "query:uid"),
        ("json:/events/12/user/id", "json:/events/*/user/id"),
        ("protobuf:/1/19", "protobuf:/1/19"),
        ("text/line:3/query:cid", "text/line:*/query:cid"),
        (f"query:uid_{UUID}", "query:uid_*"),
        ("cookie:_hjSession_123456", "cookie:_hjSession_*"),
        ("json:/users/4711815/id", "json:/users/*/id"),
        ("query:a*b", None),
        ("query:" + "a" * 400, None),
    ],
)
def test_places_are_the_same_in_every_message(address: str, place: str | None) -> None:
    """And hold no number that may be somebody's."""
    assert place_of(parse_address(address)) == place


@pytest.mark.captures
def test_captures(captures: list[Path]) -> None:
    """What one day of real trackers teaches, judged by hand: 13 are said to be the person's, of which two are not (the
    number of an advertisement shown, the number of a customer of the tracker's). Two are the site's own: the recording
    does not say that its pages are documents, and a guess makes no party.
    """
    engine, connection = Engine(load(Sources(shipped=(data_path("rules"),))), Person(pseudonym_key=bytes(32))), memory()
    for path in captures:
        source = open_source(str(path))
        for record in records(source):
            if not isinstance(record, Failure):
                outcome = engine.request(record.request, now=NOW, book=Nothing())
                values = seen(outcome, person=engine.person, observed=False)
                learn(connection, sightings(outcome.context, values, now=NOW, key=bytes(32), finds=lambda _: False))
        source.close()
    found = places(connection)
    sure = {f"{one.receiver} {one.at}" for one in found if one.is_sure}
    assert {"agkn.com cookie:uuid", "lystra.se query:fp", "dynamicyield.com query:ses"} <= sure
    assert not sure & {"krxd.net query:_kdpid", "krxd.net query:pub", "facebook-pixel query:id"}  # everybody's
    assert len(sure - {"bbc.co.uk cookie:mmid", "bbc.co.uk cookie:s1"}) <= 16
    assert sum(not one.stays for one in found) > 50  # numbers of events, and what was seen once
    shared = [link for link in links(connection) if "adap.tv" in {one.company for one in link.companies}]
    assert [len(link.companies) for link in shared] == [7]


def memory() -> sqlite3.Connection:
    """The tables of the evidence."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    return connection


class Nothing:
    """A book in which nothing stands."""

    def issued(self, digest: bytes) -> None:
        """Nothing."""
