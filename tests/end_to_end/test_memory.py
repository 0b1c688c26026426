"""The memory that an upload takes does not depend on its size (`tests/bench/upload_bench.py` measures 2 GB)."""

from __future__ import annotations

import sys

import pytest

from tests.bench.upload_bench import measure

MOST_MB = 30
"""Of growth; the bodies are larger than that, and a body that was queued or held would be twice in memory."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("way", ["h1-length", "h2-fact", "blocked"])
async def test_an_upload_is_never_held(way: str) -> None:
    """Sent as fast as it is taken; the fact at its end stays here, and a blocked one is not read to its end."""
    result = (await measure([way], 40))[0]
    assert result.grown_mb < MOST_MB
    assert not result.leaked
    if way == "h1-length":
        assert (result.status, result.arrived) == ("200", 40_000_000)
    else:
        assert result.status == "413"
        assert result.arrived < 40_000_000
    if way == "blocked":
        assert result.arrived == 0
        assert result.sent < 30_000_000
