"""Recall of the kinds that have no place in the corpus of ``recall_bench``: telephones as people of forty countries
write them, fixed salts, alphabets of somebody's own, names in other scripts, other spellings of the same letters.

``python -m tests.bench.kinds_bench [--show N]``; each case is one request with one field. What is looked for is written
here, with nothing of the detector (``phonenumbers`` has the forms of telephones).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from shield.detect.known import Matcher
from shield.message import Request
from shield.person import Person
from shield.salts import SALTS
from shield.twin.fact import make_fact
from shield.wire import reader

COUNTRIES: Final = (
    *(
        "DE",
        "AT",
        "CH",
        "FR",
        "BE",
        "NL",
        "LU",
        "GB",
        "IE",
        "ES",
        "PT",
        "IT",
        "PL",
        "CZ",
        "SK",
        "HU",
        "RO",
        "BG",
        "GR",
        "HR",
    ),
    *(
        "SI",
        "RS",
        "SE",
        "NO",
        "DK",
        "FI",
        "EE",
        "LV",
        "LT",
        "UA",
        "TR",
        "US",
        "CA",
        "MX",
        "BR",
        "AR",
        "AU",
        "NZ",
        "JP",
        "KR",
    ),
    *("IN", "ZA", "IL", "AE"),
)
_SURE: Final = 9  # digits; fewer without a blank between them are any number, and stand in a field that says so
MAILS: Final = ("anna.schmidt@real.example", "jean-pierre.dupont@post.example", "mario.rossi1987@mail.example")
NAMES: Final = (
    ("李", "小龙"), ("欧阳", "修远"), ("山田", "太郎"), ("佐々木", "健一"), ("김", "민수"), ("남궁", "지혜"),
    ("Иванов", "Сергей"),
    ("Παπαδόπουλος", "Γιώργος"), ("Yılmaz", "İbrahim"), ("Straßer", "Jürgen"), ("García Márquez", "Gabriel"),
    ("van der Berg", "Anna Maria"), ("Nguyễn", "Thị Minh"), ("Łukasiewicz", "Małgorzata"),
)  # fmt: skip
"""Family and given name."""


class Case(NamedTuple):
    kind: str
    fact: tuple[str, str]  # category, and its parts as JSON
    text: str
    field: str = "t"


@lru_cache(maxsize=1)
def _matcher(fact: tuple[str, str]) -> Matcher:
    return Matcher.build(Person((make_fact("one", fact[0], json.loads(fact[1])),)))


def is_found(case: Case) -> bool:
    """Whether the fact is found in a JSON field."""
    body = json.dumps({"a": 1, case.field: case.text}, ensure_ascii=False).encode()
    request = Request("POST", "https", "x.example", 443, b"/e", ((b"Content-Type", b"application/json"),), body)
    return any(one.whose == "me" for one in _matcher(case.fact).find(reader.read(request)))


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _phones()
    chance = random.Random(5)
    for mail in MAILS:
        fact = ("email", json.dumps({"value": mail}))
        for text in _salted(mail):
            yield Case("salt", fact, text)
        for _ in range(40):
            yield Case("alphabet", fact, _substituted(mail, chance))
        for kind, text in _respelled(mail):
            yield Case(f"spelling {kind}", fact, text)
    for family, given in NAMES:
        fact = ("name", json.dumps({"given": given, "family": family}))
        for text in _named(family, given):
            yield Case("name in a sentence", fact, text)


def _phones() -> Iterator[Case]:
    for country in COUNTRIES:
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
            number = phonenumbers.example_number_for_type(country, kind)
            if number is None:
                continue
            written = {
                how: phonenumbers.format_number(number, getattr(PhoneNumberFormat, how))
                for how in ("E164", "INTERNATIONAL", "NATIONAL")
            }
            fact = ("phone", json.dumps({"value": written["E164"]}))
            digits = "".join(filter(str.isdigit, written["NATIONAL"]))
            abroad = phonenumbers.format_out_of_country_calling_number(number, "US" if country != "US" else "GB")
            texts = {
                **written, "digits": digits, "dashes": written["NATIONAL"].replace(" ", "-"),
                "dots": written["INTERNATIONAL"].replace(" ", "."), "00": "00" + written["E164"][1:], "abroad": abroad,
                "no plus": written["E164"][1:], "trunk in brackets": written["INTERNATIONAL"].replace(" ", " (0)", 1),
                "extension": f"{written['NATIONAL']} x12", "sentence": f"call me at {written['NATIONAL']}, please",
            }  # fmt: skip
            for how, text in texts.items():
                if how == "trunk in brackets" and (
                    not digits.startswith("0") or (digits.startswith("06") and country == "HU")
                ):
                    continue
                field = "phone" if text.isdigit() and len(text) < _SURE else "t"
                yield Case(f"phone {how}", fact, text, field)
            for how in ("E164", "no plus", "digits", "00"):
                yield Case("phone digest", fact, hashlib.sha256(texts[how].encode()).hexdigest())


def _salted(mail: str) -> Iterator[str]:
    for put in SALTS.values():
        for name in ("md5", "sha1", "sha256"):
            yield hashlib.new(name, put(mail.encode())).hexdigest()


def _substituted(mail: str, chance: random.Random) -> str:
    letters = list(string.ascii_lowercase + string.digits)
    shuffled = letters[:]
    chance.shuffle(shuffled)
    return mail.translate({ord(one): other for one, other in zip(letters, shuffled, strict=True)})


def _respelled(mail: str) -> Iterator[tuple[str, str]]:
    yield "full width", "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in mail)
    yield "zero width", "\u200b".join(mail)
    yield "%u", "".join(f"%u{ord(one):04x}" for one in mail)
    yield "hex with colons", ":".join(f"{byte:02x}" for byte in mail.encode())
    yield "decimal", ",".join(str(byte) for byte in mail.encode())
    yield "apart", " ".join(mail)
    yield "soft hyphens", "\u00ad".join(mail)


def _named(family: str, given: str) -> Iterator[str]:
    is_eastern = any(unicodedata.name(one, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL")) for one in family)
    orders = [family + given, f"{family} {given}", f"{family}\u3000{given}"] if is_eastern else [
        f"{given} {family}", f"{family} {given}", f"{family}, {given}", f"{given} {family}".upper(),
    ]  # fmt: skip
    for text in orders:
        yield text if len(family + given) > 2 else f"{text}様"
        yield f"→ {text}, 2026"


def _line(kind: str, found: int, every: int) -> str:
    return f"{kind:24} {found:5} {every:5} {100 * found / every:6.2f}"


def main(argv: list[str] | None = None) -> int:
    """Print recall by kind; 1 if a kind is below 99.5 %."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kinds_bench", description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="so many of those that were missed")
    shown = parser.parse_args(argv).show
    every: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed: list[Case] = []
    for case in cases():
        every[case.kind] += 1
        if is_found(case):
            found[case.kind] += 1
        else:
            missed.append(case)
    for kind in sorted(every):
        print(_line(kind, found[kind], every[kind]))
    print(_line("all", found.total(), every.total()))
    for case in missed[:shown]:
        print(case)
    return int(found.total() < 0.995 * every.total())


if __name__ == "__main__":
    sys.exit(main())
