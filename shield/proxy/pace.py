"""Pace: whether the next bytes of a body are decided about in place, or in the worker thread.

What a byte costs depends on what it is: raw bytes are only searched (20 µs per KB), dense JSON that a rule names is
read and decided field by field (500 µs per KB). Bodies are even, so what the last pieces took tells what the next one
will; a rise is believed at once, a fall by and by. Time of the processor counts, not that of the clock: what other
threads do makes no body slow.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

INLINE_SECONDS: Final = 0.002
"""So much may be done in place (design, section 6)."""
FIRST_SECONDS: Final = 0.000_000_1
"""Per byte, before anything is known: 16 KB are tried in place, 64 KB are not."""
_KEPT: Final = 0.8
_LEAST_BYTES: Final = 2_048
"""What shorter pieces take says little of their bytes."""


def always() -> bool:
    """Nothing has to be there first."""
    return True


class Pace:
    """What the bytes of one body take.

    Args:
        is_ready: whether what is searched for is written out; if not, nothing is searched in place.
    """

    __slots__ = ("_is_ready", "_seconds")

    def __init__(self, is_ready: Callable[[], bool] = always) -> None:
        self._is_ready = is_ready
        self._seconds = FIRST_SECONDS

    def is_short(self, size: int) -> bool:
        """Whether so many bytes are decided about in place."""
        return size * self._seconds <= INLINE_SECONDS and self._is_ready()

    def measure[T](self, work: Callable[[], T], size: int) -> T:
        """Do *work* on so many bytes, and remember what they took."""
        began = time.thread_time()
        try:
            return work()
        finally:
            self._seconds = max((time.thread_time() - began) / max(size, _LEAST_BYTES), self._seconds * _KEPT)
