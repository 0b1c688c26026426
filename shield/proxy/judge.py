"""Asking the engine: in place or in the worker thread, once or again, and what is stored before anything leaves.

The engine is pure and quick for small messages, so those are decided in place: no task switch, no thread.
Above INLINE_BYTES one worker thread takes them, one at a time, so that other connections go on. When the
engine needs a persona or an answer, both are fetched and it is asked again, a bounded number of times.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any, Final, Protocol

from shield.context import Context
from shield.engine import Engine
from shield.errors import ShieldError
from shield.finding import Ask, Book, Forward, Issued, Question
from shield.fragments import Beginning
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.outcome import Outcome
from shield.proxy.looking import Looking
from shield.proxy.passage import Passage
from shield.proxy.passing import Passing
from shield.tree import Node

INLINE_BYTES: Final = 65_536
ROUNDS: Final = 4
"""So often the engine is asked about one message: personas, answers, and policy may change in between."""

type Call[Message: (Request, Response, Frame)] = Callable[[Engine, Mapping[str, str]], Outcome[Message]]


class Unsettled(ShieldError):
    """The engine still wants something after ROUNDS rounds."""


class Asking(Protocol):
    """Where questions wait for the person."""

    async def wait(self, questions: Iterable[Question], seconds: float) -> Mapping[str, str]:
        """An answer to each, by key: the person's, or after *seconds* the protective choice."""
        ...


class Keeping(Protocol):
    """What the proxy needs of the keeper."""

    @property
    def engine(self) -> Engine:
        """The engine in force; a reload puts another one in its place."""

    @property
    def book(self) -> Book:
        """What was issued before."""

    @property
    def answers(self) -> Mapping[str, str]:
        """What the person answered under the present rules."""

    @property
    def questions(self) -> Asking:
        """What waits for the person."""

    def store(self, issued: Iterable[Issued]) -> None:
        """Remember what is about to leave."""

    def prepare(self) -> None:
        """Finish what the engine in force looks for; called in a thread."""

    def make_persona(self, scope: str) -> object:
        """Make who the person is for *scope*; called in a thread."""

    def record_outcome(self, outcome: Outcome[Any], *, now: datetime, size_bytes: int | None = None) -> None:
        """A line for the ledger, if it is worth one. Never blocks."""

    def reload_if_changed(self) -> Sequence[str]:
        """Take up changed files; what there is to say about them."""


