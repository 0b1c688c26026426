"""What is opened: which connections are read, which pass as bytes, and which are closed.

``policy.opens`` decides by host. A tunnel to a name that policy does not open passes at once, before its
first byte, so that protocols in which the server speaks first work. A tunnel to an IP address waits for the
ClientHello (or the Host header) and goes by the name in it. What is opened and is neither TLS nor HTTP is
closed: nobody could tell what is in it.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from mitmproxy.addons.next_layer import NeedsMoreData, NextLayer
from mitmproxy.proxy import layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import ClientTLSLayer, HttpLayer, ServerTLSLayer, TCPLayer
from mitmproxy.proxy.layers.http import HttpStream
from mitmproxy.proxy.layers.modes import DestinationKnown

from shield.policy.opens import opens
from shield.policy.rule import Policy
from shield.proxy.hosts import is_address, normal
from shield.proxy.refused import Refused, replace_layer

_METHOD = re.compile(rb"[A-Za-z!#$%&'*+.^_`|~0-9-]{1,32}( |$)")
"""The start of an HTTP/1 request, or of an HTTP/2 preface (RFC 9110, section 5.6.2: tokens)."""
READ = (HttpLayer, ServerTLSLayer, ClientTLSLayer)
"""Layers in which everything that leaves goes through a hook of ours and through the gate."""
REMEMBERED = 4096


class Opening:
    """Decides about tunnels; remembers what policy said about a host until the policy changes."""

    def __init__(self, policy: Callable[[], Policy], counters: Counter[str]) -> None:
        self._policy = policy
        self._counters = counters
        self._known_policy: Policy | None = None
        self._known: dict[str, bool] = {}

    def opens(self, host: str) -> bool:
        """Whether messages to *host* (as ``hosts.normal`` makes it) are read."""
        policy = self._policy()
        if policy is not self._known_policy or len(self._known) > REMEMBERED:
            self._known_policy, self._known = policy, {}
        known = self._known.get(host)
        if known is None:
            known = self._known[host] = opens(policy, host).opened
        return known

    def choose(self, data: layer.NextLayer) -> None:
        """Look at the layer that mitmproxy chose, and replace it where ours is another."""
        context = data.context
        parents = context.layers
        if data.layer is not None and data.layer in parents:
            parents = parents[: parents.index(data.layer)]
        if parents and isinstance(parents[-1], (HttpStream, DestinationKnown)) and context.server.address:
            self._tunnel(data, normal(context.server.address[0]))
        elif not _is_readable(data):
            self._close(data)

    def _tunnel(self, data: layer.NextLayer, host: str) -> None:
        """A tunnel to *host*, before or at its first bytes."""
        first = data.data_client()
        if not is_address(host):
            wanted = self.opens(host)
        elif not first:
            replace_layer(data, None)
            return
        else:
            try:
                named = _named_in(data.context, first)
            except NeedsMoreData:
                replace_layer(data, None)
                return
            wanted = self.opens(named or host)
        if not wanted:
            self._pass(data)
        elif not first:
            replace_layer(data, None)
        elif not _is_readable(data):
            self._close(data)

    def _pass(self, data: layer.NextLayer) -> None:
        self._counters["not looked at"] += 1
        replace_layer(data, _blind)

    def _close(self, data: layer.NextLayer) -> None:
        self._counters["closed: neither TLS nor HTTP"] += 1
        replace_layer(data, Refused)


def _is_readable(data: layer.NextLayer) -> bool:
    """Whether mitmproxy chose a layer that reads, and HTTP for nothing else than HTTP."""
    if isinstance(data.layer, HttpLayer):
        first = data.data_client()
        return not first or _METHOD.match(first) is not None
    return data.layer is None or isinstance(data.layer, READ)


def _blind(context: Context) -> layer.Layer:
    return TCPLayer(context, ignore=True)


def _named_in(context: Context, first: bytes) -> str | None:
    """The name in a ClientHello or a Host header.

    Raises:
        NeedsMoreData: it has not arrived wholly.
    """
    hello = NextLayer._get_client_hello(context, first)
    name = hello.sni if hello is not None else NextLayer._get_host_header(context, first, b"")
    return normal(name) if name else None
