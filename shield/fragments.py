"""A body that passes in parts: each fragment through the same steps as a message, without the message's contest.

What line, headers and share table say about the message was settled when it began (``Engine.request`` with
``unread``). Of a fragment only fields are decided. Conditions of rules (``has``) see line, headers and the fragment
at hand; a fragment of which nobody could tell the fields is searched as bytes, and never edited: a fact in it that
may not leave stops a body on its way to a third party, and the person is asked at a first (design, section 6). So does
a fact that lies across the border of two fragments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, Protocol

from shield import hidden, lastlook, transform, unedited
from shield.context import Context
from shield.detect import opaque, places
from shield.detect.known import Matcher
from shield.edits import rebuild
from shield.errors import ShieldError, Signed
from shield.finding import Answers, Ask, Because, Block, Book, Decision, Finding, Forward, Question, Verdict
from shield.message import Frame, Request, Response
from shield.opened import Opened
from shield.outcome import Outcome
from shield.person import Person
from shield.policy.asking import MAY_WAIT
from shield.policy.index import Decided, Index
from shield.tree import Folded, Node, read_again
from shield.wire import reader
from shield.wire.body import BINARY
from shield.wire.signed import covers
from shield.wire.views import views

MARGIN_BYTES: Final = 12
"""Beyond the longest spelling: a digest or number may need the byte after it to be told from a longer one."""
_NOTHING_SAID: Final = Because("default", why="nothing stops this part of the body", action="allow")
_BY_NOBODY: Final = frozenset({"share", "default"})
_IN_BYTES: Final = "it stands in a part of the body that cannot be read or edited"
_CHOICES: Final = ("allow", "block")


class Compiled(Protocol):
    """What of an engine is needed."""

    index: Index
    matcher: Matcher
    person: Person


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a message while its body passes.

    Attributes:
        context: with the direction of the body.
        opened: line and headers; no body.
        is_signed: a signature covers the body.
    """

    context: Context
    opened: Opened
    is_signed: bool = False

    @classmethod
    def of_request(cls, request: Request, context: Context) -> Beginning:
        """A request whose line and headers are decided."""
        without = replace(request, body=None)
        return cls(replace(context, direction="request"), reader.read(without), covers(without).body)

    @classmethod
    def of_response(cls, response: Response, context: Context) -> Beginning:
        """The response to a request that *context* describes."""
        opened = reader.read_response(replace(response, body=None))
        return cls(replace(context, direction="response"), opened)


def unread(request: Request) -> Opened:
    """Line and headers of a request whose body is too large to be read as a whole: one ``unreadable`` field."""
    root = Node(None, "body", 0, 0, b"")
    root.unreadable = "too large to be read as a whole"
    return replace(reader.read(replace(request, body=None)), body=root)


def hold_back(matcher: Matcher) -> int:
    """Bytes at the end of what was decided that may still belong to a fact that goes on behind them."""
    return matcher.longest + MARGIN_BYTES


def settle(
    engine: Compiled, beginning: Beginning, root: Node, before: bytes, *,
    now: datetime, book: Book, answers: Answers,
) -> Outcome[Frame]:  # fmt: skip
    """Decide about one fragment; see ``Engine.fragment``."""
    context = beginning.context
    direction: Literal["request", "response"] = "request" if context.direction == "request" else "response"
    frame = Frame(direction, root.content, is_text=False)
    is_request = direction == "request"
    if is_request and engine.person.locked:
        return Outcome(Block(unedited.LOCKED), context, frame)
    work = _Fragment(engine, beginning, root, now, answers)
    in_fields = work.in_fields()
    in_bytes = work.in_bytes(before) if is_request else []
    if not in_fields and not in_bytes:
        return Outcome(Forward(_NOTHING_SAID), context, frame)
    stop = work.about_bytes(in_bytes)
    if stop is not None:
        return Outcome(stop, context, frame, findings=tuple(in_bytes))
    return work.edited(frame, in_fields, book)


