"""What is known while files are read: their first pass, and what they state together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from shield.policy.forms import Filled
from shield.policy.text import Desk, Part


@dataclass(slots=True)
class World:
    """What the files state together, by which each of them is read."""

    families: dict[str, tuple[str, ...]] = field(default_factory=dict)
    services: set[str] = field(default_factory=set)
    companies: dict[str, str] = field(default_factory=dict)  # case-folded -> as written


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file after the first pass."""

    desk: Desk
    filled: Filled
    layer: str  # "shipped" or "person"

    @property
    def name(self) -> str:
        """As decisions name it: the file without its folder."""
        return Path(self.desk.path).name


@dataclass(frozen=True, slots=True)
class Placement[Thing]:
    """Something that was read, with where it stands."""

    thing: Thing
    at: Part
    file: RuleFile
    filled: Filled
