"""Origins on loopback that write down every byte: HTTP/1.1, HTTP/2 and WebSocket, with TLS or without."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events
import websockets.asyncio.server as ws_server


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for *condition*, at most so long."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@dataclass
class Arrived:
    """One request as it arrived."""

    line: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    complete: bool = False
    reset: int | None = None

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def target(self) -> bytes:
        return self.line.split(b" ")[1]


@dataclass
class Origin:
    """What an origin saw, and how it answers.

    Attributes:
        received: all bytes after TLS was taken off, HTTP/2 frames included.
        connections: TCP connections that were accepted.
        replies: target without query -> (status, headers, body); else 200 with "ok".
    """

    port: int = 0
    received: bytearray = field(default_factory=bytearray)
    connections: int = 0
    requests: list[Arrived] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    pings: list[bytes] = field(default_factory=list)
    closed: tuple[int | None, str] | None = None
    replies: dict[bytes, tuple[int, list[tuple[bytes, bytes]], bytes]] = field(default_factory=dict)

    def reply(self, target: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        return self.replies.get(target.partition(b"?")[0], (200, [(b"content-type", b"text/plain")], b"ok"))

    def forget(self) -> None:
        self.received.clear()
        self.requests.clear()
        self.connections = 0

    async def seen(self, count: int = 1, seconds: float = 5) -> None:
        """Wait until *count* requests have arrived."""
        await until(lambda: len(self.requests) >= count, seconds)

    async def settled(self, number: int = 0, seconds: float = 5) -> Arrived:
        """Wait until request *number* is complete, or was reset."""
        await self.seen(number + 1, seconds)
        arrived = self.requests[number]
        await until(lambda: arrived.complete or arrived.reset is not None, seconds)
        return arrived


@contextlib.asynccontextmanager
async def http1(tls: ssl.SSLContext | None = None) -> AsyncIterator[Origin]:
    """An HTTP/1.1 origin; with TLS it offers ``http/1.1`` alone."""
    origin = Origin()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        origin.connections += 1
        try:
            while await _one_http1(origin, reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()
            if origin.requests and not origin.requests[-1].complete:
                origin.requests[-1].reset = -1

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        await _stop(server, tasks)


async def _stop(server: asyncio.Server, tasks: set[asyncio.Task[None]]) -> None:
    server.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _one_http1(origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    async def take(wanted: int | bytes) -> bytes:
        try:
            got = await (reader.readuntil(wanted) if isinstance(wanted, bytes) else reader.readexactly(wanted))
        except asyncio.IncompleteReadError as error:
            origin.received += error.partial
            raise
        origin.received += got
        return got

    head = await take(b"\r\n\r\n")
    line, *lines = head[:-4].split(b"\r\n")
    headers = [(name, value.strip()) for name, _, value in (one.partition(b":") for one in lines)]
    arrived = Arrived(line, headers)
    origin.requests.append(arrived)
    if (arrived.header(b"transfer-encoding") or b"").lower() == b"chunked":
        while size := int(await take(b"\r\n"), 16):
            arrived.body += await take(size)
            await take(2)
        await take(b"\r\n")
    else:
        left = int(arrived.header(b"content-length") or 0)
        while left:
            got = await take(min(left, 16_384))
            arrived.body += got
            left -= len(got)
    arrived.complete = True
    if arrived.target.startswith(b"/switch"):
        name = arrived.target.partition(b"?")[2] or b"foo"
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: %s\r\n\r\n" % name)
        origin.received += await reader.read(65536)
        return False
    if arrived.target.startswith(b"/events"):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for number in range(3):
            writer.write(b"9\r\ndata: %d\n\n\r\n" % number)
            await writer.drain()
            await asyncio.sleep(0.3)
        origin.frames.append("the last event")
        writer.write(b"0\r\n\r\n")
        return True
    if arrived.target.startswith(b"/trailers"):
        kind, body = b"text/plain", b"ok"
        if b"rewrite" in arrived.target:
            kind, body = b"application/x-ndjson", b'{"id": "7777", "n": 1}\n'
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n" % kind)
        trailers = b"X-T: 1\r\nDigest: x\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\n"
        writer.write(b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailers))
        return True
    status, fields, body = origin.reply(arrived.target)
    out = b"HTTP/1.1 %d OK\r\n" % status + b"".join(b"%s: %s\r\n" % pair for pair in fields)
    if status not in (204, 304):
        out += b"content-length: %d\r\n" % len(body)
    writer.write(out + b"\r\n" + (b"" if line.startswith(b"HEAD") else body))
    await writer.drain()
    return True


@contextlib.asynccontextmanager
async def http2(tls: ssl.SSLContext) -> AsyncIterator[Origin]:
    """An HTTP/2 origin; the context must offer ``h2``."""
    origin = Origin()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        origin.connections += 1
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await _http2_connection(origin, reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        await _stop(server, tasks)


async def _http2_connection(origin: Origin, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    config = h2.config.H2Configuration(client_side=False, header_encoding=None)
    conn = h2.connection.H2Connection(config)
    conn.initiate_connection()
    writer.write(conn.data_to_send())
    streams: dict[int, Arrived] = {}
    while data := await reader.read(65536):
        origin.received += data
        for event in conn.receive_data(data):
            match event:
                case h2.events.RequestReceived():
                    pseudo = dict(event.headers[:4])
                    line = b"%s %s HTTP/2" % (pseudo[b":method"], pseudo[b":path"])
                    arrived = streams[event.stream_id] = Arrived(line, list(event.headers))
                    origin.requests.append(arrived)
                case h2.events.DataReceived():
                    streams[event.stream_id].body += event.data
                    conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.TrailersReceived():
                    streams[event.stream_id].headers += list(event.headers)
                case h2.events.StreamReset():
                    streams[event.stream_id].reset = event.error_code
                case h2.events.StreamEnded():
                    arrived = streams[event.stream_id]
                    arrived.complete = True
                    status, fields, body = origin.reply(arrived.target)
                    conn.send_headers(event.stream_id, [(b":status", b"%d" % status), *fields])
                    conn.send_data(event.stream_id, body, end_stream=True)
        writer.write(conn.data_to_send())
        await writer.drain()
    for arrived in streams.values():
        if not arrived.complete and arrived.reset is None:
            arrived.reset = -1


@contextlib.asynccontextmanager
async def websocket(tls: ssl.SSLContext | None = None) -> AsyncIterator[Origin]:
    """A WebSocket origin that echoes text and writes down messages, pings and the close."""
    origin = Origin()

    async def serve(connection: ws_server.ServerConnection) -> None:
        origin.connections += 1
        origin.requests.append(Arrived(connection.request.path.encode(), []))
        try:
            async for message in connection:
                origin.frames.append(message)
                await connection.send(message if isinstance(message, str) else f"{len(message)} bytes")
        except Exception:
            pass
        origin.closed = (connection.close_code, connection.close_reason or "")

    class Noting(ws_server.ServerConnection):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)

        def process_event(self, event: Any) -> None:
            if getattr(event, "opcode", None) == 9:
                origin.pings.append(bytes(event.data))
            super().process_event(event)

    server = await ws_server.serve(
        serve, "127.0.0.1", 0, ssl=tls, create_connection=Noting, ping_interval=None, max_size=None
    )
    origin.port = next(iter(server.sockets)).getsockname()[1]
    try:
        yield origin
    finally:
        server.close()
        await asyncio.wait_for(server.wait_closed(), 5)
