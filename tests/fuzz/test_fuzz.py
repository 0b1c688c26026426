"""Every target for a bounded number of inputs; ``python -m tests.fuzz`` goes on from here."""

from __future__ import annotations

import pytest

from tests.fuzz.mutate import inputs
from tests.fuzz.targets import TARGETS, Target, check, seeds


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_promises_hold_for_mutated_vectors(target: Target) -> None:
    """No edit, same bytes; one edit, one change; nothing raised; a glance that errs in one direction only; bodies that
    pass have the fields of the whole; what was edited or stripped is nowhere."""
    for data in inputs(seeds(target), target.words, 200, seed=2026):
        check(target, data)
