"""The disguises in which a value travels: pure functions, shared by detect and transform.

A fact has *forms* (``shield.forms``). A form is written in a *disguise*: a normalisation, perhaps a digest, then
encodings. ``Disguise.write`` makes the bytes; detect writes all of them for every fact and searches; transform
writes the persona's value in the one that was found.

Source: wire facts, section 6 (normalisations of Meta, Google and Amazon, with vectors).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from shield.digests import DIGESTS, digest_of
from shield.encoders import ENCODERS
from shield.salts import SALTS

__all__ = [
    "COMPANIES",
    "DIGESTS",
    "ENCODERS",
    "EVERYWHERE",
    "GMAIL",
    "Disguise",
    "clear_texts",
    "digest_of",
    "digest_texts",
]


@dataclass(frozen=True, slots=True)
class Disguise:
    """One way of writing a form.

    Attributes:
        normal: name of a normalisation: ``plain``, ``lower``, ``meta``, ``google``, ``amazon`` ...
        digest: ``""``, or a name of DIGESTS.
        encodings: names of ENCODERS, outermost last: ``percent``, ``hex``, ``base64`` ...
        before: what was done before the digest: names of ENCODERS or SALTS, or of DIGESTS, which are written in hex
            there.
    """

    normal: str = "plain"
    digest: str = ""
    encodings: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For reports: ``sha256 (google) base64url``; empty for the plain value."""
        before = "".join(f" of {step}" for step in reversed(self.before))
        digest = f"{self.digest}{before} ({self.normal})" if self.digest else ""
        return " ".join(filter(None, (digest, *self.encodings)))

    def write(self, category: str, part: str, value: str) -> bytes | None:
        """Write one form in this disguise.

        Args:
            value: text of the form *part* of a fact of *category*, as ``shield.forms`` gives it.

        Returns:
            None when the disguise does not fit it: a company has no normalisation for such a value, nothing
            is left of it, or its letters are not in the character set.
        """
        text = normalise(self.normal, category, part, value)
        if not text:
            return None
        encodings = self.encodings
        try:
            if encodings[:1] == ("latin1",):
                data, encodings = text.encode("latin-1"), encodings[1:]
            else:
                data = text.encode()
        except UnicodeEncodeError:
            return None
        if self.digest:
            data = digest_of(self.digest, prepared(data, self.before))
        for encoding in encodings:
            data = beginning(data, encoding) if encoding.startswith(FIRST) else ENCODERS[encoding](data)
        return data


FIRST: Final = "first "
"""An encoding of its own, with a number of letters behind it: what is typed begins so."""


def beginning(data: bytes, encoding: str) -> bytes:
    """The first letters of *data*, as many as *encoding* says; all of it where it is shorter."""
    return data.decode("utf-8", "replace")[: int(encoding.removeprefix(FIRST))].encode()


def prepared(data: bytes, steps: tuple[str, ...]) -> bytes:
    """What a digest is made of: *data*, written in ENCODERS or as the hexadecimal digits of DIGESTS."""
    for step in steps:
        change = SALTS.get(step) or ENCODERS.get(step)
        data = change(data) if change is not None else DIGESTS[step](data).hex().encode()
    return data


# --- normalisations ------------------------------------------------------------------------------------


def _separate(words: str) -> list[str]:
    return words.split(" ")


_PUNCTUATION = str.maketrans("", "", string.punctuation + "’‘“”´«»–—")
_GERMAN = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "å": "aa", "Å": "Aa", "æ": "ae",
    "Æ": "Ae", "ø": "oe", "Ø": "Oe", "þ": "th", "Þ": "Th",
})  # fmt: skip
_PLAIN_LETTERS = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ı": "i", "æ": "ae",
    "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ħ": "h", "Ħ": "H",
})  # fmt: skip
"""Letters that Unicode does not take apart."""
_CYRILLIC = "абвгґдеёєжзиіїйклмнопрстуфхцчшщъыьэюя"
_PASSPORT: Final = _separate("a b v g g d e e ie zh z i i i i k l m n o p r s t u f kh ts ch sh shch ie y  e iu ia")
_COMMON: Final = _separate("a b v g g d e yo ye zh z i i yi y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya")
"""ICAO Doc 9303, part 3, section 6 B; BGN/PCGN 1947 without its signs."""
_TO_LOWER = str.maketrans("I\u0130", "\u0131i")
_TO_UPPER = str.maketrans("i\u0131", "\u0130I")
_DOTTED = str.maketrans("\u0130\u0131", "Ii")
"""Turkish and Azerbaijani case, and what a search takes both letters for (``detect.respelled``)."""
_QUOTES = str.maketrans("'\u2019", "\u2019'")
_GENDERS = {"f": "f", "w": "f", "m": "m", "h": "m", "d": "d", "x": "x"}
GMAIL = ("gmail.com", "googlemail.com")


