"""The inside is reached only where that was meant, and the proxy never reaches itself."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shield.engine import Engine
from shield.policy.inside import read_entry
from shield.proxy.master import Proxy
from shield.proxy.reach import is_inside, is_named_inside, is_reached_from, literal
from tests.end_to_end.conftest import TestKeeper
from tests.end_to_end.origins import Origin

SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "localhost", "localhost.", "LOCALHOST", "0.0.0.0", "[::]", "127.0.0.1.",
)  # fmt: skip
TYPED = "Sec-Fetch-Site: none\r\n"


@pytest.fixture
async def proxies(engine: Engine, tmp_path: Path, authority_file: Path) -> AsyncIterator[Any]:
    """Start a proxy that connects where it is told, with what ``reach:`` says."""
    running: list[Proxy] = []

    async def start(*reach: str) -> int:
        policy = engine.policy
        config = replace(policy.config, reach=tuple(read_entry(one) for one in reach))
        changed = Engine(replace(policy, config=config), engine.person)
        proxy = Proxy(TestKeeper(tmp_path / "home", changed), port=0, upstream_ca=authority_file)
        running.append(proxy)
        return await proxy.start()

    yield start
    for one in running:
        await one.stop()


async def talk(port: int, text: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    try:
        return await asyncio.wait_for(reader.read(4000), 8)
    finally:
        writer.close()


async def speaks_tls(port: int, host: str, origin: int) -> bytes:
    """A tunnel, and a ClientHello in it; what comes back."""
    hello, incoming = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, hello, server_hostname="unnamed.example")
    with contextlib.suppress(ssl.SSLWantReadError):
        tls.do_handshake()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"CONNECT {host}:{origin} HTTP/1.1\r\nHost: {host}:{origin}\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    if b" 200 " not in head.split(b"\r\n")[0]:
        writer.close()
        return b""
    writer.write(hello.read())
    with contextlib.suppress(TimeoutError, ConnectionError):
        return await asyncio.wait_for(reader.read(100), 2)
    return b""


def asking(host: str, port: int, more: str = "", path: str = "/x") -> str:
    return f"GET http://{host}:{port}{path} HTTP/1.1\r\nHost: {host}:{port}\r\n{more}Connection: close\r\n\r\n"


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_page_of_the_web_reaches_nothing_here(plain: Origin, proxies: Any, spelling: str) -> None:
    port = await proxies()
    for more in ("", "Sec-Fetch-Site: cross-site\r\nOrigin: https://shop.example\r\n", "Origin: null\r\n"):
        answer = await talk(port, asking(spelling, plain.port, more))
        assert b" 403 " in answer.split(b"\r\n")[0] or b" 502 " in answer.split(b"\r\n")[0], answer[:200]
        assert b"shield.yaml" in answer
    tunnel = await talk(port, f"CONNECT {spelling}:{plain.port} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n")
    assert b"ok" not in tunnel[-4:]
    assert plain.connections == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_tunnel_that_passes_unopened_reaches_nothing_here(plain: Origin, proxies: Any, spelling: str) -> None:
    """TLS to a host that nobody opens: no request states who asks."""
    port = await proxies()
    assert await speaks_tls(port, spelling, plain.port) == b""
    assert plain.connections == 0


async def test_a_tunnel_that_is_listed_passes(plain: Origin, proxies: Any) -> None:
    """The same tunnel is tried, where ``reach:`` names it: what the test above sees is the check."""
    port = await proxies(f"127.0.0.1:{plain.port}")
    await speaks_tls(port, "127.0.0.1", plain.port)
    assert plain.connections == 1


@pytest.mark.parametrize(
    "more",
    [TYPED, "Sec-Fetch-Site: same-origin\r\n", "Origin: http://127.0.0.1:1\r\n", "Referer: http://localhost/\r\n"],
)
async def test_the_person_reaches_it(plain: Origin, proxies: Any, more: str) -> None:
    port = await proxies()
    for host in ("127.0.0.1", "localhost"):
        assert b" 200 " in (await talk(port, asking(host, plain.port, more))).split(b"\r\n")[0]
    assert plain.connections >= 1


@pytest.mark.parametrize(
    ("page", "target", "is_like"),
    [
        ("127.0.0.1", "127.0.0.1", True), ("localhost", "127.0.0.1", True), ("192.168.1.7", "10.0.0.1", True),
        ("router", "192.168.1.1", True), ("nas.local", "fd00::1", True), ("127.0.0.1", "192.168.1.1", True),
        ("192.168.1.7", "127.0.0.1", False), ("router", "localhost", False), ("nas.local", "127.0.0.1", False),
        ("192.168.1.7", "169.254.169.254", False), ("127.0.0.1", "169.254.169.254", False),
        ("169.254.169.254", "127.0.0.1", False), ("10.0.0.1", "100.100.100.200", False),
        ("10.0.0.1", "fd00:ec2::254", False),
        ("10.0.0.1", "224.0.0.1", False), ("shop.example", "192.168.1.1", False), ("8.8.8.8", "10.0.0.1", False),
    ],
)  # fmt: skip
def test_a_page_at_a_like_address(page: str, target: str, is_like: bool) -> None:
    """A router's page is no page of this machine, and metadata is nobody's page's."""
    assert is_reached_from(page, target) is is_like


