"""Requests per second and CPU per request: Shield with all shipped rules against bare mitmdump, interleaved.

Run:  uv run python tests/bench/proxy_bench.py [--rounds 3] [--requests 1000]

TLS on both legs, HTTP/1.1 keep-alive, 16 connections, JSON POSTs of 1 KB and 10 KB to one origin on loopback. The
rounds alternate between the two proxies, so that a busy machine slows both. The CPU time is the proxy's
process alone. Three kinds of message: ``left alone`` (a guard: what the proxy itself costs), ``read`` (every field
opened and searched, nothing found, nothing edited), ``edited`` (a tracker's beacon with identifiers in its
query, read twice: before and after the edit).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme

CONNECTIONS = 16
BEACON = (
    "/g/collect?v=2&tid=G-TEST12345&cid=1234567890.1700000000&sid=1700000000&en=scroll&dl=https%3A%2F%2Fshop.example%2F"
)
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NAME = "a thing of some kind, with words that tell what it is"
KINDS = {
    "left alone": ("www.amazon.de", "/gp/buy/spc/handlers/display.html"),
    "read": ("www.google.com", "/async/things"),
    "edited": ("www.google-analytics.com", BEACON),
}
HOSTS = [host for host, _ in KINDS.values()]
TICKS = os.sysconf("SC_CLK_TCK")

SHIELD = """
import asyncio, gc, sys, time
from pathlib import Path
began = time.perf_counter()
from shield.keeper import Keeper
from shield.proxy.master import Proxy
home, port, origin, ca = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
async def main():
    keeper = Keeper.open(home)
    proxy = Proxy(keeper, port=port, upstream_map={"*": ("127.0.0.1", origin)}, upstream_ca=ca)
    await proxy.start()
    gc.collect()
    gc.freeze()  # as shield run does
    print(f"ready {time.perf_counter() - began:.2f}", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
LEAD = """
from mitmproxy import ctx
class Lead:
    def server_connect(self, data):
        self.real = data.server.address
        data.server.address = ("127.0.0.1", %d)
    def server_connected(self, data):
        vars(data.server)["address"] = self.real
addons = [Lead()]
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Proxied:
    """One proxy process."""

    name: str
    process: subprocess.Popen[str]
    port: int
    ca: Path
    seconds_to_ready: float
    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)

    def cpu_seconds(self) -> float:
        """Of the proxy's process, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self) -> float:
        """Resident memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise SystemExit(f"a proxy ended with {process.returncode}")
        time.sleep(0.05)
    raise SystemExit("a proxy did not start")


@contextmanager
def running(name: str, command: list[str], port: int, ca: Path, **environment: str) -> Iterator[Proxied]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True, env={**os.environ, **environment})
    try:
        wait_for(port, process)
        yield Proxied(name, process, port, ca, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(10)


async def origin(certificate: trustme.LeafCert) -> asyncio.Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    context.set_alpn_protocols(["http/1.1"])
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
                await reader.readexactly(length)
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)


def request(kind: str, size: int) -> bytes:
    """One POST with JSON of about 35 bytes a field."""
    host, target = KINDS[kind]
    body: dict[str, Any] = {"items": [], "language": "de-de"}
    while len(json.dumps(body)) < size - 90:
        body["items"].append({"id": len(body["items"]), "name": NAME})
    content = json.dumps(body).encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n"
        "Accept: */*\r\nAccept-Language: de,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
        "Origin: https://shop.example\r\nReferer: https://shop.example/\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\n"
        f"Sec-Fetch-Site: {'cross-site' if kind == 'edited' else 'same-origin'}\r\n\r\n"
    )
    if kind != "edited":
        head = head.replace("https://shop.example", f"https://{host}")
    return head.encode() + content


async def load(proxy: Proxied, kind: str, size: int, count: int) -> float:
    """Requests per second over CONNECTIONS keep-alive connections; they are opened before the clock runs."""
    context = ssl.create_default_context(cafile=str(proxy.ca))
    host, message = KINDS[kind][0], request(kind, size)

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await writer.start_tls(context, server_hostname=host)
        await exchange(reader, writer)
        return reader, writer

    async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{proxy.name} answered {head.splitlines()[0]!r}")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)

    async def many(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(count // CONNECTIONS):
            await exchange(reader, writer)

    pairs = [await connect() for _ in range(CONNECTIONS)]
    before, began = proxy.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(many(*pair) for pair in pairs))
    seconds, used = time.perf_counter() - began, proxy.cpu_seconds() - before
    for _, writer in pairs:
        writer.close()
    done = count // CONNECTIONS * CONNECTIONS
    key = f"{kind}, {size // 1000} KB"
    proxy.rates.setdefault(key, []).append(done / seconds)
    proxy.cpu.setdefault(key, []).append(used / done * 1e6)
    return done / seconds


async def measure(rounds: int, count: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(ca))
        server = await origin(authority.issue_cert(*HOSTS, key_type=trustme.KeyType.ECDSA))
        port = server.sockets[0].getsockname()[1]
        (folder / "lead.py").write_text(LEAD % port)
        bin_folder = Path(sys.executable).parent
        shield_port, bare_port = free_port(), free_port()
        home = folder / "home"
        shield = stack.enter_context(running(
            "shield", [sys.executable, "-c", SHIELD, str(home), str(shield_port), str(port), str(ca)], shield_port,
            home / "ca" / "shield-ca.crt",
        ))  # fmt: skip
        bare = stack.enter_context(running(
            "bare mitmdump", [
                str(bin_folder / "mitmdump"), "-q", "-p", str(bare_port), "--listen-host", "127.0.0.1",
                "-s", str(folder / "lead.py"), "--set", f"confdir={folder / 'mitmproxy'}",
                "--set", f"ssl_verify_upstream_trusted_ca={ca}",
            ], bare_port, folder / "mitmproxy" / "mitmproxy-ca-cert.pem",
        ))  # fmt: skip
        for _ in range(rounds):
            for size in (1000, 10_000):
                for kind in KINDS:
                    for proxy in (shield, bare):
                        await load(proxy, kind, size, count)
        report(shield, bare)
        server.close()


def report(shield: Proxied, bare: Proxied) -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':34}{'shield':>22}{'bare mitmdump':>22}{'ratio':>8}")
    for key in shield.rates:
        ours, theirs = shield.rates[key], bare.rates[key]
        ratio = statistics.median(ours) / statistics.median(theirs)
        print(f"{key:34}{_spread(ours):>20}/s{_spread(theirs):>20}/s{ratio:>8.2f}")
        print(f"{'  CPU per request':34}{_spread(shield.cpu[key]):>19} µs{_spread(bare.cpu[key]):>19} µs")
    print(f"{'seconds to ready':34}{shield.seconds_to_ready:>22.2f}{bare.seconds_to_ready:>22.2f}")
    print(f"{'RSS at the end, MB':34}{shield.rss_mb():>22.0f}{bare.rss_mb():>22.0f}")


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({min(values):.0f}..{max(values):.0f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=1000)
    given = parser.parse_args()
    asyncio.run(measure(given.rounds, given.requests))
