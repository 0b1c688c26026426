"""A body on its way through: unpacked, cut into fragments, decided, written, packed; a bounded part of it held back.

What may leave is what was decided, without the last bytes that a known fact could still need (``keep``; none in a
response). Two ways for the bytes that go on:

- *written*: each fragment as it was edited, packed if there is a packer. Where the length was stated and its head
  has left (``may_grow`` False), an edit that changes it stops the body.
- *as they came*: packed bytes that nobody packs again, once everything they hold was decided. Any edit stops.

What takes long is left for the worker thread (``pace``): ``is_busy`` until ``go_on`` was called there, and ``settled``
in the loop again, where the stores are. Nothing here raises or returns ``b""``, the end of a chunked body for
mitmproxy. Memory: what the splitter holds, what one slice expands to, and ``keep``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from shield.errors import Unreadable
from shield.finding import Ask, Forward
from shield.message import Frame
from shield.outcome import Outcome
from shield.proxy.pace import Pace
from shield.proxy.words import LENGTH, PACKED, UPLOAD, UPLOAD_MISTAKE
from shield.tree import Node

SLICE_BYTES: Final = 4_096
"""So much of a packed body is unpacked at once."""
FRAGMENT_BYTES: Final = 65_536
"""So much is given to the splitter at once: what is decided about it takes 1 to 50 milliseconds."""

TRIES: Final = 4
"""So often one fragment may ask for something."""

Decide = Callable[[Node, bytes, Mapping[str, str]], Outcome[Frame]]


class Note(Protocol):
    """See ``notes.Notes``."""

    def __call__(self, outcome: Outcome[Frame]) -> None:
        """Take note; in whatever thread."""
        ...

    def release(self) -> None:
        """Store and write down what was noted; in the loop."""
        ...


class Splitter(Protocol):
    """See ``wire.splitting``."""

    @property
    def held_bytes(self) -> int:
        """How much is held back."""
        ...

    def feed(self, data: bytes) -> Node | None:
        """The fragment that is complete now, if one is."""
        ...

    def finish(self) -> Node | None:
        """The rest."""
        ...


class Coder(Protocol):
    """An unpacker or packer; see ``wire.packing``."""

    def feed(self, data: bytes) -> bytes:
        """What *data* becomes."""
        ...

    def finish(self) -> bytes:
        """The rest."""
        ...


@dataclass(slots=True)
class Ways:
    """How the bytes of one body pass.

    Attributes:
        keep: bytes behind which nothing is sure yet; 0 sends at once.
        may_grow: an edit may change the length of what goes on; may_edit: there may be edits at all.
        unpacker, packer: for content codings; without a packer what goes on is not packed.
        as_came: the bytes go on as they came (packed); what they hold is only looked at.
        only_looks: nothing goes on at all; whatever would have stopped the body, or asked, ends the look.
    """

    keep: int = 0
    may_grow: bool = True
    may_edit: bool = True
    unpacker: Coder | None = None
    packer: Coder | None = None
    as_came: bool = False
    only_looks: bool = False


@dataclass(slots=True)
class _Piece:
    """Bytes that go on when everything before *end*, an offset in the unpacked body, is sure."""

    end: int
    content: bytes
    may_be_cut: bool


class Passing:
    """One body that passes.

    Attributes:
        stopped: words; nothing more may be sent.
        waiting: what was decided about a fragment for which an answer or a persona has to be fetched; nothing
            leaves before ``go_on``.
        is_busy: there is work left that would keep the loop too long; it is done by ``go_on`` too.
        sent: bytes that have left.
        grown: by how much what was written is longer than what came.
        edited: whether anything was.
    """

    def __init__(self, splitter: Splitter, decide: Decide, note: Note, ways: Ways, pace: Pace | None = None) -> None:
        self._splitter, self._decide, self._note, self.ways = splitter, decide, note, ways
        self._pace = pace or Pace()
        self._packed: deque[bytes] = deque()  # slices as they came
        self._open: deque[bytes] = deque()  # to be given to the splitter
        self._held: deque[_Piece] = deque()
        self._asked: Node | None = None
        self._tries = 0
        self._answers: dict[str, str] = {}
        self._before = b""
        self._unpacked = self._decided = 0
        self._ending = self._ended = False
        self.stopped = ""
        self.waiting: Outcome[Frame] | None = None
        self.is_busy = False
        self.sent = self.grown = 0
        self.edited = False

    def __repr__(self) -> str:
        return f"<Passing {self.sent} bytes sent, {sum(len(one.content) for one in self._held)} held back>"

    def __call__(self, data: bytes) -> list[bytes]:
        """What may go now that *data* is there; ``b""`` is the end of the body."""
        self.put(data)
        return self.settled(self._run(None, in_place=True))

    def put(self, data: bytes) -> None:
        """Take *data* in; nothing is done with it yet."""
        if self.stopped or self._ending:
            return
        self._ending = not data
        step = FRAGMENT_BYTES if self.ways.unpacker is None else SLICE_BYTES
        self._packed.extend(data[start : start + step] for start in range(0, len(data), step))

    def go_on(self, answers: Mapping[str, str]) -> list[bytes]:
        """Decide once more about what waited, then do all the rest; an answer holds for all of the body.

        In whatever thread; what it returns may go when it is ``settled``.
        """
        root, self._asked, self.waiting = self._asked, None, None
        if root is not None:
            self._tries += 1
            if self._tries > TRIES:
                self.stop(UPLOAD_MISTAKE)
                return []
        self._answers |= answers
        return self._run(root, in_place=False)

    def settled(self, chunks: list[bytes]) -> list[bytes]:
        """The same chunks when everything that was decided about them is stored; in the loop."""
        try:
            self._note.release()
        except Exception:  # what cannot be stored does not leave
            self.stop(UPLOAD_MISTAKE)
        return [] if self.stopped else chunks

    def stop(self, words: str) -> None:
        """Let nothing more leave."""
        self.stopped = self.stopped or words
        self._asked = self.waiting = None
        self.is_busy = False
        for one in (self._held, self._packed, self._open):
            one.clear()

    def trailers(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Search what comes behind the body; it cannot wait for an answer, so whatever must be asked stops."""
        content = b"\n".join(name + b": " + value for name, value in fields)
        try:
            outcome = self._decide(Node(None, "body", 0, len(content), content), b"", self._answers)
            if not isinstance(outcome.verdict, Forward) or outcome.modified or outcome.needs:
                self.stop(UPLOAD)
        except Exception:  # whatever it was, they stay here
            self.stop(UPLOAD_MISTAKE)

    # --- one step after the other --------------------------------------------------------------------

    def _run(self, root: Node | None, *, in_place: bool) -> list[bytes]:
        self.is_busy = False
        try:
            self._fragment(root)
            while not (self.stopped or self.waiting) and (size := self._next_bytes()) is not None:
                if in_place and not self._pace.is_short(size):
                    self.is_busy = True
                    break
                self._pace.measure(self._step, size)
            return self._release()
        except Unreadable:
            self.stop(PACKED)
        except Exception:  # whatever it was, the bytes stay here
            self.stop(UPLOAD_MISTAKE)
        return []

    def _next_bytes(self) -> int | None:
        """How much the next step is about; None when there is none."""
        if self._open or self._packed:
            return len((self._open or self._packed)[0])
        return self._splitter.held_bytes if self._ending and not self._ended else None

    def _step(self) -> None:
        """One piece of work."""
        if self._open:
            self._fragment(self._splitter.feed(self._open.popleft()))
        elif self._packed:
            self._unpack(self._packed.popleft())
        else:
            self._ended = True
            if self.ways.unpacker is not None:
                self.ways.unpacker.finish()
            self._fragment(self._splitter.finish())

    def _unpack(self, data: bytes) -> None:
        content = data if self.ways.unpacker is None else self.ways.unpacker.feed(data)
        self._unpacked += len(content)
        self._open.extend(content[start : start + FRAGMENT_BYTES] for start in range(0, len(content), FRAGMENT_BYTES))
        if self.ways.as_came and not self.ways.only_looks:
            self._held.append(_Piece(self._unpacked, data, may_be_cut=False))

    def _fragment(self, root: Node | None) -> None:
        if root is not None and root.content:
            self._settle(root)

    def _settle(self, root: Node) -> None:
        """Decide about one fragment; what it becomes is held until what follows cannot change it any more."""
        outcome, ways = self._decide(root, self._before, self._answers), self.ways
        if (outcome.needs or isinstance(outcome.verdict, Ask)) and not ways.only_looks:
            self.waiting, self._asked = outcome, root
            return
        self._tries = 0
        is_stopped = not isinstance(outcome.verdict, Forward)
        content = outcome.message.content
        difference = len(content) - len(root.content)
        if outcome.modified and not is_stopped and not self._may_change(difference):
            self.stop(LENGTH)
            return
        self._note(outcome)
        root.children = ()  # parents and children hold each other: 90 MB may wait for the collector
        if is_stopped:
            self.stop(UPLOAD)
            return
        self.grown += difference
        self.edited = self.edited or outcome.modified
        self._decided += len(root.content)
        self._before = (self._before + root.content[-ways.keep :])[-ways.keep :] if ways.keep else b""
        if not (ways.as_came or ways.only_looks):
            self._held.append(_Piece(self._decided, content, may_be_cut=not outcome.modified))

    def _may_change(self, difference: int) -> bool:
        ways = self.ways
        return ways.only_looks or (ways.may_edit and not ways.as_came and (ways.may_grow or not difference))

    def _release(self) -> list[bytes]:
        """What is sure; all of it at the end, nothing while something is waited for."""
        if self.stopped or self.waiting:
            return []
        is_last = self._ended and not self._open and not self._packed
        sure = self._decided if is_last else self._decided - self.ways.keep
        out: list[bytes] = []
        while self._held and self._held[0].end <= sure:
            out.append(self._held.popleft().content)
        if self._held and self._held[0].may_be_cut:
            first = self._held[0]
            cut = len(first.content) - (first.end - sure)
            if cut > 0:
                out.append(first.content[:cut])
                first.content = first.content[cut:]
        return self._written(out, is_last=is_last)

    def _written(self, pieces: list[bytes], *, is_last: bool) -> list[bytes]:
        packer = self.ways.packer
        if packer is not None:
            pieces = [packer.feed(one) for one in pieces if one]
            if is_last:
                pieces.append(packer.finish())
        pieces = [one for one in pieces if one]
        self.sent += sum(map(len, pieces))
        return pieces
