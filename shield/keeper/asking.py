"""Questions that wait for the person, in this process.

Equal questions (by key) are one: whoever waits for it gets the same answer. Without a listener nobody could
answer, so the protective choice is taken at once. What the person answered holds until the rules change; what
time answered is not remembered.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType

from shield.errors import InputError
from shield.finding import Question

Listener = Callable[[tuple[Question, ...]], None]
"""Told what is pending, whenever that changes; called in the thread that changed it, must not block."""


@dataclass(slots=True)
class _Pending:
    question: Question
    generation: int
    waiters: int = 0
    answer: Future[str] = field(default_factory=Future)


class Questions:
    """The registry. Safe to use from several threads and event loops."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._pending: dict[str, _Pending] = {}
        self._remembered: Mapping[str, str] = MappingProxyType({})
        self._listeners: list[Listener] = []
        self._generation = 0

    @property
    def answers(self) -> Mapping[str, str]:
        """What the person answered under the present rules: key -> action. A snapshot."""
        return self._remembered

    def pending(self) -> tuple[Question, ...]:
        """Open questions, oldest first."""
        with self._guard:
            return tuple(one.question for one in self._pending.values())

    @contextlib.contextmanager
    def listening(self, listener: Listener) -> Iterator[None]:
        """As long as this is entered, somebody is there who can answer."""
        with self._guard:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._guard:
                self._listeners.remove(listener)

    def answer(self, key: str, action: str) -> None:
        """The person's answer.

        Raises:
            InputError: nobody waits for it any more, or the action is none of its choices.
        """
        with self._guard:
            pending = self._pending.get(key)
            if pending is None:
                raise InputError("nobody waits for this answer any more", "it was answered, or its time was up")
            if action not in pending.question.choices:
                choices = " ".join(pending.question.choices)
                raise InputError(f"'{action}' does not answer this question", f"choices: {choices}")
            del self._pending[key]
            if pending.generation == self._generation:
                self._remembered = MappingProxyType({**self._remembered, key: action})
        pending.answer.set_result(action)
        self._tell()

    async def wait(self, questions: Iterable[Question], seconds: float) -> dict[str, str]:
        """An answer to each: the person's, or after *seconds* the protective choice."""
        questions = tuple(questions)
        found, waiting = self._enter(questions)
        if waiting:
            self._tell()
            try:
                await asyncio.wait([asyncio.wrap_future(one.answer) for one in waiting], timeout=seconds)
            finally:
                self._leave(waiting)
        for one in waiting:
            if one.answer.done():
                found[one.question.key] = one.answer.result()
        return {one.key: found.get(one.key, one.otherwise) for one in questions}

    def new_generation(self, generation: int) -> None:
        """The rules have changed: what was answered under the old ones is forgotten."""
        with self._guard:
            self._generation = generation
            self._remembered = MappingProxyType({})

    def _enter(self, questions: tuple[Question, ...]) -> tuple[dict[str, str], list[_Pending]]:
        found: dict[str, str] = {}
        waiting: list[_Pending] = []
        with self._guard:
            for question in {one.key: one for one in questions}.values():
                if question.key in self._remembered:
                    found[question.key] = self._remembered[question.key]
                elif self._listeners:
                    pending = self._pending.setdefault(question.key, _Pending(question, self._generation))
                    pending.waiters += 1
                    waiting.append(pending)
        return found, waiting

    def _leave(self, waiting: list[_Pending]) -> None:
        with self._guard:
            for one in waiting:
                one.waiters -= 1
                if not one.waiters and self._pending.get(one.question.key) is one:
                    del self._pending[one.question.key]
        self._tell()

    def _tell(self) -> None:
        with self._guard:
            listeners = tuple(self._listeners)
        pending = self.pending()
        for listener in listeners:
            with contextlib.suppress(Exception):  # a listener's mistake must not open or hold a message
                listener(pending)
