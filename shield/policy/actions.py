"""What each action may be stated with, and for what; every other combination is an error at load."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shield.address import SEPARATOR
from shield.pattern import PathPattern
from shield.policy.conditions import Placed, address, names_in
from shield.policy.forms import Filled
from shield.policy.text import Desk, Part, Text, did_you_mean
from shield.vocabulary import ACTIONS, CATEGORIES, GENERALIZATIONS, fits

ARGUMENTS: Final = {"to": ("generalize", "unwrap"), "scope": ("pseudonymize",), "answer": ("block",),
                    "otherwise": ("ask",), "add": ("add",)}  # fmt: skip
"""Which argument belongs to which actions."""
ABOUT_FIELDS: Final = frozenset({"generalize", "pseudonymize", "strip", "partition"})
ABOUT_MESSAGES: Final = frozenset({"unwrap", "add"})
NEEDS_CATEGORY: Final = frozenset({"ask", "generalize", "pseudonymize"})
ANSWERS: Final = ("empty", "gif", "204", "json {...}", "script NAME")
OTHERWISE: Final = {True: ("strip", "block", "allow", "pseudonymize"), False: ("block", "allow")}
"""What an unanswered question may come to, for fields and for messages; the first is the default."""
FIELD_KEYS: Final = frozenset({"at", "place", "name", "value", "category", "whose"})
"""Conditions by which a rule speaks about fields."""
GUARDS_SEE: Final = ("service", "company", "purpose", "host", "path", "method", "type", "direction", "has")
GUARDS_MISS: Final = FIELD_KEYS | {"party", "site"}
DECIMALS: Final = re.compile(r"[0-6] decimals?")
CONSTANT: Final = re.compile(r'="([^"]*)"')
TEMPLATE: Final = re.compile(r"https?://\S+|\{.*", re.DOTALL)
SCRIPT: Final = re.compile(r"script ([a-z0-9][a-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class Stated:
    """One rule while it is checked."""

    filled: Filled
    desk: Desk
    where: tuple[Placed, ...]
    action: str
    category: str | None

    @property
    def names_fields(self) -> bool:
        keys = {key for one in self.where for key in one.filled.table.entries}
        return not keys.isdisjoint(FIELD_KEYS)

    @property
    def is_response(self) -> bool:
        return any(one.condition.direction == "response" for one in self.where)

    @property
    def is_frame(self) -> bool:
        patterns = (pattern for one in self.where for pattern in one.condition.at)
        return any(re.split(f"[/{SEPARATOR}]", pattern.text)[0] == "frame" for pattern in patterns)

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(category for one in self.where for category in one.condition.category)

    def error(self, key: str, message: str, hint: str = "") -> None:
        self.desk.error(self.filled.at(key), message, hint)


def check(rule: Stated) -> None:
    """Put down every combination that makes no sense."""
    _check_arguments(rule)
    _check_subject(rule)
    _check_category(rule)
    _check_channel(rule)


def _check_arguments(rule: Stated) -> None:
    for key, actions in ARGUMENTS.items():
        if key in rule.filled and rule.action not in actions:
            rule.error(key, f"'{key}' belongs to {' and '.join(actions)}, not to {rule.action}", f"remove '{key}'")
    if rule.action == "unwrap" and "to" not in rule.filled:
        rule.error("action", "unwrap has no 'to'", 'to: ["query:url"], or a text such as "https://{rest}"')
    if rule.action == "generalize" and "to" not in rule.filled:
        rule.error("action", "generalize has no 'to'", f"to: {_choices(rule)}")
    if rule.action == "add" and "add" not in rule.filled:
        rule.error("action", "add has no address and constant", 'add: {"header:sec-gpc": "1"}')


def _check_subject(rule: Stated) -> None:
    if rule.action in ABOUT_FIELDS and not rule.names_fields:
        rule.error("action", f"{rule.action} is about fields, and the rule names none", 'where: {at: "query:cid"}')
    if rule.action in ABOUT_MESSAGES and rule.names_fields:
        rule.error("action", f"{rule.action} is about messages, and the rule names fields", "use 'has' as a condition")
    if "category" in rule.filled and (not rule.names_fields or rule.selected):
        reason = "'where' selects by category already" if rule.selected else "the rule names no field"
        rule.error("category", f"'category' says what a named field is; {reason}", "remove 'category'")


def _check_category(rule: Stated) -> None:
    categories = rule.selected or ((rule.category,) if rule.category else ())
    if rule.action in NEEDS_CATEGORY and rule.names_fields and not categories and not _is_exempt(rule):
        hint = "category: one of " + " ".join(CATEGORIES)
        rule.error("action", f"{rule.action} wants to know what the field is", hint)
    for category in categories:
        if not fits(rule.action, category):
            hint = f"actions: {_fitting(category)}"
            rule.error("action", f"'{rule.action}' does not fit category '{category}'", hint)


def _is_exempt(rule: Stated) -> bool:
    to: tuple[Text, ...] = rule.filled.get("to", ())
    is_constant = rule.action == "generalize" and bool(to) and CONSTANT.fullmatch(to[0].text) is not None
    broken = "category" in rule.filled
    return rule.is_response or is_constant or broken or any("category" in one.filled for one in rule.where)


def _fitting(category: str) -> str:
    return " ".join(action for action in ACTIONS if action not in ABOUT_MESSAGES and fits(action, category))


def _check_channel(rule: Stated) -> None:
    if rule.action == "partition" and not rule.is_response:
        hint = 'where: {direction: response, at: "cookie:*"}'
        rule.error("action", "partition is for cookies that a response sets", hint)
    if rule.action == "pseudonymize" and rule.is_response:
        rule.error("action", "what a service sets is never pseudonymized", "allow, strip or partition it")
    if rule.action == "unwrap" and rule.is_response:
        rule.error("action", "unwrap is for requests", "remove 'direction'")
    if rule.is_frame and (rule.action == "unwrap" or "answer" in rule.filled):
        what = "unwrap" if rule.action == "unwrap" else "answer"
        rule.error("action" if what == "unwrap" else "answer", f"a frame has no {what}", "block drops it, ask holds it")
    if len({one.condition.direction for one in rule.where}) > 1:
        rule.error("where", "one rule speaks about requests or about responses", "make two rules of it")


def read_to(rule: Stated) -> tuple[str, ...]:
    """The texts of ``to``: one for generalize, addresses and templates for unwrap."""
    texts: tuple[Text, ...] = rule.filled.get("to", ())
    if rule.action == "generalize":
        return tuple(_precision(rule, texts))
    if rule.action == "unwrap":
        return tuple(text.text for text in texts if _is_target(rule, text))
    return ()


def _precision(rule: Stated, texts: tuple[Text, ...]) -> Iterator[str]:
    if len(texts) > 1:
        rule.error("to", "generalize has one 'to'")
    for text in texts[:1]:
        wrong = precision_error(text.text, rule.selected or (rule.category,))
        if wrong:
            rule.desk.error(text, wrong, f"to: {_choices(rule)}")
        else:
            yield text.text


def precision_error(to: str, categories: tuple[str | None, ...]) -> str:
    """Why *to* does not fit one of the categories; empty when it fits all."""
    if CONSTANT.fullmatch(to):
        return ""
    name = "decimals" if DECIMALS.fullmatch(to) else to
    known = sorted({one for all_ in GENERALIZATIONS.values() for one in all_})
    if name not in known or to == "decimals":
        return f"unknown precision '{to}'"
    for category in categories:
        if name not in GENERALIZATIONS.get(category or "", ()):
            return f"'{to}' does not fit {f"category '{category}'" if category else 'a field without category'}"
    return ""


def _choices(rule: Stated) -> str:
    categories = rule.selected or ((rule.category,) if rule.category else ())
    fitting = {one for category in categories for one in GENERALIZATIONS.get(category, ())}
    words = sorted("2 decimals" if one == "decimals" else one for one in fitting)
    return " | ".join([*words, '="constant"'])


def _is_target(rule: Stated, text: Text) -> bool:
    if not TEMPLATE.fullmatch(text.text):
        return address(text, rule.desk) is not None
    for name in names_in(text.text):
        for one in rule.where:
            paths = one.condition.path
            if not paths or any(name not in path.names for path in paths):
                hint = did_you_mean(name, _part_names(paths)) or f'path: "/.../{{{name}}}"'
                rule.desk.error(text, f"'{{{name}}}' is no part of the path", hint)
                return False
    return True


def _part_names(paths: tuple[PathPattern, ...]) -> list[str]:
    return [name for path in paths for name in path.names]


def read_answer(rule: Stated) -> str | None:
    """The text of ``answer``."""
    text: Text | None = rule.filled.get("answer")
    if text is None or text.text in ("empty", "gif", "204") or SCRIPT.fullmatch(text.text):
        return text.text if text else None
    if text.text.startswith("json "):
        return text.text if _is_json(text, rule.desk) else None
    rule.desk.error(text, f"unknown answer '{text.text}'", f"answers: {' | '.join(ANSWERS)}")
    return None


def _is_json(text: Text, desk: Desk) -> bool:
    try:
        json.loads(text.text.removeprefix("json "))
    except (ValueError, RecursionError):
        desk.error(text, "this is no JSON", "answer: 'json {\"ok\": true}'")
        return False
    return True


def read_otherwise(rule: Stated) -> str | None:
    """What an unanswered question comes to; the default of ``ask`` where nothing is said."""
    if rule.action != "ask":
        return None
    choices = OTHERWISE[rule.names_fields]
    text: Text | None = rule.filled.get("otherwise")
    if text is None:
        return choices[0]
    if text.text not in choices:
        rule.desk.error(text, f"unknown choice '{text.text}'", did_you_mean(text.text, choices, "otherwise"))
    elif rule.category and not fits(text.text, rule.category):
        hint = f"actions: {_fitting(rule.category)}"
        rule.desk.error(text, f"'{text.text}' does not fit category '{rule.category}'", hint)
    return text.text


def check_guard(rule: Stated, untouched: str) -> None:
    """A guard must be told from the line and the header names alone, unless it holds ``when seen``."""
    for one in rule.where:
        for key in one.filled.table.entries:
            if key in GUARDS_MISS:
                at: Part = one.filled.at(key)
                rule.desk.error(at, f"a guard cannot look at '{key}'", "guards see " + " ".join(GUARDS_SEE))
        if untouched == "always":
            _check_header_names(rule, one)
    if untouched == "seen" and not any(one.condition.has for one in rule.where):
        rule.error("untouched", "'when seen' wants 'has'", "untouched: true")
    for key in (*ARGUMENTS, "action", "category", "lifts"):
        if key in rule.filled:
            rule.error(key, f"a guard has no '{key}'", f"remove '{key}', or 'untouched'")


def _check_header_names(rule: Stated, one: Placed) -> None:
    for has in one.condition.has:
        is_name = re.fullmatch(r"header:[^/*]+", has.address.text) is not None
        if not is_name or has.value not in (None, "*"):
            hint = 'untouched: when seen; of headers a guard sees the name: {"header:x-signature": "*"}'
            rule.desk.error(one.filled.at("has"), "a guard cannot look at values", hint)
