"""Facts that are words of every day: nothing in sentences, everything in forms and signatures (case 30)."""

from __future__ import annotations

import json
import sys
from functools import cache
from urllib.parse import urlencode

import pytest

from shield.detect.known import Matcher
from shield.forms.ordinary import is_everyday
from shield.message import Request
from shield.person import Fact, Person
from shield.twin.fact import make_fact
from shield.wire import reader

PEOPLE = {
    "Will Price": ("Will", "Price", "5 High Street", "Reading", "RG1 1AA", "GB"),
    "Rose Young": ("Rose", "Young", "12 Church Lane", "Bath", "BA1 2AB", "GB"),
    "Mark Field": ("Mark", "Field", "77 Park Road", "Sandwich", "CT13 9AA", "GB"),
    "Max Klein": ("Max", "Klein", "Lange Str. 3", "Essen", "45127", "DE"),
    "Ernst Sommer": ("Ernst", "Sommer", "Alte Gasse 9", "Halle", "06108", "DE"),
    "Pierre Blanc": ("Pierre", "Blanc", "8 rue du Port", "Tours", "37000", "FR"),
    "Aimée Petit": ("Aimée", "Petit", "3 rue Haute", "Nice", "06000", "FR"),
    "Luz Blanco": ("Luz", "Blanco", "Calle Real 4", "Granada", "18001", "ES"),
    "Stella Bianchi": ("Stella", "Bianchi", "Via Verde 6", "Aosta", "11100", "IT"),
    "Roos de Jong": ("Roos", "de Jong", "Lange Straat 2", "Goes", "4461 AA", "NL"),
}
SENTENCES = [
    "The price will rise. Reading is fun.",
    "will the price be high in reading",
    "We will mark the price. Young people love reading in the bath.",
    "Rose is a young rose, and church lane runs through the field.",
    "The high street is closed on Sundays; mark your calendar",
    "He walks in the park road and eats a sandwich in the field",
    "Max. Preis klein, Essen und Trinken",
    "Das Essen ist klein, im Sommer wird es ernst und lange dauert die Halle",
    "Der Sommer ist da. Ernst wird es in der Halle",
    "une petite pierre blanche, un petit port, deux tours",
    "il fait nice et petit, la rue haute est fermée",
    "la luz es blanco y la calle real está cerrada, una granada",
    "la stella è bianchi e la via verde",
    "een jong meisje met een roos loopt in de lange straat en goes on",
    "high street price",
    "young",
    "klein",
]  # fmt: skip


@cache
def matcher(name: str) -> Matcher:
    given, family, street, city, postcode, country = PEOPLE[name]
    facts = (
        make_fact("name-1", "name", {"given": given, "family": family}),
        Fact("postal_address-1", "postal_address", {
            "street": street, "city": city, "postcode": postcode, "country": country,
        }),
        make_fact("email-1", "email", {"value": "w.p.1987@post.example"}),
    )  # fmt: skip
    return Matcher.build(Person(facts))


def found(name: str, body: bytes, kind: bytes) -> set[tuple[str, str]]:
    request = Request("POST", "https", "x.example", 443, b"/e", ((b"Content-Type", kind),), body)
    return {
        (one.likeness.fact_id, one.likeness.part.partition("~")[0]) for one in matcher(name).find(reader.read(request))
    }


def in_json(name: str, /, **fields: str) -> set[tuple[str, str]]:
    return found(name, json.dumps(fields, ensure_ascii=False).encode(), b"application/json")


def in_form(name: str, /, **fields: str) -> set[tuple[str, str]]:
    return found(name, urlencode(fields).encode(), b"application/x-www-form-urlencoded")


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", PEOPLE)
def test_nothing_in_sentences(name: str, sentence: str) -> None:
    """In no notation, and in no case but a title's."""
    for text in (sentence, sentence.lower()):
        assert in_json(name, t=text) == set(), text
        assert in_form(name, text=text) == set()
        assert found(name, text.encode(), b"text/plain") == set()


@pytest.mark.parametrize("fields", [{"size": "klein", "max": "45127"}, {"q": "essen", "sort": "klein"},
                                    {"color": "blanc", "size": "petit"}, {"color": "red", "q": "rose", "age": "young"},
                                    {"mode": "reading", "will": "price"}])  # fmt: skip
@pytest.mark.parametrize("name", PEOPLE)
def test_nothing_in_the_fields_of_a_shop(name: str, fields: dict[str, str]) -> None:
    assert in_json(name, **fields) == set()
    assert in_form(name, **fields) == set()


@pytest.mark.parametrize("name", PEOPLE)
def test_all_of_it_in_a_form(name: str) -> None:
    """What the field says is there is there, in whatever case it was typed."""
    given, family, street, city, postcode, _ = PEOPLE[name]
    wanted = {("name-1", "given"), ("name-1", "family"), ("postal_address-1", "city"), ("postal_address-1", "postcode")}
    for change in (str, str.lower, str.upper):
        fields = {"first_name": given, "last_name": family, "street": street, "city": city, "zip": postcode}
        fields = {key: change(text) for key, text in fields.items()}
        for seen in (in_json(name, **fields), in_form(name, **fields)):
            assert wanted <= seen, change
            assert any(part.startswith("street") for _, part in seen)


