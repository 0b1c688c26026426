"""Cut the entries out of a HAR file one at a time, in bounded memory.

A HAR is one JSON object, ``{"log": {..., "entries": [{...}, {...}]}}``, often hundreds of megabytes, and
``json.load`` would hold it several times over. This module reads chunks, keeps count of brackets and
strings (an escaped quote ends no string), and hands out the raw bytes of one entry after the other; only
the entry at hand is kept. It does not judge what is between the brackets: the caller decodes the item.

Recordings break. Brackets that do not match, an entry above the limit, and the end of the file inside an
entry each make one :class:`Broken` item; reading goes on at the next object in the kept bytes that decodes
and has a ``request``, if there is one.

Source: RFC 8259 (JSON), http://www.softwareishard.com/blog/har-12-spec/ (HAR 1.2).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

LIMIT_BYTES = 64 << 20  # one entry; a page with a long film in base64 stays below
CHUNK_BYTES = 256 << 10

_STRUCTURE = re.compile(rb'["\[\]{},:]')
_BRACKETS = re.compile(rb'["\[\]{},]')
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)  # as much of a string's inside as is at hand
_NEXT_OBJECT = re.compile(rb",\s*(?=\{)")
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)  # whole strings, up to the next bracket
_UNBALANCED = "its brackets do not match"
_CLOSES = {b"]"[0]: b"["[0], b"}"[0]: b"{"[0]}


class ByteSource(Protocol):
    """What is read from: a file, a pipe, a gzip stream."""

    def read(self, size: int, /) -> bytes:
        """Up to *size* bytes; b"" at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """The bytes of one member of ``entries``."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """Where an entry should have been, and why there is none."""

    reason: str


class NoEntriesError(ValueError):
    """The input holds no ``log.entries`` array."""


class _TooLongError(Exception):
    """More bytes are wanted for one item than are ever kept."""


class _Buffer:
    """The bytes that are still needed, from the beginning of the item at hand."""

    def __init__(self, source: ByteSource, limit_bytes: int) -> None:
        self.source = source
        self.limit_bytes = limit_bytes
        self.data = bytearray()
        self.ended = False

    def more(self) -> bool:
        """Read one more chunk; False at the end. A cut-off gzip stream ends like a cut-off file."""
        if self.ended:
            return False
        if len(self.data) > self.limit_bytes + CHUNK_BYTES:
            raise _TooLongError
        try:
            chunk = self.source.read(CHUNK_BYTES)
        except EOFError:
            chunk = b""
        self.ended = not chunk
        self.data += chunk
        return bool(chunk)

    def find(self, pattern: re.Pattern[bytes], position: int) -> re.Match[bytes] | None:
        """The next match at or after *position* in what is at hand; the patterns are one byte long."""
        return pattern.search(self.data, position)


def entries(source: ByteSource, *, limit_bytes: int = LIMIT_BYTES) -> Iterator[Item | Broken]:
    """Yield the members of ``log.entries`` in order.

    Raises:
        NoEntriesError: there is no such array.
        OSError, zlib.error: the source cannot be read.
    """
    buffer = _Buffer(source, limit_bytes)
    try:
        _skip_to_entries(buffer)
    except _TooLongError:
        raise NoEntriesError("what stands before log.entries is too long") from None
    yield from _Array(buffer).items()


def _skip_to_entries(buffer: _Buffer) -> None:
    """Drop everything up to and including the ``[`` of ``log.entries``."""
    path: list[bytes] = []  # the keys that lead to the object we are in; b"[" for an array
    key = last = b""
    position = 0
    while (found := _next(buffer, _STRUCTURE, position)) is not None:
        mark, position = buffer.data[found], found + 1
        if mark == b'"'[0]:
            end = _string_end(buffer, position)
            if end is None:
                break
            last, position = bytes(buffer.data[position : min(end, position + 64)]), end + 1
        elif mark == b":"[0]:
            key = last
        elif mark == b","[0]:
            key = b""
        elif mark == b"["[0] and path == [b"", b"log"] and key == b"entries":
            del buffer.data[:position]
            return
        elif mark in b"[{":
            path.append(key if mark == b"{"[0] else b"[")
            key = b""
        elif path:
            path.pop()
        if position > CHUNK_BYTES:
            del buffer.data[:position]
            position = 0
    raise NoEntriesError("no log.entries in it")


def _next(buffer: _Buffer, pattern: re.Pattern[bytes], position: int) -> int | None:
    while True:
        found = buffer.find(pattern, position)
        if found is not None:
            return found.start()
        position = len(buffer.data)
        if not buffer.more():
            return None


def _string_end(buffer: _Buffer, position: int) -> int | None:
    """Offset of the quote that ends the string whose content begins at *position*; None at the end of input."""
    while True:
        inside = _STRING.match(buffer.data, position)
        position = inside.end() if inside else position
        if buffer.data[position : position + 1] == b'"':
            return position
        if not buffer.more():
            return None


class _Array:
    """The inside of ``entries``: items separated by commas, until its ``]``."""

    def __init__(self, buffer: _Buffer) -> None:
        self.buffer = buffer
        self.ended = False

    def items(self) -> Iterator[Item | Broken]:
        """Every item; the buffer begins with what has not been handed out."""
        while not self.ended:
            try:
                item = self._item()
            except _TooLongError:
                item = self._too_long()
            if item is not None:
                yield item

    def _item(self) -> Item | Broken | None:
        """The next item, or None for nothing between two commas."""
        data = self.buffer.data
        stack = bytearray()
        position = 0
        while True:
            inside = _INSIDE.match(data, position) if stack else None
            found = _next(self.buffer, _BRACKETS, inside.end() if inside else position)
            if found is None:
                return self._cut_off()
            mark, position = data[found], found + 1
            if mark == b'"'[0]:
                end = _string_end(self.buffer, position)
                if end is None:
                    return self._cut_off()
                position = end + 1
            elif mark in b"[{":
                stack.append(mark)
            elif mark in _CLOSES and stack:
                if stack.pop() != _CLOSES[mark]:
                    return self._recover(_UNBALANCED, position)
            elif mark == b","[0] and not stack:
                return self._take(found, position)
            elif mark in _CLOSES:
                self.ended = True
                return self._take(found, position)
            if position > self.buffer.limit_bytes:
                return self._too_long()

    def _take(self, end: int, following: int) -> Item | None:
        raw = bytes(self.buffer.data[:end]).strip()
        del self.buffer.data[:following]
        return Item(raw) if raw else None

    def _too_long(self) -> Broken:
        limit_mb = max(self.buffer.limit_bytes >> 20, 1)
        return self._recover(f"longer than {limit_mb} MB", len(self.buffer.data))

    def _cut_off(self) -> Broken:
        """The input ends before the array does."""
        return self._recover("the file is cut off here", len(self.buffer.data))

    def _recover(self, reason: str, position: int) -> Broken:
        """Give up this item; go on at the next object that is an entry, else after *position*."""
        data = self.buffer.data
        start = _next_entry(data)
        if start is not None:
            del data[:start]
            return Broken(_UNBALANCED if self.buffer.ended else reason)
        del data[:position]
        if self.buffer.ended or not self.buffer.more():
            self.ended = True
        else:
            self._skip_long()
        return Broken(reason)

    def _skip_long(self) -> None:
        """Drop chunks until one holds the beginning of an entry: what was too long is never kept."""
        data = self.buffer.data
        window = min(self.buffer.limit_bytes, 4 * CHUNK_BYTES)
        while (start := _next_entry(data)) is None:
            if len(data) > window:
                del data[: -window // 2]
            if not self.buffer.more():
                self.ended = True
                return
        del data[:start]


def _next_entry(data: bytearray) -> int | None:
    """Offset of the next object after a comma that decodes and has a ``request``."""
    decoder = json.JSONDecoder()
    text = data.decode("latin-1")  # one character per byte, so that offsets agree
    for comma in _NEXT_OBJECT.finditer(data):
        try:
            value, _ = decoder.raw_decode(text, comma.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("request"), dict):
            return comma.end()
    return None
