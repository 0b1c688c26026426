"""Masked copies: ``a***@r***.example``, ``+49*******78``, ``**** **** **** 1111``.

A mask shows the beginning or the end of some words of a value and hides the rest; who knows the value recognises it,
and so does whoever joins lists by masks. A mask that shows fewer than SHOWN letters and digits is nobody's.
"""

from __future__ import annotations

import re
from typing import Final

SHOWN: Final = 4
LONGEST: Final = 200
_WORDS: Final = re.compile(r"([@.\s_+()-]+)")
_MASKED: Final = re.compile(r"([^*#•]*)([*#•]+)([^*#•]*)")


def is_mask(text: str) -> bool:
    """Whether a field may be one: something is hidden, something shown."""
    return len(text) <= LONGEST and ("**" in text or "••" in text or "##" in text) and any(map(str.isalnum, text))


def fits(mask: str, text: str) -> bool:
    """Whether *mask* is a masked copy of *text*; numbers are compared without what separates their digits."""
    pairs = _pairs(mask, text)
    if pairs is None or sum(map(str.isalnum, mask)) < SHOWN:
        return False
    return all(_shows(word, real) for word, real in pairs)


def masked_like(mask: str, real: str, other: str) -> str | None:
    """*other* masked as *mask* masks *real*; None where it has other words."""
    pairs, words = _pairs(mask, real), _split(other)
    if pairs is None:
        return None
    if _is_number(real) and _is_number(other):
        return _number_like(mask, other)
    if "@" in mask:
        return _mailbox_like(mask, real, other)
    if len(words) != len(pairs):
        return None
    return "".join(_hidden(word, was, new) for (word, was), new in zip(pairs, words, strict=True))


def _mailbox_like(mask: str, real: str, other: str) -> str | None:
    """Both sides of an at sign by themselves; one of other words than the real one's as if it were one word."""
    sides = [text.rpartition("@")[::2] for text in (mask, real, other)]
    if not all(map(all, sides)):
        return None
    made = [_side_like(*three) for three in zip(*sides, strict=True)]
    return "@".join(filter(None, made)) if all(made) else None


def _side_like(mask: str, real: str, other: str) -> str | None:
    one, two, three = _split(mask), _split(real), _split(other)
    if len(one) == len(two) == len(three):
        return "".join(map(_hidden, one, two, three))
    if mask.casefold() == real.casefold():
        return other
    return _hidden(mask, real, other) if _MASKED.fullmatch(mask) else None


def _split(text: str) -> list[str]:
    return _WORDS.split(text.strip())


def _is_number(text: str) -> bool:
    return not re.search(r"[^\W\d]", text) and any(map(str.isdigit, text))


def _pairs(mask: str, text: str) -> list[tuple[str, str]] | None:
    """The words of both, side by side, with what separates them."""
    if _is_number(text):
        bare, digits = re.sub(r"[^\d*#•]", "", mask), re.sub(r"\D", "", text)
        return [(bare, digits)] if len(bare) == len(digits) and not re.search(r"[^\W\d]", mask) else None
    one, two = _split(mask), _split(text)
    if len(one) == len(two):
        return list(zip(one, two, strict=True))
    sides = list(zip(mask.rpartition("@"), text.rpartition("@"), strict=True))
    return sides if all(map(all, sides)) else None  # a***@mail.example hides the words of a name too


def _shows(word: str, real: str) -> bool:
    word, real = word.casefold(), real.casefold()
    found = _MASKED.fullmatch(word)
    if found is None:
        return word == real
    begins, _, ends = found.groups()
    return len(begins) + len(ends) <= len(real) and real.startswith(begins) and real.endswith(ends)


def _hidden(word: str, was: str, new: str) -> str:
    """As many letters shown as in *word*; as many signs, or as many as there are letters where that was so."""
    found = _MASKED.fullmatch(word)
    if found is None:
        return new
    begins, signs, ends = found.groups()
    rest = max(len(new) - len(begins) - len(ends), 1)
    count = rest if len(signs) == len(was) - len(begins) - len(ends) else len(signs)
    return new[: len(begins)] + signs[0] * count + (new[-len(ends) :] if ends else "")


def _number_like(mask: str, other: str) -> str:
    digits = iter(re.sub(r"\D", "", other))
    out = []
    for one in mask:
        if not (one.isdigit() or one in "*#•"):
            out.append(one)
        elif following := next(digits, ""):
            out.append(following if one.isdigit() else one)
    return "".join(out)
