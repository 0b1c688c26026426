"""Microseconds per notation for 1 KB, 10 KB and 1 MB: ``python -m tests.bench.notation_bench [NOTATION ...]``.

``read``: every field of the body becomes a node. ``edit``: the whole way of a request in which one e-mail address is
exchanged, through ``engine.request``. ``clear``: the same way of a request in which nothing is known. ``stream``: the
body is cut into fragments of 16 KB and their fields are read. Medians; ``json.loads`` of the same size stands beside as
the measure of the machine.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from shield.engine import Engine
from shield.message import Request
from shield.policy.rule import Policy
from shield.wire import reader
from tests.bench.bodies import BODIES, Body
from tests.people import DictBook, sample_person
from tests.test_engine import shipped

SIZES = (1_000, 10_000, 990_000)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "collect.unheard-of.example"
PAGE = "https://shop.example/"


def request(body: Body, *, known: bool, size: int) -> Request:
    """A third party that no rule names, from a page of another site."""
    headers = ((b"content-type", body.kind), (b"origin", b"https://shop.example"))
    return Request("POST", "https", HOST, 443, b"/c", headers, body.make(size, known), page=PAGE)


def median_us(work: Callable[[], object], least: int = 5, seconds: float = 0.4) -> float:
    """The median of as many runs as fit into a moment."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < until:
        began = time.perf_counter_ns()
        work()
        times.append((time.perf_counter_ns() - began) / 1000)
    return statistics.median(times)


def read_all(message: Request) -> int:
    """Fields of a message."""
    return sum(1 for _ in reader.read(message).fields())


def rows(engine: Engine, names: list[str]) -> Iterator[list[str]]:
    """One row per notation and size."""
    book = DictBook()
    for name, body in BODIES.items():
        if names and name not in names:
            continue
        for size in SIZES:
            clear, known = request(body, known=False, size=size), request(body, known=True, size=size)
            edited = engine.request(known, now=NOW, book=book)
            if not edited.modified or b"anna@real" in (edited.message.body or b""):
                yield [name, str(size), f"not edited: {edited.verdict}"]
                continue
            if engine.request(clear, now=NOW, book=book, number=1).modified:
                yield [name, str(size), "edited, though nothing is known in it"]
                continue
            times = [
                median_us(lambda message=clear: read_all(message)),  # type: ignore[misc]
                median_us(lambda message=known: engine.request(message, now=NOW, book=book, number=1)),  # type: ignore[misc]
                median_us(lambda message=clear: engine.request(message, now=NOW, book=book, number=1)),  # type: ignore[misc]
                median_us(lambda body=clear.body, kind=body.kind: stream(body or b"", kind)),  # type: ignore[misc]
            ]
            yield [name, str(len(clear.body or b"")), str(read_all(clear)), *(f"{one:,.0f}" for one in times)]


def stream(body: bytes, kind: bytes) -> int:
    """Fields of a body that comes in pieces."""
    from shield.wire.splitting import splitter

    cut = splitter(kind, "request")
    fields = 0
    for at in range(0, len(body), 16_384):
        root = cut.feed(body[at : at + 16_384])
        fields += sum(1 for _ in root.leaves()) if root is not None else 0
    rest = cut.finish()
    return fields + (sum(1 for _ in rest.leaves()) if rest is not None else 0)


def main(names: list[str]) -> None:
    """Print the table."""
    policy: Policy = shipped()
    engine = Engine(policy, sample_person("site:unheard-of.example"))
    gc.collect()
    gc.freeze()  # as shield run does
    for size in SIZES:
        text = json.dumps([{"name": "page_view", "id": number} for number in range(size // 35)])
        print(f"json.loads of {len(text):,} bytes: {median_us(lambda text=text: json.loads(text)):,.0f} us")  # type: ignore[misc]
    print(f"{'notation':12} {'bytes':>9} {'fields':>7} {'read':>9} {'edit':>9} {'clear':>9} {'stream':>9}   (us)")
    for row in rows(engine, names):
        if len(row) == 3:
            print(f"{row[0]:12} {row[1]:>9} {row[2]}")
        else:
            print(f"{row[0]:12} {row[1]:>9} {row[2]:>7} " + " ".join(f"{one:>9}" for one in row[3:]))


if __name__ == "__main__":
    main(sys.argv[1:])
