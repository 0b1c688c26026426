"""The ledger: everything that was recorded is there, or counted as lost; sums; never a value."""

from __future__ import annotations

import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shield.address import parse_address
from shield.context import Context
from shield.disguise import Disguise
from shield.errors import InputError
from shield.finding import Ask, Because, Block, Decision, Finding, Forward, Likeness, Redirect
from shield.ledger.entry import LONGEST_ADDRESS, Change, Entry, container, make_entry, safe_address
from shield.ledger.reader import Reader
from shield.ledger.store import Ledger
from shield.ledger.summary import FATES, fate_of, summarize
from shield.tree import Node
from shield.vocabulary import ACTIONS, WHOSE

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STRIP = Change("query:dl", "page_url", action="strip", layer="shipped", rule="google.yaml:41")
CID = Change("query:cid", "cookie_id", action="pseudonymize", layer="shipped", rule="google.yaml:12")


def entry(number: int = 0, **stated: object) -> Entry:
    """One line."""
    usual = {
        "time": NOW + timedelta(seconds=number), "direction": "request", "method": "POST",
        "host": "www.google-analytics.com", "verdict": "forward", "service": "google-analytics", "company": "Google",
        "purpose": "analytics", "party": "third", "layer": "shipped", "rule": "google.yaml:3", "guard": None,
        "size_bytes": 12, "observed": False, "changes": (CID, STRIP),
    }  # fmt: skip
    return Entry(**{**usual, **stated})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where it lies."""
    return tmp_path / "ledger.sqlite"


def written(path: Path, *entries: Entry) -> None:
    """Record and close."""
    ledger = Ledger(path)
    for one in entries:
        ledger.record(one)
    ledger.close()


def test_closing_writes_everything(path: Path) -> None:
    """More than a batch, in order, equal to what was recorded; closing twice is nothing."""
    ledger = Ledger(path)
    entries = [entry(number) for number in range(250)]
    for one in entries:
        ledger.record(one)
    ledger.close()
    ledger.close()
    with Reader(path) as reader:
        assert list(reader.entries(limit=1000)) == entries[::-1]
        assert reader.lost() == 0


def test_every_field_comes_back(path: Path) -> None:
    """Also where it is not known, streamed, observed; another time zone is the same moment."""
    time = NOW.astimezone(timezone(timedelta(hours=2)))
    bare = Entry(time, "response", "GET", "shop.example", "block")
    change = Change("json:/a", "email", "me", "sha256 (google)", "strip", "person", "my.yaml:1")
    full = entry(1, guard="google-login", observed=True, size_bytes=None, changes=(change,))
    written(path, bare, full)
    with Reader(path) as reader:
        assert list(reader.entries()) == [full, bare]


def test_flush_and_read_while_writing(path: Path) -> None:
    """A report sees what is on disk without closing; there is nothing to see before the batch."""
    ledger = Ledger(path)
    ledger.record(entry())
    assert ledger.flush()
    with Reader(path) as reader:
        assert len(list(reader.entries())) == 1
        ledger.record(entry(1))
        assert ledger.flush()
        assert len(list(reader.entries())) == 2
    ledger.close()


def test_a_batch_is_written_without_being_asked(path: Path) -> None:
    """Within its time."""
    ledger = Ledger(path)
    ledger.record(entry())
    with Reader(path) as reader:
        for _ in range(200):
            if list(reader.entries()):
                break
            threading.Event().wait(0.02)
        assert len(list(reader.entries())) == 1
    ledger.close()


def test_overflow_is_counted_and_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that cannot keep up: nothing blocks, what is missing is a row of its own."""
    ledger = Ledger(path, queue_entries=10)
    go = threading.Event()
    real = ledger._write
    monkeypatch.setattr(ledger, "_write", lambda batch: (go.wait(10), real(batch))[1])
    for number in range(1000):
        ledger.record(entry(number))
    lost = ledger.lost
    assert lost > 500
    go.set()
    ledger.flush()
    ledger.record(entry(5000))
    ledger.close()
    with Reader(path) as reader:
        assert len(list(reader.entries(limit=2000))) == 1001 - lost
        assert reader.lost() == lost
        assert summarize(path).lost == lost