class _Fragment:
    """One fragment being decided about."""

    __slots__ = (
        "_alone", "_answers", "_around", "_beginning", "_context", "_engine", "_is_clear", "_may_hide", "_now", "_root",
    )  # fmt: skip

    def __init__(self, engine: Compiled, beginning: Beginning, root: Node, now: datetime, answers: Answers) -> None:
        self._engine = engine
        self._beginning = beginning
        self._context = beginning.context
        self._root = root
        self._now = now
        self._answers = answers
        self._alone = Opened(Node(None, "path:", 0, 0, b""), None, (), root)
        self._around = replace(beginning.opened, body=root)
        self._is_clear, self._may_hide = self._glance()

    # --- search --------------------------------------------------------------------------------------

    def in_fields(self) -> list[Finding]:
        """What rules name, and in requests what is known; a fragment without fields is searched as bytes."""
        chosen = self._engine.index.selectors(self._context, self._around, self._now.date())
        named = places.find(self._alone, chosen.selectors)
        is_asked = bool(chosen.selectors.literal_in_body) or chosen.selectors.anywhere_in_body
        if self._context.direction == "response" or (self._is_clear and not is_asked) or not self._root.children:
            return named
        unread = [one for one in opaque.find(self._alone) if one.node is not self._root]
        if self._is_clear:
            return named + unread
        self._tell_pieces()
        known = hidden.known(self._alone, self._engine.matcher, self._context, self._may_hide)
        return [*named, *known, *unread]

    def _glance(self) -> tuple[bool, bool]:
        """Whether a look at the bytes, and at what their layers hide, tells that no field can hold anything known; and
        whether there may be something that no reader opens.

        Of a clear fragment the fields, if no rule names them, are not even found. Bytes without fields are searched.
        """
        if self._context.direction == "response" or not (isinstance(self._root, Folded) or self._root.children):
            return False, False
        texts = views(self._root.content)
        matcher, scope = self._engine.matcher, self._context.persona_scope
        if texts is None or any(matcher.suspects(text, scope) for text in texts[1:]):
            return False, True
        return not matcher.suspects(texts[0], scope), False

    def _tell_pieces(self) -> None:
        """Pieces of a photo are searched once, as they are: it is no text that could hide something, or be replaced."""
        scope = self._context.persona_scope
        for piece in self._root.children:
            if isinstance(piece, Folded) and not piece.children and BINARY.search(piece.content):
                piece.tell(None if self._engine.matcher.hits(piece.content, scope) else ())

    def in_bytes(self, before: bytes) -> list[Finding]:
        """Facts of the person's that no field holds: across the border behind *before*, or in unread bytes."""
        matcher, scope = self._engine.matcher, self._context.persona_scope
        border = len(before)
        window = before + self._root.content[: hold_back(matcher)] if border else b""
        hits = [hit for hit in matcher.hits(window, scope) if hit.start < border < hit.end]
        spans = [(0, hit.end - border, hit) for hit in hits]
        if not self._is_clear and not self._root.children:
            content = self._root.content
            spans += [(hit.start, hit.end, hit) for hit in matcher.hits(content, scope)]
            if self._context.party != "first":
                spans += [(0, len(content), hit) for hit in hidden.packed_in(content, matcher, scope)]
        return [
            Finding(self._root, start, end, hit.category, hit.whose, "known", hit.likeness, in_name=True)
            for start, end, hit in spans
            if hit.whose == "me"
        ]

    # --- decide --------------------------------------------------------------------------------------

    def about_bytes(self, found: list[Finding]) -> Verdict | None:
        """Block or Ask for facts that stand in bytes; None where a rule, or an answer, lets all of them pass."""
        if not found:
            return None
        decided = self._decide(found)
        if isinstance(decided.verdict, Block):
            return decided.verdict
        decisions = (*decided.decisions, *decided.covered)
        doubts = [one for one in decisions if not self._may_pass(one)]
        if isinstance(decided.verdict, Forward) and not doubts and not lastlook.is_due(found, decisions):
            return None
        if self._context.party != "first":
            return Block(Because("fact", why=_IN_BYTES, action="block", beat=tuple(one.because for one in doubts[:1])))
        return self._ask({one.category for one in found})

    def _may_pass(self, decision: Decision) -> bool:
        """At a first party the share table's ``allow`` speaks about fields, not about bytes that nobody reads."""
        is_share = decision.because.layer in _BY_NOBODY
        return decision.action == "allow" and not (is_share and self._context.party == "first")

    def _ask(self, categories: set[str]) -> Verdict | None:
        why = Because("fact", why=_IN_BYTES, action="ask")
        questions = tuple(self._question(one) for one in sorted(categories))
        given = [self._answers.get(one.key) for one in questions]
        is_refused = any(answer is not None and answer != "allow" for answer in given)
        if is_refused or self._context.type not in MAY_WAIT:
            return Block(replace(why, action="block"))
        return Ask(why, questions) if None in given else None

    def _question(self, category: str) -> Question:
        key = f"upload|{self._context.host}|{category}"
        return Question(key, "body", category, "block", _CHOICES, _IN_BYTES)

    def _decide(self, found: list[Finding]) -> Decided:
        return self._engine.index.decide_part(
            self._context, self._around, found, now=self._now.date(), answers=self._answers
        )

    # --- edit ----------------------------------------------------------------------------------------

    def edited(self, frame: Frame, found: list[Finding], book: Book) -> Outcome[Frame]:
        """The fragment as it goes on."""
        decided = self._decide(found)
        outcome = Outcome(
            decided.verdict, self._context, frame, decided.guard, tuple(found), decided.decisions, decided.covered
        )
        if not isinstance(decided.verdict, Forward) or decided.guard is not None:
            return outcome
        try:
            return self._write(outcome, frame, book)
        except Signed as error:
            verdict, decisions = unedited.settle(
                error, decided.verdict, self._context, decided.decisions, decided.covered
            )
            return replace(outcome, verdict=verdict, decisions=decisions)
        except ShieldError as error:
            return replace(outcome, verdict=Block(Because("mistake", why=error.message)))

    def _write(self, outcome: Outcome[Frame], frame: Frame, book: Book) -> Outcome[Frame]:
        plan = transform.plan(
            outcome.decisions, (), person=self._engine.person, context=self._context, book=book, opened=self._alone
        )
        if plan.needs:
            return replace(outcome, needs=plan.needs)
        content = b"" if self._root in plan.edits.gone() else rebuild(self._root, plan.edits)
        is_request = self._context.direction == "request"
        if content == frame.content and not (is_request and lastlook.is_due(outcome.findings, outcome.decisions)):
            return outcome
        if self._beginning.is_signed:
            raise Signed("the body is signed", "it can pass or be blocked, but not be edited")
        if is_request:
            self._look_again(content, outcome.decisions)
        if content == frame.content:
            return outcome
        edited = replace(frame, content=content)
        return replace(outcome, message=edited, changes=plan.changes, issued=plan.issued, modified=True)

    def _look_again(self, content: bytes, decisions: tuple[Decision, ...]) -> None:
        """The last look, as at a message that is held: the part as its receiver reads it, its layers opened."""
        leaving = replace(self._alone, body=read_again(self._root, content))
        lastlook.check(leaving, self._engine.matcher, self._context, decisions)
