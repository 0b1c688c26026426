"""Selector: a place that a rule names. What detect looks for on behalf of policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from shield.address import AROUND_BODY, SEPARATOR, AddressPattern, folded
from shield.cleared import Told


@dataclass(frozen=True, slots=True)
class Selector:
    """A place that a rule names; without patterns every field that has the value.

    What *protects* names a field in every spelling that servers fold into the same.
    """

    rule: str
    category: str
    patterns: tuple[AddressPattern, ...]
    value: re.Pattern[bytes] | None = None
    protects: bool = True


_PAIRS: Final = ("form:", "multipart:")


class Sought(NamedTuple):
    """The selectors of one category that name one address; *rules* are theirs, None where some ask for a value."""

    category: str
    selectors: tuple[Selector, ...]
    rules: tuple[str, ...] | None


class Selectors:
    """All that is looked for in one message. Immutable but for a memo of what is sought at an address."""

    __slots__ = (
        "_all",
        "_everywhere",
        "_folded",
        "_literal",
        "_memo",
        "_wild",
        "anywhere_in_body",
        "in_pairs",
        "literal_in_body",
    )

    def __init__(self, selectors: Iterable[Selector] = ()) -> None:
        self._all = tuple(selectors)
        self._literal: dict[str, list[int]] = {}
        self._folded: dict[str, list[int]] = {}
        self._wild: dict[str, list[tuple[AddressPattern, int]]] = {}  # by outermost step; "" is any
        self._memo: Told[tuple[Sought, ...]] = Told()
        self._everywhere = [number for number, one in enumerate(self._all) if not one.patterns]
        for number, selector in enumerate(self._all):
            for pattern in selector.patterns:
                self._file(pattern, number)

        self.literal_in_body = tuple(one for one in self._literal if one.partition(SEPARATOR)[0] not in AROUND_BODY)
        """Addresses that are named one by one."""
        self.in_pairs = any(one.startswith(_PAIRS) for one in self.literal_in_body)
        """Whether some of them are names in a form, which servers fold."""
        self.anywhere_in_body = bool(self._everywhere) or not AROUND_BODY.issuperset(self._wild)
        """Whether only a body that is read as a whole shows what is named in it."""

    def _file(self, pattern: AddressPattern, number: int) -> None:
        if pattern.literal is not None:
            self._literal.setdefault(pattern.literal, []).append(number)
            self._folded.setdefault(folded(pattern.literal), []).append(number)
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
        naming |= {number for number in self._folded.get(folded(address), ()) if self._all[number].protects}
        naming |= {number for pattern, number in wild if pattern.holds(address, protects=self._all[number].protects)}
        by_category: dict[str, list[Selector]] = {}
        for number in sorted(naming):
            by_category.setdefault(self._all[number].category, []).append(self._all[number])
        return tuple(_sought(category, tuple(selectors)) for category, selectors in by_category.items())


def _sought(category: str, selectors: tuple[Selector, ...]) -> Sought:
    asks = any(one.value is not None for one in selectors)
    return Sought(category, selectors, None if asks else tuple(dict.fromkeys(one.rule for one in selectors)))
