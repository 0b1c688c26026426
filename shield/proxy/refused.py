"""Choosing what reads a connection: replacing the layer that mitmproxy chose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context


class Refused(layer.Layer):
    """A next layer that closes the client's connection and reads nothing."""

    def _handle_event(self, event: events.Event) -> layer.CommandGenerator[None]:
        if isinstance(event, events.Start):
            yield commands.CloseConnection(self.context.client)


def replace_layer(data: layer.NextLayer, make: Callable[[Context], layer.Layer] | None) -> None:
    """Put another layer in place of the one that was chosen; None: decide when more bytes are there.

    A layer enters itself into ``context.layers`` when it is made, and a TLS layer notes that its
    connection has TLS: both are taken back.
    """
    context = data.context
    if data.layer is not None:
        chosen: Any = data.layer
        if chosen in context.layers:
            del context.layers[context.layers.index(chosen) :]
        data.layer = None
        if not context.client.tls_established:
            context.client.tls = False
        if not context.server.tls_established:
            context.server.tls = False
    if make is not None:
        data.layer = make(context)
