"""Telephone numbers as their owner writes them: what stands before the number at home and abroad, and its layouts.

What is written at home follows from the country's numbering plan: the trunk prefix (``0``, ``8``, ``06``, none), a mark
of mobiles that is only written abroad (Argentina, Mexico), the usual layout. Groups that nobody's plan knows are
written too, so their digests are made of every division into two to four digits.

Source: ITU-T E.164 and E.123; the metadata of libphonenumber, whose parts are loaded for the countries that are met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from shield.forms.form import Form, Strength
from shield.person import Fact

# ITU-T E.164, list of assigned country codes: the rest has three digits, but for 1 and 7.
_TWO_DIGIT_CODE: Final = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
_ABROAD: Final = ("011", "0011", "010", "001", "810")
"""What is dialled before a country, beside ``00``: America, Australia, Japan, parts of Asia, Russia."""
_FORMER: Final = {
    "370": ("8", "0"),
    "375": ("8",),
    "52": ("01", "044", "045"),
    "36": ("06",),
    "55": ("0",),
    "48": ("0",),
}
"""Trunk prefixes that people still write beside the one of the plan."""
_MARK: Final = {"54": "9", "52": "1", "375": "0"}
"""A digit behind the country that not everybody writes."""
_EXTENSION: Final = re.compile(
    r"(?i)(?:[;,]?\s*(?:ext(?:ension)?|x|dw|durchwahl|poste|int|app)\b\s*[.:=]?|\s*#)\s*\d{1,7}\Z|x\d{1,7}\Z"
)
_FEWEST: Final = 7
_SURE: Final = 9
_LOCAL: Final = 6
_SIZES: Final = (2, 3, 4)
_FIRST: Final = range(1, 6)
_LONGEST_UNMARKED: Final = 10
_SIGNS: Final = {
    "blank": (" ", " ", " "), "dash": ("-", "-", "-"), "dot": (".", ".", "."), "blank-dash": (" ", " ", "-"),
    "dash-blank": (" ", "-", " "), "dashes": (" ", "-", "-"), "slash-blank": (" ", "/", " "),
    "slash-dot": (" ", "/", "."), "slash-dash": ("/", "/", "-"), "none-dash": ("", "", "-"),
}  # fmt: skip
"""What stands behind a prefix of its own, behind the first group, and between the others."""
_KINDS: Final = (
    "bare", "trunk", "brackets", "trunk-brackets", "trunk-apart", "trunk-apart-brackets", "plus", "plus-brackets",
    "plus-trunk", "zeros", "code",
)  # fmt: skip
GROUPED: Final = "grouped "


@dataclass(frozen=True, slots=True)
class Telephone:
    """A number in its parts. *national* and *international* are the layouts of its plan."""

    code: str = field(repr=False)
    rest: str = field(repr=False)
    trunk: str = field(repr=False)
    area: int
    national: str = field(repr=False)
    international: str = field(repr=False)


def in_full(text: str, country: str | None) -> str | None:
    """A number as its owner wrote it, in E.164; None if it is none.

    Args:
        country: ISO 3166-1 alpha-2, where the number was typed without one.
    """
    import phonenumbers

    text = re.sub(r"(?<=\d)\s*\(0+\)", "", text.strip())
    text = _EXTENSION.sub("", re.sub(r"^00(?=[1-9])", "+", text))
    if any(map(str.isalpha, text)):  # letters of a dial: 0800 FLOWERS
        return None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not (text.startswith(("+", "\uff0b")) or phonenumbers.is_possible_number(number)):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def home_of(facts: Iterable[Fact]) -> str | None:
    """The country in which somebody writes their numbers: of the first address, else of another number."""
    import phonenumbers

    every = tuple(facts)
    for fact in every:
        if fact.category == "postal_address" and fact.parts.get("country"):
            return fact.parts["country"]
    for fact in every:
        if fact.category == "phone":
            code = parsed(fact.value).code
            region = phonenumbers.region_code_for_country_code(int(code or 0))
            if len(region) == 2 and region.isalpha():
                return region
    return None


@lru_cache(maxsize=256)
def parsed(value: str) -> Telephone:
    """The parts of a number in E.164; of what no plan knows by the length of its country code alone.

    Cost: 50 ms once for the metadata, then 0.1 ms; remembered are numbers of facts and personas.
    """
    import phonenumbers

    digits = re.sub(r"\D", "", value)
    try:
        number = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        cut = 1 if digits[:1] in ("1", "7") else 2 if _TWO_DIGIT_CODE.match(digits) else 3
        return Telephone(digits[:cut], digits[cut:], "0", 0, digits[cut:], "+" + digits)
    code = str(number.country_code)
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(int(code))
    trunk = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    kinds = phonenumbers.PhoneNumberFormat
    return Telephone(
        code, digits[len(code) :], re.sub(r"\D", "", trunk), phonenumbers.length_of_geographical_area_code(number),
        phonenumbers.format_number(number, kinds.NATIONAL), phonenumbers.format_number(number, kinds.INTERNATIONAL),
    )  # fmt: skip


def phone(value: str, written: str = "") -> list[Form]:
    """In E.164, with and without what stands before the area code; in layouts that people and libraries write."""
    digits = re.sub(r"\D", "", value)
    if len(digits) < _FEWEST:
        return [Form("value", "+" + digits, "weak", is_number=True)]
    one = parsed(digits)
    strength: Strength = "strong" if len(one.rest) >= _SURE else "weak"
    at_home: Strength = "strong" if len(one.trunk + one.rest) >= _SURE else "weak"
    national = Form("national", one.trunk + one.rest, at_home, is_number=True)
    subscriber = Form("subscriber", one.rest, strength, is_number=True)
    main = [
        Form("value", "+" + digits, is_number=True),
        Form("international", digits, is_number=True),
        Form("zeros", "00" + digits, is_number=True, is_variant=True),
        Form("trunk", one.code + (one.trunk or "0") + one.rest, is_number=True, is_variant=True),  # +49 (0)151 ...
        *((national, subscriber) if one.trunk else (subscriber, national)),
    ]
    known = {form.text for form in main}
    return [*main, *(form for form in _rarer(one, digits, strength) if form.text not in known), *_layouts(one, written)]


def _rarer(one: Telephone, digits: str, strength: Strength) -> Iterator[Form]:
    """With other prefixes, without the mark of a mobile, and what is dialled in the same town."""
    for prefix in _ABROAD:
        yield Form(f"zeros~{prefix}", prefix + digits, is_number=True, is_variant=True)
    for prefix in _FORMER.get(one.code, ()):
        sure: Strength = "strong" if len(prefix + one.rest) >= _SURE else "weak"
        yield Form(f"national~{prefix}", prefix + one.rest, sure, is_number=True, is_variant=True)
    home = re.sub(r"\D", "", one.national)
    if home:
        yield Form("national~home", home, "strong" if len(home) >= _SURE else "weak", is_number=True, is_variant=True)
    mark = _MARK.get(one.code)
    if mark is not None:
        bare = _unmarked(one.rest, mark)
        yield Form("international~mark", one.code + bare, is_number=True, is_variant=True)
        yield Form("subscriber~mark", bare, strength, is_number=True, is_variant=True)
    if one.area and len(one.rest) - one.area >= _LOCAL:
        yield Form("subscriber~local", one.rest[one.area :], "weak", is_number=True, is_variant=True)


def _layouts(one: Telephone, written: str) -> Iterator[Form]:
    """Looked for under layers only, for in the clear no separator hides a number."""
    code, trunk, area, middle, last = one.code, one.trunk, one.rest[:3], one.rest[3:6], one.rest[6:]
    texts = (
        f"+{code} {area} {middle}{last}", f"+{code} {area} {middle} {last}", f"+{code} ({area}) {middle}-{last}",
        f"+{code}-{area}-{middle}-{last}", f"+{code}.{area}.{middle}{last}", f"({area}) {middle}-{last}",
        f"{area}-{middle}-{last}", f"{trunk}{area} {middle}{last}", one.national, one.international,
    )  # fmt: skip
    for number, text in enumerate(texts):
        yield Form(f"layout-{number}", text, "digest", is_variant=True)
    if written:
        yield Form("layout-9~written" if written[:1] == "+" else "layout-8~written", written, "digest", is_variant=True)


def groupings(value: str) -> Iterator[Form]:
    """Every layout that people may write, for digests of it. The part says how, so that a persona's is written so.

    A part is ``grouped``, a kind of beginning, a pair of signs, which spelling of the number, and lengths of groups.
    """
    digits = re.sub(r"\D", "", value)
    if len(digits) < _FEWEST:
        return
    one = parsed(digits)
    seen: set[str] = set()
    for which, (trunk, rest) in enumerate(_spelled(one)):
        for sizes in _divisions(len(rest)):
            cut = ".".join(map(str, sizes))
            groups = _cut(rest, sizes)
            for signs, written in _SIGNS.items():
                for kind in _KINDS:
                    text = _write(kind, *written, one.code, trunk, groups)
                    if text not in seen:
                        seen.add(text)
                        yield Form(f"{GROUPED}{kind} {signs} {which} {cut}", text, "digest", is_variant=True)


def grouped(value: str, part: str) -> str:
    """A number in a layout of :func:`groupings`; the last group takes what is left."""
    one = parsed(re.sub(r"\D", "", value))
    kind, signs, which, sizes = part.removeprefix(GROUPED).split(" ")
    spelled = _spelled(one)
    trunk, rest = spelled[int(which)] if int(which) < len(spelled) else spelled[0]
    return _write(kind, *_SIGNS[signs], one.code, trunk, _cut(rest, tuple(map(int, sizes.split(".")))))


def _spelled(one: Telephone) -> list[tuple[str, str]]:
    """Trunk prefix and number, in each way that the country knows."""
    mark = _MARK.get(one.code)
    rests = [one.rest] if mark is None else [one.rest, _unmarked(one.rest, mark)]
    return [(trunk, rest) for rest in rests for trunk in dict.fromkeys((one.trunk, *_FORMER.get(one.code, ())))]


def _unmarked(rest: str, mark: str) -> str:
    return rest.removeprefix(mark) if len(rest) > _LONGEST_UNMARKED else mark + rest


def _cut(rest: str, sizes: tuple[int, ...]) -> list[str]:
    groups: list[str] = []
    for size in sizes[:-1]:
        groups.append(rest[:size])
        rest = rest[size:]
    return [group for group in (*groups, rest) if group]


def _write(kind: str, around: str, gap: str, sign: str, code: str, trunk: str, groups: list[str]) -> str:
    """The beginning, and behind it the other groups."""
    first, tail = groups[0], sign.join(groups[1:])
    match kind:
        case "bare":
            head = first
        case "trunk":
            head = trunk + first
        case "brackets":
            head = f"({first})"
        case "trunk-brackets":
            head = f"({trunk}{first})"
        case "trunk-apart":
            head = f"{trunk}{around}{first}"
        case "trunk-apart-brackets":
            head = f"{trunk} ({first})"
        case "plus":
            head = f"+{code}{around}{first}"
        case "plus-brackets":
            head = f"+{code} ({first})"
        case "plus-trunk":
            head = f"+{code} ({trunk or 0}){first}"
        case "zeros":
            head = f"00{code}{around}{first}"
        case _:
            head = f"{code}{around}{first}"
    return head + gap + tail if tail else head


@lru_cache(maxsize=32)
def _divisions(length: int) -> tuple[tuple[int, ...], ...]:
    """Lengths of groups: of two to four digits, the first also of one; and two groups of any length."""
    found = {*_compositions(length), *((1, *others) for others in _compositions(length - 1))}
    found |= {(first, length - first) for first in _FIRST if first < length} | {(length,)}
    found |= {(first, 5, length - first - 5) for first in (2, 3) if length - first > _FIRST[-1]}
    return tuple(sorted(found))


def _compositions(length: int) -> list[tuple[int, ...]]:
    if length == 0:
        return [()]
    return [(size, *others) for size in _SIZES if size <= length for others in _compositions(length - size)]
