"""Recorded traffic of nobody: pages loaded without a session hold nobody's data, so every shape in it is false."""

from __future__ import annotations

from pathlib import Path

import pytest

from shield.detect.shapes import Shapes
from shield.replay.source import Failure, open_source, records
from shield.wire import reader

pytestmark = pytest.mark.captures
MOST = 2
"""In some 35,000 fields."""


def test_nothing_is_taken_for_somebodys(captures: list[Path]) -> None:
    shapes, found, fields = Shapes(), [], 0
    for path in captures:
        source = open_source(str(path))
        for record in records(source):
            if isinstance(record, Failure):
                continue
            opened = reader.read(record.request)
            fields += sum(1 for _ in opened.fields())
            found += [(record.request.host, one.at, one.category) for one in shapes.find(opened)]
        source.close()
    assert fields > 30_000
    assert len(found) <= MOST, found
