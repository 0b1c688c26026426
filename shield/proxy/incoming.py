"""Responses: streamed as they come, unless a rule of ``direction: response`` names them."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Final

from mitmproxy import http

from shield.errors import ShieldError
from shield.finding import Forward
from shield.message import Response
from shield.outcome import Outcome
from shield.proxy import convert, headers
from shield.proxy.judge import Judge
from shield.proxy.passage import Passage, passage_of
from shield.proxy.streaming import RESPONSE_BUDGET_BYTES

NEVER_HELD: Final = frozenset({101, 204, 206, 304})
"""Without a body, a part of one, or another protocol."""


class Incoming:
    """What happens to a response."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def head(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Decide whether the body is held. What is not held goes on as it arrives."""
        passage, response = passage_of(flow), flow.response
        if passage is None or response is None:
            raise LookupError("a response to a request that nobody saw")
        if passage.answered:
            return None
        if passage.looked_at:
            headers.drop_alternatives(response)
        if passage.response_plan == "unneeded" or passage.context is None:
            response.stream = response.status_code != 101
            return None
        if passage.response_plan == "hold" and may_hold(flow.request, response):
            passage.held_response = True
            return None
        response.stream = response.status_code != 101
        return self._edit(flow, passage, body=False)

    def whole(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """The body of a held response is there."""
        passage = passage_of(flow)
        if passage is None:
            raise LookupError("a response to a request that nobody saw")
        if passage.answered or not passage.held_response:
            return None
        return self._edit(flow, passage, body=True)

    def over_budget(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """A held response is too large after all: its headers are edited, its body goes on as it comes."""
        passage = passage_of(flow)
        if passage is None or not passage.held_response:
            return None
        passage.held_response = False
        return self._edit(flow, passage, body=False)

    def _edit(self, flow: http.HTTPFlow, passage: Passage, *, body: bool) -> Awaitable[None] | None:
        if flow.response is None or passage.context is None:
            raise LookupError("a response without its request")
        response = convert.response_of(flow.response, body=body)
        outcome = self._judge.response(passage.context, response)
        if isinstance(outcome, Outcome):
            self._carry_out(flow.response, response, outcome)
            return None
        return self._edit_later(flow.response, response, outcome)

    async def _edit_later(
        self, target: http.Response, response: Response, waiting: Awaitable[Outcome[Response]]
    ) -> None:
        self._carry_out(target, response, await waiting)

    def _carry_out(self, target: http.Response, response: Response, outcome: Outcome[Response]) -> None:
        if not self._judge.observe:
            self._write(target, response, outcome)
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
            edited = replace(edited, headers=headers.not_to_be_kept(edited.headers))
        convert.write_response(target, edited)


class ResponseBlocked(ShieldError):
    """A response does not reach the client."""


def may_hold(request: http.Request, response: http.Response) -> bool:
    """Whether the body has an end, is whole, and is not too large."""
    if response.status_code in NEVER_HELD or response.status_code < 200 or request.method == "HEAD":
        return False
    if response.headers.get("content-type", "").lower().startswith("text/event-stream"):
        return False
    length = response.headers.get("content-length", "0")
    return length.isdigit() and int(length) <= RESPONSE_BUDGET_BYTES
