"""A rule file: company, families, services, rules. Read in two passes, for files refer to each other."""

from __future__ import annotations

from typing import Final

from shield.policy.forms import RAW, TEXT, TEXTS, Form, Key, Kind, table_of
from shield.policy.ruleform import RULE
from shield.policy.serviceform import SERVICE, gather_family
from shield.policy.text import Desk, Part, Text, read_text
from shield.policy.world import RuleFile, World

FILE: Final = Form("a rule file", (
    Key("company", TEXT, "who owns the services of this file"),
    Key("families", table_of(TEXTS, "lists of hosts"), "closed lists of hosts, e.g. google.<country>"),
    Key("services", table_of(Kind(lambda part, _: part, SERVICE.schema), "services"), "who is asked, and for what"),
    Key("rules", Kind(RAW.read, {"type": "array", "items": RULE.schema}), "the rules"),
))  # fmt: skip


def open_file(raw: bytes, desk: Desk, layer: str) -> RuleFile | None:
    """First pass: keys and families; None when the file cannot be read at all."""
    part = read_text(raw, desk)
    filled = FILE.read(part, desk) if part is not None else None
    return None if filled is None else RuleFile(desk, filled, layer)


def gather(file: RuleFile, world: World) -> None:
    """Enter what other files may refer to: families, services, companies."""
    families: dict[Text, tuple[Text, ...]] = file.filled.get("families", {})
    for name, members in families.items():
        gather_family(file.desk, world, name, members)
    company: Text | None = file.filled.get("company")
    if company is not None:
        world.companies.setdefault(company.text.casefold(), company.text)
    services: dict[Text, Part] = file.filled.get("services", {})
    for name, part in services.items():
        world.services.add(name.text)
        own = getattr(part, "entries", {}).get("company")
        if isinstance(own, Text):
            world.companies.setdefault(own.text.casefold(), own.text)
