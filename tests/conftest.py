"""Fixtures for every room: the recorded traffic where it is at hand, and an ear for every log line."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.ear import HEARD, Ear

settings.register_profile("ci", derandomize=True)  # a run of CI says something about the change, not about chance
if os.environ.get("CI"):
    settings.load_profile("ci")

CAPTURES = Path(__file__).parent.parent.parent / "shared" / "captures"
LAST = "tests/test_zz_nothing_leaked.py"


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
