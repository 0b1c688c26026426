"""Disguises: the vectors of wire facts section 6, and forms of facts."""

from __future__ import annotations

import hashlib

import pytest

from shield.digests import USUAL
from shield.disguise import COMPANIES, Disguise, clear_texts, digest_texts, normalise
from shield.forms import form_text, forms
from tests.people import FACTS

# wire facts, section 6: typed value, category, company, part, SHA-256 in hex, base64url as Google writes it
VECTORS = [
    ("John_Smith@gmail.com", "email", "value", "meta",
     "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f", "YqFORPdlQZ0Q_qmTZzYacnwSNl4lIPMiGNUF7Zqg9i8"),
    ("John.Smith@gmail.com", "email", "value", "google",
     "3586de92bb3636d0885a12eff961429a32e4ebd764b96f50d85d016f9338d586", "NYbekrs2NtCIWhLv-WFCmjLk69dkuW9Q2F0Bb5M41YY"),
    ("+1 (650) 555-1212", "phone", "value", "meta",
     "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176", "4yPsYmMZypTui_8uTIfPYTvm6hmRntE2QSThaAerMXY"),
    ("+16505551212", "phone", "value", "amazon",
     "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176", "4yPsYmMZypTui_8uTIfPYTvm6hmRntE2QSThaAerMXY"),
    ("+16505551212", "phone", "value", "google",
     "1e231c66011e7a2d867a9cfae267a6aff103cf4913640b6e71a99850fc0ffbc8", "HiMcZgEeei2Gepz64memr_EDz0kTZAtucamYUPwP-8g"),
    (" Mary ", "name", "given", "meta",
     "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec", "aRV3G-HFqgyIaHC2lRsD1-r8Eh_qDoCl6oO-t8RJ9Ow"),
    ("Valéry", "name", "given", "meta",
     "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c", "COGZa13UnmKktMAQ1E5DRVkqhju5-OOXYhm6wpQXFJw"),
    ("example@example.com", "email", "value", "google",
     "31c5543c1734d25c7206f5fd591525d0295bec6fe84ff82f946a34fe970a1e66", "McVUPBc00lxyBvX9WRUl0Clb7G_oT_gvlGo0_pcKHmY"),
    ("Test@Example.com", "email", "value", "lower",
     "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b", "lz3-Rj7IV4X1-Vr1ujkG7tstkxwk5pgkqJ6mXbpOgTs"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "category", "part", "company", "hexed", "url"), VECTORS)
def test_company_digests(typed: str, category: str, part: str, company: str, hexed: str, url: str) -> None:
    """What the companies' own tags make of a value."""
    assert Disguise(company, "sha256", ("hex",)).write(category, part, typed) == hexed.encode()
    assert Disguise(company, "sha256", ("HEX",)).write(category, part, typed) == hexed.upper().encode()
    assert Disguise(company, "sha256", ("base64url",)).write(category, part, typed) == url.encode()
    padded = url.replace("-", "+").replace("_", "/") + "="
    assert Disguise(company, "sha256", ("base64",)).write(category, part, typed) == padded.encode()


def test_nothing_is_not_disguised() -> None:
    """Shops send the digest of an empty text; it is nobody's (wire facts, section 6, last vector)."""
    assert Disguise("lower", "sha256", ("hex",)).write("email", "value", "  ") is None
    assert Disguise("google", "sha256", ("hex",)).write("date_of_birth", "value", "1987-03-14") is None
    assert Disguise("plain", "", ("latin1",)).write("name", "family", "Łoś") is None


