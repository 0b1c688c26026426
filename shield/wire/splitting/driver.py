"""Driver: a body that passes, cut into fragments.

A reading knows one notation: it looks at bytes from where the last fragment ended and says how far it got. The driver
holds back the rest, no more than it was told to, and turns a notation that breaks off into bytes without fields.

Most fragments are never looked into (``shield.fragments``). So a reading that can tell where its next fragment ends
without finding fields does only that, at a tenth of the cost, and the fields are found when somebody asks for them.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Final, Protocol, runtime_checkable

from shield.address import show_address
from shield.errors import Unreadable, Unwritable
from shield.tree import FoldedRoot, Node, Root
from shield.wire.limits import Budget, Limits, TooMuch

HOLD_BYTES: Final = 65_536
"""Of an unfinished field; longer ones pass in pieces. One chunk of most servers and browsers is a quarter of it."""


_PATIENT_BYTES: Final = 4_096
_GROWTH: Final = 16
"""What is held is read again when it has grown by a sixteenth: else tiny pieces of a long field cost its square."""


class Reading(Protocol):
    """One notation, read piece by piece. Its state is where in the notation the last fragment ended.

    Attributes:
        is_prompt: somebody waits for each message, and where the next one ends is found at no cost.
    """

    @property
    def is_prompt(self) -> bool:
        """See above."""
        ...

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


@runtime_checkable
class Skips(Protocol):
    """A reading that can do without fields."""

    def after(self, data: bytes) -> tuple[Reading, int] | None:
        """The reading behind what is complete in *data*, and the offset up to there: as ``read`` does it.

        None, or Unreadable raised, where only ``read`` tells. This reading stays where it is.
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

    is_prompt = True

    def __init__(self, reason: str | None) -> None:
        self.reason = reason

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        root.unreadable = self.reason
        return len(root.content)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        return len(root.content)


class Split:
    """A splitter: one reading and what it could not finish yet."""

    __slots__ = ("_again", "_held", "_hold", "_limits", "_reading")

    def __init__(self, reading: Reading, limits: Limits, hold_bytes: int = HOLD_BYTES) -> None:
        self._reading = reading
        self._limits = limits
        self._hold = hold_bytes
        self._held = b""
        self._again = 0

    def __repr__(self) -> str:
        return f"<Split {type(self._reading).__name__} holding {len(self._held)} bytes>"

    @property
    def held_bytes(self) -> int:
        """How much is held back."""
        return len(self._held)

    def feed(self, data: bytes) -> Node | None:
        """The fragment that *data* completes; None while nothing is complete."""
        if self._held:
            data = self._held + data
            if len(data) < self._again:
                self._held = data
                return None
        return self._cut(data, is_last=False)

    def finish(self) -> Node | None:
        """The rest."""
        return self._cut(self._held, is_last=True)

    def _cut(self, data: bytes, is_last: bool) -> Node | None:
        if not data:
            return None
        folded = None if is_last else self._skip(data)
        if folded is not None:
            return folded
        before = self._reading if isinstance(self._reading, Raw) else deepcopy(self._reading)
        root = Root(None, "body", 0, 0, data)
        out: list[Node] = []
        end = self._read(root, out, is_last)
        self._hold_back(data[end:])
        if not end:
            return None
        root.again = partial(_read_again, before, data[end:], self._limits, is_last)
        root.end, root.content = end, data[:end] if end < len(data) else data
        if out and not root.children:  # a body that was held to its end has them already
            root.children, root.notation = tuple(out), FRAGMENT
        return root

    def _skip(self, data: bytes) -> FoldedRoot | None:
        """The fragment without its fields, where the reading can do that, and the rest is short enough to be held."""
        before = self._reading
        if not isinstance(before, Skips):
            return None
        try:
            after, end = before.after(data) or (before, 0)
        except Unreadable:
            return None
        if not end or len(data) - end > self._hold:
            return None
        self._reading = after
        self._hold_back(data[end:])
        content = data[:end] if end < len(data) else data
        root = FoldedRoot(partial(_unfold, before, data, self._limits), None, "body", 0, end, content)
        root.again = partial(_read_again, before, data[end:], self._limits, False)
        return root

    def _hold_back(self, rest: bytes) -> None:
        """Keep what is not complete, and how much has to be there before it is worth another look."""
        self._held, held = rest, len(rest)
        self._again = held + held // _GROWTH if held > _PATIENT_BYTES and not self._reading.is_prompt else 0

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


def _unfold(reading: Reading, data: bytes, limits: Limits, root: Node) -> None:
    """Find the fields of a fragment; *data* is its content with what stood behind it."""
    content, root.content = root.content, data
    out: list[Node] = []
    try:
        end = deepcopy(reading).read(root, out, Budget(limits), is_last=False)
        if end != len(content):
            raise TooMuch("its end was told wrongly")
    except Unreadable as error:
        if isinstance(error, TooMuch):
            out.clear()
        if not out:
            root.unreadable = error.message
    root.content = content
    root.children, root.notation = tuple(out), FRAGMENT if out else None


def _read_again(before: Reading, rest: bytes, limits: Limits, is_last: bool, content: bytes) -> Node:
    """An edited fragment as its receiver reads it: from where the last one ended, with *rest* behind it."""
    split = Split(deepcopy(before), limits)
    root = Root(None, "body", 0, 0, content + rest)
    out: list[Node] = []
    split._read(root, out, is_last)
    root.end, root.content = len(content), content
    if not root.children:
        inside = tuple(one for one in out if one.end <= len(content))
        root.children, root.notation = inside, FRAGMENT if inside else None
    return root
