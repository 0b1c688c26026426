"""Forms of cards, accounts and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from shield.forms.common import is_plain_number, is_technical
from shield.forms.form import Form, Strength, by_length

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9]{10,30}")


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
