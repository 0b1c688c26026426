"""What the twin file holds, as a value: every change makes a new one. Written as JSON inside the seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from shield.errors import InputError, TwinError
from shield.forms.telephone import home_of
from shield.person import Fact, Persona
from shield.twin import persona as personas
from shield.twin.clash import shown_in
from shield.twin.fact import make_fact

VERSION: Final = 1
_VERSIONS: Final = 4


def _main(fact: Fact) -> dict[str, str]:
    """What makes it the same fact: not how a number was typed."""
    return {part: text for part, text in fact.parts.items() if part != "written"}


@dataclass(frozen=True, slots=True)
class PersonaRecord:
    """A persona as it is kept: its values, and what they were made with."""

    values: Mapping[str, Fact] = field(repr=False)
    epoch: int = 0
    generator: str = ""
    made: str = ""


def check_alias(catch_all: str | None, facts: tuple[Fact, ...]) -> None:
    """Refuse an alias of a mailbox that is a fact.

    Raises:
        InputError: whoever cuts off the tag would have the real address.
    """
    fact = shown_in(catch_all, facts) if catch_all else None
    if fact is not None:
        raise InputError(
            f"catch_all is an alias of {fact.id}, or shows it: every address made of it would tell who you are",
            "catch_all: a domain of yours, or an alias of a mailbox that is no fact; or take it out of shield.yaml",
        )


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-up in which the persona's e-mail left: the service knows the persona by it from then on."""

    since: str
    fact_id: str


@dataclass(frozen=True, slots=True)
class TwinState:
    """All of it.

    Attributes:
        counters: category -> highest number given to a fact, so that no id comes back for another value.
        epochs: scope -> how often it was rotated.
        accounts: persona scope -> account.
        catch_all: domain of the person's own, or an alias pattern, for e-mails of personas; as the
            configuration said when it was last in force.
        truth: categories for which personas show the real value.
        versions: of the data that personas of third parties were derived with, the newest first.
    """

    facts: tuple[Fact, ...] = field(default=(), repr=False)
    personas: Mapping[str, PersonaRecord] = field(default_factory=dict)
    epochs: Mapping[str, int] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    catch_all: str | None = field(default=None, repr=False)
    truth: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()

    def with_version(self, version: str) -> TwinState:
        """Another version of the data that personas are made with is in force."""
        if self.versions[:1] == (version,):
            return self
        return replace(self, versions=tuple(dict.fromkeys((version, *self.versions)))[:_VERSIONS])

    def with_fact(self, category: str, parts: Mapping[str, str]) -> TwinState:
        """Add a fact; it is the last of the new state's facts.

        Raises:
            InputError: its value has the wrong form, or is a fact already.
        """
        number = self.counters.get(category, 0) + 1
        home = home_of(self.facts) if category == "phone" else None
        fact = make_fact(f"{category}-{number}", category, {"country": home, **parts} if home else parts)
        check_alias(self.catch_all, (fact,))
        for other in self.facts:
            if other.category == category and _main(other) == _main(fact):
                raise InputError(f"this {category} is known already, as {other.id}", "shield twin show")
        counters = {**self.counters, category: number}
        return replace(self, facts=(*self.facts, fact), counters=counters)

    def without_aliases(self, key: bytes, today: date) -> tuple[TwinState, tuple[str, ...]]:
        """Retire what earlier versions made: addresses of personas that lead to the mailbox of a fact, and the alias
        that they were made of. Other values stay.

        Returns:
            The state, and the scopes whose address is another one now.
        """
        if "email" in self.truth:
            return self, ()
        scopes = tuple(
            scope for scope, record in self.personas.items()
            if any(one.category == "email" and shown_in(one.value, self.facts) for one in record.values.values())
        )  # fmt: skip
        now = replace(self, catch_all=None) if self.catch_all and shown_in(self.catch_all, self.facts) else self
        for scope in scopes:
            now = now.with_persona(key, scope, today)
        return now, scopes

    def without_fact(self, fact_id: str) -> TwinState:
        """Take a fact out, and the values that stand for it.

        Raises:
            InputError: there is no such fact.
        """
        if all(fact.id != fact_id for fact in self.facts):
            ids = " ".join(fact.id for fact in self.facts)
            raise InputError(f"there is no fact '{fact_id}'", f"facts: {ids}" if ids else "shield twin add --help")
        kept = {
            scope: replace(record, values={key: value for key, value in record.values.items() if key != fact_id})
            for scope, record in self.personas.items()
        }
        return replace(self, facts=tuple(fact for fact in self.facts if fact.id != fact_id), personas=kept)

    def with_persona(self, key: bytes, scope: str, today: date) -> TwinState:
        """Make the persona of *scope*, or give it a value for every fact that it lacks one for."""
        record = self.personas.get(scope)
        epoch = self.epochs.get(scope, 0)
        kept = record.values if record is not None and record.epoch == epoch else {}
        made = personas.make(
            key, scope, self.facts, today, self.catch_all,
            epoch=epoch, kept=kept, taken=self._taken(scope), truth=self.truth,
        )  # fmt: skip
        if record is not None and record.epoch == epoch and dict(made.values) == dict(record.values):
            return self
        fresh = PersonaRecord(made.values, epoch, personas.generator(), today.isoformat())
        return replace(self, personas={**self.personas, scope: fresh})

    def with_records(self, records: Mapping[str, PersonaRecord]) -> TwinState:
        """With personas that were made before this state was read; who is there already stays."""
        fresh = {scope: one for scope, one in records.items() if scope not in self.personas}
        return replace(self, personas={**self.personas, **fresh}) if fresh else self

    def rotated(self, scope: str, *, account_too: bool = False) -> TwinState:
        """Become somebody else there: the next persona and the next pseudonyms are others.

        Raises:
            TwinError: the service has an account of the persona, which the person would lose.
        """
        if scope in self.accounts and not account_too:
            raise TwinError(
                f"{scope} knows the persona by an account since {self.accounts[scope].since}",
                f"shield persona rotate {scope} --account-too",
            )
        accounts = {name: account for name, account in self.accounts.items() if name != scope}
        return replace(self, epochs={**self.epochs, scope: self.epochs.get(scope, 0) + 1}, accounts=accounts)

    def with_account(self, scope: str, fact_id: str, today: date) -> TwinState:
        """Remember the first sign-up of this persona."""
        if scope in self.accounts:
            return self
        return replace(self, accounts={**self.accounts, scope: Account(today.isoformat(), fact_id)})

    def persona_values(self) -> dict[str, Persona]:
        """Scope -> persona, as the engine wants them."""
        return {scope: Persona(scope, record.values) for scope, record in self.personas.items()}

    def _taken(self, scope: str) -> frozenset[str]:
        return frozenset(
            value.value
            for name, record in self.personas.items()
            for value in record.values.values()
            if name != scope and value.category in ("email", "phone", "username")
        )


