"""Forms of postal addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from shield.forms.form import Form, by_length

_ENDINGS: Final = (
    ("straße", "str."), ("strasse", "str."), ("str.", "str."), ("str", "str."),
    ("street", "st."), ("st.", "st."), ("st", "st."), ("avenue", "ave."), ("ave.", "ave."), ("ave", "ave."),
    ("road", "rd."), ("rd.", "rd."), ("rd", "rd."), ("drive", "dr."), ("dr.", "dr."), ("dr", "dr."),
    ("boulevard", "blvd."), ("blvd.", "blvd."), ("blvd", "blvd."), ("lane", "ln."), ("ln.", "ln."), ("ln", "ln."),
    ("court", "ct."), ("ct.", "ct."), ("ct", "ct."), ("square", "sq."), ("sq.", "sq."), ("platz", "pl."),
)  # fmt: skip
_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "str.": ("straße", "strasse", "str.", "str"), "st.": ("street", "st.", "st"), "ave.": ("avenue", "ave.", "ave"),
    "rd.": ("road", "rd.", "rd"), "dr.": ("drive", "dr.", "dr"), "blvd.": ("boulevard", "blvd.", "blvd"),
    "ln.": ("lane", "ln.", "ln"), "ct.": ("court", "ct.", "ct"), "sq.": ("square", "sq.", "sq"),
    "pl.": ("platz", "pl."),
}  # fmt: skip
_STYLES: Final = ("long", "short", "bare", "other")
_NUMBER: Final = re.compile(
    r"(?P<name>.*?\D)\s*(?P<number>\d+\s?[a-zA-Z]?)|(?P<before>\d+\s?[a-zA-Z]?),?\s+(?P<after>\D.*)"
)


def address(parts: Mapping[str, str]) -> list[Form]:
    """Each part alone, town and street together, and the street as others spell it."""
    street, city = parts.get("street", ""), parts.get("city", "")
    postcode, region, country = parts.get("postcode", ""), parts.get("region", ""), parts.get("country", "")
    town = f"{postcode} {city}" if postcode and city else ""
    return [
        Form("street", street, "strong" if _is_sure(street) else by_length(street)),
        Form("street-tight", street.replace(" ", ""), "strong" if _is_sure(street) else "weak", is_variant=True),
        Form("city", city, by_length(city)),
        Form("postcode", postcode, by_length(postcode)),
        Form("region", region, by_length(region) if len(region) >= 3 else "tiny"),
        Form("country", country, "tiny"),
        Form("town", town),
        Form("value", f"{street}, {town}" if street and town else ""),
        Form("joined", f"{street} {town}" if street and town else "", is_variant=True),
        Form("town-reversed", f"{city} {postcode}" if town else "", is_variant=True),
        Form("town-listed", f"{city}, {postcode}" if town else "", is_variant=True),
        Form("town-region", f"{city}, {region} {postcode}" if town and region else "", is_variant=True),
        *_streets(street),
    ]


def _is_sure(street: str) -> bool:
    return any(map(str.isdigit, street)) and len(street) >= 6


def _streets(street: str) -> list[Form]:
    """Straße, Strasse, Str. and Str; name and number apart. *other* fills up, so that a persona has the same parts."""
    found = _NUMBER.fullmatch(street)
    if found is None:
        return []
    name = (found["name"] or found["after"]).strip()
    number = (found["number"] or found["before"]).strip()
    made = [
        Form("street-name", name, by_length(name), is_variant=True),
        Form("house-number", number, "tiny", is_variant=True),
    ]
    for style, text in zip(_STYLES, _spelled(name), strict=False):
        whole = f"{number} {text}" if found["before"] else f"{text} {number}"
        made.append(Form(f"street-{style}", whole, "strong" if _is_sure(whole) else "weak", is_variant=True))
        made.append(Form(f"street-name-{style}", text, by_length(text), is_variant=True))
    return made


def _spelled(name: str) -> list[str]:
    """The name with each spelling of its last word; where that is no known one, as it is."""
    for ending, kind in _ENDINGS:
        stem = name[: -len(ending)]
        if name.lower().endswith(ending) and stem and (stem[-1] == " " or kind in ("str.", "pl.")):
            return [stem + _in_case(spelling, name[len(stem) :]) for spelling in _SPELLINGS[kind]]
    return [name] * len(_STYLES)


def _in_case(spelling: str, like: str) -> str:
    return spelling.upper() if like.isupper() else spelling.capitalize() if like[:1].isupper() else spelling
