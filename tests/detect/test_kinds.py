"""Telephones of forty countries, salts, alphabets, scripts and spellings (``tests.bench.kinds_bench``)."""

from __future__ import annotations

from collections import Counter

from tests.bench.kinds_bench import COUNTRIES, cases, is_found


def test_every_kind_is_found() -> None:
    """At least 99.5 of 100 of all, and 98 of each kind."""
    assert len(set(COUNTRIES)) >= 40
    every: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for case in cases():
        every[case.kind] += 1
        found[case.kind] += is_found(case)
    assert found.total() >= 0.995 * every.total()
    assert {kind for kind in every if found[kind] < 0.98 * every[kind]} == set()
