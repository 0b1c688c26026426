"""The memory that an upload takes does not depend on its size (`tests/bench/upload_bench.py` measures 2 GB)."""

from __future__ import annotations

import sys

import pytest

from tests.bench.upload_bench import MB, measure

MEGABYTES = 20
MOST_MB = 15
"""Of growth; the bodies are larger than that, and a body that was queued or held would be twice in memory."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_an_upload_is_never_held() -> None:
    """Sent as fast as it is taken; the fact at its end stays here, and of a blocked one nothing leaves."""
    plain, fact, blocked = await measure(["h1-length", "h2-fact", "blocked"], MEGABYTES, is_one=True)
    assert max(one.grown_mb for one in (plain, fact, blocked)) < MOST_MB
    assert not any(one.leaked for one in (plain, fact, blocked))
    assert (plain.status, plain.arrived) == ("200", MEGABYTES * MB)
    assert fact.status == blocked.status == "413"
    assert fact.arrived < MEGABYTES * MB
    assert blocked.arrived == 0