async def test_a_mistake_in_the_check_opens_nothing(
    plain: Origin, proxies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the resolver, too, the client gets an answer and nobody a connection."""
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **more: real("127.0.0.1", *args, **more))
    monkeypatch.setattr("shield.proxy.reach.is_inside", lambda address: 1 / 0)
    answer = await talk(await proxies("name.example"), asking("name.example", plain.port))
    assert b" 502 " in answer.split(b"\r\n")[0]
    assert plain.connections == 0


async def test_reach_of_the_configuration(plain: Origin, proxies: Any) -> None:
    """Exact address and port; another port is another address."""
    port = await proxies(f"127.0.0.1:{plain.port}")
    assert b" 200 " in (await talk(port, asking("127.0.0.1", plain.port))).split(b"\r\n")[0]
    assert b" 403 " in (await talk(port, asking("127.0.0.1", plain.port + 1))).split(b"\r\n")[0]


async def test_a_name_that_leads_inside(plain: Origin, proxies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says that nobody else asked: the name has dots, so anybody could have given it that address."""
    real = socket.getaddrinfo

    def resolve(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        inside = {"rebind.example": "127.0.0.1", "intranet.example": "127.0.0.1"}
        return real(inside.get(name, host), *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = await proxies("intranet.example")
    answer = await talk(port, asking("rebind.example", plain.port, TYPED))
    assert b" 502 " in answer.split(b"\r\n")[0]
    assert b"reach:" in answer
    assert plain.connections == 0
    assert b" 200 " in (await talk(port, asking("intranet.example", plain.port))).split(b"\r\n")[0]


async def test_the_proxy_never_reaches_itself(proxies: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **more: real("127.0.0.1", *args, **more))
    port = await proxies("127.0.0.1", "loop.example", "localhost")
    for host in ("127.0.0.1", "localhost", "0x7f000001", "loop.example", "[::1]", "0.0.0.0"):
        answer = await talk(port, asking(host, port, TYPED))
        assert b"itself" in answer, (host, answer[:300])


@pytest.mark.parametrize(
    ("text", "inside"),
    [("10.1.2.3", True), ("172.16.0.1", True), ("192.168.0.1", True), ("169.254.169.254", True),
     ("100.100.100.200", True),
     ("224.0.0.1", True), ("255.255.255.255", True), ("0.0.0.0", True), ("fd00:ec2::254", True), ("fe80::1%eth0", True),
     ("::ffff:10.0.0.1", True), ("64:ff9b::a00:1", True), ("2002:a00:1::", True), ("ff02::1", True),
     ("::127.0.0.1", True),
     ("8.8.8.8", False), ("1.1", False), ("2606:4700:4700::1111", False), ("fec0::1", True), ("::ffff:8.8.8.8", False)],
)  # fmt: skip
def test_addresses(text: str, inside: bool) -> None:
    address = literal(text)
    assert address is not None
    assert is_inside(address) is inside


@pytest.mark.parametrize("name", ["localhost", "a.localhost", "router", "printer.local", "nas."])
def test_names_that_mean_something_here(name: str) -> None:
    assert is_named_inside(name)
    assert literal(name) is None


def test_entries() -> None:
    ten = read_entry("10.0.0.0/8")
    assert ten.holds("x", ipaddress.ip_address("10.1.1.1"), 80)
    assert not ten.holds("x", ipaddress.ip_address("11.1.1.1"), 80)
    assert read_entry("[fd00::1]:8080").holds("x", ipaddress.ip_address("fd00::1"), 8080)
    assert read_entry("fd00::/8").holds("x", ipaddress.ip_address("fd00::1"), 1)
    for wrong in ("", "a b", "127.0.0.1:99999", "http://x", "1.2.3"):
        with pytest.raises(ValueError, match="no address"):
            read_entry(wrong)