def _lower(text: str) -> str:
    return text.strip().lower()


def _bare(text: str) -> str:
    return _lower(text).translate(_PUNCTUATION)


def _only(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub("", _lower(text))


def _gmail(text: str) -> str:
    local, at, domain = _lower(text).rpartition("@")
    return f"{local.replace('.', '') if domain in GMAIL else local}{at}{domain}"


def _gmail_without_plus(text: str) -> str:
    local, at, domain = _gmail(text).rpartition("@")
    return f"{local.partition('+')[0] if domain in GMAIL else local}{at}{domain}"


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS))
    return folded.encode("ascii", "ignore").decode()


def _latin(letters: list[str]) -> Callable[[str], str]:
    table = dict(zip(_CYRILLIC, letters, strict=True))
    both = str.maketrans(table | {one.upper(): latin.capitalize() for one, latin in table.items()})
    return lambda text: text.translate(both)


def _initial(text: str) -> str:
    return _GENDERS.get(_lower(text)[:1], "")


_digits = _only(r"\D")
_letters_and_digits = _only(r"[^a-z0-9]")
_town = _only(r"[\d\s().\-]")
_zip = _only(r"\s")

EVERYWHERE: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": lambda text: text.strip(),
    "lower": _lower,
    "upper": lambda text: text.strip().upper(),
    "ascii": _ascii,
    "german": lambda text: text.translate(_GERMAN),
    "folded": lambda text: text.strip().upper().lower(),
    "upper-ascii": lambda text: _ascii(text.strip().upper()),
    "upper-german": lambda text: text.strip().translate(_GERMAN).upper(),
    "passport": _latin(_PASSPORT),
    "latin": _latin(_COMMON),
    "lower-passport": lambda text: _latin(_PASSPORT)(_lower(text)),
    "lower-latin": lambda text: _latin(_COMMON)(_lower(text)),
    "upper-passport": lambda text: _latin(_PASSPORT)(_lower(text)).upper(),
    "upper-latin": lambda text: _latin(_COMMON)(_lower(text)).upper(),
    "lower-ascii": lambda text: _ascii(_lower(text)),
    "lower-german": lambda text: _lower(text).translate(_GERMAN),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "lower-decomposed": lambda text: unicodedata.normalize("NFD", _lower(text)),
    "turkish": lambda text: text.strip().translate(_TO_LOWER).lower(),
    "upper-turkish": lambda text: text.strip().translate(_TO_UPPER).upper(),
    "upper-sharp": lambda text: "ß".join(part.upper() for part in text.strip().split("ß")),
    "dotted": lambda text: text.translate(_DOTTED),
    "lower-dotted": lambda text: _lower(text).replace("i\u0307", "i").translate(_DOTTED),
    "upper-dotted": lambda text: text.strip().upper().translate(_DOTTED),
    "other-quote": lambda text: text.translate(_QUOTES),
}
"""Normalisations that fit every value."""

