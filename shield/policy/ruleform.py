"""One rule: its keys, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from shield.address import AddressPattern
from shield.policy import actions
from shield.policy.conditions import CATEGORY, UNLESS, WHERE_KEY, Placed, address, read_unless, read_where
from shield.policy.example import EXAMPLE, read_example
from shield.policy.forms import TEXT, TEXTS, Filled, Form, Key, Kind, many, nested, table_of, word
from shield.policy.rule import Condition, Example, Rule
from shield.policy.serviceform import NAME
from shield.policy.text import Desk, Text, did_you_mean
from shield.policy.world import Placement, RuleFile, World
from shield.vocabulary import ACTIONS, SCOPES

UNTOUCHED: Final = {"true": "always", "when seen": "seen"}
ADDABLE: Final = ("query:", "header:", "cookie:", "form:", "json:")
"""Places that can take another item."""

RULE: Final = Form("a rule", (
    Key("id", TEXT, "its name, the only one in all files", "id: shop-visitor-id"),
    Key("why", TEXT, "what it protects, or what breaks without it", "why: the same number on every visit"),
    WHERE_KEY,
    UNLESS,
    Key("category", CATEGORY, "what the named field is"),
    Key("action", word(ACTIONS, "action", "actions"), "what is done"),
    Key("to", TEXTS, "generalize: how coarse; unwrap: where the target stands"),
    Key("scope", word(SCOPES, "scope", "scopes"), "within what a pseudonym is equal"),
    Key("answer", TEXT, "what the client gets for what is blocked: " + ", ".join(actions.ANSWERS)),
    Key("otherwise", TEXT, "what an unanswered question comes to"),
    Key("add", table_of(TEXT, "an address and a constant"), "what is added unless it is there"),
    Key("untouched", Kind(TEXT.read, {"enum": [True, "when seen"]}), "makes it a guard: the message is left alone"),
    Key("lifts", TEXT, "the guard that this rule of yours lifts for its own fields"),
    Key("until", TEXT, "YYYY-MM-DD: from that day on the rule has no effect"),
    Key("examples", many(Kind(read_example, EXAMPLE.schema), "examples"), "proofs, run by 'shield rules test'"),
))  # fmt: skip


def read_rules(file: RuleFile, world: World) -> Iterator[Placement[Rule]]:
    """Second pass: the rules of a file."""
    if "rules" not in file.filled:
        return
    for filled in many(nested(RULE), "rules").read(file.filled.at("rules"), file.desk) or ():
        yield Placement(_rule(filled, file, world), filled.at("id"), file, filled)


def _rule(filled: Filled, file: RuleFile, world: World) -> Rule:
    desk = file.desk
    where, unless = read_where(filled.at("where"), desk, world) if "where" in filled else ((), ())
    if "unless" in filled:
        unless = (*unless, *read_unless(filled.at("unless"), desk, world))
    untouched = _untouched(filled, desk)
    action = filled.get("action", "")
    stated = actions.Stated(filled, desk, where, action, filled.get("category"))
    _check_head(stated, file, untouched)
    if untouched:
        actions.check_guard(stated, untouched)
    elif action:
        actions.check(stated)
    examples: tuple[Example, ...] = filled.get("examples", ())
    return Rule(
        id=_text(filled, "id") or "",
        why=_text(filled, "why") or "",
        file=file.name,
        line=filled.table.line,
        layer="guard" if untouched else "lifted" if "lifts" in filled else file.layer,
        where=tuple(one.condition for one in where),
        unless=tuple(_follow(one, where) for one in unless),
        action=action,
        category=filled.get("category"),
        untouched=untouched,
        to=actions.read_to(stated),
        scope=filled.get("scope"),
        answer=actions.read_answer(stated),
        otherwise=actions.read_otherwise(stated),
        add=_addition(filled, desk),
        lifts=_text(filled, "lifts"),
        until=_until(filled, desk),
        examples=examples,
        is_own=file.layer == "person",
    )


def _check_head(rule: actions.Stated, file: RuleFile, untouched: str) -> None:
    name: Text | None = rule.filled.get("id")
    if name is not None and not NAME.fullmatch(name.text):
        rule.error("id", f"an id has letters, digits, '-', '_' and '.', not '{name.text}'")
    if "action" not in rule.filled and "untouched" not in rule.filled:
        hint = f"actions: {' '.join(ACTIONS)}; or untouched: true"
        rule.desk.error(rule.filled.table, "a rule has no 'action'", hint)
    if "lifts" in rule.filled and file.layer == "shipped":
        rule.error("lifts", "a shipped rule lifts no guard", "only a person's own rules do")
    if "lifts" in rule.filled and not untouched and not rule.names_fields:
        rule.error("lifts", "a guard is lifted for named fields only", 'where: {at: "header:x-client-data"}')


def _text(filled: Filled, key: str) -> str | None:
    text: Text | None = filled.get(key)
    return text.text if text else None


def _follow(unless: Placed, where: tuple[Placed, ...]) -> Condition:
    """An ``unless`` that does not state a direction has the rule's."""
    if "direction" in unless.filled or not where:
        return unless.condition
    return replace(unless.condition, direction=where[0].condition.direction)


def _untouched(filled: Filled, desk: Desk) -> str:
    text: Text | None = filled.get("untouched")
    if text is None:
        return ""
    if text.text not in UNTOUCHED:
        desk.error(text, f"unknown word '{text.text}'", did_you_mean(text.text, UNTOUCHED, "untouched"))
    return UNTOUCHED.get(text.text, "always")


def _until(filled: Filled, desk: Desk) -> date | None:
    text: Text | None = filled.get("until")
    if text is None:
        return None
    try:
        if len(text.text) == len("2027-03-01"):
            return date.fromisoformat(text.text)
    except ValueError:
        pass
    desk.error(text, f"this is no date: '{text.text}'", "until: 2027-03-01")
    return None


def _addition(filled: Filled, desk: Desk) -> tuple[AddressPattern, str] | None:
    added: dict[Text, Text] = filled.get("add", {})
    if not added:
        return None
    (at, value), *more = added.items()
    if more:
        desk.error(more[0][0], "add takes one address", "make two rules of it")
    pattern = address(at, desk)
    if pattern is None:
        return None
    if pattern.literal is None or not at.text.startswith(ADDABLE):
        desk.error(at, f"nothing can be added at '{at.text}'", 'add: {"header:sec-gpc": "1"}')
    return pattern, value.text
