"""What is still held: a walk over everything that can be reached from an object, as the garbage collector sees it."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import types
from collections.abc import Iterable, Iterator

_NOT_FOLLOWED = (
    types.ModuleType, types.FrameType, types.TracebackType, types.CoroutineType,
    asyncio.AbstractEventLoop,  # the test itself and its origin hang on it
    logging.Logger, logging.Handler,  # what the runner captures; ``test_zz_nothing_leaked`` reads all of it
)  # fmt: skip


def reachable(roots: Iterable[object]) -> Iterator[object]:
    """Every object that can be reached, once. Other packages' modules, and what runs, are not followed."""
    foreign = {
        id(vars(module)) for name, module in list(sys.modules.items())
        if isinstance(module, types.ModuleType) and name.split(".")[0] != "shield"
    }  # fmt: skip
    stack, seen = list(roots), set[int]()
    while stack:
        one = stack.pop()
        if id(one) in seen or id(one) in foreign or isinstance(one, _NOT_FOLLOWED):
            continue
        seen.add(id(one))
        yield one
        stack += gc.get_referents(one)


def everything_of_shield() -> list[object]:
    """The globals of every module of ours that is loaded: constants, caches of functions, classes."""
    loaded = [module for name, module in sys.modules.items() if name.split(".")[0] == "shield"]
    return [value for module in loaded for value in vars(module).values()]


def holders(roots: Iterable[object], planted: Iterable[str]) -> set[str]:
    """Which of the planted values some text or bytes among all that still holds."""
    wanted = {value: value.encode() for value in planted}
    held: set[str] = set()
    for one in reachable(roots):
        if isinstance(one, str):
            held |= {value for value in wanted if value in one}
        elif isinstance(one, bytes | bytearray):
            held |= {value for value, raw in wanted.items() if raw in one}
    return held
