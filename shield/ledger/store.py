"""The ledger on disk: SQLite in WAL mode, written by one thread, read through connections of their own.

``record`` puts an entry into a bounded queue and returns at once. The writer takes what has gathered every 250 ms,
or as soon as there are 100, and commits it as one batch. When the queue is full entries are dropped and
counted, and the count is written as a row of its own: the ledger says that it is incomplete. A disk that refuses
a batch loses that batch in the same way and stops nothing.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sqlite3
import threading
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from shield.errors import InputError
from shield.ledger.entry import Change, Entry

SCHEMA_VERSION: Final = 1
BATCH_ROWS: Final = 100
BATCH_SECONDS: Final = 0.25
QUEUE_ENTRIES: Final = 10_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY, time TEXT NOT NULL, direction TEXT NOT NULL, method TEXT NOT NULL, host TEXT NOT NULL,
  service TEXT, company TEXT, purpose TEXT, party TEXT NOT NULL, verdict TEXT NOT NULL, layer TEXT NOT NULL,
  rule TEXT, guard TEXT, size_bytes INTEGER, observed INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS message_by_time ON message (time);
CREATE TABLE IF NOT EXISTS change (
  message INTEGER NOT NULL REFERENCES message (id), at TEXT NOT NULL, category TEXT NOT NULL, whose TEXT NOT NULL,
  disguise TEXT NOT NULL, action TEXT NOT NULL, layer TEXT NOT NULL, rule TEXT
);
CREATE INDEX IF NOT EXISTS change_by_message ON change (message);
CREATE TABLE IF NOT EXISTS lost (time TEXT NOT NULL, entries INTEGER NOT NULL, reason TEXT NOT NULL);
"""
_INSERT_MESSAGE: Final = f"INSERT INTO message VALUES (NULL{', ?' * 14})"  # noqa: S608 (question marks)
_INSERT_CHANGE: Final = f"INSERT INTO change VALUES (?{', ?' * 7})"  # noqa: S608


class Ledger:
    """The writing side. Safe to use from several threads.

    Attributes:
        lost: entries that could not be written since it was opened.
        trouble: why the last batch could not be written; empty when all is well.
    """

    def __init__(self, path: Path, *, queue_entries: int = QUEUE_ENTRIES) -> None:
        """Open or make the file (mode 0600) and start the writer.

        Raises:
            InputError: it is no ledger, of a later version, or cannot be written.
        """
        self.path = path
        self.lost = 0
        self.trouble = ""
        self._unsaid: dict[str, int] = {}
        self._count = threading.Lock()
        self._entries: queue.Queue[Entry | threading.Event | None] = queue.Queue(queue_entries)
        self._connection = _connect(path)
        self._writer = threading.Thread(target=self._write_all, name="shield-ledger", daemon=True)
        self._writer.start()
        self._is_closed = False

    def record(self, entry: Entry) -> None:
        """Hand an entry over; never blocks, never raises."""
        try:
            if self._is_closed:
                raise queue.Full
            self._entries.put_nowait(entry)
        except queue.Full:
            self._lose(1, "closed" if self._is_closed else "too many at once")

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until what was recorded before is on disk; False when that takes longer."""
        written = threading.Event()
        try:
            self._entries.put(written, timeout=seconds)
        except queue.Full:
            return False
        return written.wait(seconds)

    def close(self) -> None:
        """Write what is left and stop the writer. Closing twice is nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._entries.put(None)
        self._writer.join()

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            batch, waiting, is_open = self._gather()
            self._write(batch)
            for event in waiting:
                event.set()
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _gather(self) -> tuple[list[Entry], list[threading.Event], bool]:
        """What has come until the batch is full, its time is up, somebody waits, or the end."""
        batch: list[Entry] = []
        first = self._entries.get()
        until = clock.monotonic() + BATCH_SECONDS
        while True:
            if first is None:
                return batch, [], False
            if isinstance(first, threading.Event):
                return batch, [first], True
            batch.append(first)
            if len(batch) >= BATCH_ROWS:
                return batch, [], True
            try:
                first = self._entries.get(timeout=max(0.0, until - clock.monotonic()))
            except queue.Empty:
                return batch, [], True

    def _write(self, batch: list[Entry]) -> None:
        with self._count:
            unsaid, self._unsaid = self._unsaid, {}
        try:
            with self._connection:
                for entry in batch:
                    _insert(self._connection, entry)
                now = _utc(datetime.now(UTC))
                rows = [(now, count, reason) for reason, count in unsaid.items()]
                self._connection.executemany("INSERT INTO lost VALUES (?, ?, ?)", rows)
            self.trouble = ""
        except (sqlite3.Error, ValueError, TypeError) as error:
            self.trouble = type(error).__name__
            self._lose(len(batch), "not written")
            with self._count:
                for reason, count in unsaid.items():
                    self._unsaid[reason] = self._unsaid.get(reason, 0) + count

    def _lose(self, count: int, reason: str) -> None:
        if not count:
            return
        with self._count:
            self.lost += count
            self._unsaid[reason] = self._unsaid.get(reason, 0) + count


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
            _check_version(self._connection, path)
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
            f"SELECT company, service, purpose, host, category, whose, action, verdict, observed, count(*) AS count"  # noqa: S608
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

    def lost(self, *, since: datetime | None = None, until: datetime | None = None) -> int:
        """How many entries are missing."""
        where, values = _where(since, until, None)
        row = self._connection.execute(f"SELECT coalesce(sum(entries), 0) FROM lost {where}", values)  # noqa: S608
        return int(row.fetchone()[0])


def _connect(path: Path) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))  # SQLite gives -wal and -shm the mode of the file
        connection = sqlite3.connect(path, check_same_thread=False, timeout=5)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        _check_version(connection, path)
    except (sqlite3.Error, OSError):
        raise InputError(f"{path} is no ledger, or cannot be written", "move it away; a new one is begun") from None
    return connection


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise InputError(f"{path} is a ledger of version {version}, not {SCHEMA_VERSION}", "update shield")


def _insert(connection: sqlite3.Connection, entry: Entry) -> None:
    message = connection.execute(
        _INSERT_MESSAGE,
        (
            _utc(entry.time), entry.direction, entry.method, entry.host, entry.service, entry.company, entry.purpose,
            entry.party, entry.verdict, entry.layer, entry.rule, entry.guard, entry.size_bytes, int(entry.observed),
        ),
    )  # fmt: skip
    connection.executemany(
        _INSERT_CHANGE,
        [
            (message.lastrowid, one.at, one.category, one.whose, one.disguise, one.action, one.layer, one.rule)
            for one in entry.changes
        ],
    )


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
        ("time >= ?", _utc(since) if since else None),
        ("time < ?", _utc(until) if until else None),
        ("company = ?", company),
    ]
    terms = [(term, value) for term, value in stated if value is not None]
    return ("WHERE " + " AND ".join(term for term, _ in terms)) if terms else "", tuple(value for _, value in terms)


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
