"""The ledger read: entries and sums, through a read-only connection of its own, while another process writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shield.errors import InputError
from shield.ledger import learning
from shield.ledger.entry import Change, Entry
from shield.ledger.evidence import Link, Place
from shield.ledger.store import check_version, utc


@dataclass(frozen=True, slots=True)
class Total:
    """How many findings of one kind met one fate; a row of the summary.

    *action* is that of the change; *verdict* that of its message.
    """

    company: str | None
    service: str | None
    purpose: str | None
    host: str
    category: str
    whose: str
    action: str
    verdict: str
    observed: bool
    count: int


@dataclass(frozen=True, slots=True)
class Messages:
    """How many messages to one receiver met one verdict."""

    company: str | None
    service: str | None
    purpose: str | None
    host: str
    verdict: str
    observed: bool
    count: int


class Reader:
    """The reading side: a read-only connection of its own, to be used by one thread; closes with ``with``."""

    def __init__(self, path: Path) -> None:
        """Open an existing ledger.

        Raises:
            InputError: there is none, or it is no ledger.
        """
        if not path.exists():
            raise InputError(f"there is no ledger at {path}", "shield run writes one")
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            self._connection.row_factory = sqlite3.Row
            check_version(self._connection, path)
        except sqlite3.Error:
            raise InputError(f"{path} is no ledger", "move it away") from None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def entries(
        self, *, since: datetime | None = None, until: datetime | None = None, company: str | None = None,
        limit: int = 1000,
    ) -> Iterator[Entry]:  # fmt: skip
        """The latest entries, newest first; *until* itself is not included."""
        where, values = _where(since, until, company)
        rows = self._connection.execute(
            f"SELECT * FROM message {where} ORDER BY time DESC, id DESC LIMIT ?",  # noqa: S608
            (*values, limit),
        )
        for row in rows.fetchall():
            changes = self._connection.execute("SELECT * FROM change WHERE message = ? ORDER BY rowid", (row["id"],))
            yield _entry(row, tuple(Change(*one[1:]) for one in changes))

    def totals(self, *, since: datetime | None = None, until: datetime | None = None) -> list[Total]:
        """Findings counted by receiver, category and fate."""
        where, values = _where(since, until, None)
        rows = self._connection.execute(
            f"SELECT company, service, purpose, host, category, whose, action, verdict, observed, sum(count) AS count"  # noqa: S608
            f" FROM message JOIN change ON change.message = message.id {where}"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
            values,
        )
        return [Total(**_named(row)) for row in rows]

    def messages(self, *, since: datetime | None = None, until: datetime | None = None) -> list[Messages]:
        """Messages counted by receiver and verdict."""
        where, values = _where(since, until, None)
        rows = self._connection.execute(
            f"SELECT company, service, purpose, host, verdict, observed, count(*) AS count FROM message {where}"  # noqa: S608
            " GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6",
            values,
        )
        return [Messages(**_named(row)) for row in rows]

    def places(self, *, since: datetime | None = None) -> list[Place]:
        """The fields in which values that no rule names were seen, what is known about each."""
        return [one for one in learning.places(self._connection) if since is None or one.last >= since]

    def links(self, *, since: datetime | None = None) -> list[Link]:
        """The values that reached more than one company; *since*: one of them not longer ago."""
        return [one for one in learning.links(self._connection) if since is None or one.last >= since]

    def lost(self, *, since: datetime | None = None, until: datetime | None = None) -> int:
        """How many entries are missing."""
        where, values = _where(since, until, None)
        row = self._connection.execute(f"SELECT coalesce(sum(entries), 0) FROM lost {where}", values)  # noqa: S608
        return int(row.fetchone()[0])


def _entry(row: sqlite3.Row, changes: tuple[Change, ...]) -> Entry:
    named = _named(row)
    named["time"] = datetime.fromisoformat(named["time"])
    del named["id"]
    return Entry(**named, changes=changes)


def _named(row: sqlite3.Row) -> dict[str, Any]:
    named = dict(row)
    named["observed"] = bool(named["observed"])
    return named


def _where(since: datetime | None, until: datetime | None, company: str | None) -> tuple[str, tuple[str, ...]]:
    stated: list[tuple[str, str | None]]
    stated = [
        ("time >= ?", utc(since) if since else None),
        ("time < ?", utc(until) if until else None),
        ("company = ?", company),
    ]
    terms = [(term, value) for term, value in stated if value is not None]
    return ("WHERE " + " AND ".join(term for term, _ in terms)) if terms else "", tuple(value for _, value in terms)
