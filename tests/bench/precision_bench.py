"""False findings in recorded traffic: ``python -m tests.bench.precision_bench [--twins N] [--show N]``.

Twins with ordinary names, towns, birthdays, mail addresses and phones, drawn by Faker from a fixed seed, are searched
for in every request of the captures, whose people were others: whatever is found is false. Two facts that a twin shares
with somebody in the captures by chance count as false too. The target is at most one in 100,000 fields looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

from faker import Faker

from shield.detect.known import Matcher
from shield.opened import Opened
from shield.person import Fact, Person
from shield.replay.source import Failure, open_source, records
from shield.wire import reader

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
PER_FIELDS = 100_000
COUNTRIES = {"en_US": ("US", "+1"), "en_GB": ("GB", "+44"), "de_DE": ("DE", "+49"), "fr_FR": ("FR", "+33")}


def twin(number: int) -> Person:
    """Somebody ordinary."""
    locale = list(COUNTRIES)[number % len(COUNTRIES)]
    country, code = COUNTRIES[locale]
    fake = Faker(locale)
    fake.seed_instance(number)
    given, family = fake.first_name(), fake.last_name()
    return Person((
        Fact("name-1", "name", {"given": given, "family": family}),
        Fact("email-1", "email", {"value": f"{given}.{family}{number % 90}@example.org".lower().replace(" ", "")}),
        Fact("phone-1", "phone", {"value": code + fake.numerify("%########")}),
        Fact("postal_address-1", "postal_address", {
            "street": fake.street_address().replace("\n", " "), "city": fake.city(),
            "postcode": fake.postcode(), "country": country,
        }),
        Fact("date_of_birth-1", "date_of_birth", {"value": fake.date_of_birth(minimum_age=16).isoformat()}),
        Fact("username-1", "username", {"value": fake.user_name()}),
        Fact("gender-1", "gender", {"value": fake.random_element(("female", "male"))}),
    ))  # fmt: skip


def traffic() -> list[Opened]:
    """Every request of the captures, opened."""
    every = chain.from_iterable(records(open_source(str(path))) for path in sorted(CAPTURES.glob("*.har.gz")))
    return [reader.read(one.request) for one in every if not isinstance(one, Failure)]


def false_findings(messages: list[Opened], person: Person) -> list[tuple[str, str, bytes]]:
    """What is found of somebody who is not there: form, address, and the bytes."""
    matcher = Matcher.build(person)
    found = chain.from_iterable(matcher.find(opened, "tracker", is_followed=True) for opened in messages)
    return [
        (f"{one.category} {one.likeness.part}", one.at, one.node.content[one.start : one.end])
        for one in found if one.likeness is not None
    ]  # fmt: skip


def main(argv: list[str]) -> int:
    """Print the figure; 1 if it is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--twins", type=int, default=200)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args(argv)
    messages = traffic()
    fields = sum(1 for opened in messages for _ in opened.fields())
    kinds: Counter[str] = Counter()
    shown: Counter[tuple[str, str, bytes]] = Counter()
    for number in range(options.twins):
        found = false_findings(messages, twin(number))
        kinds.update(kind for kind, _, _ in found)
        shown.update(found)
    looked_at = fields * options.twins
    rate = kinds.total() * PER_FIELDS / looked_at
    print(f"{options.twins} twins, {len(messages)} requests, {looked_at:,} fields looked at")
    print(f"{kinds.total()} false findings, {rate:.3f} in {PER_FIELDS:,}", dict(kinds.most_common()))
    for one, count in shown.most_common(options.show):
        print(count, *one)
    return rate > 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
