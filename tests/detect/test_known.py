"""Known values: what is found, where, in which disguise, and what is left alone."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect.known import Matcher
from shield.encoders import base58
from shield.finding import Finding
from shield.message import Request
from shield.person import Fact, Person
from shield.wire import reader
from tests.people import sample_person

PERSON = sample_person("google-analytics", "facebook-pixel")
MATCHER = Matcher.build(PERSON)
NOBODY = Matcher.build(Person())


def get(target: bytes, *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", "https", "x.example", 443, target, headers)


def post(body: bytes, kind: bytes = b"application/json") -> Request:
    headers = ((b"content-type", kind), (b"content-length", b"%d" % len(body)))
    return Request("POST", "https", "x.example", 443, b"/collect", headers, body)


def find(request: Request, scope: str | None = None, matcher: Matcher = MATCHER) -> list[Finding]:
    return matcher.find(reader.read(request), scope)


def seen(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    """(address, category, part, disguise) of each."""
    return [(one.at, one.category, one.likeness.part, one.likeness.disguise.name) for one in findings]


def text(value: bytes) -> list[tuple[str, str]]:
    """(span, part) of what is found in a text field."""
    found = [one for one in find(post(value, b"text/plain")) if not one.in_name]
    return [(one.node.content[one.start : one.end].decode(), one.likeness.part) for one in found]


SHA = hashlib.sha256(b"anna@real.example")
IN_QUERY = [
    (b"anna@real.example", "email", "value", ""),
    (b"ANNA%40REAL.EXAMPLE", "email", "value", ""),
    (b"anna%2540real.example", "email", "value", ""),
    (b"hello+%3Canna%40real.example%3E", "email", "value", ""),
    (SHA.hexdigest().encode(), "email", "value", "sha256 (lower) hex"),
    (SHA.hexdigest().upper().encode(), "email", "value", "sha256 (lower) HEX"),
    (b"tv.1~em." + base64.urlsafe_b64encode(SHA.digest()).rstrip(b"="), "email", "value", "sha256 (lower) base64url"),
    (hashlib.md5(b"anna@real.example").hexdigest().encode(), "email", "value", "md5 (lower) hex"),
    (hashlib.sha1(b"anna@real.example").hexdigest().encode(), "email", "value", "sha1 (lower) hex"),
    (b"x" + b"anna@real.example".hex().encode(), "email", "value", "hex"),
    (b"elpmaxe.laer%40anna", "email", "value", "reversed"),
    (b"naan@erny.rknzcyr", "email", "value", "rot13"),
    (b"v6zsPLKg77ak2yS8QFsHoFa", "email", "value", "base58"),
    (base64.b64encode(b"anna@real.example")[::-1], "email", "value", "base64 reversed"),
    (hashlib.sha3_256(b"anna@real.example").hexdigest().encode(), "email", "value", "sha3-256 (lower) hex"),
    (base64.b64encode(hashlib.blake2s(b"anna@real.example").digest()), "email", "value", "blake2s (lower) base64"),
    (
        hashlib.sha256(hashlib.md5(b"anna@real.example").hexdigest().encode()).hexdigest().encode(),
        "email",
        "value",
        "sha256 of md5 (lower) hex",
    ),
    (
        hashlib.sha1(base64.b64encode(b"anna@real.example")).hexdigest().upper().encode(),
        "email",
        "value",
        "sha1 of base64 (lower) HEX",
    ),
    (b"%2B4915112345678", "phone", "value", ""),
    (b"4915112345678", "phone", "international", ""),
    (b"004915112345678", "phone", "zeros", ""),
    (b"0151+123+456-78", "phone", "national", ""),
    (b"%2B49+%280%29151+12345678", "phone", "trunk", ""),
    (hashlib.sha256(b"4915112345678").hexdigest().encode(), "phone", "value", "sha256 (meta) hex"),
    (hashlib.sha256(b"+4915112345678").hexdigest().encode(), "phone", "value", "sha256 (google) hex"),
    (b"Schmidt%2C+Anna", "name", "listed", ""),
    (b"anna", "name", "given", ""),
    (hashlib.sha256(b"schmidt").hexdigest().encode(), "name", "family", "sha256 (lower) hex"),
    (b"1987-03-14T00%3A00", "date_of_birth", "value", ""),
    (b"14.03.1987", "date_of_birth", "dmy-dots", ""),
    (b"03/14/1987", "date_of_birth", "mdy-slashes", ""),
    (hashlib.sha256(b"19870314").hexdigest().encode(), "date_of_birth", "value", "sha256 (meta) hex"),
    (b"4111-1111-1111-1111", "card", "value", ""),
    (b"4111111111111111", "card", "value", ""),
    (b"Hauptstr.+5%2C+53111+Bonn", "postal_address", "value", ""),
    (b"bonn", "postal_address", "city", ""),
    (b"53111", "postal_address", "postcode", ""),
    (hashlib.sha256(b"de").hexdigest().encode(), "postal_address", "country", "sha256 (lower) hex"),
    (b"anna87", "username", "value", ""),
]


@pytest.mark.parametrize(("value", "category", "part", "disguise"), IN_QUERY)
def test_a_value_in_a_field(value: bytes, category: str, part: str, disguise: str) -> None:
    """Form x disguise, as the whole or a part of one field."""
    name = {"given": b"fn", "city": b"ct", "postcode": b"zip"}.get(part, b"q")
    findings = find(get(b"/p?" + name + b"=" + value))
    assert (category, part) in [(one[1], one[2]) for one in seen(findings)]
    if disguise:
        assert seen(findings) == [("query:q", category, part, disguise)]
    assert all(one.whose == "me" and one.how == "known" for one in findings)
    assert NOBODY.find(reader.read(get(b"/p?q=" + value))) == []


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("value", [b"anna@real.example", b"Anna Schmidt", b"+4915112345678"])
def test_base64_at_every_alignment(before: bytes, value: bytes) -> None:
    """In bytes that no layer was opened of, wherever in the longer text the value begins."""
    packed = base64.b64encode(before + value + b"; and \x00\xff more")
    (hit,) = [one for one in MATCHER.hits(packed) if one.likeness.disguise.encodings == ("base64",)]
    first = hit.start * 6 // 8
    assert (before + value)[first:].lower().startswith(value.lower()[:4])


@pytest.mark.parametrize(
    "text_",
    [
        b"annabelle", b"Hannan", b"bonnet", b"joanna@real.example", b"anna@real.examples", b"153111", b"531112",
        b"4915112345678901", b"14915112345678", b"id=a4111111111111111119", b"anna870", b"f", b"DE", b"female",
        b"anna is here", b"a page about Bonn", b"5.3111", b"x1987-03-141", b"schmidtstreet", b"de-DE,de;q=0.9",
    ],
)  # fmt: skip
def test_what_is_not_found(text_: bytes) -> None:
    """Inside words and numbers; short and common facts alone in a longer text; gender and country alone."""
    assert text(text_) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"Anna in Bonn", [("Anna", "given"), ("Bonn", "city")]),
        (b"anna <anna@real.example>", [("anna", "given"), ("anna@real.example", "value")]),
        (b"Hauptstr. 5, 53111 Bonn, DE", [("Hauptstr. 5, 53111 Bonn", "value"), ("DE", "country")]),
        ("„Anna Schmidt“".encode(), [("Anna Schmidt", "full")]),
        (b"Schmidt, Anna", [("Schmidt, Anna", "listed")]),
        (b"tel:+49-151-12345678;", [("+49-151-12345678", "value")]),
    ],
)
def test_short_facts_beside_others(value: bytes, found: list[tuple[str, str]]) -> None:
    """A common value counts beside another fact; of nested hits the longest stays."""
    assert text(value) == found


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        (b"/?first_name=Anna", ["given"]), (b"/?user[firstName]=anna", ["given"]), (b"/?ct=Bonn", ["city"]),
        (b"/?q=Anna", []), (b"/?q=Bonn", []), (b"/?color=53111", []), (b"/?a=1987", []), (b"/?yob=1987", ["year"]),
        (b"/?a=Anna&b=Schmidt", ["given", "family"]), (b"/?a=Anna&b=anna@real.example", ["given", "value"]),
        (b"/?a=Anna&1&2&3&4&5&6&7&8&9&b=Schmidt", []), (b"/?a=Anna&b=Anna", []),
        (b"/?bd=14&bm=3&by=1987", ["year", "month-short", "day"]),
        (b"/?dobd=14&dobm=03&doby=1987", ["year", "month", "day"]),
        (b"/?bd=15&bm=3&n=1987", []), (b"/?month=03&day=14&year=1987", ["year", "month", "day"]),
        (b"/?month=04&day=14&year=1987", []),
    ],
)  # fmt: skip
def test_short_facts_in_fields_of_their_own(target: bytes, parts: list[str]) -> None:
    """The name of the field says it, or a neighbour is another fact; a date may be split."""
    found = find(get(target))
    assert sorted(one.likeness.part for one in found) == sorted(parts)


def test_letters_beyond_ascii() -> None:
    """Upper case, Latin-1, without accents, and written out."""
    matcher = Matcher.build(Person((Fact("name-1", "name", {"given": "Jörg", "family": "Müßig"}),)))
    for written in ("jörg müßig", "JÖRG MÜSSIG", "Jorg Mussig", "Joerg Muessig"):
        assert [one.category for one in find(get(b"/?q=" + written.encode()), matcher=matcher)] == ["name"], written
    (found,) = find(get(b"/?q=J%F6rg+M%FC%DFig"), matcher=matcher)
    assert found.likeness.disguise.encodings == ("latin1",)
    (digest,) = find(get(b"/?q=" + hashlib.sha256("müßig".encode()).hexdigest().encode()), matcher=matcher)
    assert digest.likeness.part == "family"


PLACES = {
    "query:q": get(b"/p?q=anna%40real.example&r=1"),
    "path:1": get(b"/user/anna%40real.example/x"),
    "header:x-user": get(b"/", (b"X-User", b"anna@real.example")),
    "cookie:u": get(b"/", (b"Cookie", b"a=1; u=anna%40real.example")),
    "form:mail": post(b"a=1&mail=anna%40real.example", b"application/x-www-form-urlencoded"),
    "json:/user/0/mail": post(json.dumps({"user": [{"mail": "anna@real.example"}]}).encode()),
    "form:v/json:/mail": post(b"v=%7B%22mail%22%3A%22anna%40real.example%22%7D", b"application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("address", PLACES)
def test_every_place(address: str) -> None:
    """One finding, at the leaf that holds it, and none for the bytes around it."""
    (found,) = find(PLACES[address])
    assert (found.at, found.in_name, found.is_whole) == (address, False, True)


@pytest.mark.parametrize(
    "request_",
    [
        get(b"/p?anna%40real.example=1&b=2"),
        get(b"/p?" + SHA.hexdigest().encode() + b"=1"),
        get(b"/", (b"Cookie", b"anna@real.example=1")),
        post(b"anna%40real.example=1", b"application/x-www-form-urlencoded"),
        post(b'{"users": {"anna@real.example": {"seen": true}}}'),
        post(b'{"users": {"anna\\u0040real.example": [1]}}'),
        get(b"/p?x[anna%40real.example]=1"),
        get(b"/geboren/1987/03/14/x"),
    ],
)
def test_what_stands_in_a_name(request_: Request) -> None:
    """Names of parameters, keys, cookies; a date across parts of the path."""
    (found,) = find(request_)
    assert found.in_name
    assert 0 <= found.start < found.end <= len(found.node.content)


def test_what_cannot_be_read() -> None:
    """A body of unknown kind is searched as bytes, and so is JSON that is cut off."""
    for body in (b"\x00\x01anna@real.example\xff", b'{"a": "anna@real.example'):
        found = [one for one in find(post(body, b"application/octet-stream")) if one.category == "email"]
        assert len(found) == 1


def test_personas_and_scopes() -> None:
    """A persona's value is known in every disguise; for another receiver it is what it stands for."""
    lena = SHA_LENA = hashlib.sha256(b"lena@example.org").hexdigest().encode()
    for value in (b"lena%40example.org", SHA_LENA, lena):
        request = get(b"/?q=" + value)
        assert [one.whose for one in find(request)] == ["persona"]
        assert [one.whose for one in find(request, "google-analytics")] == ["persona"]
        (elsewhere,) = find(request, "facebook-pixel")
        assert (elsewhere.whose, elsewhere.likeness.fact_id) == ("me", "email-1")
    assert find(get(b"/?fn=Lena"), "facebook-pixel") == []  # a first name of a persona elsewhere says nothing
    assert [one.whose for one in find(get(b"/?fn=Lena"), "google-analytics")] == ["persona"]


