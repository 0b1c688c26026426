"""What a body is, told by its beginning, for some content types say little (``body``, rules 1, 3 and 4).

Text that begins as JSON does is held until it is complete, or until so much of it reads as JSON that it will be
nothing else; so is a text of pairs, for it may be a form. Bytes that begin as binary ones under a type that promises
text are held until they are complete, or too many. What begins otherwise is at once what its content type says.
"""

from __future__ import annotations

import re
from typing import Final

from shield.errors import Unreadable
from shield.tree import Node
from shield.wire.binary import LOOKED_AT, is_mislabelled
from shield.wire.body import BINARY, JSON_START, UNRELIABLE, media_type, read_notation
from shield.wire.limits import Budget
from shield.wire.splitting.driver import Raw, Reading, Skips
from shield.wire.splitting.json import Json
from shield.wire.splitting.lines import Lines

UNKNOWN: Final = "nobody here reads this content type"
_FORM_SO_FAR: Final = re.compile(
    rb"(?:[^=&%\s][^=&%\r\n]{0,127}=[^&%\r\n]*+\r\n)*+(?:[^=&%\s][^=&%\r\n]{0,127}(?:=[^&%\r\n]*+\r?)?)?"
)
_BEFORE: Final = (b"\xef\xbb\xbf)]}',", b"\xef\xbb\xbffor (;;);", b")]}',", b"for (;;);")


class Whole:
    """A notation that is read only where all of the body may be held; a longer one passes without fields.

    Args:
        content_type: the whole header, empty for none.
    """

    is_prompt = False

    def __init__(self, content_type: bytes) -> None:
        self._content_type = content_type

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        if not is_last:
            return 0
        read_notation(root, self._content_type, budget)
        return len(root.content)

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        raise Unreadable("too large to be read as a whole")


class Guess:
    """Not known yet, then the reading that was chosen.

    Args:
        content_type: as of :class:`Whole`.
        declared: what the content type says; None: text unless it holds control characters.
        may_wait: for the bytes that tell binary data under a type that promises text.
    """

    def __init__(self, content_type: bytes, declared: Reading | None, *, may_wait: bool = False) -> None:
        self._whole = Whole(content_type)
        self._is_unreliable = media_type(content_type) in UNRELIABLE
        self._least = LOOKED_AT if may_wait and self._is_unreliable else 0
        self._declared = declared
        self._chosen: Reading | None = None

    @property
    def is_prompt(self) -> bool:
        """As the reading that was chosen."""
        return self._chosen is not None and self._chosen.is_prompt

    def read(self, root: Node, out: list[Node], budget: Budget, is_last: bool) -> int:
        if self._chosen is None:
            data = root.content
            if JSON_START.match(data) or (self._is_unreliable and is_mislabelled(root)) or self._may_be_form(data):
                return self._whole.read(root, out, budget, is_last)
            if not is_last and (
                len(data) < self._least or not data.strip() or any(begin.startswith(data.rstrip()) for begin in _BEFORE)
            ):
                return 0
            self._chosen = self._otherwise(data)
        return self._chosen.read(root, out, budget, is_last)

    def after(self, data: bytes) -> tuple[Reading, int] | None:
        """What was chosen goes on alone."""
        return self._chosen.after(data) if isinstance(self._chosen, Skips) else None

    def part(self, root: Node, out: list[Node], at: int, budget: Budget) -> int:
        """More than may be held, and still not known."""
        if self._chosen is not None:
            return self._chosen.part(root, out, at, budget)
        self._chosen = self._otherwise(root.content)
        if JSON_START.match(root.content):
            try:
                Json().read(Node(None, "body", 0, 0, root.content), [], budget, is_last=False)
                self._chosen = Json()
            except Unreadable:
                pass
        end = self._chosen.read(root, out, budget, is_last=False)
        return end or self._chosen.part(root, out, 0, budget)

    def _may_be_form(self, data: bytes) -> bool:
        """Whether a text has only lines that a form sent as text has (``lines``): the last one tells."""
        is_text = self._declared is None or isinstance(self._declared, Lines)
        return is_text and _FORM_SO_FAR.fullmatch(data) is not None

    def _otherwise(self, data: bytes) -> Reading:
        if self._declared is not None:
            return self._declared
        return Raw(UNKNOWN) if BINARY.search(data) else Lines()
