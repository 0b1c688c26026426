"""No verdict, no connection.

A hook that raises, a hook that was removed, a body that began to stream by itself, a flow that is played
again: in mitmproxy each of them ends with the request at the origin. So the gate does not stand in a hook.
It stands where mitmproxy opens a connection, or takes one that is open already, on behalf of a flow: only
a flow that carries the Forward verdict of ``addon`` passes. Everything else ends with words for the client.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import wsproto.handshake
from mitmproxy import flow as mitmproxy_flow
from mitmproxy.proxy import commands, layer
from mitmproxy.proxy.layers import tcp, udp
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.http._events import ErrorCode, RequestHeaders, ResponseProtocolError

from shield.proxy import closing, expecting, framing, patience, streaming, trailers, websocket
from shield.proxy.passage import forget, passage_of
from shield.proxy.patch import wrap
from shield.proxy.refusal import refuse
from shield.proxy.words import NO_VERDICT, RAW, marked

Commands = layer.CommandGenerator[Any]
Step = Callable[..., Commands]


def install() -> None:
    """Put the gate around mitmproxy; idempotent, for the whole process.

    Raises:
        ShieldError: this mitmproxy lacks a method that has to be wrapped.
    """
    wrap(HttpStream, "state_wait_for_request_headers", _forgets_old_verdicts)
    wrap(HttpStream, "make_server_connection", _needs_a_verdict)
    wrap(HttpStream, "check_killed", _refuses)
    wrap(HttpStream, "check_invalid", _refuses_other_protocols)
    wrap(HttpStream, "handle_connect_regular", _asks_before_connecting)
    wrap(tcp.TCPLayer, "start", _refuses_raw)
    wrap(udp.UDPLayer, "start", _refuses_raw)
    tcp.TCPLayer._handle_event = tcp.TCPLayer.start
    udp.UDPLayer._handle_event = udp.UDPLayer.start
    closing.install()
    patience.install()
    expecting.install()
    streaming.install()
    framing.install()
    trailers.install()
    websocket.install()


def is_installed() -> bool:
    """Whether the gate stands: asked once more before the proxy says that it is ready."""
    return hasattr(HttpStream.make_server_connection, "_shield_wraps")


def _forgets_old_verdicts(original: Step) -> Step:
    """A replayed flow is a new message."""

    def state_wait_for_request_headers(self: HttpStream, event: RequestHeaders) -> Commands:
        if event.replay_flow is not None:
            forget(event.replay_flow)
        yield from original(self, event)

    return state_wait_for_request_headers


def _needs_a_verdict(original: Step) -> Step:
    """The gate itself; mitmproxy calls this for new connections and for those it uses again."""

    def make_server_connection(self: HttpStream) -> Commands:
        passage = passage_of(self.flow)
        if passage is None or not passage.forwarded:
            error = ResponseProtocolError(self.stream_id, marked(NO_VERDICT), ErrorCode.CONNECT_FAILED)
            yield from self.handle_protocol_error(error)
            return False
        passage.asked = yield from original(self)
        return passage.asked

    return make_server_connection


def _refuses(original: Step) -> Step:
    """mitmproxy asks after each hook whether the flow was killed; a refused one ends here, with words."""

    def check_killed(self: HttpStream, emit_error_hook: bool) -> Commands:
        passage = passage_of(self.flow)
        if passage is not None and passage.refused:
            yield from refuse(self, passage.refused, ErrorCode.GENERIC_SERVER_ERROR)
            return True
        return (yield from original(self, emit_error_hook))

    return check_killed


def _refuses_other_protocols(original: Step) -> Step:
    """A 101 that leads to anything but a WebSocket would open a blind tunnel."""

    def check_invalid(self: HttpStream, request: bool) -> Commands:
        response = self.flow.response
        if not request and response is not None and response.status_code == 101 and not _leads_to_websocket(self):
            yield commands.CloseConnection(self.flow.server_conn)
            yield from refuse(self, RAW, ErrorCode.RESPONSE_VALIDATION_FAILED)
            return True
        return (yield from original(self, request))

    return check_invalid


def _leads_to_websocket(stream: HttpStream) -> bool:
    """The condition under which mitmproxy itself reads frames (HttpStream.send_response)."""
    request, response = stream.flow.request, stream.flow.response
    version = request.headers.get("Sec-WebSocket-Version", "").encode("latin-1", "replace")
    return bool(
        response is not None
        and response.headers.get("upgrade", "").lower() == "websocket"
        and version == wsproto.handshake.WEBSOCKET_VERSION
        and stream.context.options.websocket
    )


def _asks_before_connecting(original: Step) -> Step:
    """After CONNECT nothing is opened, whatever ``connection_strategy`` says; the next layer decides at once.

    mitmproxy would ask for the next layer when the client's first bytes arrive. Protocols in which the
    server speaks first would hang in a tunnel that passes anyway, so the question is put at the start.
    """

    def handle_connect_regular(self: HttpStream) -> Commands:
        self.child_layer = layer.NextLayer(self.context, ask_on_start=True)
        yield from self.handle_connect_finish()

    return handle_connect_regular


def _refuses_raw(original: Step) -> Step:
    """Bytes that nobody can read pass only where policy passes the whole connection (``ignore``)."""

    def start(self: tcp.TCPLayer | udp.UDPLayer, event: Any) -> Commands:
        if self.flow is not None:
            self.flow.error = mitmproxy_flow.Error(marked(RAW))
            self._handle_event = _done
            yield commands.CloseConnection(self.context.client)
            return
        yield from original(self, event)

    return start


def _done(_event: Any) -> Commands:
    yield from ()
