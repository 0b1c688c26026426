"""Spellings of a person that somebody would try, found in a tracker's field and exchanged in the same manner."""

from __future__ import annotations

from types import MappingProxyType
from urllib.parse import quote

import pytest

from shield import transform
from shield.context import Context
from shield.detect.known import Matcher
from shield.detect.sought import sought
from shield.disguise import EVERYWHERE, normalise
from shield.finding import Because, Decision, Finding
from shield.forms import form_text
from shield.masks import masked_like
from shield.message import Request
from shield.opened import Opened
from shield.person import Fact, Person, Persona
from shield.wire import reader, writer
from tests.people import DictBook

SCOPE = "tracker"
ME = (
    Fact("email-1", "email", {"value": "Anna.Schmidt+shop@gmail.com"}),
    Fact("email-2", "email", {"value": "joerg87@real.example"}),
    Fact("name-1", "name", {"given": "Jörg", "family": "Müller"}),
    Fact("name-2", "name", {"given": "Юлия", "family": "Щербакова"}),
    Fact("name-3", "name", {"given": "Bjørn", "family": "Wałęsa"}),
    Fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"}),
    Fact("postal_address-1", "postal_address",
         {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "country": "DE"}),
)  # fmt: skip
HER = (
    Fact("email-1", "email", {"value": "lena.wagner7@example.org"}),
    Fact("email-2", "email", {"value": "lena9@example.org"}),
    Fact("name-1", "name", {"given": "Lena", "family": "Wagner"}),
    Fact("name-2", "name", {"given": "Lena", "family": "Wagner"}),
    Fact("name-3", "name", {"given": "Lena", "family": "Wagner"}),
    Fact("date_of_birth-1", "date_of_birth", {"value": "1986-07-02"}),
    Fact("postal_address-1", "postal_address",
         {"street": "Birkenweg 12", "city": "Kassel", "postcode": "34117", "country": "DE"}),
)  # fmt: skip
PERSON = Person(ME, MappingProxyType({SCOPE: Persona(SCOPE, {one.id: one for one in HER})}), bytes(32))
MATCHER = Matcher.build(PERSON)
CONTEXT = Context("GET", "t.example", "/c", "t.example", service=SCOPE, purpose="analytics", party="third")


def request(name: str, value: str) -> Request:
    target = f"/c?v=2&{name}={quote(value, safe='')}&z=1".encode()
    return Request("GET", "https", "t.example", 443, target, ((b"host", b"t.example"),), b"")


def look(name: str, value: str) -> tuple[Opened, list[Finding]]:
    opened = reader.read(request(name, value))
    return opened, MATCHER.find(opened, SCOPE)


def exchanged(name: str, value: str) -> str:
    """The field as it leaves when everything known in it is exchanged."""
    opened, findings = look(name, value)
    decisions = [Decision(one, "pseudonymize", Because("rule"), scope=SCOPE) for one in findings]
    plan = transform.plan(decisions, (), person=PERSON, context=CONTEXT, book=DictBook(), opened=opened)
    left = reader.read(writer.rebuild(request(name, value), opened, plan.edits))
    return next(
        leaf.content.decode()
        for leaf in left.fields()
        if leaf.address.startswith("query:") and leaf.address.endswith(name)
    )


@pytest.mark.parametrize(
    ("name", "value", "becomes"),
    [
        ("q", "anna.schmidt@gmail.com", "lena.wagner7@example.org"),
        ("q", "A.N.N.A.SCHMIDT@GMAIL.COM", "LENA.WAGNER7@EXAMPLE.ORG"),
        ("q", "annaschmidt+other@googlemail.com", "lena.wagner7@example.org"),
        ("q", "mail to joerg87+news@real.example, please", "mail to lena9@example.org, please"),
        ("email", "anna.schmidt", "lena.wagner7"),
        ("q", "joerg.mueller", "lena.wagner"),
        ("q", "JOERG MUELLER", "LENA WAGNER"),
        ("q", "Joerg Mueller", "Lena Wagner"),
        ("q", "jorg muller", "lena wagner"),
        ("q", "Müller, J.", "Wagner, L."),
        ("q", "IULIIA SHCHERBAKOVA", "LENA WAGNER"),
        ("q", "yuliya shcherbakova", "lena wagner"),
        ("q", "ЮЛИЯ ЩЕРБАКОВА", "LENA WAGNER"),
        ("q", "Bjorn Walesa", "Lena Wagner"),
        ("q", "14-Mar-1987", "2-Jul-1986"),
        ("dob", "3/14/87", "7/2/86"),
        ("dob", "870314", "860702"),
        ("q", "Hauptstr.5", "Birkenweg12"),
        ("m", "a***@gmail.com", "l***@example.org"),
    ],
)  # fmt: skip
def test_spellings(name: str, value: str, becomes: str) -> None:
    """Found, and written for the persona in the same form, letter case and layout."""
    assert exchanged(name, value) == becomes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("q", "anna.schmidt@gmail.community"), ("q", "hanna.schmidt@gmail.com"), ("q", "xjoerg87@real.example"),
        ("q", "joergx+87@real.example"), ("q", "@gmail.com"), ("q", "+shop@gmail.com"), ("m", "b***@gmail.com"),
        ("price", "870314"), ("v", "3.14.87"), ("ratio", "3/14/87"), ("q", "anna.schmidt"), ("q", "wagen"),
    ],
)  # fmt: skip
def test_what_is_somebody_elses(name: str, value: str) -> None:
    """Addresses that only end or begin alike, and six digits in a field that is no birthday."""
    assert look(name, value)[1] == []


