"""Finding, Decision, Because, Verdict: what was seen, what is done about it, and why.

What a message has by the dozen is a NamedTuple: as frozen as the others, and made six times as fast.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from shield.address import AddressPattern, show_address
from shield.disguise import Disguise
from shield.tree import Node

How = Literal["place", "known", "shape", "identifier"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Which part of which fact a known value is, and in which disguise it travels.

    Attributes:
        fact_id: as in ``person.Fact``; for ``whose: persona`` the id of the fact it stands for.
        part: ``value``, a part of ``person.PARTS``, or a form of it that ``disguise.forms`` names
            (``local``, ``national``, ``full`` ...).
        disguise: how it was written.
    """

    fact_id: str
    part: str
    disguise: Disguise


class Finding(NamedTuple):
    """One span of one field that is personal data.

    Attributes:
        node: the field, or a node that holds fields when a rule names that.
        start, end: span in node.content; the whole content when a place was named.
        in_name: the hit lies outside any value (in the name of a parameter, in what a notation could
            not assign): the span is one of the raw bytes of *node*, and only strip, block, ask and
            allow can be done about it.
        rules: ids of the rules that name this place; empty unless ``how`` is ``place``.
    """

    node: Node
    start: int
    end: int
    category: str
    whose: str = "unknown"
    how: How = "place"
    likeness: Likeness | None = None
    in_name: bool = False
    rules: tuple[str, ...] = ()

    @property
    def at(self) -> str:
        """The address as people read it."""
        return show_address(self.node.address)

    @property
    def carriers(self) -> tuple[Node, ...]:
        """The nodes that go when this is stripped from a name: those whose items it touches, else the node itself."""
        children = self.node.children
        first = bisect_right(children, self.start, key=lambda child: child.outer[1] if child.outer else child.end)
        last = bisect_left(children, self.end, key=lambda child: child.outer[0] if child.outer else child.start)
        return children[first:last] or (self.node,)

    @property
    def is_whole(self) -> bool:
        """Whether the span is all of the field."""
        return not self.in_name and self.start == 0 and self.end == len(self.node.content)


@dataclass(frozen=True, slots=True)
class Because:
    """Which rule won, where it stands, and what it beat.

    Attributes:
        layer: one of ``vocabulary.LAYERS``; ``mistake`` and ``fact`` for the last look and ``never``.
        rule: id of the rule, ``share.third.email.analytics`` for a cell of the share table.
        beat: what else applied, strongest first, each with its own action.
    """

    layer: str
    rule: str | None = None
    file: str | None = None
    line: int | None = None
    why: str = ""
    action: str | None = None
    beat: tuple[Because, ...] = ()

    @property
    def where(self) -> str | None:
        """``google.yaml:12``"""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file


class Decision(NamedTuple):
    """What is done about one finding.

    Attributes:
        action: allow, generalize, pseudonymize or strip (a block or an open question is a verdict).
        to: the argument of generalize, e.g. ``origin``, ``2 decimals``, ``="constant"``.
        scope: for pseudonymize, the text within which pseudonyms are equal, e.g.
            ``google-analytics|shop.example``.
    """

    finding: Finding
    action: str
    because: Because
    to: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that the person is asked.

    Attributes:
        key: the same for equal questions (rule, receiver, address, category), so that they are joined.
        otherwise: what happens without an answer: the protective choice.
        choices: actions that answer it.
    """

    key: str
    at: str
    category: str
    otherwise: str
    choices: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets in place of what was blocked; made without asking the origin."""

    kind: str  # "empty" | "gif" | "json" | "script" | "204" | "page"
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Forward:
    """The message leaves (edited or not)."""

    because: Because


@dataclass(frozen=True, slots=True)
class Block:
    """The message does not leave; *answer* as the rule states it, None: by type."""

    because: Because
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """The client is sent straight to where the message would have led."""

    because: Because
    location: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Ask:
    """Nothing leaves until every question has an answer; then the engine is called again."""

    because: Because
    questions: tuple[Question, ...]


Verdict = Forward | Block | Redirect | Ask


@dataclass(frozen=True, slots=True)
class Issued:
    """A pseudonym that was given out, without its value.

    Attributes:
        digest: HMAC of the pseudonym's canonical form; 16 bytes.
        root: HMAC of the canonical value that it stands for; 32 bytes. From it the pseudonym of any
            other scope follows, so no value is needed.
    """

    digest: bytes
    scope: str
    epoch: int
    root: bytes = field(repr=False)


Answers = Mapping[str, str]
"""Question key -> action."""


class Book(Protocol):
    """What was issued before; a view that the engine only reads."""

    def issued(self, digest: bytes) -> Issued | None:
        """The pseudonym with this digest, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Addition:
    """A constant that a rule with ``add`` puts into the message unless the address is there already."""

    address: AddressPattern
    value: str
    because: Because
