"""Which of many overlapping matches count, whose they are, and how exactly they are written."""

from __future__ import annotations

import re
import string
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from shield.detect import saying
from shield.detect.lexicon import Entry, Match, Owner, is_apart
from shield.detect.spelling import disguise
from shield.disguise import Disguise
from shield.finding import Likeness
from shield.forms.ordinary import is_everyday

_PUNCTUATION: Final = (string.whitespace + string.punctuation).encode()
_KEEPS_CASE: Final = frozenset({"latin1", "percent", "form", "reversed", "rot13"})
_CASED: Final = {"plain": ("lower", "upper")} | {
    normal: (f"lower-{normal}", f"upper-{normal}") for normal in ("ascii", "german", "passport", "latin")
}
_UNPADDED: Final = (("base64url",), ("base64-unpadded",))
_SHORT: Final = frozenset({"weak", "whole"})
_OF_WORDS: Final = frozenset({"name", "postal_address"})
WHOLE_NAMES: Final = frozenset({"full", "reversed", "first-family"})
_SEVERAL: Final = 2
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SLUG_BEFORE: Final = re.compile(rb"[A-Za-z][-_.]\Z")
_SLUG_BEHIND: Final = re.compile(rb"[-_.][A-Za-z]")
_DIGIT: Final = re.compile(rb"[0-9]")
_PHONE_DIGITS: Final = 8
_BETWEEN_GROUPS: Final = re.compile(rb"[0-9)][ \-./)]{1,2}[0-9(]|\xc2\xa0|\xe2\x80[\x80-\x95\xaf]")
_LABELS: Final = 24
_LABEL: Final = re.compile(
    rb"(?i)(?:name|namn|navn|naam|nom|nombre|nome|imi\xc4\x99|customer|kunde|client|user|recipient|sender|attn|contact)"
    rb"\s{0,2}[:=]\s{0,2}\Z"
)
_GAP: Final = re.compile(rb"[\s,;|]{1,3}")
_GOES_ON: Final = re.compile(rb"[ \t]+(?:[a-z]|\xc3[\x9f-\xbf])")
Word = Literal["", "lower", "capital"]
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


def in_field(matches: list[Match], content: bytes, tiny: list[Entry], scope: str | None) -> tuple[list[Hit], list[Hit]]:
    """The hits of one field, left to right; and those that its name or its neighbours have to confirm."""
    sure, weak, everyday = _sorted_out(matches, content, scope)
    unsure: list[Hit] = []
    if weak:
        company = _Company([*sure, *weak])
        sure, unsure = _joined(
            sure, weak, lambda hit: company.has_other(hit) or saying.is_told_before(content, hit), content
        )
    if everyday:
        sure += _side_by_side(everyday, content)
        company = _Company(sure)
        sure, others = _joined(sure, everyday, lambda hit: _is_told(hit, content, company), content)
        unsure += others
    kept = _longest(sure)
    if tiny and kept:
        kept += _tiny(tiny, content, kept, scope)
        kept.sort(key=_place)
    return kept, sorted(unsure, key=_rank) if not kept else []


def _sorted_out(
    matches: Iterable[Match], content: bytes, scope: str | None
) -> tuple[list[Hit], list[Hit], list[Hit]]:  # fmt: skip
    """Those that are sure, those that are short or common, and those that are words of every day."""
    out: tuple[list[Hit], list[Hit], list[Hit]] = ([], [], [])
    for match in matches:
        hit = _hit(match, content, scope)
        if hit is not None:
            is_weak = match.entry.strength in _SHORT and not _is_grouped(hit, content)
            word = word_of(hit, content)
            is_everyday = word and (is_weak or word == "lower" or hit.likeness.part.startswith("reversed"))
            out[2 if is_everyday else is_weak].append(hit)
    return out


def _is_grouped(hit: Hit, content: bytes) -> bool:
    """Whether a short telephone number is written as one, in groups: a number of a machine's has none."""
    if hit.category != "phone" or hit.likeness.disguise.digest:
        return False
    written = content[hit.start : hit.end]
    return len(_DIGIT.findall(written)) >= _PHONE_DIGITS and _BETWEEN_GROUPS.search(written) is not None