def write(state: TwinState) -> bytes:
    """The content to seal."""
    content = {
        "version": VERSION,
        "facts": [_fact(fact) for fact in state.facts],
        "personas": {
            scope: {
                "epoch": record.epoch, "generator": record.generator, "made": record.made,
                "values": [_fact(value) for value in record.values.values()],
            }
            for scope, record in state.personas.items()
        },
        "epochs": dict(state.epochs),
        "accounts": {scope: {"since": one.since, "fact": one.fact_id} for scope, one in state.accounts.items()},
        "counters": dict(state.counters),
        "catch_all": state.catch_all,
        "truth": list(state.truth),
        "versions": list(state.versions),
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def read(content: bytes) -> TwinState:
    """Read what :func:`write` wrote.

    Raises:
        TwinError: of a version that we do not know.
    """
    try:
        found = json.loads(content)
        if found["version"] != VERSION:
            raise TwinError(f"the twin's content has version {found['version']}", "update shield")
        return TwinState(
            facts=tuple(_read_fact(one) for one in found["facts"]),
            personas={scope: _read_record(one) for scope, one in found["personas"].items()},
            epochs=found["epochs"],
            accounts={scope: Account(one["since"], one["fact"]) for scope, one in found["accounts"].items()},
            counters=found["counters"],
            catch_all=found["catch_all"],
            truth=tuple(found["truth"]),
            versions=tuple(found.get("versions", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TwinError("the twin's content has a form that we do not know", "update shield") from None


def _fact(fact: Fact) -> dict[str, Any]:
    return {"id": fact.id, "category": fact.category, "parts": dict(fact.parts)}


def _read_fact(found: dict[str, Any]) -> Fact:
    return Fact(found["id"], found["category"], found["parts"])


def _read_record(found: dict[str, Any]) -> PersonaRecord:
    values = {one["id"]: _read_fact(one) for one in found["values"]}
    return PersonaRecord(values, found["epoch"], found["generator"], found["made"])
