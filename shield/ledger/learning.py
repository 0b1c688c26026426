"""Sightings on disk: counted per place and value, never stored one by one, and bounded whatever pages make up.

Beside the entries of the ledger stand three tables: ``place`` (a field of a receiver), ``value`` (a keyed digest
there), ``value_site`` (keyed digests of sites). They came later than the first ledgers and old programs do not mind
them, so they are made where they are missing and the version stays.

Bounds: PLACES in all, PLACES_OF_ONE per receiver, VALUES per place, SITES per value. What was seen least, then longest
ago, goes first; of values only those that were seen once, so what stays is not driven out by what changes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from shield.ledger.evidence import Link, Place, Reached, Sighting, Value

PLACES: Final = 2000
PLACES_OF_ONE: Final = 100
VALUES: Final = 16
SITES: Final = 16

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS place (
  id INTEGER PRIMARY KEY, receiver TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, company TEXT NOT NULL,
  host TEXT NOT NULL, category TEXT NOT NULL, form TEXT NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
  times INTEGER NOT NULL, days INTEGER NOT NULL, forgotten INTEGER NOT NULL, UNIQUE (receiver, at, kind)
);
CREATE TABLE IF NOT EXISTS value (
  place INTEGER NOT NULL REFERENCES place (id), digest BLOB NOT NULL, subject TEXT NOT NULL, first TEXT NOT NULL,
  last TEXT NOT NULL, times INTEGER NOT NULL, days INTEGER NOT NULL, PRIMARY KEY (place, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS value_by_digest ON value (digest);
CREATE TABLE IF NOT EXISTS value_site (
  place INTEGER NOT NULL, digest BLOB NOT NULL, site BLOB NOT NULL, PRIMARY KEY (place, digest, site)
) WITHOUT ROWID;
"""


def learn(connection: sqlite3.Connection, sightings: Iterable[Sighting]) -> None:
    """Count what was seen. Part of the caller's transaction.

    Cost: some 30 us each.
    """
    for one in sightings:
        time = one.time.astimezone(UTC).isoformat(timespec="seconds")
        _note_value(connection, _note_place(connection, one, time), one, time)


def _note_place(connection: sqlite3.Connection, one: Sighting, time: str) -> int:
    key = (one.receiver, one.at, one.kind)
    found = connection.execute("SELECT id FROM place WHERE receiver = ? AND at = ? AND kind = ?", key).fetchone()
    if found is None:
        _make_room(connection, one.receiver)
        row = (*key, one.company, one.host, one.category, one.form, time, time)
        made = connection.execute("INSERT INTO place VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 0)", row)
        return int(made.lastrowid or 0)
    connection.execute(
        "UPDATE place SET times = times + 1, days = days + (substr(last, 1, 10) < ?), last = max(last, ?), host = ?,"
        " form = ?, category = CASE ? WHEN 'unknown' THEN category ELSE ? END WHERE id = ?",
        (time[:10], time, one.host, one.form, one.category, one.category, found[0]),
    )
    return int(found[0])


