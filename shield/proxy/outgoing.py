"""Requests: from the head that comes in to the verdict, and what the client gets if nothing leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from mitmproxy import http

from shield.finding import Ask, Block, Forward, Redirect
from shield.message import Request, Response
from shield.outcome import Outcome
from shield.proxy import answers, convert, headers, hosts, strict
from shield.proxy.judge import INLINE_BYTES, Judge
from shield.proxy.opening import Opening
from shield.proxy.passage import Passage, begin, client_of, passage_of
from shield.proxy.reach import Reach
from shield.proxy.tls import Handshakes
from shield.proxy.uploads import Uploads
from shield.services.visits import Visits, remembered
from shield.wire.signed import is_signed

MAGIC_HOST: Final = "shield.internal"
"""Where another device fetches the CA certificate, over plain HTTP through the proxy."""

Noted = Callable[[http.HTTPFlow, Outcome[Any]], None]


class Outgoing:
    """What happens to a request."""

    def __init__(
        self, judge: Judge, opening: Opening, handshakes: Handshakes, reach: Reach, visits: Visits,
        certificate: Path | None, noted: Noted,
    ) -> None:  # fmt: skip
        self._judge = judge
        self._uploads = Uploads(judge)
        self._opening = opening
        self._handshakes = handshakes
        self._reach = reach
        self._visits = visits
        self._certificate = certificate
        self._noted = noted

    def head(self, flow: http.HTTPFlow) -> None:
        """Line and headers are there. Most requests are decided when their body is, too; those that must not
        wait for it (passed as they are, guarded, blocked with a large body) are decided here.
        """
        passage = begin(flow)
        if flow.error is not None:  # mitmproxy refuses it already
            return
        wrong = strict.fault(flow)
        if wrong is not None:
            self._refuse(flow, passage, wrong)
            return
        headers.drop_hop_by_hop(flow.request)
        client = flow.client_conn
        try:
            host = hosts.of(flow.request, client.sni, ech=self._handshakes.has_ech(client))
        except hosts.WrongHost as error:
            self._judge.counters["wrong host"] += 1
            if self._judge.observe:
                raise
            self._answer(flow, passage, answers.wrong_host(self._request(flow, flow.request.host), error.message))
            return
        if client.tls_established:
            self._handshakes.works_for(client)
        elif host == MAGIC_HOST and self._certificate is not None:
            self._answer(flow, passage, answers.certificate(self._certificate.read_bytes()))
            return
        words = self._reach.refusal(self._request(flow, host), client)
        if words is not None:
            self._judge.counters["inside not reached"] += 1
            self._answer(flow, passage, answers.not_reached(self._request(flow, host), words))
            return
        passage.request = self._visits.told(self._request(flow, host), client_of(flow))
        if not self._opening.opens(host):
            self._pass(flow, passage)
        elif _is_worth_a_look(flow.request):
            self._before_the_body(flow, passage, passage.request)

    def _refuse(self, flow: http.HTTPFlow, passage: Passage, words: str) -> None:
        """What could be read in two ways is answered 400."""
        self._judge.counters["not readable"] += 1
        self._answer(flow, passage, answers.mistake(None, words, 400))

    def _request(self, flow: http.HTTPFlow, host: str) -> Request:
        return convert.request_of(flow.request, host, body=False)

    def _pass(self, flow: http.HTTPFlow, passage: Passage) -> None:
        """A host that policy does not open, over plain HTTP: it leaves as it came."""
        self._judge.counters["not looked at"] += 1
        passage.looked_at = False
        passage.settled = passage.forwarded = True
        flow.request.stream = True

    def _before_the_body(self, flow: http.HTTPFlow, passage: Passage, request: Request) -> None:
        outcome = self._judge.keeper.engine.head(request, now=datetime.now(UTC))
        verdict = outcome.head.verdict
        if isinstance(verdict, Forward):
            settled = Outcome(verdict, outcome.context, request, outcome.head.guard)
            self._carry_out(flow, passage, request, settled)
            passage.settled = True
            flow.request.stream = True
        elif isinstance(verdict, Block) and not self._judge.observe:
            passage.settled = True
            self._carry_out(flow, passage, request, Outcome(verdict, outcome.context, request))

    def whole(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """The request is there with its body (or has been streamed: then there is nothing left to do)."""
        passage = passage_of(flow)
        if passage is not None and (passage.settled or passage.answered):
            return None
        if passage is None or passage.request is None:
            raise LookupError("a request that nobody saw coming")
        wrong = strict.fault_of_length(flow)
        if wrong is not None:
            self._refuse(flow, passage, wrong)
            return None
        request = remembered(convert.request_of(flow.request, passage.request.host), passage.request)
        return self._decide(flow, passage, request)

    def _decide(self, flow: http.HTTPFlow, passage: Passage, request: Request) -> Awaitable[None] | None:
        outcome = self._judge.request(request)
        if isinstance(outcome, Outcome):
            self._carry_out(flow, passage, request, outcome)
            return None
        return self._decide_later(flow, passage, request, outcome)

    async def _decide_later(
        self, flow: http.HTTPFlow, passage: Passage, request: Request, waiting: Awaitable[Outcome[Request]]
    ) -> None:
        self._carry_out(flow, passage, request, await waiting)

    def _carry_out(self, flow: http.HTTPFlow, passage: Passage, request: Request, outcome: Outcome[Request]) -> None:
        """Do what the verdict says. The mark that opens the gate is the very last thing."""
        passage.context = outcome.context
        self._visits.note(request, outcome.context, client_of(flow))
        if self._judge.observe:
            self._judge.counters["observed"] += 1
            self._plan_response(passage, outcome)
        else:
            self._prepare(flow, passage, request, outcome)
        self._judge.settle(outcome, None if request.body is None else len(request.body))
        self._noted(flow, outcome)
        passage.forwarded = self._judge.observe or isinstance(outcome.verdict, Forward)

    def _prepare(self, flow: http.HTTPFlow, passage: Passage, request: Request, outcome: Outcome[Request]) -> None:
        match outcome.verdict:
            case Forward():
                self._forward(flow, passage, request, outcome)
            case Block() as verdict:
                self._judge.counters["blocked"] += 1
                self._answer(flow, passage, answers.answer_to(request, outcome.context, verdict))
            case Redirect() as verdict:
                self._judge.counters["redirected"] += 1
                answer = answers.redirect(request, verdict)
                self._visits.redirected(request, outcome.context, answer, client_of(flow))
                self._answer(flow, passage, answer)
            case Ask():
                raise TypeError("a question without an answer")

    def _forward(self, flow: http.HTTPFlow, passage: Passage, request: Request, outcome: Outcome[Request]) -> None:
        leaving = outcome.message
        self._judge.counters["edited" if leaving is not request else "forwarded"] += 1
        if leaving is not request:
            convert.write_request(flow.request, leaving)
        self._plan_response(passage, outcome)
        if passage.response_plan == "hold" and not is_signed(leaving):
            headers.want_whole_answers(flow.request)

    def _plan_response(self, passage: Passage, outcome: Outcome[Request]) -> None:
        """What is to be seen of the response, by the rules."""
        if outcome.guard is None:
            index = self._judge.keeper.engine.index
            passage.response_plan = index.response_plan(outcome.context, datetime.now(UTC).date())

    def _answer(self, flow: http.HTTPFlow, passage: Passage, response: Response) -> None:
        """The client gets this and the origin is not asked; a body that still comes is thrown away."""
        passage.answered = True
        passage.drained = 0
        flow.request.stream = False
        flow.response = convert.new_response(response)

    async def over_budget(self, flow: http.HTTPFlow) -> None:
        """The body outgrew the budget: it is decided about without being there, and the rest while it passes."""
        passage = passage_of(flow)
        if passage is None or passage.request is None:
            raise LookupError("a request that nobody saw coming")
        request = remembered(self._request(flow, passage.request.host), passage.request)
        outcome = await self._uploads.head(request)
        passage.settled = True
        is_looked_into = isinstance(outcome.verdict, Forward) and outcome.guard is None
        if is_looked_into and not self._judge.observe:
            outcome = await self._uploads.begin(passage, request, outcome)
        self._carry_out(flow, passage, request, outcome)
        if is_looked_into and self._judge.observe:
            await self._uploads.look(passage, request, outcome)
        if passage.forwarded:
            flow.request.stream = True
            self._judge.counters["streamed"] += 1

    async def upload_asks(self, flow: http.HTTPFlow) -> None:
        """A stream needs an answer, or a persona; without permission it stops."""
        passage = passage_of(flow)
        if passage is None or passage.upload is None:
            raise LookupError("an upload that nobody saw coming")
        await self._judge.go_on(passage, passage.upload)


def _is_worth_a_look(request: http.Request) -> bool:
    """Whether to decide before the body: if it is large, or may be. A small one is there in a moment."""
    fields = request.headers
    if "expect" in fields:  # a blocked target gets its answer, not 100
        return True
    length = fields.get("content-length")
    if length is not None:
        return not length.isdigit() or int(length) > INLINE_BYTES
    return "transfer-encoding" in fields or (request.is_http2 and request.method not in ("GET", "HEAD", "OPTIONS"))
