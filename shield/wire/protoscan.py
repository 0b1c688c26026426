r"""Where the fields of a protobuf message stand, and whether bytes look like one. No nodes, no recursion.

A message is fields one after another, each a tag and a value, without anything between; a schema says what the
numbers mean, and nobody gives it to us. So a value with a length before it may be a text, bytes, a message or packed
numbers. What decides:

1. Printable UTF-8 is text. By chance a short word is a complete message (``hi``: field 13, number 105), but hardly
   ever is a message printable: only where each tag and length happens to be a printable character. The one case that
   is common gets an exception: text that begins with ``\n``, ``"``, ``*`` or ``:`` (fields 1, 4, 5 and 7 with a length
   before them) and reads as a message to the last byte is a message.
2. What reads as a message to the last byte, and plausibly, is a message. Plausible: tags as short as possible, and
   either a text of four characters in it, or numbers of fields that are small and do not fall, for that is how
   encoders write. Of two to four random bytes one in a hundred
   passes, of eight one in 500, of sixteen one in 3,000.
3. Eight bytes each, at least two of them, that are floating-point numbers of an ordinary size (a pair of coordinates);
   or a run of varints, none of them spelled longer than needed and none above 32 bits, without three letters in a row
   and of no length that identifiers and digests have: packed numbers.
4. Everything else is bytes.

Cost: one step per field; what is inside a value is skipped. Groups are skipped too, within ``GROUPS`` levels.
Source: protobuf encoding specification ("Message Structure", "Length Prefixed Records", "Groups", "Packed Fields").
"""

from __future__ import annotations

import re
from typing import Final

from shield.errors import Unreadable
from shield.wire.limits import TooMuch
from shield.wire.varints import is_ordinary_double, read_varint, varint_width

NUMBER, EIGHT, BYTES, GROUP, END, FOUR = range(6)
"""Wire types."""
GROUPS: Final = 8
"""Groups inside each other, without a message between them. They are deprecated since 2008; real ones are one deep."""
_HIGHEST: Final = 1 << 29
_MORE: Final = 0x80
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LETTERS: Final = re.compile(rb"[A-Za-z]{3}")
_TELLING: Final = frozenset(b'\n"*:')
_TEXT_BYTES: Final = 4
_SMALL_NUMBER: Final = 63
_PACKED_BYTES: Final = 4096
_LOOKED_INTO, _LOOKED_AT = 4, 16
"""So many levels, and so many messages of each, are searched for a text."""
_IDENTIFIERS: Final = frozenset({8, 12, 16, 20, 24, 28, 32, 48, 64})


Field = tuple[int, int, int, int, int, int, int]
"""One field: number, wire type, and spans in the message: where its tag, its value and its content (after a length)
begin, where all of it ends; last the value of a varint, or where the content of a group ends."""


def scan(data: bytes, most: int) -> list[Field]:
    """The fields of a message, which fill it to the last byte.

    Args:
        most: so many fields there may be.

    Raises:
        Unreadable: it is no message. TooMuch: more fields.
    """
    fields: list[Field] = []
    position, size, left = 0, len(data), most
    try:
        while position < size:
            field = _field(data, position)
            position = field[5]
            left -= 1
            if left < 0:
                raise TooMuch("more fields than a message may have")
            fields.append(field)
    except IndexError:
        raise Unreadable("a tag or length that is cut off") from None
    if position > size:
        raise Unreadable("a value that is cut off")
    return fields


def _field(data: bytes, start: int) -> Field:
    """The field that begins at *start*; its end may lie behind the data.

    Raises:
        Unreadable: no tag of a field, or an unknown wire type. IndexError: cut off.
    """
    tag, at = data[start], start + 1
    if tag >= _MORE:
        tag, at = read_varint(data, start)
    number, wire = tag >> 3, tag & 7
    if not 0 < number < _HIGHEST:
        raise Unreadable("a field without a number")
    if wire == BYTES:
        length, content = data[at], at + 1
        if length >= _MORE:
            length, content = read_varint(data, at)
        return number, wire, start, at, content, content + length, 0
    if wire == NUMBER:
        value, end = data[at], at + 1
        if value >= _MORE:
            value, end = read_varint(data, at)
        return number, wire, start, at, at, end, value
    if wire in (FOUR, EIGHT):
        return number, wire, start, at, at, at + (4 if wire == FOUR else 8), 0
    if wire == GROUP:
        inside, end = _group(data, at, number)
        return number, wire, start, at, at, end, inside
    raise Unreadable("an unknown wire type")


