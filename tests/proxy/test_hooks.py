"""Hooks by themselves: what a cancelled wait leaves behind, and what each failure does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from mitmproxy.test import tflow

from shield.proxy import hooks
from shield.proxy.passage import begin, passage_of


class Addon:
    """As much of an addon as a hook needs; its one step waits for ever."""

    class judge:
        observe = False

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    async def on_request(self, flow: Any) -> None:
        await asyncio.sleep(60)

    def mistaken(self, hook: str, error: BaseException) -> None:
        self.mistakes.append(hook)


async def test_a_cancelled_wait_is_taken_as_a_mistake_and_not_passed_on() -> None:
    """The task goes on and counts as not cancelled: what waits in it next is not cancelled in turn."""
    addon, flow = Addon(), tflow.tflow()
    left: list[int] = []

    async def task_of_mitmproxy() -> None:
        await hooks.guarded("request")(addon, flow)  # type: ignore[misc]
        current = asyncio.current_task()
        assert current is not None
        left.append(current.cancelling())
        with pytest.raises(ExceptionGroup):  # a group in a task that counts as cancelled raises CancelledError
            async with asyncio.TaskGroup() as group:
                group.create_task(_raising())

    task = asyncio.create_task(task_of_mitmproxy())
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait_for(task, 5)
    assert (left, addon.mistakes) == ([0], ["request"])
    assert flow.response is not None
    assert flow.response.status_code == 502


async def _raising() -> None:
    raise ValueError("in the group")


def test_a_mistake_takes_the_verdict_back() -> None:
    """Whatever was allowed before it."""
    flow = tflow.tflow()
    begin(flow).forwarded = True
    hooks.block(flow, RuntimeError("x"))
    passage = passage_of(flow)
    assert passage is not None
    assert (passage.forwarded, passage.answered, passage.drained) == (False, True, 0)
