"""Check digits: whether a number is one that somebody may have issued. Every function takes the digits (and letters,
in upper case) without separators and is linear in a handful of characters.

Sources: ISO/IEC 7812-1 (cards, Luhn), ISO 13616-1 and the SWIFT IBAN registry, release 99 (IBAN), ISO/IEC 7064
(MOD 97-10, MOD 11,10), Verhoeff 1969 (Aadhaar); for national numbers the sentence at each function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

_IBAN_LENGTHS: Final[Mapping[str, int]] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip

_ISSUERS: Final[tuple[tuple[int, int, frozenset[int]], ...]] = tuple(
    (first, last, frozenset(lengths))
    for first, last, lengths in (
        (400000, 499999, (13, 16, 19)),  # Visa
        (222100, 272099, (16,)), (510000, 559999, (16,)),  # Mastercard
        (340000, 349999, (15,)), (370000, 379999, (15,)),  # American Express
        (300000, 305999, (14,)), (309500, 309599, (14,)), (360000, 369999, (14,)), (380000, 399999, (14, 16)),  # Diners
        (601100, 601199, (16,)), (644000, 659999, (16,)),  # Discover
        (352800, 358999, (16,)),  # JCB
        (620000, 629999, (16, 17, 18, 19)),  # UnionPay
        (500000, 509999, (16, 18, 19)), (560000, 589999, (16, 18, 19)), (630400, 630499, (16, 18, 19)),
        (675900, 676399, (16, 18, 19)),  # Maestro
        (220000, 220499, (16,)),  # Mir
    )
)  # fmt: skip


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += (digit * 2 - 9 if digit > 4 else digit * 2) if place % 2 else digit
    return total % 10 == 0


def card(digits: str) -> bool:
    """Luhn, and a length that the issuer of this range gives out."""
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    issuer = int(digits[:6])
    known = any(first <= issuer <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)
    return known and luhn(digits)


def iban(text: str) -> bool:
    """The length of its country, and MOD 97-10."""
    if _IBAN_LENGTHS.get(text[:2]) != len(text) or not text[2:4].isdigit():
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1


def de_tax(digits: str) -> bool:
    """Steuer-ID: of the first ten digits one stands two or three times, the others at most once; MOD 11,10 (BZSt)."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    counts = sorted((digits[:10].count(one) for one in set(digits[:10])), reverse=True)
    return counts[0] in (2, 3) and counts[1] == 1 and _mod_11_10(digits)


def _mod_11_10(digits: str) -> bool:
    product = 10
    for digit in map(int, digits[:-1]):
        product = 2 * ((product + digit) % 10 or 10) % 11
    return (11 - product) % 10 == int(digits[-1])


def es_dni(text: str) -> bool:
    """DNI and NIE: the letter is the number modulo 23; a NIE begins with X, Y or Z (Real Decreto 1553/2005)."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[:1], text[:1]) + text[1:-1]
    if len(text) != 9 or not number.isdigit() or len(set(number)) == 1:
        return False
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def fr_nir(text: str) -> bool:
    """NIR: sex, year, month, department, key 97 minus the rest modulo 97; 2A and 2B count as 19 and 18 (INSEE)."""
    body = text[:5] + text[5:7].replace("2A", "19").replace("2B", "18") + text[7:]
    if len(text) != 15 or not body.isdigit() or text[0] not in "1234578":
        return False
    month = int(body[3:5])
    is_month = 1 <= month <= 12 or 20 <= month <= 42 or month >= 50
    return is_month and 97 - int(body[:13]) % 97 == int(body[13:])


_CF_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_CF_MONTHS: Final = "ABCDEHLMPRST"


def it_codice_fiscale(text: str) -> bool:
    """Codice fiscale: month letter, day (women 40 more), check letter (Decreto Ministeriale 23/12/1976)."""
    if len(text) != 16 or text[8] not in _CF_MONTHS or not 1 <= int(text[9:11]) % 40 <= 31:
        return False
    values = [int(one) if one.isdigit() else ord(one) - 65 for one in text[:15]]
    total = sum(_CF_ODD[value] for value in values[::2]) + sum(values[1::2])
    return chr(65 + total % 26) == text[15]


def nl_bsn(digits: str) -> bool:
    """BSN: the eleven test with weights 9 to 2 and minus 1 (RvIG)."""
    if len(digits) != 9 or digits[:2] == "00" or len(set(digits)) < 3:
        return False
    return sum(weight * int(one) for weight, one in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True)) % 11 == 0


def se_personnummer(digits: str) -> bool:
    """Personnummer and samordningsnummer (day plus 60): a date and Luhn over the last ten digits (Skatteverket)."""
    if len(digits) not in (10, 12) or (len(digits) == 12 and digits[:2] not in ("18", "19", "20")):
        return False
    short = digits[-10:]
    day = int(short[4:6])
    return _is_day(short[:2], int(short[2:4]), day - 60 if day > 60 else day) and luhn(short)


def pl_pesel(digits: str) -> bool:
    """PESEL: a date whose month carries the century, weights 1 3 7 9 (ustawa o ewidencji ludności, art. 15)."""
    if len(digits) != 11 or not _is_day(digits[:2], int(digits[2:4]) % 20, int(digits[4:6])):
        return False
    return sum(weight * int(one) for weight, one in zip((1, 3, 7, 9) * 2 + (1, 3, 1), digits, strict=True)) % 10 == 0


def br_cpf(digits: str) -> bool:
    """CPF: two check digits modulo 11 (Receita Federal)."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    numbers = list(map(int, digits))
    for count in (9, 10):
        total = sum(weight * one for weight, one in zip(range(count + 1, 1, -1), numbers, strict=False))
        if total * 10 % 11 % 10 != numbers[count]:
            return False
    return True


