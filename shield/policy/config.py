"""The configuration file: the share table, ``never``, what is opened, and a few numbers."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from shield.pattern import HostPattern
from shield.policy.actions import precision_error
from shield.policy.conditions import CATEGORY, hosts
from shield.policy.forms import (
    TEXT,
    TEXTS,
    YES_OR_NO,
    Filled,
    Form,
    Key,
    Kind,
    expected,
    many,
    nested,
    number,
    read_text,
)
from shield.policy.inside import ReachEntry, read_entry
from shield.policy.rule import Cell, Config, Share
from shield.policy.text import Desk, Part, Table, Text, did_you_mean
from shield.policy.text import read_text as read_yaml
from shield.policy.world import World
from shield.vocabulary import CATEGORIES, DEFAULT_GENERALIZATION, PROTECTIVE_ORDER, PURPOSES, fits

INTERCEPT: Final = ("services", "everything")
SHARE_ACTIONS: Final = tuple(sorted(PROTECTIVE_ORDER))
DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*", re.IGNORECASE)
ALIAS: Final = re.compile(r"[^@*\s]*\*[^@*\s]*@(?P<domain>[^@*\s]+)")
DEFINITIONS: Final[dict[str, Any]] = {
    "cell": {"type": "string", "pattern": f"^({'|'.join(SHARE_ACTIONS)})( .+)?$", "examples": list(SHARE_ACTIONS)},
    "cells": {
        "anyOf": [
            {"$ref": "#/definitions/cell"},
            {
                "type": "object", "additionalProperties": False,
                "properties": {purpose: {"$ref": "#/definitions/cell"} for purpose in (*PURPOSES, "*")},
            },
        ]
    },
    "row": {
        "type": "object", "additionalProperties": False,
        "properties": {category: {"$ref": "#/definitions/cells"} for category in (*CATEGORIES, "*")},
    },
}  # fmt: skip
SHARE_SCHEMA: Final[dict[str, Any]] = {"type": "object", "additionalProperties": {"$ref": "#/definitions/row"}}

DETECT: Final = Form("'detect'", (
    Key("presidio", YES_OR_NO, "whether presidio reads what people write, in a process of its own; it only reports"),
    Key("model", TEXT, "a spaCy model that you have installed, or its folder: presidio then knows names of people"),
))  # fmt: skip
CONFIG: Final = Form("the configuration", (
    Key("port", number(1, 65535), "where the proxy listens, on loopback"),
    Key("intercept", TEXTS, "which hosts are opened: services, everything, or a list of hosts"),
    Key("share", Kind(lambda part, _: part, SHARE_SCHEMA), "who may receive what, where no rule names it"),
    Key("never", many(CATEGORY, "categories"), "categories that are asked about at a first party, blocked at a third"),
    Key("disable", many(TEXT, "rule ids"), "rules that are left out"),
    Key("catch_all", TEXT, "mail domain or alias pattern (anna+*@mail.example) for the addresses of personas"),
    Key("ask_seconds", number(1, 3600), "how long a question waits before the protective choice is taken"),
    Key("reach", TEXTS, "addresses of this machine and of private networks that may be reached: 192.168.1.1:80"),
    Key("detect", nested(DETECT), "what else looks for personal data"),
    Key("rules", TEXTS, "further files or folders with rules of your own, relative to this file"),
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration after it was read. None and empty where nothing is said."""

    desk: Desk
    filled: Filled
    config: Config
    share: Share = field(default_factory=dict)
    never: frozenset[str] | None = None
    disable: tuple[Text, ...] = ()

    @property
    def never_line(self) -> int:
        return self.filled.at("never").line if "never" in self.filled else 0

    def intercept(self, world: World) -> str | tuple[HostPattern, ...] | None:
        """``services``, ``everything`` or compiled hosts; None when nothing is said."""
        texts: tuple[Text, ...] = self.filled.get("intercept", ())
        if not texts:
            return None
        at = self.filled.at("intercept")
        if isinstance(at, Text):
            if at.text in INTERCEPT:
                return at.text
            if "." not in at.text:
                hint = did_you_mean(at.text, INTERCEPT, "intercept") + ", or a list of hosts"
                self.desk.error(at, f"unknown word '{at.text}'", hint)
                return None
        return tuple(hosts(texts, world.families, self.desk))


def read_config(raw: bytes, desk: Desk, folder: Path) -> ConfigFile | None:
    """Read a configuration; *folder* is what its paths are relative to. None when it cannot be read at all."""
    part = read_yaml(raw, desk)
    filled = CONFIG.read(part, desk) if part is not None else None
    if filled is None:
        return None
    disable: tuple[Text, ...] = filled.get("disable", ())
    never: tuple[str, ...] | None = filled.get("never")
    usual = Config()
    detect: Filled | None = filled.get("detect")
    config = Config(
        port=filled.get("port", usual.port),
        ask_seconds=filled.get("ask_seconds", usual.ask_seconds),
        catch_all=_catch_all(filled, desk),
        disable=frozenset(text.text for text in disable),
        presidio=bool(detect and detect.get("presidio", False)),
        model=_model(detect, folder) if detect else None,
        rules=tuple(_paths(filled.get("rules", ()), folder, desk)),
        reach=tuple(_reach(filled.get("reach", ()), desk)),
    )
    share = read_share(filled.at("share"), desk) if "share" in filled else {}
    return ConfigFile(desk, filled, config, share, None if never is None else frozenset(never), disable)


