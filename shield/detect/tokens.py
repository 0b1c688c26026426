"""Words that are a known value in some disguise: an index of what ``detect.layered`` writes out.

There may be half a million of them for fifty facts, so none is kept. A word is sixteen or more letters of base64 in a
row; the index holds a number made of its first eleven letters (in lower case, separators alike) and of which form and
disguise would be written so. Where the number is met, the disguise is written once more and compared, letter by letter.
Digests may also stand there as their bytes: their first six are in a machine of their own, which is asked only where
there are bytes beyond ASCII.

Runs are found with two passes in C: every such letter becomes an ``x``, and sixteen of them in a row are searched for.
Words in small letters alone are passed over, unless all of them are hexadecimal digits. A word begins where the run
does, or after one of the separators in it, which are letters of base64 too; it ends where the run does, or before a
separator.
"""

from __future__ import annotations

import string
from array import array
from base64 import b32decode, b64decode, b64encode
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from ahocorasick_rs import BytesAhoCorasick, Implementation

from shield.cleared import Cleared
from shield.detect.layered import (
    KEY,
    LETTERS,
    WORD,
    around_digest,
    digested,
    encoded,
    is_told_apart,
    is_word,
    usual_digests,
    variants,
)
from shield.disguise import ENCODERS, Disguise
from shield.encoders import BASE58, from_base58
from shield.finding import Likeness
from shield.forms import Form, forms, seldom
from shield.person import Fact

