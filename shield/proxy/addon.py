"""The addon: every hook of ours, each inside its guard; what they do is told in the modules they call."""

from __future__ import annotations

import logging
import secrets
import time
import urllib.parse
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from mitmproxy import http
from mitmproxy.proxy.layer import NextLayer
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import ClientHelloData, TlsData

from shield.outcome import Outcome
from shield.proxy.frames import Frames
from shield.proxy.hooks import guarded
from shield.proxy.hosts import normal
from shield.proxy.incoming import Incoming
from shield.proxy.judge import Judge, Keeping
from shield.proxy.opening import Opening
from shield.proxy.outgoing import Outgoing
from shield.proxy.passage import passage_of
from shield.proxy.reach import Reach
from shield.proxy.tls import Handshakes
from shield.proxy.upstream import Upstream
from shield.proxy.words import marked
from shield.services.visits import Visits

logger = logging.getLogger("shield.proxy")


class Addon:
    """Hooks of mitmproxy -> engine.

    Attributes:
        counters: what happened since the start, by words that people read.
        last_mistake: when a hook failed for the last time, monotonic seconds; 0 for never.
    """

    name = "shield"

    def __init__(
        self,
        keeper: Keeping,
        *,
        observe: bool = False,
        certificate: Path | None = None,
        upstream_map: Mapping[str, tuple[str, int]] | None = None,
        noted: Callable[[http.HTTPFlow, Outcome[Any]], None] = lambda flow, outcome: None,
    ) -> None:
        self.counters: Counter[str] = Counter()
        self.last_mistake = 0.0
        self.judge = Judge(keeper, self.counters, observe=observe)
        self.opening = Opening(lambda: self.judge.keeper.engine.policy, self.counters)
        self.handshakes = Handshakes(self.counters)
        visits = Visits(secrets.token_bytes(32))
        self.upstream = Upstream(upstream_map or {})
        self.reach = Reach(lambda: self.judge.keeper.engine.policy.config.reach, self.upstream)
        self.outgoing = Outgoing(self.judge, self.opening, self.handshakes, self.reach, visits, certificate, noted)
        self.incoming = Incoming(self.judge, visits)
        self.frames = Frames(self.judge)

    def mistaken(self, hook: str, error: BaseException) -> None:
        """A hook failed; its guard has done what the table says."""
        self.last_mistake = time.monotonic()
        self.counters["mistakes"] += 1
        logger.error("a mistake in %s: %s", hook, type(error).__name__)

    def on_requestheaders(self, flow: http.HTTPFlow) -> None:
        """Line and headers of a request."""
        # mitmproxy reads absolute targets with it, and it would keep the last ones
        urllib.parse.clear_cache()  # type: ignore[attr-defined]
        self.outgoing.head(flow)

    def on_request(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """The whole request."""
        return self.outgoing.whole(flow)

    def on_shield_over_budget(self, flow: http.HTTPFlow) -> Awaitable[None]:
        """A body that is too large to be held."""
        return self.outgoing.over_budget(flow)

    def on_shield_upload(self, flow: http.HTTPFlow) -> Awaitable[None]:
        """A streamed body met a fact."""
        return self.outgoing.upload_asks(flow)

    def on_shield_download(self, flow: http.HTTPFlow) -> Awaitable[None]:
        """A response that is edited while it passes waits for something."""
        return self.incoming.waits(flow)

    def on_responseheaders(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Status and headers of a response."""
        return self.incoming.head(flow)

    def on_response(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """The whole response."""
        return self.incoming.whole(flow)

    def on_shield_response_over_budget(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """A response that is too large to be held."""
        return self.incoming.over_budget(flow)

    def on_websocket_message(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """One message of a WebSocket."""
        return self.frames.message(flow)

    def on_next_layer(self, data: NextLayer) -> None:
        """What reads these bytes."""
        self.opening.choose(data)

    def on_tls_clienthello(self, data: ClientHelloData) -> None:
        """A client says hello."""
        self.handshakes.said_hello(data)

    def on_tls_start_client(self, data: TlsData) -> None:
        """Before the client's handshake; mitmproxy's own addon has made its context."""
        self.handshakes.offers(data)

    def on_tls_established_server(self, data: TlsData) -> None:
        """After the origin's handshake."""
        self.handshakes.origin_speaks(data)

    def on_tls_failed_client(self, data: TlsData) -> None:
        """A client's handshake failed."""
        host = self.handshakes.refused(data)
        if host is not None:
            logger.warning("a client refused our certificate for %s: it has to trust ca/shield-ca.crt", host)

    def on_server_connect(self, data: ServerConnectionHookData) -> None:
        """Before a connection is opened."""
        asked = data.server.address
        self.upstream.lead(data.server)
        if asked is not None:
            words = self.reach.begin(data.client, data.server, (normal(asked[0]), asked[1]))
            data.server.error = data.server.error if words is None else marked(words)

    def on_server_connected(self, data: ServerConnectionHookData) -> None:
        """A connection is open."""
        self.upstream.forget(data.server)

    def on_server_connect_error(self, data: ServerConnectionHookData) -> None:
        """A connection could not be opened."""
        self.upstream.forget(data.server)

    def on_error(self, flow: http.HTTPFlow) -> None:
        """A flow ended in an error."""
        self.counters["errors"] += 1
        passage = passage_of(flow)
        if passage is not None and passage.upload is not None and passage.upload.stopped:
            self.counters["uploads stopped"] += 1

    requestheaders = guarded("requestheaders")
    request = guarded("request")
    responseheaders = guarded("responseheaders")
    response = guarded("response")
    websocket_message = guarded("websocket_message")
    shield_over_budget = guarded("shield_over_budget")
    shield_response_over_budget = guarded("shield_response_over_budget")
    shield_upload = guarded("shield_upload")
    shield_download = guarded("shield_download")
    next_layer = guarded("next_layer")
    tls_clienthello = guarded("tls_clienthello")
    tls_start_client = guarded("tls_start_client")
    tls_established_server = guarded("tls_established_server")
    tls_failed_client = guarded("tls_failed_client")
    server_connect = guarded("server_connect")
    server_connected = guarded("server_connected")
    server_connect_error = guarded("server_connect_error")
    error = guarded("error")

    def done(self) -> None:
        """mitmproxy shuts down, or takes the addon out."""
        self.judge.close()
