"""Rule, Condition, Policy: rule files after loading. Immutable; reload makes a new Policy and swaps it whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from shield.address import AddressPattern
from shield.context import Families, Has, HostPattern, PathPattern, Service
from shield.policy.inside import ReachEntry


@dataclass(frozen=True, slots=True)
class Condition:
    """One member of ``where`` or ``unless``; all that is stated must hold. Empty means not stated.

    Attributes:
        at: addresses the rule names; ``place`` + ``name`` are already turned into addresses.
        category, whose: select findings that others made.
        value: linear-time pattern for the field's value (checked at load).
    """

    service: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    host: tuple[HostPattern, ...] = ()
    path: tuple[PathPattern, ...] = ()
    method: tuple[str, ...] = ()
    party: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    direction: str = "request"
    at: tuple[AddressPattern, ...] = ()
    value: re.Pattern[bytes] | None = None
    has: tuple[Has, ...] = ()
    category: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()

    @property
    def names_fields(self) -> bool:
        """Whether it speaks about fields; else about the message."""
        return bool(self.at or self.value or self.category or self.whose)


@dataclass(frozen=True, slots=True)
class Example:
    """A proof that lies beside its rule; ``shield.examples`` runs it. Texts as in the file."""

    line: int
    request: str = ""
    page: str | None = None
    type: str | None = None
    becomes: Mapping[str, str] = field(default_factory=dict)
    keeps: str | None = None
    verdict: str | None = None
    response: str | None = None
    location: str | None = None
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        layer: ``person``, ``shipped`` or ``list`` by the file it came from; ``guard`` if untouched;
            ``lifted`` if it lifts a guard.
        is_own: whether it stands in a file of the person's, whatever its layer.
        untouched: ``""``, ``always`` or ``seen``.
        answer: for block: ``empty``, ``gif``, ``204``, ``json {...}``, ``script NAME``.
        to: generalize: one text; unwrap: the addresses or the template to try in order.
        add: address and constant of ``add``.
        until: from that day on the rule has no effect.
    """

    id: str
    why: str
    file: str
    line: int
    layer: str
    where: tuple[Condition, ...]
    unless: tuple[Condition, ...] = ()
    action: str = ""
    category: str | None = None
    untouched: str = ""
    to: tuple[str, ...] = ()
    scope: str | None = None
    answer: str | None = None
    otherwise: str | None = None
    add: tuple[AddressPattern, str] | None = None
    lifts: str | None = None
    until: date | None = None
    examples: tuple[Example, ...] = ()
    is_own: bool = False

    @property
    def looks_inside(self) -> bool:
        """Whether it cannot be told again from a response or a frame: it asks for what the request holds."""
        return self.untouched == "seen" or any(condition.has for condition in (*self.where, *self.unless))

    @property
    def names_fields(self) -> bool:
        """Whether it takes part in the field contest; else in the message contest."""
        return any(condition.names_fields for condition in self.where)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the share table.

    Attributes:
        action: allow, ask, block, generalize, pseudonymize or strip.
        key: as decisions name it, ``share.third.email.analytics``; ``default`` where the table is silent.
        to: how coarse, for generalize.
        file, line: where it stands; empty for ``default``.
        is_usual: it ships; the person did not say so.
    """

    action: str
    key: str
    to: str | None = None
    file: str = ""
    line: int = 0
    is_usual: bool = False


Share = Mapping[str, Mapping[str, Mapping[str, Cell]]]
"""Row (service, company, first, third) -> category or ``*`` -> purpose or ``*`` -> cell."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a person sets that is neither rule nor share table. The values are the defaults.

    Attributes:
        port: where the proxy listens, on loopback.
        ask_seconds: how long a question waits before the protective choice is taken.
        catch_all: mail domain (``anna.example``) or alias pattern (``anna+*@mail.example``) for the
            addresses of personas; None: reserved domains.
        disable: ids of rules that are left out.
        rules: further folders or files with the person's own rules.
        presidio: whether presidio runs, in a process of its own.
        reach: what of this machine and of private networks the proxy may connect to.
        model: spaCy model for names of people: a package or a folder.
    """

    port: int = 8080
    ask_seconds: int = 60
    catch_all: str | None = field(default=None, repr=False)
    disable: frozenset[str] = frozenset()
    rules: tuple[Path, ...] = ()
    presidio: bool = False
    model: str | None = None
    reach: tuple[ReachEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that was loaded, in force as one.

    Attributes:
        rules: without those that the person disables; in the order of files and lines.
        intercept: ``services``, ``everything``, or the hosts the person lists.
        scripts: stand-in scripts by name, for ``answer: script NAME``.
        generation: counts reloads; answers carry it.
        never_line: where the list ``never`` stands, for explanations.
    """

    rules: tuple[Rule, ...] = ()
    services: tuple[Service, ...] = ()
    families: Families = field(default_factory=dict)
    share: Share = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    intercept: str | tuple[HostPattern, ...] = "services"
    config: Config = Config()
    scripts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    generation: int = 0
    config_file: str = ""
    never_line: int = 0
