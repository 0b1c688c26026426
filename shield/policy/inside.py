"""``reach:`` of the configuration: what of this machine and of private networks the proxy may connect to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ENTRY: Final = re.compile(
    r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:\[\]]+)|(?P<bare>[0-9a-fA-F:/.]+))(?::(?P<port>\d{1,5}))?"
)
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")


@dataclass(frozen=True, slots=True)
class ReachEntry:
    """One entry: a name to the letter, or a network, and a port (None: any)."""

    name: str | None
    network: Network | None
    port: int | None

    def holds(self, host: str, address: object, port: int) -> bool:
        """Whether it names a target: as it was written, or an address that it resolved to."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return self.name == host
        return isinstance(address, ipaddress.IPv4Address | ipaddress.IPv6Address) and address in self.network


def read_entry(text: str) -> ReachEntry:
    """``192.168.1.1``, ``10.0.0.0/8``, ``[fd00::1]:8080``, ``printer.local``, ``router:80``.

    Raises:
        ValueError: it is none of these.
    """
    found = _ENTRY.fullmatch(text.strip())
    port = int(found["port"]) if found and found["port"] else None
    host = (found["six"] or found["host"] or found["bare"]).lower().rstrip(".") if found else ""
    if not host or (port is not None and not 0 < port < 65536):
        raise ValueError("no address, network or name")
    try:
        return ReachEntry(None, ipaddress.ip_network(host, strict=False), port)
    except ValueError:
        if not _NAME.fullmatch(host) or host.replace(".", "").isdigit():
            raise ValueError("no address, network or name") from None
    return ReachEntry(host, None, port)
