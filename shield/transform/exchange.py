"""A fact for the persona's value: the same form, the same disguise, the same layout of digits."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from shield.disguise import normalise
from shield.finding import Finding, Likeness
from shield.forms import form_text
from shield.masks import masked_like
from shield.person import Fact, Person

_RUNS: Final = (re.compile(rb"[A-Za-z0-9+/]+={0,2}"), re.compile(rb"[A-Za-z0-9_\-]+={0,2}"))
_NUMBERS: Final = frozenset({"phone", "card"})


class Splice(NamedTuple):
    """New bytes for a span of a field's content."""

    start: int
    end: int
    new: bytes


_NORMALS: Final = {"Google": "google", "Facebook": "meta", "Amazon": "amazon"}


def exchanged(finding: Finding, value: Fact, person: Person, company: str | None = None) -> Splice | None:
    """What stands in the field with the persona's *value* in it; None where it cannot be written there.

    Args:
        company: who receives it. Where several normalisations give the same digest of the fact, the persona's is
            made under that company's.
    """
    likeness = finding.likeness
    if likeness is None:
        return None
    text = form_text(value.category, value.parts, likeness.part)
    if text is None:
        return None
    normal = _NORMALS.get(company or "")
    if normal is not None and likeness.disguise.digest and _coincide(likeness, normal, person):
        worn = replace(likeness.disguise, normal=normal)
        finding = finding._replace(likeness=Likeness(likeness.fact_id, likeness.part, worn))
    return rewritten(finding, value.category, text, person)


def _coincide(likeness: Likeness, normal: str, person: Person) -> bool:
    """Whether the fact is written alike under the normalisation that was found and under *normal*."""
    fact = person.fact(likeness.fact_id)
    text = form_text(fact.category, fact.parts, likeness.part) if fact is not None else None
    if fact is None or text is None:
        return False
    written = normalise(normal, fact.category, likeness.part, text)
    return written is not None and written == normalise(likeness.disguise.normal, fact.category, likeness.part, text)


_CODE: Final = re.compile(rb"%[uU]")
_BETWEEN: Final = frozenset({"Zs", "Pd", "Ps", "Pe"})


def _is_layout(old: bytes) -> bool:
    """Whether a number can be written again in these digits; not where other letters stand for them."""
    if old.isascii():
        return _CODE.search(old) is None
    text = old.decode("utf-8", "replace")
    return all(one.isascii() or unicodedata.category(one) in _BETWEEN for one in text)


def rewritten(finding: Finding, category: str, text: str, person: Person) -> Splice | None:
    """The span of a finding with *text* in the disguise that was found."""
    likeness, content = finding.likeness, finding.node.content
    if likeness is None:
        return None
    worn = likeness.disguise
    if worn.encodings == ("substituted",):
        return _substituted(finding, text, person)
    if worn.encodings == ("masked",):
        return _masked(finding, text, person)
    if worn.encodings == ("base64",) and not worn.digest:
        return _in_base64(finding, normalise(worn.normal, category, likeness.part, text), person)
    old = content[finding.start : finding.end]
    if category in _NUMBERS and not worn.digest and not worn.encodings and _is_layout(old):
        new = _in_layout(old, text.encode())
    else:
        written = worn.write(category, likeness.part, text)
        if written is None:
            return None
        new = written
    return Splice(finding.start, finding.end, new)


def _masked(finding: Finding, text: str, person: Person) -> Splice | None:
    """The persona's value, masked as the fact was."""
    likeness = finding.likeness
    fact = person.fact(likeness.fact_id) if likeness is not None else None
    real = form_text(fact.category, fact.parts, likeness.part) if fact is not None and likeness is not None else None
    new = masked_like(finding.node.content.decode("utf-8", "replace"), real, text) if real is not None else None
    return Splice(finding.start, finding.end, new.encode()) if new is not None else None


