"""Places near one that the person stated: coordinates of fewer digits, or a few streets on, tell the same.

A pair in one field (in either order, as maps and search boxes write it), or latitude and longitude in two fields of
one container, count when both are within NEAR degrees (two kilometres), or as near as their digits can say; one
coordinate alone counts from four decimals on, within ALONE. Coordinates have a point, and one decimal at least.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from shield.person import Fact
from shield.tree import Node

NEAR: Final = 0.02
ALONE: Final = 0.002
_NUMBER: Final = rb"(?<![0-9.])([+-]?[0-9]{1,3}\.[0-9]{1,18})(?![0-9.]?[0-9])"
_ONE: Final = re.compile(_NUMBER)
_PAIR: Final = re.compile(_NUMBER + rb"([^0-9+.\-]{1,16})" + _NUMBER.replace(rb"(?<![0-9.])", b""))
_LONGEST: Final = 4096


class Near(NamedTuple):
    """A span of a field that is near a place. Shows no value."""

    node: Node
    start: int
    end: int
    fact_id: str


class Places:
    """The places of a person; asked only where the beginning of one of their numbers stands somewhere."""

    __slots__ = ("_begins", "_places")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._places = [
            (one.id, float(latitude), float(longitude))
            for one in facts if one.category == "geo"
            for latitude, _, longitude in [one.value.partition(",")]
        ]  # fmt: skip
        self._begins = {begin for _, *both in self._places for number in both for begin in _beginnings(number)}

    def may_be_in(self, buffer: bytes) -> bool:
        """Whether the beginning of a number that is near enough stands there; nothing for who stated no place."""
        return bool(self._begins) and any(begin in buffer for begin in self._begins)

    def find(self, fields: Iterable[Node]) -> list[Near]:
        """What is near in the fields of a message, in order."""
        found: list[Near] = []
        single: list[tuple[Near, int, bool]] = []  # which coordinate, and whether it counts alone
        for node in fields:
            if len(node.content) > _LONGEST or not self.may_be_in(node.content):
                continue
            pairs = list(self._pairs(node))
            found += pairs
            if not pairs:
                single += self._singles(node)
        return found + list(_confirmed(single))

    def _pairs(self, node: Node) -> Iterator[Near]:
        for match in _PAIR.finditer(node.content):
            one, two = match[1], match[3]
            for fact_id, latitude, longitude in self._places:
                if (_is_near(one, latitude) and _is_near(two, longitude)) or (
                    _is_near(one, longitude) and _is_near(two, latitude)
                ):
                    yield Near(node, match.start(1), match.end(3), fact_id)
                    break

    def _singles(self, node: Node) -> Iterator[tuple[Near, int, bool]]:
        match = _ONE.fullmatch(node.content.strip())
        if match is None:
            return
        for fact_id, *both in self._places:
            for which, wanted in enumerate(both):
                if _is_near(match[1], wanted):
                    alone = _decimals(match[1]) >= 4 and abs(float(match[1]) - wanted) <= ALONE
                    yield Near(node, 0, len(node.content), fact_id), which, alone


def _confirmed(single: list[tuple[Near, int, bool]]) -> Iterator[Near]:
    """Those that count alone, or that have the other coordinate of the same place in the same container."""
    there = {(near.node.parent, near.fact_id, which) for near, which, _ in single}
    for near, which, alone in single:
        if alone or (near.node.parent, near.fact_id, 1 - which) in there:
            yield near


def _is_near(written: bytes, wanted: float) -> bool:
    """Near enough, or as near as so few digits can be (rounded or cut)."""
    return abs(float(written) - wanted) <= max(NEAR, 10.0 ** -_decimals(written))


def _decimals(written: bytes) -> int:
    return len(written) - written.index(b".") - 1


def _beginnings(number: float) -> set[bytes]:
    """Degrees, point and first decimal of everything near *number*."""
    tenths = (number - 0.1, number - NEAR, number, number + NEAR, number + 0.1)
    return {f"{abs(one):.6f}"[: f"{abs(one):.6f}".index(".") + 2].encode() for one in tenths}
