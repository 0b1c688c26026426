"""A large upload through ``shield run``: how much memory it takes above the resting memory, and how fast it is.

Run:  uv run python tests/bench/upload_bench.py [--megabytes 2048] [--ways h1-length h1-chunked h2 ...]

The command itself, in a home of its own with all shipped rules and the seven facts of the demo; the origin (TLS,
HTTP/1.1 and HTTP/2, on loopback) throws the body away, the client sends it as fast as it is taken. Memory is the
proxy's resident set, read every 50 ms while the upload runs. ``blocked`` is an upload to a tracker: it is read up to
the limit, then reset. ``fact`` has a known fact at the end: the origin must not receive it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import trustme

from shield.data import data_path
from shield.demo.home import make_keeper
from shield.demo.traces import EMAIL

MB = 1_000_000
FACT = b" %s " % EMAIL.encode()
HOST, TRACKER = "localhost", "127.0.0.1"
CHUNK = 65_536
FILL = bytes(range(33, 127)) * (CHUNK // 94 + 1)
RECORD = json.dumps({"kind": "row", "n": 12345, "text": "words that say little, as in most records", "ok": True})
LINES = (RECORD.encode() + b"\n") * (CHUNK // (len(RECORD) + 1))

TRACKING = """
company: A tracker
services:
  tracker:
    purpose: analytics
    on: [{host: 127.0.0.1}]
"""
TRUST = """
import certifi
certifi.where = lambda: {path!r}
"""
"""Origins are verified with certifi's list; for the one on loopback it is ours. Nothing else of the command changes."""


@dataclass
class Sink:
    """An origin that throws away what it gets."""

    port: int = 0
    received: int = 0
    held_fact: bool = False
    _tail: bytes = field(default=b"", repr=False)

    def take(self, data: bytes) -> None:
        """Count, and look for the fact."""
        self.received += len(data)
        self.held_fact = self.held_fact or FACT.strip() in self._tail + data
        self._tail = data[-40:]


@contextlib.asynccontextmanager
async def sink(context: ssl.SSLContext) -> AsyncIterator[Sink]:
    """Serve HTTP/1.1 and HTTP/2 until the end of the block."""
    one = Sink()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            await (_serve_http2 if chosen == "h2" else _serve_http1)(one, reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=1 << 20)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()


async def _serve_http1(one: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head[:-4].split(b"\r\n")[1:])
    if b"chunked" in lines.get(b"transfer-encoding", b""):
        while size := int(await reader.readline(), 16):
            one.take((await reader.readexactly(size + 2))[:-2])
    else:
        left = int(lines.get(b"content-length", b"0"))
        while left > 0:
            data = await reader.read(min(left, 1 << 20))
            if not data:
                return
            one.take(data)
            left -= len(data)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
    await writer.drain()


