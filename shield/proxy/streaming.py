"""Bodies that are not held: uploads that are searched while they pass, and those that nobody waits for.

Three traps of mitmproxy shape this module. A callable for ``request.stream`` that returns ``b""`` while it
holds bytes back writes the end of a chunked body, so that what was held back becomes the next request; one
that raises leaves both sides hanging; and nothing stops a stream that has begun. So :class:`Upload`
returns lists, never raises, and says what it found; the wrapped state of the stream acts on it.

What was streamed before a hit (all but the bytes held back) has left. The origin sees a body that ends in
a reset, never a complete one.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import layer
from mitmproxy.proxy.commands import StartHook
from mitmproxy.proxy.layers.http import HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestData,
    RequestEndOfMessage,
    RequestTrailers,
    ResponseData,
)

from shield.proxy.passage import Passage, passage_of
from shield.proxy.patch import wrap
from shield.proxy.refusal import refuse
from shield.proxy.words import TOO_LARGE, UPLOAD, UPLOAD_MISTAKE
from shield.wire.limits import LIMITS

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]

BUDGET_BYTES = LIMITS.body_bytes
"""A body up to this size is held and read; above it is streamed (design, section 6)."""
DRAIN_BYTES = 16_000_000
"""So much of a blocked upload is read and thrown away before its answer; then the connection is reset."""
RESPONSE_BUDGET_BYTES = 8_000_000
"""A response that a rule names is held up to this size; above it passes as it came."""


@dataclass
class ShieldOverBudgetHook(StartHook):
    """A held body outgrew the budget: the addon decides without it, and how the rest is to pass."""

    flow: HTTPFlow


@dataclass
class ShieldResponseOverBudgetHook(StartHook):
    """A held response is too large: the addon edits its headers, its body passes as it came."""

    flow: HTTPFlow


@dataclass
class ShieldUploadHook(StartHook):
    """A stream met a fact about which the person is asked; the stream waits."""

    flow: HTTPFlow


class Searched(Protocol):
    """What is searched for while bytes pass; ``detect.known.Matcher.stream()`` makes one."""

    def feed(self, chunk: bytes) -> list[Any]:
        """Hits that the bytes so far hold and no earlier call returned."""
        ...

    def finish(self) -> list[Any]:
        """Hits that end with the stream."""
        ...


class Upload:
    """One streamed body: holds back what a match could still need, lets go what is clear.

    Attributes:
        stopped: words; nothing more may be sent.
        question: hits that the person has to be asked about before anything more is sent.
        sent: bytes that have left.
    """

    def __init__(
        self,
        stream: Searched,
        hold_back: int,
        judge: Callable[[Any], str],
        hits: Callable[[bytes], list[Any]] = lambda data: [],
    ) -> None:
        self._stream = stream
        self._hits = hits
        self._keep = hold_back
        self._judge = judge
        self._held = bytearray()
        self.stopped = ""
        self.question: list[Any] = []
        self.sent = 0
        self.finished = False

    def __repr__(self) -> str:
        return f"<Upload {self.sent} bytes sent, {len(self._held)} held back>"

    def __call__(self, data: bytes) -> list[bytes]:
        """What may go now. ``b""`` is the end of the body."""
        if self.stopped or self.finished:
            return []
        try:
            return self._pass(data)
        except Exception:  # whatever it was, the bytes stay here
            self.stopped = UPLOAD_MISTAKE
            self._held.clear()
            return []

    def _pass(self, data: bytes) -> list[bytes]:
        self._held += data
        for hit in self._stream.feed(data) if data else self._stream.finish():
            self._weigh(hit)
        self.finished = self.finished or not data
        return self.release()

    def _weigh(self, hit: Any) -> None:
        match self._judge(hit):
            case "stop":
                self.stopped = UPLOAD
                self._held.clear()
            case "ask":
                self.question.append(hit)

    def release(self) -> list[bytes]:
        """Everything but what a match could still need; nothing while a question is open."""
        if self.stopped or self.question:
            return []
        end = len(self._held) if self.finished else len(self._held) - self._keep
        if end <= 0:
            return []
        clear = bytes(self._held[:end])
        del self._held[:end]
        self.sent += len(clear)
        return [clear]

    def trailers(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Search what comes behind the body; it cannot wait for an answer, so whatever must be asked stops."""
        try:
            found = self._hits(b"\n".join(name + b": " + value for name, value in fields))
            if any(self._judge(hit) != "pass" for hit in found):
                self.stopped = UPLOAD
        except Exception:  # whatever it was, they stay here
            self.stopped = UPLOAD_MISTAKE

    def answered(self, passes: bool) -> None:
        """The person has answered: go on, or stop."""
        self.question.clear()
        if not passes:
            self.stopped = UPLOAD
            self._held.clear()


