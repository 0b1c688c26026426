"""What a person may state about themselves: checked and brought into one spelling.

Errors name the category and what is expected, never what was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from shield.errors import InputError
from shield.forms import eastern
from shield.forms.people import PARTICLES
from shield.forms.telephone import in_full
from shield.person import PARTS, Fact
from shield.vocabulary import FACT_CATEGORIES

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL: Final = re.compile(rf"[^\s@,;:<>\"()\[\]\\]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}")
_PHONE: Final = re.compile(r"\+[1-9]\d{6,14}")
_KEPT: Final = {"phone": ("value", "written", "country")}
"""Parts that nobody is asked for."""
_GEO: Final = re.compile(r"(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)")
_LIMIT_CHARACTERS: Final = 200
# ISO 3166-1 alpha-2, officially assigned.
_COUNTRY_CODES: Final = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES: Final = frozenset(_COUNTRY_CODES.split())


def make_fact(fact_id: str, category: str, parts: Mapping[str, str]) -> Fact:
    """Check what was typed and make a fact of it.

    Args:
        parts: ``{"value": ...}`` or the parts of ``person.PARTS``; a name may be given as one value, a phone with the
            ``country`` (ISO 3166-1) that a number without one is of.

    Raises:
        InputError: unknown category or part, or a value of the wrong form; the hint shows the right one.
    """
    if category not in FACT_CATEGORIES:
        raise InputError(f"no fact of category '{category}' can be kept", "categories: " + " ".join(FACT_CATEGORIES))
    clean = {name: _text(category, text) for name, text in parts.items()}
    clean = {name: text for name, text in clean.items() if text}
    if category == "name" and "value" in clean:
        clean = split_name(clean.pop("value")) | clean
    allowed = PARTS.get(category, ("value",))
    for name in clean:
        if name not in _KEPT.get(category, allowed):
            raise InputError(f"{category} has no part '{name}'", "parts: " + " ".join(allowed))
    if not clean:
        raise InputError(f"{category} is empty", "parts: " + " ".join(allowed))
    check = _CHECKS.get(category)
    return Fact(fact_id, category, check(clean) if check else clean)


def split_name(text: str) -> dict[str, str]:
    """``Anna Maria van der Berg`` into given ``Anna Maria`` and family ``van der Berg``; one word is a given name.

    Chinese, Japanese and Korean ones begin with the family.
    """
    if eastern.is_eastern(text):
        given, family = eastern.split(text)
        return {"given": given, "family": family} if given else {"family": family}
    words = text.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in PARTICLES:
        at -= 1
    return {"given": " ".join(words[:at]), "family": " ".join(words[at:])} if at > 0 else {"given": text}


def _text(category: str, text: str) -> str:
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if len(clean) > _LIMIT_CHARACTERS:
        raise InputError(f"{category} has {len(clean)} characters", f"at most {_LIMIT_CHARACTERS}")
    if any(unicodedata.category(one) in ("Cc", "Cf", "Cs") for one in clean):
        raise InputError(f"{category} contains invisible characters", "type it instead of pasting it")
    return clean


def _email(parts: dict[str, str]) -> dict[str, str]:
    if not _EMAIL.fullmatch(parts["value"]):
        raise InputError("that is no e-mail address", "like anna@example.org")
    return parts


def _phone(parts: dict[str, str]) -> dict[str, str]:
    """In E.164, and as it was typed where that is something else."""
    typed = parts.get("value", "")
    value = in_full(typed, parts.get("country"))
    if value is None or not _PHONE.fullmatch(value):
        raise InputError(
            "that is no phone number with its country", "like +49 151 12345678; with your address known, as at home"
        )
    written = parts.get("written", typed)
    return {"value": value} if written == value else {"value": value, "written": written}


def _date(parts: dict[str, str]) -> dict[str, str]:
    text = parts["value"]
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        day = None
    if day is None or day.year < 1890:
        raise InputError("that is no date", "year, month, day: 1987-03-14")
    return parts


def _card(parts: dict[str, str]) -> dict[str, str]:
    digits = re.sub(r"[ -]", "", parts["value"])
    if re.fullmatch(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10,30}", digits):
        return {"value": _iban(digits.upper())}
    if not re.fullmatch(r"[0-9]{12,19}", digits) or not is_luhn(digits):
        raise InputError("that is no card number", "12 to 19 digits that fit together: look for a typing mistake")
    return {"value": digits}


def _iban(text: str) -> str:
    """Source: ISO 13616-1, section 6 (remainder of 97)."""
    if int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 != 1:
        raise InputError(
            "that is no account number (IBAN)", "country, two digits and the rest fit together: look again"
        )
    return text


def is_domain(text: str) -> bool:
    """Whether mail can have this domain."""
    return re.fullmatch(rf"(?:{_LABEL}\.)+{_LABEL}", text) is not None


def is_catch_all(text: str) -> bool:
    """Whether personas can have addresses there: a domain, or an alias pattern like ``anna+*@mail.example``."""
    local, at, domain = text.rpartition("@")
    return is_domain(domain) and (not at or (local.count("*") == 1 and _EMAIL.fullmatch(text) is not None))


def is_luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit. Source: ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _address(parts: dict[str, str]) -> dict[str, str]:
    country = parts.get("country", "").upper()
    if country not in COUNTRIES:
        raise InputError("a postal address needs its country", "two letters as in ISO 3166: DE, FR, GB, US ...")
    if not parts.get("street") and not parts.get("city"):
        raise InputError("a postal address needs a street or a city", "parts: " + " ".join(PARTS["postal_address"]))
    return {**parts, "country": country}


def _geo(parts: dict[str, str]) -> dict[str, str]:
    found = _GEO.fullmatch(parts["value"])
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise InputError("that is no place on earth", "latitude and longitude in degrees: 50.7374,7.0982")
    return {"value": f"{found[1]},{found[2]}"}


_CHECKS: Final[dict[str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "email": _email,
    "phone": _phone,
    "date_of_birth": _date,
    "card": _card,
    "postal_address": _address,
    "geo": _geo,
}
