"""Form: one way in which a fact is written, and how sure a hit of it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Strength = Literal["strong", "weak", "whole", "tiny", "digest"]
"""How sure a hit in the clear is: ``strong`` anywhere with boundaries; ``weak`` (short or common) where the field's
name says so, or beside another fact; ``whole`` likewise, but only as a whole field; ``tiny`` only beside another part
of the same fact; ``digest`` never in the clear."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a fact.

    Attributes:
        part: as in ``finding.Likeness``.
        is_number: digits that people write with separators between them.
        is_variant: a rarer spelling, of which fewer disguises are searched for.
    """

    part: str
    text: str = field(repr=False)
    strength: Strength = "strong"
    is_number: bool = False
    is_variant: bool = False


def by_length(text: str) -> Strength:
    """Three letters are weak, fewer count only as a whole field."""
    return "weak" if len(text) >= 3 else "whole"
