"""Pseudonyms: equal within a scope, different between scopes, of the same shape, changed once."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.transform.pseudonym import Scope, give, pseudonym
from shield.transform.shape import shape
from tests.people import DictBook

KEY = bytes(range(32))
TOKEN = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=24, max_size=60)
UUID = st.uuids(version=4).map(str)
HEX = st.binary(min_size=10, max_size=32).map(bytes.hex).filter(lambda text: not text.isdigit())
NUMBER = st.integers(10**8, 2**31)
SECONDS = st.integers(1_300_000_000, 1_900_000_000)
GA = st.builds("GA1.{}.{}.{}".format, st.integers(1, 3), NUMBER, SECONDS)
FB = st.builds("fb.1.{}123.{}".format, SECONDS, NUMBER)
IDENTIFIER = st.one_of(TOKEN, UUID, UUID.map(str.upper), HEX, GA, FB, UUID.map("XZ{}".format)).map(str.encode)


def classes(value: bytes) -> bytes:
    """The shape in letters: 9 for digits, 0 for a leading zero, a and A for letters."""
    value = re.sub(rb"\d+", lambda found: (b"0" if found[0][0] == 0x30 else b"9") + b"9" * (len(found[0]) - 1), value)
    return re.sub(rb"[a-z]", b"a", re.sub(rb"[A-Z]", b"A", value))


@settings(max_examples=200, deadline=None)
@given(value=IDENTIFIER)
def test_one_scope_one_pseudonym(value: bytes) -> None:
    """Equal in its scope, another one elsewhere and after a rotation, never the value itself."""
    made = pseudonym(KEY, "a", 0, value)
    if made is None:
        assert shape(value).free_bits < 64
        return
    assert made == pseudonym(KEY, "a", 0, value)
    assert len({value, made, pseudonym(KEY, "b", 0, value), pseudonym(KEY, "a", 1, value)}) == 4
    assert made != pseudonym(bytes(32), "a", 0, value)
    assert len(made) == len(value)
    if shape(value).kind == "hex":
        assert re.sub(rb"[0-9a-f]", b"h", made.lower()) == re.sub(rb"[0-9a-f]", b"h", value.lower())
        assert made.isupper() == value.isupper() or made.upper() == made.lower()
    else:
        assert classes(made) == classes(value)


@settings(max_examples=150, deadline=None)
@given(value=IDENTIFIER)
def test_changed_once(value: bytes) -> None:
    """Met again in its scope it is left; in another scope it is what the value itself would be there."""
    book = DictBook()
    first = give(KEY, book, Scope("a"), value)
    if first is None:
        return
    book.add([first.issued])
    again = give(KEY, book, Scope("a"), first.value)
    assert (again.value, again.issued) == (first.value, None)
    elsewhere = give(KEY, book, Scope("b"), first.value)
    if shape(value).kind == "hex":
        assert elsewhere.value == pseudonym(KEY, "b", 0, value)
    assert elsewhere.issued.root == first.issued.root
    rotated = give(KEY, book, Scope("a", 1), first.value)
    assert rotated.issued.epoch == 1
    assert rotated.value != first.value


@given(value=st.uuids(version=4).filter(lambda value: not value.hex.isdigit()))
@settings(max_examples=50, deadline=None)
def test_every_spelling_of_a_uuid(value: uuid.UUID) -> None:
    """With and without dashes, in both cases, in braces, after a word."""
    plain = pseudonym(KEY, "a", 0, str(value).encode())
    spelled = [str(value).upper(), value.hex, "{" + str(value) + "}", f"urn:uuid:{value}", f"amzn1.ad.{value}"]
    for text in spelled:
        made = pseudonym(KEY, "a", 0, text.encode())
        assert made.lower().replace(b"-", b"").find(plain.replace(b"-", b"")) >= 0, text
    assert uuid.UUID(plain.decode()).version == value.version
    assert uuid.UUID(plain.decode()).variant == value.variant


def test_wrappers_of_google_and_meta() -> None:
    """The cookie and the parameter are one identifier; the click id is one in both."""
    bare = pseudonym(KEY, "a", 0, b"1234567890.1699999999")
    assert pseudonym(KEY, "a", 0, b"GA1.1.1234567890.1699999999") == b"GA1.1." + bare
    assert pseudonym(KEY, "a", 0, b"GA1.2-2.1234567890.1699999999") == b"GA1.2-2." + bare
    click = pseudonym(KEY, "a", 0, b"IwAR3xyzABCDEF_-ghij1234")
    assert pseudonym(KEY, "a", 0, b"fb.1.1699999999999.IwAR3xyzABCDEF_-ghij1234").endswith(b"." + click)


@settings(max_examples=100, deadline=None)
@given(value=st.one_of(GA, FB))
def test_times_move_back_at_most_a_year(value: str) -> None:
    """Seconds in Google's, milliseconds in Meta's; never forward."""
    made = pseudonym(KEY, "a", 0, value.encode()).decode()
    (old, new), unit = (value.split(".")[-1], made.split(".")[-1]), 1
    if value.startswith("fb"):
        (old, new), unit = (value.split(".")[2], made.split(".")[2]), 1000
    assert 0 < int(old) - int(new) <= 31_536_000 * unit


def test_check_digits() -> None:
    """What was valid under Luhn stays so."""

    def luhn(digits: bytes) -> bool:
        doubled = [int(chr(d)) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
        return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0

    value = next(b"8949020000000012345%d" % n for n in range(100, 200) if luhn(b"8949020000000012345%d" % n))
    assert luhn(pseudonym(KEY, "a", 0, value))


@pytest.mark.parametrize(
    "value",
    [
        b"", b"1", b"12345678", b"305-1234567-7654321", b"anna@real.example", b"Anna Schmidt", b'{"a": "b"}',
        "Überraschungsmoment".encode(), b"true", b"deadbeef", b"1699999999", b"AbCdEfGhIj",
    ],
)  # fmt: skip
def test_shapes_without_room(value: bytes) -> None:
    """Order and customer numbers, words, times, texts: never pseudonymized."""
    assert pseudonym(KEY, "a", 0, value) is None


def test_what_stands_around_a_number_is_no_identity() -> None:
    """A wrapper is kept only if it says nothing about the person."""
    first = pseudonym(KEY, "a", 0, b"user12345678-0123456789abcdef")
    assert b"12345678" not in first


def test_nothing_is_shown() -> None:
    """repr of shapes and of what is given."""
    assert "111" not in repr(shape(b"GA1.1.111.222")) + repr(give(KEY, DictBook(), Scope("a"), b"GA1.1.111.222"))
