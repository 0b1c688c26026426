"""Personas: the same again, nobody real, nothing of the person, coherent."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.person import Fact, Persona
from shield.twin.clash import fold
from shield.twin.fact import COUNTRIES, make_fact
from shield.twin.persona import generator, make
from shield.twin.places import CALLING_CODES, LOCALES, TOWNS
from shield.twin.reserved import EMAIL_DOMAINS, RANGES, is_reserved_phone
from shield.vocabulary import PERSONA_CATEGORIES

KEY = bytes(range(32))
TODAY = date(2026, 11, 20)
ANNA = (
    make_fact("name-1", "name", {"given": "Anna", "family": "Schmidt"}),
    make_fact("email-1", "email", {"value": "anna@real.example"}),
    make_fact("email-2", "email", {"value": "a.schmidt@work.example"}),
    make_fact("phone-1", "phone", {"value": "+4915112345678"}),
    make_fact("address-1", "postal_address",
              {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "region": "NRW", "country": "DE"}),
    make_fact("birth-1", "date_of_birth", {"value": "1987-03-14"}),
    make_fact("username-1", "username", {"value": "anna87"}),
    make_fact("gender-1", "gender", {"value": "female"}),
    make_fact("card-1", "card", {"value": "4111111111111111"}),
    make_fact("device-1", "device_id", {"value": "8c1e6a7e"}),
)  # fmt: skip
SCOPES = [f"service-{number}" for number in range(25)]


def texts(persona: Persona) -> dict[str, dict[str, str]]:
    """Comparable."""
    return {fact_id: dict(value.parts) for fact_id, value in persona.values.items()}


def test_one_value_per_fact_and_none_for_identifiers() -> None:
    """Cards and devices have none: they are never exchanged."""
    persona = make(KEY, "facebook", ANNA, TODAY)
    assert set(persona.values) == {fact.id for fact in ANNA if fact.category in PERSONA_CATEGORIES}
    for fact in ANNA:
        if fact.id in persona.values:
            value = persona.values[fact.id]
            assert (value.id, value.category, set(value.parts)) == (fact.id, fact.category, set(fact.parts))


def test_the_same_in_another_process() -> None:
    """Neither hash seeds nor global chance have a say."""
    made = "texts(make(KEY, 'facebook', ANNA, TODAY))"
    code = f"import json; from tests.twin.test_persona import *; print(json.dumps({made}))"
    paths = {"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONHASHSEED": "7"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=paths, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == texts(make(KEY, "facebook", ANNA, TODAY))


def test_key_scope_and_epoch_make_another_one() -> None:
    """In every value that identifies."""
    first = make(KEY, "facebook", ANNA, TODAY)
    for other in (
        make(bytes(32), "facebook", ANNA, TODAY),
        make(KEY, "google", ANNA, TODAY),
        make(KEY, "facebook", ANNA, TODAY, epoch=1),
    ):
        for fact_id in ("name-1", "email-1", "email-2", "phone-1", "username-1"):
            assert first.values[fact_id].value != other.values[fact_id].value


@pytest.mark.parametrize("scope", SCOPES)
def test_nobody_real_and_nothing_of_the_person(scope: str) -> None:
    """Reserved numbers and domains; no name, street, town, postcode or birthday in common."""
    values = make(KEY, scope, ANNA, TODAY).values
    assert is_reserved_phone(values["phone-1"].value)
    assert values["phone-1"].value.startswith("+49")
    for email in ("email-1", "email-2"):
        assert values[email].value.rpartition("@")[2] in EMAIL_DOMAINS
    shown = fold(json.dumps([dict(value.parts) for value in values.values()], ensure_ascii=False))
    for secret in ("anna", "schmidt", "hauptstr", "bonn", "53111", "0314", "15112345678"):
        assert secret not in shown


@pytest.mark.parametrize("scope", SCOPES)
def test_coherent(scope: str) -> None:
    """E-mail and user name are made of the name; town, postcode and country belong together."""
    values = make(KEY, scope, ANNA, TODAY).values
    given, family = (fold(values["name-1"].parts[part]) for part in ("given", "family"))
    for email in ("email-1", "email-2"):
        assert values[email].value.startswith(f"{given}.{family}")
    assert values["username-1"].value.startswith(given + family[0])
    assert values["email-1"].value != values["email-2"].value
    address = values["address-1"].parts
    assert (address["city"], address["postcode"], address["region"]) in {
        (town.city, town.postcode, town.region) for town in TOWNS["DE"]
    }
    assert address["country"] == "DE"


@given(st.dates(date(1930, 1, 1), date(2025, 6, 1)), st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_born_on_another_day_of_another_year_and_of_the_same_stage(born: date, scope: int) -> None:
    """Within three years; an adult stays an adult, a child a child."""
    fact = make_fact("birth-1", "date_of_birth", {"value": born.isoformat()})
    other = date.fromisoformat(make(KEY, str(scope), (fact,), TODAY).values["birth-1"].value)
    assert other.year != born.year
    assert (other.month, other.day) != (born.month, born.day)
    assert abs((other - born).days) <= 3 * 365
    assert other <= TODAY

    def age(day: date) -> int:
        return TODAY.year - day.year - ((TODAY.month, TODAY.day) < (day.month, day.day))

    assert [age(other) >= limit for limit in (13, 16, 18)] == [age(born) >= limit for limit in (13, 16, 18)]


@pytest.mark.parametrize("country", sorted({*LOCALES, *TOWNS, "JP", "KE", "AQ"}))
def test_every_country(country: str) -> None:
    """Complete in each, an e-mail that every site accepts, the country kept, the postcode's shape too."""
    facts = (
        make_fact("name-1", "name", {"given": "Zoë", "family": "Ågren"}),
        make_fact("email-1", "email", {"value": "zoe@real.example"}),
        make_fact("address-1", "postal_address",
                  {"street": "Road 5", "city": "Here", "postcode": "AB12 3CD", "country": country}),
    )  # fmt: skip
    values = make(KEY, "shop", facts, TODAY).values
    assert values["email-1"].value.isascii()
    assert values["address-1"].parts["country"] == country
    assert all(values["address-1"].parts.values())
    assert "#" not in values["address-1"].parts["postcode"]
    assert "\n" not in str(texts(make(KEY, "shop", facts, TODAY)))


