"""Fixtures for every room: the recorded traffic where it is at hand, and an ear for every log line."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

CAPTURES = Path(__file__).parent.parent.parent / "shared" / "captures"
HEARD = pytest.StashKey[list[str]]()
LAST = "tests/test_zz_nothing_leaked.py"


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


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the root logger for the whole run."""
    config.stash[HEARD] = []
    logging.getLogger().addHandler(Ear(config.stash[HEARD]))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The search through all logs and files runs last."""
    items.sort(key=lambda item: item.nodeid.startswith(LAST))


@pytest.fixture(scope="session")
def captures() -> list[Path]:
    """The HAR files of the shared folder; skips where they are missing."""
    found = sorted(CAPTURES.glob("*.har.gz"))
    if not found:
        pytest.skip("the recorded traffic (../shared/captures) is not here")
    return found