def test_an_alias_of_the_persons_that_a_persona_has() -> None:
    """A persona may live at ``joerg87+shop@``: where she is met, that is her address."""
    values = {one.id: one for one in HER} | {"email-2": Fact("email-2", "email", {"value": "joerg87+t@real.example"})}
    matcher = Matcher.build(Person(ME, {SCOPE: Persona(SCOPE, values)}, bytes(32)))
    opened = reader.read(request("q", "joerg87+t@real.example"))
    assert [one.whose for one in matcher.find(opened, SCOPE)] == ["persona"]
    assert [one.whose for one in matcher.find(opened, "elsewhere")] == ["me"]


def test_a_glance_sees_another_tag() -> None:
    """What find() finds is suspected in raw bytes."""
    data = b'{"to": "a.nna.schmidt+x@gmail.com"}'
    assert MATCHER.suspects(data)
    assert 8 in (MATCHER.spots(data) or ())


def test_long_locals_end() -> None:
    """What stands before an at sign is looked at once, however long it is."""
    data = b"a" * 100_000 + b"@gmail.com" + b".@gmail.com" * 2000
    assert MATCHER.hits(data) == []


def test_every_normalisation_is_bounded_and_says_nothing_twice() -> None:
    """Transliteration is what two standards say."""
    assert normalise("passport", "name", "family", "Щербакова") == "Shcherbakova"
    assert normalise("latin", "name", "given", "Юлия") == "Yuliya"
    assert EVERYWHERE["upper-passport"]("Юлия") == "IULIIA"


def test_forms_of_an_address_without_tag_fall_back() -> None:
    """A persona's address has none: its own form stands for it."""
    assert form_text("email", {"value": "lena@example.org"}, "untagged") == "lena@example.org"
    assert form_text("email", {"value": "a+b@example.org"}, "untagged") == "a@example.org"
    assert masked_like("a*a@x", "anna@x", "lena.w@example.org") == "l*w@example.org"


@pytest.mark.parametrize(
    ("category", "common"),
    [
        (
            "username",
            "test1 admin user123 a1 guest_1 v1.2.3 utf-8 en-us us-east-1 windows10 chrome_142 image-2 text/html",
        ),
        ("account_id", "123456 100000 1000000 12345678 sha256 0.0.0.0 000000000000000 aaaaaa us-west"),
    ],
)
def test_what_programs_write_too_counts_by_name_only(category: str, common: str) -> None:
    """The person is warned, and no page breaks by it; a field that says what it is still counts."""
    for value in common.split():
        fact = Fact("fact-1", category, {"value": value})
        assert sought(fact).is_common, value
        matcher = Matcher.build(Person((fact,)))
        assert matcher.find(reader.read(request("q", value))) == []
        assert matcher.find(reader.read(request("x", f"a {value} b"))) == []
        assert [one.category for one in matcher.find(reader.read(request("user_id", value)))] == [category]


@pytest.mark.parametrize(
    ("category", "value"),
    [
        ("username", "anna87"), ("username", "jd_1987"), ("username", "m1ller"), ("account_id", "A1B2C3D4"),
        ("account_id", "261-1234567-8901234"), ("government_id", "123-45-6789"), ("account_id", "4711081512"),
        ("health", "diabetes"), ("device_id", "356938035643809"),
    ],
)  # fmt: skip
def test_what_is_somebodys_own_counts_everywhere(category: str, value: str) -> None:
    """Nobody else writes it."""
    fact = Fact("fact-1", category, {"value": value})
    assert not sought(fact).is_common
    assert len(Matcher.build(Person((fact,))).find(reader.read(request("q", f"a {value} b")))) == 1


@pytest.mark.parametrize(
    "value",
    [
        "will you stay",
        "May 2026",
        "the page loads",
        "rose-gold",
        "https://x.example/page/2",
        "nice",
        "bath towels",
    ],
)
def test_names_that_are_words(value: str) -> None:
    """Will Long and May Page, of Nice and Bath, break nobody's shop."""
    facts = (
        Fact("name-1", "name", {"given": "Will", "family": "Long"}),
        Fact("name-2", "name", {"given": "May", "family": "Page"}),
        Fact("name-3", "name", {"given": "Rose", "family": "Gold-Price"}),
        Fact(
            "postal_address-1", "postal_address", {"street": "", "city": "Nice", "postcode": "06000", "country": "FR"}
        ),
        Fact(
            "postal_address-2", "postal_address", {"street": "", "city": "Bath", "postcode": "12345", "country": "GB"}
        ),
    )
    assert Matcher.build(Person(facts)).find(reader.read(request("q", value))) == []