def test_a_truth_that_the_persona_keeps() -> None:
    """The person chose to show the real birthday to this one service only."""
    truth = Fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"})
    personas = dict(PERSON.personas)
    lena = personas["google-analytics"]
    personas["google-analytics"] = replace(lena, values={**lena.values, truth.id: truth})
    matcher = Matcher.build(replace(PERSON, personas=MappingProxyType(personas)))
    request = get(b"/?b=1987-03-14")
    assert [one.whose for one in find(request, "google-analytics", matcher)] == ["persona"]
    assert [one.whose for one in find(request, "facebook-pixel", matcher)] == ["me"]
    assert [one.whose for one in find(request, None, matcher)] == ["me"]


SHA3_512 = hashlib.sha3_512(b"anna@real.example").digest()
STREAM = (
    b"x" * 100 + b" anna@real.example " + b"y" * 70 + SHA.hexdigest().encode() + b"\n+49 151 123456-78 " + b"z" * 50
    + base64.b64encode(b"ab anna@real.example") + b" 4915112345678"
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_stream_finds_the_same_however_it_is_cut(cuts: list[int]) -> None:
    """Each hit once, with offsets of the whole."""
    stream = MATCHER.stream()
    edges = [0, *sorted(cuts), len(STREAM)]
    found = [hit for a, b in pairwise(edges) for hit in stream.feed(STREAM[a:b])] + stream.finish()
    assert sorted(hit[:2] for hit in found) == sorted(hit[:2] for hit in MATCHER.hits(STREAM))
    assert len(found) == 5


LONG = [
    base58(SHA3_512.hex().encode().hex().encode()),  # 350 letters
    base58(SHA3_512),
    base64.b64encode(SHA3_512)[::-1],
    hashlib.sha512(SHA3_512.hex().encode()).hexdigest().encode(),
    b"anna@real.example".hex().encode().hex().encode()[::-1],
]


@pytest.mark.parametrize("text", LONG)
def test_a_long_text_under_layers_is_found_at_every_cut(text: bytes) -> None:
    """What only the index knows is held back too, however long it is."""
    data = b"id: " + text + b" and so on"
    whole = [hit[:2] for hit in MATCHER.hits(data)]
    assert whole == [(4, 4 + len(text))]
    for cut in range(len(data) + 1):
        stream = MATCHER.stream()
        found = stream.feed(data[:cut]) + stream.feed(data[cut:]) + stream.finish()
        assert [hit[:2] for hit in found] == whole, cut


def test_a_stream_byte_by_byte_and_a_number_that_goes_on() -> None:
    """A longer number that begins like the telephone is another one."""
    stream = MATCHER.stream()
    assert [hit for byte in b"4915112345678" for hit in stream.feed(bytes([byte]))] == []
    assert stream.feed(b"9 ") == []
    assert stream.finish() == []


def test_no_value_is_shown() -> None:
    """Counts only."""
    assert "anna" not in repr(MATCHER) + repr(MATCHER.stream()) + repr(MATCHER.hits(b" anna@real.example "))
    assert MATCHER.longest >= 64 + 2


def test_without_facts_nothing_is_found() -> None:
    """An empty twin costs nothing and finds nothing."""
    assert NOBODY.find(reader.read(get(b"/?a=b"))) == []
    assert NOBODY.hits(b"anna") == []


FACT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=0, max_size=12)


