"""Observing a body that passes: it goes on as it came, and what would have become of it is told.

The look is that of ``Passing``, fragment by fragment, and as far: what would have stopped the body, or asked the
person, ends it. A mistake ends it, too; the body goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy.passing import Passing


class Looking:
    """A body that is only looked at, in the manner of ``Passing``; its ``ways`` say ``only_looks``."""

    waiting: Outcome[Frame] | None = None
    stopped = ""

    def __init__(self, look: Passing) -> None:
        self._look = look

    def __repr__(self) -> str:
        return f"<Looking: {self._look!r}>"

    @property
    def is_busy(self) -> bool:
        """There is something left to look at, which would keep the loop too long."""
        return self._look.is_busy

    def __call__(self, data: bytes) -> list[bytes]:
        """All of it goes on."""
        self._look(data)
        return [data] if data else []

    def go_on(self, answers: Mapping[str, str]) -> list[bytes]:
        """Look at the rest."""
        return self._look.go_on(answers)

    def settled(self, chunks: list[bytes]) -> list[bytes]:
        """Write down what was seen."""
        self._look.settled([])
        return chunks

    def stop(self, words: str) -> None:
        """Look no more."""
        self._look.stop(words)

    def trailers(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """They go on as well."""
        self._look.trailers(fields)
