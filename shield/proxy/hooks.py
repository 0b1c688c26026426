"""The hook table: what mitmproxy does when a hook raises, and what Shield makes of a mistake in it.

mitmproxy logs what a hook raised and goes on as if nothing had happened: mostly the message leaves as it
came. So every hook of ours runs inside :func:`guarded`, which turns any Exception, and a cancelled wait,
into the last column. ``tests/end_to_end`` breaks each of them on purpose.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from mitmproxy import http

from shield.proxy import answers, convert
from shield.proxy.passage import begin, passage_of
from shield.proxy.refused import Refused, replace_layer
from shield.proxy.websocket import permit
from shield.proxy.words import RESPONSE_MISTAKE, UPLOAD_MISTAKE, of_mistake

Fail = Callable[[Any, BaseException], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One hook.

    Attributes:
        raises: what mitmproxy 12.2 does when the hook raises.
        becomes: what Shield makes of it.
        fail: does that; it must not raise.
        observing: what is done instead while nothing may be changed; None: the same.
    """

    hook: str
    raises: str
    becomes: str
    fail: Fail
    observing: Fail | None = None


def block(flow: http.HTTPFlow, error: BaseException) -> None:
    """The request is answered with 502 and words; its body is thrown away; there is no verdict."""
    passage = begin(flow)
    passage.answered = True
    passage.drained = 0
    flow.request.stream = False
    words = of_mistake(error)
    try:
        answer = answers.mistake(convert.request_of(flow.request, flow.request.host, body=False), words)
    except Exception:  # what could not be converted is answered all the same
        answer = answers.mistake(None, words)
    flow.response = convert.new_response(answer)


def block_late(flow: http.HTTPFlow, error: BaseException) -> None:
    """Like ``block``; a request that was streamed has left already, there is nothing to stop."""
    passage = passage_of(flow)
    if passage is None or not passage.settled:
        block(flow, error)


def refuse_response(flow: http.HTTPFlow, error: BaseException) -> None:
    """The origin is reset, the client gets words."""
    passage = passage_of(flow) or begin(flow)
    passage.refused = f"{RESPONSE_MISTAKE}: {of_mistake(error)}"


def drop_frame(flow: http.HTTPFlow, error: BaseException) -> None:
    """The frame layer relays only what was permitted; nothing to do but to make sure."""
    if flow.websocket is not None and flow.websocket.messages:
        flow.websocket.messages[-1].drop()


def stop_upload(flow: http.HTTPFlow, error: BaseException) -> None:
    """The upload ends with a reset towards the origin and 413 for the client."""
    passage = passage_of(flow)
    if passage is not None and passage.upload is not None:
        passage.upload.stop(UPLOAD_MISTAKE)


def stop_download(flow: http.HTTPFlow, error: BaseException) -> None:
    """The answer ends with a reset on both sides."""
    passage = passage_of(flow)
    if passage is not None and passage.download is not None:
        passage.download.stop(RESPONSE_MISTAKE)


def refuse_layer(data: Any, error: BaseException) -> None:
    """The client's connection is closed."""
    replace_layer(data, Refused)


def close_handshake(data: Any, error: BaseException) -> None:
    """No TLS context, so the handshake fails."""
    data.ssl_conn = None


def refuse_connection(data: Any, error: BaseException) -> None:
    """The connection is not opened."""
    data.server.error = of_mistake(error)


def let_pass(flow: http.HTTPFlow, _error: BaseException) -> None:
    """Observing changes nothing, so the request goes on as it came."""
    passage = passage_of(flow) or begin(flow)
    passage.answered = False
    passage.drained = None
    passage.looked_at = False
    passage.settled = passage.forwarded = True
    passage.upload = None
    flow.request.stream = True


def let_response_pass(flow: http.HTTPFlow, _error: BaseException) -> None:
    """The response goes on as it came."""
    if (passage := passage_of(flow)) is not None:
        passage.held_response = False
        passage.download = None


def let_frame_pass(flow: http.HTTPFlow, _error: BaseException) -> None:
    """The message goes on as it came."""
    if flow.websocket is not None and flow.websocket.messages:
        permit(flow.websocket.messages[-1])


def nothing(_data: Any, _error: BaseException) -> None:
    """The hook decides nothing that could let something out."""


_RESET: Final = "the origin is reset, 502 with words"
_LINES: Final = (
    Line("requestheaders", "the request goes on unchanged", "502 with words, the body is thrown away", block, let_pass),
    Line("request", "the request goes on unchanged", "502 with words", block_late, let_pass),
    Line("responseheaders", "the response goes on unchanged", _RESET, refuse_response, let_response_pass),
    Line("response", "the response goes on unchanged", _RESET, refuse_response, let_response_pass),
    Line("websocket_message", "the message goes on unchanged", "the message is dropped", drop_frame, let_frame_pass),
    Line("shield_over_budget", "(a hook of ours)", "502 with words, the body is thrown away", block, let_pass),
    Line("shield_response_over_budget", "(a hook of ours)", _RESET, refuse_response, let_response_pass),
    Line("shield_upload", "(a hook of ours)", "the origin is reset, 413 with words", stop_upload),
    Line("shield_download", "(a hook of ours)", "both sides are reset", stop_download),
    Line("next_layer", "mitmproxy's own choice stays", "the client's connection is closed", refuse_layer),
    Line("tls_clienthello", "the connection is opened for reading", "the same: nothing passes unread", nothing),
    Line("tls_start_client", "the handshake goes on or fails", "the handshake fails", close_handshake),
    Line("tls_established_server", "nothing", "nothing: it only remembers", nothing),
    Line("tls_failed_client", "nothing", "nothing: it only remembers", nothing),
    Line("server_connect", "the connection is opened", "it is not opened; the client gets 502", refuse_connection),
    Line("server_connected", "nothing", "nothing: it only remembers", nothing),
    Line("server_connect_error", "nothing", "nothing: it only remembers", nothing),
    Line("error", "nothing", "nothing: it only counts", nothing),
)
TABLE: Final = MappingProxyType({line.hook: line for line in _LINES})


def guarded(hook: str) -> Callable[[Any, Any], Awaitable[None] | None]:
    """The hook *hook*, which calls ``on_<hook>`` of the addon and survives whatever that raises.

    The step is a plain function that returns None when it is done, or a coroutine for what has to wait:
    most messages need no task switch.
    """
    line, name = TABLE[hook], f"on_{hook}"

    def run(self: Any, data: Any) -> Awaitable[None] | None:
        try:
            rest = getattr(self, name)(data)
        except (Exception, asyncio.CancelledError) as error:
            _fail(self, line, data, error)
            return None
        return None if rest is None else _wait(self, line, data, rest)

    run.__name__ = hook
    return run


async def _wait(addon: Any, line: Line, data: Any, rest: Coroutine[Any, Any, None]) -> None:
    """Wait for the rest of a hook; a cancelled wait would leave the flow hanging without an answer."""
    try:
        await rest
    except (Exception, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError) and (task := asyncio.current_task()) is not None:
            task.uncancel()
        _fail(addon, line, data, error)


def _fail(addon: Any, line: Line, data: Any, error: BaseException) -> None:
    act = line.observing if line.observing is not None and addon.judge.observe else line.fail
    act(data, error)
    try:
        addon.mistaken(line.hook, error)
    except Exception:  # counting a mistake must not make another
        addon.last_mistake = time.monotonic()
