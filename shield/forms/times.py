"""Forms of a date of birth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from shield.forms.form import Form

_ENGLISH: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_GERMAN: Final = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
    "Dezember",
)  # fmt: skip


def date(parts: Mapping[str, str]) -> list[Form]:
    """In the orders of ISO 8601, Europe and America, with words, as seconds, and its parts."""
    value = parts.get("value", "").strip()
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value)
    if not found:
        return [Form("value", value)]
    year, month, day = found.groups()
    short_month, short_day = month.lstrip("0"), day.lstrip("0")
    variants = {
        "ymd-slashes": f"{year}/{month}/{day}", "ymd-dots": f"{year}.{month}.{day}",
        "dmy-dashes": f"{day}-{month}-{year}", "mdy-dashes": f"{month}-{day}-{year}",
        "dmy-compact": f"{day}{month}{year}", "mdy-compact": f"{month}{day}{year}",
        "dmy-dots-short": f"{short_day}.{short_month}.{year}", "mdy-slashes-short": f"{short_month}/{short_day}/{year}",
        "dmy-slashes-short": f"{short_day}/{short_month}/{year}", "ymd-short": f"{year}-{short_month}-{short_day}",
        **_in_words(year, int(month), short_day), **_seconds(value),
    }  # fmt: skip
    return [
        Form("value", value),
        Form("compact", f"{year}{month}{day}"),
        Form("dmy-dots", f"{day}.{month}.{year}"),
        Form("mdy-slashes", f"{month}/{day}/{year}"),
        Form("dmy-slashes", f"{day}/{month}/{year}"),
        *(Form(part, text, is_variant=True) for part, text in variants.items()),
        *(Form(part, text, "weak", is_variant=True) for part, text in _two_digits(year[2:], month, day).items()),
        Form("year", year, "whole", is_variant=True),
        *(
            Form(part, text, "digest", is_variant=True)
            for part, text in (
                ("month", month),
                ("month-short", short_month),
                ("day", day),
                ("day-short", short_day),
            )
        ),
    ]


def _in_words(year: str, month: int, day: str) -> dict[str, str]:
    if not 1 <= month <= 12:
        return {}
    english, german = _ENGLISH[month - 1], _GERMAN[month - 1]
    return {
        "words-dmy": f"{day} {english} {year}", "words-mdy": f"{english} {day}, {year}",
        "words-short": f"{english[:3]} {day}, {year}", "words-dmy-short": f"{day} {english[:3]} {year}",
        "words-german": f"{day}. {german} {year}", "words-dashes": f"{day}-{english[:3]}-{year}",
        "words-bare": f"{english[:3]} {day} {year}",
    }  # fmt: skip


def _two_digits(year: str, month: str, day: str) -> dict[str, str]:
    """Of six digits: a number like any other, but for what its field is called."""
    short_month, short_day = month.lstrip("0"), day.lstrip("0")
    return {
        "short-mdy": f"{month}/{day}/{year}", "short-mdy-bare": f"{short_month}/{short_day}/{year}",
        "short-dmy": f"{day}.{month}.{year}", "short-dmy-bare": f"{short_day}.{short_month}.{year}",
        "short-dmy-slashes": f"{day}/{month}/{year}", "short-ymd": f"{year}{month}{day}",
        "short-dmy-compact": f"{day}{month}{year}", "short-ymd-dashes": f"{year}-{month}-{day}",
    }  # fmt: skip


def _seconds(value: str) -> dict[str, str]:
    """Midnight in UTC, as JavaScript's ``Date`` counts; for dates whose number is long enough to tell."""
    try:
        seconds = int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return {}
    return {"seconds": str(seconds), "milliseconds": f"{seconds}000"} if abs(seconds) >= 10**8 else {}
