"""Fact, Persona, Person: values only. None of them shows a value in its ``repr``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": ("given", "family"),
        "postal_address": ("street", "city", "postcode", "region", "country"),
    }
)
"""Categories that consist of parts; every other category has the one part ``value``."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One real value, or the persona's value that stands for it.

    Attributes:
        id: stays the same while the fact exists, e.g. ``email-1``; a persona's value carries the id
            of the fact that it stands for.
        category: one of ``vocabulary.FACT_CATEGORIES``.
        parts: ``{"value": ...}``, or the parts of ``PARTS``. E-mail as typed; phone in E.164 with
            plus; date ISO 8601; country ISO 3166-1 alpha-2.
    """

    id: str
    category: str
    parts: Mapping[str, str] = field(repr=False)

    @property
    def value(self) -> str:
        """The whole as one text: the value, "given family", or "street, postcode city"."""
        parts = self.parts
        if "value" in parts:
            return parts["value"]
        if self.category == "name":
            return " ".join(filter(None, (parts.get("given", ""), parts.get("family", ""))))
        town = " ".join(filter(None, (parts.get("postcode", ""), parts.get("city", ""))))
        return ", ".join(filter(None, (parts.get("street", ""), town)))


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the person is for one service (or one site, for services that nobody recognised)."""

    service: str
    values: Mapping[str, Fact] = field(repr=False)  # by the id of the fact each stands for


class Deriving(Protocol):
    """Makes the personas of third parties; the same scope gives the same one (``twin.derived``)."""

    def __call__(self, scope: str) -> Persona:
        """Who the person is for one scope."""

    def former(self, scope: str) -> tuple[Persona, ...]:
        """Who the person was there before."""


def epoch_of(scope: str, epochs: Mapping[str, int]) -> int:
    """How often a scope was rotated; every site below a receiver turns with it."""
    receiver = scope.partition("|")[0]
    return epochs.get(scope, 0) + (epochs.get(receiver, 0) if receiver != scope else 0)


@dataclass(frozen=True, slots=True)
class Person:
    """What the engine needs of the twin: facts, personas, the key for pseudonyms, the epochs.

    Attributes:
        personas: those that are stored: of first parties.
        derive: makes those of third parties; None: there are none, and what would need one is stripped.
        pseudonym_key: 32 bytes, derived from the twin's data key.
        epochs: raised by ``persona rotate``; a scope without an entry is in epoch 0.
        locked: the twin exists but could not be opened; what would need it is blocked.
    """

    facts: tuple[Fact, ...] = field(default=(), repr=False)
    personas: Mapping[str, Persona] = field(default_factory=dict, repr=False)
    pseudonym_key: bytes = field(default=b"", repr=False)
    epochs: Mapping[str, int] = field(default_factory=dict)
    locked: bool = False
    derive: Deriving | None = field(default=None, repr=False)

    def persona(self, scope: str) -> Persona | None:
        """Who the person is for a scope (``Context.persona_scope``): stored, or derived for ``receiver|site``.

        None where the site is unknown: one persona for all sites would join them.
        """
        found = self.personas.get(scope)
        if found is not None or self.derive is None:
            return found
        return self.derive(scope) if scope.partition("|")[2] else None

    def fact(self, fact_id: str) -> Fact | None:
        """The fact with this id."""
        return next((fact for fact in self.facts if fact.id == fact_id), None)
