"""The demo's own detector: it must find what it is there to find, else the demo proves nothing."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest

from shield.demo import traces as anna
from shield.demo.traces import facts_in


def _digest(name: str, text: str) -> bytes:
    return hashlib.new(name, text.encode()).digest()


@pytest.mark.parametrize(
    ("raw", "fact"),
    [
        (b"a=anna@real.example&b", "e-mail"),
        (b"a=ANNA@REAL.EXAMPLE", "e-mail"),
        (b"a=anna%40real.example", "e-mail"),
        (b"u=https%3A%2F%2Fs%2F%3Fe%3Danna%2540real.example", "e-mail"),
        (base64.b64encode(b'{"mail": "anna@real.example"}'), "e-mail"),
        (base64.b64encode(b'{"m": "anna@real.example"}'), "e-mail"),
        (base64.b64encode(b'{"ma": "anna@real.example"}'), "e-mail"),
        (anna.EMAIL.encode().hex().encode(), "e-mail"),
        (_digest("sha256", anna.EMAIL).hex().encode(), "e-mail"),
        (_digest("sha1", anna.EMAIL).hex().upper().encode(), "e-mail"),
        (base64.urlsafe_b64encode(_digest("md5", anna.EMAIL)), "e-mail"),
        (quote(base64.b64encode(_digest("sha256", anna.EMAIL)), safe="").encode(), "e-mail"),
        (_digest("sha256", "4915112345678").hex().encode(), "phone"),
        (_digest("sha256", "schmidt").hex().encode(), "family name"),
        (_digest("sha256", "19870314").hex().encode(), "date of birth"),
        (b"line1=Hauptstr.+5", "street"),
        (b"zip=53111&city=Bonn", "postcode"),
        (b"user=anna87", "user name"),
        (b"n=4111111111111111", "card"),
    ],
)
def test_finds(raw: bytes, fact: str) -> None:
    assert fact in facts_in(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"q=tea", b"cid=1753111894.1699990000", b"name=Anneliese", b"city=Bonn&given=Anna"]
)
def test_stays_silent(raw: bytes) -> None:
    assert facts_in(raw) == []