@pytest.mark.parametrize("name", PEOPLE)
def test_all_of_it_in_a_signature(name: str) -> None:
    given, family, street, city, postcode, country = PEOPLE[name]
    town = f"{city} {postcode}" if country == "GB" else f"{postcode} {city}"
    for text in (
        f"Kind regards\n{given} {family}\n{street}\n{town}", f"{given} {family}, {street}, {town}",
        f"{family}, {given}; {street}; {town}",
    ):  # fmt: skip
        seen = found(name, text.encode(), b"text/plain") | in_json(name, t=text)
        assert any(fact == "name-1" for fact, _ in seen), text
        parts = {part for fact, part in seen if fact == "postal_address-1"}
        assert any(part.startswith(("street", "value", "joined")) for part in parts), text
        assert parts & {"city", "town", "value", "joined", "postcode"} or any("town" in part for part in parts), text


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("label", ["name", "full_name", "Name", "nom", "nombre", "naam"])
def test_a_field_that_says_so(name: str, label: str) -> None:
    given, family, *_ = PEOPLE[name]
    for text in (f"{given} {family}", f"{given} {family}".lower(), f"{given} {family}".upper()):
        assert in_json(name, **{label: text}), text


@pytest.mark.parametrize("name", PEOPLE)
def test_joined_by_signs_it_is_no_sentence(name: str) -> None:
    given, family, *_ = PEOPLE[name]
    if " " in family:
        return
    for sign in ".", "_", "-":
        if len(given + family) >= 8:
            assert in_json(name, u=f"{given}{sign}{family}".lower()), sign


def test_beside_something_sure() -> None:
    """In capitals, and where no lower-case word goes on."""
    assert ("postal_address-1", "city") in in_json("Will Price", t="w.p.1987@post.example, Reading")
    assert ("postal_address-1", "city") not in in_json("Will Price", t="w.p.1987@post.example: Reading is fun")
    assert ("name-1", "given") not in in_json("Will Price", t="w.p.1987@post.example will be told")


def test_what_is_a_name_alone_is_none_of_them() -> None:
    for text in "Anna Schmidt Müller Smith Martin García Nowak Rossi' Silva Berlin London Bonn".replace(
        "Rossi'", ""
    ).split():
        assert not is_everyday(text), text
    assert is_everyday("High Street")
    assert not is_everyday("5 High Street")
    assert not is_everyday("Street")
    assert not is_everyday("Will Schmidt")


@pytest.mark.parametrize("number", ["111-11-1121", "000-12-1212", "11 11 11 111", "22222222222"])
@pytest.mark.parametrize(
    "text",
    ["my SSN is {}", "SSN: {}", "Social Security Number {}", "meine Sozialversicherungsnummer: {}", "DNI {}",
     "passport no. {}",     "Steuer-ID {}", "numéro de sécu : {}", "身份证 {}"],
)  # fmt: skip
def test_a_number_of_few_digits_beside_a_word_that_says_what_it_is(text: str, number: str) -> None:
    own = Matcher.build(Person((make_fact("government_id-1", "government_id", {"value": number}),)))

    def hits(sentence: str) -> int:
        body = json.dumps({"t": sentence}, ensure_ascii=False).encode()
        request = Request("POST", "https", "x.example", 443, b"/e", ((b"Content-Type", b"application/json"),), body)
        return len(own.find(reader.read(request)))

    assert hits(text.format(number)) == 1
    assert hits(f"version {number} of the parser is out") == 0
    assert hits(f"the SSN is a number. {'And so on. ' * 6}{number}") == 0


@pytest.mark.parametrize(
    "text",
    ["Will  Price", "Will\tPrice", "Price,Will", "Will,Price", "first,last,city\nWill,Price,Reading\n",
     "Name: will price",
     "name=will price; city=reading", "Customer: Will Price", "will price\n5 high street\nreading\nRG1 1AA"],
)  # fmt: skip
def test_where_it_clearly_stands(text: str) -> None:
    """In a table, behind a label, in a signature in lower case."""
    assert any(fact == "name-1" for fact, _ in found("Will Price", text.encode(), b"text/plain")), text
    assert any(fact == "name-1" for fact, _ in in_json("Will Price", t=text)), text


@pytest.mark.parametrize("label", ["attn", "addressee", "payer", "client", "patient", "signature", "cn"])
def test_fields_that_name_somebody(label: str) -> None:
    assert in_json("Will Price", **{label: "will price"})


def test_a_whole_name_beside_a_sure_field() -> None:
    """In lower case too; one word of every day is none."""
    assert ("name-1", "full") in in_json("Will Price", x="will price", email="w.p.1987@post.example")
    assert ("name-1", "family") not in in_json("Will Price", x="price", email="w.p.1987@post.example")


@pytest.mark.parametrize(
    "text",
    ["will-price-drop", "the-price-will-rise", "/blog/will-price-reading", "will_price_change", "price.will.fall"],
)
def test_a_slug_is_a_sentence(text: str) -> None:
    assert in_json("Will Price", t=text) == set()


@pytest.mark.parametrize(
    "fields", [{"name": "price"}, {"event_name": "price"}, {"location": "reading"}, {"to": "will"}]
)
def test_a_name_may_be_anythings(fields: dict[str, str]) -> None:
    """A word of every day in lower case is no person because its field is called *name*."""
    assert in_json("Will Price", **fields) == set()
    assert in_json("Will Price", first_name="will")
    assert in_json("Will Price", city="reading")


@pytest.mark.parametrize("text", ["Will x ", "Will Price, ", "Price,Will ", "will price ", "Reading "])
def test_a_text_full_of_names_costs_its_length(text: str) -> None:
    """Four times as much of it takes no sixteen times as long (counted in calls, not in time)."""

    def calls(count: int) -> int:
        made = 0

        def count_one(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(count_one)
        try:
            in_json("Will Price", t=text * count)
        finally:
            sys.setprofile(None)
        return made

    in_json("Will Price", t="once, so that everything is written out")
    assert calls(800) < 8 * calls(200)
