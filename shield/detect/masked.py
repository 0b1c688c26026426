"""Fields that are a masked copy of a fact: asked only where two signs of hiding stand side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from shield.detect.spelling import disguise
from shield.finding import Likeness
from shield.forms import Form, forms
from shield.masks import fits, is_mask
from shield.person import Fact
from shield.tree import Node

MASKED: Final = "masked"
_STAR, _HASH, _DOT = 0x2A, 0x23, "••".encode()
_CATEGORIES: Final = frozenset({"email", "phone", "card", "name", "username", "government_id"})
_PARTS: Final = frozenset({"value", "national", "full", "reversed"})


class Masks:
    """The forms of a person's facts that people mask."""

    __slots__ = ("_forms",)

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._forms: list[tuple[Fact, Form]] = [
            (fact, form)
            for fact in facts if fact.category in _CATEGORIES
            for form in forms(fact.category, fact.parts) if form.part in _PARTS
        ]  # fmt: skip

    def may_be_in(self, buffer: bytes) -> bool:
        """Whether there is anything to look at."""
        is_there = (
            (_STAR in buffer and b"**" in buffer)  # a number is looked for ten times as fast as bytes
            or (_HASH in buffer and b"##" in buffer)
            or (_DOT[0] in buffer and _DOT in buffer)
        )
        return is_there and bool(self._forms)

    def find(self, fields: Iterable[Node]) -> Iterator[tuple[Node, Likeness, str]]:
        """The fields that are masked copies as a whole, with their category."""
        for node in fields:
            text = node.content[:1000].decode("utf-8", "replace")
            if not is_mask(text):
                continue
            for fact, form in self._forms:
                if fits(text, form.text):
                    yield node, Likeness(fact.id, form.part, disguise("plain", "", MASKED)), fact.category
                    break
