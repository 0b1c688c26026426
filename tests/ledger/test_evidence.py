"""Evidence: what stays and what changes, across sites and companies; bounded, and never a value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from shield.ledger import learning
from shield.ledger.entry import Entry
from shield.ledger.evidence import Link, Place, Sighting
from shield.ledger.learning import PLACES_OF_ONE, VALUES, learn, links, places
from shield.ledger.reader import Reader
from shield.ledger.store import Ledger

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
UID = Sighting(
    NOW, "t.example", "t.example", "a.t.example", "query:uid", "identifier", "cookie_id", b"", form="uuid-4"
)  # fmt: skip


def seen(value: str = "a", *, day: int = 0, site: str = "", **stated: object) -> Sighting:
    """One sighting of *value*."""
    digests = {
        "digest": sha256(value.encode()).digest()[:16],
        "site": sha256(site.encode()).digest()[:8] if site else b"",
    }
    return replace(UID, time=NOW + timedelta(days=day), **{**digests, **stated})  # type: ignore[arg-type]


@pytest.fixture
def connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.executescript(learning.SCHEMA)
    return made


def place_of(connection: sqlite3.Connection, sightings: Iterable[Sighting]) -> Place:
    """The one place that was seen."""
    learn(connection, sightings)
    (place,) = places(connection)
    return place


@pytest.mark.parametrize(
    ("sightings", "stays", "words"),
    [
        ([seen()] * 2, "", "seen 2 times on 1 day, another one each time"),
        ([seen()] * 3, "always", "seen 3 times on 1 day, always the same"),
        ([seen(day=day) for day in (0, 1, 1, 4)], "always", "seen 4 times on 3 days, always the same"),
        ([seen(str(number)) for number in range(40)], "", "seen 40 times on 1 day, another one each time"),
        ([seen(site="a"), seen(site="b")], "sites", "seen 2 times on 1 day, on 2 sites, the same on several sites"),
        (
            [seen("a", site="a"), seen("b", site="b")] * 3, "per site",
            "seen 6 times on 1 day, on 2 sites, one for each site",
        ),
        ([seen(str(number // 4)) for number in range(16)], "visit", "seen 16 times on 1 day, the same during a visit"),
        (
            [seen(str(number // 9), day=number // 3) for number in range(27)], "days",
            "seen 27 times on 9 days, the same for days",
        ),
    ],
)  # fmt: skip
def test_what_stays_is_told_from_what_changes(
    connection: sqlite3.Connection, sightings: list[Sighting], stays: str, words: str
) -> None:
    """In words that a person can judge."""
    place = place_of(connection, sightings)
    assert (place.stays, place.words) == (stays, words)


def test_a_form_that_says_nothing_may_be_everybodys(connection: sqlite3.Connection) -> None:
    """Unless it stands in a cookie: the key of a shop is the same as long as one is at that shop."""
    sightings = [seen(category="unknown")] * 3
    assert place_of(connection, sightings).words.endswith("always the same, yours, or a number that everybody sends")
    learn(connection, [seen(category="unknown", at="cookie:a")] * 3)
    assert [one.is_sure for one in places(connection)] == [True, False]


def test_what_stays_is_found_among_what_changes(connection: sqlite3.Connection) -> None:
    """Numbers of events do not drive out the value that comes back."""
    sightings = [one for number in range(60) for one in (seen(str(number)), seen("mine", day=number % 2))]
    place = place_of(connection, sightings)
    assert place.values[0].times == 60
    assert len(place.values) <= VALUES
    assert place.times == 120


def test_a_page_that_makes_up_names_fills_nothing(connection: sqlite3.Connection) -> None:
    """Neither in its own corner, nor beyond; what was seen often stays."""
    learn(connection, [seen(at="query:kept")] * 3)
    learn(connection, [seen(str(number), at=f"query:a{number}") for number in range(3 * PLACES_OF_ONE)])
    learn(connection, [seen(receiver="u.example")] * 3)
    found = places(connection)
    assert len(found) <= PLACES_OF_ONE + 1
    assert {("t.example", "query:kept"), ("u.example", "query:uid")} <= {(one.receiver, one.at) for one in found}
    count = connection.execute("SELECT count(*) FROM value").fetchone()[0]
    assert count <= 2 * (PLACES_OF_ONE + 1)


def test_the_whole_is_bounded(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand trackers are not."""
    monkeypatch.setattr(learning, "PLACES", 50)
    fact = seen("fact", kind="fact", category="email", subject="email-1", receiver="f.example")
    learn(connection, [fact, *(seen(receiver=f"t{number}.example") for number in range(200))])
    assert connection.execute("SELECT count(*) FROM place").fetchone()[0] == 50
    assert connection.execute("SELECT count(*) FROM place WHERE kind = 'fact'").fetchone()[0] == 1


def two_companies(connection: sqlite3.Connection, **stated: object) -> list[Link]:
    """The same value at one company, and two days later at another."""
    learn(connection, [seen(company="Tracker", **stated), seen(company="Tracker", **stated)])  # type: ignore[arg-type]
    learn(connection, [seen(day=2, receiver="o", company="Other", at="query:puid", **stated)])  # type: ignore[arg-type]
    return links(connection)


def test_one_value_at_two_companies(connection: sqlite3.Connection) -> None:
    """With what they know it by, since the second knows it."""
    (link,) = two_companies(connection)
    assert link.words == "the same cookie_id reached Tracker, Other, since 2026-11-22 (query:uid, query:puid)"
    learn(connection, [seen("b", receiver=f"t{number}", company="Third") for number in range(3)])
    assert len(links(connection)) == 1  # services of one company are no news


def test_a_fact_and_a_persona_at_two_companies(connection: sqlite3.Connection) -> None:
    """The mistake comes first."""
    two_companies(connection, kind="fact", category="email", subject="email-1")
    learn(connection, [
        seen("hers", receiver=name, company=name, kind="persona", category="email", subject="email-1")
        for name in ("Tracker", "Other")
    ])  # fmt: skip
    loud, fact = links(connection)
    assert loud.words.startswith("MISTAKE: the email of one persona (email-1) reached Other, Tracker, since 2026-11-20")
    assert fact.words == "your email (email-1) reached Tracker, Other, since 2026-11-22"


def test_the_number_of_one_event_joins_nobody(connection: sqlite3.Connection) -> None:
    """An auction sends one number to everybody, once."""
    learn(connection, [seen(receiver=name, company=name, category="unknown") for name in "abcdef"])
    assert links(connection) == []


def test_places_that_rules_name_are_compared_and_not_reported(connection: sqlite3.Connection) -> None:
    """They have their rule."""
    assert len(two_companies(connection, kind="named")) == 1
    assert places(connection) == []


def test_through_the_ledger(tmp_path: Path) -> None:
    """Beside entries, in an old file too; a mistake in the evidence costs no entry; since when."""
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    with sqlite3.connect(path) as connection:
        for table in ("place", "value", "value_site"):
            connection.execute(f"DROP TABLE {table}")
    with Reader(path) as reader:
        assert (reader.places(), reader.links()) == ([], [])
    ledger = Ledger(path)

    def broken() -> list[Sighting]:
        raise RuntimeError("broken on purpose")

    ledger.note(broken)
    ledger.record(Entry(NOW, "request", "GET", "t.example", "forward"))
    ledger.note(lambda: [seen()] * 3)
    ledger.close()
    ledger.note(lambda: [seen("late")])
    with Reader(path) as reader:
        assert [one.times for one in reader.places()] == [3]
        assert reader.places(since=NOW + timedelta(days=1)) == []
        assert (len(list(reader.entries())), reader.lost()) == (1, 0)
