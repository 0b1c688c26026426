"""What a form becomes under several layers, where no reader can take the outermost one off.

A reader opens percent, base64, hex, gzip ... as long as a value is there to be seen (``wire.nesting``); what comes out
is a leaf, and known in the clear. Three kinds of layers hide what they hold from a reader: a digest, and what gives
text that looks like any other (reversed, rot13, base58). Under them everything is written out in advance:

- every digest of every form in each company's normalisation; of a fact's main forms also the digest of each of their
  encodings and of each other digest (as hexadecimal digits);
- reversed, rot13 and base58 of a form, of its encodings, and of an encoding of these;
- base64, base64url, base32, base58 and hex of an encoding, for texts in which they are one word among others.

Each digest is stated as its bytes: ``detect.tokens`` knows them in hex and base64. A digest that somebody salted is
another digest; fixed salts are entries of ``salts.yaml``.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from shield.digests import DIGESTS, SHORT, USUAL
from shield.disguise import Disguise, digest_texts
from shield.encoders import ENCODERS
from shield.forms import Form
from shield.salts import SALTS

WORD: Final = 16
KEY: Final = 11
_HEX_OF_HEX: Final = 64
"""Digits of the shortest digest that was written in hex twice, which has no others."""
HEXLIKE: Final = b"0123456789abcdefnopqrs"
LETTERS: Final = (string.ascii_letters + string.digits + "+/-_").encode()
BLIND: Final = ("reversed", "rot13", "base58")
"""Layers that a reader cannot see through."""
_OPEN: Final = ("base64", "base64url", "base32", "hex", "HEX")
_ESCAPES: Final = ("percent", "entities", "json")
_PACKED: Final = ("zlib", "deflate", "gzip")
_PLAIN: Final = (*_ESCAPES, *_OPEN, *BLIND)
_BEFORE: Final = ("percent", "base64", "base64url", "base32", "hex", "HEX", "entities", "json", *BLIND)
_MAIN: Final = frozenset({"value", "full", "given", "family", "international"})
SELDOM: Final = frozenset({
    "upper", "folded", "lower-ascii", "lower-german", "lower-passport", "lower-latin", "lower-decomposed", "turkish",
})  # fmt: skip
"""Normalisations of which there are digests of the value alone."""
NO_DIGEST: Final = frozenset({"local-untagged", "year", "month", "month-short", "day", "day-short", "house-number"})
_FEWEST_BYTES: Final = 4
_FIRST: Final = frozenset({"lower", "meta"})
_TELLING: Final = frozenset({"email", "phone", "username"})
_LONG: Final = tuple(name for name in DIGESTS if name not in SHORT)
_QUICK: Final = tuple(name for name in _LONG if name != "whirlpool")
"""Whirlpool, being Python, takes a hundred times as long as the others."""


def is_main(form: Form) -> bool:
    """Whether it is one of the forms that a fact mostly travels in."""
    return form.part in _MAIN and not form.is_variant and form.strength != "digest"


@lru_cache(maxsize=16384)
def _worn(normal: str, digest: str, encodings: tuple[str, ...], before: tuple[str, ...] = ()) -> Disguise:
    return Disguise(normal, digest, encodings, before)


def is_word(text: bytes) -> bool:
    """Whether it is WORD or more letters of base64: then ``detect.tokens`` knows it, else the lexicon.

    Small letters alone are words of a language, but for hexadecimal digits, also shifted; digits alone are numbers.
    """
    bare = text.strip(b"=")
    if len(bare) < WORD or bare[:WORD].translate(None, LETTERS):
        return False
    return is_told_apart(bare)


def is_told_apart(run: bytes) -> bool:
    """Whether a run of letters is neither a word of a language nor a number."""
    if run.isdigit():
        return len(run) >= _HEX_OF_HEX
    return not run.islower() or not run.translate(None, HEXLIKE)


def encoded(form: Form, deepest: int = 3) -> Iterator[tuple[bytes, Disguise]]:
    """The form under two or three encodings, and under one that a reader cannot see through."""
    if form.strength not in ("strong", "weak") and not form.is_variant:
        return
    texts = {form.text.upper(): "upper", form.text.lower(): "lower", form.text: "plain"}
    is_known = is_main(form) or form.part == "compact"
    for data, normal in ((text.encode(), normal) for text, normal in texts.items()):
        if len(data) < _FEWEST_BYTES:
            continue
        if not is_known:
            yield from ((text, _worn(normal, "", (name,))) for name, text in _written(data, (*BLIND, *_OPEN)))
            continue
        seen = {data}
        is_deep = deepest > 2 and normal != "upper" and form.strength == "strong"
        for text, steps in _layers(data, is_deep):
            if text not in seen:  # what is turned around twice is what it was
                seen.add(text)
                yield text, _worn(normal, "", steps)


def _layers(data: bytes, is_deep: bool) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    yield from ((text, (name,)) for name, text in _written(data, (*BLIND, *_OPEN)))
    for first, one in _written(data, (*_PLAIN, *_PACKED)):
        if first not in _PACKED:
            yield from ((ENCODERS[name](one), (first, name)) for name in (*_OPEN, *BLIND))
        elif is_deep:
            yield from ((ENCODERS[name](one), (first, name)) for name in (*_OPEN, "base58"))
        if not is_deep:
            continue
        for second, two in _written(one, (*_OPEN, *BLIND) if first in _PACKED else _PLAIN):
            for third in BLIND:
                if third != second or third == "base58":
                    yield ENCODERS[third](two), (first, second, third)


def _written(data: bytes, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The encodings that change something."""
    for name in names:
        written = ENCODERS[name](data)
        if written != data:
            yield name, written


