"""An address in an alphabet of somebody's own: letter by letter another one, always the same for the same one.

Every company that does it has another table, so what tells is the pattern of equal letters: ``anna@post.example`` and
``qddq@klmz.rsqtkbr`` repeat at the same places. A field counts as a whole if it is as long as the address, repeats at
the same places and nowhere else, and the address repeats at least REPEATS times, so that chance would need 36 to the
fifth fields.

Source: ``salts`` and alphabets seen in payloads of trackers, a published crawl of 100,000 sites, 2022.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from shield.detect.spelling import disguise
from shield.finding import Likeness
from shield.person import Fact
from shield.tree import Node

REPEATS: Final = 5
_MARK: Final = b"x"
_TEXT: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+-%!$*~^")
_AS_RUN: Final = bytes(_MARK[0] if byte in _TEXT else 0x20 for byte in range(256))


class Alphabets:
    """The patterns of one person's e-mail addresses."""

    __slots__ = ("_by_pattern", "_lengths", "_letters")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by_pattern: dict[bytes, str] = {}
        letters: set[int] = set()
        for fact in facts:
            text = fact.value.strip().lower().encode()
            if fact.category != "email" or not text.isascii() or len(text) > 255:
                continue
            if len(text) - len(set(text)) >= REPEATS:
                self._by_pattern.setdefault(_pattern(text), fact.id)
                letters.add(len(set(text)))
        self._lengths = frozenset(map(len, self._by_pattern))
        self._letters = frozenset(letters)

    def spots(self, data: bytes) -> Iterator[int]:
        """Where something with the pattern of an address stands apart in it; cost: 1 us per KB."""
        if not self._lengths:
            return
        marked = b" " + data.translate(_AS_RUN) + b" "
        for length in self._lengths:
            run = b" " + _MARK * length + b" "
            at = marked.find(run)
            while at >= 0:
                if self._like(data[at : at + length]) is not None:
                    yield at
                at = marked.find(run, at + length)

    def may_be_in(self, data: bytes) -> bool:
        """Whether there is such a spot."""
        return next(self.spots(data), None) is not None

    def _like(self, text: bytes) -> str | None:
        """The fact that has the pattern of *text*. (What is the address itself was found before.)"""
        if len(set(text)) not in self._letters:
            return None
        return self._by_pattern.get(_pattern(text))

    def find(self, fields: Iterable[Node]) -> Iterator[tuple[Node, Likeness]]:
        """Fields that are an address in another alphabet."""
        for node in fields:
            text = node.content
            if len(text) not in self._lengths:
                continue
            fact_id = self._like(text)
            if fact_id is not None:
                yield node, Likeness(fact_id, "value", disguise("lower", "", "substituted"))


def _pattern(text: bytes) -> bytes:
    """For each letter where it stood first."""
    return bytes(map(text.find, (text[at : at + 1] for at in range(len(text)))))