def _reach(texts: Iterable[Text], desk: Desk) -> Iterator[ReachEntry]:
    for text in texts:
        try:
            yield read_entry(text.text)
        except ValueError:
            desk.error(
                text, "an address, a network or a name is expected here", 'reach: ["192.168.1.1:80", printer.local]'
            )


def _catch_all(filled: Filled, desk: Desk) -> str | None:
    text: Text | None = filled.get("catch_all")
    if text is None:
        return None
    alias = ALIAS.fullmatch(text.text)
    if DOMAIN.fullmatch(alias["domain"] if alias else text.text):
        return text.text
    desk.error(text, "a mail domain or an alias pattern is expected here", "catch_all: anna+*@mail.example")
    return None


def _model(detect: Filled, folder: Path) -> str | None:
    """The name of a package, or the folder that it lies in; relative to the configuration."""
    text: Text | None = detect.get("model")
    if text is None:
        return None
    path = _path(folder, text.text)
    return str(path) if path is not None and path.is_dir() else text.text


def _paths(texts: Iterable[Text], folder: Path, desk: Desk) -> Iterator[Path]:
    for text in texts:
        path = _path(folder, text.text)
        if path is not None:
            yield path
        else:
            desk.error(text, f"there is no '{text.text}'", f"looked in {folder}")


def _path(folder: Path, text: str) -> Path | None:
    """The file or folder, if there is one; ``~`` is the person's home."""
    try:
        path = folder / Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, ValueError, RuntimeError):  # no such user, a NUL in the name, a name too long
        return None


def read_share(part: Part, desk: Desk) -> Share:
    """The share table as stated, row by row."""
    if not isinstance(part, Table):
        expected("'share' is a table of rows", part, desk)
        return {}
    rows = {name.casefold(): _row(name, row, desk) for name, row in part.entries.items()}
    return {name: row for name, row in rows.items() if row}


def _row(name: str, part: Part, desk: Desk) -> Mapping[str, Mapping[str, Cell]]:
    if not isinstance(part, Table):
        expected(f"row '{name}' is a table of categories", part, desk, f'{name}: {{"*": strip}}')
        return {}
    row: dict[str, Mapping[str, Cell]] = {}
    for category, value in part.entries.items():
        if category not in (*CATEGORIES, "*"):
            hint = did_you_mean(category, CATEGORIES, "categories")
            desk.error(part.keys[category], f"unknown category '{category}'", hint)
            continue
        row[category] = _cells(f"share.{name}.{category}", category, value, desk)
    return row


def _cells(key: str, category: str, part: Part, desk: Desk) -> Mapping[str, Cell]:
    if not isinstance(part, Table):
        cell = _cell(f"{key}.*", category, part, desk)
        return {"*": cell} if cell else {}
    cells: dict[str, Cell] = {}
    for purpose, value in part.entries.items():
        if purpose not in (*PURPOSES, "*"):
            desk.error(part.keys[purpose], f"unknown purpose '{purpose}'", did_you_mean(purpose, PURPOSES, "purposes"))
            continue
        cell = _cell(f"{key}.{purpose}", category, value, desk)
        if cell:
            cells[purpose] = cell
    return cells


def _cell(key: str, category: str, part: Part, desk: Desk) -> Cell | None:
    """``action``, or ``generalize PRECISION``."""
    text = read_text(part, desk)
    if text is None:
        return None
    action, _, to = text.text.partition(" ")
    if action not in SHARE_ACTIONS:
        desk.error(text, f"unknown action '{action}'", did_you_mean(action, SHARE_ACTIONS, "actions"))
        return None
    wrong = _cell_error(action, to.strip(), category)
    if wrong:
        desk.error(text, *wrong)
        return None
    precision = (to.strip() or DEFAULT_GENERALIZATION[category]) if action == "generalize" else None
    return Cell(action, key, precision, Path(desk.path).name, text.line)


def _cell_error(action: str, to: str, category: str) -> tuple[str, str] | None:
    if category == "*" and action in ("pseudonymize", "generalize"):
        return f"'{action}' fits some categories only", "name the category in place of '*'"
    if not fits(action, category):
        return f"'{action}' does not fit category '{category}'", f"actions: {_fitting(category)}"
    if action != "generalize":
        return (f"'{action}' stands alone", f"write {action}") if to else None
    if not to:
        is_known = category in DEFAULT_GENERALIZATION
        return None if is_known else ("'generalize' wants to know how", 'generalize ="constant"')
    wrong = precision_error(to, (category,))
    return (wrong, f"generalize {DEFAULT_GENERALIZATION.get(category, '="constant"')}") if wrong else None


def _fitting(category: str) -> str:
    return " ".join(action for action in SHARE_ACTIONS if fits(action, category))


def check_rows(file: ConfigFile, world: World) -> None:
    """A row that is probably a misspelt party, service or company."""
    known = {"first", "third", *world.services, *world.companies}
    part = file.filled.at("share") if "share" in file.filled else None
    for name, key in part.keys.items() if isinstance(part, Table) else ():
        close = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.75)
        if name.casefold() not in known and close:
            file.desk.error(key, f"unknown row '{name}'", f"did you mean '{close[0]}'?")
