"""The ledger on disk: SQLite in WAL mode, written by one thread, read through connections of their own.

``record`` puts an entry into a bounded queue and returns at once. The writer takes what has gathered every 250 ms,
or as soon as there are 100, and commits it as one batch. When the queue is full entries are dropped and
counted, and the count is written as a row of its own: the ledger says that it is incomplete. A disk that refuses
a batch loses that batch in the same way and stops nothing. ``note`` puts sightings (``evidence``) into the same queue;
they are a sample, and what does not fit is let go without a word.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sqlite3
import threading
import time as clock
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from shield.errors import InputError
from shield.ledger import learning
from shield.ledger.entry import Entry
from shield.ledger.evidence import Sighting

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
  disguise TEXT NOT NULL, action TEXT NOT NULL, layer TEXT NOT NULL, rule TEXT, count INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS change_by_message ON change (message);
CREATE TABLE IF NOT EXISTS lost (time TEXT NOT NULL, entries INTEGER NOT NULL, reason TEXT NOT NULL);
"""
_INSERT_MESSAGE: Final = f"INSERT INTO message VALUES (NULL{', ?' * 14})"  # noqa: S608 (question marks)
_INSERT_CHANGE: Final = f"INSERT INTO change VALUES (?{', ?' * 8})"  # noqa: S608
_Item = Entry | Callable[[], Iterable[Sighting]]


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
        self._entries: queue.Queue[_Item | threading.Event | None] = queue.Queue(queue_entries)
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

    def note(self, make: Callable[[], Iterable[Sighting]]) -> None:
        """Hand over what was seen, as a function that the writer's thread calls; never blocks, never raises."""
        if not self._is_closed:
            with contextlib.suppress(queue.Full):
                self._entries.put_nowait(make)

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

    def _gather(self) -> tuple[list[_Item], list[threading.Event], bool]:
        """What has come until the batch is full, its time is up, somebody waits, or the end."""
        batch: list[_Item] = []
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

    def _write(self, batch: list[_Item]) -> None:
        with self._count:
            unsaid, self._unsaid = self._unsaid, {}
        entries = [one for one in batch if isinstance(one, Entry)]
        seen = [sighting for one in batch if not isinstance(one, Entry) for sighting in _made(one)]
        try:
            with self._connection:
                for entry in entries:
                    _insert(self._connection, entry)
                learning.learn(self._connection, seen)
                now = utc(datetime.now(UTC))
                rows = [(now, count, reason) for reason, count in unsaid.items()]
                self._connection.executemany("INSERT INTO lost VALUES (?, ?, ?)", rows)
            self.trouble = ""
        except (sqlite3.Error, ValueError, TypeError) as error:
            self.trouble = type(error).__name__
            self._lose(len(entries), "not written")
            with self._count:
                for reason, count in unsaid.items():
                    self._unsaid[reason] = self._unsaid.get(reason, 0) + count

    def _lose(self, count: int, reason: str) -> None:
        if not count:
            return
        with self._count:
            self.lost += count
            self._unsaid[reason] = self._unsaid.get(reason, 0) + count


def _made(make: Callable[[], Iterable[Sighting]]) -> tuple[Sighting, ...]:
    """A mistake in what is only evidence must not cost the entries beside it."""
    try:
        return tuple(make())
    except Exception:
        return ()


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
        check_version(connection, path)
        connection.executescript(learning.SCHEMA)
    except (sqlite3.Error, OSError):
        raise InputError(f"{path} is no ledger, or cannot be written", "move it away; a new one is begun") from None
    return connection


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise InputError for a ledger of another version."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise InputError(f"{path} is a ledger of version {version}, not {SCHEMA_VERSION}", "update shield")


def _insert(connection: sqlite3.Connection, entry: Entry) -> None:
    message = connection.execute(
        _INSERT_MESSAGE,
        (
            utc(entry.time), entry.direction, entry.method, entry.host, entry.service, entry.company, entry.purpose,
            entry.party, entry.verdict, entry.layer, entry.rule, entry.guard, entry.size_bytes, int(entry.observed),
        ),
    )  # fmt: skip
    connection.executemany(
        _INSERT_CHANGE,
        [
            (
                message.lastrowid,
                one.at,
                one.category,
                one.whose,
                one.disguise,
                one.action,
                one.layer,
                one.rule,
                one.count,
            )
            for one in entry.changes
        ],
    )


def utc(time: datetime) -> str:
    """As it stands in the file, so that times compare as text."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")
