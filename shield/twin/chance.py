"""Seeded chance for personas: the same key gives the same draws; what does not fit is drawn again."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from shield.errors import ShieldError

if TYPE_CHECKING:
    from faker import Faker

RECIPE: Final = "persona/v1"
ATTEMPTS: Final = 200


@dataclass(frozen=True, slots=True)
class Draw:
    """Seeded chance: one stream per thing to draw and attempt.

    Attributes:
        about: scope and epoch.
        locale: Faker's, e.g. ``de_DE``.
    """

    key: bytes = field(repr=False)
    about: str
    locale: str

    def random(self, what: str, attempt: int) -> Random:
        """Numbers for one attempt."""
        text = f"{RECIPE}|{self.about}|{what}|{attempt}"
        return Random(hmac.digest(self.key, text.encode(errors="surrogateescape"), hashlib.sha256))

    def faker(self, what: str, attempt: int) -> Faker:
        """Names for one attempt; good until the next call in this thread."""
        fake = _faker(self.locale)
        fake.seed_instance(self.random(what, attempt).getrandbits(128))
        return fake


class _Fakers(threading.local):
    """One of each locale for each thread: making one takes a hundred times as long as seeding it."""

    def __init__(self) -> None:
        self.known: dict[str, Faker] = {}


_FAKERS: Final = _Fakers()


def _faker(locale: str) -> Faker:
    from faker import Faker

    found = _FAKERS.known.get(locale)
    if found is None:
        found = _FAKERS.known[locale] = Faker(locale, use_weighting=False)
    return found


def load_names() -> None:
    """Import Faker, which takes half a second."""
    import faker  # noqa: F401


def until[T](draw: Callable[[int], T | None], category: str) -> T:
    """Draw until it fits."""
    for attempt in range(ATTEMPTS):
        value = draw(attempt)
        if value is not None:
            return value
    raise ShieldError(f"no {category} could be invented that differs from every fact", "shield twin show")


def drawn(fake: Any, *methods: str) -> str:
    """The first method that this locale has."""
    for method in methods:
        if found := getattr(fake, method, None):
            return " ".join(str(found()).split())
    return " ".join(str(fake.last_name()).split())


def filled(pattern: str, random: Random) -> str:
    """Letters that postcodes use in every country (no C, I, K, M, O, V: Royal Mail's rule)."""
    digits = (str(random.randrange(1, 10)) if one == "#" else one for one in pattern)
    return "".join(random.choice("ABDEFGHJLNPRSTUWXYZ") if one == "?" else one for one in digits)
