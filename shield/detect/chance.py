"""Whether a body that nobody has read may hold something that ``shapes`` would find in one of its fields.

Reading costs a hundred times as much as searching, and most bodies hold nothing. What is looked for in the raw bytes:
an ``@``, what only an IBAN, a grouped card, a CPF or a codice fiscale looks like, and a name that says ``phone`` or
``card`` with digits behind it. It may miss what a layer inside the body hides (base64, compression): shapes are guesses
anyway, and known facts are looked for there by others.
"""

from __future__ import annotations

import re
from typing import Final

from ahocorasick_rs import BytesAhoCorasick, Implementation

from shield.detect.hints import NO_IP, STEMS, WORDS

LARGEST: Final = 16_384
"""Bytes; what is larger is no form that a person filled in."""
LARGEST_TO_TRACKER: Final = 65_536
"""Bytes; trackers send larger bodies rarely, and reading them takes milliseconds."""
_SMALL: Final = 4_096
"""Bytes; in larger bodies, unless they go to a tracker, only an ``@`` counts: the rest takes 10 us per KB."""
_ENOUGH: Final = 100
"""So many names without a number behind are looked at; a body with more of them is read."""
LOOKS: Final = bytes.maketrans(
    b"123456789bcdefghijklmnopqrstuvwxyzBCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 9 + b"a" * 25 + b"A" * 25
)  # fmt: skip
"""Digits as 0, letters as a or A: whether a value may be something is then a plain search, quicker than a pattern; and
``find`` is, for bytes, quicker than ``in``."""
_NEAR: Final = 24
_ENDS: Final = (b'"', b"=", b"]", b"%5d")  # of a name in JSON and in a form
_NAMES: Final = tuple(
    word.encode() + end
    for word in sorted({*(one for one, hint in WORDS.items() if hint & ~NO_IP), *(one for one, _ in STEMS)})
    for end in _ENDS
)
_LONG: Final = frozenset(name for name in _NAMES if len(name) > 7)  # no other word ends in these
_DIGIT: Final = re.compile(rb"[0-9]")
_WRITTEN: Final = re.compile(
    rb"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1|[0-9]{4}[ -][0-9]{6}[ -][0-9]|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-"
    rb"|(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2} ?[0-9A-Z]{4} ?[0-9A-Z]{4} ?[0-9A-Z]{3}|[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z]"
)
_SIGNS: Final = (
    b"0000 0000 0000", b"0000-0000-0000", b"0000 000000 0", b"0000-000000-0", b"000.000.000-", b"AA00", b"AAAAAA00A00A",
)  # fmt: skip


class Chance:
    """The search, compiled. Immutable; may be shared by threads."""

    __slots__ = ("_machine",)

    def __init__(self) -> None:
        self._machine = BytesAhoCorasick(list(_NAMES), implementation=Implementation.ContiguousNFA)

    def is_in(self, body: bytes, *, to_tracker: bool = True) -> bool:
        """Whether the fields of *body* are worth a look."""
        if len(body) > (LARGEST_TO_TRACKER if to_tracker else LARGEST):
            return False
        if body.find(b"@") >= 0 or body.find(b"%40") >= 0:
            return True
        return (to_tracker or len(body) <= _SMALL) and (_is_written(body) or self._is_named(body))

    def _is_named(self, body: bytes) -> bool:
        """Whether a name that says what it holds has digits behind it."""
        hits = self._machine.find_matches_as_indexes(body.lower(), overlapping=True)
        if len(hits) > _ENOUGH:
            return True
        return any(
            _is_name(body, start, _NAMES[index]) and _DIGIT.search(body, end, end + _NEAR) for index, start, end in hits
        )


def _is_written(body: bytes) -> bool:
    """Whether something looks like nothing else."""
    looks = body.translate(LOOKS)
    return any(looks.find(sign) >= 0 for sign in _SIGNS) and _WRITTEN.search(body) is not None


def _is_name(body: bytes, start: int, name: bytes) -> bool:
    """Whether a word begins there: after no letter, or with a capital letter after a small one."""
    if name in _LONG or not start:
        return True
    before, first = body[start - 1 : start], body[start : start + 1]
    return not before.isalpha() or (before.islower() and first.isupper())