async def _serve_http2(one: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    conn = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    conn.initiate_connection()
    while True:
        writer.write(conn.data_to_send())
        await writer.drain()
        data = await reader.read(1 << 18)
        if not data:
            return
        for event in conn.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                one.take(event.data)
                if event.flow_controlled_length:
                    conn.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                conn.send_headers(event.stream_id, [(b":status", b"200"), (b"content-length", b"2")])
                conn.send_data(event.stream_id, b"ok", end_stream=True)


@dataclass
class Result:
    """What one upload did."""

    way: str
    status: str = ""
    sent: int = 0
    arrived: int = 0
    seconds: float = 0.0
    resting_mb: float = 0.0
    peak_mb: float = 0.0
    leaked: bool = False

    @property
    def grown_mb(self) -> float:
        """Memory above the resting memory."""
        return self.peak_mb - self.resting_mb


def resident_mb(pid: int) -> float:
    """The resident set of a process in MB (Linux)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / MB


def body(size: int, *, text: bool, fact: bool) -> Iterator[bytes]:
    """So many bytes, with the fact behind them if asked for."""
    chunk = LINES if text else FILL[:CHUNK]
    left = size
    while left > 0:
        yield chunk[:left] if left < len(chunk) else chunk
        left -= len(chunk)
    if fact:
        yield FACT


WAYS: dict[str, dict[str, Any]] = {
    "h1-length": {"stated": True},
    "h1-chunked": {},
    "h2": {"http2": True},
    "h2-length": {"http2": True, "stated": True},
    "h1-lines": {"text": True, "stated": True},
    "h1-fact": {"stated": True, "fact": True},
    "h2-fact": {"http2": True, "fact": True},
    "blocked": {"host": TRACKER},
    "blocked-h2": {"host": TRACKER, "http2": True},
}


async def upload(port: int, origin: int, ca: Path, way: str, size: int) -> tuple[str, int]:
    """Send one body; status (or what happened) and bytes that were taken."""
    how = WAYS[way]
    host = how.get("host", HOST)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONNECT {host}:{origin} HTTP/1.1\r\nHost: {host}:{origin}\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    context = ssl.create_default_context(cafile=str(ca))
    context.set_alpn_protocols(["h2" if how.get("http2") else "http/1.1"])
    await writer.start_tls(context, server_hostname=host)
    send = _send_http2 if how.get("http2") else _send_http1
    total = size + (len(FACT) if how.get("fact") else 0)
    parts = body(size, text=how.get("text", False), fact=how.get("fact", False))
    kind = "application/x-ndjson" if how.get("text") else "application/octet-stream"
    lines = {"content-type": kind, "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty"}
    lines |= {"origin": "https://other.example"} | ({"content-length": str(total)} if how.get("stated") else {})
    try:
        return await send(reader, writer, f"{host}:{origin}", lines, parts)
    finally:
        writer.close()


async def _send_http1(reader: Any, writer: Any, host: str, lines: dict[str, str], parts: Any) -> tuple[str, int]:
    is_chunked = "content-length" not in lines
    if is_chunked:
        lines = {**lines, "transfer-encoding": "chunked"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"POST /up HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode())
    answer = asyncio.ensure_future(reader.readuntil(b"\r\n"))
    sent = 0
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        for part in parts:
            writer.write(b"%x\r\n%s\r\n" % (len(part), part) if is_chunked else part)
            await writer.drain()
            sent += len(part)
            if answer.done():
                break
        writer.write(b"0\r\n\r\n" if is_chunked else b"")
    try:
        return (await asyncio.wait_for(answer, 60)).split(b" ")[1].decode(), sent
    except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
        return "reset", sent


async def _send_http2(reader: Any, writer: Any, host: str, lines: dict[str, str], parts: Any) -> tuple[str, int]:
    conn = h2.connection.H2Connection()
    conn.initiate_connection()
    head = [(":method", "POST"), (":scheme", "https"), (":path", "/up"), (":authority", host), *lines.items()]
    conn.send_headers(1, head)
    writer.write(conn.data_to_send())
    status, sent = "", 0

    async def listen() -> None:
        nonlocal status
        while not status:
            data = await reader.read(65536)
            if not data:
                status = "reset"
                return
            for event in conn.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"].decode()
                elif isinstance(event, h2.events.StreamReset):
                    status = status or "reset"

    listening = asyncio.ensure_future(listen())
    with contextlib.suppress(h2.exceptions.ProtocolError, ConnectionError, ssl.SSLError):
        for part in parts:
            rest = part
            while rest and not status:
                room = min(conn.local_flow_control_window(1), conn.max_outbound_frame_size)
                if room <= 0:
                    await asyncio.sleep(0.001)
                    continue
                conn.send_data(1, rest[:room])
                rest = rest[room:]
            writer.write(conn.data_to_send())
            await writer.drain()
            sent += len(part)
            if status:
                break
        if not status:
            conn.end_stream(1)
            writer.write(conn.data_to_send())
    await asyncio.wait_for(listening, 60)
    return status, sent


def make_home(folder: Path, origin: int) -> Path:
    """A home with the twin of the demo, every host opened, and a tracker on this machine."""
    make_keeper(folder, data_path("rules")).close()
    home = folder / "home"
    (home / "rules").mkdir(mode=0o700, exist_ok=True)
    (home / "rules" / "tracker.yaml").write_text(TRACKING, encoding="utf-8")
    with (home / "shield.yaml").open("a", encoding="utf-8") as config:
        config.write(f'reach: ["{HOST}:{origin}", "{TRACKER}:{origin}"]\n')
    return home


@contextlib.contextmanager
def running(ca: Path, origin: int) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """``shield run`` in a home of its own: process, port, its CA certificate."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder), origin)
        (Path(folder) / "sitecustomize.py").write_text(TRUST.format(path=str(ca)), encoding="utf-8")
        here = {**os.environ, "SHIELD_HOME": str(home), "PYTHONPATH": folder, "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "shield", "run", "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=here) as one:
            try:
                assert one.stdout is not None
                assert any(line.startswith("listening") for line in one.stdout), "it did not start"
                yield one, port, home / "ca" / "shield-ca.crt"
            finally:
                one.terminate()


async def measure(ways: list[str], megabytes: int, *, is_one: bool = False) -> list[Result]:
    """Each way in a process of its own (*is_one*: all in one), after a small upload that brings everything in."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, TRACKER, key_type=trustme.KeyType.ECDSA).configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    out: list[Result] = []
    with tempfile.TemporaryDirectory() as place:
        ca = Path(place) / "ca.pem"
        authority.cert_pem.write_to_path(str(ca))
        async with sink(context) as origin:
            for group in [ways] if is_one else [[way] for way in ways]:
                with running(ca, origin.port) as (process, port, trust):
                    out += [await _one(way, megabytes, origin, process.pid, port, trust) for way in group]
    return out


async def _one(way: str, megabytes: int, origin: Sink, pid: int, port: int, trust: Path) -> Result:
    first = "h2" if WAYS[way].get("http2") else "h1-length"
    await upload(port, origin.port, trust, first, 2 * MB)
    await asyncio.sleep(0.3)
    origin.received, origin.held_fact = 0, False
    result = Result(way, resting_mb=resident_mb(pid))
    running = asyncio.ensure_future(upload(port, origin.port, trust, way, megabytes * MB))
    began = time.perf_counter()
    while not running.done():
        result.peak_mb = max(result.peak_mb, resident_mb(pid))
        await asyncio.sleep(0.05)
    result.status, result.sent = running.result()
    result.seconds = time.perf_counter() - began
    result.arrived, result.leaked = origin.received, origin.held_fact
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=2048)
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    asked = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {asked.megabytes} MB")
    print(f"{'way':12} {'status':>6} {'sent MB':>8} {'arrived':>8} {'MB/s':>6} {'rest MB':>8} {'grown MB':>9}")
    for one in asyncio.run(measure(asked.ways, asked.megabytes)):
        speed = one.sent / MB / one.seconds
        print(
            f"{one.way:12} {one.status:>6} {one.sent / MB:8.0f} {one.arrived / MB:8.0f} {speed:6.0f}"
            f" {one.resting_mb:8.0f} {one.grown_mb:9.1f}" + ("  LEAKED" if one.leaked else "")
        )


if __name__ == "__main__":
    main()
