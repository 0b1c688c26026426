"""Bodies that pass: what a splitter costs per notation and size, and how much memory a long stream takes.

``python -m tests.bench.splitting_bench [MEGABYTES]``: median µs of feeding a body in pieces of 16 KB and walking all
fields, beside reading it as a whole; then a synthetic stream of so many megabytes (1000 unless said) per notation
through the splitter, with the growth of the resident memory.
"""

from __future__ import annotations

import resource
import sys

from shield.tree import Node
from shield.wire.body import read_body
from shield.wire.limits import Budget, Limits
from shield.wire.splitting import splitter
from tests.bench.bodies import BODIES
from tests.bench.notation_bench import median_us

SIZES = (1_000, 10_000, 990_000)
PIECE_BYTES = 16_384
ROOMY = Limits(body_bytes=1 << 30, nodes=1_000_000, held_bytes=1 << 30)

_ITEM = (
    b'<li class="result"><a href="/url?q=https://shop%d.example/%%3Fid%%3D7&amp;sa=U" ping="/url?sa=t">shop</a></li>\n'
)
_EVENT = b'id: %d\ndata: {"user":{"id":"u-7","mail":"anna@real.example"},"n":%d}\n\n'


def page(size: int) -> bytes:
    """A page of links."""
    return b"<!doctype html><ul>" + b"".join(_ITEM % number for number in range(size // 120 + 1))[:size]


def events(size: int) -> bytes:
    """A stream of events."""
    return b"".join(_EVENT % (number, number) for number in range(size // 80 + 1))[:size]


def samples(size: int) -> dict[str, tuple[bytes, bytes]]:
    """Content type and body by notation."""
    named = {name: (body.kind, body.make(size, False)) for name, body in BODIES.items()}
    return {**named, "html": (b"text/html", page(size)), "events": (b"text/event-stream", events(size))}


def split(kind: bytes, data: bytes, hold: list[int] | None = None) -> int:
    """Fields of a body that passes."""
    splits = splitter(kind, "response")
    count = 0
    for at in range(0, len(data), PIECE_BYTES):
        count += _fields(splits.feed(data[at : at + PIECE_BYTES]))
        if hold is not None:
            hold.append(splits.held_bytes)
    return count + _fields(splits.finish())


def _fields(root: Node | None) -> int:
    return 0 if root is None else sum(1 for leaf in root.leaves() if leaf is not root)


def whole(kind: bytes, data: bytes) -> int:
    """Fields of a body at hand."""
    return _fields(read_body(data, kind, b"", Budget(ROOMY)))


def rss_mb() -> float:
    """The most memory that was resident so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def stream(kind: bytes, data: bytes, megabytes: int, begin: bytes) -> tuple[int, int]:
    """The same bytes again and again behind a beginning; children of fragments, and the most that was held."""
    splits = splitter(kind, "response")
    splits.feed(begin)
    count = held = passed = 0
    while passed < megabytes * 1_000_000:
        for at in range(0, len(data), PIECE_BYTES):
            root = splits.feed(data[at : at + PIECE_BYTES])
            count += 0 if root is None else len(root.children)
            held = max(held, splits.held_bytes)
        passed += len(data)
    return count, held


def main() -> None:
    """Print both tables."""
    print(f"{'notation':<12}{'bytes':>9}{'fields':>9}{'whole µs':>12}{'split µs':>12}{'most held':>11}")
    for size in SIZES:
        for name, (kind, data) in samples(size).items():
            held: list[int] = []
            fields = split(kind, data, held)
            times = median_us(lambda k=kind, d=data: whole(k, d)), median_us(lambda k=kind, d=data: split(k, d))
            print(f"{name:<12}{len(data):>9}{fields:>9}{times[0]:>12.0f}{times[1]:>12.0f}{max(held):>11}")
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"\n{'stream of':<12}{megabytes} MB{'children':>14}{'most held':>11}{'rss MB':>9}")
    for name, (kind, data) in samples(500_000).items():
        is_json = name.startswith("json")  # one list that never ends
        count, held = stream(kind, data + b"," if is_json else data, megabytes, b"[" if is_json else b"")
        print(f"{name:<12}{'':<8}{count:>14}{held:>11}{rss_mb():>9.0f}")


if __name__ == "__main__":
    main()
