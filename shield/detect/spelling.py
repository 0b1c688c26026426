"""Every spelling of a fact that is searched for: form x normalisation x digest or encoding, as bytes.

A spelling that is *exact* is compared letter by letter (base64, where case carries meaning); the others without
regard to the case of ASCII letters.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from shield.detect.layered import NO_DIGEST, SELDOM, encoded, is_word
from shield.digests import SHORT, USUAL
from shield.disguise import ENCODERS, Disguise, clear_texts, digest_of, digest_texts
from shield.finding import Likeness
from shield.forms import Form, Strength, forms
from shield.person import Fact

Edge = Literal["word", "number", "none"]
"""What may not stand beside a hit: a letter or digit, a digit, or anything goes."""

_SHORTEST_HEX: Final = 5  # bytes of the value
_SHORTEST_BLIND: Final = 6
_SHORTEST_BEGINNING: Final = 8
_BASE85: Final = ("ascii85", "base85", "z85")
_SHORTEST_BASE85: Final = 8  # bytes that fill groups of four by themselves
_SHORTEST_BASE64: Final = 8  # letters that belong to the value alone
_TELLING: Final = frozenset({"email", "phone"})


_UNTAGGED: Final = ("untagged", "local-untagged")


class Spelling(NamedTuple):
    """One byte string to look for. ``is_number``: digits, searched with separators between them."""

    text: bytes
    likeness: Likeness
    strength: Strength
    edge: Edge
    exact: bool
    is_number: bool = False


@lru_cache(maxsize=1024)
def disguise(normal: str = "plain", digest: str = "", *encodings: str) -> Disguise:
    """One object per disguise: thousands of spellings share a few."""
    return Disguise(normal, digest, encodings)


def spellings(fact: Fact, *, exactly: bool = False) -> Iterator[Spelling]:
    """Everything that is searched for on account of one fact (or one value of a persona, whose address is spelled
    *exactly*: without its tag it is somebody else's).
    """
    for form in forms(fact.category, fact.parts):
        if exactly and form.part in _UNTAGGED:
            continue
        if not (form.is_variant or form.part in NO_DIGEST):
            yield from _digests(fact, form)
        yield from _numbers(fact, form)
        yield from _blind(fact, form)
        yield from _undisguised(fact, form)
        if form.strength == "strong" and not form.is_variant:
            yield from _escaped(fact, form)
            yield from _packed(fact, form)
    for part, text, is_number in beginning_of(fact):
        like = _likeness(fact.id, part, disguise())
        yield Spelling(text[: shortest_alone(text)], like, "digest", "none", exact=False, is_number=is_number)


def shortest_alone(text: bytes) -> int:
    """Letters of a beginning that gives *text* away by itself."""
    return max(_SHORTEST_BEGINNING, -(-len(text) * 3 // 5))


def beginning_of(fact: Fact) -> Iterator[tuple[str, bytes, bool]]:
    """What is so long that a beginning of it tells: part, text in lower case or digits, and whether it is a number."""
    for form in forms(fact.category, fact.parts):
        if form.strength != "strong" or form.is_variant:
            continue
        text = "".join(filter(str.isdigit, form.text)) if form.is_number else form.text.lower()
        if len(text) > _SHORTEST_BEGINNING:
            yield form.part, text.encode(), form.is_number


def telling_spellings(fact: Fact) -> Iterator[Spelling]:
    """What joins a persona to its person where another service meets it: what is unmistakable in the clear, and
    digests of e-mail and phone."""
    for form in forms(fact.category, fact.parts):
        if form.strength != "strong" or form.part in _UNTAGGED:
            continue
        yield from _undisguised(fact, form)
        if not form.is_variant:
            yield from _escaped(fact, form)
            if fact.category in _TELLING:
                yield from _digests(fact, form)


def short_spellings(fact: Fact) -> Iterator[Spelling]:
    """As it is written, escaped, and as a digest: what a third party's persona is known by."""
    for form in forms(fact.category, fact.parts):
        if form.part in _UNTAGGED:
            continue
        yield from _undisguised(fact, form)
        if form.is_variant:
            continue
        if form.part not in NO_DIGEST:
            yield from _digests(fact, form)
        if form.strength == "strong":
            yield from _escaped(fact, form)


def digests_of(fact: Fact) -> Iterator[bytes]:
    """The digests that :func:`short_spellings` has, as bytes."""
    for form in forms(fact.category, fact.parts):
        if form.is_variant or form.part in NO_DIGEST or form.part in _UNTAGGED:
            continue
        for normal, text in digest_texts(fact.category, form.part, form.text):
            if normal not in SELDOM:
                yield from (digest_of(name, text.encode()) for name in USUAL[:3])


def _undisguised(fact: Fact, form: Form) -> Iterator[Spelling]:
    if form.strength == "digest":
        return
    if form.is_number:
        digits = "".join(filter(str.isdigit, form.text)).encode()
        yield Spelling(digits, _like(fact, form), form.strength, "number", exact=False, is_number=True)
    else:
        yield from _clear(fact, form)


@lru_cache(maxsize=8192)
def _likeness(fact_id: str, part: str, worn: Disguise) -> Likeness:
    return Likeness(fact_id, part, worn)


def _like(fact: Fact, form: Form, normal: str = "plain", digest: str = "", *encodings: str) -> Likeness:
    return _likeness(fact.id, form.part, disguise(normal, digest, *encodings))


def _clear(fact: Fact, form: Form) -> Iterator[Spelling]:
    edge: Edge = "number" if form.text[:1].isdigit() and form.text[-1:].isdigit() else "word"
    for normal, text in clear_texts(fact.category, form.part, form.text):
        strength = form.strength if len(text) >= 3 or form.strength == "tiny" else "whole"
        for written in dict.fromkeys((text, text.replace("+", " "), text.replace(" ", "+"))):  # misread forms
            yield Spelling(written.encode().lower(), _like(fact, form, normal), strength, edge, exact=False)
        if not text.isascii():
            latin = disguise(normal, "", "latin1").write(fact.category, form.part, form.text)
            if latin:
                likeness = _like(fact, form, normal, "", "latin1")
                yield Spelling(latin.lower(), likeness, strength, edge, exact=False)


def _escaped(fact: Fact, form: Form) -> Iterator[Spelling]:
    """Percent escapes where no layer was opened."""
    for normal, text in clear_texts(fact.category, form.part, form.text):
        data = text.encode()
        for encodings in (("percent",), ("form",), ("percent", "percent")):
            written = data
            for name in encodings:
                written = ENCODERS[name](written)
            if written != data:
                like = _like(fact, form, normal, "", *encodings)
                yield Spelling(written.lower(), like, "strong", "word", exact=False)


def _packed(fact: Fact, form: Form) -> Iterator[Spelling]:
    """Hex and base64 where no layer was opened."""
    for normal, text in {"plain": form.text, "lower": form.text.lower()}.items():
        data = text.encode()
        if len(data) >= _SHORTEST_HEX:
            yield Spelling(data.hex().encode(), _like(fact, form, normal, "", "hex"), "strong", "none", exact=False)
        for core in _cores(data):
            yield Spelling(core, _like(fact, form, normal, "", "base64"), "strong", "none", exact=True)
        for name in _BASE85:
            for core in _cores85(data, name):
                yield Spelling(core, _like(fact, form, normal, "", name), "strong", "none", exact=True)


def _numbers(fact: Fact, form: Form) -> Iterator[Spelling]:
    """Digests of four bytes: between boundaries only."""
    if form.part in NO_DIGEST:
        return
    for normal, text in digest_texts(fact.category, form.part, form.text):
        for name in SHORT if normal not in SELDOM else ():
            number = digest_of(name, text.encode())
            for encoding in ("hex", "base64", "base64url", "decimal"):
                written = ENCODERS[encoding](number)
                if len(written) >= _SHORTEST_BLIND:
                    like = _like(fact, form, normal, name, encoding)
                    yield Spelling(written, like, "strong", "word", exact=encoding != "hex")


def _blind(fact: Fact, form: Form) -> Iterator[Spelling]:
    """Turned around, shifted and the like, where it is no word that ``detect.tokens`` would know."""
    for text, worn in encoded(form, deepest=2):
        if is_word(text):
            continue
        if worn.encodings in (("reversed",), ("rot13",)):
            strength = form.strength if form.strength != "digest" else "strong"
            yield Spelling(text, _likeness(fact.id, form.part, worn), strength, "word", exact=True)
        elif len(text) >= _SHORTEST_BLIND:
            yield Spelling(text, _likeness(fact.id, form.part, worn), "strong", "word", exact=True)


def _cores(data: bytes) -> set[bytes]:
    """The letters of base64 that depend on *data* alone, wherever it begins inside a longer text."""
    cores: set[bytes] = set()
    for offset in range(3):
        first = -(-offset * 8 // 6)  # letters that hold a bit of what stands before
        last = (offset + len(data)) * 8 // 6
        padded = bytes(offset) + data + bytes(2)
        for encode in (b64encode, urlsafe_b64encode):
            core = encode(padded)[first:last]
            if len(core) >= _SHORTEST_BASE64:
                cores |= {core, core.replace(b"+", b" ")}  # written into a form without escapes: read as a space
    return cores


def _cores85(data: bytes, name: str) -> Iterator[bytes]:
    """As :func:`_cores`: four bytes make five letters of base85."""
    for offset in range(4):
        first = -offset % 4
        core = data[first : len(data) - (len(data) - first) % 4]
        if len(core) >= _SHORTEST_BASE85:
            yield ENCODERS[name](core)


def _digests(fact: Fact, form: Form) -> Iterator[Spelling]:
    for normal, text in digest_texts(fact.category, form.part, form.text):
        for name in USUAL[:3] if normal not in SELDOM else ():
            value = digest_of(name, text.encode())
            yield Spelling(value.hex().encode(), _like(fact, form, normal, name, "hex"), "strong", "none", exact=False)
            standard = ENCODERS["base64-unpadded"](value)
            url = ENCODERS["base64url"](value)
            if url != standard:
                like = _like(fact, form, normal, name, "base64-unpadded")
                yield Spelling(standard, like, "strong", "none", exact=True)
                if b"+" in standard:  # written into a form without escapes, it is read as a space
                    yield Spelling(standard.replace(b"+", b" "), like, "strong", "none", exact=True)
            yield Spelling(url, _like(fact, form, normal, name, "base64url"), "strong", "none", exact=True)
