"""How to recognise the sample person in recorded bytes, written without Shield's own detectors.

A demo that searched with the matcher it demonstrates would prove nothing, so the disguises stand here once
more, straight from the companies' documents, with hashlib alone (wire facts, section 6).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

EMAIL: Final = "anna@real.example"
PHONE: Final = "+4915112345678"
GIVEN, FAMILY = "Anna", "Schmidt"
STREET, CITY, POSTCODE, COUNTRY = "Hauptstr. 5", "Bonn", "53111", "DE"
BORN: Final = "1987-03-14"
USERNAME: Final = "anna87"
CARD: Final = "4111111111111111"

DIGESTED: Final = {
    "e-mail": (EMAIL, EMAIL.upper()),
    "phone": (PHONE, PHONE.removeprefix("+"), "015112345678"),
    "given name": (GIVEN, GIVEN.lower()),
    "family name": (FAMILY, FAMILY.lower()),
    "date of birth": (BORN, BORN.replace("-", "")),
}
"""Values that the companies digest, in each spelling that one of them wants."""
CLEAR: Final = {
    "e-mail": (EMAIL,),
    "phone": (PHONE, PHONE.removeprefix("+"), "015112345678"),
    "family name": (FAMILY,),
    "street": (STREET, "Hauptstrasse 5"),
    "date of birth": (BORN, BORN.replace("-", ""), "14.03.1987"),
    "user name": (USERNAME,),
    "card": (CARD,),
}
"""Values that are telling as they are. The given name and the town alone are not: too many share them."""
ALONE: Final = {"postcode": re.compile(rb"(?<![0-9A-Za-z])53111(?![0-9A-Za-z])")}
"""Short values, telling only where no letter or digit stands beside them."""


def encodings(value: bytes) -> Iterator[bytes]:
    """Plain, percent, hex in both cases, base64 in both alphabets and at each offset inside longer text."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + value)
        whole = encoded[(0, 2, 3)[offset] : len(encoded) - (0, 3, 2)[(offset + len(value)) % 3]]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))
    yield quote(value, safe="").encode()
    yield quote_plus(value, safe="").encode()


def digests(value: str) -> Iterator[bytes]:
    """MD5, SHA-1 and SHA-256 in the encodings in which they travel."""
    for make in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        digest = make(value.encode()).digest()
        yield digest.hex().encode()
        yield digest.hex().upper().encode()
        yield base64.b64encode(digest).rstrip(b"=")
        yield base64.urlsafe_b64encode(digest).rstrip(b"=")


def traces() -> dict[str, frozenset[bytes]]:
    """Everything that gives the sample person away, by the name of the fact."""
    found: dict[str, set[bytes]] = {}
    for name, values in CLEAR.items():
        for value in values:
            found.setdefault(name, set()).update(encodings(value.encode()))
    for name, values in DIGESTED.items():
        for value in values:
            found.setdefault(name, set()).update(digests(value))
    return {name: frozenset(forms) for name, forms in found.items()}


TRACES: Final = traces()


def opened(raw: bytes) -> Iterator[bytes]:
    """The bytes as they are, and with percent signs opened once, twice and three times."""
    for _ in range(4):
        yield raw
        following = unquote_to_bytes(raw.replace(b"+", b" "))
        if following == raw:
            return
        raw = following


def facts_in(raw: bytes, extra: Iterable[tuple[str, bytes]] = ()) -> list[str]:
    """Names of the facts that can be read out of *raw*, in whatever disguise; *extra* are more traces."""
    looked_at = [one for view in opened(raw) for one in (view, view.lower())]
    names = [name for name, forms in TRACES.items() if any(_stands_in(form, looked_at) for form in forms)]
    names += [name for name, form in ALONE.items() if any(form.search(view) for view in looked_at)]
    names += [name for name, form in extra if _stands_in(form, looked_at)]
    return sorted(set(names))


def _stands_in(form: bytes, views: list[bytes]) -> bool:
    return any(form in view or form.lower() in view for view in views)
