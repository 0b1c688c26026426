"""A connection that was closed by command is closed.

mitmproxy cancels the task that reads a connection and closes the socket where that task notices. A task
that is cancelled while it waits for its turn to hand over data leaves by another way, and the socket stays
open: the peer waits for ever. (Met with a WebSocket closed in the middle of a large message.)
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.proxy.server import ConnectionHandler

from shield.proxy.patch import wrap


def install() -> None:
    """Wrap the reading of connections."""
    wrap(ConnectionHandler, "handle_connection", _closes)


def _closes(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def handle_connection(self: Any, connection: Connection) -> None:
        try:
            await original(self, connection)
        finally:
            left = self.transports.pop(connection, None)  # the regular way has taken it out
            if left is not None and left.writer is not None:
                connection.state = ConnectionState.CLOSED
                with contextlib.suppress(OSError):
                    left.writer.close()

    return handle_connection
