"""What the name of a field says about the numbers in it: ``tel`` holds a phone number, ``v`` a version.

Names are cut into words where people cut them (``user_phone``, ``userPhone``, ``user[phone]``); long stems also count
inside a word (``privatephonenumber``). A hint is a set of bits: plain integers, because every field is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shield.address import FLAT, LAYERS, POINTERS, SEPARATOR

SKIP: Final = 1
"""Nothing of ours, ever."""
PHONE: Final = 2
CARD: Final = 4
NATIONAL: Final = 8
SSN: Final = 16
IP: Final = 32
MAC: Final = 64
NO_IP: Final = 128
"""Dotted numbers are versions there."""

WORDS: Final[dict[str, int]] = {
    **dict.fromkeys((
        "tel", "tele", "telno", "phone", "phones", "ph", "fon", "fone", "mobile", "mobil", "handy", "cell", "cellular",
        "msisdn", "gsm", "sms", "fax", "whatsapp", "telefon", "telefono", "telefone", "telephone", "movil", "celular",
        "portable", "puhelin", "telefoon", "rufnummer", "callback",
    ), PHONE),
    **dict.fromkeys((
        "card", "cards", "cc", "ccno", "ccnum", "ccnumber", "pan", "karte", "carte", "tarjeta", "carta",
    ), CARD),
    **dict.fromkeys((
        "steuerid", "idnr", "tin", "taxid", "tax", "ssn", "sin", "nino", "dni", "nie", "nif", "nir", "insee", "bsn",
        "burgerservicenummer", "personnummer", "personnr", "pnr", "pesel", "cpf", "aadhaar", "aadhar", "uidai", "nhs",
        "ahv", "avs", "hetu", "henkilotunnus", "rijksregisternummer", "nrn", "national", "government", "govid",
        "passport", "identity", "ausweis", "perso", "fiscal", "fiscale", "nationalid", "idcard", "idnumber",
        "personalid",
    ), NATIONAL),
    **dict.fromkeys(("ssn", "tin", "taxid", "itin"), NATIONAL | SSN),
    **dict.fromkeys((
        "ip", "ips", "ipv", "uip", "ipaddr", "xff", "forwarded", "remoteaddr", "clientip", "userip",
    ), IP),
    **dict.fromkeys(("mac", "macaddr", "bssid", "hwaddr", "wifi", "wlan", "bluetooth"), MAC),
    **dict.fromkeys((
        "v", "ver", "vers", "version", "versions", "build", "release", "rev", "sdk", "lib", "library", "firmware", "os",
        "browser", "chrome", "ua", "agent", "player", "plugin", "flash", "model", "bv", "av", "cv", "sv", "uafvl",
        "oid",
    ), NO_IP),
}  # fmt: skip
STEMS: Final = (
    *((stem, PHONE) for stem in ("phone", "telefon", "mobilnum", "mobilenum", "handynum")),
    *((stem, CARD) for stem in ("cardnum", "creditcard", "debitcard", "kreditkart", "kartennum")),
    *((stem, NATIONAL) for stem in (
        "socialsecurity", "socialinsurance", "nationalinsurance", "steuerid", "sozialversicherung", "securitesociale",
        "codicefiscale", "personnummer", "personalausweis", "nationalid",
    )),
    ("socialsecurity", SSN), ("ipaddress", IP), ("ipadresse", IP), ("macaddress", MAC), ("version", NO_IP),
)  # fmt: skip
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ANY_STEM: Final = re.compile("|".join(stem for stem, _ in STEMS))
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SEPARATED: Final = re.compile(r"[^a-z]+")
_STEPS: Final = FLAT | POINTERS | frozenset(LAYERS)
_LONGEST: Final = 200  # characters of a name that are looked at
_HEADER: Final = f"header:{SEPARATOR}"
_PATH: Final = "path:"
_STANDARD: Final = frozenset(
    _HEADER + name for name in (
        "host", "connection", "content-length", "content-type", "content-encoding", "transfer-encoding", "user-agent",
        "accept", "accept-encoding", "accept-language", "accept-charset", "origin", "cache-control", "pragma", "te",
        "upgrade", "upgrade-insecure-requests", "if-none-match", "if-modified-since", "if-range", "range", "dnt",
        "priority", "keep-alive", "expect", "date", "trailer", "proxy-connection",
    )
)  # fmt: skip
"""Header lines whose value is fixed by a standard and names nobody (RFC 9110); versions in them look like addresses."""


def hint_of(address: str) -> int:
    """What may stand at an address (with separators). Bounded: the last two names, cut short."""
    if address in _STANDARD or address.startswith((_HEADER + "sec-", _HEADER + "access-control-")):
        return SKIP
    found = 0
    for name in _names(address):
        for word in _WORD.findall(name):
            found |= WORDS.get(word.lower(), 0)
        squashed = _SEPARATED.sub("", name.lower())
        found |= WORDS.get(squashed, 0)
        if _ANY_STEM.search(squashed):
            for stem, hint in STEMS:
                if stem in squashed:
                    found |= hint
    if found & IP:
        found &= ~NO_IP
    elif _is_in_path(address):
        found |= NO_IP
    return found


def hint_in(text: str) -> int:
    """What the words of a prose text call for: ``call my phone``. For bounded texts."""
    found = 0
    for word in _LETTERS.findall(text.lower()):
        found |= WORDS.get(word, 0)
    return found & ~(SKIP | NO_IP)


def _names(address: str) -> Iterator[str]:
    """The last two names of an address; numbers, markers and layers name nothing."""
    left = 2
    for step in reversed(address.split(SEPARATOR)):
        if step not in _STEPS and not step.isdigit():
            yield step[:_LONGEST]
            left -= 1
            if not left:
                return


def _is_in_path(address: str) -> bool:
    """Whether it is a segment of a path: ``/lib/1.2.3.4/x.js``."""
    before = address.rpartition(SEPARATOR)[0]
    return before.endswith(_PATH)