def _joined(
    sure: list[Hit], hits: Iterable[Hit], is_confirmed: Callable[[Hit], bool], content: bytes
) -> tuple[list[Hit], list[Hit]]:  # fmt: skip
    """*sure* with those that are confirmed; and the others that are all of the field."""
    confirmed = list(sure)
    others: list[Hit] = []
    for hit in hits:
        if is_confirmed(hit):
            confirmed.append(hit)
        elif _is_whole(hit, content):
            others.append(hit)
    return confirmed, others


def anywhere(matches: Iterable[Match], content: bytes, scope: str | None) -> list[Hit]:
    """The hits in bytes that are no field: without those that are short or common."""
    hits = [_hit(match, content, scope) for match in matches if match.entry.strength == "strong"]
    return _longest([hit for hit in hits if hit is not None and word_of(hit, content) != "lower"])


def word_of(hit: Hit, content: bytes) -> Word:
    """Whether a name or place is written in words of every day alone, and how; empty where it is not.

    ``lower``: as in a sentence, with blanks between. What is joined otherwise (``will.price``) is no sentence.
    """
    if hit.category not in _OF_WORDS or hit.likeness.disguise.digest or hit.likeness.disguise.encodings:
        return ""
    written = content[hit.start : hit.end]
    text = written.decode("utf-8", "replace")
    if not is_everyday(text):
        return ""
    words = text.split()
    if len(words) < _SEVERAL <= len(_LETTERS.findall(text)) and _is_within_slug(hit, content):
        return "lower"
    if not (words[0][0].islower() or words[-1][0].islower()):
        return "capital"
    return "lower" if len(words) > 1 or text.isalpha() else ""


def _side_by_side(hits: list[Hit], content: bytes) -> list[Hit]:
    """Given and family name in capitals with nothing but a blank or a comma between, as in a table."""
    names = [hit for hit in hits if hit.likeness.part in ("given", "family") and word_of(hit, content) == "capital"]
    names.sort(key=_place)
    found: dict[Hit, None] = {}
    for one, other in pairwise(names):
        is_both = one.likeness.fact_id == other.likeness.fact_id and one.likeness.part != other.likeness.part
        if is_both and _GAP.fullmatch(content, one.end, other.start) and not _GOES_ON.match(content, other.end):
            found |= {one: None, other: None}
    return list(found)


def _is_within_slug(hit: Hit, content: bytes) -> bool:
    """Whether the words that are joined are joined with more (``will-price-drop``)."""
    return _SLUG_BEFORE.search(content, 0, hit.start) is not None or _SLUG_BEHIND.match(content, hit.end) is not None


def _is_told(hit: Hit, content: bytes, company: _Company) -> bool:
    """Beside something sure, or behind a word that says that a name follows (``Name: will price``)."""
    if hit.likeness.part.partition("~")[0] in WHOLE_NAMES and _LABEL.search(
        content, max(0, hit.start - _LABELS), hit.start
    ):
        return True
    return company.has_other(hit) and _is_a_name(hit, content)


def _is_a_name(hit: Hit, content: bytes) -> bool:
    """Whether an everyday word beside something sure is a name: in capitals, and no lower-case word goes on behind it;
    or several words that are one together.
    """
    if word_of(hit, content) == "lower":
        return hit.likeness.part.partition("~")[0] in WHOLE_NAMES
    return _GOES_ON.match(content, hit.end) is None


def _hit(match: Match, content: bytes, scope: str | None) -> Hit | None:
    entry = match.entry
    chosen = _owner(entry, scope, content[match.start : match.start + 1] == b"+")
    if chosen is None:
        return None
    owner, whose = chosen
    end, worn = _as_written(content, match, owner.likeness.disguise)
    likeness = owner.likeness
    if worn is not likeness.disguise:
        likeness = Likeness(likeness.fact_id, likeness.part, worn)
    return Hit(match.start, end, likeness, owner.category, whose)


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
        return match.end, replace(worn, encodings=("HEX",))
    if worn.digest and encodings in _UNPADDED:
        padding = content[match.end : match.end + 2]
        wanted = -len(written) % 4
        if wanted and padding[:wanted] == b"=" * wanted:
            is_url = encodings == ("base64url",) and not written.isalnum()
            name = "base64url-padded" if is_url else "base64"
            return match.end + wanted, replace(worn, encodings=(name,))
    return match.end, worn


