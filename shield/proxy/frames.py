"""WebSocket messages: each one is judged; blocked ones are dropped, three in a row end the connection."""

# mypy: allow-untyped-calls
from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from mitmproxy import http
from mitmproxy.websocket import WebSocketMessage

from shield.finding import Forward
from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy import convert
from shield.proxy.judge import Judge
from shield.proxy.passage import Passage, passage_of
from shield.proxy.websocket import permit

IN_A_ROW: Final = 3
POLICY_VIOLATION: Final = 1008
"""RFC 6455, section 7.4.1."""


class Frames:
    """What happens to a WebSocket message."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def message(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Judge the last message of *flow*."""
        passage = passage_of(flow)
        if passage is None or flow.websocket is None:
            raise LookupError("a message of a connection that nobody saw")
        message = flow.websocket.messages[-1]
        if not passage.looked_at:
            permit(message)
            return None
        if passage.context is None:
            raise LookupError("a message without its request")
        frame = convert.frame_of(message)
        outcome = self._judge.frame(passage.context, frame)
        if isinstance(outcome, Outcome):
            self._carry_out(passage, message, frame, outcome)
            return None
        return self._later(passage, message, frame, outcome)

    async def _later(
        self, passage: Passage, message: WebSocketMessage, frame: Frame, waiting: Awaitable[Outcome[Frame]]
    ) -> None:
        self._carry_out(passage, message, frame, await waiting)

    def _carry_out(self, passage: Passage, message: WebSocketMessage, frame: Frame, outcome: Outcome[Frame]) -> None:
        if outcome.findings or not isinstance(outcome.verdict, Forward):
            self._judge.settle(outcome, len(frame.content))
        if self._judge.observe:
            permit(message)
        elif isinstance(outcome.verdict, Forward):
            if outcome.message is not frame:
                self._judge.counters["frames edited"] += 1
                message.content = outcome.message.content
            passage.frames_dropped[frame.direction] = 0
            permit(message)
        else:
            self.drop(passage, message, frame.direction)

    def drop(self, passage: Passage, message: WebSocketMessage, direction: str) -> None:
        """The message stays here; the third in a row takes the connection with it."""
        self._judge.counters["frames dropped"] += 1
        message.drop()
        dropped = passage.frames_dropped[direction] = passage.frames_dropped.get(direction, 0) + 1
        if dropped >= IN_A_ROW:
            passage.close_code = POLICY_VIOLATION
