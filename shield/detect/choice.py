"""Which of many overlapping matches count, whose they are, and how exactly they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from shield.detect.lexicon import Entry, Match, Owner, is_apart
from shield.detect.spelling import disguise
from shield.disguise import Disguise
from shield.finding import Likeness

_NEAR: Final = 16  # bytes between a country and the rest of the address


class Hit(NamedTuple):
    """A known value at a span of some bytes. Shows no value."""

    start: int
    end: int
    likeness: Likeness
    category: str
    whose: str

    def moved(self, by: int) -> Hit:
        """The same hit, counted from elsewhere."""
        return self._replace(start=self.start + by, end=self.end + by)


def in_field(matches: list[Match], content: bytes, tiny: list[Entry], scope: str | None) -> list[Hit]:
    """The hits of one field, left to right."""
    candidates = [
        (hit, match.entry.strength) for match in matches for hit in _hit(match, content, scope)
    ]
    sure = [hit for hit, strength in candidates if strength != "weak"]
    weak = [hit for hit, strength in candidates if strength == "weak"]
    counted = sure + [
        hit for hit in weak if _is_whole(hit, content) or any(_is_beside(hit, other) for other in sure + weak)
    ]
    kept = _longest(counted)
    if tiny and kept:
        kept += _tiny(tiny, content, kept, scope)
    return sorted(kept, key=_place)


def anywhere(matches: Iterable[Match], content: bytes, scope: str | None) -> list[Hit]:
    """The hits in bytes that are no field: without those that are short or common."""
    sure = [match for match in matches if match.entry.strength == "strong"]
    return sorted(_longest([hit for match in sure for hit in _hit(match, content, scope)]), key=_place)


def _hit(match: Match, content: bytes, scope: str | None) -> list[Hit]:
    entry = match.entry
    chosen = _owner(entry, scope, content[match.start : match.start + 1] == b"+")
    if chosen is None:
        return []
    owner, whose = chosen
    end, worn = _as_written(content, match, owner.likeness.disguise)
    likeness = owner.likeness
    if worn is not likeness.disguise:
        likeness = Likeness(likeness.fact_id, likeness.part, worn)
    return [Hit(match.start, end, likeness, owner.category, whose)]


def _owner(entry: Entry, scope: str | None, has_plus: bool) -> tuple[Owner, str] | None:
    """Whose it is for a receiver that meets the persona of *scope*."""
    owners = entry.owners
    if entry.is_number and any(owner.likeness.part == "international" for owner in owners):
        owners = [owner for owner in owners if (owner.likeness.part == "value") is has_plus] or owners
    if scope is None:
        return owners[0], "me" if owners[0].scope is None else "persona"
    for owner in owners:
        if owner.scope == scope:
            return owner, "persona"
    if owners[0].scope is None or entry.strength == "strong":
        return owners[0], "me"
    return None  # a first name or a town of a persona that is known elsewhere says nothing here


def _as_written(content: bytes, match: Match, worn: Disguise) -> tuple[int, Disguise]:
    """The end with the padding, and the disguise in the case and padding that stand there."""
    written = content[match.start : match.end]
    encodings = worn.encodings
    if not worn.digest and encodings[:1] != ("base64",):
        return match.end, _in_case(written, worn)
    if encodings == ("hex",) and written.isupper():
        return match.end, disguise(worn.normal, worn.digest, "HEX")
    if worn.digest and encodings != ("hex",):
        padding = content[match.end : match.end + 2]
        wanted = -len(written) % 4
        if wanted and padding[:wanted] == b"=" * wanted:
            name = "base64" if encodings == ("base64-unpadded",) else "base64url-padded"
            return match.end + wanted, disguise(worn.normal, worn.digest, name)
    return match.end, worn


def _in_case(written: bytes, worn: Disguise) -> Disguise:
    if worn.encodings == ("hex",):
        return disguise(worn.normal, "", "HEX") if written.isupper() else worn
    if worn.normal != "plain" or not written.isascii():
        return worn
    if written.islower():
        return disguise("lower", "", *worn.encodings)
    return disguise("upper", "", *worn.encodings) if written.isupper() else worn


def _is_whole(hit: Hit, content: bytes) -> bool:
    return not content[: hit.start].strip() and not content[hit.end :].strip()


def _is_beside(hit: Hit, other: Hit) -> bool:
    """Whether *other* is another part or fact of the same person (or persona), elsewhere in the field."""
    if hit.whose != other.whose or (hit.end > other.start and other.end > hit.start):
        return False
    one, two = hit.likeness, other.likeness
    return (one.fact_id, one.part) != (two.fact_id, two.part)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Drop what lies inside a longer hit, and what overlaps a longer one of the same fact."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        if not any(_is_covered(hit, other) for other in kept):
            kept.append(hit)
    return kept


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, hit.end


def _rank(hit: Hit) -> tuple[int, bool]:
    return hit.start - hit.end, hit.likeness.part == "local"


def _is_covered(hit: Hit, other: Hit) -> bool:
    if other.start <= hit.start and hit.end <= other.end:
        return True
    overlaps = hit.start < other.end and other.start < hit.end
    return overlaps and hit.likeness.fact_id == other.likeness.fact_id


def _tiny(tiny: list[Entry], content: bytes, kept: list[Hit], scope: str | None) -> list[Hit]:
    """A country beside the rest of its address, a gender beside another fact."""
    lowered = content.lower()
    hits: list[Hit] = []
    for entry in tiny:
        near = [hit for hit in kept if _may_accompany(hit, entry)]
        for found in re.finditer(re.escape(entry.text), lowered) if near else ():
            start, end = found.span()
            is_near = any(-_NEAR <= start - hit.end <= _NEAR or -_NEAR <= hit.start - end <= _NEAR for hit in near)
            if is_near and is_apart(content, start, end, "word"):
                hits += _hit(Match(start, end, entry), content, scope)
    return [hit for hit in hits if not any(_is_covered(hit, other) for other in kept)]


def _may_accompany(hit: Hit, entry: Entry) -> bool:
    if entry.owners[0].category != "postal_address":
        return True
    return any(owner.likeness.fact_id == hit.likeness.fact_id for owner in entry.owners)
