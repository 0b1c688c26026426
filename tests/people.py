"""The sample person of all tests and examples: nobody real, on reserved domains and numbers."""

from __future__ import annotations

from types import MappingProxyType

from shield.person import Fact, Person, Persona

FACTS = (
    Fact("email-1", "email", {"value": "anna@real.example"}),
    Fact("name-1", "name", {"given": "Anna", "family": "Schmidt"}),
    Fact("phone-1", "phone", {"value": "+4915112345678"}),
    Fact(
        "postal_address-1",
        "postal_address",
        {"street": "Hauptstr. 5", "city": "Bonn", "postcode": "53111", "country": "DE"},
    ),
    Fact("date_of_birth-1", "date_of_birth", {"value": "1987-03-14"}),
    Fact("username-1", "username", {"value": "anna87"}),
    Fact("card-1", "card", {"value": "4111111111111111"}),
)


def persona(scope: str, tag: str) -> Persona:
    """A persona made by hand, so that tests see what came from where."""
    values = (
        Fact("email-1", "email", {"value": f"{tag}@example.org"}),
        Fact("name-1", "name", {"given": tag.title(), "family": "Wagner"}),
        Fact("phone-1", "phone", {"value": "+4917139200123"}),
        Fact(
            "postal_address-1",
            "postal_address",
            {"street": "Birkenweg 12", "city": "Kassel", "postcode": "34117", "country": "DE"},
        ),
        Fact("date_of_birth-1", "date_of_birth", {"value": "1986-07-02"}),
        Fact("username-1", "username", {"value": f"{tag}21"}),
    )
    return Persona(scope, MappingProxyType({fact.id: fact for fact in values}))


def sample_person(*scopes: str) -> Person:
    """Anna Schmidt with a persona for each scope: ``lena`` for the first, ``mira`` for the second ..."""
    tags = ("lena", "mira", "dora", "petra", "ruth", "greta")
    personas = {scope: persona(scope, tags[number % len(tags)]) for number, scope in enumerate(scopes)}
    return Person(FACTS, MappingProxyType(personas), pseudonym_key=bytes(range(32)))


class DictBook:
    """A Book in memory, as the journal is one on disk."""

    def __init__(self) -> None:
        self._issued = {}

    def issued(self, digest: bytes):
        """See finding.Book."""
        return self._issued.get(digest)

    def add(self, issued) -> None:
        """Remember what an outcome says was issued."""
        for one in issued:
            self._issued[one.digest] = one