_TURN: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)  # Verhoeff's permutation of the digits


def in_aadhaar(digits: str) -> bool:
    """Aadhaar: twelve digits, none of 0 and 1 first, Verhoeff's check digit (UIDAI)."""
    if len(digits) != 12 or digits[0] in "01":
        return False
    check = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        for _ in range(place % 8):
            digit = _TURN[digit]
        check = _dihedral(check, digit)
    return check == 0


def _dihedral(one: int, other: int) -> int:
    """The product in the group of the symmetries of a pentagon; 5 to 9 are the reflections."""
    if one < 5:
        return (one + other) % 5 + (0 if other < 5 else 5)
    return (one - other) % 5 + (5 if other < 5 else 0)


def us_ssn(digits: str) -> bool:
    """SSN has no check digit: area, group and serial that are given out (SSA, 20 CFR 422.103)."""
    return len(digits) == 9 and digits[:3] not in ("000", "666") and digits[0] != "9" and (
        digits[3:5] != "00" and digits[5:] != "0000" and len(set(digits)) > 2 and digits != "123456789"
    )  # fmt: skip


def uk_nino(text: str) -> bool:
    """National Insurance number has no check digit: prefixes that are given out (HMRC NIM39110)."""
    if len(text) != 9 or not (text[:2] + text[8]).isalpha() or not text[2:8].isdigit() or text[8] not in "ABCD":
        return False
    return (
        not set(text[:2]) & set("DFIQUV")
        and text[1] != "O"
        and text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
    )


def uk_nhs(digits: str) -> bool:
    """NHS number: weights 10 to 2, modulo 11 (NHS data dictionary)."""
    if len(digits) != 10 or len(set(digits)) < 3:
        return False
    check = 11 - sum(weight * int(one) for weight, one in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check % 11 == int(digits[9]) and check != 10


def ch_ahv(digits: str) -> bool:
    """AHV number: 756 and the check digit of EAN-13 (BSV)."""
    if len(digits) != 13 or digits[:3] != "756":
        return False
    return sum(int(one) * (3 if place % 2 else 1) for place, one in enumerate(digits)) % 10 == 0


def be_national(digits: str) -> bool:
    """Rijksregisternummer: a date; 97 minus the rest modulo 97, since 2000 with a 2 in front (decree of 3/4/1984)."""
    if len(digits) != 11 or not _is_day(digits[:2], int(digits[2:4]) % 20, int(digits[4:6])):
        return False
    return int(digits[9:]) in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def fi_hetu(text: str) -> bool:
    """Henkilötunnus, DDMMYY, a sign of the century, three digits, a character modulo 31 (DVV); without the sign."""
    if len(text) != 10 or not text[:9].isdigit() or not _is_day(text[4:6], int(text[2:4]), int(text[:2])):
        return False
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:9]) % 31] == text[9]


def _is_day(year: str, month: int, day: int) -> bool:
    """Whether a day of a month exists in the year 19xx or 20xx."""
    for century in ("20", "19"):
        try:
            date(int(century + year), month, day)
        except ValueError:
            continue
        return True
    return False


NATIONAL: Final[tuple[Callable[[str], bool], ...]] = (
    de_tax, es_dni, fr_nir, nl_bsn, se_personnummer, pl_pesel, br_cpf, in_aadhaar, uk_nino, uk_nhs, ch_ahv,
    be_national, fi_hetu,
)  # fmt: skip
"""Those that a field's name has to support: one random number in ten or in a hundred has a right check digit."""


def is_sequence(digits: str) -> bool:
    """Whether it counts up, down, or repeats one digit: what people type to fill a field."""
    steps = {int(second) - int(first) for first, second in pairwise(digits)}
    return len(steps) == 1 and steps <= {-1, 0, 1}
