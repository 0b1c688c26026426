"""Who the person is for one service: invented once, from the twin's key, coherent, nobody real.

Every draw is seeded with HMAC-SHA256(key, "persona/v1|scope|epoch|what|attempt"), so the same key, scope, facts
and day give the same persona; the values are stored all the same, for Faker's lists change between versions.

Each fact that a persona can have a value for gets exactly one. Equal given names (family names, towns) of two
facts become equal ones of the persona, different ones become different. E-mail and user name are made of the
name. A draw that shares a name, street, town, postcode or birthday with a fact is drawn again. Telephone numbers
and mail domains are reserved ones (``twin/reserved.py``), or the person's own catch-all domain. Cards and other
identifiers get no value: they are never exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import metadata
from random import Random
from typing import Final

from shield.person import Fact, Persona
from shield.twin import scripts
from shield.twin.chance import RECIPE, Draw, drawn, filled, until
from shield.twin.clash import Known, fold, leads_home
from shield.twin.places import LOCALES, TOWNS, Town, country_of_phone, write_street
from shield.twin.reserved import EMAIL_DOMAINS, draw_phone
from shield.vocabulary import PERSONA_CATEGORIES

_GENDERS: Final = (
    ("female", "male"), ("f", "m"), ("w", "m"), ("woman", "man"), ("weiblich", "männlich"), ("frau", "herr"),
    ("femme", "homme"), ("mujer", "hombre"), ("mrs", "mr"), ("ms", "mr"),
)  # fmt: skip
_STAGES: Final = (13, 16, 18)


@lru_cache(maxsize=1)
def generator() -> str:
    """What values are made with, e.g. ``persona/v1 faker 40.54.0``: the version of the data."""
    return f"{RECIPE} faker {metadata.version('faker')}"


def make(
    key: bytes,
    scope: str,
    facts: tuple[Fact, ...],
    today: date,
    catch_all: str | None = None,
    *,
    epoch: int = 0,
    version: str = "",
    kept: Mapping[str, Fact] | None = None,
    taken: Collection[str] = (),
    truth: Collection[str] = (),
) -> Persona:
    """Make the persona of one scope.

    Args:
        key: 32 bytes; whoever has it and the facts can make every persona.
        scope: a service, or ``site:domain``; for a third party with ``|`` and the site of the person.
        today: an adult stays an adult on this day, a child a child.
        catch_all: domain of the person's own whose every address reaches them, or an alias pattern
            (``anna+*@mail.example``); else reserved domains.
        epoch: raised to become somebody else for the same service.
        version: of the data, where it counts as an epoch (``twin.derived``).
        kept: values of the persona that exist already, by fact id; those that still fit stay.
        taken: e-mails, phones and user names of other personas, never drawn again, so that no two
            services can join by them.
        truth: categories whose real value the person chose to show.

    Raises:
        ShieldError: the facts leave no value that differs from all of them.

    Cost: about 2 ms with Faker imported, 0.3 s to import it.
    """
    wanted = tuple(fact for fact in facts if fact.category in PERSONA_CATEGORIES)
    known = Known.of(facts)
    values = {fact.id: fact for fact in wanted if fact.category in truth}
    for fact in wanted:
        if kept and fact.id in kept and fact.id not in values and not known.shares(kept[fact.id]):
            values[fact.id] = kept[fact.id]
    about = "|".join((scope, str(epoch), *filter(None, (version,))))
    draw = Draw(key, about, LOCALES.get(country_of(wanted), "en_US"))
    maker = _Maker(draw, known, today, catch_all, set(taken), wanted, values)
    for fact in sorted(wanted, key=lambda one: _ORDER.index(one.category)):
        if fact.id not in values:
            values[fact.id] = Fact(fact.id, fact.category, maker.make(fact))
    return Persona(scope, {fact.id: values[fact.id] for fact in wanted})


_ORDER: Final = ("gender", "name", "postal_address", "date_of_birth", "phone", "email", "username")


def country_of(facts: tuple[Fact, ...]) -> str:
    """Where the persona lives: the country of the first address, else of the phone, the e-mail, else US."""
    for fact in facts:
        if fact.category == "postal_address" and fact.parts.get("country"):
            return fact.parts["country"]
    for fact in facts:
        found = country_of_phone(fact.value) if fact.category == "phone" else None
        if fact.category == "email":
            ending = fact.value.rpartition(".")[2].upper().replace("UK", "GB")
            found = ending if ending in LOCALES else None
        if found:
            return found
    return "US"


class _Maker:
    """Makes the values of one persona; *values* holds what is there already."""

    def __init__(
        self,
        draw: Draw,
        known: Known,
        today: date,
        catch_all: str | None,
        taken: set[str],
        facts: tuple[Fact, ...],
        values: Mapping[str, Fact],
    ) -> None:
        self.draw = draw
        self.known = known
        self.today = today
        self.catch_all = catch_all
        self.taken = taken | {value.value for value in values.values()} | {fact.value for fact in facts}
        self.country = country_of(facts)
        self.names = " ".join(fact.value for fact in facts if fact.category == "name")
        self.is_female = _is_female(facts, values, draw)
        self.words: dict[str, str] = {}
        self._learn(facts, values)
        self.given, self.family = self._identity(facts, values)

    def make(self, fact: Fact) -> dict[str, str]:
        """The parts of the persona's value for *fact*."""
        makers: dict[str, Callable[[Fact], dict[str, str]]] = {
            "gender": self._gender, "name": self._name, "postal_address": self._address,
            "date_of_birth": self._birth, "phone": self._phone, "email": self._email, "username": self._username,
        }  # fmt: skip
        return makers[fact.category](fact)

    def _learn(self, facts: tuple[Fact, ...], values: Mapping[str, Fact]) -> None:
        """Take over from kept values which of the persona's names stands for which real one."""
        for fact in facts:
            value = values.get(fact.id)
            if value is None or fact.category != "name":
                continue
            for part in ("given", "family"):
                if part in fact.parts and part in value.parts:
                    self.words[f"{part}|{fold(fact.parts[part])}"] = value.parts[part]

    def _identity(self, facts: tuple[Fact, ...], values: Mapping[str, Fact]) -> tuple[str, str]:
        """The name that e-mail and user name are made of: that for the first name fact."""
        first = next((fact for fact in facts if fact.category == "name"), None)
        parts = dict(values[first.id].parts) if first and first.id in values else {}
        if first and not parts:
            parts = self._name(first)
        given = parts.get("given") or self._word("given", "")
        return given, parts.get("family") or self._word("family", "")

    def _name(self, fact: Fact) -> dict[str, str]:
        out = {}
        for part in ("given", "family"):
            if text := fact.parts.get(part):
                out[part] = self._word(part, text)
        return out

    def _word(self, part: str, real: str) -> str:
        """The persona's name for a real one; every given name of several gets its own."""
        index = f"{part}|{fold(real)}"
        if index not in self.words:
            count = len(real.split()) if part == "given" and real else 1
            names = [self._one_name(part, f"{index}|{position}") for position in range(count)]
            self.words[index] = " ".join(names)
        return self.words[index]

    def _one_name(self, part: str, what: str) -> str:
        def draw(attempt: int) -> str | None:
            fake = replace(self.draw, locale=self._locale(what)).faker(what, attempt)
            name = drawn(fake, *self._methods(part))
            used = {fold(word) for text in self.words.values() for word in text.split()}
            return None if self.known.has_name(name) or fold(name) in used else name

        return until(draw, "name")

    def _locale(self, real: str) -> str:
        """Of names in the script of the real one."""
        return scripts.locale_of(real, self.names, self.country) or self.draw.locale

    def _methods(self, part: str) -> tuple[str, ...]:
        gender = "female" if self.is_female else "male"
        return (f"first_name_{gender}", "first_name") if part == "given" else (f"last_name_{gender}", "last_name")

    def _gender(self, fact: Fact) -> dict[str, str]:
        """In the words of the fact; a word that we do not know becomes ``female`` or ``male``."""
        word = fact.value.casefold()
        pair = next((pair for pair in _GENDERS if word in pair), _GENDERS[0])
        drawn = pair[0 if self.is_female else 1]
        return {"value": drawn.upper() if fact.value.isupper() else drawn.title() if fact.value.istitle() else drawn}

    def _address(self, fact: Fact) -> dict[str, str]:
        country = fact.parts.get("country", "") or "US"
        town = self._town(country, fact)

        def draw(attempt: int) -> str | None:
            what = f"street|{fold(fact.parts.get('street', ''))}"
            fake = self.draw.faker(what, attempt)
            street = write_street(country, drawn(fake, "street_name"), fake.random.randint(3, 180))
            return None if self.known.has_place(street) or self.known.has_name(street) else street

        parts = {"street": until(draw, "street"), "city": town.city, "postcode": town.postcode, "country": country}
        if "region" in fact.parts:
            parts["region"] = town.region
        return {name: text for name, text in parts.items() if name in fact.parts}

    def _town(self, country: str, fact: Fact) -> Town:
        """A town of the country; the same real town gives the same one."""
        postcode = fact.parts.get("postcode", "")

        def draw(attempt: int) -> Town | None:
            what = f"town|{country}|{fold(fact.parts.get('city', ''))}"
            random = self.draw.random(what, attempt)
            if country in TOWNS:
                town = random.choice(TOWNS[country])
            else:
                fake = self.draw.faker(what, attempt)
                city = drawn(fake, "city")
                town = Town(city, re.sub(r"[A-Za-z]", "?", re.sub(r"\d", "#", postcode)), city)
            town = Town(town.city, filled(town.postcode, random), town.region)
            return None if self.known.has_place(town.city, town.postcode) else town

        return until(draw, "town")

    def _birth(self, fact: Fact) -> dict[str, str]:
        real = date.fromisoformat(fact.value)

        def draw(attempt: int) -> str | None:
            other = real + timedelta(days=self.draw.random("birth", attempt).randint(-1095, 1095))
            if other.year == real.year or other.day == real.day or other > self.today:
                return None
            if _stage(other, self.today) != _stage(real, self.today):
                return None
            return None if f"{other:%m%d}" in self.known.birthdays else other.isoformat()

        return {"value": until(draw, "date_of_birth")}

    def _phone(self, fact: Fact) -> dict[str, str]:
        def draw(attempt: int) -> str:
            return draw_phone(self.draw.random(f"phone|{fact.value}", attempt), fact.value)

        return {"value": self._untaken(draw, "phone")}

    def _email(self, fact: Fact) -> dict[str, str]:
        def draw(attempt: int) -> str | None:
            random = self.draw.random(f"email|{fact.value.casefold()}", attempt)
            number = self._number(random)
            pattern = self.catch_all or random.choice(EMAIL_DOMAINS)
            pattern = pattern if "@" in pattern else "*@" + pattern
            address = number and pattern.replace("*", f"{self._latin('given')}.{self._latin('family')}{number}", 1)
            return None if address is None or leads_home(address, self.known.mails) else address

        return {"value": self._untaken(draw, "email")}

    def _username(self, fact: Fact) -> dict[str, str]:
        def draw(attempt: int) -> str | None:
            number = self._number(self.draw.random(f"username|{fact.value.casefold()}", attempt))
            return number and self._latin("given") + self._latin("family")[:1] + number

        return {"value": self._untaken(draw, "username")}

    def _number(self, random: Random) -> str | None:
        number = str(random.randint(1000, 9999))
        return None if number in self.known.digits else number

    def _latin(self, part: str) -> str:
        """The name in letters that every site accepts in an e-mail address."""
        name = re.sub(r"[^a-z0-9]", "", fold(self.given if part == "given" else self.family))
        return name or re.sub(r"[^a-z0-9]", "", fold(self._word(part, ""))) or part

    def _untaken(self, draw: Callable[[int], str | None], category: str) -> str:
        def free(attempt: int) -> str | None:
            value = draw(attempt)
            return None if value is None or value in self.taken else value

        value = until(free, category)
        self.taken.add(value)
        return value


def _is_female(facts: tuple[Fact, ...], values: Mapping[str, Fact], draw: Draw) -> bool:
    """As a kept or true gender says it, else drawn."""
    for fact in facts:
        word = values[fact.id].value.casefold() if fact.category == "gender" and fact.id in values else None
        for pair in _GENDERS:
            if word in pair:
                return word == pair[0]
    return draw.random("gender", 0).random() < 0.5


def _stage(born: date, today: date) -> int:
    """Under 13, under 16, under 18, or grown up: the ages that services ask for."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return sum(age >= limit for limit in _STAGES)
