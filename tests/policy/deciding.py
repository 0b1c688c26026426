"""Small policies from text, and messages decided by them: what the tests of policy share."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from shield.context import Context
from shield.detect import opaque, places
from shield.detect.known import Matcher
from shield.finding import Decision, Finding
from shield.message import Request
from shield.opened import Opened
from shield.policy.decide import Decided
from shield.policy.index import Head, Index
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.services.recognise import Registry
from shield.wire import path, reader
from tests.people import sample_person

NOW = date(2026, 1, 1)
PERSON = sample_person("tracker", "shop", "mail")
MATCHER = Matcher.build(PERSON)
SERVICES = """
company: Acme
services:
  shop: {purpose: functionality, on: [{host: shop.example}]}
  mail: {purpose: functionality, on: [{host: mail.example}]}
  login: {purpose: login, on: [{host: login.example}]}
  parcel: {purpose: delivery, on: [{host: parcel.example}]}
"""
TRACKERS = """
company: Spy
services:
  tracker: {purpose: analytics, on: [{host: tracker.example}], shape: {path: "**/g/collect", has: {"query:v": "2"}}}
"""


def policy(shipped: str = "", person: str = "", config: str = "") -> Policy:
    """A policy of two companies' services, shipped rules, a person's rules and a configuration.

    Rules are given as the members of the list, indented by two blanks or not at all.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "shipped").mkdir()
        (root / "person").mkdir()
        (root / "shipped" / "acme.yaml").write_text(SERVICES + _rules(shipped))
        (root / "shipped" / "spy.yaml").write_text(TRACKERS)
        if person:
            (root / "person" / "mine.yaml").write_text(_rules(person))
        (root / "shield.yaml").write_text(config)
        return load(Sources((root / "shipped",), (root / "person",), root / "shield.yaml" if config else None))


def _rules(text: str) -> str:
    lines = [line for line in text.strip("\n").splitlines() if line.strip()]
    return "rules:\n" + "\n".join(f"  {line}" for line in lines) + "\n" if lines else ""


def request(
    url: str, *, method: str = "GET", body: bytes = b"", page: str | None = None, type: str | None = None,  # noqa: A002
    headers: Mapping[str, str] | None = None,
) -> Request:  # fmt: skip
    """A request as a client makes it."""
    parts = urlsplit(url)
    lines = [(b"host", parts.netloc.encode())]
    lines += [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    if body:
        lines.append((b"content-length", str(len(body)).encode()))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Request(
        method, parts.scheme, parts.hostname or "", port, target.encode(), tuple(lines), body, type=type, page=page
    )


@dataclass
class Case:
    """One message decided, with all that was on the way."""

    head: Head
    decided: Decided
    context: Context
    opened: Opened
    findings: list[Finding]

    @property
    def verdict(self) -> str:
        """Name of the verdict, in lower case."""
        return type(self.decided.verdict).__name__.lower()

    @property
    def actions(self) -> dict[str, str]:
        """What is done, by address as people read it; parts of a field as ``address#category``."""
        told: dict[str, str] = {}
        for one in self.decided.decisions:
            finding = one.finding
            told[finding.at if finding.is_whole else f"{finding.at}#{finding.category}"] = one.action
        return told

    def at(self, address: str) -> Decision:
        """The decision about the field with this address."""
        return next(one for one in self.decided.decisions if one.finding.at == address)


def decide(rules: Policy, message: Request, answers: Mapping[str, str] | None = None, now: date = NOW) -> Case:
    """Run a message through recognise, head, selectors, detect and decide, as the engine does."""
    index = Index(rules)
    registry = Registry(rules.services)
    head = index.head(message, registry.recognise(message), now)
    opened = reader.read(message)
    context = registry.recognise(message, opened)
    chosen = index.selectors(context, opened, now)
    if chosen.path_parts:
        opened = path.with_parts(opened, chosen.path_parts)
    findings = [*places.find(opened, chosen.selectors), *MATCHER.find(opened), *opaque.find(opened)]
    decided = index.decide(context, opened, findings, now=now, answers=answers or {})
    return Case(head, decided, context, opened, findings)
