"""The order of the steps, and nothing else.

Recognise, read, detect, decide, transform, rebuild, a last look. The engine is synchronous and pure: clock,
answers and the book of issued pseudonyms are arguments; what has to be stored is returned. An Engine is
immutable; new rules or a changed twin make a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shield import fragments, glance, hidden, lastlook, transform, unedited
from shield.context import Context
from shield.detect import guesses, opaque, places
from shield.detect.known import Matcher
from shield.edits import Edits
from shield.errors import ShieldError, Signed
from shield.finding import Answers, Because, Block, Book, Finding, Forward
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.outcome import HeadOutcome, Outcome
from shield.person import Person
from shield.policy.applying import Applying
from shield.policy.index import Index
from shield.policy.rule import Policy
from shield.services.recognise import Registry
from shield.tree import Node
from shield.wire import path, reader, writer

Found = list[Finding]
NO_ANSWERS: Answers = {}
_SAMPLE = 16  # of so many bodies that nobody has to read, one is read for identifiers that nobody named


@dataclass(frozen=True, slots=True)
class Way[Message: (Request, Response, Frame)]:
    """How one kind of message is read and written back."""

    read: Callable[[Message], Opened]
    write: Callable[[Message, Opened, Edits], Message]


REQUEST: Way[Request] = Way(reader.read, writer.rebuild)
RESPONSE: Way[Response] = Way(reader.read_response, writer.rebuild_response)
FRAME: Way[Frame] = Way(reader.read_frame, writer.rebuild_frame)


class Engine:
    """Policy and person, compiled; one call per message."""

    def __init__(self, policy: Policy, person: Person) -> None:
        self.policy = policy
        self.registry = Registry(policy.services)
        self.index = Index(policy)
        self.person, self.matcher, self.guesses = person, Matcher.build(person), guesses.Guesses()

    def with_person(self, person: Person) -> Engine:
        """The same policy for a person who changed: a new fact, one more persona, unlocked."""
        engine = copy(self)
        engine.person, engine.matcher = person, Matcher.build(person, self.matcher)
        return engine

    def head(self, request: Request, *, now: datetime) -> HeadOutcome:
        """What the request line and the headers settle, before the body is at hand."""
        return self._head(request, now)[0]

    def _head(self, request: Request, now: datetime) -> tuple[HeadOutcome, Applying]:
        context = self.registry.recognise(request)
        applying = self.index.applying(context, now.date())
        return HeadOutcome(context, self.index.head(request, context, now.date(), applying)), applying

    def request(
        self, request: Request, *, now: datetime, book: Book, answers: Answers = NO_ANSWERS,
        opened: Opened | None = None, number: int = 0,
    ) -> Outcome[Request]:  # fmt: skip
        """Decide about one request and write what may leave.

        Without a body at hand (``body is None``) it speaks about line, headers, and what *opened* says of the body
        (``fragments.unread``). *number* is the caller's count of messages: of the bodies that nobody has to read one in
        so many is read for identifiers. A layer that cannot carry an edit, and a locked twin, are a Block with words.
        """
        early, applying = self._head(request, now)
        if early.head.verdict is not None:
            return unedited.remembered(Outcome(early.head.verdict, early.context, request, early.head.guard))
        opened = opened or reader.read(request)
        context = self.registry.recognise(request, opened, early.context)
        return unedited.remembered(
            self._settle(
                REQUEST, request, opened, context, now, book, answers, number,
                applying if context is early.context else None,
            )
        )  # fmt: skip

    def response(self, context: Context, response: Response, *, now: datetime, book: Book) -> Outcome[Response]:
        """Apply the rules of ``direction: response``; *context* is the one of the request."""
        context = replace(context, direction="response")
        return self._settle(RESPONSE, response, reader.read_response(response), context, now, book, NO_ANSWERS)

    def frame(
        self, context: Context, frame: Frame, *, now: datetime, book: Book, answers: Answers = NO_ANSWERS,
        number: int = 0,
    ) -> Outcome[Frame]:  # fmt: skip
        """Decide about one WebSocket message of a connection that *context* describes."""
        context = replace(context, direction=frame.direction)
        return self._settle(FRAME, frame, reader.read_frame(frame), context, now, book, answers, number)

    def fragment(
        self, beginning: fragments.Beginning, root: Node, before: bytes, *, now: datetime, book: Book, answers: Answers
    ) -> Outcome[Frame]:
        """Decide about the next bytes of a body that passes; *before*: the last of those that came before them."""
        return fragments.settle(self, beginning, root, before, now=now, book=book, answers=answers)

    def _settle[Message: (Request, Response, Frame)](
        self, way: Way[Message], message: Message, opened: Opened, context: Context,
        now: datetime, book: Book, answers: Answers, number: int = 0, applying: Applying | None = None,
    ) -> Outcome[Message]:  # fmt: skip
        if context.left_alone:
            return Outcome(Forward(unedited.LEFT_ALONE), context, message)
        may_hide = context.direction == "request" and glance.look(opened, self.matcher, context.persona_scope)
        applying = applying or self.index.applying(context, now.date())
        chosen = self.index.selectors(context, opened, now.date(), applying)
        if chosen.path_parts:
            opened = path.with_parts(opened, chosen.path_parts)
        findings = self._detect(opened, context, places.find(opened, chosen.selectors), number, may_hide)
        decided = self.index.decide(context, opened, findings, now=now.date(), answers=answers, applying=applying)
        seen: dict[str, Any] = {
            "guard": decided.guard, "findings": tuple(findings),
            "decisions": decided.decisions, "covered": decided.covered,
        }  # fmt: skip
        if not isinstance(decided.verdict, Forward) or decided.guard is not None:
            return Outcome(decided.verdict, context, message, **seen)
        if self.person.locked and context.direction == "request":
            return Outcome(Block(unedited.LOCKED), context, message, **seen)
        try:
            plan = transform.plan(
                decided.decisions, decided.additions, person=self.person, context=context, book=book, opened=opened
            )
            if plan.needs:
                return Outcome(decided.verdict, context, message, needs=plan.needs, **seen)
            leaving = way.write(message, opened, plan.edits)
            is_due = leaving is not message or lastlook.is_due(findings, decided.decisions)
            if is_due and context.direction == "request":
                doubtful = lastlook.doubtful(message, leaving, opened, findings)
                lastlook.check(way.read(doubtful), self.matcher, context, decided.decisions)
        except Signed as error:
            verdict, seen["decisions"] = unedited.settle(
                error, decided.verdict, context, decided.decisions, decided.covered
            )
            return Outcome(verdict, context, message, **seen)
        except ShieldError as error:
            return Outcome(Block(Because("mistake", why=error.message)), context, message, **seen)
        seen |= {"changes": plan.changes, "issued": plan.issued, "modified": leaving is not message}
        return Outcome(decided.verdict, context, leaving, **seen)

    def _detect(self, opened: Opened, context: Context, named: list[Finding], number: int, may_hide: bool) -> Found:
        """All findings on the original. In responses only what a rule names: facts of ours may come back."""
        if context.direction == "response":
            return named
        found = [*named, *hidden.known(opened, self.matcher, context, may_hide), *opaque.find(opened)]
        return found + self.guesses.find(opened, context, found, unread=number % _SAMPLE == 0)
