"""What the demo saw: values that a screen, a test or a program can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Expectation = Literal["edited", "unchanged", "nothing"]


@dataclass(frozen=True, slots=True)
class Step:
    """One message of the trip, exactly as the person's browser would send it.

    Attributes:
        expect: what should reach the company: an edited message, the very bytes, or nothing.
        hidden: texts that must not arrive, beside the facts of the person.
        kept: texts that must arrive, so that the service works.
    """

    name: str
    title: str
    company: str
    expect: Expectation
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    hidden: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Who is asked."""
        return self.url.split("/")[2]

    @property
    def target(self) -> bytes:
        """The rest of the address, as it goes into the request line."""
        return b"/" + "/".join(self.url.split("/")[3:]).encode()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as the origin received it. Values are the sample person's, never the reader's own."""

    host: str
    method: str
    target: bytes = field(repr=False)
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def raw(self) -> bytes:
        """Everything that arrived as one run of bytes, to search in."""
        lines = [self.method.encode() + b" " + self.target, *(b": ".join(pair) for pair in self.headers)]
        return b"\r\n".join([*lines, b"", self.body])


@dataclass(frozen=True, slots=True)
class Reply:
    """What the browser got back."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def names(self) -> frozenset[str]:
        """Names of its headers, lower case."""
        return frozenset(name.lower() for name, _ in self.headers)


@dataclass(frozen=True, slots=True)
class Passed:
    """One step after it was taken: what was sent, what arrived, what came back."""

    step: Step
    arrivals: tuple[Arrival, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a company's table.

    Attributes:
        message: method and host.
        at: the field, as addresses are written; empty when the row speaks about the whole message.
        arrived: what the company received; None: nothing.
        rule: id of the rule; *where* is its file and line.
    """

    step: str
    message: str
    at: str
    sent: str
    arrived: str | None
    rule: str
    where: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must be true after the trip."""

    text: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The whole trip. *tables* has one entry per company, in the order of the trip."""

    tables: dict[str, tuple[Row, ...]]
    claims: tuple[Claim, ...]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether everything arrived that should, and nothing that should not."""
        return bool(self.claims) and all(claim.ok for claim in self.claims)
