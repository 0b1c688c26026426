"""Unknown personal data by its shape, in every field of a message. No fact is needed.

What is found is a guess (``how: shape``, ``whose: unknown``); what becomes of guesses is policy's matter. What stands
in one field is told by ``spans``, what its name says by ``hints``, whether a body is worth reading by ``chance``.

Cost: 0.1 to 0.2 µs for a field without a chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from shield.cleared import Cleared, Told
from shield.detect.chance import Chance
from shield.detect.hints import SKIP, hint_of
from shield.detect.spans import spans_of
from shield.finding import Finding
from shield.opened import Opened
from shield.tree import TOKEN, Node, unfolded

_NEW_NAMES: Final = 500
"""So many names of one message that were not met before say something; a page can make up any number of them."""
_SHORTEST: Final = 6  # a@b.de


class Shapes:
    """Finds shapes; may be shared by threads. Immutable but for memos of what names of fields say and of values that
    hold nothing."""

    __slots__ = ("_chance", "_cleared", "_hints")

    def __init__(self) -> None:
        self._chance = Chance()
        self._cleared = Cleared()
        self._hints: Told[int] = Told()

    def find(self, opened: Opened, known: Iterable[Finding] = (), *, to_tracker: bool = True) -> list[Finding]:
        """Guesses about every field of a message.

        Args:
            known: what was recognised already; what lies inside one of these is no guess.
            to_tracker: a body is read as soon as it shows signs; else only if that is cheap (``chance``).
        """
        found: list[Finding] = []
        hint_at, new = self._hints.by_number.get, 0
        cleared, clear = self._cleared.numbers, self._cleared.add
        for address, nodes in self._worth_a_look(opened, to_tracker).items():
            hint = hint_at(hash(address))
            if hint is None:
                new += 1
                hint = self._hints.add(hash(address), hint_of(address)) if new <= _NEW_NAMES else 0
            if hint & SKIP:
                continue
            for node in nodes:
                content = node.content
                if len(content) < _SHORTEST or (number := hash(content) + hint) in cleared:
                    continue
                if node.unreadable is None and (not node.children or node.notation is TOKEN):
                    spans = spans_of(content, hint)
                    if spans:
                        found += [Finding(node, one.start, one.end, one.category, how="shape") for one in spans]
                    else:
                        clear(number)
        return _unexplained(found, known) if found else found

    def _worth_a_look(self, opened: Opened, to_tracker: bool) -> Mapping[str, list[Node]]:
        """Every node by its address; of a body what was read so far, or all where it shows signs. Towards trackers,
        who must not get what is found, that does not depend on what others had to read.
        """
        body = _within_codings(opened.body)
        if body is None:
            return opened.around_body()
        is_read = bool(unfolded(body))
        if is_read and not to_tracker:
            return opened.so_far()
        if self._chance.is_in(body.content, to_tracker=to_tracker):
            return opened.by_address()
        return opened.so_far() if is_read else opened.around_body()


def _within_codings(body: Node | None) -> Node | None:
    """The body without its content codings."""
    while body is not None:
        inner = unfolded(body)
        if len(inner) != 1 or inner[0].address != body.address:
            break
        body = inner[0]
    return body


def _unexplained(found: list[Finding], known: Iterable[Finding]) -> list[Finding]:
    """Without what lies inside something that is known."""
    around: dict[Node, list[Finding]] = {}
    for one in known:
        if one.how == "known" and not one.in_name:
            around.setdefault(one.node, []).append(one)
    return [
        guess for guess in found
        if not any(one.start <= guess.start and guess.end <= one.end for one in around.get(guess.node, ()))
    ]  # fmt: skip
