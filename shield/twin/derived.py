"""Personas of third parties: one for each receiver and site of the person, derived when needed, never stored.

She is a pure function of the twin's key, the scope, its epoch, the facts and the version of the data that names come
from; a new version counts as a new epoch. The clock has no part in it, nor has what other personas have. What she was
in former epochs and versions stays known, so that what is seen of it again is left as it is.

Her e-mail is on a reserved domain also where the person has a domain of their own: all companies would see that one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shield.person import Fact, Persona, epoch_of
from shield.twin.persona import make

_BORN_BEFORE: Final = date(2026, 1, 1)  # ages are compared on this day, so that no clock decides
_MOST_VALUES: Final = 20_000  # that are kept, 500 bytes each
_FORMER: Final = 3  # epochs, and versions


@dataclass(frozen=True, slots=True)
class Derived:
    """Makes and keeps them; may be shared by threads.

    Attributes:
        key: 32 bytes; whoever has it and the facts can make every persona.
        truth: categories whose real value the person chose to show.
        epochs: scope or receiver -> how often it was rotated.
        versions: of the data, the newest first; the others are former ones.
    """

    key: bytes = field(repr=False)
    facts: tuple[Fact, ...] = field(repr=False)
    truth: tuple[str, ...] = ()
    epochs: Mapping[str, int] = field(default_factory=dict)
    versions: tuple[str, ...] = ("",)
    _kept: dict[tuple[str, int, str], Persona] = field(default_factory=dict, init=False, compare=False, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False, compare=False, repr=False)

    def __call__(self, scope: str) -> Persona:
        """Who the person is for one scope (``receiver|site``).

        Raises:
            ShieldError: the facts leave no value that differs from all of them.

        Cost: under 1 ms for seven facts, nothing when she was asked for a short time ago.
        """
        return self._made(scope, epoch_of(scope, self.epochs), self.versions[0])

    def former(self, scope: str) -> tuple[Persona, ...]:
        """Who the person was there before: the last epochs, and with the last versions of the data."""
        epoch = epoch_of(scope, self.epochs)
        epochs = [(one, self.versions[0]) for one in range(epoch - 1, max(-1, epoch - 1 - _FORMER), -1)]
        versions = [(epoch, one) for one in self.versions[1 : 1 + _FORMER]]
        return tuple(self._made(scope, *one) for one in epochs + versions)

    @property
    def _day(self) -> date:
        """When ages are compared: the same for ever, and no day before somebody was born."""
        born = (one.value for one in self.facts if one.category == "date_of_birth")
        return max([_BORN_BEFORE, *map(date.fromisoformat, born)])

    def _made(self, scope: str, epoch: int, version: str) -> Persona:
        at = (scope, epoch, version)
        found = self._kept.get(at)
        if found is None:
            found = make(self.key, scope, self.facts, self._day, epoch=epoch, version=version, truth=self.truth)
            with self._guard:
                while self._kept and (len(self._kept) + 1) * max(1, len(found.values)) > _MOST_VALUES:
                    del self._kept[next(iter(self._kept))]
                self._kept[at] = found
        return found
