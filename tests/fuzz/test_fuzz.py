"""Every target for a bounded number of inputs; ``python -m tests.fuzz`` goes on from here."""

from __future__ import annotations

import pytest

from shield.message import first_header
from tests.fuzz.mutate import inputs
from tests.fuzz.passing import check_split
from tests.fuzz.targets import TARGETS, Target, check, check_request, seeds
from tests.wire.vectors import Vector, load

FIELDS = 3
"""Of each vector that are edited and stripped, one at a time."""
CUTS = (5, 10, 15)
"""Numbers that mean pieces of two bytes, three, and seven, with room for each field."""


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_promises_hold_for_mutated_vectors(target: Target) -> None:
    """No edit, same bytes; one edit, one change; nothing raised; a glance that errs in one direction only; bodies that
    pass have the fields of the whole; what was edited or stripped is nowhere."""
    for data in inputs(seeds(target), target.words, 120, seed=2026):
        check(target, data)


@pytest.mark.parametrize("vector", load(), ids=str)
def test_promises_hold_for_vectors(vector: Vector) -> None:
    """The same for what stands in the specifications and test suites, fed in single bytes and small pieces too."""
    for number in range(FIELDS):
        check_request(vector.request, number)
    kind = first_header(vector.request.headers, b"content-type") or b""
    is_packed = first_header(vector.request.headers, b"content-encoding") is not None
    for number in () if is_packed else (0, *CUTS):
        check_split(kind, vector.request.body or b"", number)
