"""Views: every text that opening a body could bring to light, without opening it.

Reading makes a node of each field; most bodies hold nothing that anybody looks for. So the whole body is turned as the
layers inside its values would be: JSON escapes, percent escapes and entities opened everywhere at once, and each run of
letters that could be base64, hex or the like read by the very readers of nested values (``nesting``). What a reader
could find in a field stands in one of these texts too; that is what makes it safe not to read.

None means that only reading tells: bytes that are no text, a layer that could not be opened, or too much of it. What
is packed into fewer letters than _SHORTEST, without padding, is not seen: nobody packs so little.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from shield.tree import Node
from shield.wire.jsonstring import open_escapes
from shield.wire.limits import LIMITS, Budget
from shield.wire.names import BACKSLASH, PERCENT
from shield.wire.nesting import open_values
from shield.wire.packed import unpacked_anywhere
from shield.wire.quoted import open_escapes as open_script_escapes

_NO_TEXT: Final = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r") + b"\x7f"
_SHORTEST: Final = 12
"""Letters of a run that is read here. What is encoded in fewer has to be looked for as it is (``detect.lexicon``)."""
_RUN: Final = b"a" * _SHORTEST
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/_-$"
_CODED: Final = bytes(
    ord("a") if byte in _LETTERS else ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256)
)
_ALIKE: Final = bytes.maketrans(b"0", b"a")
_TIME: Final = b" 0000000000000 "
"""Milliseconds since 1970: in every event of a tracker, and of an odd length, so no hex."""
_NEXT_LINE: Final = re.compile(rb"\r?\n[A-Za-z0-9+/_-]")
_PRINTED: Final = bytes(range(0x20, 0x7F)) + b"\t\n\r"
LF: Final = 10
_PARTS: Final = (b"content-transfer-encoding", b"protobuf", b"charset=utf-16")
"""What the head of a part says where its text is not what it looks like: base64 in lines of any length, numbers."""
_PADDING: Final = re.compile(rb"={1,6}")
_ENDS_SHORT: Final = re.compile(rb"={1,6}(?![A-Za-z0-9+/_=%-])")
_FEWEST: Final = 7
"""Letters of a run that is shorter and shows by its padding that it is encoded: the fewest that ``nesting`` opens."""
_TURNS: Final = 6
_MOST_RUNS: Final = 2_000
_AMPERSAND: Final = ord("&")
_WIDE: Final = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]{2}){2}")
"""Letters as LZ-string makes them in UTF-16, and as Chinese and Hindi are written: only reading tells."""
_HIDING: Final = re.compile(
    rb"[\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]|[A-Za-z0-9+/_$-]{7}(?:=|[A-Za-z0-9+/_$-]{5})|&(?:#|[a-zA-Z]{2,8};)"
    rb"|\n[A-Za-z0-9+/_-]"
)
"""No text, escapes, a run that is long or padded, entities, a run that goes on in the next line."""
_ENTITY: Final = re.compile(rb"&(?:#[0-9xX]|[a-zA-Z]{2,8};)")


def views(content: bytes) -> list[bytes] | None:
    """The texts inside *content*, itself first; None where it has to be read.

    Cost: 3 µs per KB of plain text, and what opening costs for runs that are encoded.
    """
    if len(content.translate(None, _NO_TEXT)) != len(content) or (LF in content and _has_part(content.lower())):
        return None
    budget = Budget(LIMITS)
    found = [content]
    for number, text in enumerate(found):  # grows while it is walked
        if not text.isascii() and _WIDE.search(text):
            return None
        turned = [one for one in _turned(text) if one != text]
        inside, is_all = _inside(text, budget)
        if not is_all or (turned and number >= _TURNS):
            return None
        found += [*turned, *inside]
    return found


def glimpses(content: bytes, budget: Budget, *, is_packed: bool = False) -> list[bytes]:
    """As :func:`views`, but for what cannot be opened, which is passed over.

    Args:
        budget: what may be opened; without any, what is left is passed over too.
        is_packed: also what gzip or zlib packed somewhere in *content*, cut off or damaged as it may be.
    """
    found = [content, *(unpacked_anywhere(content, budget) if is_packed else ())]
    for number, text in enumerate(found):
        turned = [one for one in _turned(text) if one != text] if number < _TURNS else []
        found += [*turned, *_inside(text, budget)[0]]
    return found


def may_hide(text: bytes) -> bool:
    """Whether :func:`glimpses` could show more than *text* and its percent escapes, which every search opens by itself.

    Cost: 1 µs for a name or a word.
    """
    plain = unquote_to_bytes(text) if PERCENT in text else text
    return PERCENT in plain or _HIDING.search(plain) is not None or _HIDING.search(text) is not None


def _has_part(lowered: bytes) -> bool:
    return any(lowered.find(sign) >= 0 for sign in _PARTS)


def _turned(text: bytes) -> Iterator[bytes]:
    """The text with one layer of escapes opened everywhere."""
    if BACKSLASH in text:
        yield open_escapes(text)
        if b"\\x" in text:  # JSON has no such escape, strings of scripts have
            yield open_script_escapes(text)
    if PERCENT in text:
        yield unquote_to_bytes(text)
    if _AMPERSAND in text and _ENTITY.search(text):
        yield html.unescape(text.decode("latin-1")).encode("utf-8", "replace")


def _inside(text: bytes, budget: Budget) -> tuple[list[bytes], bool]:
    """What the runs of *text* hold, and whether that is all of it."""
    found: list[bytes] = []
    seen: set[bytes] = set()
    is_all = True
    for run in _runs(text):
        if run is None:
            is_all = False
            continue
        if len(seen) >= _MOST_RUNS:
            is_all = False
            break
        if run in seen:
            continue
        seen.add(run)
        before = len(found)
        is_open = _open(run, found, budget)
        for segment in _segments(run):  # of a run that opens, they are parts of a code
            if len(seen) >= _MOST_RUNS:
                is_all = False
                break
            seen.add(segment)
            is_open = (_open(segment, found, budget) and is_open) or len(found) > before
        is_all = is_all and is_open
    return [b"\n".join(found)] if found else [], is_all


def _open(run: bytes, found: list[bytes], budget: Budget) -> bool:
    """Whether *run* is a value that could be opened, or none that opens; what came out of it is found."""
    node = Node(None, "run", 0, len(run), run)
    open_values([node], budget)
    for inner in node.walk():
        if inner.unreadable is not None:
            return False
        if inner is not node:
            found.append(inner.content)
    return True


def _runs(text: bytes) -> Iterator[bytes | None]:
    """Letters that could be an encoded value, with padding. None: it goes on in a new line."""
    shape = text.translate(_CODED).replace(_TIME, b" " * len(_TIME)).translate(_ALIKE)
    has_lines = LF in text
    at = shape.find(_RUN)
    while at >= 0:
        start = shape.rfind(b" ", 0, at) + 1
        end = shape.find(b" ", at)
        end = end if end >= 0 else len(text)
        if has_lines and _NEXT_LINE.match(text, end):
            yield None
        run = text[start:end]
        if not run.isdigit() or _is_hex_of_text(run):
            padding = _PADDING.match(text, end) if text.startswith(b"=", end) else None
            yield run + padding[0] if padding else run
            if padding and (len(run) + len(padding[0])) % 4 == 1:  # the sign between a name and its value
                yield run + padding[0][:-1]
        at = shape.find(_RUN, end)
    if b"=" in text:
        yield from _short_runs(text, shape)


def _short_runs(text: bytes, shape: bytes) -> Iterator[bytes]:
    """Few letters with padding behind them."""
    for padding in _ENDS_SHORT.finditer(text):
        start = shape.rfind(b" ", 0, padding.start()) + 1
        if _FEWEST <= padding.start() - start < _SHORTEST:
            yield text[start : padding.end()]
        slash = text.rfind(b"/", start, padding.start()) + 1
        if slash and _FEWEST <= padding.start() - slash < _SHORTEST:
            yield text[slash : padding.end()]


def _segments(run: bytes) -> list[bytes]:
    """What stands between letters of base64 that also separate: segments of a path, a word from its prefix."""
    return [
        segment
        for separator in (b"/", b"_", b"-") if separator in run
        for segment in run.split(separator) if len(segment) >= _SHORTEST
    ]  # fmt: skip


def _is_hex_of_text(digits: bytes) -> bool:
    """Numbers are many. In base64 and base32 digits stand for bytes that begin no text, but some text is hex without
    letters."""
    return len(digits) % 2 == 0 and not bytes.fromhex(digits.decode()).translate(None, _PRINTED)
