"""An ear for every log line of the run."""

from __future__ import annotations

import logging

import pytest

HEARD = pytest.StashKey[list[str]]()


class Ear(logging.Handler):
    """Keeps every line that any logger of this process formats, tracebacks included."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it; what cannot be formatted is kept as its template."""
        try:
            self.lines.append(self.format(record))
        except Exception:
            self.lines.append(str(record.msg))
