"""The forms of a fact: how the same thing is written in the clear (an e-mail and its local part, a phone in E.164
and national, a date in five orders). Pure; the disguises of a form are in ``shield.disguise``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from shield.disguise import normalise

Strength = Literal["strong", "weak", "whole", "tiny", "digest"]
"""How sure a hit in the clear is: ``strong`` anywhere with boundaries; ``weak`` (short or common) as a whole
field or beside another fact; ``whole`` only as a whole field; ``tiny`` only beside another part of the same
fact; ``digest`` never in the clear."""


_FEWEST_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a fact.

    Attributes:
        part: as in ``finding.Likeness``.
        is_number: digits that people write with separators between them.
        is_variant: a rarer spelling, that is searched for in the clear only.
    """

    part: str
    text: str = field(repr=False)
    strength: Strength = "strong"
    is_number: bool = False
    is_variant: bool = False


def forms(category: str, parts: Mapping[str, str]) -> tuple[Form, ...]:
    """Every form of a fact with these parts; the same parts in the same order for a persona's value."""
    make = _FORMS.get(category)
    made = make(parts) if make else _plain_forms(parts)
    return tuple(form for form in made if _can_be_searched(form))


def _can_be_searched(form: Form) -> bool:
    if form.is_number:
        return sum(map(str.isdigit, form.text)) >= _FEWEST_DIGITS
    return "\0" not in form.text and any(map(str.isalnum, form.text))


def form_text(category: str, parts: Mapping[str, str], part: str) -> str | None:
    """The text of one form, None where a fact has no such form."""
    return next((form.text for form in forms(category, parts) if form.part == part), None)


def _plain_forms(parts: Mapping[str, str]) -> list[Form]:
    made: list[Form] = []
    for part, text in parts.items():
        strength: Strength = "strong" if len(text) >= 6 else _shortness(text)
        made.append(Form(part, text, strength))
        if re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
            made.append(Form(f"{part}-dashless", text.replace("-", ""), strength))
    return made


def _username(parts: Mapping[str, str]) -> list[Form]:
    value = parts.get("value", "")
    return [Form("value", value, _shortness(value))]


def _email(parts: Mapping[str, str]) -> list[Form]:
    value = parts.get("value", "").strip()
    return [Form("value", value), Form("local", value.rpartition("@")[0], "whole")]


# ITU-T E.164, list of assigned country codes: the rest has three digits, but for 1 and 7.
_TWO_DIGIT_CODE = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


def _phone(parts: Mapping[str, str]) -> list[Form]:
    digits = re.sub(r"\D", "", parts.get("value", ""))
    cut = 1 if digits[:1] in ("1", "7") else 2 if _TWO_DIGIT_CODE.match(digits) else 3
    code, rest = digits[:cut], digits[cut:]
    trunk = {"1": "1", "7": "8"}.get(code, "0")
    strength: Strength = "strong" if len(rest) >= 9 else "weak"
    if len(digits) < 7:
        return [Form("value", "+" + digits, "weak", is_number=True)]
    return [
        Form("value", "+" + digits, is_number=True),
        Form("international", digits, is_number=True),
        Form("zeros", "00" + digits, is_number=True, is_variant=True),
        Form("trunk", code + trunk + rest, is_number=True, is_variant=True),  # +49 (0)151 ...
        Form("national", trunk + rest, strength, is_number=True),
        Form("subscriber", rest, strength, is_number=True),
    ]


def _card(parts: Mapping[str, str]) -> list[Form]:
    return [Form("value", re.sub(r"\D", "", parts.get("value", "")), is_number=True)]


def _name(parts: Mapping[str, str]) -> list[Form]:
    given, family = parts.get("given", "").strip(), parts.get("family", "").strip()
    if not given and not family:
        given, _, family = parts.get("value", "").strip().rpartition(" ")
    made = [Form(part, text, _shortness(text)) for part, text in (("given", given), ("family", family))]
    if given and family:
        made += [
            Form("full", f"{given} {family}"),
            Form("reversed", f"{family} {given}"),
            Form("listed", f"{family}, {given}", is_variant=True),
        ]
    return made


def _shortness(text: str) -> Strength:
    return "weak" if len(text) >= 3 else "whole"


def _address(parts: Mapping[str, str]) -> list[Form]:
    street, city = parts.get("street", ""), parts.get("city", "")
    postcode, region, country = parts.get("postcode", ""), parts.get("region", ""), parts.get("country", "")
    has_number = any(letter.isdigit() for letter in street)
    town = f"{postcode} {city}" if postcode and city else ""
    return [
        Form("street", street, "strong" if has_number and len(street) >= 6 else _shortness(street)),
        Form("city", city, _shortness(city)),
        Form("postcode", postcode, _shortness(postcode)),
        Form("region", region, _shortness(region) if len(region) >= 3 else "tiny"),
        Form("country", country, "tiny"),
        Form("town", town),
        Form("value", f"{street}, {town}" if street and town else ""),
        Form("joined", f"{street} {town}" if street and town else "", is_variant=True),
    ]


def _date(parts: Mapping[str, str]) -> list[Form]:
    value = parts.get("value", "").strip()
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)
    if not found:
        return [Form("value", value)]
    year, month, day = found.groups()
    short_month, short_day = month.lstrip("0"), day.lstrip("0")
    return [
        Form("value", value),
        Form("compact", f"{year}{month}{day}"),
        Form("ymd-slashes", f"{year}/{month}/{day}", is_variant=True),
        Form("dmy-dots", f"{day}.{month}.{year}"),
        Form("mdy-slashes", f"{month}/{day}/{year}"),
        Form("dmy-slashes", f"{day}/{month}/{year}"),
        Form("dmy-dashes", f"{day}-{month}-{year}", is_variant=True),
        Form("dmy-dots-short", f"{short_day}.{short_month}.{year}", is_variant=True),
        Form("mdy-slashes-short", f"{short_month}/{short_day}/{year}", is_variant=True),
    ]


def _gender(parts: Mapping[str, str]) -> list[Form]:
    value = parts.get("value", "").strip()
    initial = normalise("meta", "gender", "value", value) or ""
    return [Form("value", value, "digest" if len(value) < 3 else "tiny"), Form("initial", initial, "digest")]


_FORMS: Final[Mapping[str, Callable[[Mapping[str, str]], list[Form]]]] = {
    "email": _email, "phone": _phone, "card": _card, "name": _name, "username": _username,
    "postal_address": _address, "date_of_birth": _date, "gender": _gender,
}  # fmt: skip
