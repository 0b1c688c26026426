"""The shape of an identifier: what its maker wrapped around it, what carries the identity, what has room to change.

The wrapper (``GA1.1.``, ``fb.1.``, ``amzn1.ad.``, dashes, letter case) stays; the core gets another value of the
same shape: digits stay digits, letters letters of their case, a UUID its version and variant, a leading zero or
its absence, check digits valid (Luhn), times at most a year earlier.

Free bits: 4 per hexadecimal digit (6 less for the version and variant of a UUID), 3.3 per decimal digit, 4.7 per
letter, 25 for a time. Two formats count as what their maker can put there, whatever stands in one of them:
Google Analytics' client id (two numbers of 32 bits) and Meta's browser id (a time in milliseconds and 31 bits).
Anything with blanks, braces, quotes, an @ or bytes beyond ASCII is no identifier and has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import shake_256
from typing import Final, Literal

ENOUGH_BITS: Final = 64
YEAR_SECONDS: Final = 31_536_000

_GA: Final = re.compile(rb"(GA1\.\d(?:-\d+)?\.)?(\d{1,10}\.\d{1,10})")  # wire facts 2.5: _ga; query:cid without wrapper
_FBP: Final = re.compile(rb"(fb\.\d\.)?(1\d{12}\.\d{1,20})")  # wire facts 3.5: milliseconds and a number
_FBC: Final = re.compile(rb"(fb\.\d\.\d{10,13}\.)([A-Za-z0-9_\-]{16,}?)(\.[A-Za-z0-9]{8})?")
_UUID: Final = re.compile(rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
_HEX: Final = re.compile(rb"(?<![0-9A-Za-z])(?:[0-9a-f]{16,}|[0-9A-F]{16,})(?![0-9A-Za-z])")
_WRAPPER: Final = re.compile(rb"[^A-Za-z0-9\x80-\xff]*(?:[A-Za-z]{1,12}\d{0,2}[^A-Za-z0-9\x80-\xff]*){0,4}")
_NO_IDENTIFIER: Final = re.compile(rb"[^!-~]|[\"'<>@\\{}\[\]()`]")
_TIME: Final = re.compile(rb"(?<![0-9A-Za-z])1[2-9]\d{8}(?:\d{3})?(?![0-9A-Za-z])")  # seconds or ms, 2008 to 2033
_TOKEN: Final = re.compile(_TIME.pattern + rb"|\d+|[a-z]+|[A-Z]+|[^0-9A-Za-z]+")

Kind = Literal["hex", "numbers", "text", "none"]


@dataclass(frozen=True, slots=True, repr=False)
class Shape:
    """An identifier taken apart: *before* + *core* + *after* is the value. Shows none of them."""

    kind: Kind
    before: bytes
    core: bytes
    after: bytes = b""
    is_known_format: bool = False

    @property
    def value(self) -> bytes:
        """All of it."""
        return self.before + self.core + self.after

    @property
    def canonical(self) -> bytes:
        """The same for every spelling of the same identifier."""
        return self.core.replace(b"-", b"").lower() if self.kind == "hex" else self.core

    @property
    def has_version(self) -> bool:
        """Whether it is a UUID of RFC 9562, whose version and variant stay."""
        return self.kind == "hex" and _has_version(self.canonical)

    @property
    def free_bits(self) -> float:
        """How much another value may differ, in bits, as the head of this module counts."""
        if self.kind == "none":
            return 0
        if self.kind == "hex":
            return 4 * len(self.canonical) - (6 if self.has_version else 0)
        counted = sum(map(_token_bits, _TOKEN.findall(self.core)))
        return max(counted, ENOUGH_BITS) if self.is_known_format else counted

    def write(self, seed: bytes) -> bytes:
        """Another value of this shape, that follows from *seed*."""
        stream = _Stream(seed, 2 * len(self.before) + 2 * len(self.core) + 64)
        core = _WRITERS[self.kind](self.core, stream)
        before = _TIME.sub(lambda found: _earlier(found[0], stream), self.before)
        return before + core + self.after


def shape(value: bytes) -> Shape:
    """Take an identifier apart."""
    found = _GA.fullmatch(value) or _FBP.fullmatch(value)
    if found:
        return Shape("numbers", found[1] or b"", found[2], is_known_format=True)
    if found := _FBC.fullmatch(value):
        return Shape("text", found[1], found[2], found[3] or b"")
    if not value or _NO_IDENTIFIER.search(value):
        braced = _UUID.fullmatch(value[1:-1]) if value[:1] == b"{" and value[-1:] == b"}" else None
        return Shape("hex", b"{", braced[0], b"}") if braced else Shape("none", b"", value)
    return _wrapped(value) or Shape("text", b"", value)


def _wrapped(value: bytes) -> Shape | None:
    """One UUID or hexadecimal number, with nothing around it that could tell people apart."""
    found = list(_UUID.finditer(value)) or [one for one in _HEX.finditer(value) if not one[0].isdigit()]
    if len(found) != 1:
        return None
    before, after = value[: found[0].start()], value[found[0].end() :]
    if not _WRAPPER.fullmatch(before) or not _WRAPPER.fullmatch(after):
        return None
    return Shape("hex", before, found[0][0], after)


class _Stream:
    """Bytes without end that follow from a seed."""

    __slots__ = ("_next",)

    def __init__(self, seed: bytes, length: int) -> None:
        self._next: Callable[[], int] = self._bytes(seed, length).__next__

    @staticmethod
    def _bytes(seed: bytes, length: int) -> Iterator[int]:
        while True:
            yield from shake_256(seed).digest(length)
            seed = shake_256(seed + b"more").digest(32)

    def below(self, limit: int, size: int = 2) -> int:
        """A number below *limit*, from *size* bytes."""
        if size == 2:
            return (self._next() << 8 | self._next()) % limit
        number = 0
        for _ in range(size):
            number = number << 8 | self._next()
        return number % limit


def _has_version(digits: bytes) -> bool:
    """Whether 32 hexadecimal digits are a UUID of RFC 9562 (versions 1 to 8, variant 10)."""
    return len(digits) == 32 and 0x31 <= digits[12] <= 0x38 and digits[16] in b"89ab"


def _hex(core: bytes, stream: _Stream) -> bytes:
    old = core.replace(b"-", b"").lower()
    new = bytearray(b"0123456789abcdef"[stream.below(16)] for _ in old)
    if _has_version(old):
        new[12] = old[12]
        new[16] = b"89ab"[stream.below(4)]
    digits = iter(bytes(new).upper() if core.isupper() else bytes(new))
    return bytes(byte if byte == 0x2D else next(digits) for byte in core)


def _text(core: bytes, stream: _Stream) -> bytes:
    if core.isdigit() and len(core) >= 12 and not _TIME.fullmatch(core):
        digits = _decimal(core, stream)
        return _with_check_digit(digits) if _luhn(core) == 0 else digits
    return b"".join(_token(token, stream) for token in _TOKEN.findall(core))


def _token(token: bytes, stream: _Stream) -> bytes:
    if _TIME.fullmatch(token):
        return _earlier(token, stream)
    if token.isdigit():
        return _decimal(token, stream)
    if token.isalpha():
        first = 0x61 if token.islower() else 0x41
        return bytes(first + stream.below(26) for _ in token)
    return token


def _token_bits(token: bytes) -> float:
    if _TIME.fullmatch(token):
        return 25
    return len(token) * (3.3 if token.isdigit() else 4.7 if token.isalpha() else 0)


def _decimal(token: bytes, stream: _Stream) -> bytes:
    """As many digits; the first is zero if and only if it was."""
    first = 0x30 if token[:1] == b"0" else 0x31 + stream.below(9)
    return bytes([first, *(0x30 + stream.below(10) for _ in token[1:])])


def _earlier(token: bytes, stream: _Stream) -> bytes:
    """A time in seconds or milliseconds, moved back by at most a year."""
    unit = 1000 if len(token) == 13 else 1
    return b"%d" % (int(token) - 1 - stream.below(YEAR_SECONDS * unit - 1, 8))


def _numbers(core: bytes, stream: _Stream) -> bytes:
    """Google's number and seconds, or Meta's milliseconds and number."""
    first, _, second = core.partition(b".")
    if len(first) == 13:
        return _earlier(first, stream) + b"." + _number(second, stream)
    last = _earlier(second, stream) if _TIME.fullmatch(second) else _decimal(second, stream)
    return _number(first, stream) + b"." + last


def _number(token: bytes, stream: _Stream) -> bytes:
    """As many digits; what fits into 31 bits still does, for scripts read it as such a number."""
    made = _decimal(token, stream)
    if len(token) == 10 and token[:1] != b"0" and int(token) < 2**31:
        made = b"%d" % (10**9 + int(made) % (2**31 - 10**9))
    return made


def _luhn(digits: bytes) -> int:
    """The remainder of ISO/IEC 7812-1; 0 where the check digit is right."""
    total = 0
    for place, byte in enumerate(reversed(digits)):
        digit = byte - 0x30
        total += (digit * 2 - 9 if digit > 4 else digit * 2) if place % 2 else digit
    return total % 10


def _with_check_digit(digits: bytes) -> bytes:
    body = digits[:-1] + b"0"
    return digits[:-1] + b"%d" % (-_luhn(body) % 10)


_WRITERS: Final[dict[Kind, Callable[[bytes, _Stream], bytes]]] = {"hex": _hex, "numbers": _numbers, "text": _text}
