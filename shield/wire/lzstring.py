"""LZ-string inside a value: ``compressToBase64``, ``compressToEncodedURIComponent``, ``compressToUTF16``.

The library's own bit stream (pieroxy/lz-string 1.5.0): numbers of 2, 3, 4 ... bits, least significant first: 0 and 1
bring a new character of 8 or 16 bits, 2 is the end, the rest point into the dictionary. A value is believed where it
reads to the end and nothing but zeros follows. Characters are those of JavaScript: content is their UTF-8, or, where
there are control characters and none above 255, the bytes that they stand for. Edits: any content, compressed again
in the same alphabet. Cost, being Python: 1 µs per number read, 3 µs per character written; the first characters
decide for most tokens.

In raw bytes: nothing to recognise it by but the alphabet: ``A`` to ``P`` first.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from typing import Final

from shield.wire.limits import TooMuch

_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_STANDARD: Final = dict(enumerate(_LETTERS + b"+/"))
_URI: Final = dict(enumerate(_LETTERS + b"+-"))
_DIGITS: Final = {letter: f"{value:06b}" for value, letter in (*_STANDARD.items(), *_URI.items(), (62, 0x20))}


def _where(*patterns: str) -> bytes:
    """Letters whose bits agree with one of the patterns (``.`` is either) as a class of a regular expression."""
    fits = re.compile("|".join(patterns)).fullmatch
    return b"[" + bytes(letter for letter, bits in _DIGITS.items() if fits(bits)).replace(b"-", rb"\-") + b"]"


_ANY: Final = rb"[A-Za-z0-9+/ -]"
_CHARACTER: Final = (".1..", "..1.")
"""The upper half of one that can be seen."""
_SHOWN: Final = rb"|".join(
    (
        _where(*(f"{upper}00" for upper in _CHARACTER))
        + rb"(?:"
        + _where("0.....")
        + _where("1.....", ".1....", "..1...")
        + rb"|[g-z0-9+/ -])",
        _where(*(f"{upper}1." for upper in _CHARACTER)) + _where("0....."),
    )
)
_WIDE: Final = (
    _ANY
    + _where(".00000", "111000", "001100", *(f"{high:06b}"[::-1] for high in (*range(19, 40), *range(43, 55))))
    + _where("000...", "100...", "110...", "001...")
)
_TO_STANDARD: Final = bytes.maketrans(b"- ", b"/+")
_TOKEN: Final = re.compile(rb"(?=[A-P](?:" + _SHOWN + rb")|P[g-j]|[g-v]" + _WIDE + rb")" + _ANY + rb"{7,}+={0,3}")
"""What a text can begin with: ``00`` and a character of 8 bits that is no control character, or ``10`` and one of 16
that letters have; then, of three bits, a number up to 4, and behind 0 a second character."""
_FEWEST_UTF16: Final = 4
_MOST_CHARACTERS: Final = 262_144
_END: Final = 2
_SHOWN_FROM: Final = 32
_PACKED: Final = "\x1fx"
"""Characters with which gzip and zlib begin."""
_FIRST: Final = 4
"""Entries of the dictionary with the first character in it."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MAY_BEGIN: Final = frozenset("\t\n\r\x1f")
"""Control characters with which text begins, and what is packed with gzip."""


