"""The recorded traffic through the shipped rules: no mistake, and nobody is changed whom no rule concerns."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shield.data import data_path
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.replay.run import Run
from shield.replay.source import Failure, open_source, records
from tests.people import FACTS, sample_person

pytestmark = pytest.mark.captures
COMPANIES = {"Google", "Facebook", "Amazon", "Trackers"}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(Sources(shipped=(data_path("rules"),)))


def test_captures(policy: Policy, captures: list[Path]) -> None:
    run = Run(policy, sample_person())
    assert run.person.facts == FACTS
    counts: Counter[tuple[object, ...]] = Counter()
    strangers: list[object] = []
    for path in captures:
        source = open_source(str(path))
        for record, out in run.outs(records(source)):
            if isinstance(record, Failure):
                continue  # tests/replay is about reading
            assert "error" not in out, out
            counts[out["company"], out["service"], out["verdict"], out["modified"]] += 1
            if out["company"] is None and (out["verdict"] != "forward" or out["modified"]):
                strangers.append((out["id"], out["because"], out["changes"]))
        source.close()
    assert strangers == []
    assert {company for company, *_ in counts} - {None} <= COMPANIES
    done = {company for company, _, verdict, modified in counts if verdict == "block" or modified}
    assert {"Google", "Facebook"} <= done
    assert counts["Google", "google-ads", "forward", False] == 0
    assert counts["Facebook", "facebook-pixel", "forward", False] == 0
