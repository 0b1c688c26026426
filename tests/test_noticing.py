"""What presidio notices becomes a line of the ledger: category, place, receiver, and never a value."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shield.keeper import Keeper
from shield.keeper.noticing import Noticing
from shield.ledger.entry import Entry
from shield.ledger.reader import Reader
from shield.ledger.summary import NOTICED, summarize
from shield.message import Request
from shield.policy.rule import Config
from shield.presidio.worker import Done, Places

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakeWorker:
    """Finds the same in every message, at once."""

    trouble = hint = ""

    def __init__(self, model: str = "", places: Places | None = None) -> None:
        self.model = model
        self.places = places or []
        self.seen: list[Any] = []
        self.closed = False

    def offer(self, message: Any, done: Done) -> bool:
        self.seen.append(message)
        if self.places:
            done(self.places)
        return True

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def keeper(tmp_path: Path) -> Any:
    with Keeper.open(tmp_path / "home") as one:
        yield one


def request(host: str, target: bytes, body: bytes = b"") -> Request:
    lines = ((b"Host", host.encode()), (b"Content-Type", b"application/json"))
    return Request("POST", "https", host, 443, target, lines, body, type="xhr", page="https://shop.example/")


def noticed(keeper: Any, places: Places, message: Request) -> tuple[FakeWorker, list[Entry]]:
    worker = FakeWorker(places=places)
    keeper.noticing.worker = worker
    outcome = keeper.engine.request(message, now=NOW, book=keeper.book)
    keeper.record_outcome(outcome, now=NOW)
    keeper.flush()
    with Reader(keeper.home.ledger) as reader:
        return worker, [entry for entry in reader.entries() if entry.verdict == NOTICED]


def test_a_line_says_what_where_and_to_whom(keeper: Any) -> None:
    places = [("json:\x1ftext", "phone"), ("json:\x1ftext", "name")]
    worker, entries = noticed(keeper, places, request("shop.example", b"/m", b'{"text":"call Bob at 0151 99998888"}'))
    assert [(entry.host, entry.layer, entry.direction) for entry in entries] == [
        ("shop.example", "presidio", "request")
    ]
    assert [(one.at, one.category, one.whose, one.action) for one in entries[0].changes] == [
        ("json:/text", "phone", "unknown", "allow"),
        ("json:/text", "name", "unknown", "allow"),
    ]
    assert len(worker.seen) == 1


def test_what_the_engine_found_is_not_told_again(keeper: Any) -> None:
    places = [("query:\x1fto", "email"), ("query:\x1fto", "phone")]
    _, entries = noticed(keeper, places, request("shop.example", b"/m?to=bob@firma.de"))
    assert [one.category for one in entries[0].changes] == ["phone"]


def test_a_message_counts_once(keeper: Any) -> None:
    noticed(keeper, [("query:\x1fq", "phone")], request("shop.example", b"/m?to=bob@firma.de&q=x"))
    summary = summarize(keeper.home.ledger)
    (company,) = summary.companies
    assert company.messages == {"forward": 1}
    assert {category: fates.get("sent") for category, fates in company.data.items()} == {"email": 1, "phone": 1}


def test_nothing_is_handed_over_that_did_not_leave_or_is_nobodys_business(keeper: Any) -> None:
    blocked, _ = noticed(keeper, [], request("pagead2.googlesyndication.com", b"/pagead/gen_204?id=1"))
    guarded, _ = noticed(keeper, [], request("accounts.google.com", b"/signin", b'{"a":1}'))
    assert (blocked.seen, guarded.seen) == ([], [])


def test_a_tracker_is_looked_at_as_it_left(keeper: Any) -> None:
    """What was taken out is not looked for again."""
    worker, _ = noticed(
        keeper, [], request("www.google-analytics.com", b"/g/collect?v=2&tid=G-TEST12345&cid=1.2&ep.mail=bob@firma.de")
    )
    assert b"firma" not in worker.seen[0].target


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("json:\x1fpeople\x1fbob@firma.de\x1ftel", "json:/people…"),
        ("query:\x1fbob@firma.de", "query:…"),
        ("json:\x1fa\x1f0\x1ftext", "json:/a/0/text"),
    ],
)
def test_a_name_that_is_a_value_is_cut(keeper: Any, address: str, shown: str) -> None:
    _, entries = noticed(keeper, [(address, "phone")], request("shop.example", b"/m"))
    assert [one.at for one in entries[0].changes] == [shown]


def test_a_guess_of_the_engine_below_such_a_name_is_cut_too(keeper: Any) -> None:
    body = b'{"people":{"bob@firma.de":{"tel":"0151 99998888"}}}'
    outcome = keeper.engine.request(request("shop.example", b"/m", body), now=NOW, book=keeper.book)
    keeper.record_outcome(outcome, now=NOW)
    keeper.flush()
    assert b"firma" not in b"".join(path.read_bytes() for path in keeper.home.path.glob("ledger*"))
    with Reader(keeper.home.ledger) as reader:
        assert [one.at for entry in reader.entries() for one in entry.changes] == ["json:/people…"]


def test_it_follows_the_configuration() -> None:
    made: list[FakeWorker] = []

    def make(model: str) -> Any:
        made.append(FakeWorker(model))
        return made[-1]

    one = Noticing(lambda entry: None, make=make)
    one.follow(Config())
    assert one.worker is None
    one.follow(Config(presidio=True))
    one.follow(Config(presidio=True, port=1))
    one.follow(Config(presidio=True, model="folder"))
    one.follow(Config())
    assert one.worker is None
    assert [(worker.model, worker.closed) for worker in made] == [("", True), ("folder", True)]


def test_the_configuration_starts_it_and_closing_ends_it(tmp_path: Path) -> None:
    """Presidio itself: a message in, a line in the ledger out."""
    config = tmp_path / "shield.yaml"
    config.write_text("detect: {presidio: true}\n")
    with Keeper.open(tmp_path / "home", config=config) as keeper:
        worker = keeper.noticing.worker
        assert worker is not None
        assert worker.wait_until_settled(90)
        assert worker.state == "running"
        sent = request("shop.example", b"/m", b'{"text":"please call my phone 0151 99998888 tonight"}')
        keeper.record_outcome(keeper.engine.request(sent, now=NOW, book=keeper.book), now=NOW)
        while not worker.looked_at + worker.left_out:
            worker._closing.wait(0.05)
        process = worker._process
    assert process is not None
    assert process.poll() is not None
    with Reader(tmp_path / "home" / "ledger.sqlite") as reader:
        found = [(entry.verdict, one.at, one.category) for entry in reader.entries() for one in entry.changes]
    assert found == [(NOTICED, "json:/text", "phone")]
