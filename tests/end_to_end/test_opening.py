"""What is opened, what passes as bytes, what is closed; which host a request is for."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from shield.errors import InputError
from shield.proxy import tls
from shield.proxy.master import Proxy
from tests.end_to_end.origins import Origin


@contextlib.asynccontextmanager
async def greeter() -> Any:
    """A server that speaks first, as SMTP does, and writes down what it hears."""
    origin = Origin()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        origin.connections += 1
        writer.write(b"220 hello\r\n")
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                origin.received += data
                writer.write(b"250 " + data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()


@pytest.mark.parametrize("host", ["other.example", "login.example"])
async def test_what_is_not_opened_passes_at_once(host: str, run: Any) -> None:
    """Unnamed hosts and those that a guard covers wholly; also where the server speaks first."""
    async with greeter() as origin:
        here = await run(origin)
        reader, writer = await here.connect(host, 25)
        assert await asyncio.wait_for(reader.readline(), 5) == b"220 hello\r\n"
        writer.write(b"\x00\x01 anna@real.example\r\n")
        assert await asyncio.wait_for(reader.readline(), 5) == b"250 \x00\x01 anna@real.example\r\n"
        writer.close()
        assert here.proxy.counters["not looked at"] == 1


async def test_tls_of_a_host_that_is_not_opened_is_the_origins_own(h1: Origin, run: Any, authority_file: Path) -> None:
    """Our certificate does not come into it."""
    here = await run(h1)
    context = ssl.create_default_context(cafile=str(authority_file))
    async with httpx.AsyncClient(proxy=here.url, verify=context, timeout=10) as client:
        response = await client.get("https://login.example/signin?email=anna@real.example")
    assert response.text == "ok"
    assert h1.requests[0].target == b"/signin?email=anna@real.example"


async def test_raw_bytes_in_an_opened_host_are_refused(h1: Origin, run: Any) -> None:
    """In the tunnel, and inside TLS."""
    here = await run(h1)
    for port in (443, 53):
        reader, writer = await here.connect("tracker.example", port)
        writer.write(b"\x00\x01\x02 anna@real.example \x00\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
    reader, writer = await here.tunnel("tracker.example", alpn=())
    writer.write(b"\x00\x01\x02 anna@real.example \x00\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert b"anna" not in answer
    writer.close()
    assert h1.connections == 0


async def test_a_switch_to_another_protocol_is_refused(h1: Origin, run: Any) -> None:
    """Upgrade does not leave; a 101 that comes all the same opens no tunnel."""
    here = await run(h1)
    reader, writer = await here.tunnel("tracker.example")
    writer.write(
        b"GET /switch HTTP/1.1\r\nHost: tracker.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: foo\r\n\r\n"
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 502 " in head.split(b"\r\n")[0]
    writer.write(b"anna@real.example raw bytes")
    await asyncio.sleep(0.1)
    writer.close()
    assert h1.requests[0].header(b"upgrade") is None
    assert h1.requests[0].header(b"connection") == b"keep-alive"
    assert b"anna" not in bytes(h1.received)


async def test_h2c_does_not_get_through(plain: Origin, run: Any) -> None:
    """Neither the upgrade nor prior knowledge."""
    here = await run(plain)
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(
        b"GET http://shop.example/ HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 200 " in head
    assert b"pgrade" not in bytes(plain.received)
    assert b"http2-settings" not in bytes(plain.received).lower()
    writer.close()


@pytest.mark.parametrize(
    ("connect", "sni", "host"),
    [
        ("shop.example", "shop.example", "tracker.example"),
        ("shop.example", "tracker.example", "shop.example"),
        ("tracker.example", "shop.example", "shop.example"),
    ],
)
async def test_a_request_for_another_host_gets_421(connect: str, sni: str, host: str, h1: Origin, run: Any) -> None:
    """Rules would see one host and the bytes reach another."""
    here = await run(h1)
    reader, writer = await here.tunnel(connect, sni=sni)
    writer.write(f"GET /?email=anna@real.example HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 421 " in head.split(b"\r\n")[0]
    writer.close()
    assert h1.connections == 0


@pytest.mark.parametrize("lines", ["Host: shop.example\r\nHost: tracker.example\r\n", "Host: tracker.example\r\n"])
async def test_plain_http_names_one_host(lines: str, plain: Origin, run: Any) -> None:
    """The absolute form and Host agree."""
    here = await run(plain)
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(f"GET http://shop.example/ HTTP/1.1\r\n{lines}\r\n".encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 421 " in head
    writer.close()
    assert plain.connections == 0


@pytest.mark.parametrize("host", ["SHOP.Example:443", "shop.example."])
async def test_the_same_host_in_another_spelling(host: str, h1: Origin, run: Any) -> None:
    """Case, port and trailing dot make no difference."""
    here = await run(h1)
    reader, writer = await here.tunnel("shop.example")
    writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert h1.requests[0].header(b"host") == host.encode()


async def test_an_address_waits_for_the_name(h1: Origin, run: Any, authority_file: Path) -> None:
    """CONNECT 127.0.0.1: the ClientHello decides whether it is opened."""
    here = await run(h1)
    reader, writer = await here.tunnel("127.0.0.1", sni="tracker.example")
    writer.write(b"GET /blocked/x HTTP/1.1\r\nHost: tracker.example\r\n\r\n")
    assert b" 204 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert h1.connections == 0
    reader, writer = await here.connect("127.0.0.1")
    await writer.start_tls(ssl.create_default_context(cafile=str(authority_file)), server_hostname="other.example")
    writer.write(b"GET /x HTTP/1.1\r\nHost: other.example\r\n\r\n")
    assert b" 200 " in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    assert here.proxy.counters["not looked at"] == 1


async def test_plain_http_follows_the_same_function(plain: Origin, run: Any) -> None:
    """An opened host is judged, another one is passed and counted."""
    here = await run(plain)
    async with here.client() as client:
        assert (await client.get("http://tracker.example/blocked/x")).status_code == 204
        assert (await client.get("http://other.example/blocked/x?cid=1.2")).text == "ok"
    assert [one.target for one in plain.requests] == [b"/blocked/x?cid=1.2"]
    assert here.proxy.counters["not looked at"] == 1


async def test_http1_origins_are_remembered(h1: Origin, run: Any) -> None:
    """From then on clients are offered http/1.1: else each h2 request would open its own connection."""
    here = await run(h1)
    versions = []
    for _ in range(2):
        async with here.client(http2=True) as client:
            versions.append((await client.get("https://shop.example/")).http_version)
    assert versions == ["HTTP/2", "HTTP/1.1"]


async def curl(here: Any, url: str, cafile: Path | None = None, *more: str) -> tuple[int, str]:
    """Exit status of curl, and what it printed. 60: it does not trust the certificate."""
    trust = ("--cacert", str(cafile)) if cafile else ()
    process = await asyncio.create_subprocess_exec(
        "curl", "-sS", "-m", "10", "-x", here.url, *trust, *more, url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 15)
    return process.returncode or 0, out.decode()


async def test_a_client_that_refuses_our_certificate(h1: Origin, run: Any) -> None:
    """It is refused, and counted for the doctor."""
    here = await run(h1)
    for _ in range(2):
        assert (await curl(here, "https://shop.example/"))[0] == 60
    assert h1.connections == 0
    assert here.proxy.refusals == {"shop.example": 2}
    assert here.proxy.counters["refused our certificate"] == 2


async def test_a_pinned_host_passes_after_our_certificate_worked(h1: Origin, run: Any, authority_file: Path) -> None:
    """For ten minutes, for this client and host; a client that never trusted us opens nothing by failing."""
    here = await run(h1)
    ours = here.proxy.ca_certificate
    for _ in range(2):
        assert (await curl(here, "https://ads.example/", authority_file))[0] == 60
    assert await curl(here, "https://shop.example/", ours) == (0, "ok")  # now our CA has worked
    assert (await curl(here, "https://ads.example/", authority_file))[0] == 60
    assert await curl(here, "https://ads.example/", authority_file) == (0, "ok")
    assert (await curl(here, "https://tracker.example/", authority_file))[0] == 60
    assert here.proxy.counters["not looked at: pinned"] == 1


async def test_the_certificate_is_served_to_other_devices(plain: Origin, run: Any) -> None:
    """At a magic host, over plain HTTP, without asking anybody."""
    here = await run(plain)
    async with here.client() as client:
        response = await client.get("http://shield.internal/")
    certificate = x509.load_pem_x509_certificate(response.content)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert b"PRIVATE" not in response.content
    assert plain.connections == 0


async def test_the_key_of_the_ca(h1: Origin, run: Any) -> None:
    """Mode 0600 in a folder of mode 0700, and the same one at the next start."""
    here = await run(h1)
    folder = here.proxy.ca_certificate.parent
    assert stat.S_IMODE((folder / tls.CA_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    before = here.proxy.ca_certificate.read_bytes()
    assert tls.ensure_ca(folder).read_bytes() == before
    here.proxy.ca_certificate.unlink()
    assert tls.ensure_ca(folder).read_bytes() == before


async def test_a_busy_port_is_a_line_and_a_hint(h1: Origin, run: Any, keeper: Any) -> None:
    """And leaves nothing behind: the next start works."""
    with pytest.raises(InputError, match="cannot listen") as error:
        await Proxy(keeper, port=h1.port).start()
    assert "--port" in error.value.hint
    here = await run(h1)
    with pytest.raises(InputError, match="running"):
        await Proxy(keeper, port=0).start()
    assert here.port


def test_it_listens_on_this_machine_only(keeper: Any) -> None:
    """Beyond loopback it does not start."""
    with pytest.raises(InputError):
        Proxy(keeper, host="0.0.0.0")


async def test_an_origin_that_nobody_vouches_for_is_refused(run: Any, authority: Any) -> None:
    """Its certificate is of another authority: nothing is sent, the client reads why."""
    import trustme

    from tests.end_to_end import origins
    from tests.end_to_end.conftest import server_context

    stranger = trustme.CA().issue_cert("shop.example")
    async with origins.http1(server_context(stranger, "http/1.1")) as origin:
        here = await run(origin)
        async with here.client() as client:
            response = await client.get("https://shop.example/?email=anna@real.example")
        assert response.status_code == 502
        assert "Certificate verify failed" in response.text
        assert bytes(origin.received) == b""


@pytest.mark.parametrize("version", ["12", None, "13"])
async def test_a_websocket_that_nobody_reads_is_refused(version: str | None, h1: Origin, run: Any) -> None:
    """Of another version than frames are read of, or of the right one where reading them is switched off."""
    here = await run(h1)
    if version == "13":
        here.proxy._master.options.update(websocket=False)
    lines = f"Sec-WebSocket-Version: {version}\r\n" if version is not None else ""
    reader, writer = await here.tunnel("tracker.example")
    writer.write(
        b"GET /switch?websocket HTTP/1.1\r\nHost: tracker.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + lines.encode() + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )  # fmt: skip
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 502 " in head.split(b"\r\n")[0]
    writer.write(b"anna@real.example raw bytes")
    await asyncio.sleep(0.1)
    writer.close()
    assert b"anna" not in bytes(h1.received)