def _in_case(written: bytes, worn: Disguise) -> Disguise:
    encodings = worn.encodings
    if encodings == ("hex",):
        return disguise(worn.normal, "", "HEX") if written.isupper() else worn
    if worn.normal not in _CASED or not _KEEPS_CASE.issuperset(encodings):
        return worn
    lower, upper = _CASED[worn.normal]
    text = written.decode("latin-1" if "latin1" in encodings else "utf-8", "replace")
    if text.islower():
        return disguise(lower, "", *encodings)
    return disguise(upper, "", *encodings) if text.isupper() else worn


def _is_whole(hit: Hit, content: bytes) -> bool:
    """Whether nothing but blanks and punctuation stands beside it."""
    return not (content[: hit.start].strip(_PUNCTUATION) or content[hit.end :].strip(_PUNCTUATION))


class _Company:
    """What else stands in a field: of each part of each fact, where its first hit ends and its last begins."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self._edges: dict[tuple[str, str, str], tuple[int, int]] = {}
        for hit in hits:
            key = _thing(hit)
            end, start = self._edges.get(key, (hit.end, hit.start))
            self._edges[key] = (min(end, hit.end), max(start, hit.start))

    def has_other(self, hit: Hit) -> bool:
        """Whether another part or fact of the same person (or persona) stands elsewhere in the field."""
        own = _thing(hit)
        return any(
            key[0] == hit.whose and key != own and (first_end <= hit.start or last_start >= hit.end)
            for key, (first_end, last_start) in self._edges.items()
        )


def _thing(hit: Hit) -> tuple[str, str, str]:
    """Whose, which fact, and which part of it, however it is written."""
    return hit.whose, hit.likeness.fact_id, hit.likeness.part.partition("~")[0]


def _longest(hits: list[Hit]) -> list[Hit]:
    """Left to right, the longest first where they overlap.

    What overlaps a longer hit stays only if it reaches over a letter or digit that no other hit has; policy cuts out
    the union of the two then.
    """
    if len(hits) < 2:
        return hits
    kept: list[Hit] = []
    crossing: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        around = _overlapping(hit, kept)
        if not around:
            insort(kept, hit, key=_place)
        elif not (around[0].start <= hit.start and hit.end <= around[-1].end):
            crossing.append(hit)
    for hit in crossing:
        around = _overlapping(hit, kept)
        if not (around[0].start <= hit.start and hit.end <= around[-1].end):
            insort(kept, hit, key=_place)
    return kept


def _overlapping(hit: Hit, kept: list[Hit]) -> list[Hit]:
    """Those of *kept* (in order, hardly overlapping) that *hit* overlaps."""
    number = bisect_right(kept, hit.start, key=_start)
    number -= number > 0 and kept[number - 1].end > hit.start
    around: list[Hit] = []
    while number < len(kept) and kept[number].start < hit.end:
        around.append(kept[number])
        number += 1
    return around


def _start(hit: Hit) -> int:
    return hit.start


def _place(hit: Hit) -> tuple[int, int]:
    return hit.start, hit.end


def _rank(hit: Hit) -> tuple[int, int, bool, bool]:
    """The longest first; of equal ones the persona's, if the person chose to keep the truth there."""
    return hit.start - hit.end, hit.start, hit.whose == "me", hit.likeness.part == "local"


def _tiny(tiny: list[Entry], content: bytes, kept: list[Hit], scope: str | None) -> list[Hit]:
    """A country beside the rest of its address, a gender beside another fact."""
    lowered = content.lower()
    hits: dict[tuple[int, int], Hit] = {}
    for entry in tiny:
        near = _NEAR + len(entry.text)
        for hit in kept:
            if not _may_accompany(hit, entry):
                continue
            for first, last in ((max(0, hit.start - near), hit.start), (hit.end, hit.end + near)):
                start = lowered.find(entry.text, first, last)
                end = start + len(entry.text)
                if start >= 0 and (start, end) not in hits and is_apart(content, start, end, "word"):
                    found = _hit(Match(start, end, entry), content, scope)
                    if found is not None:
                        hits[start, end] = found
    return [hit for hit in hits.values() if not _overlapping(hit, kept)]


def _may_accompany(hit: Hit, entry: Entry) -> bool:
    if entry.owners[0].category != "postal_address":
        return True
    return any(owner.likeness.fact_id == hit.likeness.fact_id for owner in entry.owners)
