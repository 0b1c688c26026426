"""All spellings of the facts and personas in one automaton, and the exact check of each hit.

The automaton (Aho-Corasick) holds only the first KEY bytes of each spelling, in lower case: thousands of digests then
need little memory and build in a moment, and a false alarm of a prefix costs one comparison. Of one or two letters it
holds those with each byte before them that is no letter or digit. Numbers are
searched in the digits of the text alone, so that no separator hides them, and then where they really stand.
"""

from __future__ import annotations

import re
from base64 import b32encode, b64encode
from bisect import bisect_right
from codecs import utf_8_decode
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from typing import Final, NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from shield.detect.spelling import Edge, Spelling
from shield.finding import Likeness
from shield.forms import Strength

KEY: Final = 6
NUL: Final = b"\0"
"""Stands before, between and after the texts that are searched in one go; no spelling holds it."""

_NO_DIGITS: Final = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
# What people write between digits, up to four in a row; a plus is a space that nobody opened. Blanks and dashes of
# Unicode (no-break, thin, ideographic; figure dash, en dash, minus), brackets of full width, and signs nobody sees.
_SEPARATORS: Final = (
    rb"(?:[ +\-./()\t\r\n]|\xc2[\xa0\xad]|\xe2\x80[\x80-\x95\xaa-\xaf]|\xe2\x81[\x9f-\xa9]|\xe2\x88\x92"
    rb"|\xe3\x80\x80|\xef\xbc[\x88\x89\x8b\x8d-\x8f]|\xef\xb9\xa3|\xef\xbb\xbf){0,4}"
)
_NUMBER: Final = re.compile(rb"[0-9](?:" + _SEPARATORS + rb"[0-9]){3,}")
_NEXT_DIGIT: Final = re.compile(_SEPARATORS + rb"[0-9]")
_BLOCK: Final = 512
_ESCAPE_BEFORE: Final = re.compile(rb"(?:%(?:25)*[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[nrtbf])\Z")
_NEVER: Final = tuple(b"%d00000000000000000000" % first for first in range(10))
"""Numbers that begin with every digit: with three beginnings or fewer the machine stops at each of them, slowly."""
_SHORT: Final = 2
SHORT_CODE: Final = 12
_CODES: Final = 3
_URL: Final = bytes.maketrans(b"+/", b"-_")
_SURE_DIGITS: Final = 9
_MOST_IN_TABLE: Final = 6000
"""Keys; a table of states takes 2 KB per key and searches 1 KB in 2 µs, the other kind 0.1 KB and 3 µs."""
_MOST_SPOTS: Final = 64
_TEXT: Final = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_NEAR: Final = 64
_INNER: Final = bytes(range(0x80, 0xC0))  # of a character in UTF-8 that began before
_DIGITS: Final = frozenset(b"0123456789")
_LETTERS_AND_DIGITS: Final = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Owner(NamedTuple):
    """Whose value a spelling is: *scope* of a persona, None for the person."""

    scope: str | None
    likeness: Likeness
    category: str


class Entry:
    """One spelling, and everybody who has it. Owners are in order: the person first."""

    __slots__ = ("edge", "exact", "is_number", "owners", "strength", "text")

    def __init__(self, text: bytes, exact: bool, edge: Edge, strength: Strength, is_number: bool) -> None:
        self.text = text
        self.exact = exact
        self.is_number = is_number
        self.edge = edge
        self.strength = strength
        self.owners: list[Owner] = []


class Match(NamedTuple):
    """An entry found at a span of the buffer."""

    start: int
    end: int
    entry: Entry


