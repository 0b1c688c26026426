"""What is still held: a walk over everything that can be reached from an object, as the garbage collector sees it."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

_TESTS = str(Path(__file__).parent)
_NOT_FOLLOWED = (
    types.ModuleType, types.FrameType, types.TracebackType, types.CoroutineType,
    asyncio.AbstractEventLoop,  # the test itself and its origin hang on it
    logging.Logger, logging.Handler,  # what the runner captures; ``test_zz_nothing_leaked`` reads all of it
)  # fmt: skip


def reachable(roots: Iterable[object]) -> Iterator[tuple[object, tuple[str, ...]]]:
    """Every object that can be reached, once, with the types on the way. Other packages' modules, and what runs, are
    not followed.
    """
    foreign = {
        id(vars(module)) for name, module in list(sys.modules.items())
        if isinstance(module, types.ModuleType) and name.split(".")[0] != "shield"
    }  # fmt: skip
    waiting, seen = deque((one, ()) for one in roots), set[int]()
    while waiting:
        one, way = waiting.popleft()
        if (
            id(one) in seen
            or id(one) in foreign
            or _is_module(one)
            or isinstance(one, _NOT_FOLLOWED)
            or _is_of_tests(one)
        ):
            continue
        seen.add(id(one))
        yield one, way
        if not isinstance(one, str | bytes | bytearray):
            way = (*way, f"{type(one).__name__} {getattr(one, '__qualname__', '')}")
            waiting.extend((other, way) for other in gc.get_referents(one))


def _is_module(one: object) -> bool:
    """The globals of a module that is none of ours and that nobody lists any more."""
    return isinstance(one, dict) and "__builtins__" in one and not str(one.get("__name__")).startswith("shield")


def _is_of_tests(one: object) -> bool:
    """What a fixture put in the place of something of ours."""
    return isinstance(one, types.FunctionType) and one.__code__.co_filename.startswith(_TESTS)


def everything_of_shield() -> list[object]:
    """The globals of every module of ours that is loaded: constants, caches of functions, classes."""
    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "shield"]
    return [value for module in loaded for value in vars(module).values()]


def holders(roots: Iterable[object], planted: Iterable[str]) -> dict[str, str]:
    """Which of the planted values some text or bytes among all that still holds, and the way to it."""
    wanted = {value: value.encode() for value in planted}
    held: dict[str, str] = {}
    for one, way in reachable(roots):
        found: list[str] = []
        if isinstance(one, str):
            found = [value for value in wanted if value in one]
        elif isinstance(one, bytes | bytearray):
            found = [value for value, raw in wanted.items() if raw in one]
        for value in found:
            held.setdefault(value, " > ".join(way))
    return held
