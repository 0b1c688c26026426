"""Responses: streamed as they come, unless a rule of ``direction: response`` names something in them.

JSON that is there as a whole within the budget is held and edited like a request: nobody can use half of it. All other
text (pages, event streams, lines), and JSON beyond the budget, is edited while it passes, event by event and field by
field; it goes on unpacked, for packing it again for a client on the same machine gains nothing. Scripts, styles, images
and the like pass as they came.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Final

from mitmproxy import http

from shield.errors import ShieldError
from shield.finding import Forward
from shield.fragments import Beginning
from shield.message import Frame, Response
from shield.outcome import Outcome
from shield.proxy import convert, headers, streaming
from shield.proxy.judge import Judge
from shield.proxy.looking import Looking
from shield.proxy.notes import Notes
from shield.proxy.pace import Pace
from shield.proxy.passage import Passage, client_of, passage_of
from shield.proxy.passing import Passing, Ways
from shield.services.visits import Visits
from shield.tree import Node
from shield.wire.packing import Unpacker
from shield.wire.splitting import splitter

NEVER_EDITED: Final = frozenset({101, 204, 205, 206, 304})
"""Without a body, a part of one, or another protocol."""
_WHOLE: Final = re.compile(r"[a-z]+/(?:[a-z0-9.+_-]*\+)?(?:json|csp-report|x-json)")
_IN_PARTS: Final = re.compile(
    r"text/(?!css|javascript|ecmascript|x-javascript|jscript).*"
    r"|application/(?:[a-z0-9.+_-]*\+)?(?:xml|xhtml|ndjson|x-ndjson|jsonl|x-www-form-urlencoded)"
    r"|multipart/.*"
)


class Incoming:
    """What happens to a response."""

    def __init__(self, judge: Judge, visits: Visits) -> None:
        self._judge = judge
        self._visits = visits

    def head(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Decide how the body passes. What is not held goes on as it arrives."""
        passage, response = passage_of(flow), flow.response
        if passage is None or response is None:
            raise LookupError("a response to a request that nobody saw")
        if passage.answered:
            return None
        if passage.request is not None and passage.context is not None:
            head = convert.response_of(response, body=False)
            self._visits.redirected(passage.request, passage.context, head, client_of(flow))
        if passage.looked_at:
            headers.drop_alternatives(response)
        way = "as it came"
        if passage.response_plan == "hold" and passage.context is not None:
            way = way_of(flow.request, response)
        if way == "whole":
            passage.held_response = True
            passage.hold_bytes = streaming.HELD_PACKED_BYTES if is_packed(response) else streaming.BUDGET_BYTES
            return None
        response.stream = response.status_code != 101
        if passage.response_plan == "unneeded" or passage.context is None:
            return None
        return self._edit(flow, passage, "parts" if way == "parts" else "headers")

    def whole(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """The body of a held response is there."""
        passage = passage_of(flow)
        if passage is None:
            raise LookupError("a response to a request that nobody saw")
        if passage.answered or not passage.held_response:
            return None
        return self._edit(flow, passage, "whole")

    def over_budget(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """A held response is too large after all: it is edited while it passes."""
        passage = passage_of(flow)
        if passage is None or not passage.held_response:
            return None
        passage.held_response = False
        return self._edit(flow, passage, "parts")

    async def waits(self, flow: http.HTTPFlow) -> None:
        """A body that passes needs something first."""
        passage = passage_of(flow)
        if passage is None or passage.download is None:
            raise LookupError("a response that nobody saw coming")
        await self._judge.go_on(passage, passage.download)

    def _edit(self, flow: http.HTTPFlow, passage: Passage, way: str) -> Awaitable[None] | None:
        if flow.response is None or passage.context is None:
            raise LookupError("a response without its request")
        response = convert.response_of(flow.response, body=way == "whole")
        outcome = self._judge.response(passage.context, response)
        if isinstance(outcome, Outcome):
            self._carry_out(flow, passage, response, outcome, way)
            return None
        return self._edit_later(flow, passage, response, outcome, way)

    async def _edit_later(
        self, flow: http.HTTPFlow, passage: Passage, response: Response, waiting: Awaitable[Outcome[Response]], way: str
    ) -> None:
        self._carry_out(flow, passage, response, await waiting, way)

    def _carry_out(
        self, flow: http.HTTPFlow, passage: Passage, response: Response, outcome: Outcome[Response], way: str
    ) -> None:
        if flow.response is None:
            raise LookupError("a response that is gone")
        if not self._judge.observe:
            self._write(flow.response, response, outcome)
        if way == "parts" and outcome.guard is None:
            self._pass(flow, flow.response, passage, response)
        if outcome.changes:
            self._judge.settle(outcome, None if response.body is None else len(response.body))

    def _write(self, target: http.Response, response: Response, outcome: Outcome[Response]) -> None:
        if not isinstance(outcome.verdict, Forward):
            raise ResponseBlocked(outcome.verdict.because.why or "blocked by policy")
        edited = outcome.message
        if edited is response:
            return
        self._judge.counters["responses edited"] += 1
        if edited.body is not None and edited.body != response.body:
            trailers = headers.without(edited.trailers, headers.VALIDATORS)
            edited = replace(edited, headers=headers.not_to_be_kept(edited.headers), trailers=trailers)
        convert.write_response(target, edited)

    # --- in parts ------------------------------------------------------------------------------------

    def _pass(self, flow: http.HTTPFlow, target: http.Response, passage: Passage, response: Response) -> None:
        """Let the body pass through the fragments; its length and what told it from another are given up."""
        if passage.context is None:
            raise LookupError("a response without its request")
        try:
            unpacker = Unpacker(headers.joined(response.headers, b"content-encoding"))
        except ShieldError:  # a coding that nobody opens: as it came
            return
        beginning = Beginning.of_response(response, passage.context)

        def decide(root: Node, before: bytes, answers: Mapping[str, str]) -> Outcome[Frame]:
            return self._judge.fragment(beginning, root, before, answers)

        cutter = splitter(response.header(b"content-type"), "response")
        ways = Ways(unpacker=unpacker if is_packed(target) else None, only_looks=self._judge.observe)
        passing = Passing(cutter, decide, Notes(self._judge), ways, Pace(self._judge.is_ready))
        self._judge.counters["responses in parts"] += 1
        if self._judge.observe:
            passage.download = Looking(passing)
            return
        passage.download = passing
        target.data.headers = http.Headers(headers.of_passing(target.data.headers.fields, flow.request.http_version))


class ResponseBlocked(ShieldError):
    """A response does not reach the client."""


def way_of(request: http.Request, response: http.Response) -> str:
    """``whole``, ``parts`` or ``as it came``: by whether there is a body, all of it, and what it is."""
    if response.status_code in NEVER_EDITED or response.status_code < 200 or request.method == "HEAD":
        return "as it came"
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _WHOLE.fullmatch(kind):
        length = response.headers.get("content-length", "0")
        return "whole" if length.isdigit() and int(length) <= streaming.BUDGET_BYTES else "parts"
    return "parts" if _IN_PARTS.fullmatch(kind) else "as it came"


def is_packed(response: http.Response) -> bool:
    """Whether a content coding lies around the body."""
    return response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
