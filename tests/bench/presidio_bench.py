"""How much presidio's process slows the slowest turn of the event loop: ``python -m tests.bench.presidio_bench``.

One loop does what the proxy's does, without sockets: 200 messages a second go through the engine. A ticker beside it
says how late each turn comes. Rounds alternate between presidio off, starting (its process imports) and on (messages
with 24 KB of prose are handed over faster than it can read, so it is never idle): a busy machine slows all of them.
What counts is the difference of the slowest turns, the median over the rounds, for one round can be hit by anything.

The last line says whether the promise of at most 10 ms holds; a worker that looks at nothing fails.
"""

from __future__ import annotations

import asyncio
import gc
import platform
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from shield.keeper import Keeper
from shield.message import Request
from shield.policy.rule import Config

ROUNDS: Final = 12
SECONDS: Final = 1.5
PER_SECOND: Final = 200
PROMISE_MS: Final = 10.0
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
PROSE: Final = "mail jane.doe@firma.com, my phone is +1 202-555-0173, the card 4111111111111111 is hers "


def message(number: int) -> Request:
    """Prose as a person might paste it; 24 KB."""
    body = b'{"text":"%s","n":%d}' % ((PROSE * 280).encode(), number)
    lines = ((b"Host", b"shop.example"), (b"Content-Type", b"application/json"))
    return Request("POST", "https", "shop.example", 443, b"/m", lines, body, type="xhr", page="https://shop.example/")


async def slowest_turn(keeper: Any, handed_over: bool) -> float:
    """The latest turn of one round in milliseconds."""
    late = [0.0]

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append((time.perf_counter() - began - 0.005) * 1000)

    ticking = asyncio.create_task(tick())
    end, number = time.perf_counter() + SECONDS, 0
    outcome = keeper.engine.request(message(0), now=NOW, book=keeper.book)
    while time.perf_counter() < end:
        number += 1
        keeper.engine.request(small(number), now=NOW, book=keeper.book)
        if handed_over and number % 4 == 0:
            keeper.noticing.offer(outcome, NOW)
        await asyncio.sleep(1 / PER_SECOND)
    ticking.cancel()
    return max(late)


def small(number: int) -> Request:
    """The usual message: 300 bytes."""
    lines = ((b"Host", b"shop.example"), (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64)"))
    return Request("GET", "https", "shop.example", 443, b"/list?page=%d&sort=price" % number, lines, b"")


async def measure(keeper: Any) -> dict[str, list[float]]:
    """Rounds of each kind, in turns."""
    found: dict[str, list[float]] = {"off": [], "on": [], "starting": []}
    looked_at = 0
    for _ in range(ROUNDS):
        keeper.noticing.follow(Config())
        found["off"].append(await slowest_turn(keeper, handed_over=False))
        keeper.noticing.follow(Config(presidio=True))
        found["starting"].append(await slowest_turn(keeper, handed_over=False))
        await asyncio.to_thread(keeper.noticing.worker.wait_until_settled, 120)
        found["on"].append(await slowest_turn(keeper, handed_over=True))
        looked_at += keeper.noticing.worker.looked_at
        memory = resident_mb(keeper.noticing.worker._process.pid)
    print(f"looked at {looked_at} messages of 24 KB in {ROUNDS * SECONDS:.0f} s; the process has {memory} MB")
    if not looked_at:
        raise SystemExit("presidio did nothing, so nothing was measured")
    return found


def resident_mb(pid: int) -> int:
    """Memory of a process; 0 where this system does not tell it that way."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def main() -> int:
    """Print the table; 1 if the promise does not hold."""
    with tempfile.TemporaryDirectory() as folder, Keeper.open(Path(folder) / "home") as keeper:
        gc.collect()
        gc.freeze()  # as shield run does
        found = asyncio.run(measure(keeper))
    print(f"{platform.python_implementation()} {platform.python_version()}; slowest turn of a round, in ms")
    print(f"{'':9} {'median':>7} {'least':>7} {'most':>7}")
    for name, turns in found.items():
        print(f"{name:9} {statistics.median(turns):7.1f} {min(turns):7.1f} {max(turns):7.1f}")
    idle = statistics.median(found["off"])
    worst = max(statistics.median(found[name]) - idle for name in ("on", "starting"))
    print(f"presidio adds {worst:.1f} ms to the slowest turn; promised: at most {PROMISE_MS:.0f}")
    assert "presidio_analyzer" not in sys.modules
    return 0 if worst <= PROMISE_MS else 1


if __name__ == "__main__":
    sys.exit(main())
