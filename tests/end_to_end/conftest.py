"""A real proxy in the test's own event loop, origins on loopback, and clients that trust only our CA."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from shield.data import data_path
from shield.engine import Engine
from shield.policy.load import Sources, load
from shield.proxy.addon import Addon
from shield.proxy.master import Proxy
from tests.end_to_end import origins
from tests.people import DictBook, sample_person

HOSTS = ("tracker.example", "shop.example", "ads.example", "login.example", "other.example", "127.0.0.1")
RULES = Path(__file__).parent / "rules.yaml"


class Questions:
    """The person, who answers at once."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.default: str | None = None
        self.asked: list[Any] = []

    async def wait(self, questions: Any, seconds: float) -> dict[str, str]:
        self.asked += questions
        return {one.key: self.default or one.otherwise for one in questions}


@dataclass
class Place:
    path: Path


class TestKeeper:
    """The keeper's surface, without files."""

    __test__ = False

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home = Place(home)
        self.engine = engine
        self.book = DictBook()
        self.answers: dict[str, str] = {}
        self.questions = Questions()
        self.outcomes: list[Any] = []

    def store(self, issued: Any) -> None:
        self.book.add(issued)

    def prepare(self) -> None:
        self.engine.matcher.prepare()

    def make_persona(self, scope: str) -> None:
        known = self.engine.person.personas
        self.engine = Engine(self.engine.policy, sample_person(*known, scope))

    def record_outcome(self, outcome: Any, *, now: Any, size_bytes: int | None = None) -> None:
        self.outcomes.append(outcome)

    def reload_if_changed(self) -> list[str]:
        return []


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def authority_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("origin-ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(*HOSTS, key_type=trustme.KeyType.ECDSA)


def server_context(certificate: trustme.LeafCert, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


@pytest.fixture
async def h1(certificate: trustme.LeafCert) -> AsyncIterator[origins.Origin]:
    """An HTTP/1.1 origin with TLS."""
    async with origins.http1(server_context(certificate, "http/1.1")) as origin:
        yield origin


@pytest.fixture
async def h2(certificate: trustme.LeafCert) -> AsyncIterator[origins.Origin]:
    """An HTTP/2 origin."""
    async with origins.http2(server_context(certificate, "h2")) as origin:
        yield origin


@pytest.fixture
async def plain() -> AsyncIterator[origins.Origin]:
    """An HTTP/1.1 origin without TLS."""
    async with origins.http1() as origin:
        yield origin


@pytest.fixture
async def ws(certificate: trustme.LeafCert) -> AsyncIterator[origins.Origin]:
    """A WebSocket origin with TLS."""
    async with origins.websocket(server_context(certificate, "http/1.1")) as origin:
        yield origin


@pytest.fixture
def origin(request: pytest.FixtureRequest) -> origins.Origin:
    """Indirect: the origin that a test names, h1 or h2."""
    found: origins.Origin = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def policy() -> Any:
    return load(Sources(shipped=(RULES,), person=(), config=data_path("configs") / "shield.yaml"))


@pytest.fixture(scope="session")
def engine(policy: Any) -> Engine:
    """One for all: it is immutable, and writing out what it looks for takes a moment."""
    made = Engine(policy, sample_person("tracker", "shop|other.example", "ads", "shop", "tracker|other.example"))
    made.matcher.prepare()
    return made


@pytest.fixture
def keeper(engine: Engine, tmp_path: Path) -> TestKeeper:
    return TestKeeper(tmp_path / "home", engine)


class PrefersHttp2(ssl.SSLContext):
    """httpx offers http/1.1 first; browsers offer h2 first."""

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        super().set_alpn_protocols(sorted(alpn_protocols, reverse=False, key=lambda one: one != "h2"))


@dataclass
class Running:
    """A proxy that runs, and how to reach it."""

    proxy: Proxy
    keeper: TestKeeper
    port: int
    trust: ssl.SSLContext

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, *, http2: bool = False, trusting: bool = True) -> httpx.AsyncClient:
        context = PrefersHttp2(ssl.PROTOCOL_TLS_CLIENT)
        if trusting:
            context.load_verify_locations(str(self.proxy.ca_certificate))
        return httpx.AsyncClient(proxy=self.url, verify=context, http2=http2, timeout=15, trust_env=False)

    async def tunnel(
        self, host: str, port: int = 443, *, alpn: tuple[str, ...] = ("http/1.1",), sni: str | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A CONNECT, and TLS with our certificate in it."""
        reader, writer = await self.connect(host, port)
        context = ssl.create_default_context(cafile=str(self.proxy.ca_certificate))
        context.set_alpn_protocols(list(alpn))
        context.check_hostname = False
        await writer.start_tls(context, server_hostname=sni or host)
        return reader, writer

    async def connect(self, host: str, port: int = 443) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A CONNECT that was answered with 200."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        assert b" 200 " in head.split(b"\r\n")[0], head
        return reader, writer


@pytest.fixture
async def run(keeper: TestKeeper, authority_file: Path) -> AsyncIterator[Any]:
    """Start a proxy whose every connection leads to one origin."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(origin: origins.Origin, **more: Any) -> Running:
            proxy = Proxy(
                more.pop("keeper", keeper), port=0, upstream_map={"*": ("127.0.0.1", origin.port)},
                upstream_ca=authority_file, **more,
            )  # fmt: skip
            port = await proxy.start()
            stack.push_async_callback(proxy.stop)
            return Running(proxy, keeper, port, ssl.create_default_context(cafile=str(proxy.ca_certificate)))

        yield start


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No look-up of any name: what is asked for anything but loopback fails the test."""
    real = socket.getaddrinfo

    def lookup(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in ("127.0.0.1", "localhost", "::1", None, ""):
            raise AssertionError(f"somebody looked up {name}")
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.fixture(autouse=True)
def mistakes(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What went wrong inside hooks, with the traceback that the log does not show."""
    seen: list[BaseException] = []
    real = Addon.mistaken

    def mistaken(self: Addon, hook: str, error: BaseException) -> None:
        seen.append(error)
        if "broken on purpose" not in str(error):
            traceback.print_exception(error)
        real(self, hook, error)

    monkeypatch.setattr(Addon, "mistaken", mistaken)
    return seen


FACTS = ("anna@real.example", "Schmidt", "+4915112345678", "Hauptstr", "anna87", "4111111111111111", "1987-03-14")


@pytest.fixture(autouse=True)
def no_value_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test sends, no log line of anybody holds a known fact."""
    caplog.set_level(logging.DEBUG)
    yield
    lines = [record.getMessage() + (record.exc_text or "") for record in caplog.get_records("call")]
    assert not [line for line in lines for fact in FACTS if fact in line]
