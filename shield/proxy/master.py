"""Proxy: a lean mitmproxy with Shield in it, inside a running event loop.

Of mitmproxy's addons only those that make a proxy: core, proxyserver, next_layer, tlsconfig, disable_h2c,
and ours as the last, so that nothing edits a message after us. It listens on 127.0.0.1, connects late
(``lazy``), keeps its CA in its own folder, and verifies origins with certifi.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Protocol

from mitmproxy import options
from mitmproxy.addons import core, disable_h2c, next_layer, proxyserver, tlsconfig
from mitmproxy.master import Master
from mitmproxy.utils import asyncio_utils

from shield.errors import InputError, ShieldError
from shield.proxy import gate, logs, quick
from shield.proxy.addon import Addon
from shield.proxy.dispatch import TableAddonManager
from shield.proxy.judge import Keeping
from shield.proxy.reloading import follow
from shield.proxy.tls import ensure_ca

STOP_SECONDS: Final = 5.0
SWITCH_SECONDS: Final = 0.0005
"""While the worker thread reads a large body, the event loop gets its turn after this long (5 ms else)."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

_running: set[Proxy] = set()


class LeanMaster(Master):
    """mitmproxy's master without the parts that people look at."""

    def __init__(self, opts: options.Options, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(opts, loop)
        self._legacy_log_events.uninstall()
        self.addons = TableAddonManager(self)

    async def start(self, addon: Addon) -> proxyserver.Proxyserver:
        """Add the addons and listen.

        Raises:
            OSError: the port is busy, or may not be used.
        """
        server = proxyserver.Proxyserver()
        self.addons.add(
            core.Core(), server, next_layer.NextLayer(), tlsconfig.TlsConfig(), disable_h2c.DisableH2C(), addon
        )
        self.options.update(
            connection_strategy="lazy", rawtcp=False, stream_large_bodies=None, body_size_limit=None,
            store_streamed_bodies=False,
        )  # fmt: skip
        await server.setup_servers()
        for instance in server.servers:
            if instance.last_exception is not None:
                raise instance.last_exception
        await self.running()
        return server

    async def stop(self, server: proxyserver.Proxyserver) -> None:
        """Stop listening, close what is open, and tell the addons."""
        await server.servers.update([])
        for handler in list(server.connections.values()):
            transport = handler.transports.get(handler.client)
            if transport is not None and transport.handler is not None:
                transport.handler.cancel("the proxy stops")
        for _ in range(int(STOP_SECONDS / 0.01)):
            if not server.connections:
                break
            await asyncio.sleep(0.01)
        await self.done()


class _Home(Protocol):
    @property
    def path(self) -> Path: ...


class Housed(Keeping, Protocol):
    """A keeper with a home folder; the CA lies there."""

    @property
    def home(self) -> _Home:
        """Where everything lies that is kept for a person."""


class Proxy:
    """Shield's proxy. One at a time in a process: mitmproxy keeps its options in a module.

    Attributes:
        ca_certificate: what devices are to trust; there once ``start`` has returned.
        counters: what happened since the start.
    """

    def __init__(
        self,
        keeper: Housed,
        *,
        home: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 8080,
        upstream_map: Mapping[str, tuple[str, int]] | None = None,
        upstream_ca: Path | None = None,
        observe: bool = False,
    ) -> None:
        if host not in LOOPBACK:
            raise InputError(f"shield listens on this machine only, not on {host}", "use 127.0.0.1")
        self._keeper = keeper
        self._folder = (home or keeper.home.path) / "ca"
        self._host, self._port = host, port
        self._upstream_ca = upstream_ca
        self.ca_certificate = ensure_ca(self._folder)
        self.addon = Addon(keeper, observe=observe, certificate=self.ca_certificate, upstream_map=upstream_map)
        self._stack = ExitStack()
        self._master: LeanMaster | None = None
        self._server: proxyserver.Proxyserver | None = None
        self._reloading: asyncio.Task[None] | None = None

    @property
    def counters(self) -> Counter[str]:
        """What happened since the start, by words that people read."""
        return self.addon.counters

    @property
    def refusals(self) -> Mapping[str, int]:
        """How often clients refused our certificate, by host: for ``shield doctor``."""
        return self.addon.handshakes.refusals

    async def start(self) -> int:
        """Listen; return the port.

        Raises:
            InputError: the port is busy, or another proxy runs in this process.
        """
        if _running:
            raise InputError("a proxy is running in this process already", "stop it first")
        gate.install()
        quick.install()
        if not gate.is_installed():
            raise ShieldError("the gate could not be installed, so the proxy does not start")
        self._enter()
        loop = asyncio.get_running_loop()
        self._master = LeanMaster(self._options(), loop)
        try:
            self._server = await self._master.start(self.addon)
        except OSError as error:
            await self._master.done()
            self._leave()
            raise InputError(
                f"cannot listen on {self._host}:{self._port} ({error.strerror or type(error).__name__})",
                f"shield run --port {self._port + 1}",
            ) from None
        except BaseException:
            self._leave()
            raise
        self._reloading = asyncio_utils.create_task(follow(self._keeper), name="reload", keep_ref=True)
        addresses = self._server.listen_addrs()
        self.addon.reach.listening = frozenset(int(one[1]) for one in addresses)
        return int(addresses[0][1])

    async def stop(self) -> None:
        """Stop listening and close every connection. A second call does nothing."""
        if self._reloading is not None:
            self._reloading.cancel()
            self._reloading = None
        if self._master is not None and self._server is not None:
            await self._master.stop(self._server)
        self._master = self._server = None
        self._leave()

    def _options(self) -> options.Options:
        chosen: dict[str, Any] = {
            "confdir": str(self._folder), "listen_host": self._host, "listen_port": self._port,
            "mode": ["regular"], "ssl_insecure": False,
        }  # fmt: skip
        if self._upstream_ca is not None:
            chosen["ssl_verify_upstream_trusted_ca"] = str(self._upstream_ca)
        return options.Options(**chosen)

    def _enter(self) -> None:
        """What holds for the process while the proxy runs; ``_leave`` takes it back."""
        _running.add(self)
        self._stack.callback(_running.discard, self)
        self._stack.enter_context(logs.only_own_words())
        self._stack.enter_context(asyncio_utils.set_eager_task_factory())
        self._stack.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(SWITCH_SECONDS)

    def _leave(self) -> None:
        self._stack.close()