def digested(category: str, form: Form) -> Iterator[tuple[bytes, Disguise]]:
    """The digests of a form, as bytes; those of its encodings and of other digests only where it is a main form."""
    if form.part in NO_DIGEST:
        return
    for normal, text in digest_texts(category, form.part, form.text):
        data = text.encode()
        first = {name: DIGESTS[name](data) for name in DIGESTS}
        yield from ((digest, _worn(normal, name, ("hex",))) for name, digest in first.items() if name in _LONG)
        if form.is_variant or normal in SELDOM:
            continue
        is_deep = is_main(form) and category not in ("postal_address", "gender")
        names = USUAL if not is_deep else _LONG if category in _TELLING or normal in _FIRST else _QUICK
        for name, digest in first.items():
            if not (is_deep or name in USUAL):
                continue
            yield from _of(digest.hex().encode(), normal, (name,), names)
        for name, salted in SALTS.items():
            yield from _of(salted(data), normal, (name,), _LONG)
        for name, written in _written(data, _BEFORE):
            yield from _of(written, normal, (name,), names)
        if is_deep:
            yield from _thrice(first, normal)


def usual_digests(form: Form) -> Iterator[tuple[bytes, Disguise]]:
    """Of a form that is written seldom."""
    return _of(form.text.encode(), "plain", (), USUAL[:3])


def _of(data: bytes, normal: str, before: tuple[str, ...], names: Iterable[str]) -> Iterator[tuple[bytes, Disguise]]:
    for name in names:
        yield DIGESTS[name](data), _worn(normal, name, ("hex",), before)


def _thrice(first: dict[str, bytes], normal: str) -> Iterator[tuple[bytes, Disguise]]:
    """A digest of a digest of a digest, of the usual ones."""
    for one in USUAL[:3]:
        for two in USUAL[:3]:
            digest = DIGESTS[two](first[one].hex().encode()).hex().encode()
            yield from _of(digest, normal, (one, two), USUAL[:3])


_AROUND: Final = (("base32",),)
_AROUND_MAIN: Final = (
    ("hex", "base64"), ("HEX", "base64"), ("hex", "base32"), ("base64", "base64"), ("hex", "hex"), ("base64", "hex"),
    ("base64", "base32"),
)  # fmt: skip


def around_digest(form: Form, digest: bytes, worn: Disguise) -> Iterator[tuple[bytes, Disguise]]:
    """A digest written in other ways than those that ``variants`` tells apart."""
    for encodings in (*_AROUND, *(_AROUND_MAIN if is_main(form) else ())):
        text = digest
        for name in encodings:
            text = ENCODERS[name](text)
        yield text, _worn(worn.normal, worn.digest, encodings)


_ALIKE: Final = {
    "hex": ("hex", "HEX"), "base64": ("base64", "base64-unpadded"), "base32": ("base32", "base32-unpadded"),
}  # fmt: skip


def variants(worn: Disguise, category: str, form: Form) -> Iterator[tuple[Disguise, bytes]]:
    """The ways to write what one number of the index stands for, with their texts."""
    several: Iterable[tuple[str, ...]]
    if worn.digest and worn.encodings == ("hex",):
        several = (("hex",), ("base64",), ("base64url-padded",), ("base64url",), ("base64-unpadded",))
    else:
        first, last = worn.encodings[0], worn.encodings[-1]
        several = [(*worn.encodings[:-1], one) for one in _ALIKE.get(last, (last,))]
        if first == "hex" and len(worn.encodings) > 1:
            several.append(("HEX", *worn.encodings[1:]))
    for encodings in several:
        variant = _worn(worn.normal, worn.digest, encodings, worn.before)
        text = variant.write(category, form.part, form.text)
        if text:
            yield variant, text
