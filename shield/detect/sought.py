"""How each fact is looked for, in words that a person can judge.

Which of its forms count wherever they stand, and which only where something beside them says what they are.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from shield.forms import Form, forms
from shield.person import Fact

_CLEAR: Final = ("strong",)
_NAMED: Final = ("weak", "whole")


class Sought(NamedTuple):
    """Names of forms (parts), in order.

    Attributes:
        anywhere: as words of their own, in every text.
        named: where the name of the field says so, or another fact stands beside them.
        beside: only next to the rest of the same fact.
        disguised: under layers and as digests only.
    """

    anywhere: tuple[str, ...]
    named: tuple[str, ...]
    beside: tuple[str, ...]
    disguised: tuple[str, ...]

    @property
    def is_common(self) -> bool:
        """Whether no form of it counts by itself."""
        return not self.anywhere

    @property
    def words(self) -> str:
        """One line."""
        told = (
            (f"anywhere, in {len(self.anywhere)} form{'s'[: len(self.anywhere) > 1]}", self.anywhere),
            (f"only where a field's name or a neighbour says so: {_listed(self.named)}", self.named),
            (f"only beside the rest of it: {_listed(self.beside)}", self.beside),
            ("as a digest", () if self.anywhere or self.named or self.beside else self.disguised),
        )
        return "; ".join(text for text, parts in told if parts) or "not at all"


def sought(fact: Fact) -> Sought:
    """How one fact is looked for. Every form is looked for in its disguises too."""
    every = forms(fact.category, fact.parts)
    return Sought(
        _parts(every, *_CLEAR), _parts(every, *_NAMED), _parts(every, "tiny"), _parts(every, "digest"),
    )  # fmt: skip


def _parts(every: tuple[Form, ...], *strengths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.part.partition("~")[0] for form in every if form.strength in strengths))


def _listed(parts: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(parts[:most])
    return f"{shown} and {len(parts) - most} more" if len(parts) > most else shown
