"""Families and services of a rule file: who is asked, where it is, and what for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from shield.context import Endpoint, Service, Shape
from shield.pattern import PathPattern
from shield.policy.conditions import HAS, PURPOSE, compiled, hosts, read_has
from shield.policy.forms import TEXT, TEXTS, Filled, Form, Key, many, nested
from shield.policy.text import Desk, Part, Text
from shield.policy.world import Placement, RuleFile, World

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
FAMILY: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.<[a-z]+>|<[a-z]+>")

ENDPOINT: Final = Form("a line of 'on'", (
    Key("host", TEXTS, "the host and its subdomains; =host it alone", "host: example.com"),
    Key("path", TEXTS, "the paths; all when unsaid"),
))  # fmt: skip
SHAPE: Final = Form("'shape'", (
    Key("path", TEXTS, "the paths of the protocol, on whatever host", 'path: "**/g/collect"'),
    Key("has", HAS, "fields that give it away"),
))  # fmt: skip
SERVICE: Final = Form("a service", (
    Key("purpose", PURPOSE, "what its requests are for", "purpose: analytics"),
    Key("company", TEXT, "who owns it; the file's company when unsaid"),
    Key("on", many(nested(ENDPOINT), "hosts"), "where it is"),
    Key("shape", nested(SHAPE), "how it is recognised on a site's own domain"),
))  # fmt: skip


def gather_family(desk: Desk, world: World, name: Text, members: tuple[Text, ...]) -> None:
    if not FAMILY.fullmatch(name.text):
        desk.error(name, f"a family is named like example.<country>, not '{name.text}'")
        return
    if name.text in world.families:
        desk.error(name, f"family '{name.text}' is there twice", "one file states it, all may use it")
        return
    for member in members:
        if re.search(r"[*<>=/]", member.text):
            desk.error(member, f"a family is a closed list of hosts, without patterns: '{member.text}'")
    world.families[name.text] = tuple(member.text for member in members)


def read_services(file: RuleFile, world: World) -> Iterator[Placement[Service]]:
    """Second pass: the services of a file."""
    services: dict[Text, Part] = file.filled.get("services", {})
    for name, part in services.items():
        filled = SERVICE.read(part, file.desk)
        if filled is None:
            continue
        company: Text | None = filled.get("company") or file.filled.get("company")
        if company is None:
            file.desk.error(name, f"service '{name.text}' has no company", "company: Example, at the top of the file")
            continue
        if not NAME.fullmatch(name.text):
            file.desk.error(name, f"a name has letters, digits, '-', '_' and '.', not '{name.text}'")
        endpoints = (_endpoint(one, world, file.desk) for one in filled.get("on", ()))
        shape = filled.get("shape")
        if "on" not in filled and "shape" not in filled:
            file.desk.error(name, f"service '{name.text}' is nowhere", "on: [{host: example.com}]")
        service = Service(
            name=name.text,
            company=world.companies[company.text.casefold()],
            purpose=filled.get("purpose", "functionality"),
            on=tuple(endpoints),
            shape=_shape(shape, file.desk) if shape else None,
            file=file.name,
            line=name.line,
        )
        yield Placement(service, name, file, filled)


def _endpoint(filled: Filled, world: World, desk: Desk) -> Endpoint:
    return Endpoint(
        tuple(hosts(filled.get("host", ()), world.families, desk)),
        tuple(compiled(PathPattern, filled.get("path", ()), desk)),
    )


def _shape(filled: Filled, desk: Desk) -> Shape:
    return Shape(tuple(compiled(PathPattern, filled.get("path", ()), desk)), tuple(read_has(filled, desk)))