def install() -> None:
    """Wrap the three states of a stream in which bodies pass."""
    wrap(HttpStream, "state_consume_request_body", _holds_no_more_than_the_budget)
    wrap(HttpStream, "state_stream_request_body", _stops)
    wrap(HttpStream, "state_consume_response_body", _holds_responses_within_limits)


def _holds_no_more_than_the_budget(original: Step) -> Step:
    def state_consume_request_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        if not isinstance(event, RequestData) or passage is None:
            yield from original(self, event)
        elif passage.drained is not None:
            yield from _drain(self, passage, event)
        elif len(self.request_body_buf) + len(event.data) > BUDGET_BYTES:
            yield from _go_over(self, passage, event)
        else:
            yield from original(self, event)

    return state_consume_request_body


def _drain(stream: HttpStream, passage: Passage, event: RequestData) -> Commands:
    """Throw the body of a blocked request away; beyond the limit reset."""
    passage.drained = (passage.drained or 0) + len(event.data)
    if passage.drained > DRAIN_BYTES:
        yield from refuse(stream, TOO_LARGE, ErrorCode.REQUEST_TOO_LARGE)


def _go_over(stream: HttpStream, passage: Passage, event: RequestData) -> Commands:
    """From holding to streaming: decide without the body, then let what was held run through the search."""
    held = bytes(stream.request_body_buf) + event.data
    stream.request_body_buf.clear()
    passage.held = held
    yield ShieldOverBudgetHook(stream.flow)
    if (yield from stream.check_killed(True)):
        return
    passage = passage_of(stream.flow) or passage
    passage.held = b""
    if stream.flow.response is not None or not passage.forwarded:
        passage.drained = len(held)
        return
    yield from stream.start_request_stream()
    if stream.client_state == stream.state_stream_request_body:
        yield from stream.client_state(RequestData(stream.stream_id, held))


def _stops(original: Step) -> Step:
    """The stop that a streamed upload lacks: reset towards the origin, 413 with words for the client."""

    def state_stream_request_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        upload = passage.upload if passage is not None else None
        if upload is None:
            yield from original(self, event)
            return
        if isinstance(event, RequestTrailers):
            upload.trailers(event.trailers.fields)
        if isinstance(event, RequestEndOfMessage):
            yield from _last(self, upload)
        if not upload.stopped:
            yield from original(self, event)
            yield from _ask(self, upload)
        if upload.stopped:
            yield from _reset(self, upload.stopped)

    return state_stream_request_body


def _last(stream: HttpStream, upload: Upload) -> Commands:
    """Before the end of the body is passed on: what is still held back goes, or stops everything."""
    for chunk in upload(b""):
        yield from _send(stream, chunk)
    yield from _ask(stream, upload)


def _ask(stream: HttpStream, upload: Upload) -> Commands:
    """Wait for an answer; then send what waited, or stop."""
    if upload.question and not upload.stopped:
        yield ShieldUploadHook(stream.flow)
        if upload.question:  # nobody answered: a mistake of ours
            upload.answered(passes=False)
        for chunk in upload.release():
            yield from _send(stream, chunk)


def _send(stream: HttpStream, chunk: bytes) -> Commands:
    yield SendHttp(RequestData(stream.stream_id, chunk), stream.context.server)


def _reset(stream: HttpStream, words: str) -> Commands:
    yield from refuse(stream, words, ErrorCode.REQUEST_TOO_LARGE)


def _holds_responses_within_limits(original: Step) -> Step:
    """A response that outgrows its budget goes on as it came; only its headers were edited."""

    def state_consume_response_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        held = len(self.response_body_buf)
        if (
            passage is None
            or passage.answered
            or not isinstance(event, ResponseData)
            or held + len(event.data) <= RESPONSE_BUDGET_BYTES
        ):
            yield from original(self, event)
            return
        yield ShieldResponseOverBudgetHook(self.flow)
        if (yield from self.check_killed(True)):
            return
        body = bytes(self.response_body_buf) + event.data
        self.response_body_buf.clear()
        if self.flow.response is not None:
            self.flow.response.stream = True
        yield from self.start_response_stream()
        yield from self.server_state(ResponseData(self.stream_id, body))

    return state_consume_response_body
