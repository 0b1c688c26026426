"""Fuzz a notation: ``python -m tests.fuzz NOTATION [--inputs N] [--seed N]``, or ``--atheris SECONDS``.

Without atheris: random mutations of the vectors. With it (``uv run --with atheris``): guided by coverage, with the
vectors to begin with. What breaks a promise is written to the screen as a Python literal, to be kept as a vector.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import ModuleType


def main() -> int:
    """Run one target, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("notation", help="a target of tests/fuzz, or all")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--atheris", type=int, metavar="SECONDS", default=0)
    options = parser.parse_args()
    targets = _targets(is_guided=bool(options.atheris))
    if options.notation not in (*targets.TARGETS, "all"):
        parser.error(f"targets: {', '.join(targets.TARGETS)}, all")
    if options.atheris:
        _guided(targets, options.notation, options.atheris)
        return 0
    names = list(targets.TARGETS) if options.notation == "all" else [options.notation]
    return 1 if sum([_mutated(targets, name, options.inputs, options.seed) for name in names]) else 0


def _targets(*, is_guided: bool) -> ModuleType:
    """The targets; what they import is instrumented, which works at the first import only."""
    context: AbstractContextManager[object] = nullcontext()
    if is_guided:
        import atheris  # type: ignore[import-not-found]

        context = atheris.instrument_imports(include=["shield.wire", "shield.tree", "shield.glance"])
    with context:
        from tests.fuzz import targets
    return targets


def _mutated(targets: ModuleType, name: str, number: int, seed: int) -> int:
    """How many kinds of broken promises random changes show."""
    from tests.fuzz.mutate import inputs

    target = targets.TARGETS[name]
    found: dict[str, bytes] = {}
    for data in inputs(targets.seeds(target), target.words, number, seed):
        try:
            targets.check(target, data)
        except Exception as error:
            words = f"{type(error).__name__}: {str(error)[:80]}"
            found[words] = min(found.get(words, data), data, key=len)
    for words, data in found.items():
        print(f"{name}: {words}\n    {data!r}")
    print(f"{name}: {number} inputs, {len(found)} kinds of broken promises", flush=True)
    return len(found)


def _guided(targets: ModuleType, name: str, seconds: int) -> None:
    import atheris

    target = targets.TARGETS[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(targets.seeds(target)):
            digest = hashlib.sha256(seed).hexdigest()[:12]
            Path(folder, digest).write_bytes(bytes([number]) + seed)
        words = Path(folder, "words.dict")
        words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in target.words))
        limits = [f"-max_total_time={seconds}", "-max_len=4000", "-timeout=20", f"-dict={words}"]
        atheris.Setup([sys.argv[0], folder, *limits], lambda data: targets.check(target, data))
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
