"""Bodies above the budget: what is settled before the first byte leaves, and how the rest passes.

When a body outgrows the budget the engine decides about line and headers, and about a body that is one
``unreadable`` field: the share table may block it. Then the held beginning passes through the fragments; what is
decided there is known before the headers leave, so the length can still be corrected. About the rest:

- a rule names fields of such a body: Content-Length and digests are dropped (``chunked`` on HTTP/1.1), packed
  bodies are packed again, and every fragment may be edited;
- no length was stated: fragments may be edited too, but packed bodies stay as they came;
- else the length stays: servers that need one (object stores) meet what they expect, and a fact that would have to be
  replaced stops the upload.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from shield.errors import ShieldError
from shield.finding import Forward
from shield.fragments import Beginning, hold_back, unread
from shield.message import Frame, Headers, Request
from shield.outcome import Outcome
from shield.proxy import headers
from shield.proxy.judge import Judge
from shield.proxy.looking import Looking
from shield.proxy.notes import Notes
from shield.proxy.pace import Pace
from shield.proxy.passage import Passage
from shield.proxy.passing import Passing, Ways
from shield.proxy.words import TOO_LARGE_TO_EDIT
from shield.selector import Selector
from shield.tree import Node
from shield.wire.framing import DIGESTS
from shield.wire.packing import Packer, Unpacker
from shield.wire.splitting import splitter

_ELSEWHERE: Final = frozenset({"path:", "query:", "header:", "cookie:", "frame", "link:"})
"""Places that no request body has, or not it alone."""
_LENGTH: Final = b"content-length"


class TooLargeToEdit(ShieldError):
    """A rule would take a body away, or add to it, that is too large to be held."""


class Stopped(ShieldError):
    """The beginning of a body cannot leave, and no rule said so."""


class Uploads:
    """What happens to bodies above the budget."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def head(self, request: Request) -> Outcome[Request]:
        """The word about line, headers, and a body that nobody reads as a whole.

        Raises:
            TooLargeToEdit: a rule would take the body away.
        """
        outcome = self._judge.request(request, unread(request))
        if isinstance(outcome, Awaitable):
            outcome = await outcome
        if isinstance(outcome.verdict, Forward) and outcome.message.body is not None and not self._judge.observe:
            raise TooLargeToEdit(TOO_LARGE_TO_EDIT)
        return outcome

    async def begin(self, passage: Passage, request: Request, outcome: Outcome[Request]) -> Outcome[Request]:
        """Decide about what was held; the outcome with headers that fit what will follow, or a Block.

        Raises:
            Stopped: what was held cannot be read, or a mistake of ours.
        """
        beginning = Beginning.of_request(request, outcome.context)
        notes = Notes(self._judge)
        passing = self._passing(beginning, request, notes)
        passing.put(passage.held)
        chunks = await self._judge.aside(passing, {})
        while passing.waiting is not None:
            chunks += await self._judge.aside(passing, await self._judge.fetch(passing.waiting))
        if passing.stopped:
            if notes.verdict is None:
                raise Stopped(passing.stopped)
            return replace(outcome, verdict=notes.verdict, message=request)
        passage.upload, passage.ready = passing, chunks
        is_named = self._is_named(beginning, request)
        kept = self._fitting(passing, request, outcome.message.headers, is_named=is_named)
        return replace(outcome, message=replace(outcome.message, headers=kept))

    async def look(self, passage: Passage, request: Request, outcome: Outcome[Request]) -> None:
        """While observing: let the body go on as it came, and tell what would have become of it."""
        look = self._passing(Beginning.of_request(request, outcome.context), request, Notes(self._judge))
        look.ways.only_looks = True
        look.put(passage.held)
        await self._judge.aside(look, {})
        passage.upload, passage.ready = Looking(look), [passage.held]

    def _passing(self, beginning: Beginning, request: Request, notes: Notes) -> Passing:
        codings = headers.joined(request.headers, b"content-encoding")
        ways = Ways(keep=hold_back(self._judge.keeper.engine.matcher))
        cutter = splitter(request.header(b"content-type"), "request")
        if codings:
            try:
                ways.unpacker = Unpacker(codings)
                ways.packer = Packer(codings) if self._is_named(beginning, request) else None
                ways.as_came = ways.packer is None
            except ShieldError:  # nobody can open it: its bytes are searched
                ways, cutter = Ways(keep=ways.keep, may_edit=False), splitter(b"application/octet-stream", "request")

        def decide(root: Node, before: bytes, answers: Mapping[str, str]) -> Outcome[Frame]:
            ways.keep = max(ways.keep, hold_back(self._judge.keeper.engine.matcher))  # a new fact may be longer
            return self._judge.fragment(beginning, root, before, answers)

        return Passing(cutter, decide, notes, ways, Pace(self._judge.is_ready))

    def _is_named(self, beginning: Beginning, request: Request) -> bool:
        """Whether a rule names fields of this body, and its length may be left open for that."""
        if beginning.is_signed or request.http_version == "HTTP/1.0":
            return False
        index, today = self._judge.keeper.engine.index, datetime.now(UTC).date()
        return names_body(index.selectors(beginning.context, beginning.opened, today).selectors)

    def _fitting(self, passing: Passing, request: Request, kept: Headers, *, is_named: bool) -> Headers:
        """Header lines for what follows; and what may still be edited in it."""
        ways = passing.ways
        is_digested = any(name.lower() in DIGESTS for name, _ in kept)
        if passing.edited or is_named:
            kept = headers.without(kept, DIGESTS)
        elif is_digested:
            ways.may_edit = False
        stated = request.header(_LENGTH)
        if stated is None:
            return kept
        if is_named:
            return headers.without(kept, frozenset({_LENGTH}))
        ways.may_grow = False
        length = b"%d" % (int(stated) + passing.grown)
        return tuple((name, length if name.lower() == _LENGTH else value) for name, value in kept)


def names_body(selectors: Iterable[Selector]) -> bool:
    """Whether a rule names a field that only a body has. What may stand anywhere (``*:name``) does not count: a length
    is not given up for what is hardly ever there.
    """
    patterns = [pattern for one in selectors for pattern in one.patterns]
    return any(pattern.places and not _ELSEWHERE.intersection(pattern.places) for pattern in patterns)
