"""Logs hold no value: of foreign records only level, logger and exception type pass.

mitmproxy writes ping payloads, request heads and crashed bodies into its log; asyncio writes exceptions.
Filters of the standard library see only records of their own logger, not those of its children, so the
reduction happens where records are made: one record factory for the process.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

OWN = "shield"
"""Our own records are written by template, without values."""

QUIET = ("mitmproxy", "asyncio", "hpack", "h2")


def is_own(logger: str) -> bool:
    """Whether a record of *logger* was written by Shield."""
    return logger == OWN or logger.startswith(OWN + ".")


def reduced(record: logging.LogRecord) -> logging.LogRecord:
    """Take everything out of *record* that could hold a value."""
    kind = record.exc_info[0] if record.exc_info else None
    record.msg = f"a message of {record.name}" + (f" about {kind.__name__}" if kind else "")
    record.args = ()
    record.exc_info = record.exc_text = record.stack_info = None
    return record


@contextmanager
def only_own_words() -> Iterator[None]:
    """While inside, records of other packages are reduced, and those of QUIET below an error are not made.

    What fails upstream is told to the client, who asked for it.
    """
    before = logging.getLogRecordFactory()

    def factory(name: str, *args: Any, **more: Any) -> logging.LogRecord:
        record = before(name, *args, **more)
        return record if is_own(name) else reduced(record)

    levels = {name: logging.getLogger(name).level for name in QUIET}
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.setLogRecordFactory(factory)
    try:
        yield
    finally:
        logging.setLogRecordFactory(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