@settings(max_examples=60, deadline=None)
@given(given_name=FACT, family=FACT, city=FACT, blob=st.binary(max_size=200))
def test_any_fact_can_be_built(given_name: str, family: str, city: str, blob: bytes) -> None:
    """Whatever a person is called, building and searching end well."""
    facts = (
        Fact("name-1", "name", {"given": given_name, "family": family}),
        Fact("a-1", "postal_address", {"city": city, "street": family}),
        Fact("d-1", "device_id", {"value": city}),
        Fact("p-1", "phone", {"value": given_name}),
        Fact("b-1", "date_of_birth", {"value": family}),
    )
    matcher = Matcher.build(Person(facts))
    matcher.find(reader.read(post(blob, b"text/plain")))
    matcher.hits(blob)


def test_what_did_not_change_is_taken_over() -> None:
    """As if it had been built anew: one persona more, one changed, one gone, another fact."""
    before = Matcher.build(PERSON)
    for scope in PERSON.personas:
        before.find(reader.read(get(b"/?q=lena@example.org")), scope)
    lena, mira = PERSON.personas.values()
    dora = replace(lena, values={"email-1": Fact("email-1", "email", {"value": "dora@example.org"})})
    changed = replace(PERSON, personas=MappingProxyType({"google-analytics": dora, "new": mira}))
    married = Fact("name-1", "name", {"given": "Anna", "family": "Kowalski"})
    request = get(b"/?a=anna@real.example&b=lena@example.org&c=mira@example.org&d=dora@example.org&e=Anna+Kowalski")
    for person in (changed, replace(changed, facts=(married, *PERSON.facts[:1])), replace(changed, facts=())):
        after, anew = Matcher.build(person, before), Matcher.build(person)
        for scope in (None, "google-analytics", "facebook-pixel", "new"):
            found = [(one.at, one.category, one.whose) for one in find(request, scope, after)]
            assert found == [(one.at, one.category, one.whose) for one in find(request, scope, anew)]
            assert ("query:b", "email", "persona") not in found