COMPANIES: Final[Mapping[str, Mapping[str, Callable[[str], str]]]] = {
    "email": {
        "meta": _lower, "google": _gmail, "google-without-plus": _gmail_without_plus,
        "amazon": _only(r"[^a-z0-9.@-]"),
    },
    "phone": {
        "meta": lambda text: _digits(text).lstrip("0"), "google": lambda text: "+" + _digits(text),
        "amazon": _digits,
    },
    "name": {"meta": _bare, "google": _lower, "amazon": _letters_and_digits},
    "family": {"meta": _bare, "google": _bare, "amazon": _letters_and_digits},
    "date_of_birth": {"meta": lambda text: text.lower() if any(map(str.isalpha, text)) else _digits(text)},
    "gender": {"meta": _initial, "google": _initial, "amazon": _initial},
    "city": {"meta": _town, "google": _lower, "amazon": _letters_and_digits},
    "region": {"meta": _town, "google": _lower, "amazon": _letters_and_digits},
    "postcode": {"meta": lambda text: _zip(text).partition("-")[0], "google": _lower, "amazon": _zip},
    "country": {"meta": _lower, "google": _lower, "amazon": _lower},
    "street": {"google": _lower, "amazon": _letters_and_digits},
}  # fmt: skip
"""What each company does before it makes a digest, by category or, where parts differ, by part."""

_AS_IT_IS: Final = frozenset({
    "international", "zeros", "trunk", "national", "subscriber", "layout", "compact", "ymd", "dmy", "mdy",
    "initial", "local",
})  # fmt: skip
"""Forms (up to a dash or tilde) that are a normal form themselves."""
_DIGEST_ORDER: Final = ("lower", "meta", "google", "google-without-plus", "amazon", "plain", "upper")
_NUMBER_ORDER: Final = ("meta", "google", "amazon", "plain")


def normalise(normal: str, category: str, part: str, text: str) -> str | None:
    """Apply a normalisation by name; None when there is none of that name for such a value."""
    text = unicodedata.normalize("NFC", text)
    change = EVERYWHERE.get(normal) or _company_rules(category, part).get(normal)
    return change(text) if change else None


def _company_rules(category: str, part: str) -> Mapping[str, Callable[[str], str]]:
    part = part.partition("~")[0]
    if part.partition("-")[0] in _AS_IT_IS:
        return {}
    return COMPANIES.get(part) or COMPANIES.get(category) or {}


_TURKISH: Final = frozenset("\u0130\u0131\u011e\u011f\u015e\u015f")
_OF_TURKISH: Final = ("dotted", "lower-dotted", "upper-dotted")
_LATIN: Final = ("lower-passport", "lower-latin")


def _is_cyrillic(text: str) -> bool:
    return any("\u0400" <= one <= "\u052f" for one in text)


def digest_texts(category: str, part: str, text: str) -> tuple[tuple[str, str], ...]:
    """Every different text that a company would make a digest of: (normalisation, text).

    Several normalisations often agree; the first of ``lower, meta, google, amazon, plain`` gives the name (of
    numbers, which have no case, a company's).
    """
    found: dict[str, str] = {}
    for normal in _NUMBER_ORDER if category in ("phone", "date_of_birth") else _DIGEST_ORDER:
        written = normalise(normal, category, part, text)
        if written:
            found.setdefault(written, normal)
    if not text.isascii():
        several = ("folded", *_LATIN) if _is_cyrillic(text) else ("folded", "lower-ascii", "lower-german")
        for normal in (*several, "lower-decomposed", *(("turkish",) if _TURKISH.intersection(text) else ())):
            found.setdefault(EVERYWHERE[normal](text), normal)
    return tuple((normal, written) for written, normal in found.items() if written)


def clear_texts(category: str, part: str, text: str) -> tuple[tuple[str, str], ...]:
    """Every different text in which the form travels undisguised: (normalisation, text).

    They differ in more than the case of ASCII letters, which a search without case covers.
    """
    normals = ["plain", *_company_rules(category, part)]
    if not text.isascii():
        normals += ["lower", "upper", "ascii", "german", "decomposed"]
        normals += ["passport", "latin"] if _is_cyrillic(text) else []
        normals += ["upper-sharp"] if "ß" in text else []
        normals += _OF_TURKISH if _TURKISH.intersection(text) else ()
    if "'" in text or "\u2019" in text:
        normals.append("other-quote")
    found: dict[bytes, tuple[str, str]] = {}
    for normal in normals:
        written = normalise(normal, category, part, text)
        if written:
            found.setdefault(written.encode().lower(), (normal, written))
    return tuple(found.values())
