"""docs/rules.md has a line for every word and every key, and its YAML loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shield.policy.conditions import CONDITION
from shield.policy.config import CONFIG
from shield.policy.example import EXAMPLE
from shield.policy.facts import read_facts
from shield.policy.load import Sources, load
from shield.policy.rulefile import FILE
from shield.policy.ruleform import RULE
from shield.vocabulary import ACTIONS, CATEGORIES, GENERALIZATIONS, PLACES, PURPOSES, TYPES

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")]
FIRST_CELLS = {word for row in ROWS for word in re.findall(r"`([^`]+)`", row.split("|")[1])}
KEYS = {key.name for form in (FILE, RULE, CONDITION, CONFIG, EXAMPLE) for key in form.keys}


ARGUMENTS = {"to", "scope", "answer", "otherwise", "add"}


@pytest.mark.parametrize("word", sorted({*CATEGORIES, *ACTIONS, *PURPOSES, *PLACES, *KEYS} - ARGUMENTS))
def test_every_word_has_its_line(word: str) -> None:
    """The first column of some table names it."""
    assert word in FIRST_CELLS


@pytest.mark.parametrize("word", sorted(ARGUMENTS))
def test_every_argument_is_explained_with_its_action(word: str) -> None:
    """The last column of the table of actions names it."""
    assert any(f"`{word}" in row.split("|")[3] for row in ROWS if row.count("|") == 4)


def test_types_and_precisions_are_listed() -> None:
    """Each of them somewhere in the text."""
    words = {*TYPES, *(one for fits in GENERALIZATIONS.values() for one in fits)}
    assert {word for word in words if not re.search(rf"\b{re.escape(word)}\b", TEXT)} == set()


BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_its_examples_load(number: int, tmp_path: Path) -> None:
    """As what they are: rules, configuration, facts."""
    path = tmp_path / "block.yaml"
    path.write_text(BLOCKS[number], encoding="utf-8")
    if BLOCKS[number].startswith("facts:"):
        assert len(read_facts(path)) == 3
    elif BLOCKS[number].startswith("share:"):
        assert load(Sources(config=path)).share
    else:
        policy = load(Sources((path,)))
        assert policy.rules or policy.services
