"""The threat model under test: every promise has a test that exists, every test that is named does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (P\d+) \|(.*)\|$", TEXT, re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")


def faults(promise: str) -> list[str]:
    """What is wrong with the tests of one row: none is named, no such file, no such test."""
    named = NAMED.findall(promise)
    if not named:
        return ["no test"]
    return [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or (test and test not in names_in(ROOT / file))
    ]


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("number", "promise"), ROWS)
def test_every_promise_has_a_test(number: str, promise: str) -> None:
    assert faults(promise) == [], number


def test_promises_are_numbered_and_none_is_missed() -> None:
    assert [number for number, _ in ROWS] == [f"P{number}" for number in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 19


def test_a_promise_without_one_is_noticed() -> None:
    assert faults(" Nothing ever breaks. | T1 | ") == ["no test"]
    assert faults(" Nothing. | T1 | `tests/test_engine.py::test_there_is_no_such_test` ") != []
    assert faults(" Nothing. | T1 | `tests/test_nothing.py` ") != []


def test_every_attacker_and_asset_is_met_by_a_promise() -> None:
    """T8 is outside of what Shield can tell, but for what it keeps."""
    attackers = set(re.findall(r"^\| (T\d+) \|", TEXT, re.MULTILINE))
    met = set(re.findall(r"T\d+", " ".join(promise for _, promise in ROWS)))
    assert attackers <= met
