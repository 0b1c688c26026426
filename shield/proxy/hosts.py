"""Which host a request is for, when four places may name one.

CONNECT, SNI, Host and :authority are independent. Rules see Host or :authority; if that differs from the
CONNECT name or the SNI, the request would be judged as one host's and arrive at another's. Such a request
is answered 421 (RFC 9110, section 15.5.20); browsers repeat it on a connection of its own by themselves.
"""

from __future__ import annotations

import ipaddress

from mitmproxy import http

from shield.cleared import Cleared
from shield.errors import ShieldError


class WrongHost(ShieldError):
    """The request names another host than the connection it came on."""


_NORMAL = Cleared()


def normal(name: str) -> str:
    """Lower case, IDNA, without port, brackets and trailing dot; an IP address in its shortest form."""
    if hash(name) in _NORMAL.numbers:
        return name
    found = _normal(name.strip().lower())
    if found == name:
        _NORMAL.add(hash(name))
    return found


def _normal(name: str) -> str:
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    name = name.rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def is_address(name: str) -> bool:
    """Whether *name* (as ``normal`` makes it) is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def of(request: http.Request, sni: str | None, *, ech: bool = False) -> str:
    """The host that rules see.

    Args:
        sni: the name in the client's TLS handshake, None without TLS or name.
        ech: the handshake's real name was encrypted; then the CONNECT name alone counts.

    Raises:
        WrongHost: two of the names differ, or there are several Host headers.
    """
    named = [value for name, value in request.data.headers.fields if name.lower() == b"host"]
    if request.data.authority:
        named.append(request.data.authority)
    hosts = {normal(value.decode("latin-1")) for value in named}
    connected = normal(request.data.host)
    if len(hosts) > 1 or sum(name.lower() == b"host" for name, _ in request.data.headers.fields) > 1:
        raise WrongHost("the request names more than one host")
    host = hosts.pop() if hosts else connected
    if host != connected and not is_address(connected):
        raise WrongHost("the request names another host than the connection is for")
    if sni and not ech and host != normal(sni):
        raise WrongHost("the request names another host than the TLS handshake did")
    return host
