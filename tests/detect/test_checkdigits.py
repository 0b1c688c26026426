"""Check digits: the examples that the issuers publish, and every single wrong digit refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.detect import checkdigits as check

PUBLISHED = [  # check, number, where it is published
    (check.card, "4111111111111111", "test number of the card schemes"),
    (check.card, "378282246310005", "American Express, test number"),
    (check.card, "5555555555554444", "Mastercard, test number"),
    (check.card, "2223003122003222", "Mastercard of the second range, test number"),
    (check.card, "30569309025904", "Diners Club, test number"),
    (check.card, "6011111111111117", "Discover, test number"),
    (check.card, "3530111333300000", "JCB, test number"),
    (check.iban, "DE89370400440532013000", "SWIFT IBAN registry"),
    (check.iban, "GB29NWBK60161331926819", "SWIFT IBAN registry"),
    (check.iban, "NO9386011117947", "SWIFT IBAN registry"),
    (check.iban, "MT84MALT011000012345MTLCAST001S", "SWIFT IBAN registry"),
    (check.de_tax, "86095742719", "BZSt, Prüfzifferberechnung"),
    (check.de_tax, "47036892816", "BZSt, Prüfzifferberechnung"),
    (check.es_dni, "12345678Z", "Ministerio del Interior"),
    (check.es_dni, "X1234567L", "Ministerio del Interior"),
    (check.fr_nir, "255081416802538", "INSEE"),
    (check.it_codice_fiscale, "RSSMRA85T10A562S", "Agenzia delle Entrate"),
    (check.nl_bsn, "111222333", "RvIG"),
    (check.se_personnummer, "8112289874", "Skatteverket"),
    (check.se_personnummer, "198112289874", "Skatteverket"),
    (check.pl_pesel, "44051401359", "gov.pl"),
    (check.pl_pesel, "02070803628", "gov.pl"),
    (check.br_cpf, "52998224725", "Receita Federal"),
    (check.in_aadhaar, "234123412346", "UIDAI, sample"),
    (check.uk_nhs, "9434765919", "NHS data dictionary"),
    (check.ch_ahv, "7569217076985", "BSV"),
    (check.be_national, "85073003328", "IBZ"),
    (check.fi_hetu, "131052308T", "DVV"),
    (check.us_ssn, "219099999", "SSA, advertised 1940"),
    (check.uk_nino, "AA123456C", "HMRC NIM39110"),
]
NO_SINGLE_ERROR = [one for one in PUBLISHED if one[0] not in (check.us_ssn, check.uk_nino)]
REFUSED = [
    (check.card, "0000000000000000"), (check.card, "9111111111111111"), (check.card, "411111111111111"),
    (check.iban, "DE8937040044053201300"), (check.iban, "XX89370400440532013000"),
    (check.de_tax, "01234567890"), (check.de_tax, "11111111111"), (check.es_dni, "00000000T"),
    (check.fr_nir, "955081416802538"), (check.it_codice_fiscale, "RSSMRA85Z10A562S"), (check.nl_bsn, "000000000"),
    (check.se_personnummer, "8113289874"), (check.pl_pesel, "44951401359"), (check.br_cpf, "11111111111"),
    (check.in_aadhaar, "134123412346"), (check.uk_nhs, "0000000000"), (check.ch_ahv, "7559217076985"),
    (check.be_national, "85993003328"), (check.fi_hetu, "321052308T"),
    (check.us_ssn, "000123456"), (check.us_ssn, "666123456"), (check.us_ssn, "912345678"), (check.us_ssn, "123004567"),
    (check.uk_nino, "BG123456C"), (check.uk_nino, "DA123456C"), (check.uk_nino, "AA123456E"),
]  # fmt: skip


@pytest.mark.parametrize(("passes", "number", "source"), PUBLISHED, ids=[f"{p.__name__}-{n}" for p, n, _ in PUBLISHED])
def test_what_issuers_publish_passes(passes, number: str, source: str) -> None:
    assert passes(number), source


@pytest.mark.parametrize(("passes", "number"), REFUSED, ids=[f"{p.__name__}-{n}" for p, n in REFUSED])
def test_what_nobody_issues_is_refused(passes, number: str) -> None:
    assert not passes(number)


@pytest.mark.parametrize(("passes", "number", "source"), NO_SINGLE_ERROR)
def test_few_wrong_digits_pass(passes, number: str, source: str) -> None:
    """A check digit catches single errors; what is left are a prefix or a date that became another valid one."""
    wrong = [
        number[:at] + digit + number[at + 1 :]
        for at, old in enumerate(number) if old.isdigit()
        for digit in "0123456789" if digit != old
    ]  # fmt: skip
    passing = [one for one in wrong if passes(one)]
    assert len(passing) <= len(wrong) * 0.02, passing


ALL = sorted({one[0] for one in PUBLISHED}, key=lambda one: one.__name__)


@settings(max_examples=150, deadline=None)
@given(st.text("0123456789ABCXYZ", max_size=34))
def test_no_number_breaks_a_check(text: str) -> None:
    """Whatever letters and digits come: an answer, never an exception, where the caller keeps to its promise."""
    for passes in ALL:
        takes_letters = passes in (check.iban, check.es_dni, check.fr_nir, check.uk_nino, check.fi_hetu)
        if takes_letters or (text.isdigit() and passes is not check.it_codice_fiscale):
            assert passes(text) in (True, False)


def test_random_numbers_hardly_pass_unhinted() -> None:
    """Of 20,000 numbers of 16 digits one in thirty or fewer looks like a card: why a name or a grouping has to help."""
    numbers = [f"{(number * 2862933555777941757 + 3037000493) % 10**16:016d}" for number in range(20_000)]
    assert sum(map(check.card, numbers)) / len(numbers) < 1 / 30