def test_a_disk_that_refuses_stops_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is lost, counted, and said as soon as the disk takes something again."""
    ledger = Ledger(path)
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        patch.setattr("shield.ledger.store._insert", full)
        ledger.record(entry())
        assert ledger.flush()
        assert (ledger.lost, ledger.trouble) == (1, "OperationalError")
    ledger.record(entry(1))
    ledger.close()
    assert ledger.trouble == ""
    with Reader(path) as reader:
        assert (len(list(reader.entries())), reader.lost()) == (1, 1)


def test_recording_after_closing_is_counted(path: Path) -> None:
    """A late message raises nothing."""
    ledger = Ledger(path)
    ledger.close()
    ledger.record(entry())
    assert ledger.lost == 1


def test_many_threads(path: Path) -> None:
    """Nothing is lost between them."""
    ledger = Ledger(path)
    threads = [
        threading.Thread(target=lambda: [ledger.record(entry(number)) for number in range(200)]) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()
    with Reader(path) as reader:
        assert sum(row.count for row in reader.messages()) == 1000


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
def test_modes(path: Path) -> None:
    """The file and what SQLite puts beside it."""
    ledger = Ledger(path)
    ledger.record(entry())
    ledger.flush()
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    ledger.close()


def test_reading_changes_nothing(path: Path) -> None:
    """The reader's connection cannot write."""
    written(path, entry())
    with Reader(path) as reader, pytest.raises(sqlite3.OperationalError):
        reader._connection.execute("DELETE FROM message")


def test_what_is_no_ledger(path: Path) -> None:
    """Missing, something else, of a later version: one clear error; the file stays as it is."""
    with pytest.raises(InputError, match="no ledger"):
        Reader(path)
    path.write_bytes(b"something else " * 100)
    for use in (Ledger, Reader):
        with pytest.raises(InputError) as caught:
            use(path)
        assert caught.value.hint
    assert path.read_bytes() == b"something else " * 100
    later = path.with_name("later")
    connection = sqlite3.connect(later)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    for use in (Ledger, Reader):
        with pytest.raises(InputError, match="version 9"):
            use(later)


def test_an_older_process_finds_what_another_wrote(path: Path) -> None:
    """Two ledgers on one file, one after the other."""
    written(path, entry())
    written(path, entry(1))
    with Reader(path) as reader:
        assert len(list(reader.entries())) == 2


def test_from_until_company_limit(path: Path) -> None:
    """The end is not included; times of other zones compare as moments."""
    written(path, *(entry(number, company="Google" if number % 2 else "Meta") for number in range(10)))
    zone = timezone(timedelta(hours=5))
    with Reader(path) as reader:
        part = list(
            reader.entries(since=(NOW + timedelta(seconds=2)).astimezone(zone), until=NOW + timedelta(seconds=5))
        )
        assert [one.time.second for one in part] == [4, 3, 2]
        assert [one.time.second for one in reader.entries(company="Google", limit=2)] == [9, 7]


def test_summary(path: Path) -> None:
    """Per company and category; a value of the persona counts as replaced; observed stands apart."""
    persona = Change("form:email", "email", "persona", action="allow")
    mine = Change("form:email", "email", "me", action="allow")
    written(
        path, entry(), entry(1), entry(2, verdict="block", changes=(CID,)),
        entry(3, company=None, service=None, purpose=None, host="shop.example", changes=(persona, mine)),
        entry(4, observed=True, changes=(STRIP,)),
    )  # fmt: skip
    google, shop = summarize(path).companies
    assert (google.name, google.is_company, google.messages, google.observed) == (
        "Google", True, {"forward": 3, "block": 1}, 1,
    )  # fmt: skip
    assert google.data == {"cookie_id": {"replaced": 2, "blocked": 1}, "page_url": {"withheld": 2}}
    assert google.would == {"page_url": {"withheld": 1}}
    assert (shop.name, shop.is_company, shop.data) == ("shop.example", False, {"email": {"replaced": 1, "sent": 1}})
    assert [google.total(fate) for fate in FATES] == [0, 2, 2, 1]
    shown = google.as_json()
    assert shown["purposes"] == [{"purpose": "analytics", "dpv": "dpv:ServiceUsageAnalytics"}]
    assert shown["data"][0] == {
        "category": "cookie_id", "dpv": "pd:UID", "sent": 0, "replaced": 2, "withheld": 0, "blocked": 1,
    }  # fmt: skip


def test_every_action_has_a_fate() -> None:
    """Of every verdict."""
    for action in (*ACTIONS, ""):
        for verdict in ("forward", "block", "redirect", "ask"):
            for whose in WHOSE:
                assert fate_of(action, verdict, whose) in FATES
    assert fate_of("allow", "forward", "me") == "sent"
    assert fate_of("strip", "block", "me") == "blocked"


def finding(address: str, *, in_name: bool = False, **stated: object) -> Finding:
    """One at an address."""
    node = Node(None, parse_address(address), 0, 0, b"anna@real.example")
    return Finding(node, 0, 17, "email", whose="me", in_name=in_name, **stated)