_AS_RUN: Final = bytes(0x78 if byte in LETTERS else 0x20 for byte in range(256))
_RUN: Final = b"x" * WORD
_CANON: Final = bytes.maketrans((string.ascii_uppercase + "/-_").encode(), (string.ascii_lowercase + "+++").encode())
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_HEX: Final = string.hexdigits.encode()
_SHIFTED_HEX: Final = b"0123456789nopqrsNOPQRS"
_AFTER: Final = (b"", b"/", b"_", b"-", b"+")
_MOST_STARTS: Final = 16
_RAW_KEY: Final = 6
_BYTES: Final = (16, 20, 28, 32, 48, 64)
_HEX_LENGTHS: Final = frozenset(2 * size for size in _BYTES)
_UUID: Final = b"-0123456789abcdefABCDEF"
_LONGEST: Final = 352
_PADS: Final = 6
_RAW: Final = "bytes"
_LONG: Final = 48
_TWICE: Final = 30
"""Letters; of so long a text it is tried whether it holds a digest that was written in two ways."""
_IN_BASE58: Final = 1.3658  # letters per byte
_TEXTS: Final = (
    *_BYTES,
    *(2 * size for size in _BYTES),
    *(-(-size * 8 // 6) for size in _BYTES),
    *(-(-size // 3) * 4 for size in _BYTES),
)
_OF_TEXTS: Final = (30, 36, 45)  # base64 of base64, and base58 of base58, of 16 and 20 bytes
_LENGTHS: Final = frozenset(
    (*_TEXTS[len(_BYTES) :], *_OF_TEXTS, *(int(_IN_BASE58 * size) + more for size in _TEXTS for more in (0, 1)))
)
"""How long a run can be that is a digest in hex or base64, or these or its bytes in base58."""
_FORM_BITS, _WORN_BITS = 17, 15
_WHICH_BITS: Final = _FORM_BITS + _WORN_BITS
_SHELVES, _SHELF_BITS = 16, 64 - _WHICH_BITS - 4
_MASK: Final = (1 << 64 - _WHICH_BITS) - 1
_FILTER: Final = (1 << 22) - 1


class Token(NamedTuple):
    """A span that is a form of a fact in a disguise. Shows no value."""

    start: int
    end: int
    likeness: Likeness
    category: str


class Tokens:
    """The index. Immutable once built but for a memo of runs that hold nothing; may be shared by threads."""

    __slots__ = ("_cleared", "_filter", "_forms", "_index", "_raw", "_worn", "longest")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._cleared = Cleared()
        self._forms: list[tuple[Fact, Form]] = []
        self._worn: list[Disguise] = []
        numbers: dict[int, int] = {}  # by identity: there is one object per disguise
        shelves = [array("Q") for _ in range(_SHELVES)]
        raw: set[bytes] = set()
        self.longest = _LONGEST + 2 * _PADS  # bytes of what find() finds
        every = ((fact, form, keys) for fact in facts for form, keys in _with_keys(fact, raw))
        for fact, form, keys in islice(every, 1 << _FORM_BITS):
            which = len(self._forms) << _WORN_BITS
            self._forms.append((fact, form))
            for key, worn, length in keys:
                if length > self.longest:
                    self.longest = length
                number = numbers.get(id(worn))
                if number is None:
                    number = numbers[id(worn)] = len(self._worn)
                    self._worn.append(worn)
                shelves[key >> _SHELF_BITS].append(key << _WHICH_BITS | which | number)
        self._index = array("Q")
        for shelf in shelves:  # one by one, for a list of numbers takes five times as much memory
            self._index.extend(sorted(shelf))
        self._raw = BytesAhoCorasick(list(raw), implementation=Implementation.ContiguousNFA)
        self._filter = bytearray(_FILTER + 1)
        for one in self._index:
            self._filter[one >> _WHICH_BITS & _FILTER] = 1

    def find(self, buffer: bytes) -> list[Token]:
        """Every word of *buffer* that is known, in no order."""
        found = [] if buffer.isascii() else list(self._raw_digests(buffer))
        marked = buffer.translate(_AS_RUN)
        start = marked.find(_RUN)
        while start >= 0:
            end = marked.find(b" ", start + WORD)
            end = len(marked) if end < 0 else end
            run = buffer[start:end]
            number = _number_of(buffer, start, end, run)
            if number not in self._cleared.numbers:
                known = self._in_run(buffer, start, run) if is_told_apart(run) else None
                if known is None:
                    self._cleared.add(number)
                else:
                    found += known
            start = marked.find(_RUN, end)
        return found

    def _in_run(self, buffer: bytes, start: int, run: bytes) -> list[Token] | None:
        """What begins in a run; None where nothing known does, whatever stands around it."""
        found: list[Token] = []
        is_near = False
        canon, is_listed = run.translate(_CANON), self._filter
        at, last = 0, len(run) - WORD
        for _ in range(_MOST_STARTS):
            key = hash(canon[at : at + KEY]) & _MASK
            candidates = list(self._candidates(key)) if is_listed[key & _FILTER] else []
            is_near = is_near or bool(candidates)
            token = _longest(candidates, buffer, start + at, start + len(run)) if candidates else None
            if token is not None:
                found.append(token)
                at = token.end - start
            at = canon.find(b"+", at) + 1
            if not 0 < at <= last:
                break
        if not found and (len(run) in _LENGTHS or len(run) >= _LONG) and _may_be_turned(run):
            found += self._turned(buffer, start, start + len(run))
        return found if found or is_near else None

    def _turned(self, buffer: bytes, start: int, end: int) -> list[Token]:
        """A run that is a digest, turned around, shifted or in base58, which is undone here."""
        for first, last, steps, text in _undone(buffer, start, end):
            key = _key_of(text)
            found = _longest(self._candidates(key), text, 0, len(text)) if self._filter[key & _FILTER] else None
            if found is None or found.end < len(text) or not found.likeness.disguise.digest:
                continue
            like, worn = found.likeness, found.likeness.disguise
            inner = ("HEX",) if worn.encodings == ("hex",) and text.isupper() else worn.encodings
            turned = Disguise(
                worn.normal, worn.digest, steps[1:] if steps[0] == _RAW else (*inner, *steps), worn.before
            )
            return [Token(first, last, Likeness(like.fact_id, like.part, turned), found.category)]
        return []

    def _candidates(self, key: int) -> Iterator[tuple[Fact, Form, Disguise]]:
        at = bisect_left(self._index, key << _WHICH_BITS)
        while at < len(self._index) and self._index[at] >> _WHICH_BITS == key:
            which = self._index[at]
            fact, form = self._forms[which >> _WORN_BITS & (1 << _FORM_BITS) - 1]
            yield fact, form, self._worn[which & (1 << _WORN_BITS) - 1]
            at += 1

    def _raw_digests(self, buffer: bytes) -> Iterator[Token]:
        for _, start, end in self._raw.find_matches_as_indexes(buffer, overlapping=True):
            key = hash(buffer[start:end].hex()[:KEY].encode()) & _MASK
            for fact, form, worn in self._candidates(key):
                digest = Disguise(worn.normal, worn.digest, (), worn.before)
                text = digest.write(fact.category, form.part, form.text) if worn.encodings == ("hex",) else None
                if text and buffer.startswith(text, start):
                    yield Token(start, start + len(text), Likeness(fact.id, form.part, digest), fact.category)
                    break

    def __repr__(self) -> str:
        return f"<Tokens of {len(self._index)} spellings>"


def _may_be_turned(run: bytes) -> bool:
    """Whether it looks like a digest, and not like words, a path or a UUID."""
    if not run.translate(None, _HEX):
        return len(run) in _HEX_LENGTHS or len(run) >= _LONG
    if run.islower():
        return not run.translate(None, _SHIFTED_HEX)
    if run.isalpha() or len(run) > _LONGEST:
        return False
    return not ((b"-" in run or b"_" in run) and (b"/" in run or b"+" in run)) and bool(run.translate(None, _UUID))


def _undone(buffer: bytes, start: int, end: int) -> Iterator[tuple[int, int, tuple[str, ...], bytes]]:
    """What a run may have been: its span with padding, the steps that were taken, and the text before them.

    Most runs are no such thing: hexadecimal digits stay what they are when turned around, and are ``0`` to ``9`` and
    ``n`` to ``s`` when shifted; base64 has letters of both cases and digits.
    """
    run = buffer[start:end]
    is_hex = not run.translate(None, _HEX)
    is_shifted_hex = not is_hex and not run.translate(None, _SHIFTED_HEX)
    yield from _turned_around(buffer, start, end, is_hex, is_shifted_hex)
    if not is_hex:
        last = end + _pads(buffer[end : end + _PADS])
        for stop in sorted({end, last}, reverse=True):
            shifted = ENCODERS["rot13"](buffer[start:stop])
            yield from ((start, stop, steps, text) for steps, text in _decoded("rot13", shifted))
    if is_hex or is_shifted_hex or run.isupper():
        return
    yield from ((start, end, steps, text) for steps, text in _in_base58(run))
    for name in ("reversed", "rot13"):
        yield from ((start, end, (*steps, name), text) for steps, text in _in_base58(ENCODERS[name](run)))


def _turned_around(
    buffer: bytes, start: int, end: int, is_hex: bool, is_shifted_hex: bool
) -> Iterator[tuple[int, int, tuple[str, ...], bytes]]:
    first = start - _pads(buffer[max(0, start - _PADS) : start][::-1])
    for begin in sorted({start, first}):
        text = buffer[begin:end][::-1]
        if not is_shifted_hex:
            yield from ((begin, end, steps, inner) for steps, inner in _decoded("reversed", text))
        if not is_hex:
            yield begin, end, ("rot13", "reversed"), ENCODERS["rot13"](text)


def _pads(text: bytes) -> int:
    """How many signs of padding it begins with."""
    return len(text) - len(text.lstrip(b"="))


def _in_base58(run: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """What a run may have been before it was written in base58: a digest, or one that was written otherwise before."""
    if run.translate(None, BASE58):
        return
    raw = from_base58(run)
    if b"%" in raw and not raw.translate(None, LETTERS + b"=%"):
        yield ("percent", "base58"), unquote_to_bytes(raw)
    elif raw.translate(None, LETTERS + b"="):
        yield (_RAW, "base58"), raw.hex().encode()
    else:
        yield from _before_base58(raw)


def _before_base58(raw: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    yield from _decoded("base58", raw)
    yield ("reversed", "base58"), raw[::-1]
    yield ("rot13", "base58"), ENCODERS["rot13"](raw)
    if not raw.translate(None, BASE58):
        yield ("base58", "base58"), from_base58(raw)


def _decoded(outer: str, text: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """A text that was written in *outer*, and, if it is long enough, what it says in hex, base32 or base64."""
    yield (outer,), text
    for names, decode in _DECODERS if len(text) >= _TWICE else ():
        try:
            inner = decode(text)
        except ValueError:
            continue
        if not inner.translate(None, LETTERS + b"="):
            yield from (((name, outer), inner) for name in names if ENCODERS[name](inner) == text)
        elif len(inner) in _BYTES and names[0] == "base32":
            yield from (((_RAW, name, outer), inner.hex().encode()) for name in names if ENCODERS[name](inner) == text)


_DECODERS: Final[tuple[tuple[tuple[str, ...], Callable[[bytes], bytes]], ...]] = (
    (("hex", "HEX"), lambda raw: bytes.fromhex(raw.decode())),
    (("base32", "base32-unpadded"), lambda raw: b32decode(raw + b"=" * (-len(raw) % 8))),
    (("base64", "base64-unpadded", "base64url", "base64url-padded"),
     lambda raw: b64decode(raw.translate(_STANDARD) + b"=" * (-len(raw) % 4), validate=True)),
)  # fmt: skip


def _number_of(buffer: bytes, start: int, end: int, run: bytes) -> int:
    """What a run is remembered by, with the padding that belongs to it."""
    is_padded = buffer[end : end + 1] == b"=" or buffer[max(0, start - 1) : start] == b"="
    return hash(buffer[max(0, start - _PADS) : end + _PADS] if is_padded else run)


def _longest(candidates: Iterable[tuple[Fact, Form, Disguise]], buffer: bytes, start: int, end: int) -> Token | None:
    """The longest that is written from *start* on."""
    best: Token | None = None
    for fact, form, worn in candidates:
        for variant, text in variants(worn, fact.category, form):
            span = _span(buffer, start, text, ignores_case=variant.encodings == ("hex",))
            if span is None or (start + len(text.strip(b"=")) < end and buffer[span[1] : span[1] + 1] not in _AFTER):
                continue
            if best is None or span[1] > best.end:
                best = Token(*span, Likeness(fact.id, form.part, variant), fact.category)
    return best


def has_run(buffer: bytes) -> bool:
    """Whether there is anything that an index would have to be asked about."""
    return _RUN in buffer.translate(_AS_RUN) or not buffer.isascii()


Stated = tuple[str, str, tuple[tuple[str, str], ...]]


def tokens_of(facts: Iterable[Fact]) -> Tokens:
    """The index of these facts, made once.

    Cost: 1.2 s and 20 MB for 50 facts.
    """
    return _made(tuple((fact.id, fact.category, tuple(fact.parts.items())) for fact in facts))


@lru_cache(maxsize=4)
def _made(stated: tuple[Stated, ...]) -> Tokens:
    return Tokens(Fact(fact_id, category, dict(parts)) for fact_id, category, parts in stated)


def _span(buffer: bytes, start: int, text: bytes, ignores_case: bool) -> tuple[int, int] | None:
    """Where *text* stands with its padding, whose letters begin at *start*; None if it does not."""
    bare = text.strip(b"=")
    end = start + len(bare)
    there = buffer[start:end]
    if there != bare and not (ignores_case and there.lower() == bare):
        return None
    first = start - (len(text) - len(text.lstrip(b"=")))
    last = end + (len(text) - len(text.rstrip(b"=")))
    return (
        (first, last)
        if first >= 0
        and buffer[first:start] + buffer[end:last] == text[: start - first] + text[len(text) - (last - end) :]
        else None
    )


def _key_of(text: bytes) -> int:
    return hash(text[:KEY].translate(_CANON)) & _MASK


def _with_keys(fact: Fact, raw: set[bytes]) -> Iterator[tuple[Form, Iterator[tuple[int, Disguise, int]]]]:
    for form in forms(fact.category, fact.parts):
        yield form, _keys(fact.category, form, raw)
    for form in seldom(fact.category, fact.parts):
        yield form, ((_key_of_hex(digest), worn, 0) for digest, worn in usual_digests(form))


def _key_of_hex(digest: bytes) -> int:
    return hash(digest[:_RAW_KEY].hex()[:KEY].encode()) & _MASK


def _keys(category: str, form: Form, raw: set[bytes]) -> Iterator[tuple[int, Disguise, int]]:
    """The numbers of everything that one form becomes, and its length, 0 where it is a digest in hex or base64; to
    *raw* the beginnings of digests as they are."""
    for digest, worn in digested(category, form):
        yield _key_of_hex(digest), worn, 0
        yield hash(b64encode(digest[:9])[:KEY].translate(_CANON)) & _MASK, worn, 0
        if not worn.before:
            raw.add(digest[:_RAW_KEY])
            yield from ((_key_of(text.lstrip(b"=")), one, len(text)) for text, one in around_digest(form, digest, worn))
    for text, worn in encoded(form):
        if is_word(text):
            yield _key_of(text.lstrip(b"=")), worn, len(text)