class LzString:
    """The layer."""

    name = "lz"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Compress *content* in the alphabet of *raw*."""
        is_binary = _is_binary(_unpack(_bits(raw), len(raw) * 100) or "")
        bits = _pack(content.decode("latin-1") if is_binary else _units(content))
        if not raw.isascii():
            return ("".join(chr(value + 32) for value in _values(bits, 15)) + " ").encode("utf-8", "surrogatepass")
        is_uri = _is_uri(raw)
        coded = bytes(map((_URI if is_uri else _STANDARD).__getitem__, _values(bits, 6)))
        if not is_uri:
            return coded + b"=" * (-len(coded) % 4)
        return coded.replace(b"+", b" ") if b" " in raw else coded


LZ: Final = LzString()


def decode(raw: bytes) -> bytes | None:
    """What *raw* stands for, or None if it is something else.

    Raises:
        TooMuch: it fits as far as it was read, which is not to the end.
    """
    bits = _bits(raw)
    text = _unpack(bits, _MOST_CHARACTERS) if bits else None
    if not text:
        return None
    if _is_binary(text):
        return text.encode("latin-1")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")


def _is_binary(text: str) -> bool:
    """Whether the characters stand for bytes."""
    return _CONTROL.search(text) is not None and max(text) < "\u0100"


def _units(content: bytes) -> str:
    """The characters that JavaScript has for *content*; bytes that are no UTF-8 stand for themselves."""
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return content.decode("latin-1")
    if text.isascii():
        return text
    wide = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(wide[at] | wide[at + 1] << 8) for at in range(0, len(wide), 2))


def _is_uri(raw: bytes) -> bool:
    """Whether it is in the alphabet for addresses; where nothing tells, the padded one."""
    return b"-" in raw or b" " in raw or (len(raw) % 4 > 0 and b"/" not in raw)


def _bits(raw: bytes) -> str:
    """The stream as digits; empty if it is in none of the alphabets."""
    if not raw.isascii():
        if not raw.endswith(b" ") or len(raw) < _FEWEST_UTF16:
            return ""
        text = raw[:-1].decode("utf-8", "replace")
        return "".join(f"{ord(one) - 32:015b}" for one in text) if " " <= min(text) <= max(text) < "\u8020" else ""
    if _TOKEN.fullmatch(raw) is None:
        return ""
    letters = raw.rstrip(b"=")
    packed = a2b_base64(letters.translate(_TO_STANDARD) + b"A" * (-len(letters) % 4))
    return f"{int.from_bytes(packed):0{len(packed) * 8}b}"[: len(letters) * 6]


def _values(bits: str, size: int) -> list[int]:
    """The stream in pieces of *size* bits; zeros fill up the last one, of which there is one at least."""
    bits += "0" * (size - len(bits) % size)
    return [int(bits[at : at + size], 2) for at in range(0, len(bits), size)]


class _Width:
    """How many bits the next number has; it grows with the dictionary."""

    __slots__ = ("bits", "left")

    def __init__(self, left: int) -> None:
        self.bits = 2
        self.left = left

    def count(self) -> None:
        """One more entry."""
        self.left -= 1
        if self.left == 0:
            self.left = 1 << self.bits
            self.bits += 1


class _Stream:
    """The bits, read from the front."""

    __slots__ = ("bits", "position")

    def __init__(self, bits: str) -> None:
        self.bits = bits
        self.position = 0

    def number(self, width: int) -> int:
        """The next number; -1 where the stream ends before it."""
        start = self.position
        self.position = end = start + width
        return int(self.bits[start:end][::-1], 2) if end <= len(self.bits) else -1

    def is_done(self) -> bool:
        """Whether only what fills up the last character is left."""
        rest = self.bits[self.position : self.position + 16]
        return 0 < len(rest) < 16 and "1" not in rest


def _unpack(bits: str, most: int) -> str | None:
    """The text, or None if these are no such bits.

    Raises:
        TooMuch: more than *most* characters.
    """
    known: list[str] = ["", "", ""]
    out: list[str] = []
    stream, width = _Stream(bits), _Width(1)
    length, before = 0, ""
    while True:
        code = stream.number(width.bits)
        if code < 0:
            return None
        if code == _END:
            return "".join(out) if stream.is_done() else None
        if code < _END:
            if not _learn(known, stream.number(8 << code)):
                return None
            code = len(known) - 1
            width.count()
        if code > len(known) or (code == len(known) and not before):
            return None
        entry = known[code] if code < len(known) else before + before[0]
        out.append(entry)
        length += len(entry)
        if length > most:
            raise TooMuch(f"lz: more than {most} characters when opened")
        if before:
            known.append(before + entry[0])
            width.count()
        before = entry


def _learn(known: list[str], value: int) -> bool:
    """Add a new character; whether it is one of a text, or of something packed."""
    if value < 0:
        return False
    known.append(chr(value))
    return value >= _SHOWN_FROM or known[-1] in _MAY_BEGIN or _is_packed(known)


def _is_packed(known: list[str]) -> bool:
    """Whether the first characters are none that text begins with, but those of something packed."""
    first = known[_FIRST - 1 : _FIRST + 2]
    return len(known) > _FIRST and (first[0] in _PACKED or max(first) > "\x7f")


def _pack(text: str) -> str:
    """The stream of *text* as digits."""
    known: dict[str, int] = {}
    fresh: set[str] = set()
    out: list[str] = []
    size, width, before = 3, _Width(2), ""
    for character in text:
        if character not in known:
            known[character] = size
            fresh.add(character)
            size += 1
        longer = before + character
        if longer in known:
            before = longer
            continue
        _emit(before, known, fresh, out, width)
        known[longer] = size
        size += 1
        before = character
    if before:
        _emit(before, known, fresh, out, width)
    out.append(_number(_END, width.bits))
    return "".join(out)


def _emit(word: str, known: dict[str, int], fresh: set[str], out: list[str], width: _Width) -> None:
    if word in fresh:
        fresh.remove(word)
        is_wide = word > "\u00ff"
        out.append(_number(int(is_wide), width.bits) + _number(ord(word), 16 if is_wide else 8))
        width.count()
    else:
        out.append(_number(known[word], width.bits))
    width.count()


def _number(value: int, width: int) -> str:
    """Least significant bit first."""
    return f"{value:0{width}b}"[::-1]
