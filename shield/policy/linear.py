"""Whether a regular expression runs in time linear in the value, whatever the value is.

Python's engine backtracks: ``(a+)+b`` takes exponential time and ``.*x.*y`` quadratic time on values that a
page may choose. We accept the expressions on which it cannot: no reference back, no look-around, inside a
repeat only what the next byte decides, and at most one open-ended repeat that may stop at more than one place.

An open-ended repeat stops at one place only when what follows it cannot begin with what it repeats
(``[0-9]+\\.``), or when it takes everything to the end of the value (a last ``.*``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as c  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

LIMIT_CHARACTERS: Final = 1000
OPEN_FROM: Final = 100
"""A bounded repeat that may vary by so much counts as open-ended."""
EVERY: Final = frozenset(range(256))
_REPEATS: Final = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
_CLASSES: Final = {
    c.CATEGORY_DIGIT: rb"\d", c.CATEGORY_NOT_DIGIT: rb"\D", c.CATEGORY_SPACE: rb"\s",
    c.CATEGORY_NOT_SPACE: rb"\S", c.CATEGORY_WORD: rb"\w", c.CATEGORY_NOT_WORD: rb"\W",
}  # fmt: skip

Element = tuple[Any, Any]


def check(expression: str) -> None:
    """Raise ValueError, saying why, unless *expression* is linear in the length of the value."""
    if len(expression) > LIMIT_CHARACTERS:
        raise ValueError(f"an expression has at most {LIMIT_CHARACTERS} characters")
    folded = expression.removeprefix("(?i)")
    flags = re.DOTALL | (re.IGNORECASE if folded != expression else 0)
    try:
        parsed = _parser.parse(folded.encode(), flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    if parsed.state.flags & ~re.UNICODE != flags & ~re.UNICODE:
        raise ValueError("of the flags only '(?i)' at the beginning is known")
    _Check(bool(flags & re.IGNORECASE)).sequence(list(parsed), [])


class _Check:
    def __init__(self, folds_case: bool) -> None:
        self.folds_case = folds_case

    def sequence(self, elements: Sequence[Element], tail: list[Element], *, is_open: bool = False) -> bool:
        """Check elements that *tail* follows; *is_open* when a repeat before may stop at several places.

        Returns whether that holds after them too.
        """
        for index, (code, argument) in enumerate(elements):
            if code in (c.LITERAL, c.IN, c.ANY, c.AT):
                continue
            rest = [*elements[index + 1 :], *tail]
            is_open = self._element(code, argument, rest, is_open)
        return is_open

    def _element(self, code: Any, argument: Any, rest: list[Element], is_open: bool) -> bool:
        if code in _REPEATS:
            return self._repeat(argument, rest, is_open)
        if code is c.BRANCH:
            after = [self.sequence(list(branch), rest, is_open=is_open) for branch in argument[1]]
            return any(after)
        if code in (c.SUBPATTERN, c.ATOMIC_GROUP):
            return self.sequence(_inside(code, argument), rest, is_open=is_open)
        if code in (c.GROUPREF, c.GROUPREF_EXISTS, c.GROUPREF_IGNORE):
            raise ValueError("a reference back to a group is not linear")
        if code in (c.ASSERT, c.ASSERT_NOT):
            raise ValueError("look-around is not linear")
        return is_open

    def _repeat(self, argument: Any, rest: list[Element], is_open: bool) -> bool:
        low, high, inner = argument
        if high <= 1:
            return self.sequence(list(inner), rest, is_open=is_open)
        self._deterministic(list(inner), [(c.MAX_REPEAT, (0, high, inner)), *rest])
        if high is not c.MAXREPEAT and high - low < OPEN_FROM:
            return is_open
        taken, _ = self.first(list(inner))
        follow, may_end = self.first(rest)
        if may_end and not rest and taken == EVERY:
            return is_open  # the rest of the value, whatever it is: cannot fail
        if is_open:
            raise ValueError("two open-ended repeats that may stop at several places are not linear")
        return bool(taken & follow)

    def _deterministic(self, elements: Sequence[Element], tail: list[Element]) -> None:
        """Inside a repeat the next byte must tell which way a match goes on; *tail* begins with the loop itself."""
        for index, (code, argument) in enumerate(elements):
            rest = [*elements[index + 1 :], *tail]
            if code in _REPEATS:
                low, high, inner = argument
                self._distinct([list(inner), rest] if low != high else [])
                self._deterministic(list(inner), [(c.MAX_REPEAT, (0, high, inner)), *rest] if high > 1 else rest)
            elif code is c.BRANCH:
                branches = [list(branch) for branch in argument[1]]
                self._distinct([[*branch, *rest] for branch in branches])
                for branch in branches:
                    self._deterministic(branch, rest)
            elif code in (c.SUBPATTERN, c.ATOMIC_GROUP):
                self._deterministic(_inside(code, argument), rest)
            else:
                self._element(code, argument, rest, is_open=False)

    def _distinct(self, ways: list[list[Element]]) -> None:
        seen: frozenset[int] = frozenset()
        for way in ways:
            begins, _ = self.first(way)
            if seen & begins:
                raise ValueError("a repeat or a choice inside a repeat, with several ways to go on, is not linear")
            seen |= begins

    def first(self, elements: Sequence[Element]) -> tuple[frozenset[int], bool]:
        """Bytes that a match of *elements* may begin with, and whether it may be empty."""
        found: frozenset[int] = frozenset()
        for code, argument in elements:
            bytes_, may_be_empty = self._first(code, argument)
            found |= bytes_
            if not may_be_empty:
                return found, False
        return found, True

    def _first(self, code: Any, argument: Any) -> tuple[frozenset[int], bool]:
        if code in _REPEATS:
            bytes_, may_be_empty = self.first(list(argument[2]))
            return bytes_, may_be_empty or argument[0] == 0
        if code in (c.SUBPATTERN, c.ATOMIC_GROUP):
            return self.first(_inside(code, argument))
        if code is c.BRANCH:
            firsts = [self.first(list(branch)) for branch in argument[1]]
            return frozenset().union(*(one for one, _ in firsts)), any(empty for _, empty in firsts)
        if code is c.AT:
            return frozenset(), True
        return self._fold(_bytes(code, argument)), False

    def _fold(self, found: frozenset[int]) -> frozenset[int]:
        if not self.folds_case:
            return found
        text = bytes(sorted(found))
        return found | frozenset(text.lower()) | frozenset(text.upper())


def _inside(code: Any, argument: Any) -> list[Element]:
    """What a group holds."""
    if code is c.ATOMIC_GROUP:
        return list(argument)
    if argument[1] or argument[2]:
        raise ValueError("of the flags only '(?i)' at the beginning is known")
    return list(argument[3])


def _bytes(code: Any, argument: Any) -> frozenset[int]:
    """Bytes that one element stands for."""
    if code is c.LITERAL:
        return frozenset((argument,))
    if code is c.NOT_LITERAL:
        return EVERY - {argument}
    if code is c.RANGE:
        return frozenset(range(argument[0], argument[1] + 1))
    if code is c.CATEGORY:
        test = re.compile(_CLASSES[argument])
        return frozenset(byte for byte in EVERY if test.match(bytes([byte])))
    if code is c.IN:
        inside = [one for one in argument if one[0] is not c.NEGATE]
        found = frozenset[int]().union(*(_bytes(*one) for one in inside))
        return EVERY - found if len(inside) < len(argument) else found
    return EVERY
