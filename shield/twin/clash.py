"""What a value of a persona must not share with a fact."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from shield.disguise import clear_texts
from shield.forms import forms, mailbox
from shield.person import Fact

_FEWEST: Final = 4  # letters of a form
_FOLDED: Final = str.maketrans({
    "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ä": "ae", "ö": "oe", "ü": "ue",
})  # fmt: skip


def fold(text: str) -> str:
    """Lower case, Latin letters and digits only: ``Jürgen Groß`` becomes ``juergengross``."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "", plain)


def leads_home(pattern: str, facts: Iterable[Fact]) -> Fact | None:
    """The e-mail fact that an address or alias pattern (``anna+*@mail.example``) is another spelling of, if any.

    Whatever a receiver cuts off to find the mailbox (a tag; dots at Gmail; what follows a dash or an underscore) would
    leave the real address. A catch-all domain is no spelling of anything.
    """
    local, at, domain = pattern.rpartition("@")
    base = local.replace("*", "").strip("+-._=") if "*" in local else local
    below, _, above = domain.partition(".")
    wanted = {mailbox(f"{base}@{domain}")} if at and base else set()
    wanted.add(mailbox(f"{below}@{above}"))  # anything@anna.mail.example, as some providers read it
    return next((one for one in facts if one.category == "email" and mailbox(one.value) in wanted), None)


def shown_in(pattern: str, facts: Iterable[Fact]) -> Fact | None:
    """The fact that every address made of *pattern* would show, or lead to.

    Unmistakable forms only (a full name, a local part, a number): a family name as a domain is the person's choice.
    """
    facts = tuple(facts)
    text = pattern.casefold()
    digits = re.sub(r"\D", "", text)
    for fact in facts:
        for form in forms(fact.category, fact.parts):
            if form.strength != "strong":
                continue
            if form.is_number:
                if (number := re.sub(r"\D", "", form.text)) and number in digits:
                    return fact
            elif any(_is_word(one.casefold(), text) for _, one in clear_texts(fact.category, form.part, form.text)):
                return fact
    return leads_home(pattern, facts)


def _is_word(word: str, text: str) -> bool:
    return len(word) >= _FEWEST and re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text) is not None


@dataclass(frozen=True, slots=True)
class Known:
    """What a persona must not share with the facts, folded."""

    names: frozenset[str] = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)
    places: frozenset[str] = field(repr=False)
    birthdays: frozenset[str] = field(repr=False)
    digits: frozenset[str] = field(repr=False)
    mails: tuple[Fact, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, facts: tuple[Fact, ...]) -> Known:
        """Collect it."""
        names: set[str] = set()
        texts: list[str] = []
        places: set[str] = set()
        birthdays: set[str] = set()
        digits: set[str] = set()
        for fact in facts:
            if fact.category == "name":
                names |= {fold(word) for part in fact.parts.values() for word in (*re.split(r"[\s-]+", part), part)}
            elif fact.category in ("email", "username", "phone"):
                texts.append(fold(fact.value.partition("@")[0]))
            elif fact.category == "postal_address":
                places |= {fold(text) for name, text in fact.parts.items() if name in ("city", "postcode")}
                places.add(_street(fact.parts.get("street", "")))
                digits.add(fact.parts.get("postcode", ""))
            elif fact.category == "date_of_birth":
                year, month, day = fact.value.split("-")
                birthdays.add(month + day)
                digits |= {year, month + day, day + month}
        return cls(
            frozenset(names - {""}), tuple(texts), frozenset(places - {""}), frozenset(birthdays), frozenset(digits),
            tuple(fact for fact in facts if fact.category == "email"),
        )  # fmt: skip

    def has_name(self, name: str) -> bool:
        """Whether a word of *name* is one of the facts', or one is part of the other."""
        words = [fold(word) for word in (*re.split(r"[\s-]+", name), name)]
        return any(word in self.names or self._is_near(word) for word in words if word)

    def _is_near(self, word: str) -> bool:
        if len(word) >= 3 and any(word in text for text in self.texts):
            return True
        return any(len(name) >= 4 and (name in word or (len(word) >= 4 and word in name)) for name in self.names)

    def has_place(self, *texts: str) -> bool:
        """Whether one of the texts is a town, a postcode or (without its number) a street of a fact."""
        return any(fold(text) in self.places or _street(text) in self.places for text in texts if text)

    def shares(self, value: Fact) -> bool:
        """Whether an existing value of a persona has come to share something with a fact."""
        if value.category == "name":
            return any(self.has_name(part) for part in value.parts.values())
        if value.category == "postal_address":
            return self.has_place(*(text for name, text in value.parts.items() if name not in ("country", "region")))
        if value.category == "date_of_birth":
            return value.value.replace("-", "")[4:] in self.birthdays
        if value.category == "email" and leads_home(value.value, self.mails):
            return True
        text = fold(value.value.partition("@")[0])
        if value.category in ("email", "username"):
            return text in self.texts or any(len(name) >= 4 and name in text for name in self.names)
        return text in self.texts


def _street(text: str) -> str:
    return fold(re.sub(r"\d+\w?\b", "", text))
