"""Passage: what was decided about one flow, carried as an attribute that only this package sets.

An attribute, not ``flow.metadata``: metadata is saved, loaded and copied with a flow, so a replayed flow
would bring its old verdict along. ``gate`` looks for it before a connection is opened or used again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mitmproxy.flow import Flow

if TYPE_CHECKING:
    from shield.context import Context
    from shield.message import Request
    from shield.proxy.looking import Looking
    from shield.proxy.passing import Passing

ATTRIBUTE = "_shield_passage"


@dataclass(slots=True)
class Passage:
    """State of one flow on its way through.

    Attributes:
        forwarded: the Forward verdict. While it is False no connection is opened or used for the flow.
        asked: the flow has a connection to the origin, something may have been sent there.
        looked_at: False for a host that policy does not open; its messages pass as they are.
        settled: the request was decided before its body was at hand; the ``request`` hook has nothing to do.
        answered: ``flow.response`` is ours, the origin was not asked.
        refused: words; the flow ends with them at the next opportunity, whatever it was doing.
        close_code: a WebSocket connection is closed with it.
        drained: bytes of the body that were thrown away so far; None: the body is not thrown away.
        response_plan: ``unneeded``, ``headers`` or ``hold``.
        held: the beginning of a body that outgrew the budget, while it is decided about.
        ready: what of a body that waited may go on now.
        hold_bytes: up to so many bytes the response body is held.
        held_response: the response body is being collected for a rule that names it.
        frames_dropped: in a row, per direction.
    """

    forwarded: bool = False
    asked: bool = False
    looked_at: bool = True
    settled: bool = False
    answered: bool = False
    refused: str = ""
    close_code: int | None = None
    drained: int | None = None
    request: Request | None = None
    context: Context | None = None
    engine: Any = None
    upload: Passing | Looking | None = None
    download: Passing | Looking | None = None
    response_plan: str = "unneeded"
    held_response: bool = False
    held: bytes = b""
    hold_bytes: int = 0
    ready: list[bytes] = field(default_factory=list)
    frames_dropped: dict[str, int] = field(default_factory=dict)


def begin(flow: Flow) -> Passage:
    """A new passage for *flow*; whatever an earlier run of the same flow was allowed is gone."""
    passage = Passage()
    setattr(flow, ATTRIBUTE, passage)
    return passage


def passage_of(flow: Flow) -> Passage | None:
    """The passage of *flow*, or None if no hook of ours has seen it."""
    found = getattr(flow, ATTRIBUTE, None)
    return found if isinstance(found, Passage) else None


def client_of(flow: Flow) -> str:
    """Who asks: the address that connected."""
    return str(flow.client_conn.peername[0]) if flow.client_conn.peername else ""


def forget(flow: Flow) -> None:
    """Take the passage away."""
    vars(flow).pop(ATTRIBUTE, None)
