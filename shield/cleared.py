"""What was looked at and need not be looked at again: ``Cleared``, what holds nothing; ``Told``, what a name says.

Most of what a client says it says in every request: its name, the page, the cookies of the site. Kept is a number per
value and no value: Python's hash of bytes, which is keyed by chance in each process. Two values share a number once in
2**64, and then something is missed that the next request shows again.
"""

from __future__ import annotations

from typing import Final

_MOST: Final = 4096


class Cleared:
    """Numbers of values that hold nothing. May be shared by threads; forgets all of them when there are many.

    Attributes:
        numbers: to be asked with ``in``: a call would cost as much as the memo saves.
    """

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        self.numbers: set[int] = set()

    def add(self, number: int) -> None:
        """Remember one more."""
        if len(self.numbers) >= _MOST:
            self.numbers.clear()
        self.numbers.add(number)

    def __repr__(self) -> str:
        return f"<Cleared {len(self.numbers)} values>"


class Told[T]:
    """What follows from a name (of a field, of a host): numbers, rules; never a piece of the name. As ``Cleared``.

    Attributes:
        by_number: to be asked with ``get`` and Python's hash of the name.
    """

    __slots__ = ("by_number",)

    def __init__(self) -> None:
        self.by_number: dict[int, T] = {}

    def add(self, number: int, told: T) -> T:
        """Remember one more; gives *told* back."""
        if len(self.by_number) >= _MOST:
            self.by_number.clear()
        self.by_number[number] = told
        return told

    def __repr__(self) -> str:
        return f"<Told {len(self.by_number)} names>"
