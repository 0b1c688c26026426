"""Pace, and a body that only looks: what takes long is left for another thread, and stored before it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from shield.finding import Ask, Block, Forward
from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy import pace
from shield.proxy.looking import Looking
from shield.proxy.pace import Pace
from shield.proxy.passing import Passing, Ways
from shield.wire.splitting import splitter
from tests.proxy.test_upload import CONTEXT, FACT, KEEP, WHY, Decides, Noted

LINES = b"old and some more\n" * 20


class Slow(Pace):
    """Nothing is done in place."""

    def is_short(self, size: int) -> bool:
        return False


def lines(decides: Any = None, ways: Ways | None = None, noted: Noted | None = None) -> Passing:
    return Passing(splitter(b"application/x-ndjson"), decides or Decides(), noted or Noted(), ways or Ways(), Slow())


def test_what_takes_long_is_not_done_in_place() -> None:
    """Nothing leaves before it was done elsewhere; then all of it, in order."""
    one = lines(ways=Ways(keep=KEEP))
    left = b""
    for _ in range(30):
        assert one(LINES) == []
        assert one.is_busy
        left += b"".join(one.settled(one.go_on({})))
        assert not one.is_busy
    one(b"")
    left += b"".join(one.settled(one.go_on({})))
    assert left == LINES.replace(b"old", b"newer") * 30
    assert not one.is_busy
    assert one(b"") == []


def test_more_may_come_before_the_rest_was_done() -> None:
    """Whatever is put in waits its turn."""
    one = lines()
    for _ in range(5):
        one(LINES)
    assert b"".join(one.settled(one.go_on({}))) == LINES.replace(b"old", b"newer") * 5


def test_a_stop_clears_the_rest() -> None:
    """Nobody waits for what will not be done."""
    one = lines()
    one(LINES)
    one.stop("no")
    assert not one.is_busy
    assert one.settled(one.go_on({})) == []


def test_what_cannot_be_stored_does_not_leave() -> None:
    """Neither in place nor from elsewhere."""

    class Broken(Noted):
        def release(self) -> None:
            raise OSError("disk full")

    one = lines(noted=Broken())
    one(b"")
    assert one.stopped
    for there in (Pace(), Slow()):
        one = Passing(splitter(b"application/x-ndjson"), Decides(), Broken(), Ways(), there)
        assert one.settled(one(LINES) + one.go_on({})) == []
        assert "mistake" in one.stopped


def test_notes_are_stored_in_the_loop_only() -> None:
    """The stores belong to it."""
    noted = Noted()
    one = lines(noted=noted)
    one.put(LINES)
    chunks = one.go_on({})
    assert noted.stored == []
    assert noted.waiting
    one.settled(chunks)
    assert noted.stored


def test_a_rise_is_believed_at_once_and_a_fall_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """One slow piece sends the next ones elsewhere."""
    clock = [0.0]
    monkeypatch.setattr(pace.time, "thread_time", lambda: clock[0])

    def take(seconds: float) -> None:
        clock[0] += seconds

    one = Pace()
    assert one.is_short(16_384)
    assert not one.is_short(65_536)
    for _ in range(20):
        one.measure(lambda: take(0.001), 65_536)
    assert one.is_short(65_536)
    one.measure(lambda: take(0.05), 65_536)
    assert not one.is_short(65_536)
    assert one.is_short(100)
    one.measure(lambda: take(0.001), 65_536)
    assert not one.is_short(65_536)
    for _ in range(20):
        one.measure(lambda: take(0.001), 65_536)
    assert one.is_short(65_536)


def test_nothing_is_searched_in_place_before_it_is_ready() -> None:
    """However short."""
    ready = [False]
    one = Passing(splitter(b"application/x-ndjson"), Decides(), Noted(), Ways(), Pace(lambda: ready[0]))
    assert one(b"old\n") == []
    assert one.is_busy
    ready[0] = True
    assert one(b"") == [b"newer\n"]


# --- observing -----------------------------------------------------------------------------------


def looking(decides: Any, noted: Noted, there: Pace | None = None) -> Looking:
    ways = Ways(keep=KEEP, only_looks=True)
    return Looking(Passing(splitter(b"application/x-ndjson"), decides, noted, ways, there))


@pytest.mark.parametrize("verdict", [Block(WHY), Ask(WHY, ())])
@pytest.mark.parametrize("there", [Pace(), Slow()])
def test_observed_bodies_go_on_as_they_came(verdict: Any, there: Pace) -> None:
    """Edited, stopped or asked about: told once, and nothing else."""
    noted = Noted()
    one = looking(Decides(verdict), noted, there)
    left = b""
    for part in (LINES, b"x " + FACT + b"\n", LINES, b"more " + FACT + b"\n", b""):
        left += b"".join(one(part))
        one.settled(one.go_on({}))
        assert (one.waiting, one.stopped, one.is_busy) == (None, "", False)
    assert left == LINES + b"x " + FACT + b"\n" + LINES + b"more " + FACT + b"\n"
    assert [type(seen.verdict) for seen in noted.stored] == [Forward, type(verdict)]
    assert noted.stored[0].modified


def test_observing_makes_no_persona() -> None:
    """What would have needed one is told, and the look goes on."""
    noted = Noted()
    one = looking(
        lambda root, before, answers: Outcome(
            Forward(WHY), CONTEXT, Frame("request", root.content, False), needs=("shop",)
        ),
        noted,
    )
    for _ in range(8):
        assert one(LINES) == [LINES]
    assert len(noted.stored) == 8
    assert one.waiting is None


def test_a_mistake_while_observing_stops_nothing() -> None:
    """The look ends, the body goes on; trailers too."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("broken on purpose")

    one = looking(broken, Noted())
    assert one(LINES) == [LINES]
    assert one(LINES) == [LINES]
    one.trailers([(b"x-who", FACT)])
    one.stop("whatever")
    assert one.stopped == ""
    assert one(b"") == []
    assert "anna" not in repr(one)
