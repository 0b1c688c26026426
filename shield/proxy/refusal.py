"""Ending a flow with words, wherever it is."""

from __future__ import annotations

from typing import Any

from mitmproxy import flow
from mitmproxy.proxy import layer
from mitmproxy.proxy.layers.http import HttpStream, SendHttp
from mitmproxy.proxy.layers.http._events import ErrorCode, RequestProtocolError, ResponseProtocolError
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook

from shield.proxy.passage import passage_of
from shield.proxy.words import marked


def refuse(stream: HttpStream, words: str, code: ErrorCode) -> layer.CommandGenerator[Any]:
    """End *stream*: reset towards the origin if it was asked already, a page with *words* for the client."""
    passage = passage_of(stream.flow)
    stream.flow.error = flow.Error(marked(words))
    yield HttpErrorHook(stream.flow)
    if passage is not None and passage.asked:
        yield SendHttp(RequestProtocolError(stream.stream_id, "stopped", ErrorCode.CANCEL), stream.context.server)
    yield SendHttp(ResponseProtocolError(stream.stream_id, marked(words), code), stream.context.client)
    stream.flow.live = False
    stream.client_state = stream.server_state = stream.state_errored
