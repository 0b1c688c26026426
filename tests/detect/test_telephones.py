"""Telephone numbers as people write them: in plain and as digests, with every separator and extension."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from functools import lru_cache

import pytest

from shield import transform
from shield.context import Context
from shield.detect.known import Matcher
from shield.digests import DIGESTS
from shield.finding import Because, Decision
from shield.forms import form_text, forms, seldom
from shield.message import Request
from shield.person import Fact, Person, Persona
from shield.wire import reader, writer
from tests.people import DictBook
from tests.phones import PHONES

WRITTEN = [(value, text) for value, texts in PHONES.items() for text in texts]
SIGNS = {
    "no-break hyphen": {"-": "\u2011", " ": "\u2011"}, "en dash": {"-": "\u2013", " ": "\u2013"},
    "figure dash": {"-": "\u2012", " ": "\u2012"}, "minus": {"-": "\u2212"},
    "no-break space": {" ": "\u00a0", "-": "\u00a0"},
    "thin space": {" ": "\u2009", "-": "\u2009"}, "narrow space": {" ": "\u202f"}, "ideographic space": {" ": "\u3000"},
    "dash among blanks": {"-": " \u2013 "}, "full-width brackets": {"(": "\uff08", ")": "\uff09"},
    "full-width": {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)},
    "zero-width": {" ": "\u200b", "-": "\u2060"},
    **{name: {str(digit): chr(zero + digit) for digit in range(10)} for name, zero in (
        ("Arabic-Indic", 0x660), ("Persian", 0x6F0), ("Devanagari", 0x966), ("Bengali", 0x9E6), ("Thai", 0xE50),
        ("Khmer", 0x17E0), ("Myanmar", 0x1040),
    )},
}  # fmt: skip
EXTENSIONS = ("x12", " x12", " ext. 12", " ext 12", "-12", ";ext=12", " DW 12", " Durchwahl 12", "#12", ",12", "/12")


@lru_cache(maxsize=512)
def matcher(value: str) -> Matcher:
    """Of somebody who has this number."""
    return Matcher.build(Person((Fact("phone-1", "phone", {"value": value}),)))


def found(value: str, text: str, field: str = "t") -> list[str]:
    """What is found in a message that holds a text."""
    body = json.dumps({field: text}, ensure_ascii=False).encode()
    headers = ((b"host", b"t.example"), (b"content-type", b"application/json"))
    request = Request("POST", "https", "t.example", 443, b"/c", headers, body)
    return [one.category for one in matcher(value).find(reader.read(request))]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_as_it_is_written_at_home(value: str, text: str) -> None:
    """In a field, and, of nine digits and more, in a sentence."""
    assert found(value, text, "phone") == ["phone"]
    if sum(map(str.isdigit, text)) > 8:
        assert found(value, f"Call me: {text}, please.") == ["phone"]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_its_digests(value: str, text: str) -> None:
    """Of what was typed, and of its digits alone: what forms send."""
    for written in (text, "".join(filter(str.isdigit, text))):
        for name in ("md5", "sha1", "sha256"):
            assert found(value, hashlib.new(name, written.encode()).hexdigest()) == ["phone"], written
    for name in ("sha512", "sha3-256", "ripemd160"):
        assert found(value, DIGESTS[name](written.encode()).hex()) == ["phone"]
        assert found(value, b64encode(DIGESTS[name](written.encode())).decode()) == ["phone"]


@pytest.mark.parametrize("signs", SIGNS)
@pytest.mark.parametrize("value", list(PHONES)[::7])
def test_other_separators_and_digits(value: str, signs: str) -> None:
    """Of Unicode."""
    for text in PHONES[value]:
        written = text.translate(str.maketrans(SIGNS[signs]))
        assert found(value, written, "phone") == ["phone"], written
        assert matcher(value).suspects(written.encode()) or len(text) < 10


@pytest.mark.parametrize("extension", EXTENSIONS)
@pytest.mark.parametrize("value", list(PHONES)[::7])
def test_extensions(value: str, extension: str) -> None:
    """Whatever stands behind it."""
    for text in PHONES[value]:
        if sum(map(str.isdigit, text)) > 8:
            assert found(value, text + extension) == ["phone"]


@pytest.mark.parametrize("value", ["+4930123456789", "+447911123456"])
@pytest.mark.parametrize("prefix", ["+", "00", "011", "0011", "010", "001", "810", "011 ", "8~10 "])
def test_dialled_from_abroad(value: str, prefix: str) -> None:
    """With the prefix of the country where somebody is."""
    assert found(value, f"tel {prefix}{value[1:]}") == ["phone"]


def test_every_form_has_one_of_the_personas() -> None:
    """Whatever country the persona's number is of."""
    for value in PHONES:
        for form in (*forms("phone", {"value": value, "written": "x"}), *seldom("phone", {"value": value})):
            for other in ("+16505550123", "+4917139200123", "+33639981234", "+46462804123"):
                assert form_text("phone", {"value": other}, form.part), form.part


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("0151\u2011123\u201145678", "0171\u2011392\u201100123"),
        ("0151\u2009123\u200945678", "0171\u2009392\u200900123"),
        ("\u0660\u0661\u0665\u0661\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", "017139200123"),
        ("0151/123-456 78", "0171/392-001 23"),
        (hashlib.sha256(b"0151 123 456 78").hexdigest(), hashlib.sha256(b"0171 392 001 23").hexdigest()),
        (hashlib.sha1(b"+49 151 12345678").hexdigest(), hashlib.sha1(b"+49 171 39200123").hexdigest()),
    ],
)  # fmt: skip
def test_exchanged_in_its_layout(text: str, becomes: str) -> None:
    """The persona's number, with the separators that stood there, under the same digest."""
    fact, value = (Fact("phone-1", "phone", {"value": one}) for one in ("+4915112345678", "+4917139200123"))
    person = Person((fact,), {"t": Persona("t", {"phone-1": value})}, pseudonym_key=bytes(32))
    headers = ((b"host", b"t.example"), (b"content-type", b"application/json"))
    body = json.dumps({"t": text}, ensure_ascii=False).encode()
    request = Request("POST", "https", "t.example", 443, b"/c", headers, body)
    opened = reader.read(request)
    findings = Matcher.build(person).find(opened, "t")
    context = Context("POST", "t.example", "/c", "t.example", service="t", purpose="analytics", party="third")
    decisions = [Decision(one, "pseudonymize", Because("rule"), scope="t") for one in findings]
    made = transform.plan(decisions, (), person=person, context=context, book=DictBook(), opened=opened)
    left = writer.rebuild(request, opened, made.edits)
    assert left.body is not None
    assert json.loads(left.body) == {"t": becomes}


@pytest.mark.parametrize("text", ["1234567", "price 0151, 1234", "2026-11-30 12:34:56.789", "192.168.151.123", "0151"])
def test_what_only_looks_like_it(text: str) -> None:
    """Other numbers."""
    assert found("+4915112345678", text) == []
