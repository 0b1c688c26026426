"""Fixtures for every room: the sample person, and the recorded traffic where it is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

CAPTURES = Path(__file__).parent.parent.parent / "shared" / "captures"


@pytest.fixture(scope="session")
def captures() -> list[Path]:
    """The HAR files of the shared folder; skips where they are missing."""
    found = sorted(CAPTURES.glob("*.har.gz"))
    if not found:
        pytest.skip("the recorded traffic (../shared/captures) is not here")
    return found
