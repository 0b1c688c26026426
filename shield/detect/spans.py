"""What stands in one field: e-mail, card, IBAN, IP, MAC, phone, national numbers, by their shape.

A shape alone says little: one random number in ten passes Luhn. So a number counts where its check digits, its issuer
or country, its length and its grouping agree, or where the field's name says what it is (``hints``). Phone, bare card
and national numbers count as whole fields at a name that says so; what nothing else looks like (e-mail, IBAN, grouped
card, codice fiscale, grouped CPF, MAC) anywhere in a field.

Cost: 0.2 µs for a field that has no chance (some plain searches); else linear in the field: every pattern matches runs
of bounded length, and a field yields a bounded number of spans.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import islice
from typing import Final, NamedTuple

from shield.detect import checkdigits
from shield.detect.chance import LOOKS
from shield.detect.hints import CARD, IP, MAC, NATIONAL, NO_IP, PHONE, SSN

_MOST: Final = 100
"""Spans in one field; from the next on the rest of the field is one span, so that a list of a million costs little."""
_LONGEST_NUMBER: Final = 40
_LONGEST_V4: Final = 15

_AT, _COLON = b"@:"

_LOCAL: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+'~-"
"""Of atext (RFC 5322) what mailboxes are named with; the rest separates: ``to=bob@``, ``/bob@``, ``|bob@``."""
_BEFORE_LOCAL: Final = b"._+'~-"
_AT_DOMAIN: Final = re.compile(
    rb"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59}))(?![A-Za-z0-9@-])"
)
_FILES: Final = frozenset(
    b"png jpg jpeg gif svg webp avif ico bmp css js mjs map json html htm xml txt pdf mp3 mp4 webm mov zip gz ts tsx"
    b" jsx py rb php exe dll so bin woff ttf eot min local localdomain internal lan invalid".split()
)  # fmt: skip
"""Endings that no mail address has: ``icon@2x.png``, ``user@printer.local``."""
_ROLES: Final = frozenset(
    b"info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp noreply"
    b" no-reply donotreply do-not-reply mailer-daemon".split()
)  # fmt: skip
"""Mailboxes of functions, not of people (RFC 2142)."""

_GROUPED_CARD: Final = re.compile(
    rb"(?<![0-9A-Za-z.-])(?:[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?"
    rb"|[0-9]{4}([ -])[0-9]{6}\2[0-9]{5})(?![0-9A-Za-z]|[.-][0-9])"
)
_IBAN: Final = re.compile(
    rb"(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?:[0-9A-Z]{11,30}|(?: [0-9A-Z]{4}){2,7}(?: [0-9A-Z]{1,3})?)(?![0-9A-Za-z])"
)
_CODICE: Final = re.compile(rb"(?<![0-9A-Za-z])[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z](?![0-9A-Za-z])")
_CPF: Final = re.compile(rb"(?<![0-9A-Za-z.-])[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}(?![0-9A-Za-z]|[.-][0-9])")
_V4: Final = re.compile(rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_V6: Final = re.compile(rb"[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{2,34}")
_MAC: Final = re.compile(rb"[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}")
_OTHER_MAC: Final = re.compile(
    rb"[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}"
)
_NUMBER: Final = re.compile(rb"\s*[0-9A-Za-z](?:[ ./\-+]?[0-9A-Za-z]){7,24}\s*")
_PHONE: Final = re.compile(rb"\s*(?:tel:)?(\+|00)?\s?\(?\s?[0-9](?:[ ./\-()\xc2\xa0]{0,3}[0-9]){6,15}\s*")
_TIME: Final = re.compile(r"1[2-9]\d{8}(?:\d{3}){0,2}|20[0-4]\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d*")
"""Seconds, milliseconds, microseconds since 1970; a date written as a number."""


class Span(NamedTuple):
    """Something found in the content of a field."""

    start: int
    end: int
    category: str


def spans_of(content: bytes, hint: int) -> list[Span]:
    """The guesses in one field, left to right, none overlapping."""
    spans: list[Span] = []
    if _AT in content:
        spans += islice(_emails(content), _MOST + 1)
    if hint & _OF_NUMBERS and len(content) <= _LONGEST_NUMBER:
        spans += _whole_number(content, hint)
    if _COLON in content and content.count(b":") > 1:
        spans += islice(_colons(content, hint), _MOST + 1)
    if not hint & NO_IP and (hint & IP or len(content) <= _LONGEST_V4) and content.count(b".") > 2:
        spans += islice(_v4(content, hint), _MOST + 1)
    looks = content.translate(LOOKS)
    if looks.find(b"00") >= 0:
        for sign, read in _SIGNS:
            if looks.find(sign) >= 0:
                spans += islice(read(content), _MOST + 1)
    return _settled(spans, len(content)) if spans else spans


def _settled(spans: list[Span], length: int) -> list[Span]:
    """In order, the longest of those that overlap, and not too many."""
    kept: list[Span] = []
    for one in sorted(spans, key=lambda span: (span.start, -span.end)):
        if kept and one.start < kept[-1].end:
            continue
        if len(kept) == _MOST:
            return [*kept, Span(one.start, length, one.category)]
        kept.append(one)
    return kept


def _emails(content: bytes) -> Iterator[Span]:
    for found in _AT_DOMAIN.finditer(content):
        at = found.start()
        before = content[max(0, at - 65) : at]
        local = before[len(before.rstrip(_LOCAL)) :].lstrip(_BEFORE_LOCAL)
        if local and _is_mailbox(local, found[1]) and content[max(0, at - len(local) - 2) : at - len(local)] != b"//":
            yield Span(at - len(local), found.end(), "email")  # //key@host: no mailbox (RFC 3986, 3.2.1)


def _is_mailbox(local: bytes, domain: bytes) -> bool:
    if len(local) > 64 or local.endswith(b".") or b".." in local or local.lower() in _ROLES:
        return False
    return domain.rpartition(b".")[2].lower() not in _FILES


_OF_NUMBERS: Final = PHONE | CARD | NATIONAL | SSN | MAC


def _whole_number(content: bytes, hint: int) -> Iterator[Span]:
    """What a field holds as a whole, where its name says what to expect."""
    stripped = content.strip()
    start = content.find(stripped)
    category = _category_of(stripped, hint)
    if category is not None:
        yield Span(start, start + len(stripped), category)


def _category_of(value: bytes, hint: int) -> str | None:
    if hint & MAC and _OTHER_MAC.fullmatch(value) and _is_mac(value):
        return "device_id"
    if _NUMBER.fullmatch(value):
        text = re.sub(rb"[^0-9A-Za-z]", b"", value).decode().upper()
        if hint & CARD and text.isdigit() and checkdigits.card(text):
            return "card"
        if hint & NATIONAL and any(_passes(check, text) for check in checkdigits.NATIONAL):
            return "government_id"
        if hint & SSN and text.isdigit() and checkdigits.us_ssn(text):
            return "government_id"
    return "phone" if hint & PHONE and is_phone(value) else None


def _passes(check: Callable[[str], bool], text: str) -> bool:
    """A check for digits is asked about digits only."""
    if check not in _WITH_LETTERS and not text.isdigit():
        return False
    return check(text)


_WITH_LETTERS: Final = frozenset(
    {checkdigits.es_dni, checkdigits.fr_nir, checkdigits.uk_nino, checkdigits.fi_hetu}
)  # fmt: skip


def is_phone(value: bytes) -> bool:
    """Whether a whole value is written like a phone number (ITU-T E.164: at most 15 digits) and is no time."""
    if not _PHONE.fullmatch(value):
        return False
    digits = re.sub(rb"[^0-9]", b"", value).decode()
    if not 7 <= len(digits) <= 17 or checkdigits.is_sequence(digits) or len(set(digits)) < 3:
        return False
    international = value.lstrip(b" tel:").startswith((b"+", b"00"))
    return international or (len(digits) <= 15 and not _TIME.fullmatch(digits))


def _colons(content: bytes, hint: int) -> Iterator[Span]:
    """MAC and IPv6."""
    if content.count(b":") > 4:
        for found in _MAC.finditer(content):
            if _is_mac(found[0]) and _is_apart(content, found, b":-"):
                yield Span(*found.span(), "device_id")
    if hint & NO_IP:
        return
    for found in _V6.finditer(content):
        if _is_public(found[0]) and _is_apart(content, found, b":."):
            yield Span(*found.span(), "ip")


def _is_apart(content: bytes, found: re.Match[bytes], joining: bytes) -> bool:
    """Whether no letter, digit or joining sign stands beside it; a joining sign at the very end of a word does not."""
    start, end = found.span()
    before, after = content[max(0, start - 1) : start], content[end : end + 2]
    if before.isalnum() or (before and before in joining) or after[:1].isalnum():
        return False
    return not (after[:1] and after[:1] in joining and after[1:].isalnum())


def _is_mac(written: bytes) -> bool:
    """A single station's address (IEEE 802, 8.2: the lowest bit of the first byte is 0); 12:30:45 ... is a time."""
    digits = re.sub(rb"[:.-]", b"", written)
    return len(set(digits.lower())) > 2 and not digits.isdigit() and not int(digits[:2], 16) & 1


