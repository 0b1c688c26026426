"""The persona's value under the normalisation of whoever receives it, and in the layout that stood there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import MappingProxyType

import pytest

from shield.detect.known import Matcher
from shield.message import Request
from shield.person import Fact
from shield.transform.exchange import exchanged
from shield.wire import reader
from tests.people import sample_person

PERSON = sample_person("tracker")
DOTTED = Fact("email-1", "email", {"value": "Lena.Wagner+x@gmail.com"})
LENA = replace(PERSON.personas["tracker"], values={**PERSON.personas["tracker"].values, "email-1": DOTTED})
WHO = replace(PERSON, personas=MappingProxyType({"tracker": LENA}))
MATCHER = Matcher.build(WHO)


def became(value: bytes, company: str | None, fact_id: str = "email-1") -> bytes:
    request = Request("GET", "https", "x.example", 443, b"/?q=" + value)
    (finding,) = MATCHER.find(reader.read(request), "tracker")
    spliced = exchanged(finding, LENA.values[fact_id], WHO, company)
    assert spliced is not None
    return spliced.new


@pytest.mark.parametrize(
    ("company", "text"),
    [
        ("Google", "lenawagner+x@gmail.com"), ("Facebook", "lena.wagner+x@gmail.com"),
        ("Amazon", "lena.wagnerx@gmail.com"), (None, "lena.wagner+x@gmail.com"),
    ],
)  # fmt: skip
def test_the_receivers_own_normalisation(company: str | None, text: str) -> None:
    """The digest of anna@real.example is the same for all three; the persona's is not."""
    value = hashlib.sha256(b"anna@real.example").hexdigest().encode()
    assert became(value, company) == hashlib.sha256(text.encode()).hexdigest().encode()


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        (b"%2B49%20(151)%20123-45678", b"+49 (171) 392-00123"), (b"0151.12345678", b"0171.39200123"),
        (b"%2B4915112345678", b"+4917139200123"), (b"4915112345678", b"4917139200123"),
    ],
)  # fmt: skip
def test_layout_of_numbers(written: bytes, becomes: bytes) -> None:
    """Signs between digits stay."""
    assert became(written, None, "phone-1") == becomes


def test_a_shorter_number_fills_the_groups_from_the_left() -> None:
    """The last group is as long as it has to be."""
    from shield.transform.exchange import _in_layout

    assert _in_layout(b"+49 (151) 123-45678", b"+493023125780") == b"+49 (302) 312-5780"
    assert _in_layout(b"+49 151 12", b"+4930231257") == b"+49 302 31257"


def test_a_digest_of_a_digest_turned_around() -> None:
    """All the way back, and forth again."""
    inner = hashlib.md5(b"anna@real.example").hexdigest().encode()
    value = hashlib.sha256(inner).hexdigest().encode()[::-1]
    wanted = hashlib.sha256(hashlib.md5(b"lena.wagner+x@gmail.com").hexdigest().encode()).hexdigest().encode()[::-1]
    assert became(value, None) == wanted


@pytest.mark.parametrize(
    ("mask", "becomes", "fact_id"),
    [
        (b"a***@r***.example", b"L************@g****.com", "email-1"),  # as many signs as hers has letters
        (b"%2B49*******5678", b"+49*******0123", "phone-1"),
        (b"%2B49%20151%20*****678", b"+49 171 *****123", "phone-1"),
        (b"S******, A***", None, "name-1"),
    ],
)  # fmt: skip
def test_masked_copies(mask: bytes, becomes: bytes | None, fact_id: str) -> None:
    """Masked the same way; what shows too little is nobody's."""
    request = Request("GET", "https", "x.example", 443, b"/?cud[em]=" + mask)
    found = MATCHER.find(reader.read(request), "tracker")
    spliced = exchanged(found[0], LENA.values[fact_id], WHO) if found else None
    assert (spliced.new if spliced else None) == becomes


GMAIL = Fact("email-1", "email", {"value": "Anna.Schmidt+n@gmail.com"})
AT_GMAIL = replace(WHO, facts=(GMAIL, *(one for one in WHO.facts if one.id != "email-1")))
NORMAL = {"lower": "anna.schmidt+n@gmail.com", "google": "annaschmidt+n@gmail.com", "amazon": "anna.schmidtn@gmail.com"}
HERS = {"lower": "lena.wagner+x@gmail.com", "google": "lenawagner+x@gmail.com", "amazon": "lena.wagnerx@gmail.com"}


@pytest.mark.parametrize("company", ["Google", "Facebook", "Amazon", None])
@pytest.mark.parametrize("normal", list(NORMAL))
def test_a_digest_keeps_the_normalisation_that_tells_itself(normal: str, company: str | None) -> None:
    """Where the fact has another digest under the receiver's own, the sender did not use that; nor do we."""
    value = hashlib.sha256(NORMAL[normal].encode()).hexdigest().encode()
    opened = reader.read(Request("GET", "https", "x.example", 443, b"/?q=" + value))
    (finding,) = Matcher.build(AT_GMAIL).find(opened, "tracker")
    spliced = exchanged(finding, DOTTED, AT_GMAIL, company)
    assert spliced is not None
    assert spliced.new == hashlib.sha256(HERS[normal].encode()).hexdigest().encode()
