"""Keep the spelling of what an edit left alone.

A value of which only a part changed (one parameter of an address inside a parameter) is written anew only between the
first and the last byte that differ; before and after, the raw bytes stay, however inconsistently they are spelled.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable

from shield.errors import Unwritable


class Spelling:
    """Where each byte of the content stands in the raw bytes.

    Args:
        escapes: (offset in content, bytes in content, bytes in raw) of each escape, in order.
    """

    __slots__ = ("_extra", "_starts")

    def __init__(self, escapes: Iterable[tuple[int, int, int]]) -> None:
        self._starts: list[int] = []
        self._extra: list[int] = [0]
        for start, content, raw in escapes:
            self._starts.append(start)
            self._extra.append(self._extra[-1] + raw - content)

    def at(self, offset: int) -> int:
        """The raw offset of a content offset between two characters."""
        return offset + self._extra[bisect_left(self._starts, offset)]


def shared(old: bytes, new: bytes) -> tuple[int, int]:
    """How many bytes both have in common at the start and, of the rest, at the end."""
    least = min(len(old), len(new))
    low, high = 0, least
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if old[:middle] == new[:middle] else (low, middle - 1)
    start = low
    low, high = 0, least - start
    while low < high:
        middle = (low + high + 1) // 2
        same = old[len(old) - middle :] == new[len(new) - middle :]
        low, high = (middle, high) if same else (low, middle - 1)
    return start, low


def shared_characters(old: bytes, new: bytes) -> tuple[int, int]:
    """The same in whole characters of UTF-8."""
    start, end = shared(old, new)
    while start and start < len(old) and old[start] & 0xC0 == 0x80:
        start -= 1
    while end and old[len(old) - end] & 0xC0 == 0x80:
        end -= 1
    return start, end


def respelled(
    raw: bytes,
    new: bytes,
    escapes: Iterable[tuple[int, int, int]],
    read: Callable[[bytes], bytes],
    write: Callable[[bytes], bytes],
) -> bytes:
    """*new* in the manner of *raw*: what both have in common at the ends stays, what lies between is written anew.

    Args:
        escapes: of *raw*, as :class:`Spelling` wants them.
        read, write: what raw bytes stand for; bytes with escapes. Where the kept ends and the new middle together
            would be read as something else, all is written anew.

    Raises:
        Unwritable: this notation cannot carry it.
    """
    old, spelling = read(raw), Spelling(escapes)
    start, end = shared_characters(old, new)
    made = raw[: spelling.at(start)] + write(new[start : len(new) - end]) + raw[spelling.at(len(old) - end) :]
    if read(made) != new:
        made = write(new)
        if read(made) != new:
            raise Unwritable("this notation cannot carry the new value")
    return made