def _is_public(written: bytes) -> bool:
    """Whether it is an address that the internet knows (RFC 6890; of version 6: 2000::/3, RFC 4291)."""
    try:
        address = ip_address(written.decode())
    except ValueError:
        return False
    return address.is_global and (address.version == 4 or written[0] in b"23")


def _v4(content: bytes, hint: int) -> Iterator[Span]:
    """Public addresses: anywhere where the name says so, else a whole field that looks like no version."""
    for found in _V4.finditer(content):
        if not hint & IP and not (found.span() == (0, len(content)) and _has_long_parts(found[0])):
            continue
        if _is_public(found[0]) and _is_apart(content, found, b".-"):
            yield Span(*found.span(), "ip")


def _has_long_parts(written: bytes) -> bool:
    return sum(len(part) > 1 for part in written.split(b".")) > 2


def _cards(content: bytes) -> Iterator[Span]:
    for found in _GROUPED_CARD.finditer(content):
        if checkdigits.card(re.sub(rb"[^0-9]", b"", found[0]).decode()):
            yield Span(*found.span(), "card")


def _ibans(content: bytes) -> Iterator[Span]:
    for found in _IBAN.finditer(content):
        if checkdigits.iban(found[0].replace(b" ", b"").decode()):
            yield Span(*found.span(), "card")


def _codici(content: bytes) -> Iterator[Span]:
    for found in _CODICE.finditer(content):
        if checkdigits.it_codice_fiscale(found[0].decode()):
            yield Span(*found.span(), "government_id")


def _cpfs(content: bytes) -> Iterator[Span]:
    for found in _CPF.finditer(content):
        if checkdigits.br_cpf(re.sub(rb"[^0-9]", b"", found[0]).decode()):
            yield Span(*found.span(), "government_id")


_SIGNS: Final[tuple[tuple[bytes, Callable[[bytes], Iterator[Span]]], ...]] = (
    (b"0000 0000 0000", _cards), (b"0000-0000-0000", _cards), (b"0000 000000 0", _cards), (b"0000-000000-0", _cards),
    (b"AA00", _ibans), (b"AAAAAA00A00A000A", _codici), (b"000.000.000-00", _cpfs),
)  # fmt: skip
"""What a field has to look like to be worth a pattern."""
