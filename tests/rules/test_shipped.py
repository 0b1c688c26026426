"""The shipped rules as a whole: they load, each says why, each proves itself or says why it cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shield import examples
from shield.data import data_path
from shield.policy.load import Sources, load
from shield.policy.rule import Policy, Rule

RULES = data_path("rules")
STATED = re.compile(r"^    # (no example|shown by)", re.MULTILINE)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(Sources(shipped=(RULES,)))


def _text(rule: Rule) -> str:
    """The lines of the rule in its file, up to the next rule."""
    lines = (RULES / Path(rule.file).name).read_text(encoding="utf-8").split("\n")[rule.line - 1 :]
    following = (number for number, line in enumerate(lines[1:], 1) if line.startswith("  - id:"))
    return "\n".join(lines[: next(following, len(lines))])


def test_every_example_holds(policy: Policy) -> None:
    failed = [f"{one.where} {one.rule}: {one.message}" for one in examples.run(policy) if not one.ok]
    assert failed == []


def test_every_rule_has_an_example_or_says_why_not(policy: Policy) -> None:
    without = [rule.id for rule in policy.rules if not rule.examples and not STATED.search(_text(rule))]
    assert without == []


def test_reasons_are_for_people(policy: Policy) -> None:
    """Short, without the names of fields where a plain word does, and never twice the same by accident."""
    for rule in policy.rules:
        assert 20 <= len(rule.why) <= 130, rule.id
        assert not rule.why.endswith("."), rule.id


@pytest.mark.parametrize("config", sorted(data_path("configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_configuration_loads(config: Path) -> None:
    assert load(Sources(shipped=(RULES,), config=config)).rules


def test_every_service_is_named_by_a_rule_or_only_gathers_hosts(policy: Policy) -> None:
    """A service that no rule names must still be one that a company's rules reach."""
    companies = {name for rule in policy.rules for where in rule.where for name in where.company}
    named = {name for rule in policy.rules for where in rule.where for name in where.service}
    lost = [one.name for one in policy.services if one.name not in named and one.company not in companies]
    assert lost == []


def test_scripts_of_answers_are_there(policy: Policy) -> None:
    wanted = {rule.answer.removeprefix("script ") for rule in policy.rules if (rule.answer or "").startswith("script ")}
    assert wanted == {"fbq", "apstag"}
    assert wanted <= set(policy.scripts)
    assert all(b"http" not in script for script in policy.scripts.values())


def test_the_documentation_names_every_service(policy: Policy) -> None:
    text = (RULES.parent / "docs" / "services.md").read_text(encoding="utf-8")
    missing = [one.name for one in policy.services if one.name not in text and one.name not in ("facebook-api",)]
    assert missing == []