class Lexicon:
    """The entries, ready to be searched for. Immutable once built; may be shared by threads."""

    def __init__(self, spelled: Iterable[tuple[Spelling, Owner]]) -> None:
        entries = _collect(spelled)
        self.count = len(entries)
        self.tiny = [entry for entry in entries if entry.strength == "tiny"]
        words: dict[bytes, list[Entry]] = {}
        numbers: dict[bytes, list[Entry]] = {}
        for entry in entries:
            if entry.is_number:
                numbers.setdefault(entry.text, []).append(entry)
            elif entry.strength != "tiny":
                for key in _keys_of(entry):
                    words.setdefault(key, []).append(entry)
            for code in short_codes(entry.text) if not entry.exact else ():
                words.setdefault(code.lower()[:KEY], []).append(Entry(code, True, "word", "digest", False))
        self._words = list(words.values())
        self._numbers = list(numbers.values())
        kind = Implementation.DFA if len(words) <= _MOST_IN_TABLE else Implementation.ContiguousNFA
        self._word_machine = BytesAhoCorasick(list(words), implementation=kind)
        self._number_machine = BytesAhoCorasick([*numbers, *_NEVER], implementation=Implementation.DFA)
        spans = [len(entry.text) * (4 if entry.is_number else 1) for entry in entries]
        self.longest = max(spans, default=0) + 2

    def scan(self, buffer: bytes) -> list[Match]:
        """Every spelling in *buffer*, also overlapping ones, in no order.

        Cost without a hit: about 1 µs and 4 µs per KB.
        """
        found: list[Match] = []
        lowered = buffer.lower()
        for index, start, _ in self._word_machine.find_matches_as_indexes(lowered, overlapping=True):
            for entry in self._words[index]:
                match = _check(entry, buffer, lowered, start)
                if match is not None:
                    found.append(match)
        seen = {index for index, _, _ in self.numbers_in(buffer)}
        if seen:
            found.extend(_find_numbers([entry for index in seen for entry in self._numbers[index]], buffer))
        return found

    def numbers_in(self, buffer: bytes) -> list[tuple[int, int, int]]:
        """Which numbers stand in the digits of *buffer*, and where among them."""
        if not self._numbers:
            return []
        hits = self._number_machine.find_matches_as_indexes(digits_of(buffer), overlapping=True)
        return [hit for hit in hits if hit[0] < len(self._numbers)] if hits else hits

    def suspects(self, raw: bytes) -> bool:
        """Whether :meth:`scan` could find anything in texts that *raw* holds, wherever they begin and end.

        It may be wrong in one direction only. What is unmistakable counts wherever it stands, for the bytes beside it
        may be a tag or a length; what is short or common counts between bytes that are no letter or digit, and
        everywhere in bytes that are no text.
        """
        return next(self._words_at(raw), None) is not None or next(self._numbers_at(raw), None) is not None

    def spots(self, raw: bytes) -> tuple[int, ...] | None:
        """Where in *raw* it could begin, in order; None: too often to tell."""
        found = set(islice(self._words_at(raw), _MOST_SPOTS + 1))
        found.update(islice(self._numbers_at(raw), _MOST_SPOTS + 1))
        return tuple(sorted(found)) if len(found) <= _MOST_SPOTS else None

    def _words_at(self, raw: bytes) -> Iterator[int]:
        buffer = NUL + raw
        lowered = buffer.lower()
        is_binary: bool | None = None
        for index, start, _ in self._word_machine.find_matches_as_indexes(lowered, overlapping=True):
            for entry in self._words[index]:
                first = start + (len(entry.text) <= _SHORT)
                end = first + len(entry.text)
                if (buffer if entry.exact else lowered)[first:end] != entry.text:
                    continue
                if entry.strength != "strong" and not is_apart(buffer, first, end, entry.edge):
                    is_binary = _is_binary(raw) if is_binary is None else is_binary
                    if not is_binary:
                        continue
                yield first - 1

    def _numbers_at(self, raw: bytes) -> Iterator[int]:
        """Where numbers begin that are long, or stand in one run of digits and separators."""
        hits = self.numbers_in(raw)
        places = _places_of_digits(raw, (start for _, start, _ in hits)) if hits else ()
        for (_, start, end), place in zip(hits, places, strict=True):
            if end - start >= _SURE_DIGITS or _is_one_run(raw, place, end - start):
                yield place

    def __repr__(self) -> str:
        return f"<Lexicon of {self.count} spellings>"


def digits_of(buffer: bytes) -> bytes:
    """The digits of *buffer* alone."""
    return buffer.translate(None, _NO_DIGITS)


def _places_of_digits(raw: bytes, numbers: Iterable[int]) -> Iterator[int]:
    """Where the digits stand that have so many digits before them.

    Cost: one pass, and 20 µs for each block in which one stands.
    """
    blocks = range(0, len(raw), _BLOCK)
    before = list(accumulate((len(digits_of(raw[at : at + _BLOCK])) for at in blocks), initial=0))
    current, places = -1, [0]
    for number in numbers:
        block = bisect_right(before, number) - 1
        if block != current:
            current, first = block, block * _BLOCK
            places = [at for at in range(first, min(first + _BLOCK, len(raw))) if raw[at] in _DIGITS]
        yield places[number - before[block]]


def _is_one_run(raw: bytes, at: int, count: int) -> bool:
    """Whether so many digits stand from *at* on with nothing but separators between them."""
    for _ in range(count - 1):
        following = _NEXT_DIGIT.match(raw, at + 1)
        if following is None:
            return False
        at = following.end() - 1
    return True


def _keys_of(entry: Entry) -> list[bytes]:
    """What the machine looks for: the beginning; of one or two letters with any byte before them that is none."""
    if len(entry.text) > _SHORT:
        return [entry.text.lower()[:KEY]]
    return [bytes([byte]) + entry.text.lower() for byte in range(256) if byte not in _LETTERS_AND_DIGITS]


def short_codes(text: bytes) -> set[bytes]:
    """Codes of a text, and codes of those, of fewer than SHORT_CODE letters.

    A glance at raw bytes does not open what is so short (``wire.views``), so it stands there as it is. Whoever
    reads the message finds the text itself.
    """
    if len(text) > SHORT_CODE:
        return set()
    every: set[bytes] = set()
    found = {text, text.upper(), text.title(), text.capitalize()}
    for _ in range(_CODES):
        found = {code for one in found for code in _coded(one) if len(code.rstrip(b"=")) < SHORT_CODE}
        every |= {code.rstrip(b"=") for code in found}
    return every


