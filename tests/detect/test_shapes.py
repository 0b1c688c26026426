"""Shapes: what is found, what only looks like it, what hostile fields cost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect import hints
from shield.detect.hints import hint_of
from shield.detect.known import Matcher
from shield.detect.shapes import Shapes
from shield.detect.spans import is_phone, spans_of
from shield.message import Request
from shield.person import Person
from shield.wire import reader
from tests.people import FACTS

ANYWHERE = [  # in any field: category, what is found, the field
    ("email", "bob@firma.de", "bob@firma.de"),
    ("email", "bob.o'neil+x@mail.firma.co.uk", "write to bob.o'neil+x@mail.firma.co.uk, please"),
    ("email", "bob@firma.de", "Bob <bob@firma.de>"),
    ("email", "bob@firma.de", "mailto:bob@firma.de?subject=x"),
    ("email", "bob@firma.de", "to=bob@firma.de&x=1"),
    ("email", "bob@xn--mnchen-3ya.de", "bob@xn--mnchen-3ya.de"),
    ("card", "4111 1111 1111 1111", "pay 4111 1111 1111 1111 now"),
    ("card", "4111-1111-1111-1111", "4111-1111-1111-1111"),
    ("card", "3782 822463 10005", "amex: 3782 822463 10005."),
    ("card", "DE89370400440532013000", "DE89370400440532013000"),
    ("card", "DE89 3704 0044 0532 0130 00", "IBAN DE89 3704 0044 0532 0130 00"),
    ("government_id", "RSSMRA85T10A562S", "cf RSSMRA85T10A562S"),
    ("government_id", "529.982.247-25", "CPF: 529.982.247-25"),
    ("ip", "93.184.216.34", "93.184.216.34"),
    ("ip", "2606:2800:220:1:248:1893:25c8:1946", "[2606:2800:220:1:248:1893:25c8:1946]:443"),
    ("device_id", "00:1a:2b:3c:4d:5e", "wlan 00:1a:2b:3c:4d:5e"),
]
NOWHERE = [
    "icon@2x.png", "lodash@4.17.21", "@handle", "a@b", "bob@printer.local", "noreply@firma.de", "support@firma.de",
    "https://0123456789abcdef@o1.ingest.firma.io/42",  # the key of an error collector
    "4111111111111111", "4111 1111 1111 1112", "9111-1111-1111-1111", "1234-5678-9012-3456",
    "DE89370400440532013001", "XX89370400440532013000", "xDE89370400440532013000",
    "RSSMRA85T10A562T", "529.982.247-26",
    "1.2.3.4", "120.0.6099.71", "10.0.0.1", "192.168.178.20", "127.0.0.1", "203.0.113.7", "93.184.216.34.5",
    "12:30:45", "20:26:11:20:10:30", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "fe80::1", "a::b", "std::string::x",
    "67174557-40f4-4fd4-9b38-1d7740939a77", "GA1.2.1635221331.1515916349", "fb.1.1700000000000.1234567890",
    "+49 151 12345678", "86095742719", "111222333", "2026-11-20T10:30:00.000Z", "1732100000000",
]  # fmt: skip
AT_NAMES = [  # address, value, category or None
    ("form:tel", "0151 12345678", "phone"),
    ("json:/user/phoneNumber", "+4915112345678", "phone"),
    ("query:ud[ph]", "(202) 555-0173", "phone"),
    ("json:/contact/mobile/0/value", "+33 6 12 34 56 78", "phone"),
    ("form:handynummer", "0151/12345678", "phone"),
    ("query:mobile", "1732100000", None),  # a time
    ("query:phone", "1732100000123", None),
    ("query:mobile", "1", None),
    ("query:tel", "1234567", None),
    ("query:cell", "20261120103000", None),
    ("form:cc-number", "4111111111111111", "card"),
    ("form:cardNumber", " 378282246310005 ", "card"),
    ("json:/card/pan", "4111111111111112", None),
    ("form:steuerId", "86 095 742 719", "government_id"),
    ("form:tax_id", "86095742719", "government_id"),
    ("form:ssn", "219-09-9999", "government_id"),
    ("form:ssn", "000-12-3456", None),
    ("form:nino", "AA 12 34 56 C", "government_id"),
    ("form:dni", "12345678-Z", "government_id"),
    ("form:dni", "X1234567L", "government_id"),
    ("form:numeroSecuriteSociale", "2 55 08 14 168 025 38", "government_id"),
    ("form:bsn", "111222333", "government_id"),
    ("form:personnummer", "811228-9874", "government_id"),
    ("form:pesel", "44051401359", "government_id"),
    ("form:cpf", "52998224725", "government_id"),
    ("form:aadhaar", "2341 2341 2346", "government_id"),
    ("form:ahv", "756.9217.0769.85", "government_id"),
    ("form:hetu", "131052-308T", "government_id"),
    ("form:nhs_number", "943 476 5919", "government_id"),
    ("form:order", "86095742719", None),
    ("query:uip", "8.8.8.8", "ip"),
    ("json:/client/ip", "10.1.2.3", None),
    ("header:x-forwarded-for", "10.1.2.3, 8.8.8.8", "ip"),
    ("query:appVersion", "93.184.216.34", None),
    ("header:user-agent", "x/93.184.216.34 bob@firma.de", None),
    ("header:sec-ch-ua", "bob@firma.de", None),
    ("query:mac", "001a2b3c4d5e", "device_id"),
    ("query:bssid", "00-1a-2b-3c-4d-5e", "device_id"),
    ("query:hash", "001a2b3c4d5e", None),
]  # fmt: skip


@pytest.mark.parametrize(("category", "written", "field"), ANYWHERE)
def test_what_nothing_else_looks_like_is_found_anywhere(category: str, written: str, field: str) -> None:
    content = field.encode()
    assert [(one.category, content[one.start : one.end].decode()) for one in spans_of(content, 0)] == [
        (category, written)
    ]


@pytest.mark.parametrize("field", NOWHERE)
def test_what_only_looks_like_it(field: str) -> None:
    assert spans_of(field.encode(), 0) == []


@pytest.mark.parametrize(("address", "value", "category"), AT_NAMES)
def test_names_say_what_a_number_is(address: str, value: str, category: str | None) -> None:
    from shield.address import parse_address

    hint = hint_of(parse_address(address))
    found = [] if hint & hints.SKIP else spans_of(value.encode(), hint)
    assert [one.category for one in found] == ([category] if category else [])


def request(target: bytes, body: bytes = b"", kind: bytes = b"application/json") -> Request:
    headers = ((b"Content-Type", kind), (b"User-Agent", b"bob@firma.de"))
    return Request("POST", "https", "shop.example", 443, target, headers, body)


def test_findings_in_a_message_are_guesses() -> None:
    opened = reader.read(request(b"/a?to=bob%40firma.de", b'{"user":{"tel":"0151 12345678","n":[1,2]}}'))
    found = Shapes().find(opened)
    assert [(one.at, one.category, one.whose, one.how, one.is_whole) for one in found] == [
        ("query:to", "email", "unknown", "shape", True),
        ("json:/user/tel", "phone", "unknown", "shape", True),
    ]


def test_what_is_known_is_no_guess_and_what_goes_beyond_it_is() -> None:
    person = Person(FACTS, pseudonym_key=bytes(32))
    opened = reader.read(request(b"/?a=anna@real.example&b=bob@firma.de&c=anna.schmidt@firma.de"))
    known = Matcher.build(person).find(opened)
    assert any(one.at == "query:c" for one in known)
    assert [one.at for one in Shapes().find(opened, known)] == ["query:b", "query:c"]


def test_a_list_without_end_becomes_one_span() -> None:
    content = b" ".join(b"p%d@firma.de" % number for number in range(5000))
    spans = spans_of(content, 0)
    assert len(spans) == 101
    assert spans[-1].end == len(content)
    covered = sum(one.end - one.start for one in spans) + 100  # the blanks between
    assert covered == len(content)


@pytest.mark.parametrize(
    "hostile",
    [
        b"a" * 200_000, b"@" * 200_000, b"a@" * 100_000, b"a@a." * 50_000, b"www@a.co " * 20_000, b"1.1.1.1." * 25_000,
        b"4111 1111 1111 " * 13_000, b"AA00" * 50_000, b"20aa:" * 40_000, b"00:" * 70_000, b"000.000.000-" * 16_000,
        b"a." * 100_000 + b"@", b"x@" + b"a-" * 100_000,
    ],
)  # fmt: skip
def test_hostile_fields_end(hostile: bytes) -> None:
    """Every one of these takes some milliseconds; a pattern that is not linear would take minutes."""
    assert len(spans_of(hostile, hints.IP)) <= 101


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 255))
def test_spans_are_in_order_apart_and_inside(content: bytes, hint: int) -> None:
    spans = spans_of(content, hint)
    edges = [edge for one in spans for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= one.start < one.end <= len(content) for one in spans)


@settings(max_examples=100, deadline=None)
@given(st.text("0123456789 +-./()tel:", max_size=30))
def test_a_phone_has_a_bounded_number_of_digits(text: str) -> None:
    if is_phone(text.encode()):
        assert 7 <= sum(map(str.isdigit, text)) <= 17


def test_the_memo_of_names_is_bounded() -> None:
    shapes = Shapes()
    for number in range(40):
        names = b"&".join(b"n%d_%d=1234567" % (number, one) for one in range(100))
        shapes.find(reader.read(request(b"/?" + names + b"&" + b"x" * 500 + b"=1234567")))
    assert 0 < len(shapes._hints.by_number) <= 4096
