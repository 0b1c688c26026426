"""Selector: a place that a rule names. What detect looks for on behalf of policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from shield.address import AROUND_BODY, SEPARATOR, AddressPattern
from shield.cleared import Told

"""So many addresses are remembered, and none that is longer: a page that makes up names fills no memory."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A place that a rule names; without patterns every field that has the value."""

    rule: str
    category: str
    patterns: tuple[AddressPattern, ...]
    value: re.Pattern[bytes] | None = None


class Sought(NamedTuple):
    """The selectors of one category that name one address; *rules* are theirs, None where some ask for a value."""

    category: str
    selectors: tuple[Selector, ...]
    rules: tuple[str, ...] | None


class Selectors:
    """All that is looked for in one message. Immutable but for a memo of what is sought at an address."""

    __slots__ = ("_all", "_everywhere", "_literal", "_memo", "_wild", "anywhere_in_body", "literal_in_body")

    def __init__(self, selectors: Iterable[Selector] = ()) -> None:
        self._all = tuple(selectors)
        self._literal: dict[str, list[int]] = {}
        self._wild: dict[str, list[tuple[AddressPattern, int]]] = {}  # by outermost step; "" is any
        self._memo: Told[tuple[Sought, ...]] = Told()
        self._everywhere = [number for number, one in enumerate(self._all) if not one.patterns]
        for number, selector in enumerate(self._all):
            for pattern in selector.patterns:
                self._file(pattern, number)

        self.literal_in_body = tuple(one for one in self._literal if one.partition(SEPARATOR)[0] not in AROUND_BODY)
        """Addresses that are named one by one."""
        self.anywhere_in_body = bool(self._everywhere) or not AROUND_BODY.issuperset(self._wild)
        """Whether only a body that is read as a whole shows what is named in it."""

    def _file(self, pattern: AddressPattern, number: int) -> None:
        if pattern.literal is not None:
            self._literal.setdefault(pattern.literal, []).append(number)
            return
        for place in pattern.places or ("",):
            self._wild.setdefault(place, []).append((pattern, number))

    def __iter__(self) -> Iterator[Selector]:
        return iter(self._all)

    def __bool__(self) -> bool:
        return bool(self._all)

    def at(self, address: str) -> tuple[Sought, ...]:
        """What is sought at an address (with separators), in the order of the rules."""
        known = self._memo.by_number.get(hash(address))
        return self._memo.add(hash(address), self._at(address)) if known is None else known

    def _at(self, address: str) -> tuple[Sought, ...]:
        wild = (*self._wild.get(address.partition(SEPARATOR)[0], ()), *self._wild.get("", ()))
        naming = {*self._everywhere, *self._literal.get(address, ())}
        naming |= {number for pattern, number in wild if pattern.matches(address)}
        by_category: dict[str, list[Selector]] = {}
        for number in sorted(naming):
            by_category.setdefault(self._all[number].category, []).append(self._all[number])
        return tuple(_sought(category, tuple(selectors)) for category, selectors in by_category.items())


def _sought(category: str, selectors: tuple[Selector, ...]) -> Sought:
    asks = any(one.value is not None for one in selectors)
    return Sought(category, selectors, None if asks else tuple(dict.fromkeys(one.rule for one in selectors)))
