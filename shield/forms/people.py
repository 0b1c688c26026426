"""Forms of names, e-mail addresses and gender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shield.disguise import GMAIL, normalise
from shield.forms.common import is_technical
from shield.forms.form import Form, Strength, by_length

_JOINS: Final = (("dotted", "."), ("underscored", "_"), ("dashed", "-"))
_SURE: Final = 7  # letters of a joined name


def email(parts: Mapping[str, str]) -> list[Form]:
    """The address, and what stands before the at sign."""
    value = parts.get("value", "").strip()
    local, _, domain = value.rpartition("@")
    made = [Form("value", value), Form("local", local, "strong" if is_own(local) else "whole")]
    bare, plus, _ = local.partition("+")
    if bare and plus:  # what is left of an address that somebody keeps without its tag
        made.append(Form("untagged", f"{bare}@{domain}"))
        made.append(Form("local-untagged", bare, "whole"))
    return made


def mailbox(address: str) -> tuple[str, str]:
    """Local part and domain of the mailbox that mail to *address* ends in: without a tag, at Gmail without dots.

    Source: RFC 5233 (subaddress); Gmail help, "Dots don't matter in Gmail addresses".
    """
    local, _, domain = address.strip().lower().rpartition("@")
    if domain in GMAIL:
        local, domain = local.replace(".", ""), GMAIL[0]
    return local.partition("+")[0] or local, domain


def is_own(text: str) -> bool:
    """Whether a name that somebody chose is unlike a word: six characters, and a digit or a sign among them."""
    return len(text) >= 6 and not (text.isalpha() or text.isdigit() or is_technical(text))


def username(parts: Mapping[str, str]) -> list[Form]:
    """As it was typed."""
    value = parts.get("value", "")
    return [Form("value", value, "strong" if is_own(value) else by_length(value))]


def name(parts: Mapping[str, str]) -> list[Form]:
    """Given and family name, alone and in all orders, with initials, and joined as in user names."""
    given, family = parts.get("given", "").strip(), parts.get("family", "").strip()
    if not given and not family:
        given, _, family = parts.get("value", "").strip().rpartition(" ")
    made = [Form(part, text, by_length(text)) for part, text in (("given", given), ("family", family))]
    first, _, others = given.partition(" ")
    if others:
        made.append(Form("first", first, by_length(first), is_variant=True))
    if given and family:
        whole: Strength = "weak" if is_technical(given) and is_technical(family) else "strong"
        made += [
            Form("full", f"{given} {family}", whole),
            Form("reversed", f"{family} {given}", whole),
            Form("listed", f"{family}, {given}", whole, is_variant=True),
            *_initials(first, others, family),
            *_joined(first, family),
        ]
    return made


def _initials(first: str, others: str, family: str) -> list[Form]:
    sure: Strength = "strong" if len(family) >= 4 else "weak"
    made = [
        Form("initial-family", f"{first[:1]}. {family}", sure, is_variant=True),
        Form("initial-bare", f"{first[:1]} {family}", "weak", is_variant=True),
        Form("given-initial", f"{first} {family[:1]}.", "weak", is_variant=True),
        Form("initial-joined", f"{first[:1]}{family}", "weak", is_variant=True),
        Form("initial-dotted", f"{first[:1]}.{family}", sure, is_variant=True),
        Form("family-initial", f"{family}, {first[:1]}.", sure, is_variant=True),
    ]
    if others:
        made += [
            Form("first-family", f"{first} {family}", is_variant=True),
            Form("middle-initial", f"{first} {others[:1]}. {family}", is_variant=True),
        ]
    return made


def _joined(first: str, family: str) -> list[Form]:
    is_common = is_technical(first) and is_technical(family)
    sure: Strength = "strong" if len(first + family) >= _SURE and not is_common else "weak"
    made = [Form("joined", first + family, sure, is_variant=True)]
    for part, sign in _JOINS:
        made.append(Form(part, f"{first}{sign}{family}", sure, is_variant=True))
        made.append(Form(f"reversed-{part}", f"{family}{sign}{first}", sure, is_variant=True))
    return made


def gender(parts: Mapping[str, str]) -> list[Form]:
    """The word, and its first letter as digests have it."""
    value = parts.get("value", "").strip()
    initial = normalise("meta", "gender", "value", value) or ""
    return [Form("value", value, "digest" if len(value) < 3 else "tiny"), Form("initial", initial, "digest")]
