"""Facts: what is taken, how it is spelled afterwards, and that errors hold no value."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.errors import InputError
from shield.policy.facts import read_facts
from shield.twin.fact import is_domain, is_luhn, make_fact, split_name
from shield.twin.state import TwinState
from shield.vocabulary import FACT_CATEGORIES

GOOD = [
    ("email", {"value": " anna@real.example "}, {"value": "anna@real.example"}),
    ("email", {"value": "anna+shop@müller.example"}, {"value": "anna+shop@müller.example"}),
    ("phone", {"value": "+4915112345678"}, {"value": "+4915112345678"}),
    ("phone", {"value": "+49 151 1234-5678"}, {"value": "+4915112345678", "written": "+49 151 1234-5678"}),
    ("phone", {"value": "0049 (0)151/12345678"}, {"value": "+4915112345678", "written": "0049 (0)151/12345678"}),
    ("phone", {"value": "+1 (212) 555-0123"}, {"value": "+12125550123", "written": "+1 (212) 555-0123"}),
    ("phone", {"value": "+1 212 555 0123 x12"}, {"value": "+12125550123", "written": "+1 212 555 0123 x12"}),
    ("phone", {"value": "0151 12345678", "country": "DE"}, {"value": "+4915112345678", "written": "0151 12345678"}),
    ("phone", {"value": "06 20 123 4567", "country": "HU"}, {"value": "+36201234567", "written": "06 20 123 4567"}),
    ("phone", {"value": "8 912 345-67-89", "country": "RU"}, {"value": "+79123456789", "written": "8 912 345-67-89"}),
    ("phone", {"value": "06 12345678", "country": "IT"}, {"value": "+390612345678", "written": "06 12345678"}),
    ("phone", {"value": "\u0660\u0665\u0660 123 4567", "country": "AE"},
     {"value": "+971501234567", "written": "\u0660\u0665\u0660 123 4567"}),
    ("date_of_birth", {"value": "1987-03-14"}, {"value": "1987-03-14"}),
    ("card", {"value": "4111 1111-1111 1111"}, {"value": "4111111111111111"}),
    ("name", {"value": "Anna Maria van der Berg"}, {"given": "Anna Maria", "family": "van der Berg"}),
    ("name", {"given": "Anna", "family": ""}, {"given": "Anna"}),
    ("username", {"value": "anna87"}, {"value": "anna87"}),
    ("geo", {"value": "50.7374, 7.0982"}, {"value": "50.7374,7.0982"}),
    ("postal_address", {"street": "Hauptstr.  5", "country": "de"}, {"street": "Hauptstr. 5", "country": "DE"}),
]  # fmt: skip
BAD = [
    ("email", {"value": "annareal"}), ("email", {"value": "anna@real"}), ("email", {"value": "a b@real.example"}),
    ("email", {"value": "Anna <anna@real.example>"}), ("phone", {"value": "015112345678"}),
    ("phone", {"value": "+49annareal"}), ("date_of_birth", {"value": "14.03.1987"}),
    ("date_of_birth", {"value": "1987-02-30"}), ("date_of_birth", {"value": "0087-02-03"}),
    ("date_of_birth", {"value": "19870314"}), ("card", {"value": "4111111111111112"}), ("card", {"value": "4"}),
    ("postal_address", {"street": "annareal", "country": "XX"}), ("postal_address", {"country": "DE"}),
    ("postal_address", {"street": "annareal"}), ("postal_address", {"value": "annareal"}),
    ("geo", {"value": "91,0"}), ("name", {}), ("name", {"value": "  "}), ("name", {"first": "annareal"}),
    ("credential", {"value": "annareal"}), ("username", {"value": "anna\u200breal"}),
    ("username", {"value": "a" * 201}), ("health", {"given": "annareal"}),
]  # fmt: skip


@pytest.mark.parametrize(("category", "typed", "kept"), GOOD)
def test_one_spelling(category: str, typed: dict[str, str], kept: dict[str, str]) -> None:
    """However it is typed."""
    assert dict(make_fact("x-1", category, typed).parts) == kept


@pytest.mark.parametrize(("category", "typed"), BAD)
def test_what_is_wrong_is_said_without_the_value(category: str, typed: dict[str, str]) -> None:
    """With a hint that shows the right form."""
    with pytest.raises(InputError) as caught:
        make_fact("x-1", category, typed)
    assert caught.value.hint
    assert not any(len(value) > 3 and value in str(caught.value) for value in typed.values())
    assert "annareal" not in str(caught.value)


@given(st.sampled_from(FACT_CATEGORIES), st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_nothing_else_is_raised(category: str, text: str) -> None:
    """Any text: a fact whose making again changes nothing, or an InputError."""
    try:
        fact = make_fact("x-1", category, {"value": text})
    except InputError:
        return
    assert make_fact("x-1", category, fact.parts) == fact


def test_a_number_as_at_home_is_of_the_country_of_the_address(tmp_path: Path) -> None:
    """Of the facts that are there, or anywhere in a file; without one it is refused."""
    with pytest.raises(InputError, match="with its country"):
        TwinState().with_fact("phone", {"value": "0151 12345678"})
    at_home = TwinState().with_fact("postal_address", {"city": "Bonn", "country": "DE"})
    assert at_home.with_fact("phone", {"value": "0151 12345678"}).facts[-1].value == "+4915112345678"
    known = TwinState().with_fact("phone", {"value": "+36 20 123 4567"})
    assert known.with_fact("phone", {"value": "06 30 123 4567"}).facts[-1].value == "+36301234567"
    with pytest.raises(InputError, match="known already"):
        known.with_fact("phone", {"value": "06-20-1234567"})
    path = tmp_path / "facts.yaml"
    path.write_text(
        "facts:\n  - {category: phone, value: 06 20 123 4567}\n"
        "  - {category: postal_address, city: Pécs, country: HU}\n",
        encoding="utf-8",
    )
    assert [fact.value for fact in read_facts(path, make_fact)] == ["+36201234567", "Pécs"]
    assert [fact.value for fact in read_facts(path)] == ["06 20 123 4567", "Pécs"]


def test_names_split() -> None:
    """Particles belong to the family name; one word is a given name."""
    assert split_name("Anna") == {"given": "Anna"}
    assert split_name("Ludwig van Beethoven") == {"given": "Ludwig", "family": "van Beethoven"}
    assert split_name("van Beethoven") == {"given": "van", "family": "Beethoven"}


def test_check_digits_and_domains() -> None:
    """Published test numbers of card networks."""
    assert all(map(is_luhn, ("4111111111111111", "5555555555554444", "378282246310005")))
    assert not is_luhn("4111111111111121")
    assert is_domain("mail.example")
    assert not any(map(is_domain, ("example", "a@b.example", "-a.example", "a..example", "")))