def test_from_findings_and_decisions() -> None:
    """Decided ones with their rule; the others with the fate of the message."""
    context = Context("POST", "t.example", "/secret/path", "t.example", "s", "C", "analytics", "third")
    shipped = Because("shipped", "r", "c.yaml", 7, action="strip")
    share = Because("share", "share.third.email.analytics", action="strip")
    one, two = finding("query:e"), finding("form:f")
    likeness = Likeness("email-1", "value", Disguise("google", "sha256"))
    hashed = finding("json:/a/0", likeness=likeness)
    made = make_entry(
        time=NOW, context=context, verdict=Forward(shipped), findings=(one, two, hashed),
        decisions=(Decision(one, "strip", shipped), Decision(hashed, "strip", share)), guard="g", size_bytes=3,
    )  # fmt: skip
    assert (made.host, made.company, made.rule, made.guard, made.verdict) == (
        "t.example",
        "C",
        "c.yaml:7",
        "g",
        "forward",
    )
    assert [(change.at, change.disguise, change.action, change.rule) for change in made.changes] == [
        ("query:e", "", "strip", "c.yaml:7"),
        ("json:/a/0", "sha256 (google)", "strip", "share.third.email.analytics"),
        ("form:f", "", "allow", "c.yaml:7"),
    ]
    for verdict, action in ((Block(share), "block"), (Ask(share, ()), "ask"), (Redirect(share, "x"), "redirect")):
        assert make_entry(time=NOW, context=context, verdict=verdict, findings=(one,)).changes[0].action == action


def test_what_nobody_knows_is_grouped() -> None:
    """Thirty fields that one rule strips are one line; those let through are none; sums count all of them."""
    context = Context("POST", "t.example", "/", "t.example", company="C")
    rule, other = Because("shipped", "r", "c.yaml", 7), Because("shipped", "s", "c.yaml", 9)
    fields = [
        Finding(Node(None, parse_address(f"query:p{number}"), 0, 1, b"x"), 0, 1, "unknown") for number in range(32)
    ]
    decisions = [Decision(one, "strip", rule) for one in fields[:30]]
    decisions += [Decision(fields[30], "strip", other), Decision(fields[31], "allow", other)]
    made = make_entry(time=NOW, context=context, verdict=Forward(rule), findings=fields, decisions=decisions)
    assert [(one.at, one.rule, one.count) for one in made.changes] == [
        ("query:p0", "c.yaml:7", 30), ("query:p30", "c.yaml:9", 1),
    ]  # fmt: skip


def test_sums_count_grouped_fields(path: Path) -> None:
    """As many as there were."""
    written(path, entry(changes=(Change("query:p0", "unknown", action="strip", count=30),)))
    assert summarize(path).companies[0].data == {"unknown": {"withheld": 30}}


def test_a_second_finding_in_a_decided_field_is_not_said_to_have_left() -> None:
    """A rule for every field saw it too; what was done about the field is said once."""
    context = Context("POST", "t.example", "/", "t.example")
    one = finding("query:cid")
    too = Finding(one.node, 0, 17, "unknown")
    made = make_entry(
        time=NOW, context=context, verdict=Forward(Because("default")), findings=(one, too),
        decisions=(Decision(one, "strip", Because("shipped")),),
    )  # fmt: skip
    assert [(change.category, change.action) for change in made.changes] == [("email", "strip")]


@pytest.mark.parametrize(
    ("address", "cut"),
    [("query:anna@real.example", "query:"), ("json:/customer/anna@real.example", "json:/customer"),
     ("form:data/json:/anna", "form:data/json:"), ("body", "body"), ("cookie:", "cookie:"), ("json:", "json:"),
     ("query:a:", "query:")],
)  # fmt: skip
def test_a_name_that_holds_a_value_is_cut(address: str, cut: str) -> None:
    """The container stays."""
    if address == "body":
        assert container(address) == cut
    else:
        assert safe_address(parse_address(address), in_name=True) == cut
        assert safe_address(parse_address(address)) == address


def test_addresses_are_bounded() -> None:
    """A page may choose a name of a megabyte."""
    assert len(safe_address(parse_address("query:" + "x" * 10**6))) == LONGEST_ADDRESS


def test_no_value_in_any_row(path: Path) -> None:
    """An entry made from findings whose fields hold facts, in values and in names."""
    context = Context("POST", "t.example", "/anna@real.example", "t.example")
    findings = (finding("query:e"), finding("query:anna@real.example", in_name=True),
                finding("json:/list/anna@real.example", in_name=True))  # fmt: skip
    because = Because("shipped", "r", "c.yaml", 7)
    written(path, make_entry(time=NOW, context=context, verdict=Block(because), findings=findings))
    assert b"anna" not in b"".join(one.read_bytes() for one in path.parent.iterdir())
