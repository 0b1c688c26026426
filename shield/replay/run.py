"""Run records through one engine, in order, and say what became of each (design, section 7).

The run keeps what the keeper keeps for the proxy, but in memory: the pseudonyms that were issued and the
personas that were made. Nothing is stored. Personas come from a key that does not change, so the same input
gives the same output.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from types import MappingProxyType

from shield.context import Context
from shield.engine import Engine
from shield.finding import Block, Forward, Issued
from shield.message import Frame, Request, Response
from shield.outcome import Outcome
from shield.person import Fact, Person, Persona
from shield.policy.opens import Opens, opens
from shield.policy.rule import Policy
from shield.replay import report
from shield.replay.record import START, Json, Record
from shield.replay.source import Failure
from shield.services.visits import Visits

FIXED_KEY = hashlib.sha256(b"shield replay/v1").digest()
"""The key of personas and pseudonyms of a run without a twin; it protects nothing."""
_COLLECT_BYTES = 8 << 20
"""Trees point to their parents, so what they held goes only when garbage is collected; Python starts that by the
number of objects, not by their size, and a recording of large bodies would fill the memory before."""
_CLIENT = "recorded"
_HOSTS = 4096  # whose answer of opens() is kept
_ROUNDS = 4  # a persona made for one scope may reveal that another is wanted; more is a mistake of ours

MakePersona = Callable[[str, tuple[Fact, ...], date], Persona]
AnswerTo = Callable[[Request, Context, Block], Response]
"""What the client gets in place of a blocked message (``proxy.answers``)."""


class Book:
    """What was issued during the run; a ``finding.Book``."""

    def __init__(self) -> None:
        self._issued: dict[bytes, Issued] = {}

    def issued(self, digest: bytes) -> Issued | None:
        """The pseudonym with this digest, or None."""
        return self._issued.get(digest)

    def add(self, issued: Iterable[Issued]) -> None:
        """Remember what was just issued."""
        self._issued.update((one.digest, one) for one in issued)


def made_for_the_run(scope: str, facts: tuple[Fact, ...], today: date) -> Persona:
    """A persona under the fixed key."""
    from shield.twin.persona import make

    return make(FIXED_KEY, scope, facts, today)


@dataclass(slots=True)
class Run:
    """One engine and what it remembers.

    Attributes:
        as_run: hosts that ``shield run`` passes through are passed through here too.
        independent: each record meets an empty book, as if it were the first.
        answer_to: what a client gets for a blocked message; None leaves ``answer`` null.
    """

    policy: Policy
    person: Person
    as_run: bool = False
    independent: bool = False
    make_persona: MakePersona = made_for_the_run
    answer_to: AnswerTo | None = None
    _book: Book = field(default_factory=Book)
    _engine: Engine = field(init=False)
    _first: Engine = field(init=False)
    _made: dict[frozenset[str], Engine] = field(default_factory=dict)
    _opens: dict[str, Opens] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)
    _visits: Visits = field(default_factory=lambda: Visits(FIXED_KEY))

    def __post_init__(self) -> None:
        self._engine = self._first = Engine(self.policy, self.person)

    def outs(self, records: Iterable[Record | Failure]) -> Iterator[tuple[Record | Failure, Json]]:
        """Each record with what is written about it."""
        held_bytes = 0
        for record in records:
            if isinstance(record, Failure):
                yield record, record.form()
                continue
            yield record, self._safely(record)
            held_bytes += _size_bytes(record)
            if held_bytes > _COLLECT_BYTES:
                held_bytes = 0
                gc.collect()

    def _safely(self, record: Record) -> Json:
        """A mistake of ours costs one record; the proxy would have blocked the message."""
        try:
            return self.out(record)
        except Exception as mistake:
            name = type(mistake).__name__
            return {"id": record.id, "error": f"a mistake in shield ({name}); shield run would block it"}

    def out(self, record: Record) -> Json:
        """What becomes of one record."""
        if self.independent:
            self._book, self._engine, self._visits = Book(), self._first, Visits(FIXED_KEY)
        looked_at = self.opens(record.request.host).opened
        if self.as_run and not looked_at:
            return report.passed(record)
        outcome, engine_us = self.outcome(record)
        out = report.request(record, outcome, looked_at=looked_at)
        if isinstance(outcome.verdict, Block) and self.answer_to is not None:
            out["answer"] = report.answer(self.answer_to(record.request, outcome.context, outcome.verdict))
        if isinstance(outcome.verdict, Forward):
            self._back(record, outcome, out)
        out["engine_us"] = engine_us
        return out

    def opens(self, host: str) -> Opens:
        """Whether ``shield run`` would open this host."""
        known = self._opens.get(host)
        if known is None:
            if len(self._opens) >= _HOSTS:
                self._opens.clear()
            known = self._opens[host] = opens(self.policy, host)
        return known

    def outcome(self, record: Record) -> tuple[Outcome[Request], int]:
        """The engine's outcome once it needs no further persona, and the microseconds it took."""
        spent_ns = 0
        request = self._visits.told(record.request, _CLIENT)
        number = 0 if self.independent else next(self._numbers)
        for _ in range(_ROUNDS):
            began = time.perf_counter_ns()
            outcome = self._engine.request(
                request, now=record.time, book=self._book, answers=record.answers, number=number
            )
            spent_ns += time.perf_counter_ns() - began
            if not outcome.needs:
                break
            self._give_personas(outcome.needs)
        self._book.add(outcome.issued)
        self._visits.note(request, outcome.context, _CLIENT)
        return outcome, spent_ns // 1000

    def _frame(self, record: Record, context: Context, number: int) -> Outcome[Frame]:
        frame = record.frames[number]
        count_of_all = 0 if self.independent else next(self._numbers)
        for _ in range(_ROUNDS):
            outcome = self._engine.frame(
                context, frame, now=record.time, book=self._book, answers=record.answers, number=count_of_all
            )
            if not outcome.needs:
                break
            self._give_personas(outcome.needs)
        self._book.add(outcome.issued)
        return outcome

    def _back(self, record: Record, outcome: Outcome[Request], out: Json) -> None:
        if record.response is not None:
            self._visits.redirected(record.request, outcome.context, record.response, _CLIENT)
            arriving = self._engine.response(outcome.context, record.response, now=record.time, book=self._book)
            report.add_response(out, record, arriving)
        for number in range(len(record.frames)):
            report.add_frame(out, record, number, self._frame(record, outcome.context, number))

    def _give_personas(self, scopes: Iterable[str]) -> None:
        """Swap the engine for one whose person has a persona for each of *scopes* too."""
        person = self._engine.person
        wanted = frozenset(person.personas) | frozenset(scopes)
        known = self._made.get(wanted)
        if known is None:
            made = {scope: self.make_persona(scope, person.facts, START.date()) for scope in scopes}
            personas: Mapping[str, Persona] = MappingProxyType({**person.personas, **made})
            known = self._engine.with_person(replace(person, personas=personas))
            if self.independent:
                self._made[wanted] = known
        self._engine = known


def _size_bytes(record: Record) -> int:
    response = record.response.body if record.response is not None else None
    return len(record.request.body or b"") + len(response or b"") + sum(len(frame.content) for frame in record.frames)
