"""Forms of telephone numbers, cards, accounts and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from shield.forms.common import is_plain_number, is_technical
from shield.forms.form import Form, Strength, by_length

# ITU-T E.164, list of assigned country codes: the rest has three digits, but for 1 and 7.
_TWO_DIGIT_CODE: Final = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10,30}")


def phone(parts: Mapping[str, str]) -> list[Form]:
    """In E.164, with and without what stands before the area code; in layouts that people and libraries write."""
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
        *_layouts(code, trunk, rest),
    ]


def _layouts(code: str, trunk: str, rest: str) -> Iterator[Form]:
    """Looked for under layers only, for in the clear no separator hides a number. No digest: they have none."""
    area, middle, last = rest[:3], rest[3:6], rest[6:]
    texts = (
        f"+{code} {area} {middle}{last}", f"+{code} {area} {middle} {last}", f"+{code} ({area}) {middle}-{last}",
        f"+{code}-{area}-{middle}-{last}", f"+{code}.{area}.{middle}{last}", f"({area}) {middle}-{last}",
        f"{area}-{middle}-{last}", f"{trunk}{area} {middle}{last}",
    )  # fmt: skip
    for number, text in enumerate(texts):
        yield Form(f"layout-{number}", text, "digest", is_variant=True)


def card(parts: Mapping[str, str]) -> list[Form]:
    """The digits, and in groups of four; an IBAN as an account."""
    if _IBAN.fullmatch(parts.get("value", "")):
        return list(stated("value", parts["value"]))
    digits = re.sub(r"\D", "", parts.get("value", ""))
    groups = _in_fours(digits)
    return [
        Form("value", digits, is_number=True),
        Form("grouped", " ".join(groups), "digest", is_variant=True),
        Form("dashed", "-".join(groups), "digest", is_variant=True),
    ]


def stated(part: str, text: str) -> Iterator[Form]:
    """An identifier as it was typed; a UUID also without dashes, an IBAN with and without blanks."""
    bare = re.sub(r"[ -]", "", text)
    is_sure = len(text) >= 6 and not (is_plain_number(text) or is_technical(text))
    strength: Strength = "strong" if is_sure else by_length(text)
    yield Form(part, text, strength)
    if _UUID.fullmatch(text):
        yield Form(f"{part}-dashless", bare, strength)
    elif _IBAN.fullmatch(bare):
        yield from _account(part, text, bare)
    elif bare != text and len(bare) >= 6:
        yield Form(f"{part}-bare", bare, strength)


def _account(part: str, text: str, bare: str) -> Iterator[Form]:
    for name, written in (
        ("bare", bare), ("grouped", " ".join(_in_fours(bare))), ("dashed", "-".join(_in_fours(bare)))
    ):  # fmt: skip
        if written != text:
            yield Form(f"{part}-{name}", written, is_variant=name == "dashed")


def _in_fours(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]
