"""Driver: a body that passes, cut into fragments.

A reading knows one notation: it looks at bytes from where the last fragment ended and says how far it got. The driver
holds back the rest, no more than it was told to, and turns a notation that breaks off into bytes without fields.
"""

from __future__ import annotations

from typing import Final, Protocol

from shield.address import show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import Node
from shield.wire.limits import Budget, Limits, TooMuch

HOLD_BYTES: Final = 65_536
"""Of an unfinished field; longer ones pass in pieces. One chunk of most servers and browsers is a quarter of it."""


class Reading(Protocol):
    """One notation, read piece by piece. Its state is where in the notation the last fragment ended."""

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        """Find complete fields in ``root.content``, which begins where the last fragment ended.

        Args:
            root: the fragment to be; what is found becomes its children.
            out: what was found is appended, in order, complete also where this raises.
            is_last: nothing more comes.

        Returns:
            The offset up to which everything is read; what lies behind it is shown again with more.

        Raises:
            Unreadable: it is another notation; everything from here on passes without fields.
        """
        ...

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """What begins at *at* is longer than may be held: begin to pass it in pieces; the offset behind the first.

        Raises:
            Unreadable: this cannot be cut.
        """
        ...


class Fragment:
    """How a fragment splits: nothing is added to one."""

    name = "fragment"
    vanishes = False

    def append(self, node: Node, items: list[tuple[str, bytes]], is_empty: bool) -> tuple[int, bytes]:
        """What is to be added may stand elsewhere already; nobody here sees it."""
        raise Unwritable(f"nothing can be added to {show_address(node.address)} while it passes")


FRAGMENT: Final = Fragment()


class Raw:
    """No notation: whatever comes goes on, to be searched as bytes."""

    def __init__(self, reason: str | None) -> None:
        self.reason = reason

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        root.unreadable = self.reason
        return len(root.content)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        return len(root.content)


class Split:
    """A splitter: one reading and what it could not finish yet."""

    __slots__ = ("_held", "_hold", "_limits", "_reading")

    def __init__(self, reading: Reading, limits: Limits, hold_bytes: int = HOLD_BYTES) -> None:
        self._reading = reading
        self._limits = limits
        self._hold = hold_bytes
        self._held = b""

    def __repr__(self) -> str:
        return f"<Split {type(self._reading).__name__} holding {len(self._held)} bytes>"

    @property
    def held_bytes(self) -> int:
        """How much is held back."""
        return len(self._held)

    def feed(self, data: bytes) -> Node | None:
        """The fragment that *data* completes; None while nothing is complete."""
        return self._cut(self._held + data if self._held else data, is_last=False)

    def finish(self) -> Node | None:
        """The rest."""
        return self._cut(self._held, is_last=True)

    def _cut(self, data: bytes, is_last: bool) -> Node | None:
        if not data:
            return None
        root = Node(None, "body", 0, 0, data)
        out: list[Node] = []
        end = self._read(root, out, is_last)
        self._held = data[end:]
        if not end:
            return None
        root.end, root.content = end, data[:end] if end < len(data) else data
        if out and not root.children:  # a body that was held to its end has them already
            root.children, root.notation = tuple(out), FRAGMENT
        return root

    def _read(self, root: Node, out: list[Node], is_last: bool) -> int:
        """How far the fragment goes. A notation that breaks off keeps the fields that were complete."""
        try:
            budget = Budget(self._limits)
            end = self._reading.read(root, out, budget, is_last)
            last = -1
            while last < end < len(root.content) - self._hold:
                last, end = end, self._reading.part(root, out, end, budget)
        except Unreadable as error:
            self._reading = Raw(error.message)
            if isinstance(error, TooMuch):
                out.clear()
            if not out:
                root.unreadable = error.message
            return len(root.content)
        return len(root.content) if is_last else end
