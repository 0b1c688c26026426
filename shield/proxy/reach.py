"""What the proxy connects to: never itself, and the inside (this machine, private networks) only where that was meant.

A page of the web that could reach 127.0.0.1, a router or a metadata service through the proxy would have what browsers
deny it. So there are two questions. **Before a request goes on**: a target that is written as an inside address, as
``localhost``, a name without a dot or ``.local`` needs a reason: ``reach:`` in the configuration, a page at such an
address, or a browser that says nobody else asked (``Sec-Fetch-Site: none`` or ``same-origin``, which no page can set).
**After a name was resolved, for every address that is tried**: inside addresses are dropped unless that first question
was asked of this very target, or ``reach:`` names it. One resolution serves check and connection, so that a name which
changes between the two gains nothing.

Sources: IANA special-purpose address registries (``ipaddress``); RFC 6052 section 2.1 (NAT64); RFC 6761, 6762 (names);
W3C Fetch Metadata; inet_aton(3) for the spellings of IPv4.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Final
from weakref import WeakKeyDictionary

from mitmproxy.connection import Client, Server

from shield.message import Request
from shield.policy.inside import ReachEntry
from shield.proxy.upstream import Upstream
from shield.proxy.words import OWN_PORT, marked, not_reached, of_mistake
from shield.services.domains import host_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_SHARED: Final = ipaddress.IPv4Network("100.64.0.0/10")
_PRIVATE: Final = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_METADATA: Final = frozenset({ipaddress.ip_address("fd00:ec2::254")})
"""Of clouds, where private networks have them (the others are link-local or shared)."""
_NUMBERS: Final = re.compile(r"(?:0[xX][0-9a-fA-F]+|[0-9]+)(?:\.(?:0[xX][0-9a-fA-F]+|[0-9]+)){0,3}")
_ALONE: Final = (b"none", b"same-origin")
_connecting: ContextVar[Callable[[Address, int], str | None] | None] = ContextVar("shield_connecting", default=None)


def literal(host: str) -> Address | None:
    """The address that *host* is, in any spelling that resolvers read: ``127.1``, ``0x7f000001``, ``[::1]``."""
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    with contextlib.suppress(ValueError):
        return _unwrapped(ipaddress.ip_address(bare))
    if _NUMBERS.fullmatch(bare):
        with contextlib.suppress(OSError, ValueError):
            return ipaddress.IPv4Address(socket.inet_aton(bare))
    return None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that is wrapped in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64 or (not int(address) >> 32 and int(address) > 1):  # ::a.b.c.d
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_inside(address: Address) -> bool:
    """Whether it is not of the public internet: loopback, private, shared, link-local, multicast, reserved."""
    is_odd = (
        address.is_multicast or address.is_reserved or address in _SHARED or getattr(address, "is_site_local", False)
    )
    return is_odd or not address.is_global


def is_reached_from(page: str, target: str) -> bool:
    """Whether a page at one host may reach another: this machine from this machine, a private network from there or
    from here; metadata, link-local and multicast addresses from no page.
    """
    return _zone(target) in {"here": ("here", "near"), "near": ("near",)}.get(_zone(page), ())


def _zone(host: str) -> str:
    """``here``, ``near``, ``web``, or ``never`` for what no page has to do with."""
    address = literal(host)
    if address is None:
        name = host.rstrip(".").lower()
        is_here = name == "localhost" or name.endswith(".localhost")
        return "here" if is_here else "near" if is_named_inside(host) else "web"
    if address.is_loopback:
        return "here"
    if not is_inside(address):
        return "web"
    is_private = any(address in one for one in _PRIVATE if one.version == address.version)
    return "near" if is_private and address not in _METADATA else "never"


def is_named_inside(host: str) -> bool:
    """Whether a name can only mean something here."""
    bare = host.rstrip(".").lower()
    return ("." not in bare and ":" not in bare) or bare.endswith((".localhost", ".local"))


class Reach:
    """Both questions.

    Args:
        entries: what ``reach:`` says now.
        upstream: exact addresses that the caller connects to in place of others.
    """

    def __init__(self, entries: Callable[[], Sequence[ReachEntry]], upstream: Upstream) -> None:
        self._entries = entries
        self._upstream = upstream
        self._mapped = frozenset((literal(host), port) for host, port in upstream.targets)
        self._meant: WeakKeyDictionary[Client, set[tuple[str, int]]] = WeakKeyDictionary()
        self.listening: frozenset[int] = frozenset()

    def refusal(self, request: Request, client: Client) -> str | None:
        """Words, if this request must not reach where it is written to; else it is remembered as meant."""
        host, port = request.host, request.port
        address = literal(host)
        if address is not None and self.is_own(address, port):
            return OWN_PORT
        if self._upstream.target_of(host) is not None:
            return None
        if not (is_named_inside(host) if address is None else is_inside(address)):
            return None
        if not (self._is_listed(host, address, port) or _is_meant(request)):
            return not_reached(host, port)
        self._meant.setdefault(client, set()).add((host, port))
        return None

    def is_own(self, address: Address, port: int) -> bool:
        """Whether our own listener is there."""
        return port in self.listening and (
            address.is_loopback or address.is_unspecified or _is_of_this_machine(address)
        )

    def begin(self, client: Client, server: Server, asked: tuple[str, int]) -> str | None:
        """Before *server* is opened, which *asked* names: check what is an address, or each that a name resolves to.

        Returns:
            Words, if it must not be opened.
        """
        host, port = asked
        is_meant = (host, port) in self._meant.get(client, ())

        def refuses(address: Address, at: int) -> str | None:
            if self.is_own(address, at):
                return OWN_PORT
            if not is_inside(address) or is_meant or (address, at) in self._mapped:
                return None
            return None if self._is_listed(host, address, at) else not_reached(host, at)

        _install(asyncio.get_running_loop())
        _connecting.set(refuses)
        target = server.address[0] if server.address is not None else host
        address = literal(target)
        return refuses(address, server.address[1] if server.address is not None else port) if address else None

    def _is_listed(self, host: str, address: Address | None, port: int) -> bool:
        return any(one.holds(host, address, port) for one in self._entries())


def _is_meant(request: Request) -> bool:
    """Whether the person, or a page at a like address, asks."""
    if request.header(b"sec-fetch-site") in _ALONE:
        return True
    origin = request.header(b"origin")
    page = (origin if origin is not None else request.header(b"referer") or b"").decode("latin-1")
    host = host_of(page)
    return host is not None and is_reached_from(host, request.host)


def _is_of_this_machine(address: Address) -> bool:
    """Whether one could listen there."""
    family = socket.AF_INET if isinstance(address, ipaddress.IPv4Address) else socket.AF_INET6
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((str(address), 0))
        return True
    return False


def _said(refuses: Callable[[Address, int], str | None], peer: Any) -> str | None:
    """Words, if a resolved address must not be tried; a mistake of ours refuses it."""
    try:
        return refuses(_unwrapped(ipaddress.ip_address(str(peer[0]).partition("%")[0])), int(peer[1]))
    except Exception as error:
        return of_mistake(error)


def _install(loop: asyncio.AbstractEventLoop) -> None:
    """Put the check between the resolver and whoever connects; once for a loop."""
    real = loop.getaddrinfo
    if getattr(real, "_shield_checks", False):
        return

    async def getaddrinfo(host: Any, port: Any, **more: Any) -> list[Any]:
        found = await real(host, port, **more)
        refuses = _connecting.get()
        if refuses is None:
            return found
        kept, words = [], None
        for one in found:
            said = _said(refuses, one[4])
            words = said or words
            kept += [] if said else [one]
        if not kept and words is not None:
            raise OSError(marked(words))
        return kept

    getaddrinfo._shield_checks = True  # type: ignore[attr-defined]
    loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign]