def _group(data: bytes, position: int, number: int) -> tuple[int, int]:
    """Where the content of a group ends, and the offset after its end tag.

    Raises:
        Unreadable: no end tag of this number, or too deep.
    """
    still_open = [number]
    while still_open:
        start = position
        tag, at = read_varint(data, position)
        if not 0 < tag >> 3 < _HIGHEST:
            raise Unreadable("a field without a number")
        if tag & 7 == END:
            if tag >> 3 != still_open.pop():
                raise Unreadable("a group that ends as another one")
            position = at
        elif tag & 7 == GROUP:
            still_open.append(tag >> 3)
            position = at
        else:
            position = _field(data, position)[5]
        if position > len(data) or len(still_open) > GROUPS:
            raise Unreadable("a group without an end")
    return start, position


def is_text(content: bytes) -> bool:
    """Whether bytes are UTF-8 that can be printed."""
    if _UNPRINTABLE.search(content) is not None:
        return False
    if content.isascii():
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def inner_fields(content: bytes, most: int, *, seems_text: bool) -> list[Field] | None:
    """The fields of a value that is a message itself, or None: it is something else.

    Args:
        seems_text: what :func:`is_text` says of it.

    Raises:
        TooMuch: more than *most* fields.
    """
    if not content or (seems_text and content[0] not in _TELLING):
        return None
    try:
        fields = scan(content, most)
    except TooMuch:
        raise
    except Unreadable:
        return None
    return fields if _is_plausible(content, fields) else None


def is_message(content: bytes) -> bool:
    """Whether bytes of which nobody says what they are look like a message: strict.

    It reads plausibly to the last byte, and a text stands in it or in one of the first messages inside.
    """
    level = [content]
    for _ in range(_LOOKED_INTO):
        inside: list[bytes] = []
        for one in level:
            fields = _fields_or_none(one)
            if fields is None:
                if one is content:
                    return False
                continue
            if any(_has_text(one, field) for field in fields):
                return True
            inside += [one[content:end] for _, wire, _, _, content, end, _ in fields[:_LOOKED_AT] if wire == BYTES]
        level = inside[:_LOOKED_AT]
    return False


def _fields_or_none(content: bytes) -> list[Field] | None:
    try:
        return inner_fields(content, len(content), seems_text=is_text(content))
    except TooMuch:
        return None


def _is_plausible(content: bytes, fields: list[Field]) -> bool:
    last, is_ordered = 0, True
    for number, wire, start, at, value_at, end, value in fields:
        if at - start > 1 and not number >> (7 * (at - start - 1) - 3):
            return False
        if not last <= number <= _SMALL_NUMBER or (
            wire == NUMBER and end - value_at > 1 and end - value_at != varint_width(value)
        ):
            is_ordered = False
        last = number
    return is_ordered or any(_has_text(content, field) for field in fields)


def _has_text(content: bytes, field: Field) -> bool:
    _, wire, _, _, start, end, _ = field
    return wire == BYTES and end - start >= _TEXT_BYTES and is_text(content[start:end])


def packed(content: bytes) -> list[tuple[int, int, int | None]] | None:
    """Packed numbers as (start, end, value of a varint); None: it is something else."""
    size = len(content)
    if not 2 <= size <= _PACKED_BYTES:
        return None
    if size % 8 == 0 and size >= 16:
        spans = [(at, at + 8, None) for at in range(0, size, 8)]
        if all(is_ordinary_double(content[start:end]) for start, end, _ in spans):
            return list(spans)
    return None if size in _IDENTIFIERS or _LETTERS.search(content) else _varints(content)


def _varints(content: bytes) -> list[tuple[int, int, int | None]] | None:
    out: list[tuple[int, int, int | None]] = []
    position = 0
    while position < len(content):
        try:
            value, end = read_varint(content, position)
        except Unreadable:
            return None
        if end - position != varint_width(value) or value >> 32:
            return None
        out.append((position, end, value))
        position = end
    return out if len(out) > 1 else None