def _coded(text: bytes) -> set[bytes]:
    """A text in each alphabet, padded and not."""
    digits = text.hex().encode()
    padded = {b64encode(text), b64encode(text).translate(_URL), b32encode(text)}
    return {digits, digits.upper(), *padded, *(code.rstrip(b"=") for code in padded)}


def _is_binary(raw: bytes) -> bool:
    """Whether it holds a byte that no text has."""
    return bool(raw.translate(None, _TEXT))


def _collect(spelled: Iterable[tuple[Spelling, Owner]]) -> list[Entry]:
    entries: dict[tuple[bytes, bool, str, str, bool], Entry] = {}
    for (text, _, strength, edge, exact, is_number), owner in spelled:
        key = (text, exact, edge, strength, is_number)
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = Entry(text, exact, edge, strength, is_number)
        if owner not in entry.owners:
            entry.owners.append(owner)
    for entry in entries.values():
        if len(entry.owners) > 1:
            entry.owners.sort(key=_order)
    return list(entries.values())


def _order(owner: Owner) -> tuple[bool, bool]:
    """The person first, and what was written so before what a company makes of it."""
    worn = owner.likeness.disguise
    return owner.scope is not None, not worn.digest and worn.normal != "plain"


def _check(entry: Entry, buffer: bytes, lowered: bytes, start: int) -> Match | None:
    """The whole spelling, its case where that matters, and what stands beside it."""
    if entry.strength == "digest":
        return None
    start += len(entry.text) <= _SHORT
    end = start + len(entry.text)
    if (buffer if entry.exact else lowered)[start:end] != entry.text:
        return None
    if entry.strength == "whole":
        return Match(start, end, entry) if buffer[start - 1 : start] == NUL == buffer[end : end + 1] else None
    if is_apart(buffer, start, end, entry.edge) or (entry.strength == "strong" and _is_among_bytes(buffer, start, end)):
        return Match(start, end, entry)
    return None


def _is_among_bytes(buffer: bytes, start: int, end: int) -> bool:
    """Whether bytes that no text has stand near the span: then a letter beside it may be a length (CBOR, MessagePack).

    Only bytes of the same text: NUL stands between two.
    """
    before = buffer[max(0, start - _NEAR) : start]
    before = (before.lstrip(_INNER) if len(before) == _NEAR else before).rpartition(NUL)[2]
    after = buffer[end : end + _NEAR].partition(NUL)[0]
    return _is_binary(before + after) or not (_begins_as_utf8(before) and _begins_as_utf8(after))


def _begins_as_utf8(data: bytes) -> bool:
    """Whether it is UTF-8, perhaps cut off."""
    try:
        utf_8_decode(data, "strict", False)
    except UnicodeDecodeError:
        return False
    return True


def _find_numbers(entries: list[Entry], buffer: bytes) -> Iterator[Match]:
    """Where these numbers stand in the text with its separators, if they do."""
    for run in _NUMBER.finditer(buffer):
        places = [at for at in range(*run.span()) if buffer[at] in _DIGITS]
        digits = bytes(buffer[at] for at in places)
        for entry in entries:
            found = digits.find(entry.text) if entry.strength != "digest" else -1
            while found >= 0:
                start, end = places[found], places[found + len(entry.text) - 1] + 1
                if is_apart(buffer, start, end, "number"):
                    yield Match(start - (buffer[start - 1 : start] == b"+"), end, entry)
                found = digits.find(entry.text, found + 1)


def is_apart(buffer: bytes, start: int, end: int, edge: Edge) -> bool:
    """Whether no letter or digit (for numbers: no digit) stands beside the span.

    The end of an escape (``%20``, ``\\n``, ``\\u0022``) is no letter.
    """
    if edge == "none":
        return True
    if start and _joins(buffer, start - 1, edge) and not _ESCAPE_BEFORE.search(buffer[max(0, start - 12) : start]):
        return False
    return end >= len(buffer) or not _joins(buffer, end, edge)


def _joins(buffer: bytes, at: int, edge: Edge) -> bool:
    byte = buffer[at]
    if edge == "number":
        return byte in _DIGITS
    return byte in _LETTERS_AND_DIGITS or (byte >= 0x80 and _is_letter(buffer, at))


def _is_letter(buffer: bytes, at: int) -> bool:
    """Whether the UTF-8 character that holds this byte is a letter of an alphabet that is written with spaces.

    Not of Chinese, Japanese or Korean, whose syllables may be taken apart (Hangul Jamo).
    """
    first = at
    while first > 0 and at - first < 3 and 0x80 <= buffer[first] < 0xC0:
        first -= 1
    character = buffer[first : first + 4].decode("utf-8", "replace")[0]
    if character == "\ufffd" or first + len(character.encode()) <= at:
        return False  # no UTF-8: rather one hit too many
    return character.isalnum() and ord(character) < 0x2E80 and not 0x1100 <= ord(character) < 0x1200
