"""Texts spelled so that a plain search passes them by: other letters for the same ones, signs that nobody sees, codes
for letters, letters set apart.

Each is a text of its own with the place of every byte in what was written, so that whatever is found in it is edited
where it stands. A span is bounded and bytes are turned once, so the cost is linear; where nothing looks like it, it is
that of a few plain searches.

Source: Unicode Standard Annex 15 (NFKC), Unicode Technical Standard 39 (letters that look alike); ECMA-262, B.2.1
(``%uXXXX``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

_PERCENT, _BACKSLASH = b"%\\"

_NEAR: Final = 128
"""Bytes on both sides of a letter that is written otherwise."""
_SIGNS: Final = (
    rb"\xef\xbc[\x8b-\xbf]|\xef\xbd[\x81-\x9a]"  # full-width
    rb"|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xc2\xad|\xcd\x8f"  # not seen
    rb"|\xf0\x9d[\x90-\x9f]|\xe2\x92[\x9c-\xbf]|\xe2\x93[\x80-\xa9]|\xef\xac[\x80-\x86]|\xef\xb9[\xa0-\xab]"
    rb"|\xd9[\xa0-\xa9]|\xdb[\xb0-\xb9]|\xdf[\x80-\x89]|\xe0[\xb9\xbb][\x90-\x99]|\xe0\xbc[\xa0-\xa9]"  # digits
    rb"|\xe0[\xa5\xa7\xa9\xab\xad\xaf\xb1\xb3\xb5][\xa6-\xaf]|\xe1(?:\x81[\x80-\x89]|\x9f[\xa0-\xa9]|\xa0[\x90-\x99])"
    rb"|\xe1\xba\x9e|\xc4[\xb0-\xb3]|\xc5\xbf|\xef\xbd[\xa6-\xbf]|\xef\xbe[\x80-\x9f]"  # other cases, half width
    rb"|\xe2\x80[\x90-\x92]"  # hyphens
    rb"|(?<=[A-Za-z.,])(?:\xc2\xa0|\xe2\x80[\x80-\x8a\xaf\x93]|\xe3\x80\x80)(?=[A-Za-z0-9\xc3])"
)
_MAY_BE: Final = re.compile(_SIGNS + rb"|[\xce\xcf\xd0\xd1]|\xc2\xa0|\xe2\x80[\x80-\x93\xaf]|\xe3\x80\x80")
"""In what is not ASCII."""
_ASCII: Final = bytes(range(128))
_OTHER: Final = re.compile(
    rb"%[uU][0-9a-fA-F]{4}|" + _SIGNS + rb"|[\xce\xcf\xd0\xd1][\x80-\xbf](?:(?<=[A-Za-z@.]..)|(?=[A-Za-z@.]))",
    re.DOTALL,
)
"""Signs, and Greek or Cyrillic beside Latin letters."""
_CHARACTER: Final = re.compile(
    rb"%[uU][0-9a-fA-F]{4}|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", re.DOTALL
)
_ALIKE: Final = str.maketrans("аеорсухіјѕԁһӏԛԝкмтвнАЕОРСУХІЈЅКМТВНαορνικτεΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
                              "aeopcyxijsdhlqwkmtbhAEOPCYXIJSKMTBHaopvikteABEZHIKMNOPTYX")  # fmt: skip
_MEANT: Final[dict[int, str]] = {
    ord("\u0130"): "I", ord("\u0131"): "i", ord("\u1e9e"): "SS",
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-"),
}  # fmt: skip
"""Capitals and small letters that their case does not lead back to, and hyphens."""
_UNSEEN: Final = "\u034f\u00ad"

_BETWEEN: Final = b":,;- ._|/*+"
"""A plus is a blank in a form that nobody opened yet."""
_PAIRS: Final = bytes(
    ord("0") if chr(byte) in "0123456789abcdefABCDEF"
    else ord("s") if byte in _BETWEEN
    else ord("x") if byte in b"xX"
    else byte if byte == _BACKSLASH
    else 1
    for byte in range(256)
)  # fmt: skip
_SINGLE: Final = bytes(
    ord("a") if byte < 128 and chr(byte).isalnum() else ord("s") if byte in _BETWEEN else 1 for byte in range(256)
)
_HEX: Final = re.compile(rb"[0-9a-fA-F]{2}(?:[:,;. _|/*+-][ +]?[0-9a-fA-F]{2}){7,}")
_PREFIXED: Final = re.compile(rb"(?:(?:0[xX]|\\x)[0-9a-fA-F]{2}[:,;. +]{0,2}){8,}")
_PAIR: Final = re.compile(rb"(?:0[xX]|\\x)?([0-9a-fA-F]{2})")
_CODES: Final = re.compile(rb"[0-9]{2,3}(?:[:,;. _|/*+-][ +]?[0-9]{2,3}){7,}")
_CODE: Final = re.compile(rb"[0-9]+")
_APART: Final = re.compile(
    rb"[A-Za-z0-9]([:,;. _|/*+-])(?:[A-Za-z0-9]|[@._+ -]\1[A-Za-z0-9])(?:\1[A-Za-z0-9]|\1?[@._+ -]\1?[A-Za-z0-9]){6,}"
)
_DOUBLED: Final = b"@._+ -"


class Respelled(NamedTuple):
    """A text, and for each of its bytes where what stands for it begins and ends."""

    text: bytes
    starts: list[int]
    ends: list[int]
    is_plain: bool
    """Whether it is the same text in other letters; else a code, in which only what is unmistakable counts."""


def respelled(written: bytes) -> Iterator[Respelled]:
    """Every text that *written* spells otherwise."""
    if (_PERCENT in written and (b"%u" in written or b"%U" in written)) or (
        not written.isascii() and _MAY_BE.search(written.translate(None, _ASCII))
    ):
        for start, end in _windows(written):
            yield _folded(written, start, end)
    shape = written.translate(_PAIRS)
    if shape.find(b"0x00") >= 0 or (_BACKSLASH in written and shape.find(b"\\x00\\x00") >= 0):
        yield from _pairs(_PREFIXED, written)
    if shape.find(b"00s00s00s00s00s00s00s00") >= 0 or shape.find(b"00ss00ss00ss00ss00ss00ss00") >= 0:
        yield from _pairs(_HEX, written)
    if shape.find(b"000s000s") >= 0 or shape.find(b"000ss000") >= 0:
        yield from _decimals(written)
    if written.translate(_SINGLE).find(b"asasasas") >= 0:
        yield from _set_apart(written)


def _windows(written: bytes) -> Iterator[tuple[int, int]]:
    """Spans around letters that are written otherwise, each byte once."""
    first = last = -1
    for found in _OTHER.finditer(written):
        start, end = max(0, found.start() - _NEAR), found.end() + _NEAR
        if start > last:
            if last >= 0:
                yield first, last
            first = start
        last = end
    if last >= 0:
        yield first, min(last, len(written))


def _folded(written: bytes, start: int, end: int) -> Respelled:
    text = bytearray()
    starts: list[int] = []
    ends: list[int] = []
    at = start
    for found in _CHARACTER.finditer(written, start, end):
        first, last = found.span()
        letter = _letter(found[0])
        text += written[at:first] + letter
        starts += [*range(at, first), *[first] * len(letter)]
        ends += [*range(at + 1, first + 1), *[last] * len(letter)]
        at = last
    text += written[at:end]
    starts += range(at, end)
    ends += range(at + 1, end + 1)
    return Respelled(bytes(text), starts, ends, is_plain=True)


def _letter(written: bytes) -> bytes:
    """What one character stands for; nothing for one that nobody sees."""
    one = chr(int(written[2:], 16)) if written.startswith(b"%") else written.decode("utf-8", "replace")
    if unicodedata.category(one) == "Cf" or one in _UNSEEN:
        return b""
    digit = unicodedata.decimal(one, None)
    if digit is not None:
        return b"%d" % digit
    return unicodedata.normalize("NFKC", one).translate(_MEANT).translate(_ALIKE).encode("utf-8", "replace")


def _pairs(pattern: re.Pattern[bytes], written: bytes) -> Iterator[Respelled]:
    for run in pattern.finditer(written):
        pairs = list(_PAIR.finditer(written, *run.span()))
        text = bytes(int(pair[1], 16) for pair in pairs)
        yield Respelled(text, [pair.start() for pair in pairs], [pair.end() for pair in pairs], is_plain=False)


def _decimals(written: bytes) -> Iterator[Respelled]:
    for run in _CODES.finditer(written):
        codes = list(_CODE.finditer(written, *run.span()))
        text = bytes(value if value < 256 else 0 for value in (int(code[0]) for code in codes))
        yield Respelled(text, [code.start() for code in codes], [code.end() for code in codes], is_plain=False)


def _set_apart(written: bytes) -> Iterator[Respelled]:
    for run in _APART.finditer(written):
        separator = run[1][0]
        at, end = run.span()
        places: list[int] = []
        while at < end:
            if written[at] != separator:
                places.append(at)
                at += 1
            elif at + 2 < end and written[at + 1] in _DOUBLED and written[at + 2] == separator:
                places.append(at + 1)
                at += 3
            else:
                at += 1
        text = bytes(written[place] for place in places)
        yield Respelled(text, places, [place + 1 for place in places], is_plain=False)
