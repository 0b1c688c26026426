"""How much of a message is opened. What lies beyond is one unreadable field, never a crash and never slow.

Every limit is a bound on work: nodes (each about 0.4 KB and 2 µs), bytes held in ``Node.content`` (a JSON
object inside an object is held twice), bytes that a content coding may expand to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shield.errors import Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one message.

    Attributes:
        body_bytes: of the body as it came, and after each content coding.
        held_bytes: of the contents of all nodes together.
        ratio: how many times its size a content coding may expand to; 64 KB are always fine.
            (Text gzips 3 to 20 times; a bomb of zeros 1,000 times.)
        nodes: of all notations together. 100,000 query parameters are read in about 0.3 s.
        levels: of JSON containers in containers; node 512, Python about 1,000, PHP 512.
        nestings: of notations in notations (JSON in base64 in a query is 2).
    """

    body_bytes: int = 1_000_000
    held_bytes: int = 16_000_000
    ratio: int = 200
    nodes: int = 150_000
    levels: int = 200
    nestings: int = 8


LIMITS: Final = Limits()
ALWAYS_FINE_BYTES: Final = 65_536


class TooMuch(Unreadable):
    """A limit was reached; the text says which."""


class Budget:
    """What is left for the message that is being read.

    Attributes:
        is_spent: somebody asked for more than was left, so something was not opened.
    """

    __slots__ = ("held", "is_spent", "limits", "nodes")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.is_spent = False
        self.nodes = limits.nodes
        self.held = limits.held_bytes

    def spend(self, nodes: int, held: int) -> None:
        """Take away from what is left.

        Raises:
            TooMuch: there was not as much; nothing is taken.
        """
        if nodes > self.nodes:
            self.is_spent = True
            raise TooMuch(f"more than {self.limits.nodes} fields")
        if held > self.held:
            self.is_spent = True
            raise TooMuch(f"more than {self.limits.held_bytes} bytes when opened")
        self.nodes -= nodes
        self.held -= held
