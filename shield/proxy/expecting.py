"""``Expect: 100-continue`` of a blocked request gets its final answer, not an invitation (RFC 9110, section 10.1.1).

mitmproxy sends the 100 right after the ``requestheaders`` hook, whatever the hook decided, and waits for a body that
nobody wants. Here the 100 is kept back where the flow is answered already, and the answer goes out at once. On
HTTP/1.1 the connection ends with it: nobody can tell whether the body still comes, or the next request.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.layers.http import HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import ResponseHeaders
from mitmproxy.proxy.layers.http._hooks import HttpResponseHeadersHook

from shield.proxy.passage import passage_of
from shield.proxy.patch import wrap

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]


def install() -> None:
    """Wrap the beginning of a stream."""
    wrap(HttpStream, "state_wait_for_request_headers", _answers_at_once)


def _answers_at_once(original: Step) -> Step:
    def state_wait_for_request_headers(self: HttpStream, event: Any) -> Commands:
        steps, reply, is_expecting = original(self, event), None, False
        while True:
            try:
                command = steps.send(reply)
            except StopIteration:
                break
            if _is_continue(command) and _is_answered(self):
                is_expecting, reply = True, None
            else:
                reply = yield command
        if is_expecting and not event.end_stream and self.client_state == self.state_consume_request_body:
            yield from _answer(self)

    return state_wait_for_request_headers


def _is_continue(command: Any) -> bool:
    is_head = isinstance(command, SendHttp) and isinstance(command.event, ResponseHeaders)
    return is_head and command.event.response.status_code == 100


def _is_answered(stream: HttpStream) -> bool:
    passage = passage_of(stream.flow)
    return passage is not None and passage.answered and stream.flow.response is not None


def _answer(stream: HttpStream) -> Commands:
    """What mitmproxy does with an answer of ours when the body is there."""
    if stream.flow.response is None:
        return
    is_http1 = stream.flow.request.http_version.startswith("HTTP/1")
    if is_http1:
        stream.flow.response.headers["connection"] = "close"
    stream.client_state = stream.state_done
    yield HttpResponseHeadersHook(stream.flow)
    if (yield from stream.check_killed(True)):
        return
    yield from stream.send_response()
    if is_http1:
        yield commands.CloseConnection(stream.context.client)
