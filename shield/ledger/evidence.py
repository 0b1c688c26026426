"""Evidence: what the ledger knows about values without knowing them, and what follows from it.

A value that leaves is noted as a keyed digest (the key lies in the twin), at its receiver and its address. Seen again
and again it is an identifier; another one each time is none. The same digest at receivers of two companies joins what
both of them know.

What this cannot tell: a number that is the same for all visitors of one site (a key, an account of the shop) from one
that is yours there, as long as it was seen on one site only. The words say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

FEWEST: Final = 3
"""So often the same value is seen before it counts as one that stays."""

KINDS: Final = ("identifier", "named", "fact", "persona")
"""``identifier``: no rule names the field; ``named``: one does, and lets it pass; a fact of the person's; a value of a
persona's."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One value that left in one message.

    Attributes:
        receiver: service, else the registrable domain.
        company: who owns the receiver, else the registrable domain.
        at: address as people read it, members of lists and numbers in names as ``*``.
        form: as ``detect.identifiers.Look`` says; empty for facts and personas.
        subject: id of the fact, also where a persona's value stands for it.
        digest: keyed; 16 bytes.
        site: keyed digest of the site that the person was on, 8 bytes; empty where nobody knows.
    """

    time: datetime
    receiver: str
    company: str
    host: str
    at: str
    kind: str
    category: str
    digest: bytes
    site: bytes = b""
    form: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """What is known about one value at one place; *sites* of those known, *days* in UTC."""

    first: datetime
    last: datetime
    times: int
    days: int
    sites: int


@dataclass(frozen=True, slots=True)
class Place:
    """One field of one receiver, with its values (the most frequent first, a bounded number of them).

    Attributes:
        forgotten: how many values were let go; each was seen once.
        sites: different ones, over all values.
    """

    receiver: str
    company: str
    host: str
    at: str
    kind: str
    category: str
    form: str
    first: datetime
    last: datetime
    times: int
    days: int
    forgotten: int
    sites: int
    values: tuple[Value, ...]

    @property
    def stays(self) -> str:
        """How a value stays the same: ``always``, ``sites``, ``per site``, ``days``, ``visit``; empty: it changes."""
        if not self.values:
            return ""
        top = self.values[0]
        if any(value.sites > 1 for value in self.values):
            return "sites"
        if top.times < FEWEST:
            return ""
        if len(self.values) == 1 and not self.forgotten:
            return "always"
        if self.is_per_site:
            return "per site"
        if top.days > 1:
            return "days"
        return "visit" if self._repeated * 2 >= self.times else ""

    @property
    def is_per_site(self) -> bool:
        """Whether each site has a value of its own."""
        return len(self.values) > 1 and self.sites >= len(self.values) + self.forgotten

    @property
    def _repeated(self) -> int:
        return sum(value.times for value in self.values if value.times > 1)

    @property
    def is_sure(self) -> bool:
        """Whether its form, its name or its place (a cookie) says that it is a person's, a browser's or a visit's; else
        it may be a number that everybody sends.
        """
        return bool(self.stays) and (self.category != "unknown" or self.at.startswith("cookie:"))

    @property
    def words(self) -> str:
        """The evidence: ``seen 14 times on 6 days, on 3 sites, always the same``."""
        said = [f"seen {counted(self.times, 'time')} on {counted(self.days, 'day')}"]
        if self.sites > 1:
            said.append(f"on {self.sites} sites")
        said.append(_STAYS[self.stays])
        if self.stays and not self.is_sure:
            said.append("yours, or a number that everybody sends")
        return ", ".join(said)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "receiver": self.receiver, "company": self.company, "host": self.host, "at": self.at,
            "category": self.category, "form": self.form, "stays": self.stays, "sure": self.is_sure,
            "times": self.times, "days": self.days, "sites": self.sites, "first": self.first, "last": self.last,
            "words": self.words,
        }  # fmt: skip


_STAYS: Final = {
    "always": "always the same",
    "sites": "the same on several sites",
    "per site": "one for each site",
    "days": "the same for days",
    "visit": "the same during a visit",
    "": "another one each time",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """One company that got a value, where first, and when."""

    company: str
    at: str
    first: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """One value that reached several companies, the earliest first.

    Attributes:
        kind: ``identifier``, ``fact`` or ``persona``.
    """

    kind: str
    category: str
    subject: str
    companies: tuple[Reached, ...]
    last: datetime

    @property
    def since(self) -> datetime:
        """When the second company got it."""
        return self.companies[1].first

    @property
    def same_as(self) -> tuple[object, ...]:
        """Equal for several values of one field that went the same way: one line is enough for them."""
        ways = tuple(sorted((one.company, one.at) for one in self.companies))
        return self.kind, self.category, self.subject, ways

    @property
    def words(self) -> str:
        """What reached whom, since when; for a persona's value, which should never happen, louder."""
        names = [one.company for one in self.companies]
        whom = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        day = f"since {self.since:%Y-%m-%d}"
        if self.kind == "persona":
            return (
                f"MISTAKE: the {self.category} of one persona ({self.subject}) reached {whom}, {day}; "
                f"personas are made to share nothing"
            )
        if self.kind == "fact":
            return f"your {self.category} ({self.subject}) reached {whom}, {day}"
        places = ", ".join(dict.fromkeys(one.at for one in self.companies[:_NAMED]))
        what = "identifier" if self.category == "unknown" else self.category
        return f"the same {what} reached {whom}, {day} ({places})"

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        companies = [{"company": one.company, "at": one.at, "first": one.first} for one in self.companies]
        return {
            "kind": self.kind, "category": self.category, "fact": self.subject or None, "since": self.since,
            "last": self.last, "companies": companies, "words": self.words,
        }  # fmt: skip


_NAMED: Final = 4


def counted(number: int, word: str) -> str:
    """``1 day``, ``6 days``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
