"""Fuzz a notation: ``python -m tests.fuzz NOTATION [--inputs N] [--seed N]``, or ``--atheris`` and its options.

Without atheris: random mutations of the vectors. With it (``uv run --with atheris``): guided by coverage. What breaks
a promise is written to the screen as a Python literal, to be kept as a vector.
"""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.mutate import inputs
from tests.fuzz.targets import TARGETS, check, seeds


def main() -> int:
    """Run one target, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("notation", choices=[*TARGETS, "all"])
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", action="store_true")
    options, rest = parser.parse_known_args()
    if options.atheris:
        _guided(options.notation, rest)
        return 0
    names = list(TARGETS) if options.notation == "all" else [options.notation]
    broken = 0
    for name in names:
        target = TARGETS[name]
        found: dict[str, bytes] = {}
        for data in inputs(seeds(target), target.words, options.inputs, options.seed):
            try:
                check(target, data)
            except Exception as error:
                found.setdefault(f"{type(error).__name__}: {str(error)[:80]}", data)
        for words, data in found.items():
            print(f"{name}: {words}\n    {data!r}")
        broken += len(found)
        print(f"{name}: {options.inputs} inputs, {len(found)} kinds of broken promises")
    return 1 if broken else 0


def _guided(name: str, rest: list[str]) -> None:
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["shield.wire"]):
        target = TARGETS[name]
    atheris.Setup([sys.argv[0], *rest], lambda data: check(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