def test_equal_parts_stay_equal_and_different_ones_different() -> None:
    """A maiden name shares the given name; each word of a double name has its own; two flats, one town."""
    facts = (
        make_fact("name-1", "name", {"given": "Anna Maria", "family": "Schmidt"}),
        make_fact("name-2", "name", {"given": "Anna Maria", "family": "Weber"}),
        make_fact("name-3", "name", {"given": "Bert", "family": "Schmidt"}),
        make_fact("a-1", "postal_address", {"street": "Hauptstr. 5", "city": "Bonn", "country": "DE"}),
        make_fact("a-2", "postal_address", {"street": "Kurze Gasse 7", "city": "Bonn", "country": "DE"}),
    )
    values = make(KEY, "shop", facts, TODAY).values
    assert values["name-1"].parts["given"] == values["name-2"].parts["given"]
    assert len(set(values["name-1"].parts["given"].split())) == 2
    assert values["name-1"].parts["family"] != values["name-2"].parts["family"]
    assert values["name-1"].parts["family"] == values["name-3"].parts["family"]
    assert values["a-1"].parts["city"] == values["a-2"].parts["city"]
    assert values["a-1"].parts["street"] != values["a-2"].parts["street"]


def test_kept_values_stay_and_new_facts_fit_in() -> None:
    """A later fact gets a value of the same person; a kept value that a new fact now shares goes."""
    first = make(KEY, "shop", ANNA[:2], TODAY)
    later = make(KEY, "shop", ANNA, TODAY, kept=first.values)
    assert {key: later.values[key] for key in first.values} == dict(first.values)
    assert later.values["email-2"].value.startswith(
        first.values["email-1"].value.partition("@")[0].rstrip("0123456789")
    )
    family = first.values["name-1"].parts["family"]
    married = (*ANNA[:2], make_fact("name-2", "name", {"given": "Anna", "family": family}))
    assert make(KEY, "shop", married, TODAY, kept=first.values).values["name-1"].parts["family"] != family


def test_taken_values_are_not_drawn_again() -> None:
    """Two services cannot join by a reserved number."""
    phone = (make_fact("phone-1", "phone", {"value": "+46701234567"}),)
    taken: set[str] = set()
    for number in range(60):
        value = make(KEY, f"s{number}", phone, TODAY, taken=taken).values["phone-1"].value
        assert value not in taken
        taken.add(value)


def test_catch_all_and_truth() -> None:
    """The person's own domain; a gender that they chose to show, with names of that gender."""
    for scope in SCOPES[:6]:
        persona = make(KEY, scope, ANNA, TODAY, "mail.anna.example", truth=("gender",))
        assert persona.values["email-1"].value.endswith("@mail.anna.example")
        assert persona.values["gender-1"].value == "female"
    genders = {make(KEY, scope, ANNA, TODAY).values["gender-1"].value for scope in SCOPES}
    assert genders == {"female", "male"}


@pytest.mark.parametrize(
    ("word", "allowed"), [("F", {"F", "M"}), ("Frau", {"Frau", "Herr"}), ("x", {"female", "male"})]
)
def test_gender_in_the_words_of_the_fact(word: str, allowed: set[str]) -> None:
    """So that the form accepts it."""
    fact = (make_fact("gender-1", "gender", {"value": word}),)
    assert {make(KEY, scope, fact, TODAY).values["gender-1"].value for scope in SCOPES} == allowed


def test_a_person_without_a_name_has_an_e_mail_all_the_same() -> None:
    """And no facts make an empty persona."""
    values = make(KEY, "shop", ANNA[1:2], TODAY).values
    assert "@" in values["email-1"].value
    assert not make(KEY, "shop", (), TODAY).values


def test_no_value_in_repr() -> None:
    """Neither persona nor facts."""
    persona = make(KEY, "shop", ANNA, TODAY)
    shown = repr((persona, persona.values["email-1"]))
    assert persona.values["email-1"].value not in shown
    assert persona.values["name-1"].parts["given"] not in shown


def test_the_tables_are_well_formed() -> None:
    """Digits and x only, E.164 lengths, known countries; the generator names itself."""
    for code, ranges in RANGES.items():
        for one in ranges:
            assert one.startswith("+" + code)
            assert 11 <= len(one) <= 16
            assert set(one[1:]) <= set("0123456789x")
    assert {*TOWNS, *LOCALES, *CALLING_CODES.values()} <= COUNTRIES
    assert set(TOWNS) <= set(LOCALES)
    assert generator().startswith("persona/v1 faker ")


def test_reserved_numbers_from_the_published_lists() -> None:
    """One of each authority, as they print it."""
    for number in ("+12025550143", "+447700900123", "+442079460999", "+4917139200 55", "+49 30 23125 456",
                   "+33 6 39 98 12 34", "+61 2 5550 1234", "+353 20 911 2345"):  # fmt: skip
        assert is_reserved_phone(number.replace(" ", ""))
    for number in ("+12025551143", "+447700901123", "+4915112345678"):
        assert not is_reserved_phone(number)
    assert all(one < other for one, other in pairwise(sorted(RANGES)))
    assert isinstance(Fact("x", "email", {"value": "x"}), Fact)