@pytest.mark.parametrize(
    ("normal", "category", "part", "typed", "expected"),
    [
        ("google", "email", "value", "J.S.x@googlemail.com", "jsx@googlemail.com"),
        ("google", "email", "value", "a.b@other.example", "a.b@other.example"),
        ("google-without-plus", "email", "value", "a.b+shop@gmail.com", "ab@gmail.com"),
        ("amazon", "email", "value", "Anna+x_y@real.example", "annaxy@real.example"),
        ("meta", "phone", "value", "+49 151 1234", "491511234"),
        ("meta", "name", "family", "O'Neill-Smith", "oneillsmith"),
        ("amazon", "name", "given", "Anna-Lena", "annalena"),
        ("meta", "date_of_birth", "value", "1987-03-14", "19870314"),
        ("meta", "gender", "value", "Weiblich", "f"),
        ("meta", "postal_address", "city", "St. Gallen (CH) 9", "stgallench"),
        ("amazon", "postal_address", "city", "San Francisco", "sanfrancisco"),
        ("meta", "postal_address", "postcode", "94103-1234", "94103"),
        ("amazon", "postal_address", "postcode", "SW1A 1AA", "sw1a1aa"),
        ("meta", "postal_address", "country", "DE", "de"),
        ("google", "postal_address", "street", "Hauptstr. 5", "hauptstr. 5"),
        ("amazon", "postal_address", "street", "Hauptstr. 5", "hauptstr5"),
        ("meta", "phone", "national", "015112345678", None),  # a form that is a normal form itself
        ("german", "name", "family", "Müßig", "Muessig"),
        ("ascii", "name", "family", "Müßig", "Mussig"),
    ],
)
def test_normalisations(normal: str, category: str, part: str, typed: str, expected: str | None) -> None:
    """The table of wire facts section 6, cell by cell."""
    assert normalise(normal, category, part, typed) == expected


def test_forms_of_the_sample_person() -> None:
    """Every form that the issue lists."""
    by_id = {fact.id: {form.part: form.text for form in forms(fact.category, fact.parts)} for fact in FACTS}
    assert by_id["email-1"] == {"value": "anna@real.example", "local": "anna"}
    assert by_id["phone-1"]["international"] == "4915112345678"
    assert by_id["phone-1"]["national"] == "015112345678"
    assert by_id["name-1"]["listed"] == "Schmidt, Anna"
    assert by_id["date_of_birth-1"]["dmy-dots"] == "14.03.1987"
    assert by_id["date_of_birth-1"]["mdy-slashes"] == "03/14/1987"
    assert by_id["postal_address-1"]["value"] == "Hauptstr. 5, 53111 Bonn"


@pytest.mark.parametrize(
    ("typed", "national"),
    [
        ("+16505551212", "16505551212"),
        ("+3725123456", "5123456"),
        ("+4930123456", "030123456"),
        ("+74951234567", "84951234567"),
    ],
)
def test_country_codes(typed: str, national: str) -> None:
    """One, two and three digits of country code; the trunk prefix of the plan; Estonia has none."""
    assert form_text("phone", {"value": typed}, "national") == national


def test_a_form_without_text_is_no_form() -> None:
    """Facts may lack parts; no pattern is ever empty."""
    assert [form.part for form in forms("name", {"given": "Anna"})] == ["given"]
    assert forms("postal_address", {}) == ()
    assert form_text("name", {"given": "Anna"}, "full") is None


def test_equal_normal_forms_are_written_once() -> None:
    """lower, meta, google and amazon agree about a plain address: one digest each, under the first name."""
    one, other = digest_texts("email", "value", "anna@real.example")
    assert (one, other) == (("lower", "anna@real.example"), ("upper", "ANNA@REAL.EXAMPLE"))
    assert [normal for normal, _ in digest_texts("email", "value", "A.b+c@gmail.com")] == [
        "lower", "google", "google-without-plus", "amazon", "plain", "upper",
    ]  # fmt: skip
    assert ("german", "Mueller") in clear_texts("name", "family", "Müller")


def test_no_value_is_shown() -> None:
    """repr of forms and disguises."""
    assert "anna" not in repr(forms("email", {"value": "anna@real.example"}))


@pytest.mark.parametrize("name", USUAL)
def test_digests(name: str) -> None:
    """Disguise agrees with hashlib."""
    expected = hashlib.new(name, b"anna@real.example").hexdigest().encode()
    assert Disguise("lower", name, ("hex",)).write("email", "value", "Anna@Real.example ") == expected


def test_every_company_rule_is_idempotent() -> None:
    """A normal form stays itself."""
    for key, rules in COMPANIES.items():
        for normal, rule in rules.items():
            once = rule("Anna Größe-5 (x) +49 0170")
            assert rule(once) == once, (key, normal)