def _substituted(finding: Finding, text: str, person: Person) -> Splice | None:
    """The persona's value in the alphabet of the field, as far as the fact tells it; else nothing."""
    likeness = finding.likeness
    fact = person.fact(likeness.fact_id) if likeness is not None else None
    if fact is None:
        return None
    written = finding.node.content[finding.start : finding.end]
    table = dict(zip(fact.value.strip().lower().encode(), written, strict=False))
    wanted = text.lower().encode()
    if not table.keys() >= set(wanted):
        return None
    return Splice(finding.start, finding.end, bytes(table[one] for one in wanted))


def run_around(finding: Finding) -> tuple[int, int]:
    """The span that has to go as a whole: for base64 the letters around it that belong to one text."""
    worn = finding.likeness.disguise if finding.likeness else None
    if worn is None or worn.encodings != ("base64",) or worn.digest:
        return finding.start, finding.end
    spans = [(finding.start, finding.end), *_spans_of_runs(finding)]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _in_layout(old: bytes, new: bytes) -> bytes:
    """Digits with the separators that stood there; the last group is as long as it has to be."""
    digits = re.sub(rb"\D", b"", new)
    if old.isdigit() or old[:1] + old[1:].strip(b"0123456789") == b"+":
        return new if old[:1] == new[:1] == b"+" else digits if old.isdigit() else new
    out = bytearray()
    at = 0
    for byte in old:
        if at == len(digits):
            break
        is_digit = 0x30 <= byte <= 0x39
        out.append(digits[at] if is_digit else byte)
        at += is_digit
    return bytes(out) + digits[at:]


def _spans_of_runs(finding: Finding) -> Iterator[tuple[int, int]]:
    content = finding.node.content
    for pattern in _RUNS:
        for found in pattern.finditer(content):
            if found.start() <= finding.start and finding.end <= found.end():
                yield found.span()


def _in_base64(finding: Finding, text: str | None, person: Person) -> Splice | None:
    """The text whose base64 holds the value, with another value in it, in base64 again.

    The letters that were found hold bits 6a to 6b of the text, so the value begins at byte 6a/8, rounded down,
    and ends at byte 6b/8, rounded up.
    """
    if text is None:
        return None
    made: list[Splice] = []
    for start, end in _spans_of_runs(finding):
        run = finding.node.content[start:end]
        opened = _decoded(run)
        first = (finding.start - start) * 6 // 8
        last = -(-(finding.end - start) * 6 // 8)
        if opened is not None and opened[first:last].lower() in _spelled(finding, person):
            made.append(Splice(start, end, _encoded(opened[:first] + text.encode() + opened[last:], run)))
    return max(made, key=lambda one: one.end - one.start, default=None)


def _decoded(run: bytes) -> bytes | None:
    letters = run.rstrip(b"=")
    decode = urlsafe_b64decode if b"-" in letters or b"_" in letters else b64decode
    try:
        return decode(letters + b"=" * (-len(letters) % 4))
    except Error:
        return None


def _encoded(data: bytes, run: bytes) -> bytes:
    """In the alphabet of *run*; padded as it was, and if it needed no padding as its alphabet mostly is."""
    is_url = b"-" in run or b"_" in run
    written = urlsafe_b64encode(data) if is_url else b64encode(data)
    is_bare = is_url if len(run) % 4 == 0 else True
    return written.rstrip(b"=") if is_bare and not run.endswith(b"=") else written


def _spelled(finding: Finding, person: Person) -> set[bytes]:
    """How the value may stand in the text, in lower case: the person's, or any persona's for the same fact."""
    likeness = finding.likeness
    if likeness is None:
        return set()
    fact_id = likeness.fact_id
    values: Iterable[Fact | None] = (
        person.fact(fact_id), *(persona.values.get(fact_id) for persona in person.personas.values()),
    )  # fmt: skip
    texts = (form_text(value.category, value.parts, likeness.part) for value in values if value is not None)
    return {text.encode().lower() for text in texts if text}
