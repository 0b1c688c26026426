"""Where to connect instead: for tests and the demo, whose origins listen on a port of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from weakref import WeakKeyDictionary

from mitmproxy.connection import Address, Server

from shield.proxy.hosts import normal

ANY = "*"


class Upstream:
    """Puts another address into a connection while it is opened.

    Only for that moment: mitmproxy finds a connection that it can use again by its address, and names the
    host in the TLS handshake by it.
    """

    def __init__(self, instead: Mapping[str, tuple[str, int]]) -> None:
        self._instead = {normal(host) if host != ANY else ANY: address for host, address in instead.items()}
        self._real: WeakKeyDictionary[Server, Address] = WeakKeyDictionary()

    @property
    def targets(self) -> tuple[tuple[str, int], ...]:
        """Every address that is connected to in place of another."""
        return tuple(self._instead.values())

    def target_of(self, host: str) -> tuple[str, int] | None:
        """What is connected to in place of *host*."""
        return self._instead.get(host) or self._instead.get(ANY)

    def lead(self, server: Server) -> None:
        """Before *server* is opened."""
        if not self._instead or server.address is None:
            return
        address = self.target_of(normal(server.address[0]))
        if address is not None:
            self._real[server] = server.address
            server.address = address

    def forget(self, server: Server) -> None:
        """*server* is open, or could not be opened: its own address again."""
        real = self._real.pop(server, None)
        if real is not None:
            vars(server)["address"] = real  # mitmproxy's setter refuses while the connection is open
