"""The WebSocket layer: a frame leaves only with a verdict, and nothing travels beside the frames.

mitmproxy relays a message whose hook raised, and relays ping payloads (125 bytes) and close reasons
(123 bytes) without any hook, writing them into its log. Here

- a message is relayed only if the addon marked this very message (``permit``); no mark, no frame;
- a ping goes on without its payload, and the pong that answers it gets the payload back (RFC 6455,
  section 5.5.3: a client compares the two);
- a close goes on without its reason; messages above the limit close with 1009, mistakes with 1011.
"""

from __future__ import annotations

import time
from typing import Any

import wsproto.events
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.layers import websocket
from mitmproxy.proxy.layers.websocket import (
    Fragmentizer,
    WebsocketConnection,
    WebsocketEndHook,
    WebsocketLayer,
    WebsocketMessageHook,
    WebSocketMessageInjected,
)
from mitmproxy.websocket import WebSocketMessage
from wsproto.connection import ConnectionState
from wsproto.frame_protocol import CloseReason, Opcode

from shield.proxy.passage import passage_of

Commands = layer.CommandGenerator[Any]

LIMIT_BYTES = 1_000_000
PERMITTED = "_shield_permitted"


def install() -> None:
    """Let HTTP streams upgrade to the layer below."""
    websocket.WebsocketLayer = FrameLayer  # type: ignore[misc]


def permit(message: WebSocketMessage) -> None:
    """Mark *message* as one that may go on."""
    setattr(message, PERMITTED, True)


class FrameLayer(WebsocketLayer):
    """Relays what was permitted."""

    def __init__(self, context: Any, flow: Any) -> None:
        super().__init__(context, flow)
        self._payloads: dict[bool, bytes] = {}  # of the last ping, by whether the client sent it

    def relay_messages(self, event: events.Event) -> Commands:
        """One event of either side; a mistake closes both."""
        try:
            yield from self._relay(event)
        except Exception:  # mitmproxy would log it, values and all, and leave both sides open
            yield from self._close(CloseReason.INTERNAL_ERROR, from_client=False)

    def _relay(self, event: events.Event) -> Commands:
        from_client = self._is_from_client(event)
        source = self.client_ws if from_client else self.server_ws
        if isinstance(event, WebSocketMessageInjected):
            source._events.extend(Fragmentizer([], event.message.type == Opcode.TEXT)(event.message.content))
        else:
            source.receive_data(event.data if isinstance(event, events.DataReceived) else None)
        for happened in source.events():
            if self._handle_event == self.done:
                return
            yield from self._one(happened, source, from_client)

    def _is_from_client(self, event: events.Event) -> bool:
        if isinstance(event, WebSocketMessageInjected):
            return bool(event.message.from_client)
        return bool(isinstance(event, events.ConnectionEvent) and event.connection == self.context.client)

    def _one(self, happened: wsproto.events.Event, source: WebsocketConnection, from_client: bool) -> Commands:
        match happened:
            case wsproto.events.Message():
                yield from self._part(happened, source, from_client)
            case wsproto.events.Ping():
                self._payloads[from_client] = bytes(happened.payload)
                yield self._other(from_client).send2(wsproto.events.Ping(b""))
            case wsproto.events.Pong():
                payload = self._payloads.pop(not from_client, b"")
                yield self._other(from_client).send2(wsproto.events.Pong(payload))
            case wsproto.events.CloseConnection():
                yield from self._close(happened.code, from_client=from_client)

    def _other(self, from_client: bool) -> WebsocketConnection:
        return self.server_ws if from_client else self.client_ws

    def _part(self, part: Any, source: WebsocketConnection, from_client: bool) -> Commands:
        """Collect the fragments of one message, within the limit."""
        is_text = isinstance(part.data, str)
        source.frame_buf[-1] += part.data.encode() if is_text else bytes(part.data)
        if sum(map(len, source.frame_buf)) > LIMIT_BYTES:
            yield from self._close(CloseReason.MESSAGE_TOO_BIG, from_client=from_client)
        elif part.message_finished:
            fragments, source.frame_buf = source.frame_buf, [b""]
            yield from self._message(fragments, is_text, from_client)
        elif part.frame_finished:
            source.frame_buf.append(b"")

    def _message(self, fragments: list[bytes], is_text: bool, from_client: bool) -> Commands:
        """Ask the addon about one message; relay it if it was permitted."""
        messages = self.flow.websocket.messages if self.flow.websocket is not None else []
        opcode = Opcode.TEXT if is_text else Opcode.BINARY
        message = WebSocketMessage(opcode, from_client, b"".join(fragments))
        messages.append(message)
        yield WebsocketMessageHook(self.flow)
        messages.clear()
        if getattr(message, PERMITTED, False) and not message.dropped:
            for frame in Fragmentizer(fragments, is_text)(message.content):
                yield self._other(from_client).send2(frame)
        passage = passage_of(self.flow)
        if passage is not None and passage.close_code is not None:
            yield from self._close(passage.close_code, from_client=from_client)

    def _close(self, code: int, *, from_client: bool) -> Commands:
        """Close both sides with *code* and no reason."""
        if self._handle_event == self.done:
            return
        self._handle_event = self.done
        if (data := self.flow.websocket) is not None:
            data.timestamp_end = time.time()
            data.closed_by_client = from_client
            data.close_code = code
            data.close_reason = ""
        for side in (self.server_ws, self.client_ws):
            if side.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
                yield side.send2(wsproto.events.CloseConnection(code, None))
            yield commands.CloseConnection(side.conn)
        yield WebsocketEndHook(self.flow)
        self.flow.live = False
