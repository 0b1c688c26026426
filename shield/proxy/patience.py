"""A client is read no faster than its upload can go on, and an origin no faster than its answer is decided about.

mitmproxy reads a client's connection whatever becomes of it: while a stream waits for a hook or a connection its
data is queued, and an HTTP/2 origin whose window is closed has its data buffered, both without limit (a client on the
same machine fills a gigabyte in a second). So after each piece that a client sent its connection is not read
while an upload on it has too much waiting. A question to the person is such a wait, too.

What this costs: other streams of the same connection wait with it, but only behind a megabyte that was taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from weakref import WeakSet

from mitmproxy.proxy import events, layer
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.http._http2 import Http2Client
from mitmproxy.proxy.server import ConnectionHandler

from shield.proxy.patch import wrap

UPLOADS: Final = "_shield_uploads"
SPEAKER: Final = "_shield_speaker"
MOST_EVENTS: Final = 16
"""Pieces of at most 64 KB that may wait for one stream."""
MOST_BUFFERED: Final = 64
"""Frames of mostly 16 KB that may wait for one stream's window."""
PAUSE_SECONDS: Final = 0.004

Commands = layer.CommandGenerator[Any]


def install() -> None:
    """Wrap the reading of connections, and the place where an upload begins to stream."""
    wrap(ConnectionHandler, "server_event", _reads_slowly)
    wrap(HttpStream, "start_request_stream", _is_an_upload)
    wrap(Http2Client, "__init__", _is_known)


def watch(stream: HttpStream) -> None:
    """From now on both sides of *stream* are read no faster than the stream goes on."""
    client = stream.context.client
    found = getattr(client, UPLOADS, None)
    if found is None:
        found = WeakSet[HttpStream]()
        setattr(client, UPLOADS, found)
    found.add(stream)


def _is_known(original: Callable[..., None]) -> Callable[..., None]:
    """What speaks HTTP/2 with an origin can be asked by its connection."""

    def begin(self: Http2Client, context: Any) -> None:
        original(self, context)
        setattr(context.server, SPEAKER, self)

    return begin


def _is_an_upload(original: Callable[..., Commands]) -> Callable[..., Commands]:
    def start_request_stream(self: HttpStream) -> Commands:
        watch(self)
        yield from original(self)

    return start_request_stream


def _reads_slowly(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def server_event(self: Any, event: events.Event) -> None:
        await original(self, event)
        streams = getattr(self.client, UPLOADS, None)
        if streams is not None and isinstance(event, events.DataReceived):
            is_full = has_too_much if event.connection is self.client else _waits_for_us
            while any(is_full(one) for one in streams):  # noqa: ASYNC110  (what changes it is mitmproxy's)
                await asyncio.sleep(PAUSE_SECONDS)

    return server_event


def has_too_much(stream: HttpStream) -> bool:
    """Whether more of an upload was taken than could go on."""
    return _waits_for_us(stream) or _buffered(stream) > MOST_BUFFERED


def _waits_for_us(stream: HttpStream) -> bool:
    """Whether what was taken waits for a hook of ours. Nothing of that depends on what an origin says next, so it may
    wait; a full window does.
    """
    return len(stream._paused_event_queue) > MOST_EVENTS


def _buffered(stream: HttpStream) -> int:
    """Frames that wait for the window of an HTTP/2 origin, or for a stream there."""
    origin = getattr(stream.context.server, SPEAKER, None)
    if origin is None:
        return 0
    waiting = len(origin.stream_queue.get(stream.stream_id, ()))
    ours = origin.our_stream_id.get(stream.stream_id)
    return waiting + (len(origin.h2_conn.stream_buffers.get(ours, ())) if ours is not None else 0)