def _make_room(connection: sqlite3.Connection, receiver: str) -> None:
    """Let places go until there is room for one more: of this receiver if it has many, else of all."""
    of_one = connection.execute("SELECT count(*) FROM place WHERE receiver = ?", (receiver,)).fetchone()[0]
    where, values = ("WHERE receiver = ?", (receiver,)) if of_one >= PLACES_OF_ONE else ("", ())
    if not where and connection.execute("SELECT count(*) FROM place").fetchone()[0] < PLACES:
        return
    order = "ORDER BY kind IN ('fact', 'persona'), times, last LIMIT 1"
    gone = connection.execute(f"SELECT id FROM place {where} {order}", values).fetchone()  # noqa: S608 (our own words)
    for table, column in (("value_site", "place"), ("value", "place"), ("place", "id")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608


def _note_value(connection: sqlite3.Connection, place: int, one: Sighting, time: str) -> None:
    known = connection.execute(
        "UPDATE value SET times = times + 1, days = days + (substr(last, 1, 10) < ?), last = max(last, ?)"
        " WHERE place = ? AND digest = ?",
        (time[:10], time, place, one.digest),
    )
    if not known.rowcount:
        if not _has_room(connection, place):
            connection.execute("UPDATE place SET forgotten = forgotten + 1 WHERE id = ?", (place,))
            return
        row = (place, one.digest, one.subject, time, time)
        connection.execute("INSERT INTO value VALUES (?, ?, ?, ?, ?, 1, 1)", row)
    if one.site:
        key = (place, one.digest)
        count = "SELECT count(*) FROM value_site WHERE place = ? AND digest = ?"
        if connection.execute(count, key).fetchone()[0] < SITES:
            connection.execute("INSERT OR IGNORE INTO value_site VALUES (?, ?, ?)", (*key, one.site))


def _has_room(connection: sqlite3.Connection, place: int) -> bool:
    """Whether one more value fits; one that was seen once, longest ago, makes room."""
    count = connection.execute("SELECT count(*) FROM value WHERE place = ?", (place,)).fetchone()[0]
    if count < VALUES:
        return True
    once = "SELECT digest FROM value WHERE place = ? AND times = 1 ORDER BY last LIMIT 1"
    gone = connection.execute(once, (place,)).fetchone()
    if gone is None:
        return False
    for table in ("value_site", "value"):
        connection.execute(f"DELETE FROM {table} WHERE place = ? AND digest = ?", (place, gone[0]))  # noqa: S608
    connection.execute("UPDATE place SET forgotten = forgotten + 1 WHERE id = ?", (place,))
    return True


def places(connection: sqlite3.Connection) -> list[Place]:
    """Every field in which no rule names an identifier; none in a ledger that has learned nothing yet."""
    if not _is_there(connection):
        return []
    values: dict[int, list[Value]] = {}
    for row in connection.execute(
        "SELECT place, first, last, times, days, (SELECT count(*) FROM value_site AS s"
        " WHERE s.place = value.place AND s.digest = value.digest) FROM value ORDER BY times DESC, days DESC"
    ):
        values.setdefault(row[0], []).append(Value(_time(row[1]), _time(row[2]), *row[3:]))
    rows = connection.execute(
        "SELECT id, receiver, company, host, at, kind, category, form, first, last, times, days, forgotten,"
        " (SELECT count(DISTINCT site) FROM value_site WHERE place = id)"
        " FROM place WHERE kind = 'identifier' ORDER BY receiver, at"
    )
    return [_place(row, tuple(values.get(row[0], ()))) for row in rows]


def _place(row: tuple[Any, ...], values: tuple[Value, ...]) -> Place:
    receiver, company, host, at, kind, category, form, first, last, times, days, forgotten, sites = row[1:]
    return Place(
        receiver,
        company,
        host,
        at,
        kind,
        category,
        form,
        _time(first),
        _time(last),
        times,
        days,
        forgotten,
        sites,
        values,
    )


def links(connection: sqlite3.Connection) -> list[Link]:
    """Every value that reached more than one company: personas' first, then facts, then identifiers."""
    if not _is_there(connection):
        return []
    rows = connection.execute(
        "SELECT digest, kind, category, subject, company, at, value.first, value.last, value.times"
        " FROM value JOIN place ON place.id = value.place WHERE digest IN (SELECT digest FROM value"
        " JOIN place ON place.id = value.place GROUP BY digest HAVING count(DISTINCT company) > 1)"
        " ORDER BY digest, value.first, company, at"
    )
    found: dict[bytes, list[tuple[Any, ...]]] = {}
    for digest, *rest in rows:
        found.setdefault(digest, []).append(tuple(rest))
    made: dict[tuple[Any, ...], Link] = {}
    for link in (_link(group) for group in found.values() if _is_worth_a_word(group)):
        known = made.get(link.same_as)
        made[link.same_as] = link if known is None or link.since < known.since else known
    return sorted(made.values(), key=lambda one: (_LOUDEST.index(one.kind), one.since))


def _is_worth_a_word(rows: list[tuple[Any, ...]]) -> bool:
    """Not a number that nobody knows and that several companies got once: that of one event, or of one page."""
    known = any(kind in ("fact", "persona") or category != "unknown" for kind, category, *_ in rows)
    return known or sum(row[-1] for row in rows) > len(rows)


_LOUDEST: Final = ("persona", "fact", "identifier")


def _link(rows: list[tuple[Any, ...]]) -> Link:
    """The rows of one digest, the earliest first."""
    reached: dict[str, Reached] = {}
    for _, _, _, company, at, first, *_ in rows:
        reached.setdefault(company, Reached(company, at, _time(first)))
    kind = rows[0][0]
    category = next((row[1] for row in rows if row[1] != "unknown"), "unknown")
    last = max(_time(row[6]) for row in rows)
    return Link("identifier" if kind == "named" else kind, category, rows[0][2], tuple(reached.values()), last)


def _is_there(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'value_site'").fetchone() is not None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
