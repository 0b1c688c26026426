"""Runs last: no log line of the whole run, and no file that Shield keeps, holds a fact of the sample person."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ear import HEARD

FACTS = re.compile(
    rb"anna@real\.example|anna%40real|4915112345678|Hauptstr(?:\.|%2E|%C3%9F|asse) ?5"
    rb"|1987-03-14|19870314|4111111111111111"
    rb"|Anna[ +]Schmidt|YW5uYUByZWFsLmV4YW1wbG|anna87\b",
    re.IGNORECASE,
)
KEPT = re.compile(r"\.(?:sqlite|db)(?:-wal|-shm)?$|\.journal$|^twin(?:\.\d)?$|\.log$")


def test_no_log_line_holds_a_fact(pytestconfig: pytest.Config) -> None:
    """mitmproxy's own records included; they ran in this process."""
    lines = pytestconfig.stash[HEARD]
    found = [FACTS.sub(b"[fact]", line.encode())[:200] for line in lines if FACTS.search(line.encode())]
    assert found == []


def test_no_file_that_shield_keeps_holds_a_fact(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ledger, journal, twin, with their write-ahead logs and backups."""
    base = tmp_path_factory.getbasetemp()
    kept = [path for path in base.rglob("*") if path.is_file() and KEPT.search(path.name)]
    assert [str(path.relative_to(base)) for path in kept if FACTS.search(path.read_bytes())] == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """The pattern is not one that never matches."""
    (tmp_path / "a").write_bytes(b"x=anna%40real.example")
    assert FACTS.search((tmp_path / "a").read_bytes())