class Judge:
    """Asks the engine about messages of all kinds."""

    def __init__(self, keeper: Keeping, counters: Counter[str], *, observe: bool = False) -> None:
        self.keeper = keeper
        self.counters = counters
        self.observe = observe
        self._numbers = count()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shield-engine")
        self._turn = asyncio.Semaphore(1)

    def close(self) -> None:
        """Let the worker go."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def request(self, request: Request, opened: Opened | None = None) -> Outcome[Request] | Awaitable[Outcome[Request]]:
        """Decide about a request (*opened* if that was done already); an awaitable where it takes longer."""
        number = next(self._numbers)

        def call(engine: Engine, answers: Mapping[str, str]) -> Outcome[Request]:
            now, book = datetime.now(UTC), self.keeper.book
            return engine.request(request, now=now, book=book, answers=answers, opened=opened, number=number)

        return self._ask_engine(call, len(request.body or b"") + len(request.target))

    def response(self, context: Context, response: Response) -> Outcome[Response] | Awaitable[Outcome[Response]]:
        """Decide about a response; *context* is the one of its request."""

        def call(engine: Engine, _answers: Mapping[str, str]) -> Outcome[Response]:
            return engine.response(context, response, now=datetime.now(UTC), book=self.keeper.book)

        return self._ask_engine(call, len(response.body or b""))

    def frame(self, context: Context, frame: Frame) -> Outcome[Frame] | Awaitable[Outcome[Frame]]:
        """Decide about one WebSocket message."""
        number = next(self._numbers)

        def call(engine: Engine, answers: Mapping[str, str]) -> Outcome[Frame]:
            now, book = datetime.now(UTC), self.keeper.book
            return engine.frame(context, frame, now=now, book=book, answers=answers, number=number)

        return self._ask_engine(call, len(frame.content))

    def fragment(self, beginning: Beginning, root: Node, before: bytes, answers: Mapping[str, str]) -> Outcome[Frame]:
        """Decide about a part of a body, in this thread."""
        now, book = datetime.now(UTC), self.keeper.book
        answers = {**self.keeper.answers, **answers}
        return self.keeper.engine.fragment(beginning, root, before, now=now, book=book, answers=answers)

    def is_final(self, outcome: Outcome[Any]) -> bool:
        """Whether nothing has to be fetched before it is carried out."""
        return self.observe or not (outcome.needs or isinstance(outcome.verdict, Ask))

    async def fetch(self, outcome: Outcome[Any]) -> dict[str, str]:
        """What the engine wants before it can decide: personas are made, answers returned."""
        answers = await self.ask(outcome.verdict.questions) if isinstance(outcome.verdict, Ask) else {}
        for scope in outcome.needs:
            await asyncio.to_thread(self.keeper.make_persona, scope)
        return answers

    async def go_on(self, passage: Passage, passing: Passing | Looking) -> None:
        """Fetch what a body that passes waits for, and let it go on (or not)."""
        answers = await self.fetch(passing.waiting) if passing.waiting is not None else {}
        passage.ready = await self.aside(passing, answers)

    async def aside(self, passing: Passing | Looking, answers: Mapping[str, str]) -> list[bytes]:
        """Let a body go on in the worker thread; what may leave, when all that was decided is stored."""
        if not self.is_ready():
            await asyncio.to_thread(self.keeper.prepare)
        async with self._turn:
            call = partial(passing.go_on, answers)
            chunks = await asyncio.get_running_loop().run_in_executor(self._worker, call)
        return passing.settled(chunks)

    def is_ready(self) -> bool:
        """Whether all that the engine in force looks for is written out."""
        return self.keeper.engine.matcher.is_ready

    async def work[T](self, call: Callable[[], T], size: int) -> T:
        """Do what takes long in the worker thread."""
        if size <= INLINE_BYTES:
            return call()
        async with self._turn:
            return await asyncio.get_running_loop().run_in_executor(self._worker, call)

    def _ask_engine[M: (Request, Response, Frame)](
        self, call: Call[M], size: int
    ) -> Outcome[M] | Awaitable[Outcome[M]]:
        if size > INLINE_BYTES or not self.is_ready():
            return self._later(call, size, None)
        outcome = call(self.keeper.engine, self.keeper.answers)
        return outcome if self.is_final(outcome) else self._later(call, size, outcome)

    async def _later[M: (Request, Response, Frame)](
        self, call: Call[M], size: int, outcome: Outcome[M] | None
    ) -> Outcome[M]:
        """Fetch what the engine wants and ask it again. The policy in force then counts, not that of before."""
        if not self.is_ready():
            await asyncio.to_thread(self.keeper.prepare)
        answers = dict(self.keeper.answers)
        for _ in range(ROUNDS):
            if outcome is None:
                outcome = await self.work(partial(call, self.keeper.engine, answers), size)
            if self.is_final(outcome):
                return outcome
            answers |= await self.fetch(outcome)
            outcome = None
        raise Unsettled(f"no decision after {ROUNDS} rounds")

    async def ask(self, questions: Sequence[Question]) -> dict[str, str]:
        """Answers of the person; the protective choice for what nobody answered in time."""
        self.counters["asked"] += 1
        seconds = self.keeper.engine.policy.config.ask_seconds
        given = await asyncio.wait_for(self.keeper.questions.wait(questions, seconds), seconds + 1)
        return {one.key: given.get(one.key, one.otherwise) for one in questions}

    def settle(self, outcome: Outcome[Any], size: int | None) -> None:
        """Store and write down what is about to happen. Raises what the stores raise: then nothing happens."""
        if outcome.issued and not self.observe and isinstance(outcome.verdict, Forward):
            self.keeper.store(outcome.issued)
        self.keeper.record_outcome(outcome, now=datetime.now(UTC), size_bytes=size)
