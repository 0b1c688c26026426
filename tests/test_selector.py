"""Selectors: what is sought at an address, and what is remembered of it."""

from __future__ import annotations

import re

from shield.address import AddressPattern, parse_address
from shield.selector import Selector, Selectors


def selector(rule: str, category: str, *texts: str, value: bytes | None = None) -> Selector:
    patterns = tuple(AddressPattern(text) for text in texts)
    return Selector(rule, category, patterns, re.compile(value) if value else None)


def sought(selectors: Selectors, address: str) -> list[tuple[str, tuple[str, ...] | None]]:
    return [(category, rules) for category, _, rules in selectors.at(parse_address(address))]


def test_rules_come_in_their_order() -> None:
    """Whether the address is literal or not; a rule that names it twice comes once."""
    selectors = Selectors([
        selector("one", "email", "query:e*"), selector("two", "email", "query:em"),
        selector("three", "phone", "*:em", "json:/**"), selector("two", "email", "*:em"),
    ])  # fmt: skip
    for _ in range(2):
        assert sought(selectors, "query:em") == [("email", ("one", "two")), ("phone", ("three",))]
    assert sought(selectors, "form:em") == [("phone", ("three",)), ("email", ("two",))]
    assert sought(selectors, "json:/em") == [("phone", ("three",))]


def test_a_value_is_asked_of_each_field() -> None:
    """So nothing about it is remembered; without a place it is asked everywhere."""
    selectors = Selectors([selector("one", "email", "query:em"), selector("two", "email", value=b"x")])
    assert sought(selectors, "query:em") == [("email", None)]
    assert sought(selectors, "json:/a") == [("email", None)]


def test_names_that_somebody_makes_up_fill_no_memory() -> None:
    """The answer stays right behind the bound."""
    selectors = Selectors([selector("one", "email", "query:e*")])
    for number in range(2000):
        assert sought(selectors, f"query:e{number}") == [("email", ("one",))]
        assert sought(selectors, f"query:x{number}") == []
    assert sought(selectors, "query:e" + "x" * 5000) == [("email", ("one",))]
    assert len(selectors._memo.by_number) <= 4096
