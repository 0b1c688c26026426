"""Bodies that are not held: the states of a stream in which they pass, wrapped.

Three traps of mitmproxy shape this module. A callable for ``request.stream`` that returns ``b""`` while it
holds bytes back writes the end of a chunked body, so that what was held back becomes the next request; one
that raises leaves both sides hanging; and nothing stops a stream that has begun. So ``passing.Passing``
returns lists, never raises, and says what stopped it; the wrapped state of the stream acts on it.

What was streamed before a hit (all but the bytes held back) has left. The origin sees a body that ends in
a reset, never a complete one; so does the client of an answer that is stopped.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    ResponseEndOfMessage,
    ResponseTrailers,
)

from shield.proxy.headers import VALIDATORS, without
from shield.proxy.looking import Looking
from shield.proxy.passage import Passage, passage_of
from shield.proxy.passing import Passing
from shield.proxy.patch import wrap
from shield.proxy.patience import watch
from shield.proxy.refusal import refuse
from shield.proxy.words import RESPONSE_MISTAKE, TOO_LARGE, UPLOAD_MISTAKE
from shield.wire.limits import LIMITS

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]
Hook = Callable[[HTTPFlow], StartHook]

BUDGET_BYTES = LIMITS.body_bytes
"""A body up to this size is held and read; above it is streamed (design, section 6)."""
DRAIN_BYTES = 16_000_000
"""So much of a blocked upload is read and thrown away before its answer; then the connection is reset."""
HELD_PACKED_BYTES = 65_536
"""The same for what is packed: unpacked it is hardly above the budget then."""


@dataclass
class ShieldOverBudgetHook(StartHook):
    """A held body outgrew the budget: the addon decides without it, and how the rest is to pass."""

    flow: HTTPFlow


@dataclass
class ShieldResponseOverBudgetHook(StartHook):
    """A held response is too large: it is edited while it passes."""

    flow: HTTPFlow


@dataclass
class ShieldUploadHook(StartHook):
    """A stream met something about which the person is asked, or for which a persona is made; it waits."""

    flow: HTTPFlow


@dataclass
class ShieldDownloadHook(StartHook):
    """The same in a response."""

    flow: HTTPFlow


def install() -> None:
    """Wrap the four states of a stream in which bodies pass."""
    wrap(HttpStream, "state_consume_request_body", _holds_no_more_than_the_budget)
    wrap(HttpStream, "state_stream_request_body", _stops)
    wrap(HttpStream, "state_consume_response_body", _holds_responses_within_limits)
    wrap(HttpStream, "state_stream_response_body", _stops_responses)


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
    """From holding to streaming: decide about what was held, then let it go."""
    held = bytes(stream.request_body_buf) + event.data
    stream.request_body_buf.clear()
    passage.held = held
    watch(stream)
    yield ShieldOverBudgetHook(stream.flow)
    if (yield from stream.check_killed(True)):
        return
    passage = passage_of(stream.flow) or passage
    passage.held = b""
    if stream.flow.response is not None or not passage.forwarded:
        passage.drained = len(held)
        return
    yield from stream.start_request_stream()
    if stream.client_state != stream.state_stream_request_body:
        return
    if passage.upload is None:
        yield from stream.client_state(RequestData(stream.stream_id, held))
    ready, passage.ready = passage.ready, []
    for chunk in ready:
        yield SendHttp(RequestData(stream.stream_id, chunk), stream.context.server)


def _stops(original: Step) -> Step:
    """The stop that a streamed upload lacks: reset towards the origin, 413 with words for the client."""

    def state_stream_request_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        if passage is None or passage.upload is None:
            yield from original(self, event)
            return
        upload = passage.upload
        if isinstance(event, RequestTrailers):
            upload.trailers(event.trailers.fields)
        for chunk in (yield from _passed(self, passage, upload, event, ShieldUploadHook)):
            yield SendHttp(RequestData(self.stream_id, chunk), self.context.server)
        if upload.stopped:
            yield from refuse(self, upload.stopped, ErrorCode.REQUEST_TOO_LARGE)
        elif not isinstance(event, RequestData):
            yield from original(self, event)

    return state_stream_request_body


def _passed(stream: HttpStream, passage: Passage, passing: Passing | Looking, event: Any, hook: Hook) -> Commands:
    """What may go on now, after whatever has to be waited for. Returns a list of chunks."""
    if isinstance(event, (RequestData, ResponseData)):
        chunks = passing(event.data) if event.data else []
    else:
        is_end = isinstance(event, (RequestEndOfMessage, ResponseEndOfMessage))
        chunks = passing(b"") if is_end else []
    while passing.waiting is not None or passing.is_busy:
        asked = passing.waiting
        yield hook(stream.flow)
        if passing.is_busy or (asked is not None and passing.waiting is asked):  # nobody did it: a mistake of ours
            passing.stop(UPLOAD_MISTAKE)
        ready, passage.ready = passage.ready, []
        chunks += ready
    return [] if passing.stopped else chunks


def _stops_responses(original: Step) -> Step:
    """A response that is edited while it passes; one that is stopped ends in a reset on both sides."""

    def state_stream_response_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        if passage is None or passage.download is None:
            yield from original(self, event)
            return
        download = passage.download
        watch(self)
        for chunk in (yield from _passed(self, passage, download, event, ShieldDownloadHook)):
            yield SendHttp(ResponseData(self.stream_id, chunk), self.context.client)
        if download.stopped:
            yield from refuse(self, RESPONSE_MISTAKE, ErrorCode.GENERIC_SERVER_ERROR)
        elif not isinstance(event, ResponseData):
            if isinstance(event, ResponseTrailers) and isinstance(download, Passing):
                event.trailers.fields = without(event.trailers.fields, VALIDATORS)
            yield from original(self, event)

    return state_stream_response_body


def _holds_responses_within_limits(original: Step) -> Step:
    """A response that is not there as a whole within its limit is edited while it passes."""

    def state_consume_response_body(self: HttpStream, event: Any) -> Commands:
        passage = passage_of(self.flow)
        held = len(self.response_body_buf)
        if (
            passage is None
            or passage.answered
            or not isinstance(event, ResponseData)
            or held + len(event.data) <= passage.hold_bytes
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
