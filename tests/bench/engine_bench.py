"""Microseconds of ``engine.request`` over recorded traffic: ``python -m tests.bench.engine_bench [FILE ...]``.

Prints median, p99 and mean over every request of the files (default: the captures of the shared folder), with
how many findings there were, so that a faster engine that finds less is seen. Personas are made before the
clock starts; each request runs three times, the fastest counts.
"""

from __future__ import annotations

import platform
import resource
import statistics
import sys
import time
from collections import Counter
from pathlib import Path

from shield.person import Person
from shield.replay.run import Run
from shield.replay.source import Failure, open_source, records
from tests.people import FACTS
from tests.test_engine import shipped

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"


def main(paths: list[str]) -> None:
    """Run every record once to warm up, then three times with the clock."""
    run = Run(shipped(), Person(FACTS, pseudonym_key=bytes(32)))
    requests = []
    for path in paths:
        requests += [one for one in records(open_source(path)) if not isinstance(one, Failure)]
    found: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    for record in requests:
        out = run.out(record)
        verdicts[str(out["verdict"])] += 1
        found.update(finding["category"] for finding in out["findings"] if finding["direction"] == "request")
    engine, book = run._engine, run._book
    times: list[list[int]] = [[] for _ in requests]
    for _ in range(3):  # one after the other, as they come: no message is the last one again
        for number, record in enumerate(requests):
            began = time.perf_counter_ns()
            engine.request(record.request, now=record.time, book=book, number=number)
            times[number].append(time.perf_counter_ns() - began)
    fastest = sorted(min(one) / 1000 for one in times)
    print(
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{len(requests)} requests, {len(engine.policy.rules)} rules"
    )
    print(
        f"engine.request: median {statistics.median(fastest):.0f} us, mean {statistics.mean(fastest):.0f} us, "
        f"p99 {fastest[int(len(fastest) * 0.99)]:.0f} us, max {fastest[-1]:.0f} us"
    )
    print("verdicts", dict(verdicts), "findings", dict(found.most_common()))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main(sys.argv[1:] or [str(path) for path in sorted(CAPTURES.glob("*.har.gz"))])
