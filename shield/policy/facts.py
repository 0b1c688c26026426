"""The facts file that ``replay --facts`` takes in place of the twin (design, section 7).

Errors never repeat anything that stands in the file, hints included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from shield.errors import InputError, RuleErrors
from shield.person import PARTS, Fact
from shield.policy.forms import TEXT, Filled, Form, Key, many, nested, word
from shield.policy.text import Desk, Text, read_text
from shield.vocabulary import FACT_CATEGORIES

FACT: Final = Form("a fact", (
    Key("category", word(FACT_CATEGORIES, "category", "categories"), "what it is", "category: email"),
    Key("value", TEXT, "the value as one text"),
    *(Key(part, TEXT, f"{part}, of a {category}") for category, parts in PARTS.items() for part in parts),
))  # fmt: skip
FACTS: Final = Form("a facts file", (
    Key("facts", many(nested(FACT), "facts"), "who the person is", "facts: [{category: email, value: ...}]"),
))  # fmt: skip

Make = Callable[[str, str, Mapping[str, str]], Fact]


def plain_fact(fact_id: str, category: str, parts: Mapping[str, str]) -> Fact:
    """A fact as typed, but for the outer spaces; a name given as one value is cut before its last word."""
    clean = {name: text.strip() for name, text in parts.items() if (category, name) != ("phone", "country")}
    if category == "name" and "value" in clean:
        given, _, family = clean["value"].rpartition(" ")
        clean = {"given": given.strip(), "family": family} if given else {"given": family}
    return Fact(fact_id, category, clean)


def read_facts(path: Path, make: Make = plain_fact) -> tuple[Fact, ...]:
    """Read a facts file. Ids are ``email-1``, ``email-2``, ``name-1`` ... in the order of the file.

    Args:
        make: id, category and parts to a fact; may raise InputError (without the value) when they are
            not well formed, as ``twin.fact.make_fact`` does.

    Raises:
        RuleErrors: every mistake, with its place.
        OSError: the file cannot be read.
    """
    desk = Desk(str(path), private=True)
    part = read_text(path.read_bytes(), desk)
    filled = FACTS.read(part, desk) if part is not None else None
    counts: Counter[str] = Counter()
    every: tuple[Filled, ...] = tuple(filled.get("facts", ()) if filled else ())
    home = next((one.get("country").text for one in every if one.get("country")), None)
    facts = [_fact(one, counts, make, desk, home) for one in every]
    if desk.errors:
        raise RuleErrors(sorted(desk.errors, key=lambda error: (error.line, error.column)))
    return tuple(fact for fact in facts if fact is not None)


def _fact(filled: Filled, counts: Counter[str], make: Make, desk: Desk, home: str | None) -> Fact | None:
    category: str | None = filled.get("category")
    if category is None:
        return None
    parts = {name: value.text for name, value in filled.values.items() if isinstance(value, Text)}
    allowed = ("value", *PARTS.get(category, ()))
    stray = [name for name in parts if name not in allowed]
    if stray:
        desk.error(filled.at(stray[0]), f"{category} has no '{stray[0]}'", f"keys: {' '.join(allowed)}")
    elif not parts:
        desk.error(filled.table, f"{category} has no value", f"keys: {' '.join(allowed)}")
    elif "value" in parts and len(parts) > 1:
        desk.error(filled.at("value"), f"{category} has a value and parts", "state one of both")
    else:
        counts[category] += 1
        if category == "phone" and home:  # a number that is typed as at home is of the country of the address
            parts["country"] = home
        try:
            return make(f"{category}-{counts[category]}", category, parts)
        except InputError as error:
            desk.error(filled.table, error.message, error.hint)
    return None
